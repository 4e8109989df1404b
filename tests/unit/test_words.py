from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.words import (
    BUCKET,
    BUCKETS,
    CAPITAL,
    COUNTRY,
    FIGURE,
    SENTENCE_END,
    Codes,
    Word,
    bucket_of,
    figure_of,
    spellings_of,
    words_of,
)


def word(spelling: str) -> Word:
    (only,) = words_of(spelling)
    return only


def bucket(spelling: str) -> int:
    return word(spelling).bucket


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Istanbul", "İstanbul"),
        ("ISPARTA", "Isparta"),
        ("IĞDIR", "ığdır"),
        ("diyarbakir", "DİYARBAKIR"),
    ],
)
def test_the_dotted_and_the_dotless_i_are_one(one: str, other: str) -> None:
    assert bucket(one) == bucket(other)


@pytest.mark.parametrize(
    ("name", "latin"),
    [
        ("Зеленский", "Zelenski"),
        ("Путин", "Putin"),
        ("Харків", "Harkiv"),
        ("Шольц", "Sholts"),
        ("Αθήνα", "Atina"),
        ("Τσίπρας", "Tsipras"),
        ("Κύπρος", "Kipros"),
    ],
)
def test_cyrillic_and_greek_names_meet_their_latin_spelling(name: str, latin: str) -> None:
    assert bucket(name) == bucket(latin)


@pytest.mark.parametrize(
    ("one", "other"),
    [("government", "governments"), ("Regierung", "Regierungen"), ("землетрясение", "землетрясения")],
)
def test_inflected_forms_meet_in_their_first_letters(one: str, other: str) -> None:
    assert bucket(one) == bucket(other)


@pytest.mark.parametrize("owner", ["Ankara's", "Ankara’s", "Ankara'nın"])
def test_a_possessive_is_its_owner(owner: str) -> None:
    assert bucket(owner) == bucket("Ankara")


@pytest.mark.parametrize("number", ["1200", "1,200", "1.200", "1’200", "1\u00a0200", "١٢٠٠", "１２００"])
def test_a_number_is_one_in_all_digits_and_separators(number: str) -> None:
    assert spellings_of(number) == [number]
    assert words_of(number) == (Word(bucket_of("1200"), number=True),)


def test_a_figure_is_written_in_ascii_digits() -> None:
    assert figure_of("٣٫٥") == "35"


def test_a_text_without_spaces_is_read_in_pairs_of_characters() -> None:
    assert [each.bucket for each in words_of("地震发生")] == [
        bucket_of(pair) for pair in ("地震", "震发", "发生")
    ]


def test_a_single_character_is_a_word() -> None:
    assert words_of("核") == (Word(bucket_of("核")),)


def test_traditional_and_simplified_characters_are_one() -> None:
    assert words_of("總統") == words_of("总统")


@pytest.mark.parametrize("country", ["日本", "本日日本国"])
def test_a_country_is_found_inside_a_run(country: str) -> None:
    assert bucket_of("#JP") in {each.country for each in words_of(country)}


@pytest.mark.parametrize("weekday", ["Tuesday", "DIENSTAG", "mardi", "Salı", "вторник", "wtorek", "martedì"])
def test_weekdays_are_known_in_many_languages(weekday: str) -> None:
    assert word(weekday).weekday == 2


def test_other_words_are_no_weekdays() -> None:
    assert word("Tomorrow").weekday == 0


@pytest.mark.parametrize(
    "name",
    [
        "Germany",
        "Deutschland",
        "Allemagne",
        "Almanya",
        "Германия",
        "Германии",
        "Германию",
        "Γερμανία",
        "ألمانيا",
    ],
)
def test_a_country_is_one_in_many_languages_and_cases(name: str) -> None:
    assert word(name).country == bucket_of("#DE")


def test_a_word_without_a_capital_names_no_country() -> None:
    assert word("turkey").country == -1
    assert word("Turkey").country == bucket_of("#TR")


def test_a_capital_is_noted() -> None:
    assert word("Senate").capital
    assert not word("senate").capital


def test_the_end_of_a_sentence_stands_between_its_words() -> None:
    assert spellings_of('He left. "Why?" She stayed') == ["He", "left", ". ", "Why", '?" ', "She", "stayed"]


@pytest.mark.parametrize("text", ["一句。二句", "one\n\ntwo", "One! Two"])
def test_sentences_end_at_stops_and_at_line_breaks(text: str) -> None:
    assert [each[0] for each in spellings_of(text)[1:2]] == [text[2 if text[0] == "一" else 3]]


def test_a_stop_inside_a_word_or_number_ends_nothing() -> None:
    assert spellings_of("U.S. exports of 3.5 mln") == ["U.S", ". ", "exports", "of", "3.5", "mln"]
    assert spellings_of("news.example") == ["news.example"]


def test_a_code_says_what_its_word_is() -> None:
    codes = Codes()
    assert codes["Senate"] == (bucket_of("senate") | CAPITAL,)
    assert codes["17"] == (bucket_of("17") | FIGURE,)
    assert codes[". "] == (SENTENCE_END,)


def test_a_country_stands_beside_the_word_that_names_it() -> None:
    named, country = Codes()["Italy"]
    assert named & BUCKET == bucket_of("italy")
    assert country == bucket_of("#IT") | COUNTRY


def test_what_was_read_is_remembered_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.stories.words.REMEMBERED", 2)
    codes = Codes()
    spellings = ["one", "two", "three", "four", "one", "five", "three", "one"]
    assert [codes[each] for each in spellings] == [Codes()[each] for each in spellings]
    assert len(codes) <= 2


def test_a_huge_spelling_is_not_remembered() -> None:
    codes = Codes()
    assert len(codes["震" * 5000]) == 4999
    assert not codes


@pytest.mark.parametrize(
    "text", ["\x00", "\ud800", "a\ud800b", "é" * 9, "ا" * 4000, "🙂 and 𝔊𝔬𝔱𝔥", "''''", "\u200b"]
)
def test_hostile_strings_are_read(text: str) -> None:
    codes = Codes()
    assert all(0 <= code & BUCKET < BUCKETS for spelling in spellings_of(text) for code in codes[spelling])


def test_letters_beyond_the_basic_plane_are_words() -> None:
    assert spellings_of("𝔊𝔬𝔱𝔥 𠮷野") == ["𝔊𝔬𝔱𝔥", "𠮷野"]


@given(st.text())
def test_words_are_found_the_same_beside_a_character_beyond_the_basic_plane(text: str) -> None:
    assert spellings_of(f"{text} 🙂") == spellings_of(f"{text} ")


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    codes = Codes()
    assert all(0 <= code & BUCKET < BUCKETS for spelling in spellings_of(text) for code in codes[spelling])
