"""What every language's inflection speaks in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from bot.text.fold import fold_key

Form: TypeAlias = tuple[str, frozenset[str]]
"""A stem, and the endings with which it may stand; both folded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word of a term: folded, and as written; where in the term it stands.

    `first` and `last` tell the head of a phrase from its attributes. `script` is as tokens.py names it.
    """

    folded: str
    written: str
    script: str
    first: bool = True
    last: bool = True

    @property
    def capital(self) -> bool:
        """Whether it is written like a name."""
        return self.written[:1].isupper()

    @property
    def acronym(self) -> bool:
        """Whether it is all capitals."""
        return len(self.written) > 1 and self.written.isupper()


Inflector: TypeAlias = Callable[[Word], Iterable[Form]]


@cache
def endings(text: str) -> frozenset[str]:
    """Endings, or words, listed with spaces between, as a folded set; "-" is the empty ending."""
    return frozenset("" if ending == "-" else fold_key(ending) for ending in text.split())
