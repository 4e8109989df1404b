"""Flood limits, keyboards, links and pictures of the Bot API server on loopback."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.botapi.images import image_size
from bot.demo.botapi.keyboards import read_keyboard
from bot.demo.botapi.limits import FloodGate, Limits
from bot.demo.botapi.links import BadLink, checked_link, mentioned_user
from bot.demo.botapi.refusals import Refusal, bad_request, too_many_requests


def accepted(gate: FloodGate, chat_id: int, now: float, *, broad: bool = True) -> bool:
    if gate.wait(chat_id, broad=broad, now=now) > 0:
        return False
    gate.count(chat_id, broad=broad, now=now)
    return True


def test_a_rested_chat_takes_a_burst_and_then_one_a_second() -> None:
    gate = FloodGate(Limits(burst=3))
    times = (0.0, 0.0, 0.0, 0.0, 0.9, 1.0, 1.5, 2.0)
    assert [accepted(gate, 1, now) for now in times] == [True, True, True, False, False, True, False, True]


def test_the_wait_that_is_named_is_enough() -> None:
    gate = FloodGate(Limits(burst=1))
    gate.count(1, broad=True, now=10.0)
    assert gate.wait(1, broad=True, now=10.25) == pytest.approx(0.75)


def test_a_group_takes_twenty_messages_a_minute() -> None:
    gate = FloodGate(Limits())
    for second in range(20):
        assert accepted(gate, -5, float(second))
    assert gate.wait(-5, broad=True, now=30.0) == pytest.approx(30.0)


def test_a_private_chat_has_no_limit_by_the_minute() -> None:
    gate = FloodGate(Limits())
    assert all(accepted(gate, 5, float(second), broad=False) for second in range(60))


def test_the_bot_as_a_whole_sends_thirty_a_second() -> None:
    gate = FloodGate(Limits())
    assert sum(accepted(gate, chat, 0.0) for chat in range(1, 50)) == 30


@given(
    waits=st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=80),
    burst=st.integers(1, 5),
)
def test_no_stretch_of_ten_seconds_holds_more_than_ten_messages_and_the_burst(
    waits: list[float], burst: int
) -> None:
    gate, now, times = FloodGate(Limits(burst=burst)), 0.0, []
    for wait in waits:
        now += wait
        if accepted(gate, 1, now, broad=False):
            times.append(now)
    assert all(sum(start <= t < start + 10 for t in times) <= 10 + burst for start in times)


def test_a_wait_is_told_in_whole_seconds() -> None:
    refusal = too_many_requests(0.2)
    assert (refusal.description, refusal.parameters) == (
        "Too Many Requests: retry after 1",
        {"retry_after": 1},
    )


@pytest.mark.parametrize(
    ("reason", "description"),
    [
        ("Message is too long", "Bad Request: message is too long"),
        ("TOPIC_CLOSED", "Bad Request: TOPIC_CLOSED"),
    ],
)
def test_reasons_begin_small_unless_they_are_codes(reason: str, description: str) -> None:
    assert bad_request(reason).description == description


def keyboard_reason(button: object) -> str:
    with pytest.raises(Refusal) as refused:
        read_keyboard(json.dumps({"inline_keyboard": [[button]]}))
    return refused.value.description


def test_callback_data_of_64_bytes_is_taken() -> None:
    assert read_keyboard(json.dumps({"inline_keyboard": [[{"text": "x", "callback_data": "ğ" * 32}]]}))


@pytest.mark.parametrize(
    ("button", "expected"),
    [
        ({"text": "x", "callback_data": "ğ" * 32 + "a"}, "BUTTON_DATA_INVALID"),
        ({"text": "", "url": "http://example.org"}, "inline keyboard button text must be non-empty"),
        (
            {"text": "x", "url": "ftp://example.org"},
            "inline keyboard button URL 'ftp://example.org' is invalid: Unsupported URL protocol",
        ),
        (
            {"text": "x"},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ("x", "can't parse inline keyboard button: InlineKeyboardButton must be an Object"),
    ],
)
def test_a_bad_button_is_refused_in_telegrams_words(button: object, expected: str) -> None:
    assert keyboard_reason(button) == f"Bad Request: {expected}"


@pytest.mark.parametrize("markup", ["[", "[]", '{"inline_keyboard": 1}', '{"inline_keyboard": [1]}'])
def test_markup_that_is_no_keyboard_is_refused(markup: str) -> None:
    with pytest.raises(Refusal):
        read_keyboard(markup)


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("example.org", "http://example.org/"),
        ("https://EXAMPLE.org:8080/A?b#c", "https://example.org:8080/A?b#c"),
        ("http://haber.example/türkiye", "http://haber.example/türkiye"),
        ("tg:resolve?domain=x", "tg://resolve?domain=x"),
    ],
)
def test_a_link_is_completed(link: str, kept: str) -> None:
    assert checked_link(link) == kept


@pytest.mark.parametrize("link", ["", "http://", "http://a b.org/", "http://x.org:0/", "gopher://x.org"])
def test_a_link_that_telegram_does_not_take_is_refused(link: str) -> None:
    with pytest.raises(BadLink):
        checked_link(link)


@given(link=st.text(max_size=40))
def test_a_link_once_checked_stays_as_it_is(link: str) -> None:
    try:
        kept = checked_link(link)
    except BadLink:
        return
    assert checked_link(kept) == kept


@pytest.mark.parametrize(
    ("link", "user"),
    [("tg://user?id=7", 7), ("TG:user/?x=1&id=8#z", 8), ("tg://users?id=7", None), ("tg://user?id=x", None)],
)
def test_a_user_link_names_its_user(link: str, user: int | None) -> None:
    assert mentioned_user(link) == user


PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480)
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0" + struct.pack(">HBHH", 11, 8, 480, 640)
GIF = b"GIF89a" + struct.pack("<HH", 640, 480)
WEBP = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0" + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")


@pytest.mark.parametrize("content", [PNG, JPEG, GIF, WEBP])
def test_the_size_of_a_picture_is_in_its_header(content: bytes) -> None:
    assert image_size(content) == (640, 480)


@given(content=st.binary(max_size=60), start=st.sampled_from([b"", PNG[:18], JPEG[:9], GIF[:7], WEBP[:16]]))
def test_bytes_that_are_no_picture_have_no_size_or_a_real_one(content: bytes, start: bytes) -> None:
    size = image_size(start + content)
    assert size is None or min(size) >= 0
