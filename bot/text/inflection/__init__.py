"""The forms that a word takes in a sentence: plurals, cases, agreement. Derivation is not inflection.

Each language is a function from a word, as someone wrote it in a rule, to its forms: a stem, and the endings
with which the stem may stand. The tables are compact and closed: what they do not hold does not match, so that
Japan is not Japanese and a strike no striker. They were written for this project from the languages' school
grammars; a stemmer was no use here, since stemmers (Snowball too) take derivation away with inflection and
so make "rarement" of "rare".
"""

from __future__ import annotations

from typing import Final

from bot.text.inflection import (
    germanic,
    hellenic,
    indic,
    korean,
    nordic,
    romance,
    semitic,
    slavic,
    slavic_latin,
    turkish,
    uralic,
)
from bot.text.inflection.forms import Form, Inflector, Word

__all__ = [
    "Form",
    "Word",
    "all_stems",
    "forms",
    "proclitics",
    "proclitics_of",
    "start_of_stems",
    "suffixes_after_apostrophe",
    "suffixes_after_script",
]

_BY_SCRIPT: Final[dict[str, dict[str, Inflector]]] = {
    "LATIN": {
        "en": germanic.english,
        "de": germanic.german,
        "nl": germanic.dutch,
        "af": germanic.dutch,
        "sv": nordic.nordic,
        "no": nordic.nordic,
        "nb": nordic.nordic,
        "nn": nordic.nordic,
        "da": nordic.nordic,
        "fr": romance.french,
        "es": romance.spanish,
        "gl": romance.portuguese,
        "pt": romance.portuguese,
        "it": romance.italian,
        "ca": romance.catalan,
        "ro": romance.romanian,
        "tr": turkish.turkish,
        "az": turkish.turkish,
        "pl": slavic_latin.polish,
        "cs": slavic_latin.czech,
        "sk": slavic_latin.czech,
        "hr": slavic_latin.croatian,
        "bs": slavic_latin.croatian,
        "sr": slavic_latin.croatian,
        "sl": slavic_latin.croatian,
        "fi": uralic.finnish,
        "hu": uralic.hungarian,
        "id": uralic.malay,
        "ms": uralic.malay,
    },
    "CYRILLIC": {
        "ru": slavic.russian,
        "uk": slavic.ukrainian,
        "be": slavic.ukrainian,
        "bg": slavic.bulgarian,
        "mk": slavic.bulgarian,
        "sr": slavic.serbian,
    },
    "ARABIC": {"ar": semitic.arabic, "fa": semitic.persian, "ur": semitic.persian},
    "HEBREW": {"he": semitic.hebrew},
    "GREEK": {"el": hellenic.greek},
    "HANGUL": {"ko": korean.korean},
    "DEVANAGARI": {"hi": indic.hindi, "mr": indic.hindi, "ne": indic.hindi},
}
_COMMON_LATIN: Final = ("en", "de", "fr", "es", "pt", "it", "tr", "pl")
"""What a Latin text of unknown language is taken for; the endings of all languages together match too much."""
_NOTHING: Final = frozenset({""})


def forms(word: Word, language: str | None) -> tuple[Form, ...]:
    """The forms of a word in texts of a language, an ISO 639-1 code, or None where it is unknown.

    A word of another script than the text's language is taken for any language of its own script. A Latin word
    may always be an English one: news of every language says "rare earths", and feeds declare "en" over anything.
    """
    found: dict[str, frozenset[str]] = {word.folded: _NOTHING}
    for inflector in _inflectors(word.script, language):
        for stem, endings in inflector(word):
            found[stem] = found.get(stem, frozenset()) | endings
    return tuple(found.items())


def _inflectors(script: str, language: str | None) -> tuple[Inflector, ...]:
    table = _BY_SCRIPT.get(script, {})
    if script == "LATIN" and language is None:
        return tuple(table[known] for known in _COMMON_LATIN)
    if script == "LATIN":
        return tuple(dict.fromkeys(table[known] for known in (language, "en") if known in table))
    if language in table:
        return (table[language],)
    return tuple(dict.fromkeys(table.values()))


def all_stems(word: Word) -> frozenset[str]:
    """Every stem of a word, in whatever language; each of its forms starts with one of them."""
    stems = {word.folded}
    for inflector in dict.fromkeys(_BY_SCRIPT.get(word.script, {}).values()):
        stems.update(stem for stem, _ in inflector(word))
    return frozenset(stems)


_LONG: Final = 7
_DEEP_ENDINGS: Final = {
    3: (
        *("ales", "lles", "nnes", "ttes", "ives", "uses", "mans", "ces", "che", "chi", "cia", "gia", "ies"),
        *("lar", "ler", "nen", "oes", "si", "su"),
    ),
    4: ("ista",),
}


def start_of_stems(word: Word) -> str | None:
    """What every stem of a long Latin word starts with, much faster told than the stems; None for other words.

    No table takes more than its two last letters from such a word, but for a few endings.
    """
    text = word.folded
    if word.script != "LATIN" or len(text) < _LONG:
        return None
    deep = next((depth for depth, ends in _DEEP_ENDINGS.items() if text.endswith(ends)), 2)
    return text[:-deep]


def proclitics(word: Word) -> frozenset[str]:
    """What may be written together before a word: the article and prepositions of Arabic and Hebrew."""
    if word.script == "ARABIC":
        return semitic.arabic_proclitics(word)
    if word.script == "HEBREW":
        return semitic.HEBREW_PROCLITICS
    return _NOTHING


def proclitics_of(script: str) -> frozenset[str]:
    """All that may be written together before any word of a script, nothing among it."""
    if script == "ARABIC":
        return semitic.ARABIC_PROCLITICS
    return semitic.HEBREW_PROCLITICS if script == "HEBREW" else _NOTHING


_GENITIVE: Final = frozenset({"s"})
_TURKISH_SUFFIXES: Final = turkish.AFTER_APOSTROPHE | _GENITIVE
_POLISH_SUFFIXES: Final = slavic_latin.AFTER_APOSTROPHE | _GENITIVE
_RUSSIAN_SUFFIXES: Final = slavic.AFTER_APOSTROPHE | _GENITIVE


def suffixes_after_apostrophe(language: str | None) -> frozenset[str]:
    """The suffixes that may follow a word's apostrophe (BYD'nin, China's)."""
    if language in {None, "tr", "az"}:
        return _TURKISH_SUFFIXES
    if language == "pl":
        return _POLISH_SUFFIXES
    if language in {"ru", "uk", "be", "bg"}:
        return _RUSSIAN_SUFFIXES
    return _GENITIVE


def suffixes_after_script(script: str) -> frozenset[str]:
    """The particles that may follow a word of another script at once (BYD가)."""
    return korean.ALL_PARTICLES if script == "HANGUL" else frozenset()
