from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from bot.telemetry import configure_log, escaped, masked

TOKEN = "123456789:AAEabcdefghijklmnopqrstuvwxyz012345"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    before = (root.level, root.handlers[:])
    configure_log(logging.DEBUG, secrets=("hunter2",), stream=stream)
    yield stream
    root.setLevel(before[0])
    root.handlers[:] = before[1]


def test_a_bot_token_never_reaches_the_log(log: io.StringIO) -> None:
    logging.getLogger("x").warning("POST https://api.telegram.org/bot%s/sendMessage", TOKEN)
    assert TOKEN not in log.getvalue()
    assert "<token>" in log.getvalue()


def test_a_secret_of_any_shape_never_reaches_the_log(log: io.StringIO) -> None:
    logging.getLogger("x").warning("the token is hunter2")
    assert "hunter2" not in log.getvalue()


def test_a_token_in_a_traceback_is_masked(log: io.StringIO) -> None:
    try:
        raise ValueError(TOKEN)
    except ValueError:
        logging.getLogger("x").exception("broke")
    assert TOKEN not in log.getvalue()


def test_an_event_is_one_line_whatever_a_title_holds(log: io.StringIO) -> None:
    logging.getLogger("x").warning("title=%s", "a\nERROR forged\x1b[31m\u202e")
    assert log.getvalue().count("\n") == 1
    assert "\x1b" not in log.getvalue()


def test_whole_urls_of_requests_are_not_logged(log: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: POST https://example.org")
    assert log.getvalue() == ""


def test_a_token_in_an_url_of_ones_own_server_is_masked() -> None:
    assert masked("http://127.0.0.1:81/bot7:short/getMe") == "http://127.0.0.1:81/bot<token>/getMe"


def test_letters_of_every_script_stay_readable() -> None:
    assert escaped("İstanbul 稀土 بريكس") == "İstanbul 稀土 بريكس"
