"""Collects what is wrong with rules files, so that one run tells all of it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from bot.errors import Problem

LONGEST_QUOTE: Final = 60
"""Characters of the operator's own text that a sentence repeats."""

MOST_TOLD: Final = 1000
"""Problems that are told one by one; nobody reads more in one go."""

MOST_CANDIDATES: Final = 1000
"""Comparing a word with more names than this costs more than the hint is worth."""


class Place(Protocol):
    """Anything that stands somewhere in a file, counted from 1."""

    @property
    def file(self) -> str:
        """The file's name, as problems tell it."""

    @property
    def line(self) -> int:
        """The line."""

    @property
    def column(self) -> int:
        """The column, in code points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A bare place; without line and column the file as a whole."""

    file: str
    line: int = 1
    column: int = 1


class Mistake(ValueError):
    """A value that cannot be; `key` names the key to point at where a whole section was judged."""

    def __init__(self, what: str, remedy: str, *, key: str | None = None) -> None:
        super().__init__(f"{what}; {remedy}")
        self.what = what
        self.remedy = remedy
        self.key = key


class Mistakes(ValueError):
    """All that is wrong with a section as a whole."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


class Findings:
    """The problems of a rules file, which `file` names, and of those that it includes."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._problems: list[Problem] = []
        self._places: set[tuple[str, int, int]] = set()

    def __len__(self) -> int:
        return len(self._problems)

    def add(self, place: Place, what: str, remedy: str) -> None:
        """Note one problem."""
        self._places.add((place.file, place.line, place.column))
        self._problems.append(
            Problem(file=place.file, line=place.line, column=place.column, what=what, remedy=remedy)
        )

    def add_new(self, others: Findings) -> None:
        """Take over what others found where nothing was noted before, for one mistake often shows twice."""
        taken = frozenset(self._places)
        for problem in others._problems:
            if (problem.file, problem.line, problem.column) not in taken:
                self.add(problem, problem.what, problem.remedy)

    def in_order(self) -> tuple[Problem, ...]:
        """The problems by position, those of the file itself first; of very many the first, and how many follow."""
        ordered = sorted(self._problems, key=lambda problem: (problem.file != self.file, problem))
        told = ordered[:MOST_TOLD]
        if len(ordered) > MOST_TOLD:
            what = f"{len(ordered) - MOST_TOLD:,} more problems begin here"
            told.append(replace(ordered[MOST_TOLD], what=what, remedy="mend those above first"))
        return tuple(told)


def brief(text: str, longest: int = LONGEST_QUOTE) -> str:
    """A text on one line, of bearable length, with nothing invisible in it."""
    shown = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in shown
    )


def quoted(text: str) -> str:
    """The operator's own words inside a sentence."""
    return f"`{brief(text)}`"


def where(place: Place, seen_from: Place) -> str:
    """A place inside a sentence that is told at another one."""
    if place.file != seen_from.file:
        return f"in {place.file}:{place.line}"
    return "in this same line" if place.line == seen_from.line else f"in line {place.line}"


def listed(names: Iterable[str]) -> str:
    """Several names inside a sentence."""
    return ", ".join(quoted(name) for name in names)


def did_you_mean(word: str, candidates: Iterable[str], *, likeness: float = 0.65) -> str | None:
    """The question that names the nearest candidate, None where none is as like as `likeness` (1 is equal)."""
    names = {name.casefold(): name for name in candidates}
    if len(names) > MOST_CANDIDATES or len(word) > LONGEST_QUOTE:
        return None
    nearest = difflib.get_close_matches(word.casefold(), names, n=1, cutoff=likeness)
    return f"did you mean {quoted(names[nearest[0]])}?" if nearest else None
