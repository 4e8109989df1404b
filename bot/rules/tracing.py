"""Why a rule rang or did not: the rule's expression, part by part, with nearest misses.

What holds is asked of the same conditions and finders by which rules match; here is only what to say of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from bot.rules.compiler import Compiler, is_open, key_of
from bot.rules.conditions import reaches
from bot.rules.definitions import Group, Item, Rule, Scope, Term
from bot.rules.hits import Hit, Hits, longest
from bot.rules.near import ends_of_choice
from bot.rules.reading import Reading
from bot.rules.trace import RuleTrace, Trace, TraceKind

_FARTHEST: Final = 100_000
"""Words within which the nearest miss of `near` is looked for."""


def trace_rule(rule: Rule, reading: Reading, compiler: Compiler) -> RuleTrace:
    """What became of a rule."""
    tracer = _Tracer(reading, compiler)
    restrictions = tuple(reading.restrictions(rule))
    root = tracer.group(rule.when)
    notes = dict.fromkeys([*restrictions, *(node.note for node in root.walk() if node.note)])
    rang = not restrictions and bool(compiler.condition(rule.when).evidence(reading))
    return RuleTrace(rule=rule.id, rang=rang, root=root, notes=tuple(notes))


class _Tracer:
    def __init__(self, reading: Reading, compiler: Compiler) -> None:
        self._reading = reading
        self._compiler = compiler

    def item(self, item: Item, *, weighted: bool) -> Trace:
        """A term or a group in a list."""
        trace = self.term(item.of) if isinstance(item.of, Term) else self.group(item.of)
        if not weighted or item.weight == 1:
            return trace
        weight = f"weight: {item.weight:g}"
        return replace(trace, text=f"{trace.text}, {weight}" if trace.text else weight)

    def term(self, term: Term) -> Trace:
        """A term, with the hits that do not count."""
        judgement = self._compiler.finder(term).judge(self._reading)
        return Trace(
            kind=TraceKind.TERM,
            text=str(term),
            held=bool(judgement.hits),
            hits=self._reading.spans(longest(judgement.hits)),
            cancelled=self._reading.spans(longest(judgement.cancelled)),
            note="; ".join(judgement.notes) or None,
        )

    def group(self, group: Group) -> Trace:
        """A group, with its lists."""
        hits = self._evidence(group)
        return Trace(
            kind=TraceKind.GROUP,
            text=_short(group),
            held=hits is not None,
            hits=self._reading.spans(longest(hits or [])),
            note=self._miss(group) if hits is None else None,
            children=tuple(self._lists(group)),
        )

    def _lists(self, group: Group) -> Iterator[Trace]:
        if group.all:
            items = tuple(self.item(item, weighted=False) for item in group.all)
            yield _listed(TraceKind.ALL, items, held=all(item.held for item in items))
        if group.any:
            yield self._any(group)
        if group.none:
            items = tuple(self.item(item, weighted=False) for item in group.none)
            standing = [item for item in items if item.held]
            note = f"excluded by {', '.join(_name(item) for item in standing)}" if standing else None
            yield _listed(TraceKind.NONE, items, held=not standing, note=note)

    def _any(self, group: Group) -> Trace:
        items = tuple(self.item(item, weighted=group.threshold is not None) for item in group.any)
        held: dict[object, float] = {}
        for item, trace in zip(group.any, items, strict=True):
            if trace.held:
                key = key_of(item.of)
                held[key] = max(item.weight, held.get(key, 0.0))
        notes = []
        least = group.at_least or (0 if group.threshold is not None else 1)
        if len(held) < least and (group.at_least or 0) > 1:
            notes.append(f"only {len(held)} of {least} (`at_least`)")
        if group.threshold is not None and not reaches(held.values(), group.threshold):
            notes.append(f"weights {sum(held.values()):g} of {group.threshold:g} (`threshold`)")
        enough = len(held) >= least and reaches(held.values(), group.threshold or 0.0)
        return _listed(TraceKind.ANY, items, held=enough, note="; ".join(notes) or None)

    def _miss(self, group: Group) -> str | None:
        """Why a group does not hold although enough of it stands somewhere."""
        if is_open(group) or self._evidence(replace(group, near=None, scope=None)) is None:
            return None
        if self._evidence(replace(group, near=None)) is None:
            return "not in the title" if group.scope is Scope.TITLE else f"not in one {group.scope}"
        return self._distance(group) if group.near is not None else None

    def _distance(self, group: Group) -> str | None:
        low, high = group.near or 0, _FARTHEST
        if self._evidence(replace(group, near=high)) is None:
            return None
        while high - low > 1:
            middle = (low + high) // 2
            if self._evidence(replace(group, near=middle)) is None:
                low = middle
            else:
                high = middle
        hits = self._evidence(replace(group, near=high)) or []
        first, last = ends_of_choice(hits, high, self._reading.half_words)
        return f"{self._named(group, last)} is {high} words from {self._named(group, first)}, `near` is {group.near}"

    def _evidence(self, group: Group) -> Hits | None:
        return self._compiler.condition(group).evidence(self._reading)

    def _named(self, group: Group, hit: Hit) -> str:
        """A hit as the term of which it is one."""
        for term in _terms(group):
            if hit in self._compiler.finder(term).hits(self._reading):
                return f"`{term}`"
        return f"`{self._reading.spans([hit])[0].text}`"


def _listed(kind: TraceKind, items: tuple[Trace, ...], *, held: bool, note: str | None = None) -> Trace:
    return Trace(kind=kind, text=kind.value, held=held, note=note, children=items)


def _name(item: Trace) -> str:
    if item.kind is TraceKind.TERM:
        return f"`{item.text}`"
    return " and ".join(dict.fromkeys(f"`{span.text}`" for span in item.hits)) or "a group"


def _terms(group: Group) -> Iterator[Term]:
    for item in (*group.all, *group.any):
        if isinstance(item.of, Term):
            yield item.of
        else:
            yield from _terms(item.of)


def _short(group: Group) -> str:
    """What a group asks for beside its lists."""
    asked = {
        "at_least": group.at_least,
        "threshold": None if group.threshold is None else f"{group.threshold:g}",
        "near": group.near,
        "scope": group.scope,
    }
    return ", ".join(f"{key}: {value}" for key, value in asked.items() if value is not None)
