from __future__ import annotations

import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.harmless import (
    DIGITS,
    MARKS,
    TAKEN_OUT,
    WORD_JOINER,
    beginning,
    harmless,
    is_blank,
    shorten,
    utf16_length,
)
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
        "see ☕.com now",
        "see xn--80ak6aa92e.com now",
        "see москва.рф now",
        "see 中文.中国 now",
        "router at 10.0.0.1",
        "tg://resolve?domain=x",
        "TONSITE://x.ton/",
        "mail a@b.com",
        "mail A.B+c@mail.example.co",
        "cafe\u0301#tag",
        "e\u0301/start",
        "‿/start",
        "Ⅳ#tag",
        "#·a",
        "#\u200cab",
        "buy $TSLA",
        "buy $1INCH",
        "call +902125550000",
        "call +90 (212) 555-00-00",
        "pay 4111111111111111 now",
        "pay 4111-1111-1111-1111 now",
        "pay 4111 1111 1111 1111 now",
    ],
)
def test_what_telegram_would_link_is_disarmed(text: str) -> None:
    assert detect(text)
    assert not detect(harmless(text))


SIGNS = st.sampled_from(
    [*"@#/$<>.:_+-() ab1", "http", "://", "com", "ü", "稀", "1INCH", "\u0301", "\u200c", "·", "☕"]
)
NUMBERS = st.sampled_from([*"0123456789+-.() ", "4111", "1111", "555", "\u2013", "10.0.0.1"])


@given(st.lists(SIGNS).map("".join))
def test_nothing_links_by_itself(text: str) -> None:
    assert not detect(harmless(text))


@given(st.lists(NUMBERS, max_size=40).map("".join))
def test_no_number_links_by_itself(text: str) -> None:
    assert not detect(harmless(text))


@given(st.lists(NUMBERS, max_size=40).map("".join))
def test_no_more_than_six_digits_of_a_number_hang_together(text: str) -> None:
    pieces = harmless(text).split(WORD_JOINER)
    runs = [run for piece in pieces for run in regex.findall(r"\d(?:[ ().\-–]*\d)*", piece)]
    assert all(sum(char.isdecimal() for char in run) <= DIGITS for run in runs)


def test_what_is_seen_of_a_number_stays_the_same() -> None:
    assert harmless("+90 212 555 0000").replace(WORD_JOINER, "") == "+90 212 555 0000"


@pytest.mark.parametrize(
    "text",
    [
        "and/or",
        "C#",
        "5 / 6",
        "3.5bn",
        "U.S.",
        "Türkiye’nin adımı",
        "$100",
        "1 +",
        "v1.2.3",
        "12.5 %",
        "999 999",
        "公司。他们",
    ],
)
def test_ordinary_signs_are_left_alone(text: str) -> None:
    assert harmless(text) == text


def test_marks_that_turn_the_direction_are_dropped() -> None:
    assert harmless("safe \u202egnp-exe\u202c end") == "safe gnp-exe end"


def test_controls_and_line_breaks_leave_one_line() -> None:
    assert harmless("one\r\n\ttwo\x00\x1b[31m three") == "one two[31m three"


def test_towers_of_accents_are_cut_down() -> None:
    tower = "Z" + "\u0301" * 50
    assert sum(unicodedata.combining(c) > 0 for c in harmless(tower)) == MARKS


def test_towers_of_marks_without_a_class_are_cut_down_too() -> None:
    assert harmless("ด" + "\u0e47" * 50) == "ด" + "\u0e47" * MARKS


def test_an_invisible_joiner_lowers_no_tower() -> None:
    assert harmless("Z" + "\u0301\u200d" * 50).count("\u0301") == MARKS


def test_a_mark_without_a_letter_is_dropped() -> None:
    assert harmless("\u0301 \u0301 title") == "title"


def test_a_letter_keeps_its_ring_where_the_two_can_be_one() -> None:
    assert harmless("A\u030aland x\u030a") == "Åland x"


def test_what_telegram_takes_out_is_gone_before() -> None:
    assert not TAKEN_OUT & set(harmless("a\u0333b\u033fc\u030ad\u202ee\u2028f\rg"))


def test_letters_of_every_script_pass() -> None:
    text = "İstanbul ılık, नई दिल्ली, بكين, 北京, שָׁלוֹם, Việt Nam, कार्त्स्न्य, མི་དམངས་བསྒྲུབས, လွှုံ့ဆော်, 👩🏽‍❤️‍💋‍👨🏿 🏴󠁧󠁢󠁥󠁮󠁧󠁿"
    assert harmless(text) == text


def test_a_short_text_is_not_cut() -> None:
    assert shorten("short", 5) == "short"


def test_a_long_text_ends_at_a_word() -> None:
    assert shorten("one two three four", 12) == "one two…"


def test_a_flag_is_not_cut_in_half() -> None:
    assert shorten("ab🇹🇷🇨🇳", 8) == "ab🇹🇷…"


def test_an_accent_is_not_cut_from_its_letter() -> None:
    assert shorten("cafe\u0301s au lait", 5) == "caf…"


def test_a_beginning_ends_with_a_whole_character() -> None:
    assert beginning("ab🇹🇷🇨🇳", 9) == "ab🇹🇷"


@pytest.mark.parametrize("text", ["", " \n", "\u200b\u200d", "\u2800", "\u3164", "\ufe0f", "\ufffc"])
def test_a_text_of_nothing_to_see_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "\u200d.", "😀", "稀"])
def test_a_text_with_something_to_see_is_not_blank(text: str) -> None:
    assert not is_blank(text)


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_a_cut_text_keeps_the_limit(text: str, limit: int) -> None:
    assert utf16_length(shorten(text, limit)) <= limit


@given(st.text())
def test_disarming_is_idempotent(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_length_in_utf16_is_what_encoding_gives(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2
