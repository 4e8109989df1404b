"""The names of countries."""

from __future__ import annotations

import pytest

from bot.rules.countries import is_country, names


def called(code: str, language: str) -> set[str]:
    return {name.text for name in names(code) if language in name.languages}


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("TR", "en", "Türkiye"),
        ("TR", "en", "Turkey"),
        ("TR", "de", "Türkei"),
        ("TR", "ko", "터키"),
        ("GB", "en", "UK"),
        ("GB", "en", "Britain"),
        ("MM", "en", "Burma"),
        ("MM", "en", "Myanmar"),
        ("HK", "en", "Hong Kong"),
        ("CN", "zh", "中国"),
        ("US", "ja", "米国"),
        ("CI", "en", "Ivory Coast"),
        ("CD", "en", "DR Congo"),
        ("CD", "en", "Democratic Republic of the Congo"),
        ("CD", "fr", "RDC"),
        ("CD", "ru", "ДР Конго"),
        ("CD", "zh", "刚果(金)"),
        ("CG", "en", "Congo-Brazzaville"),
        ("CG", "zh", "刚果(布)"),
        ("GB", "en", "U.K."),
        ("US", "es", "EEUU"),
        ("BY", "de", "Weißrussland"),
        ("MM", "de", "Birma"),
        ("RU", "ru", "РФ"),
        ("CN", "ru", "КНР"),
        ("CN", "en", "PRC"),
        ("SY", "ar", "سورية"),
        ("FK", "es", "Malvinas"),
    ],
)
def test_a_country_is_known_by_the_names_that_newspapers_use(code: str, language: str, name: str) -> None:
    assert name in called(code, language)


@pytest.mark.parametrize(("code", "name"), [("CD", "Congo - Kinshasa"), ("MM", "Myanmar (Burma)")])
def test_forms_that_never_stand_in_news_are_dropped(code: str, name: str) -> None:
    assert name not in called(code, "en")


@pytest.mark.parametrize(("code", "language"), [("CG", "es"), ("CG", "pl"), ("CD", "no")])
def test_a_name_that_two_countries_bear_is_neither_s(code: str, language: str) -> None:
    assert called(code, language).isdisjoint({"Congo", "Kongo"})


def test_abbreviations_count_as_written_only() -> None:
    assert {name.text for name in names("US") if name.exact} >= {"US", "USA"}


def test_a_full_name_counts_in_any_case() -> None:
    assert not any(name.exact for name in names("FR") if name.text == "France")


def test_a_name_of_three_letters_counts_where_the_language_is_known() -> None:
    assert [name.short for name in names("RU") if name.text == "Nga"] == [True]


def test_a_name_belongs_to_its_languages() -> None:
    assert called("KR", "cy").isdisjoint(called("KR", "es"))


@pytest.mark.parametrize(
    ("code", "known"), [("TR", True), ("XK", True), ("ZZ", False), ("EU", False), ("tr", False)]
)
def test_codes_of_countries_are_known(code: str, *, known: bool) -> None:
    assert is_country(code) is known


def test_an_unknown_code_has_no_names() -> None:
    assert names("ZZ") == ()
