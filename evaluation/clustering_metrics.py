"""How far two labellings of the same things agree, from counts of what they have in common.

A labelling gives each thing's id the label of its group. Pairs are counted from the sizes of groups and of their
overlaps, so that no pair is ever listed.

Pairs: of the pairs that are joined, how many should be. B-cubed (Bagga and Baldwin 1998): the same asked of each
thing about its own group, and averaged, so that a large group weighs as much as its things. Adjusted Rand index
(Hubert and Arabie 1985): agreement over pairs, joined or not, where 0 is what chance gives and 1 is perfect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from math import comb
from typing import TypeAlias

Labels: TypeAlias = Mapping[str, Hashable]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Of what was joined the share that belongs together, and of what belongs together the share that was joined."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Pairs of things: joined in one labelling, in the other, in both; and all that there are."""

    first: int
    second: int
    both: int
    all: int

    @property
    def changed(self) -> int:
        """Pairs that are joined in one labelling only."""
        return self.first + self.second - 2 * self.both

    @property
    def changed_of_joined(self) -> float:
        """Of the pairs that either labelling joins, the share that the other does not."""
        either = self.first + self.second - self.both
        return self.changed / either if either else 0.0

    @property
    def changed_of_all(self) -> float:
        """The same, of all pairs."""
        return self.changed / self.all if self.all else 0.0


def common_pairs(first: Labels, second: Labels) -> Pairs:
    """The pairs that two labellings join. Raises ValueError where they are not of the same things."""
    _check(first, second)
    return Pairs(
        first=_pairs(Counter(first.values()).values()),
        second=_pairs(Counter(second.values()).values()),
        both=_pairs(_overlaps(first, second).values()),
        all=comb(len(first), 2),
    )


def pairwise(gold: Labels, found: Labels) -> Score:
    """Precision and recall over pairs; where nothing is joined, nothing is wrong. Raises ValueError as above."""
    pairs = common_pairs(gold, found)
    return Score(
        precision=pairs.both / pairs.second if pairs.second else 1.0,
        recall=pairs.both / pairs.first if pairs.first else 1.0,
    )


def b_cubed(gold: Labels, found: Labels) -> Score:
    """Precision and recall of each thing's group, averaged over the things. Raises ValueError as above."""
    _check(gold, found)
    if not gold:
        return Score(precision=1.0, recall=1.0)
    right, joined = Counter(gold.values()), Counter(found.values())
    overlaps = _overlaps(gold, found)
    return Score(
        precision=sum(size**2 / joined[group] for (_, group), size in overlaps.items()) / len(gold),
        recall=sum(size**2 / right[group] for (group, _), size in overlaps.items()) / len(gold),
    )


def adjusted_rand(gold: Labels, found: Labels) -> float:
    """The adjusted Rand index, 1 for equal labellings whatever they are. Raises ValueError as above."""
    pairs = common_pairs(gold, found)
    if not pairs.changed:
        return 1.0
    expected = pairs.first * pairs.second / pairs.all
    return (pairs.both - expected) / ((pairs.first + pairs.second) / 2 - expected)


def _overlaps(first: Labels, second: Labels) -> Counter[tuple[Hashable, Hashable]]:
    """How many things have a label of the one labelling and a label of the other: the contingency table."""
    return Counter((label, second[key]) for key, label in first.items())


def _pairs(sizes: Iterable[int]) -> int:
    return sum(comb(size, 2) for size in sizes)


def _check(first: Labels, second: Labels) -> None:
    if first.keys() != second.keys():
        odd = min(first.keys() ^ second.keys())
        raise ValueError(f"only one of the two labellings has {odd!r}; they must be of the same things")
