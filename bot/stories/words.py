"""Words as folding compares them: in any language, without a dictionary of any.

A word is folded, written in Latin letters where its alphabet has a plain way to, and cut to its first six
letters. The cut stands in for a stemmer: it joins the inflected forms of a word in the languages that inflect
at the end, and a name keeps one form across them. Scripts without spaces are read as pairs of characters.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final, NamedTuple

from bot.rules.countries import country_codes, names
from bot.text.fold import fold_key

STEM: Final = 6
"""Letters of a word that count; 5 to 8 fold about equally well, whole words worse in inflected languages."""

BUCKETS: Final = 1 << 21
"""Words are known by a number below this. Of two texts of 50 words, one pair in 800 takes a word for another."""

REMEMBERED: Final = 1 << 16
"""Spellings whose reading is remembered; as many older ones are besides, until they are not asked for any more."""

_LONGEST_REMEMBERED: Final = 32
"""Letters of a spelling that may come again; runs of a script without spaces hardly ever do."""

_UNSPACED: Final = r"\u0e01-\u0e4e\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER: Final = rf"[^\W\d_{_UNSPACED}]"
_ENDS: Final = ".!?…。！？\n"
_SENTENCE_END: Final = rf"[{_ENDS}](?:(?<=[.!?…])[\"'”»’)\]]*\s+|(?<=[。！？])|(?<=\n)\n*)"
_RUN: Final = re.compile(rf"[{_UNSPACED}]")
_POSSESSIVE: Final = re.compile(r"(?<=\w\w)['’]\w{1,4}$")

_LATIN: Final = str.maketrans(
    dict(
        zip(
            "абвгдезийклмнопрстуфхыэіґєўћђљњјαβγδεζηθικλμνξοπρσςτυφχψω",
            "abvgdeziiklmnoprstufhieigeuhdlnjavgdezitiklmnxoprsstifhpo",
            strict=True,
        )
    )
    | {
        "ё": "e",
        "ж": "zh",
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "sh",
        "ъ": "",
        "ь": "",
        "ю": "yu",
        "я": "ya",
    }
    | {"ї": "yi", "џ": "dz"}
)
"""How newspapers write Cyrillic and Greek names in Latin letters, near enough for their first six."""

_SHORTEST_COUNTRY: Final = 4
_ARABIC_PREFIXES: Final = "وبلفك"
"""And, in, for, so, like: written together with the word that follows."""

_WEEKDAYS: Final = """
    monday tuesday wednesday thursday friday saturday sunday
    montag dienstag mittwoch donnerstag freitag samstag sonntag
    lundi mardi mercredi jeudi vendredi samedi dimanche
    lunes martes miércoles jueves viernes sábado domingo
    lunedì martedì mercoledì giovedì venerdì sabato domenica
    maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    понедельник вторник среду четверг пятницу субботу воскресенье
    pazartesi salı çarşamba perşembe cuma cumartesi pazar
    segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo
    poniedziałek wtorek środę czwartek piątek sobotę niedzielę
    понеділок вівторок середу четвер п'ятницю суботу неділю
    måndag tisdag onsdag torsdag fredag lördag söndag
"""


class Word(NamedTuple):
    """A spelling as it counts: its bucket, and what can be said of it wherever it stands.

    `weekday` is 1 for Monday to 7, 0 for other words; `country` the bucket of the country that it names, or -1.
    """

    bucket: int
    capital: bool = False
    number: bool = False
    weekday: int = 0
    country: int = -1


BUCKET: Final = BUCKETS - 1
CAPITAL: Final = BUCKETS
FIGURE: Final = BUCKETS << 1
COUNTRY: Final = BUCKETS << 2
WEEKDAY_SHIFT: Final = 24
SENTENCE_END: Final = 1 << 27
"""A word as one number, its code: the bucket in the lowest bits, the marks above, then the weekday.

COUNTRY marks the code of a country that the word before it names. It stands beside the words, and is none itself;
nor is SENTENCE_END.
"""


def bucket_of(text: str) -> int:
    """The number of a key; the same in every process and on every machine."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) % BUCKETS


def spellings_of(text: str) -> list[str]:
    """The words of a text as they are spelled, and between them what ends a sentence.

    Where a sentence ends is guessed, since only first words hang on it.
    """
    # UTF-16 has two units for what lies beyond the basic plane.
    beyond = not text.isascii() and len(text.encode("utf-16-le", "surrogatepass")) > 2 * len(text)
    return (_pattern_of_all() if beyond else _pattern()).findall(text)


def words_of(spelling: str) -> tuple[Word, ...]:
    """A spelling as words: one, or for a run of a script without spaces its pairs of characters."""
    return tuple(_read(spelling))


class Codes(dict[str, tuple[int, ...]]):
    """The codes of spellings, read when first asked for and remembered, those that come often for good."""

    def __init__(self) -> None:
        super().__init__()
        self._older: dict[str, tuple[int, ...]] = {}

    def __missing__(self, spelling: str) -> tuple[int, ...]:
        codes = self._older.get(spelling)
        if codes is None:
            codes = _codes_of(spelling)
        if len(spelling) <= _LONGEST_REMEMBERED:
            if len(self) >= REMEMBERED:
                self._older = self.copy()
                self.clear()
            self[spelling] = codes
        return codes


