"""Splitting text into sentences, in the languages that news comes in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.sentences import sentences, split


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["The mayor left.", "Who follows?", "Nobody knows!"]),
        ("en", ["Mr. Hill met Dr. J. K. Moss in the U.S. Senate.", "They spoke."]),
        ("en", ["It rose 3.5 percent at 4 p.m. on Monday.", "Then it fell."]),
        ("en", ["“It is over.”", "She closed the door."]),
        ("en", ["“Over!” she said.", "He nodded."]),
        ("en", ["Shares of Hill Inc. fell.", "Moss Ltd. rose."]),
        ("en", ["It ended in 2022.", "Nobody came."]),
        ("en", ["Wait... for it.", "Now."]),
        ("de", ["Am 3. Oktober kamen z.B. zwei Gäste.", "Danach war es still."]),
        ("de", ["„Nein.“", "Er ging."]),
        ("tr", ["Yarışta 2. oldu.", "Prof. Dr. Ayşe Kaya izledi.", "Herkes sevindi."]),
        ("ru", ["Он жил в г. Туле, т.е. далеко.", "А. П. Белов писал.", "Всё прошло!"]),
        ("fr", ["« Jamais ! » dit-elle.", "M. Blanc est parti.", "Voilà."]),
        ("es", ["El Sr. Ríos llegó.", "¿Qué dijo?", "¡Nada!"]),
        ("ar", ["وصل الوزير.", "هل تحدث؟", "نعم."]),
        ("hi", ["गाड़ी आई।", "लोग उतरे।"]),
        ("ko", ["기차가 왔다.", "사람들이 내렸다."]),
    ],
)
def test_sentences_end_at_their_stops_and_not_at_abbreviations(language: str, expected: list[str]) -> None:
    assert sentences(" ".join(expected), language=language) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [("zh", ["火车来了。", "人们下车！", "谁在等？"]), ("ja", ["「来た。」と彼は言った。", "雨が降った。"])],
)
def test_chinese_and_japanese_sentences_need_no_space_between(language: str, expected: list[str]) -> None:
    assert sentences("".join(expected), language=language) == expected


def test_a_small_number_with_a_stop_ends_a_sentence_only_where_no_ordinals_are_written_so() -> None:
    text = "They won 3. Nobody cheered."
    assert (len(sentences(text, language="en")), len(sentences(text, language="de"))) == (2, 1)


def test_a_line_break_ends_a_sentence() -> None:
    assert sentences("A heading\n\nThe text") == ["A heading", "The text"]


def test_the_number_of_a_list_item_is_no_sentence() -> None:
    assert sentences("1. Open the valve. 2. Wait.") == ["1. Open the valve.", "2. Wait."]


def test_a_text_without_words_has_no_sentences() -> None:
    assert sentences(" \n ") == []


@given(st.text(max_size=80))
def test_sentences_cover_all_that_is_not_white_space_in_order(text: str) -> None:
    spans = split(text)
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())
    assert list(spans) == sorted(spans)
