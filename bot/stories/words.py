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
from functools import cache
from typing import Final, NamedTuple

from bot.rules.countries import country_codes, names
from bot.text.fold import fold_key

STEM: Final = 6
"""Letters of a word that count; 5 to 8 fold about equally well, whole words worse in inflected languages."""

BUCKETS: Final = 1 << 21
"""Words are known by a number below this. Of two texts of 50 words, one pair in 800 takes a word for another."""

REMEMBERED: Final = 1 << 16
"""Spellings whose reading is remembered."""

_UNSPACED: Final = r"\u0e01-\u0e4e\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD: Final = re.compile(
    rf"[{_UNSPACED}]+|\d+(?:[.,'’٫٬\u00a0\u202f]\d+)*|[^\W\d_{_UNSPACED}]+(?:['’.\-][^\W\d_{_UNSPACED}]+)*"
)
_RUN: Final = re.compile(rf"[{_UNSPACED}]")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])[\"'”»’)\]]*\s+|[。！？]|\n+")
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


def bucket_of(text: str) -> int:
    """The number of a key; the same in every process and on every machine."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) % BUCKETS


def sentences_of(text: str) -> Iterator[list[str]]:
    """The spellings of each sentence. Where a sentence ends is guessed, since only first words hang on it."""
    for sentence in _SENTENCE_END.split(text):
        if sentence:
            yield _WORD.findall(sentence)


class Reader:
    """Reads spellings as words, and remembers what it has read."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[Word, ...]] = {}

    def words(self, spelling: str) -> tuple[Word, ...]:
        """A spelling as words: one, or for a run of a script without spaces its pairs of characters."""
        known = self._read.get(spelling)
        if known is None:
            if len(self._read) >= REMEMBERED:
                self._read.clear()
            known = self._read[spelling] = tuple(_read(spelling))
        return known


def figure_of(spelling: str) -> str:
    """A number without its separators, in ASCII digits: 1,200 and 1.200 and ١٢٠٠ are one."""
    return "".join(str(unicodedata.decimal(character)) for character in spelling if character.isdecimal())


def _read(spelling: str) -> Iterator[Word]:
    if _RUN.match(spelling):
        run = fold_key(spelling)
        for start in range(max(1, len(run) - 1)):
            yield Word(bucket_of(run[start : start + 2]))
        for name, code in _unspaced_countries():
            if name in run:
                country = bucket_of(code)
                yield Word(country, capital=True, country=country)
        return
    if spelling[0].isdecimal():
        yield Word(bucket_of(figure_of(spelling)), number=True)
        return
    folded = fold_key(_POSSESSIVE.sub("", spelling))
    if folded:
        caseless = spelling[0].lower() == spelling[0].upper()
        yield Word(
            bucket_of(folded.translate(_LATIN)[:STEM]),
            capital=spelling[0].isupper(),
            weekday=_weekdays().get(folded, 0),
            country=_country(folded) if caseless or spelling[0].isupper() else -1,
        )


def _country(folded: str) -> int:
    """The bucket of the country that a word names in any of its forms, or -1."""
    stems = _country_stems()
    if folded[0] in _ARABIC_PREFIXES and folded not in stems:
        folded = folded[1:]
    forms = (folded[:STEM],) if folded.isascii() else (folded[:STEM], folded, folded[:-1], folded[:-2])
    return next((stems[form] for form in forms if form in stems), -1)


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
def _unspaced_countries() -> tuple[tuple[str, str], ...]:
    return tuple(
        (fold_key(name.text), f"#{code}")
        for code in country_codes()
        for name in names(code)
        if len(name.text) > 1 and _RUN.match(name.text)
    )