def figure_of(spelling: str) -> str:
    """A number without its separators, in ASCII digits: 1,200 and 1.200 and ١٢٠٠ are one."""
    return "".join(str(unicodedata.decimal(character)) for character in spelling if character.isdecimal())


def _codes_of(spelling: str) -> tuple[int, ...]:
    if spelling[0] in _ENDS:
        return (SENTENCE_END,)
    codes = []
    for bucket, capital, number, weekday, country in _read(spelling):
        marks = (CAPITAL if capital else 0) | (FIGURE if number else 0)
        codes.append(bucket | marks | weekday << WEEKDAY_SHIFT)
        if country not in (-1, bucket):
            codes.append(country | COUNTRY)
    return tuple(codes)


def _read(spelling: str) -> Iterator[Word]:
    if _RUN.match(spelling):
        yield from _read_run(fold_key(spelling))
        return
    if spelling[0].isdecimal():
        yield Word(bucket_of(figure_of(spelling)), number=True)
        return
    if spelling.isascii() and spelling.isalpha():
        folded = spelling.lower()
    else:
        folded = fold_key(_POSSESSIVE.sub("", spelling))
    if folded:
        capital = spelling[0].isupper()
        caseless = spelling[0].lower() == spelling[0].upper()
        yield Word(
            bucket_of(folded.translate(_LATIN)[:STEM]),
            capital=capital,
            weekday=_weekdays().get(folded, 0),
            country=_country(folded) if caseless or capital else -1,
        )


def _read_run(run: str) -> Iterator[Word]:
    for start in range(max(1, len(run) - 1)):
        yield _pair(run[start : start + 2])
    countries = _unspaced_countries()
    found = {
        (order, country)
        for start, first in enumerate(run)
        for order, name, country in countries.get(first, ())
        if run.startswith(name, start)
    }
    for _, country in sorted(found):
        yield Word(country, capital=True, country=country)


@lru_cache(maxsize=REMEMBERED)
def _pair(characters: str) -> Word:
    return Word(bucket_of(characters))


def _country(folded: str) -> int:
    """The bucket of the country that a word names in any of its forms, or -1."""
    stems = _country_stems()
    if folded.isascii():
        return stems.get(folded[:STEM], -1)
    if folded[0] in _ARABIC_PREFIXES and folded not in stems:
        folded = folded[1:]
    forms = (folded[:STEM], folded, folded[:-1], folded[:-2])
    return next((stems[form] for form in forms if form in stems), -1)


def _spelling(letter: str) -> re.Pattern[str]:
    return re.compile(
        rf"{letter}+(?:['’.\-]{letter}+)*|\d+(?:[.,'’٫٬\u00a0\u202f]\d+)*|[{_UNSPACED}]+|{_SENTENCE_END}"
    )


@cache
def _pattern() -> re.Pattern[str]:
    """For texts of the basic plane, whose letters are written out: `re` finds them in half the time."""
    runs = re.finditer(f"{_LETTER}+", "".join(map(chr, range(0x10000))))
    return _spelling(f"[{''.join(f'{run[0][0]}-{run[0][-1]}' for run in runs)}]")


@cache
def _pattern_of_all() -> re.Pattern[str]:
    return _spelling(_LETTER)


@cache
def _weekdays() -> dict[str, int]:
    return {fold_key(name): number % 7 + 1 for number, name in enumerate(_WEEKDAYS.split())}


@cache
def _country_stems() -> dict[str, int]:
    """The beginnings of the names of countries that are one word, where they name one country only.

    Names in Latin letters count by their first letters, as all words do. Others lose their last letter besides,
    which is where Cyrillic and Greek names of countries inflect.
    """
    found: dict[str, set[str]] = {}
    for code in country_codes():
        for name in names(code):
            folded = fold_key(name.text)
            if name.exact or not folded.isalpha() or len(folded) < _SHORTEST_COUNTRY or _RUN.match(folded):
                continue
            for form in {folded[:STEM]} if folded.isascii() else {folded[:STEM], folded, folded[:-1]}:
                found.setdefault(form, set()).add(code)
    return {stem: bucket_of(f"#{min(codes)}") for stem, codes in found.items() if len(codes) == 1}


@cache
def _unspaced_countries() -> dict[str, list[tuple[int, str, int]]]:
    """The names of countries in scripts without spaces, by their first characters: an order, name and bucket."""
    named = [
        (fold_key(name.text), bucket_of(f"#{code}"))
        for code in country_codes()
        for name in names(code)
        if len(name.text) > 1 and _RUN.match(name.text)
    ]
    found: dict[str, list[tuple[int, str, int]]] = {}
    for order, (name, country) in enumerate(named):
        found.setdefault(name[0], []).append((order, name, country))
    return found
