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
    "BY": {"Белоруссия": "ru"},
    "CN": {"中國大陸": "zh", "Mainland China": "en"},
    "CV": {"Cape Verde": "en"},
    "GB": {
        "Britain": "en",
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
    "MM": {"Бирма": "ru uk"},
    "NL": {"Holland": "en de", "Hollanda": "tr", "Голландия": "ru"},
    "PS": {"Palestine": "en fr"},
    "SA": {"السعودية": "ar", "沙特": "zh", "사우디": "ko", "サウジ": "ja"},
    "TM": {"Туркмения": "ru"},
    "TR": {"터키": "ko", "Turkiye": "en"},
    "TW": {"臺灣": "zh"},
    "US": {
        "USA": "de en es fr it pl sv tr",
        "U.S.": "en",
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
dpa, TASS, Anadolu, Kyodo, Yonhap)."""

_SHORT: Final = 3
_BEHIND_LATIN: Final = "\u0250"


def is_country(code: str) -> bool:
    """Whether a code is an ISO 3166 code of a country or territory, in capitals."""
    return code in _table()


@cache
def names(code: str) -> tuple[CountryName, ...]:
    """All names of a country, sorted; none for an unknown code."""
    found: dict[str, set[str]] = {}
    for name, languages in _table().get(code, {}).items():
        found.setdefault(name, set()).update(languages.split())
    for name, languages in _ALSO.get(code, {}).items():
        found.setdefault(name, set()).update(languages.split())
    return tuple(_name(text, frozenset(found[text])) for text in sorted(found))


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
