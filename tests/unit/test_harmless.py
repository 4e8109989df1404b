from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.harmless import MARKS, harmless, shorten, utf16_length
from bot.demo.botapi.detection import detect


@pytest.mark.parametrize(
    "text",
    [
        "write to @admin",
        "@@admin",
        "<@admin>",
        "/@admin",
        "#@admin",
        "/ban_all now",
        "a #tag",
        "##tag",
        "http://evil.example/x",
        "see evil.com now",
        "mail a@b.com",
    ],
)
def test_what_telegram_would_link_is_disarmed(text: str) -> None:
    assert detect(text)
    assert not detect(harmless(text))


def test_a_cashtag_is_disarmed_too() -> None:
    assert harmless("buy $TSLA") == "buy $\u2060TSLA"


@given(st.lists(st.sampled_from([*"@#/$<>.:_ ab1", "http", "://", "com", "ü", "稀"])).map("".join))
def test_nothing_links_by_itself(text: str) -> None:
    assert not detect(harmless(text))


@pytest.mark.parametrize("text", ["and/or", "C#", "5 / 6", "3.5bn", "U.S.", "Türkiye’nin adımı"])
def test_ordinary_signs_are_left_alone(text: str) -> None:
    assert harmless(text) == text


def test_marks_that_turn_the_direction_are_dropped() -> None:
    assert harmless("safe \u202egnp-exe\u202c end") == "safe gnp-exe end"


def test_controls_and_line_breaks_leave_one_line() -> None:
    assert harmless("one\r\n\ttwo\x00\x1b[31m three") == "one two[31m three"


def test_towers_of_accents_are_cut_down() -> None:
    tower = "Z" + "\u0301" * 50
    assert sum(unicodedata.combining(c) > 0 for c in harmless(tower)) == MARKS


def test_letters_of_every_script_pass() -> None:
    text = "İstanbul ılık, नई दिल्ली, بكين, 北京, שָׁלוֹם, Việt Nam"
    assert harmless(text) == text


def test_a_short_text_is_not_cut() -> None:
    assert shorten("short", 5) == "short"


def test_a_long_text_ends_at_a_word() -> None:
    assert shorten("one two three four", 12) == "one two…"


def test_a_flag_is_not_cut_in_half() -> None:
    assert shorten("ab🇹🇷🇨🇳", 8) == "ab🇹🇷…"


def test_an_accent_is_not_cut_from_its_letter() -> None:
    assert shorten("cafe\u0301s au lait", 5) == "caf…"


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_a_cut_text_keeps_the_limit(text: str, limit: int) -> None:
    assert utf16_length(shorten(text, limit)) <= limit


@given(st.text())
def test_disarming_is_idempotent(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_length_in_utf16_is_what_encoding_gives(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2
