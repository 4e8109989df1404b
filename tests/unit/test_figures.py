"""Which figures a sentence tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.figures import figures


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("1,200 homes lost", "1200"),
        ("1.200 Häuser zerstört", "1200"),
        ("1 200 maisons", "1200"),
        ("1\u202f200 maisons", "1200"),
        ("1’200 Häuser", "1200"),
        ("12,34,567 rupees", "1234567"),
        ("٢٣ قتيلا", "23"),
        ("١٬٢٠٠ منزل", "1200"),
        ("１２人死亡", "12"),
        ("死者23人", "23"),
        ("3.50 percent", "3.5"),
        ("3,5 Prozent", "3.5"),
        ("1,234.5 points", "1234.5"),
        ("1.2 thousand homes", "1200"),
        ("损失120万元", "1200000"),
        ("损失1.2亿元", "120000000"),
        ("5 milyon lira", "5000000"),
        ("2,3 млрд рублей", "2300000000"),
        ("€3.2bn deal", "3200000000"),
        ("toll rises to 23.", "23"),
        ("24'ü öldü", "24"),
    ],
)
def test_a_figure_is_known_by_its_value_however_it_is_written(sentence: str, value: str) -> None:
    assert list(figures(sentence)) == [value]


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("The plan for 2030", "en"),
        ("The season 2025-26", "en"),
        ("Talks on 25 November and November 26", "en"),
        ("Treffen am 3. Mai", "de"),
        ("El 12 de mayo", "es"),
        ("12 Kasım’da", "tr"),
        ("Signed on 1.3.2026, filed 2026-03-01", "en"),
        ("3月5日14時30分", "ja"),
        ("At 14:30, or 5 p.m.", "en"),
        ("Um 14.30 Uhr", "de"),
        ("À 14h30", "fr"),
        ("Jane Doe, 88, and a 34-year-old", "en"),
        ("A man aged 34 and a two-year-old", "en"),
        ("34 yaşındaki adam", "tr"),
        ("Der 34-jährige Mann", "de"),
        ("34岁男子", "zh"),
        ("The 5th of its kind, 1st again", "en"),
        ("Hands up for G20, F-16 and COVID-19", "en"),
        ("No. 5 and № 7 and #9", "en"),
        ("Version 1.2.3.4", "en"),
        ("A shop open 24/7", "en"),
    ],
)
def test_dates_times_ages_and_ordinals_are_no_figures(sentence: str, language: str) -> None:
    assert figures(sentence, language=language) == {}


def test_a_number_that_begins_a_list_is_no_figure() -> None:
    assert figures("1. Harbours 2) Ferries") == {}


@pytest.mark.parametrize(
    ("sentence", "language", "value"),
    [("Five killed", "en", "5"), ("Beş ölü", "tr", "5"), ("Погибли пять человек", "ru", "5")],
)
def test_small_numbers_in_letters_are_figures(sentence: str, language: str, value: str) -> None:
    assert list(figures(sentence, language=language)) == [value]


def test_letters_are_read_in_the_language_of_the_text_alone() -> None:
    assert figures("On the way", language="en") == {}


def test_a_figure_is_shown_as_it_is_written() -> None:
    assert figures("Toll of 1,200 in 5 milyon homes") == {"1200": "1,200", "5000000": "5 milyon"}


@given(st.text(alphabet="0123456789.,'/:- h年m٣３\x00\ud800", max_size=300))
def test_any_text_gives_plain_values_that_stand_in_it(text: str) -> None:
    for value, written in figures(text).items():
        assert value.replace(".", "", 1).isdecimal()
        assert written.split()[0] in text
