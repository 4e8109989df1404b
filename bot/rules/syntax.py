"""The grammar of one term, shared by whatever reads terms.

phrase   any case, any diacritics, inflection tolerated
=X       exactly as written
X*       a prefix of a word
re:X     a regular expression of google-re2
$x       an entity; `=$X` is the literal text
"""

from __future__ import annotations

import re
from typing import Final

from bot.rules.definitions import Term, TermKind

NAME: Final = re.compile(r"[a-z0-9-]+")
"""Names of rules and entities, matched whole."""


def parse_term(text: str) -> Term:
    """Read a term as it stands in a rules file.

    Raises ValueError with a sentence `what; what to do` where it cannot be a term. Whether a regular
    expression compiles and whether an entity exists is for the caller to check.
    """
    text = text.strip()
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
                f"{text} is no name of an entity; use a-z, 0-9 and -, or write ={text} for the literal text"
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
