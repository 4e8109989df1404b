"""The grammar of one term, shared by whatever reads terms.

phrase   any case, any diacritics, inflection tolerated
=X       exactly as written
X*       a prefix of a word
re:X     a regular expression of google-re2
$x       an entity, or a list in whose place its items stand; `=$X` is the literal text
title:…  any of these, in the title alone; `=title:X` is the literal text
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from bot.rules.definitions import Term, TermKind

NAME: Final = re.compile(r"[a-z0-9-]+")
"""Names of rules, entities and lists, matched whole."""

_TITLE: Final = "title:"


def parse_term(text: str) -> Term:
    """Read a term as it stands in a rules file.

    Raises ValueError with a sentence `what; what to do` where it cannot be a term. Whether a regular
    expression compiles and whether an entity exists is for the caller to check.
    """
    text = text.strip()
    if not text.startswith(_TITLE):
        return _parse_bare(text)
    bare = text.removeprefix(_TITLE).strip()
    if not bare:
        raise ValueError("title: stands alone; write the term that must stand in the title behind it")
    if bare.startswith(_TITLE):
        raise ValueError("title: stands twice; write it once")
    return replace(_parse_bare(bare), title=True)


def _parse_bare(text: str) -> Term:
    if not text:
        raise ValueError("the term is empty; write a word or a phrase")
    if text.startswith("="):
        return _term(
            TermKind.EXACT, text[1:], "= stands alone; write the text that must stand exactly so behind it"
        )
    if text.startswith("re:"):
        return _term(TermKind.REGEX, text[3:], "re: stands alone; write a regular expression behind it")
    if text.startswith("$"):
        if not NAME.fullmatch(text[1:]):
            raise ValueError(
                f"{text} is no name of an entity or a list; use a-z, 0-9 and -, or write ={text} for the literal text"
            )
        return Term(kind=TermKind.ENTITY, text=text[1:])
    if text.endswith("*"):
        return _term(TermKind.PREFIX, text[:-1], "* stands alone; write the beginning of a word before it")
    return Term(kind=TermKind.PHRASE, text=text)


def _term(kind: TermKind, text: str, problem: str) -> Term:
    text = text.strip() if kind is not TermKind.REGEX else text
    if not text:
        raise ValueError(problem)
    return Term(kind=kind, text=text)
