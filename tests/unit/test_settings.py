from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import read_settings

TOKEN = "123456789:AAE-example"


def test_an_empty_environment_has_defaults() -> None:
    settings = read_settings({}, need_token=False)
    assert (settings.api_url, settings.rules, settings.database, settings.log_level) == (
        "https://api.telegram.org",
        Path("rules.yaml"),
        Path("newsbell.db"),
        logging.INFO,
    )


def test_the_token_is_read_and_not_shown() -> None:
    settings = read_settings({"TELEGRAM_BOT_TOKEN": f" {TOKEN}\n"}, need_token=True)
    assert settings.token is not None
    assert settings.token.get_secret_value() == TOKEN
    assert TOKEN not in repr(settings)


def test_the_token_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")
    settings = read_settings({"TELEGRAM_BOT_TOKEN_FILE": str(tmp_path / "token")}, need_token=True)
    assert settings.token is not None
    assert settings.token.get_secret_value() == TOKEN


def test_a_dry_run_asks_for_no_token() -> None:
    assert read_settings({}, need_token=False).token is None


def test_an_empty_variable_counts_as_absent() -> None:
    assert read_settings({"NEWSBELL_RULES": ""}, need_token=False).rules == Path("rules.yaml")


def test_a_trailing_slash_of_the_server_is_dropped() -> None:
    assert read_settings({"TELEGRAM_API_URL": "http://127.0.0.1:81/"}, need_token=False).api_url == (
        "http://127.0.0.1:81"
    )


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({}, "no bot token"),
        ({"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_BOT_TOKEN_FILE": "x"}, "both set"),
        ({"TELEGRAM_BOT_TOKEN": "   "}, "holds no token"),
        ({"TELEGRAM_BOT_TOKEN": "12:3/../evil"}, "does not hold a bot token"),
        ({"TELEGRAM_BOT_TOKEN_FILE": "/absent/token"}, "/absent/token cannot be read"),
        ({"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": "ftp://example.org"}, "TELEGRAM_API_URL"),
        ({"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": "http://[bad"}, "TELEGRAM_API_URL"),
        ({"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": "http://me:pass@h"}, "user name"),
        ({"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": "http://h/bot"}, "ends in /bot"),
        ({"TELEGRAM_BOT_TOKEN": TOKEN, "NEWSBELL_DATABASE": "postgresql://h/db"}, "SQLite only"),
        ({"TELEGRAM_BOT_TOKEN": TOKEN, "NEWSBELL_LOG_LEVEL": "LOUD"}, "use one of DEBUG"),
    ],
)
def test_what_is_wrong_is_named(environ: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read_settings(environ, need_token=True)
