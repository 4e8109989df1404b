"""Which parts of the rules no test would miss: mutation testing for rules.

One part at a time is taken away: a term, an alias, an exclusion, a `near`. Where no test then fails, none of them
proves that the part is needed. All changed rules are compiled together, each under a name of its own, so that
each article of the tests is read once and not once a change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from bot.models import Article, Match
from bot.rules.cases import Verdict
from bot.rules.definitions import Entity, Group, Item, Rule, RuleBook, Term, TermKind
from bot.rules.engine import compile_rules
from bot.rules.findings import quoted

Matches: TypeAlias = tuple[Match, ...]
Trial: TypeAlias = Callable[[Verdict, RuleBook, Callable[[Article], Matches]], bool]
"""Whether a test still passes with a file and what its rules match; the verdict is the one on the whole rules."""

TOGETHER: Final = 2_000
"""Changed rules that are compiled at once; it bounds the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is taken away: `what` as a sentence names it, of a rule or an entity; `term` where it is one.

    `section` is the key under which it stands, from the innermost (`any`, `aliases`, `near`).
    """

    owner: Rule | Entity
    section: str
    what: str
    term: Term | None = None

    def __str__(self) -> str:
        match self.owner:
            case Rule(id=name):
                return f"{self.what} of the rule {quoted(name)}"
            case Entity(name=name):
                return f"{self.what} of the entity {quoted(name)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """The rules without one part; `left` is what remains of its owner, None where that is nothing."""

    part: Part
    left: Rule | Entity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many parts there are, and those that no test misses, in the order of the file."""

    parts: int
    unmissed: tuple[Part, ...]

    @property
    def percentage(self) -> float:
        """Of all parts, those that some test misses; 100 where there is none."""
        return 100.0 * (self.parts - len(self.unmissed)) / self.parts if self.parts else 100.0


def mutants(book: RuleBook) -> Iterator[Mutant]:
    """Every part of every rule and entity, taken away."""
    for rule in book.rules:
        yield from _of_rule(rule)
    for entity in book.entities:
        yield from _of_entity(entity)


def measure(book: RuleBook, verdicts: Sequence[Verdict], trial: Trial) -> Coverage:
    """Take away part after part and hold what is left against the tests that pass with all of them.

    `trial` runs a test anew; it is asked only where what rings on one of its articles has changed.
    """
    passed = [verdict for verdict in verdicts if verdict.passed]
    users = _users(book)
    unmissed: list[Part] = []
    parts = 0
    batch: list[Mutant] = []
    size = 0
    for mutant in mutants(book):
        parts += 1
        batch.append(mutant)
        size += len(users[mutant.part.owner.name]) if isinstance(mutant.part.owner, Entity) else 1
        if size >= TOGETHER:
            unmissed += _unmissed(book, batch, users, passed, trial)
            batch, size = [], 0
    unmissed += _unmissed(book, batch, users, passed, trial)
    return Coverage(parts=parts, unmissed=tuple(unmissed))


def _of_rule(rule: Rule) -> Iterator[Mutant]:
    for part, group in _of_group(rule.when, rule):
        yield Mutant(part=part, left=replace(rule, when=group) if group else None)
    if rule.languages:
        yield _restriction(rule, "languages", replace(rule, languages=frozenset()))
    if rule.feeds:
        yield _restriction(rule, "feeds", replace(rule, feeds=frozenset()))
    if rule.tags:
        yield _restriction(rule, "tags", replace(rule, tags=frozenset()))
    if rule.min_sources > 1:
        yield _restriction(rule, "min_sources", replace(rule, min_sources=1))


def _restriction(rule: Rule, key: str, left: Rule) -> Mutant:
    return Mutant(part=Part(owner=rule, section=key, what=f"the key {quoted(key)}"), left=left)


def _of_group(group: Group, owner: Rule) -> Iterator[tuple[Part, Group | None]]:
    """A group without each of its parts, nested ones included; None for a group that would be empty."""
    for key in ("any", "all", "none"):
        items: tuple[Item, ...] = getattr(group, key)
        for number, item in enumerate(items):
            without = items[:number] + items[number + 1 :]
            if isinstance(item.of, Term):
                part = Part(owner=owner, section=key, what=f"the term {quoted(str(item.of))}", term=item.of)
                yield part, _with(group, key, without)
                continue
            for part, nested in _of_group(item.of, owner):
                kept = (*items[:number], replace(item, of=nested), *items[number + 1 :]) if nested else without
                yield part, _with(group, key, kept)
    for key in ("at_least", "threshold", "near", "scope"):
        if (value := getattr(group, key)) is not None:
            part = Part(owner=owner, section=key, what=f"{quoted(f'{key}: {value:g}' if isinstance(value, float) else f'{key}: {value}')}")
            yield part, replace(group, **{key: None})


def _with(group: Group, key: str, items: tuple[Item, ...]) -> Group | None:
    """A group with other items under a key; a group of exclusions alone asks for nothing and so is none."""
    changed = replace(group, **{key: items})
    return changed if changed.any or changed.all else None


