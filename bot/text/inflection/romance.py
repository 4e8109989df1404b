"""French, Spanish, Portuguese, Italian, Catalan, Romanian.

An adjective follows its noun here, so words behind the first of a phrase may change their gender as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.text.inflection.forms import Form, Word, endings

_S: Final = endings("- s")
_X: Final = endings("- x s")
_PEOPLE: Final = endings("- a as es")
_NO_PLACE: Final = ("cion", "sion", "xion", "dad", "tad", "tud")
"""Endings of common nouns, also where they are written with a capital (Universidad)."""
_ES: Final = endings("- es")
_GENDERS: Final = endings("- e s es")
_FRENCH_OTHER_GENDER: Final = (
    ("enne", 2, "- s"),
    ("onne", 2, "- s"),
    ("elle", 2, "- s"),
    ("ette", 2, "- s"),
    ("ive", 2, "f fs"),
    ("euse", 2, "x"),
    ("if", 1, "ve ves"),
    ("eux", 1, "se ses"),
)
"""An adjective's ending, how many letters it loses in the other gender, and what takes their place."""
_O_A: Final = endings("o a os as")
ELISIONS: Final = endings(
    "c d j l m n s t qu jusqu lorsqu puisqu quoiqu presqu quelqu entr un dall dell all nell sull coll quell quest "
    "bell sant gl anch cos com tutt senz"
)
"""Words that lose their vowel before an apostrophe (French, Italian, Catalan)."""


def french(word: Word) -> Iterator[Form]:
    """Plurals in -s and -x, and the agreement of adjectives."""
    text = word.folded
    yield from _french_plural(text)
    single = text
    if (
        not word.capital
        and len(text) > 3
        and text.endswith("s")
        and not text.endswith(("ss", "us", "is", "as"))
    ):
        single = text[:-1]
        yield single, _S
    if word.capital:
        return
    if single.endswith(("eenne", "ienne")):
        yield single[:-2], _S
    if not word.first:
        yield from _french_adjective(single)


def _french_adjective(single: str) -> Iterator[Form]:
    if single.endswith("e"):
        yield single[:-1], _GENDERS
        if single.endswith("ale"):
            yield single[:-2], endings("ux")
    else:
        yield single, _GENDERS
    if single.endswith(("en", "on", "el", "et")):
        yield single, endings(f"- {single[-1]}e {single[-1]}es")
    for ending, lost, others in _FRENCH_OTHER_GENDER:
        if single.endswith(ending):
            yield single[:-lost], endings(others)


def _french_plural(text: str) -> Iterator[Form]:
    if text.endswith(("s", "x", "z")):
        return
    if text.endswith(("eau", "eu", "au")):
        yield text, _X
    elif text.endswith("al"):
        yield text[:-1], endings("l ls ux")
    elif text.endswith("ail"):
        yield text[:-2], endings("il ils ux")
    else:
        yield text, _S


def spanish(word: Word) -> Iterator[Form]:
    """Plurals in -s and -es, and the agreement of adjectives."""
    text = word.folded
    # A name has no plural in -es, which would be its people (Japón, japonés).
    if not (word.capital and text.endswith(("n", "l", "d")) and not text.endswith(_NO_PLACE)):
        yield from _spanish_plural(text)
    if not word.capital and _is_spanish_people(word):
        yield text, _PEOPLE
        return
    single = _iberian_singular(word)
    if single is not None:
        yield single, _S
        if text.endswith("es"):
            yield text[:-2], _ES
        if text.endswith("ces"):
            yield text[:-3], endings("z ces")
    if not word.first and not word.capital:
        yield from _iberian_adjective(single or text)


def _is_spanish_people(word: Word) -> bool:
    """Whether it is an adjective of origin, which ends in a consonant and has a feminine all the same (francés)."""
    return len(word.folded) > 5 and word.written.endswith(("ñol", "án", "és"))


def _spanish_plural(text: str) -> Iterator[Form]:
    if text.endswith("z"):
        yield text[:-1], endings("z ces")
    elif text[-1] in "aeo":
        yield text, _S
    elif text[-1] in "iu":
        yield text, endings("- s es")
    elif text[-1] != "s":
        yield text, _ES


def _iberian_singular(word: Word) -> str | None:
    text = word.folded
    plural = text.endswith("s") and not text.endswith(("ss", "us", "is"))
    return text[:-1] if plural and not word.capital and len(text) > 3 else None


def _iberian_adjective(text: str) -> Iterator[Form]:
    if text[-1] in "oa" and len(text) > 3:
        yield text[:-1], _O_A


def portuguese(word: Word) -> Iterator[Form]:
    """As Spanish, with the plurals of -m, -l and -ão."""
    text = word.folded
    yield from _portuguese_plural(text)
    single = _iberian_singular(word)
    if single is not None:
        yield single, _S
        if text.endswith("oes"):
            yield text[:-3], endings("ao oes")
        elif text.endswith("res"):
            yield text[:-2], _ES
    if not word.first and not word.capital:
        yield from _iberian_adjective(single or text)


def _portuguese_plural(text: str) -> Iterator[Form]:
    if text.endswith("ao"):
        yield text[:-2], endings("ao oes aes aos")
    elif text.endswith("m"):
        yield text[:-1], endings("m ns")
    elif text.endswith(("al", "el", "ol", "ul")):
        yield text[:-1], endings("l is")
    elif text.endswith("il"):
        yield text[:-2], endings("il is eis")
    elif text[-1] in "aeiou":
        yield text, _S
    elif text[-1] != "s":
        yield text, _ES


_ITALIAN_PLURAL: Final = (
    ("cia", "cia cie ce"),
    ("gia", "gia gie ge"),
    ("ca", "ca che"),
    ("ga", "ga ghe"),
    ("co", "co ci chi"),
    ("go", "go gi ghi"),
    ("io", "io i ii"),
    ("ista", "ista isti iste"),
    ("a", "a e"),
    ("o", "o i"),
    ("e", "e i"),
)
_ITALIAN_ADJECTIVE: Final = (
    ("che", "ca co che ci chi"),
    ("chi", "ca co che ci chi"),
    ("ca", "ca co che ci chi"),
    ("co", "ca co che ci chi"),
    ("a", "a o e i"),
    ("o", "a o e i"),
)


def italian(word: Word) -> Iterator[Form]:
    """Plurals by change of the last vowel, and the agreement of adjectives; names do not change."""
    if word.capital and word.first and word.last:
        return
    yield from _exchanged(word.folded, _ITALIAN_PLURAL)
    if not word.first:
        yield from _exchanged(word.folded, _ITALIAN_ADJECTIVE)


def _exchanged(text: str, table: tuple[tuple[str, str], ...]) -> Iterator[Form]:
    for ending, others in table:
        if text.endswith(ending) and len(text) - len(ending) >= 2:
            yield text[: -len(ending)], endings(others)
            return


def catalan(word: Word) -> Iterator[Form]:
    """Plurals in -s, -es and -os."""
    text = word.folded
    yield text, endings("- s os ns")
    if text.endswith("a") and len(text) > 3:
        yield text[:-1], endings("a es")
    single = _iberian_singular(word)
    if single is not None:
        yield single, _S


_ROMANIAN: Final = endings("- ul ului uri urile urilor i ii iilor le lor a ei e")


def romanian(word: Word) -> Iterator[Form]:
    """The article behind the noun, with plurals and cases."""
    text = word.folded
    yield text, _ROMANIAN
    if text[-1] in "aeu" and len(text) > 3:
        yield text[:-1], endings("a ei e i ii iilor ele elor ul ului u")
