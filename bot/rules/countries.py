"""The names of countries in a hundred languages, from the Unicode CLDR, with what newsrooms call them besides.

The table beside this file, countries.json, holds the CLDR's names with its alternative ones (Turkey for Türkiye,
UK, Burma, Hong Kong); tools/build_countries.py makes it. It is read once, when the first country is asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from bot.text.fold import fold_key
from bot.text.tokens import HOLDS_UNSPACED


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryName:
    """A name, and the languages (ISO 639) that call the country so.

    `exact` names are abbreviations, which mean the country in capitals only (US, not us). A `short` name is a
    word of many languages besides its own, and so counts only where the article's language is known.
    """

    text: str
    languages: frozenset[str]
    exact: bool = False
    short: bool = False


_ALSO: Final[dict[str, dict[str, str]]] = {
    "AE": {
        "الإمارات": "ar",
        "UAE": "en",
        "Emirates": "en",
        "ОАЭ": "ru",
        "VAE": "de",
        "BAE": "tr",
        "阿联酋": "zh",
    },
    "BY": {"Белоруссия": "ru", "Weißrussland": "de"},
    "CD": {
        "DR Congo": "en nl da",
        "DRC": "en",
        "Democratic Republic of the Congo": "en",
        "Democratic Republic of Congo": "en",
        "Congo-Kinshasa": "en es pt it",
        "République démocratique du Congo": "fr",
        "RDC": "es fr pt",
        "RD Congo": "es fr it pt",
        "Repubblica Democratica del Congo": "it",
        "Demokratische Republik Kongo": "de",
        "DR Kongo": "de sv no da",
        "Democratische Republiek Congo": "nl",
        "ДР Конго": "ru",
        "ДРК": "ru",
        "Демократическая Республика Конго": "ru",
        "Демократична Республіка Конго": "uk",
        "الكونغو الديمقراطية": "ar",
        "刚果(金)": "zh",
        "コンゴ民主共和国": "ja",
        "민주콩고": "ko",
        "콩고민주공화국": "ko",
    },
    "CG": {
        "Congo-Brazzaville": "en es pt",
        "Congo Republic": "en",
        "Republic of the Congo": "en",
        "Republic of Congo": "en",
        "Republik Kongo": "de",
        "República del Congo": "es",
        "Repubblica del Congo": "it",
        "Конго-Браззавиль": "ru",
        "الكونغو برازافيل": "ar",
        "刚果(布)": "zh",
    },
    "CN": {"中國大陸": "zh", "Mainland China": "en", "PRC": "en", "КНР": "ru"},
    "CV": {"Cape Verde": "en"},
    "FK": {"Malvinas": "es pt", "Falklands": "en"},
    "GB": {
        "Britain": "en",
        "U.K.": "en",
        "Great Britain": "en",
        "İngiltere": "tr",
        "Großbritannien": "de",
        "Grande-Bretagne": "fr",
        "Gran Bretaña": "es",
        "Gran Bretagna": "it",
        "Grã-Bretanha": "pt",
        "بريطانيا": "ar",
    },
    "KG": {"Киргизия": "ru"},
    "KP": {
        "КНДР": "ru",
        "Северная Корея": "ru",
        "North Korea": "en",
        "DPRK": "en",
        "北韓": "zh",
        "朝鲜": "zh",
        "북한": "ko",
    },
    "KR": {"Южная Корея": "ru", "한국": "ko", "南韓": "zh"},
    "MD": {"Молдавия": "ru"},
    "MK": {"Macedonia": "en es it", "Makedonya": "tr", "Македония": "ru"},
    "MM": {"Бирма": "ru uk", "Birma": "de"},
    "NL": {"Holland": "en de", "Hollanda": "tr", "Голландия": "ru"},
    "PS": {"Palestine": "en fr"},
    "RU": {"РФ": "ru"},
    "SA": {"السعودية": "ar", "沙特": "zh", "사우디": "ko", "サウジ": "ja"},
    "SY": {"سورية": "ar"},
    "TM": {"Туркмения": "ru"},
    "TR": {"터키": "ko", "Turkiye": "en"},
    "TW": {"臺灣": "zh"},
    "US": {
        "USA": "de en es fr it pl sv tr",
        "U.S.": "en",
        "EEUU": "es",
        "EE.UU.": "es",
        "United States of America": "en",
        "America": "en",
        "Amerika": "tr",
        "أمريكا": "ar",
        "أميركا": "ar",
        "米国": "ja",
    },
    "VA": {"Vatican": "en fr", "Vatikan": "de tr", "Ватикан": "ru", "Vaticano": "es it pt"},
}
"""Names that newspapers use and the CLDR lacks, by language; from the style guides of news agencies (Reuters, AFP,
dpa, EFE, TASS, Anadolu, Xinhua, Kyodo, Yonhap), those of the two Congos also from the United Nations' list of
their members' names."""
_OF_TWO_COUNTRIES: Final = frozenset({"Congo", "Kongo", "Конго"})
"""Names in the CLDR that newspapers give to two countries, and that the longer names of both hold."""

_SHORT: Final = 3
_BEHIND_LATIN: Final = "\u0250"


def is_country(code: str) -> bool:
    """Whether a code is an ISO 3166 code of a country or territory, in capitals."""
    return code in _table()


def country_codes() -> tuple[str, ...]:
    """All codes."""
    return tuple(_table())


@cache
def names(code: str) -> tuple[CountryName, ...]:
    """All names of a country, sorted; none for an unknown code."""
    found: dict[str, set[str]] = {}
    for name, languages in _table().get(code, {}).items():
        found.setdefault(name, set()).update(languages.split())
    for name, languages in _ALSO.get(code, {}).items():
        found.setdefault(name, set()).update(languages.split())
    return tuple(_name(text, frozenset(found[text])) for text in sorted(found.keys() - _OF_TWO_COUNTRIES))


@cache
def longer_names(code: str) -> tuple[CountryName, ...]:
    """The names of other countries that hold a name of this one (Equatorial Guinea, 印度尼西亚), sorted."""
    held: dict[str, set[str]] = {}
    for name in names(code):
        for language in name.languages:
            held.setdefault(language, set()).add(fold_key(name.text))
    found = {
        other
        for language, own in held.items()
        for owner, other, key in _names_in(language)
        if owner != code and any(_holds(key, each) for each in own)
    }
    return tuple(sorted(found, key=lambda name: name.text))


def _holds(key: str, shorter: str) -> bool:
    """Whether a folded name has another as a part, and more."""
    if shorter not in key or key == shorter:
        return False
    return HOLDS_UNSPACED(shorter) is not None or f" {shorter} " in f" {key} "


@cache
def _names_in(language: str) -> tuple[tuple[str, CountryName, str], ...]:
    return tuple(
        (code, name, fold_key(name.text))
        for code in _table()
        for name in names(code)
        if language in name.languages
    )


def _name(text: str, languages: frozenset[str]) -> CountryName:
    letters = [character for character in text if character.isalpha()]
    exact = len(letters) <= 4 and all(letter.isupper() for letter in letters)
    cased = any(letter.isupper() for letter in letters)
    return CountryName(
        text=text,
        languages=languages,
        exact=exact,
        short=cased and len(letters) <= _SHORT and "en" not in languages and letters[0] < _BEHIND_LATIN,
    )


@cache
def _table() -> dict[str, dict[str, str]]:
    source = resources.files(__package__).joinpath("countries.json")
    table: dict[str, dict[str, str]] = json.loads(source.read_text(encoding="utf-8"))
    return table
