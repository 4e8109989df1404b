"""Turkish: chains of suffixes with vowel harmony, softened consonants and fleeting vowels.

Folded text has lost the dots that tell ı from i, o from ö and u from ü, so that a suffix's narrow vowel is i
or u, and its wide one a or e. Which of a and e may follow is read from the word as the rule's author wrote it;
where that does not tell (i, o, u may stand for ı, ö, ü, or the reverse), both may.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

from bot.text.inflection.forms import Form, Word, endings

_VOWELS: Final = "aeiou"
_VOICELESS: Final = "fstkchp"
"""Consonants after which d turns to t; folded, c is ç, for no word of Turkish ends in a written c."""
_POSSESSIVES: Final = ("", "+Im", "+In", "(s)I", "+ImIz", "+InIz")
_CASES: Final = ("", "(y)I", "(y)A", "DA", "DAn", "(n)In", "(y)lA", "DAki", "(n)Inki", "DAkiler", "DAkilerin")
_CASES_AFTER_THIRD: Final = ("", "nI", "nA", "ndA", "ndAn", "nIn", "ylA", "ncA", "ndAki", "nInki", "ndAkiler")
_COPULA: Final = "DIr"
_BEFORE_VOWEL: Final = {
    "af": "aff",
    "had": "hadd",
    "hak": "hakk",
    "hat": "hatt",
    "his": "hiss",
    "ret": "redd",
    "sir": "sirr",
    "su": "suy",
    "tip": "tibb",
    "us": "uss",
    "zan": "zann",
    "zit": "zidd",
}
"""Words of Arabic origin whose last consonant doubles before a vowel (hak, hakkı), and su, which takes a y."""
_WITHOUT_POSSESSIVE: Final = {
    doubled + vowel: word for word, doubled in _BEFORE_VOWEL.items() for vowel in ("i", "u")
}


def turkish(word: Word) -> Iterator[Form]:
    """The noun with its possessives and cases, alone and in the plural."""
    text = word.folded
    if len(text) < 2 or not any(vowel in text for vowel in _VOWELS):
        return
    harmonies = _harmonies(word)
    yield text, _chains(_sound(text), harmonies)
    yield from _changed_stems(text, harmonies)
    if not word.first and text[-1] in "iu":
        yield text, _after_third(_sound(text), harmonies)
        yield from _plural_of_compound(text, harmonies)
    if not word.capital and text.endswith(("lar", "ler")) and len(text) > 5:
        yield text[:-3], _chains(_sound(text[:-3]), harmonies)


def _changed_stems(text: str, harmonies: str) -> Iterator[Form]:
    if text in _BEFORE_VOWEL:
        yield _BEFORE_VOWEL[text], _vocalic(_sound(_BEFORE_VOWEL[text]), harmonies)
    vowels = sum(letter in _VOWELS for letter in text)
    if vowels >= 2 or len(text) >= 4:
        softened = {"p": "b", "t": "d", "k": "g"}.get(text[-1])
        if softened and text[-2] != "s":
            yield text[:-1] + softened, _vocalic(_sound(text[:-1] + softened), harmonies)
    if 4 <= len(text) <= 6 and text[-2] in "iu" and text[-1] not in _VOWELS and text[-3] not in _VOWELS:
        # akıl, aklı: the vowel of the last syllable falls before another vowel.
        yield text[:-2] + text[-1], _vocalic(_sound(text), harmonies)


def _plural_of_compound(text: str, harmonies: str) -> Iterator[Form]:
    """The plural of a compound goes before its possessive (ihracat kısıtlaması, ihracat kısıtlamaları)."""
    stem = text[:-2] if text[-2] == "s" else text[:-1]
    stem = stem[:-1] + {"g": "k", "b": "p", "d": "t"}.get(stem[-1], stem[-1])  # uçağı, uçakları
    stem = _WITHOUT_POSSESSIVE.get(text, stem)
    if len(stem) > 3 or text in _WITHOUT_POSSESSIVE:
        chains = {f"l{wide}ri" for wide in harmonies}
        yield stem, frozenset(c + case for c in chains for case in _after_third("ri", harmonies))


def _harmonies(word: Word) -> str:
    """The wide vowels, a or e or both, that may follow the word."""
    last = next((c for c in reversed(word.written.casefold()) if c in "aeıioöuüâîû"), "")
    if last in {"ı", "a"}:
        loan = word.folded.endswith(("l", "at"))  # hal, saat: written back, spoken front
        return "ae" if loan else "a"
    if last in {"e", "ö", "ü"}:
        return "e"
    return "ae"


def _sound(text: str) -> str:
    """What of a word the suffixes agree with: its last vowel, and whether it ends in that, in t or in n."""
    vowel = _narrow(text) if text[-1] not in "ae" else text[-1]
    if text[-1] in _VOWELS:
        return vowel
    return vowel + ("t" if text[-1] in _VOICELESS else "n")


@cache
def _chains(tail: str, harmonies: str) -> frozenset[str]:
    """All chains after a word of a sound."""
    found = {""}
    for wide in harmonies:
        for number in ("", f"l{wide}r"):
            end = (tail + number)[-3:]
            for possessive in _POSSESSIVES:
                owned = number + _spell(possessive, end, wide)
                cases = _CASES_AFTER_THIRD if possessive == "(s)I" else _CASES
                found.update(owned + _spell(case, (tail + owned)[-3:], wide) for case in cases)
    found.update([chain + _spell(_COPULA, tail + chain, wide) for chain in list(found) for wide in harmonies])
    return frozenset(found)


@cache
def _vocalic(tail: str, harmonies: str) -> frozenset[str]:
    return frozenset(chain for chain in _chains(tail, harmonies) if chain[:1] in {"a", "e", "i", "u"})


@cache
def _after_third(tail: str, harmonies: str) -> frozenset[str]:
    return frozenset(_spell(case, tail, wide) for case in _CASES_AFTER_THIRD for wide in harmonies)


def _spell(suffix: str, before: str, wide: str) -> str:
    """A suffix as it is written after `before`: (x) a letter between vowels, + a vowel lost after a vowel."""
    after_vowel = before[-1:] in _VOWELS
    written: list[str] = []
    letters = suffix
    if letters.startswith("("):
        letters = letters[1] + letters[3:] if after_vowel else letters[3:]
    elif letters.startswith("+"):
        letters = letters[2:] if after_vowel else letters[1:]
    for letter in letters:
        so_far = before + "".join(written)
        if letter == "A":
            written.append(wide)
        elif letter == "I":
            written.append(_narrow(so_far))
        elif letter == "D":
            written.append("t" if so_far[-1:] in _VOICELESS else "d")
        else:
            written.append(letter)
    return "".join(written)


def _narrow(before: str) -> str:
    last = next((letter for letter in reversed(before) if letter in _VOWELS), "i")
    return "u" if last in "ou" else "i"


ALL_CHAINS: Final = frozenset(
    chain
    for tail in ("a", "e", "i", "u", "an", "en", "in", "un", "at", "et", "it", "ut")
    for chain in _chains(tail, "ae")
) - endings("-")
"""Every chain after any word: for names and acronyms, whose sound the spelling does not tell."""
AFTER_APOSTROPHE: Final = ALL_CHAINS | {
    f"l{vowel}{chain}" for vowel in "iu" for chain in _chains(vowel, "ae")
}
"""What may stand behind an apostrophe: those chains, also behind the -li that makes a party's people of it."""
