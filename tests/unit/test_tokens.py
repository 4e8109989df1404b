"""Where words start and end in different scripts, and how they are counted."""

from __future__ import annotations

import pytest

from bot.text.fold import fold
from bot.text.tokens import (
    HOLDS_UNSPACED,
    OPEN_ENDED,
    WordCount,
    ends_word,
    run_end,
    run_start,
    script_of,
    script_of_word,
    starts_word,
)


@pytest.mark.parametrize(
    ("character", "script"),
    [
        ("a", "LATIN"),
        ("ж", "CYRILLIC"),
        ("稀", "HAN"),
        ("々", "HAN"),
        ("の", "HIRAGANA"),
        ("ー", "KATAKANA"),
        ("한", "HANGUL"),
        ("ि", "DEVANAGARI"),
        ("7", "DIGIT"),
        (".", ""),
        (" ", ""),
        ("🙂", ""),
    ],
)
def test_a_character_has_the_script_that_unicode_names(character: str, script: str) -> None:
    assert script_of(character) == script


def test_a_word_of_two_scripts_has_none() -> None:
    assert script_of_word("5g") == ""


@pytest.mark.parametrize(
    ("text", "position", "starts"),
    [
        ("the iron", 4, True),
        ("tirana", 1, False),
        ("x東京", 1, True),
        ("在東京", 1, True),
        ("ハイランド", 1, False),
        ("新イラン", 1, True),
        ("5km", 1, True),
    ],
)
def test_a_word_starts_where_the_script_changes(text: str, position: int, *, starts: bool) -> None:
    assert starts_word(text, position) is starts


@pytest.mark.parametrize(
    ("text", "position", "ends"),
    [
        ("iron.", 4, True),
        ("irony", 4, False),
        ("nato가", 4, True),
        ("東京都", 2, True),
        ("アップルパイ", 4, True),
    ],
)
def test_a_word_ends_where_the_script_changes_or_anywhere_in_scripts_without_spaces(
    text: str, position: int, *, ends: bool
) -> None:
    assert ends_word(text, position) is ends


def test_a_run_reaches_as_far_as_its_script() -> None:
    text = "在nato峰会"
    assert (run_start(text, 3), run_end(text, 2)) == (1, 5)


@pytest.mark.parametrize(
    ("text", "halves"),
    [
        ("two words", 4),
        ("one-two", 4),
        ("Ankara'nın", 2),
        ("東京都庁", 4),
        ("「東京」 tower", 4),
        ("", 0),
        ("…", 0),
    ],
)
def test_two_chinese_characters_count_as_one_word(text: str, halves: int) -> None:
    assert WordCount(fold(text)).total == halves


def test_words_are_counted_up_to_a_place_in_the_original_text() -> None:
    text = "r&eacute;sum&eacute; of the week"
    assert WordCount(fold(text)).before(text.index("week")) == 6


def test_scripts_without_spaces_are_told_alike_by_script_and_by_class() -> None:
    characters = (chr(code) for code in range(0x0E00, 0x3300) if chr(code).isalpha())
    missed = [c for c in characters if script_of(c) in OPEN_ENDED and not HOLDS_UNSPACED(c)]
    assert missed == []
    assert not any(HOLDS_UNSPACED(letter) for letter in "aßжאبक가")
