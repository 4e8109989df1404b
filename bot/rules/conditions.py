"""When a group holds, and which hits make it hold.

A choice that satisfies a group holds one hit of each item of `all`, and hits of enough items of `any`; the hits of
an item that is a group are again those of a choice. `near` and `scope` are asked of all hits of a choice together.
The evidence of a group are all hits that take part in some choice that satisfies it.

Which leaves of a group stand is a mask of bits, so that the groups in a group which ask for no closeness of their
own are one function of that mask. Those that do are leaves, and are evaluated over the hits that the group around
them lets through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bot.rules.definitions import Scope
from bot.rules.finders import Finder, LiteralFinder
from bot.rules.hits import Hit, Hits
from bot.rules.near import near_hits, windows
from bot.rules.reading import TITLE, Reading

Standing: TypeAlias = Mapping[Finder, Hits]
"""The finders of which there are hits, with these."""
Part: TypeAlias = "Finder | Condition"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part of a condition that stands where its bit is set."""

    bit: int

    def counting(self, mask: int) -> int | None:
        """The bits that make it hold; None where it does not."""
        return self.bit if mask & self.bit else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enough:
    """Items of which `at_least` different ones must stand, whose weights come to `threshold`."""

    items: tuple[tuple[object, float, Node], ...]
    at_least: int
    threshold: float

    def counting(self, mask: int) -> int | None:
        """The bits that make it hold; None where it does not."""
        counted = 0
        weights: dict[object, float] = {}
        for key, weight, item in self.items:
            bits = item.counting(mask)
            if bits is not None:
                counted |= bits
                weights[key] = max(weight, weights.get(key, 0.0))
        enough = len(weights) >= self.at_least and reaches(weights.values(), self.threshold)
        return counted if enough else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A group that asks for no closeness: all of some, and enough of others."""

    all: tuple[Node, ...]
    any: Enough | None

    def counting(self, mask: int) -> int | None:
        """The bits that make it hold; None where it does not."""
        counted = 0
        for part in (*self.all, self.any) if self.any else self.all:
            bits = part.counting(mask)
            if bits is None:
                return None
            counted |= bits
        return counted


Node: TypeAlias = Leaf | Branch


def reaches(weights: Iterable[float], threshold: float) -> bool:
    """Whether weights come to a threshold; ten times 0.1 comes to 1."""
    return sum(weights) >= threshold - 1e-9


class Condition:
    """A compiled group."""

    __slots__ = ("_finders", "_free", "_inner", "_literals", "_near", "_others", "_root", "_scope", "_vetoes")

    def __init__(
        self,
        root: Branch,
        leaves: Mapping[Part, int],
        vetoes: Mapping[int, tuple[Part, ...]],
        *,
        near: int | None,
        scope: Scope | None,
    ) -> None:
        self._root = root
        self._near = near
        self._scope = scope
        self._vetoes = dict(vetoes)
        self._finders = {part: bit for part, bit in leaves.items() if isinstance(part, Finder)}
        self._inner = {part: bit for part, bit in leaves.items() if isinstance(part, Condition)}
        self._free = sum([*self._vetoes, *self._inner.values()])
        deep = [*self._finders, *(finder for inner in self._inner for finder in inner.finders)]
        self._literals = {finder.number: finder for finder in deep if isinstance(finder, LiteralFinder)}
        self._others = tuple(dict.fromkeys(f for f in deep if not isinstance(f, LiteralFinder)))

    @property
    def finders(self) -> tuple[Finder, ...]:
        """All finders whose hits can be evidence."""
        return (*self._literals.values(), *self._others)

    def evidence(self, reading: Reading) -> Hits | None:
        """The hits that make the condition hold, in no order; None where it does not hold."""
        found = reading.found
        standing: dict[Finder, Hits] = {
            self._literals[number]: found[number] for number in self._literals.keys() & found.keys()
        }
        for finder in self._others:
            if hits := finder.hits(reading):
                standing[finder] = hits
        if not self._may_hold(standing):
            return None
        return self.held(reading, standing)

    def _may_hold(self, standing: Standing) -> bool:
        """Whether it would hold if no exclusion and no distance stood against it; a cheap look that spares most."""
        mask = self._free
        for finder in standing:
            mask |= self._finders.get(finder, 0)
        return self._root.counting(mask) is not None

    def held(self, reading: Reading, standing: Standing) -> Hits | None:
        """The evidence among some hits, of which others than its own are passed over."""
        mask = 0
        for bit, parts in self._vetoes.items():
            if not any(stands(part, reading) for part in parts):
                mask |= bit
        if self._scope is None:
            return self._close(reading, mask, standing)
        if self._scope is Scope.TITLE:
            return self._close(reading, mask, _clipped(standing, lambda hit: hit[0] == TITLE))
        return self._in_units(reading, self._scope, mask, standing)

    def _in_units(self, reading: Reading, scope: Scope, mask: int, standing: Standing) -> Hits | None:
        units: dict[tuple[int, int], dict[Finder, Hits]] = {}
        for finder, hits in standing.items():
            for hit in hits:
                units.setdefault(reading.unit(scope, hit), {}).setdefault(finder, []).append(hit)
        return _together(self._close(reading, mask, unit) for unit in [{}, *units.values()])

    def _close(self, reading: Reading, mask: int, standing: Standing) -> Hits | None:
        if self._near is None:
            return self._plain(reading, mask, standing)
        if self._inner:
            return self._in_windows(reading, self._near, mask, standing)
        return near_hits(
            self._by_bit(standing),
            self._near,
            reading.half_words,
            lambda bits: self._root.counting(bits | mask),
        )

    def _by_bit(self, standing: Standing) -> dict[int, Hits]:
        return {self._finders[finder]: hits for finder, hits in standing.items() if finder in self._finders}

    def _in_windows(self, reading: Reading, near: int, mask: int, standing: Standing) -> Hits | None:
        finders = [finder for finder in self.finders if finder in standing]
        hits = {number: standing[finder] for number, finder in enumerate(finders)}
        return _together(
            self._plain(reading, mask, {finders[number]: inside for number, inside in window.items()})
            for window in ({}, *windows(hits, near, reading.half_words))
        )

    def _plain(self, reading: Reading, mask: int, standing: Standing) -> Hits | None:
        found = self._by_bit(standing)
        for inner, bit in self._inner.items():
            hits = inner.held(reading, standing)
            if hits is not None:
                mask |= bit
                found[bit] = hits
        for bit in found:
            mask |= bit
        counted = self._root.counting(mask)
        if counted is None:
            return None
        return [hit for bit, hits in found.items() if counted & bit for hit in hits]


def stands(part: Part, reading: Reading) -> bool:
    """Whether a term stands in an article, or a condition holds."""
    if isinstance(part, Condition):
        return part.evidence(reading) is not None
    return bool(part.hits(reading))


def _clipped(standing: Standing, counts: Callable[[Hit], bool]) -> Standing:
    clipped = {finder: [hit for hit in hits if counts(hit)] for finder, hits in standing.items()}
    return {finder: hits for finder, hits in clipped.items() if hits}


def _together(results: Iterable[Hits | None]) -> Hits | None:
    """What several places give; None where none does."""
    held = [hits for hits in results if hits is not None]
    return list({hit for hits in held for hit in hits}) if held else None