def _of_entity(entity: Entity) -> Iterator[Mutant]:
    for number, alias in enumerate(entity.aliases):
        kept = entity.aliases[:number] + entity.aliases[number + 1 :]
        part = Part(owner=entity, section="aliases", what=f"the alias {quoted(str(alias.term))}", term=alias.term)
        yield Mutant(part=part, left=replace(entity, aliases=kept))
    if entity.country:
        part = Part(owner=entity, section="country", what=f"the country {quoted(entity.country)}")
        yield Mutant(part=part, left=replace(entity, country=None))
    for number, term in enumerate(entity.unless):
        kept_terms = entity.unless[:number] + entity.unless[number + 1 :]
        part = Part(owner=entity, section="unless", what=f"the exclusion {quoted(str(term))}", term=term)
        yield Mutant(part=part, left=replace(entity, unless=kept_terms))
    yield from _of_requirement(entity)
    if entity.cased:
        part = Part(owner=entity, section="cased", what="the key `cased`")
        yield Mutant(part=part, left=replace(entity, cased=False))


def _of_requirement(entity: Entity) -> Iterator[Mutant]:
    requires = entity.requires
    if requires is None:
        return
    whole = Part(owner=entity, section="requires", what="the key `requires`")
    yield Mutant(part=whole, left=replace(entity, requires=None))
    for number, term in enumerate(requires.any):
        kept = requires.any[:number] + requires.any[number + 1 :]
        part = Part(owner=entity, section="requires", what=f"the context {quoted(str(term))}", term=term)
        if kept:
            yield Mutant(part=part, left=replace(entity, requires=replace(requires, any=kept)))
    if requires.near is not None:
        part = Part(owner=entity, section="near", what=f"`near: {requires.near}` in `requires`")
        yield Mutant(part=part, left=replace(entity, requires=replace(requires, near=None)))


def _users(book: RuleBook) -> dict[str, tuple[Rule, ...]]:
    """For each entity the rules that name it, directly or through other entities."""
    users: defaultdict[str, list[Rule]] = defaultdict(list)
    entities = {entity.name: entity for entity in book.entities}
    for rule in book.rules:
        for name in _reached(_named_in_group(rule.when), entities):
            users[name].append(rule)
    return defaultdict(tuple, {name: tuple(rules) for name, rules in users.items()})


def _reached(names: Iterable[str], entities: Mapping[str, Entity]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _named_in_entity(entities[name])
    return found


def _terms(group: Group) -> Iterator[Term]:
    for item in (*group.any, *group.all, *group.none):
        if isinstance(item.of, Term):
            yield item.of
        else:
            yield from _terms(item.of)


def _named_in_group(group: Group) -> list[str]:
    return [term.text for term in _terms(group) if term.kind is TermKind.ENTITY]


def _named_in_entity(entity: Entity) -> list[str]:
    context = entity.requires.any if entity.requires else ()
    terms = (*(alias.term for alias in entity.aliases), *entity.unless, *context)
    return [term.text for term in terms if term.kind is TermKind.ENTITY]


class _Renamed:
    """The definitions of a mutant, under names that no other mutant has."""

    def __init__(self, number: int, mutant: Mutant, users: Mapping[str, Sequence[Rule]], book: RuleBook) -> None:
        owner = mutant.part.owner
        self._number = number
        self.rules: tuple[Rule, ...] = ()
        self.entities: tuple[Entity, ...] = ()
        if isinstance(owner, Rule):
            self.changed = (owner.id,)
            if isinstance(mutant.left, Rule):
                self.rules = (replace(mutant.left, id=self._new(owner.id)),)
            return
        entities = {entity.name: entity for entity in book.entities}
        self.changed = tuple(rule.id for rule in users[owner.name])
        self._names = {name for name in entities if owner.name in _reached([name], entities)}
        if isinstance(mutant.left, Entity):
            entities[owner.name] = mutant.left
        self.entities = tuple(self._entity(entities[name]) for name in self._names)
        self.rules = tuple(
            replace(rule, id=self._new(rule.id), when=self._group(rule.when)) for rule in users[owner.name]
        )

    def _new(self, name: str) -> str:
        return f"{name} {self._number}"

    def _group(self, group: Group) -> Group:
        def renamed(items: tuple[Item, ...]) -> tuple[Item, ...]:
            return tuple(
                replace(item, of=self._term(item.of) if isinstance(item.of, Term) else self._group(item.of))
                for item in items
            )

        return replace(group, any=renamed(group.any), all=renamed(group.all), none=renamed(group.none))

    def _entity(self, entity: Entity) -> Entity:
        requires = entity.requires
        return replace(
            entity,
            name=self._new(entity.name),
            aliases=tuple(replace(alias, term=self._term(alias.term)) for alias in entity.aliases),
            unless=tuple(self._term(term) for term in entity.unless),
            requires=replace(requires, any=tuple(map(self._term, requires.any))) if requires else None,
        )

    def _term(self, term: Term) -> Term:
        is_changed = term.kind is TermKind.ENTITY and term.text in self._names
        return replace(term, text=self._new(term.text)) if is_changed else term
