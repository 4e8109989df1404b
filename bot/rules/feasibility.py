"""Whether the numbers in rules and groups can be met, once the lists that they name stand in their places.

A list that is named several times over can grow without bound (each of thirty lists naming the one before
twice makes 2³⁰ terms), so that it is measured here before anything is put in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import isclose
from typing import Final

from bot.rules import outline
from bot.rules.findings import Findings, Mistake, Place, quoted
from bot.rules.outline import Roots, sections
from bot.rules.scalars import read_amount, read_count, read_positive
from bot.rules.yaml_nodes import MapEntry, MapNode, Node, ScalarNode

MOST_TERMS: Final = 1_000_000
"""Terms of all lists, rules and entities together."""

DEEPEST: Final = 16
"""Groups within each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How much stands in a list of items.

    `items` count singly, `weight` is what they come to, `hits` how many places in an article they need together,
    `most_hits` how many one of them can need, `terms` all that there are within, `depth` how deep groups go.
    """

    items: int = 0
    weight: float = 0.0
    hits: int = 0
    most_hits: int = 0
    terms: int = 0
    depth: int = 0

    def __add__(self, other: Measure) -> Measure:
        return Measure(
            items=min(self.items + other.items, MOST_TERMS + 1),
            weight=self.weight + other.weight,
            hits=min(self.hits + other.hits, MOST_TERMS + 1),
            most_hits=max(self.most_hits, other.most_hits),
            terms=min(self.terms + other.terms, MOST_TERMS + 1),
            depth=max(self.depth, other.depth),
        )


_NOTHING: Final = Measure()
_TERM: Final = Measure(items=1, weight=1.0, hits=1, most_hits=1, terms=1)


def check_feasibility(roots: Roots, order: Iterable[str], findings: Findings) -> None:
    """Note what cannot be met; `order` are the names of entities and lists, each after those that it names."""
    check = _Check(findings)
    lists = {entry.key.text: entry for entry in outline.entries(roots, "lists")}
    for name in order:
        if name in lists:
            check.list(lists[name])
    for entry in lists.values():
        check.groups(outline.groups(entry.value))
    for entry in outline.entries(roots, "entities"):
        check.names_only(outline.terms_of_entity(entry.value))
    for rule in sections(roots, "rules"):
        check.rule(rule)
        check.groups([rule])
        for key in outline.GROUP_LISTS:
            check.groups(outline.groups(rule.get(key)))


class _Check:
    """The measures of lists, and what they are held against."""

    def __init__(self, findings: Findings) -> None:
        self._lists: dict[str, Measure] = {}
        self._findings = findings
        self._terms = 0
        self._too_deep = False

    def list(self, entry: MapEntry) -> None:
        """Measure a list; those that it names were measured before."""
        measure = self.measure(entry.value)
        self._lists[entry.key.text] = measure
        self._grow(entry.key, measure)

    def measure(self, node: Node | None) -> Measure:
        """What stands in a list of items."""
        items = outline.items(node)
        if not items:
            return _NOTHING
        others = [item for item in items if isinstance(item, MapNode) or _may_name_a_list(item)]
        plain = len(items) - len(others)
        total = Measure(items=plain, weight=plain, hits=plain, most_hits=min(plain, 1), terms=plain)
        for item in others:
            total += self._of_item(item)
        return total

    def rule(self, rule: MapNode) -> None:
        """Note a rule that is too much; a list in several rules stands in each."""
        self._grow(rule, self._of_group(rule))

    def groups(self, groups: Iterable[MapNode]) -> None:
        """Note the numbers of groups that cannot be met."""
        for group in groups:
            any_of = self.measure(group.get("any"))
            for node, what, remedy in (*_of_counts(group, any_of), *self._of_distance(group, any_of)):
                self._findings.add(node, what, remedy)

    def names_only(self, terms: Iterable[ScalarNode]) -> None:
        """Note lists that hold more than terms, where only terms may stand."""
        for term in terms:
            name = outline.mentioned(term)
            found = self._lists.get(name) if name is not None else None
            if found:
                if found.depth:
                    self._findings.add(
                        term,
                        f"the list {quoted(str(name))} holds a group, which cannot stand here",
                        "name a list of terms alone",
                    )
                self._grow(term, found)

    def _grow(self, place: Place, by: Measure) -> None:
        if by.depth > DEEPEST and not self._too_deep:
            self._too_deep = True
            self._findings.add(
                place, f"groups stand more than {DEEPEST} deep within each other", "nest them less deeply"
            )
        before, self._terms = self._terms, self._terms + by.terms
        if before <= MOST_TERMS < self._terms:
            self._findings.add(
                place,
                f"with all lists put in their places there are more than {MOST_TERMS:,} terms from here on",
                "make the lists shorter, or name an entity in their place",
            )

    def _of_item(self, item: Node) -> Measure:
        if not isinstance(item, MapNode):
            return self._of_term(item)
        measure = (
            self._of_term(item.entries["term"].value) if "term" in item.entries else self._of_group(item)
        )
        weight = _number(item, "weight")
        return measure if weight == 1 else replace(measure, weight=measure.weight * weight)

    def _of_term(self, node: Node) -> Measure:
        name = outline.mentioned(node) if isinstance(node, ScalarNode) else None
        return self._lists.get(name, _TERM) if name is not None else _TERM

    def _of_group(self, group: MapNode) -> Measure:
        any_of, all_of, none_of = (self.measure(group.get(key)) for key in outline.GROUP_LISTS)
        hits = all_of.hits + self._hits_of_any(group, any_of)
        return Measure(
            items=1,
            weight=1.0,
            hits=min(hits, MOST_TERMS + 1),
            most_hits=hits,
            terms=min(any_of.terms + all_of.terms + none_of.terms, MOST_TERMS + 1),
            depth=max(any_of.depth, all_of.depth, none_of.depth) + 1,
        )

    def _hits_of_any(self, group: MapNode, any_of: Measure) -> int:
        """How many places the items of `any` can need together."""
        if "threshold" in group.entries:
            return any_of.hits
        at_least = _at_least(group) or 1
        return max(any_of.most_hits, at_least) if any_of.items else 0

    def _of_distance(self, group: MapNode, any_of: Measure) -> Iterator[tuple[Place, str, str]]:
        near = group.get("near")
        if near is None or not _is_count(near) or not (any_of.items or group.get("all")):
            return
        if self.measure(group.get("all")).hits + self._hits_of_any(group, any_of) < 2:
            yield (
                near,
                "`near` has only one thing to measure",
                "list two or more terms under `all`, or remove `near`",
            )


def _of_counts(group: MapNode, any_of: Measure) -> Iterator[tuple[Place, str, str]]:
    at_least, node = _at_least(group), group.get("at_least")
    if at_least is not None and node and 0 < any_of.items < at_least:
        count = "only one item" if any_of.items == 1 else f"only {any_of.items} items"
        yield node, f"`at_least` is {at_least}, but `any` has {count}", "lower it, or list more"
    threshold, node = _number(group, "threshold"), group.get("threshold")
    if node and any_of.items and any_of.weight < threshold and not isclose(any_of.weight, threshold):
        yield (
            node,
            f"`threshold` is {threshold:g}, but the weights under `any` come to {any_of.weight:g}",
            "lower it, or give the items more `weight`",
        )


def _may_name_a_list(item: Node) -> bool:
    return isinstance(item, ScalarNode) and "$" in item.text


def _at_least(group: MapNode) -> int | None:
    node = group.get("at_least")
    try:
        return read_positive(node) if node else None
    except Mistake:
        return None


def _is_count(node: Node) -> bool:
    try:
        read_count(node)
    except Mistake:
        return False
    return True


def _number(section: MapNode, key: str) -> float:
    """A number above 0; 1 where it is absent or malformed, as the schema tells."""
    node = section.get(key)
    try:
        return read_amount(node) if node else 1.0
    except Mistake:
        return 1.0
