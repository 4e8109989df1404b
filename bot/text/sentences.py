"""Splits running text into sentences, for summaries in any of the languages that news comes in.

A line break ends a sentence. A full stop does where white space and no small letter follow, unless it belongs to
an abbreviation (Dr., z.B., т.е.), an initial (J. K.) or an ordinal (3. Oktober); the stops of Chinese, Japanese,
Arabic, Urdu and Hindi do by themselves. Quotes and brackets that close behind a stop belong to its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_STOP: Final = re.compile(
    r"(?P<stop>[.!?…؟۔।॥]+|[。！？｡]+[。！？｡….!?]*)(?P<close>(?:[\"'”“’‘)\]）」』】》›]|[\s\u00a0\u202f]?»)*)(?P<gap>\s*)"
)
_OPENERS: Final = "\"'“‘„«»([（「『【《‹¿¡—–-•* \u00a0\u202f"
_FULL_WIDTH: Final = frozenset("。！？｡")
_BEFORE: Final = re.compile(r"[^\s\"'“”‘’„«»()\[\]（）「」]+$")
_FIRST_WORD: Final = re.compile(r"\w+")
_INITIAL: Final = re.compile(r"(?:[^\W\d_]\.-?)*[^\W\d_]")
_ORDINAL: Final = re.compile(r"\d{1,2}")
_LIST_NUMBER: Final = re.compile(r"(?:\d{1,3}|[^\W\d_])")
_HIRAGANA: Final = re.compile(r"[\u3040-\u309f]")

_ORDINALS_IN: Final = frozenset(
    {None, "de", "tr", "cs", "sk", "da", "no", "fi", "hu", "hr", "sl", "sr", "pl", "et", "lv"}
)
"""Languages that write ordinal numbers with a full stop."""

_NEVER_LAST: Final = frozenset(
    (
        # English
        "mr mrs ms dr prof st mt ft gen col lt sgt capt cmdr maj adm rep sen gov rev hon pres messrs vs no nos vol "
        "fig figs pp ed eds est approx dept e.g i.e cf al jan feb mar apr jun jul aug sep sept oct nov dec "
        # German
        "z.b z b d.h u.a s.o hr fr frau hrn bzw ca nr str bsp evtl ggf inkl abb bd dipl ing mag tel vgl zzgl geb mio mrd mill tsd "
        # French, Spanish, Italian, Portuguese
        "mme mlle mm p.ex art sra srta ud uds d dña dª p.ej núm pág av dott sig ing avv on sr exmo exma "
        # Turkish
        "bkz doç yrd sn örn age s.a.v müh av öğr alb tğm cad sok mah hz "
        # Russian, Ukrainian
        "т.е т.к т.н т.ч им ул проф акад св гг стр рис см ср напр д-р пр-т тов чл кв обл респ род наст "
    ).split()
)
"""Abbreviations that want another word behind them; what stands before the stop, in small letters."""

_MAYBE_LAST: Final = frozenset(
    (
        "etc inc ltd co corp plc llc bros jr sr a.m p.m u.s u.k u.n e.u u.s.a usw u.s.w gmbh ag vb vs a.ş şti ltd "
        "т.д т.п др пр г в руб коп млн млрд тыс тел ee.uu s.a cía"
    ).split()
)
"""Abbreviations that may end a sentence: they do where the next word is one that begins sentences."""

_BEGINNERS: Final = frozenset(
    (
        "the a an in on at it its he she they we i you but and this that these those there as for with when while after "
        "before if however his her their our der die das ein eine er sie es wir im in am und aber doch nach bei mit "
        "le la les un une il elle ils elles on en mais dans el los las una pero también desde "
        "bu şu o bir ancak ama ve bunun bunu в на он она они это но и по как при однако"
    ).split()
)


def split(text: str, *, language: str | None = None) -> tuple[tuple[int, int], ...]:
    """Start and end of each sentence, without the white space around it.

    `language` (ISO 639-1) decides whether a full stop behind a small number makes an ordinal of it; unknown, it does.
    """
    spans = []
    for begin, end in lines(text):
        start = begin
        for boundary in _boundaries(text, begin, end, language):
            spans.append((start, boundary))
            start = boundary
        spans.append((start, end))
    return tuple(span for span in (_trimmed(text, *span) for span in spans) if span[0] < span[1])


def sentences(text: str, *, language: str | None = None) -> list[str]:
    """The sentences of a text, in order."""
    return [text[start:end] for start, end in split(text, language=language)]


def lines(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each line with what ends it; a line is a paragraph in the texts of articles."""
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, start + len(line)
        start += len(line)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def _boundaries(text: str, begin: int, end: int, language: str | None) -> Iterator[int]:
    sentence = begin
    for match in _STOP.finditer(text, begin, end):
        if match.end() >= end:
            return
        if _ends_sentence(text, sentence, match, language):
            sentence = match.end("close")
            yield sentence


def _ends_sentence(text: str, sentence: int, match: re.Match[str], language: str | None) -> bool:
    following = text[match.end() : match.end() + 40].lstrip(_OPENERS)
    if match["stop"][0] in _FULL_WIDTH:
        # 「行く。」と言った: the quoted sentence goes on in the sentence around it.
        return not (match["close"] and not match["gap"] and _HIRAGANA.match(following))
    if not match["gap"] or following[:1].islower():
        return False
    return match["stop"] != "." or not _belongs_to_word(text[sentence : match.start()], following, language)


def _belongs_to_word(before: str, following: str, language: str | None) -> bool:
    """Whether a full stop is part of the word before it and not the end of a sentence."""
    match = _BEFORE.search(before[-40:])
    if match is None:
        return False
    word = match[0]
    if word == before.strip() and _LIST_NUMBER.fullmatch(word):
        return True
    if _ORDINAL.fullmatch(word):
        return language in _ORDINALS_IN
    small = word.casefold().lstrip("-–—/")
    if small in _NEVER_LAST:
        return True
    if small in _MAYBE_LAST or _INITIAL.fullmatch(word):
        first = _FIRST_WORD.match(following)
        return first is None or first[0].casefold() not in _BEGINNERS
    return False
