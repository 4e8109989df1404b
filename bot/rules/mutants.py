"""The parts of which rules and entities are made, each taken away in turn.

A part is a term, an alias, an exclusion, or a key that narrows: `near`, `scope`, `at_least` and the like. Where
the last term of a group goes, the group goes with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.rules.definitions import Entity, Group, Item, Rule, RuleBook, Scope, Term
from bot.rules.findings import quoted


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


def mutants(book: RuleBook) -> Iterator[Mutant]:
    """Every part of every rule and entity, taken away."""
    for rule in book.rules:
        yield from _of_rule(rule)
    for entity in book.entities:
        yield from _of_entity(entity)


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
    return Mutant(part=Part(owner=rule, section=key, what=f"the key `{key}`"), left=left)


def _of_group(group: Group, owner: Rule) -> Iterator[tuple[Part, Group | None]]:
    """A group without each of its parts, nested ones included; None for a group that would be empty."""
    for part, items in _of_items(group.any, owner, "any"):
        yield part, _unless_empty(replace(group, any=items))
    for part, items in _of_items(group.all, owner, "all"):
        yield part, _unless_empty(replace(group, all=items))
    for part, items in _of_items(group.none, owner, "none"):
        yield part, replace(group, none=items)
    for key, value, left in (
        ("at_least", group.at_least, replace(group, at_least=None)),
        ("threshold", group.threshold, replace(group, threshold=None)),
        ("near", group.near, replace(group, near=None)),
        ("scope", group.scope, replace(group, scope=None)),
    ):
        if value is not None:
            yield Part(owner=owner, section=key, what=f"`{key}: {_written(value)}`"), left


def _of_items(items: tuple[Item, ...], owner: Rule, key: str) -> Iterator[tuple[Part, tuple[Item, ...]]]:
    """A list without each of its terms, those in its groups included."""
    for number, item in enumerate(items):
        before, after = items[:number], items[number + 1 :]
        if isinstance(item.of, Term):
            part = Part(owner=owner, section=key, what=f"the term {quoted(str(item.of))}", term=item.of)
            yield part, (*before, *after)
        else:
            for part, group in _of_group(item.of, owner):
                kept = (replace(item, of=group),) if group else ()
                yield part, (*before, *kept, *after)


def _unless_empty(group: Group) -> Group | None:
    """A group of exclusions alone asks for nothing and so is none."""
    return group if group.any or group.all else None


def _written(value: float | Scope) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _of_entity(entity: Entity) -> Iterator[Mutant]:
    for number, alias in enumerate(entity.aliases):
        kept = entity.aliases[:number] + entity.aliases[number + 1 :]
        part = Part(
            owner=entity, section="aliases", what=f"the alias {quoted(str(alias.term))}", term=alias.term
        )
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
