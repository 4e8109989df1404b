"""Which parts of the rules no test would miss: mutation testing for rules.

One part at a time is taken away. Where no test then fails, none proves that the part is needed. All changed rules
are compiled together, each under a name of its own, so that each article of the tests is read once and not once
a change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from bot.errors import Problem, RulesError
from bot.models import Article, Match
from bot.rules.cases import Verdict
from bot.rules.definitions import Entity, Group, Item, Rule, RuleBook, RuleTest, Term, TermKind
from bot.rules.engine import compile_rules
from bot.rules.mutants import Mutant, Part, mutants

Matcher: TypeAlias = Callable[[Article], tuple[Match, ...]]
Trial: TypeAlias = Callable[[RuleTest, tuple[Article, ...], RuleBook, Matcher], Verdict]
"""Runs a test on its articles, with a file and what its rules match."""

TOGETHER: Final = 20_000
"""Terms of changed rules and entities that are compiled at once; it bounds the memory."""

MOST_WORK: Final = 20_000_000
"""Terms of all changed rules and entities together, about a minute's work; they grow with the square of a list."""

_RULES_A_TERM: Final = 10
"""Rules that are merely passed over in the time in which a term is changed and compiled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many parts there are, and those that no test misses, in the order of the file."""

    parts: int
    unmissed: tuple[Part, ...]

    @property
    def percentage(self) -> float:
        """Of all parts, those that some test misses; 100 where there is none."""
        return 100.0 * (self.parts - len(self.unmissed)) / self.parts if self.parts else 100.0


def measure(book: RuleBook, verdicts: Iterable[Verdict], match: Matcher, trial: Trial) -> Coverage:
    """Take away part after part and hold what is left against the tests that pass with all of them.

    Raises RulesError where that is more than `MOST_WORK`.
    """
    mentions = _Mentions(book)
    if mentions.work() > MOST_WORK:
        raise RulesError((_too_large(book),))
    stage = _Stage(book, [verdict for verdict in verdicts if verdict.passed], match, trial)
    unmissed: list[Part] = []
    parts = 0
    for batch in _batches(book, mentions):
        parts += len(batch)
        unmissed += stage.unmissed(batch)
    return Coverage(parts=parts, unmissed=tuple(unmissed))


def _batches(book: RuleBook, mentions: _Mentions) -> Iterator[list[_Renamed]]:
    batch: list[_Renamed] = []
    size = 0
    for number, mutant in enumerate(mutants(book)):
        batch.append(_Renamed(number, mutant, mentions))
        size += mentions.size(mutant.part.owner)
        if size >= TOGETHER:
            yield batch
            batch, size = [], 0
    yield batch


class _Mentions:
    """Who names which entity, directly or through other entities."""

    def __init__(self, book: RuleBook) -> None:
        self.entities = {entity.name: entity for entity in book.entities}
        self.rules: defaultdict[str, list[Rule]] = defaultdict(list)
        self.dependents: defaultdict[str, list[str]] = defaultdict(list)
        self._all_rules = book.rules
        self._sizes: dict[tuple[type, str], int] = {
            **{_known(rule): 1 + sum(1 for _ in _terms(rule.when)) for rule in book.rules},
            **{_known(entity): 1 + len(_terms_of_entity(entity)) for entity in book.entities},
        }
        for rule in book.rules:
            for name in self._reached(_named(_terms(rule.when))):
                self.rules[name].append(rule)
        for entity in [name for name in self.entities if name in self.rules]:
            for name in self._reached([entity]):
                self.dependents[name].append(entity)

    def size(self, owner: Rule | Entity) -> int:
        """How many terms and definitions change with one of the parts of a rule or an entity."""
        if isinstance(owner, Rule):
            return self._sizes[Rule, owner.id]
        rules = sum(self._sizes[Rule, rule.id] for rule in self.rules[owner.name])
        return rules + sum(self._sizes[Entity, name] for name in self.dependents[owner.name])

    def work(self) -> int:
        """What all parts, each taken away once, come to."""
        owners: list[Rule | Entity] = [*self._all_rules, *self.entities.values()]
        passed = len(self._all_rules) // _RULES_A_TERM
        return sum((self.size(owner) + passed) * self._sizes[_known(owner)] for owner in owners)

    def _reached(self, names: Iterable[str]) -> set[str]:
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += _named(_terms_of_entity(self.entities[name]))
        return found


def _known(owner: Rule | Entity) -> tuple[type, str]:
    return (Rule, owner.id) if isinstance(owner, Rule) else (Entity, owner.name)


def _too_large(book: RuleBook) -> Problem:
    return Problem(
        file=str(book.files[0]) if book.files else "",
        line=1,
        column=1,
        what=f"taking away each part in turn would compile more than {MOST_WORK:,} terms, too many to measure coverage",
        remedy="leave `--coverage` out, or measure the file in smaller parts",
    )


def _named(terms: Iterable[Term]) -> list[str]:
    return [term.text for term in terms if term.kind is TermKind.ENTITY]


def _terms(group: Group) -> Iterator[Term]:
    for item in (*group.any, *group.all, *group.none):
        if isinstance(item.of, Term):
            yield item.of
        else:
            yield from _terms(item.of)


def _terms_of_entity(entity: Entity) -> tuple[Term, ...]:
    context = entity.requires.any if entity.requires else ()
    return (*(alias.term for alias in entity.aliases), *entity.unless, *context)


class _Renamed:
    """A mutant's definitions under names that no other has; `changed` are the rules that may now ring otherwise.

    Of a changed entity whatever names it changes as well.
    """

    def __init__(self, number: int, mutant: Mutant, mentions: _Mentions) -> None:
        self.part = mutant.part
        self.left = mutant.left
        self._number = number
        self._names: frozenset[str] = frozenset()
        self.entities: tuple[Entity, ...] = ()
        self.changed: tuple[str, ...]
        self.rules: tuple[Rule, ...]
        owner, left = mutant.part.owner, mutant.left
        if isinstance(owner, Rule):
            self.changed = (owner.id,)
            self.rules = (self._rule(left),) if isinstance(left, Rule) else ()
        else:
            entities = {**mentions.entities, owner.name: left} if isinstance(left, Entity) else {}
            self.changed = tuple(rule.id for rule in mentions.rules[owner.name])
            self._names = frozenset(mentions.dependents[owner.name])
            self.entities = tuple(self._entity(entities[name]) for name in sorted(self._names))
            self.rules = tuple(self._rule(rule) for rule in mentions.rules[owner.name])

    def original(self, rule: str) -> str:
        """The id of a rule before it was renamed."""
        return rule.removesuffix(self._new(""))

    def changes_sequences(self, test: RuleTest) -> bool:
        """Whether the alerts of a sequence may change although what rings on its articles does not."""
        return test.alerts is not None and self.part.section == "min_sources"

    def book(self, book: RuleBook) -> RuleBook:
        """The whole file with what is left."""
        if not isinstance(self.left, Rule):
            return book
        left = self.left
        return replace(book, rules=tuple(left if rule.id == left.id else rule for rule in book.rules))

    def _new(self, name: str) -> str:
        return f"{name} {self._number}"

    def _rule(self, rule: Rule) -> Rule:
        return replace(rule, id=self._new(rule.id), when=self._group(rule.when))

    def _group(self, group: Group) -> Group:
        return replace(
            group, any=self._items(group.any), all=self._items(group.all), none=self._items(group.none)
        )

    def _items(self, items: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(
            replace(item, of=self._term(item.of) if isinstance(item.of, Term) else self._group(item.of))
            for item in items
        )

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


class _Stage:
    """The tests that pass, with what rang on each of their articles."""

    def __init__(self, book: RuleBook, verdicts: Sequence[Verdict], match: Matcher, trial: Trial) -> None:
        self._book = book
        self._verdicts = verdicts
        self._trial = trial
        articles = dict.fromkeys(article for verdict in verdicts for article in verdict.articles)
        self._rang = {article: {found.rule: found for found in match(article)} for article in articles}

    def unmissed(self, batch: Sequence[_Renamed]) -> list[Part]:
        """The parts of a batch that no test misses."""
        together = RuleBook(
            entities=(*self._book.entities, *(entity for each in batch for entity in each.entities)),
            rules=tuple(rule for each in batch for rule in each.rules),
        )
        match = compile_rules(together).match
        ring = {
            article: {found.rule: found for found in match(article)}  # of all mutants
            for article in self._rang
        }
        return [each.part for each in batch if not self._is_missed(each, ring)]

    def _is_missed(self, mutant: _Renamed, ring: Mapping[Article, Mapping[str, Match]]) -> bool:
        changed = {
            article: matches
            for article, rang in self._rang.items()
            if (matches := _with_changes(mutant, rang, ring[article])).keys() != rang.keys()
        }
        book = mutant.book(self._book)

        def match(article: Article) -> tuple[Match, ...]:
            return tuple(changed.get(article, self._rang[article]).values())

        return any(
            not self._trial(verdict.test, verdict.articles, book, match).passed
            for verdict in self._verdicts
            if mutant.changes_sequences(verdict.test) or not changed.keys().isdisjoint(verdict.articles)
        )


def _with_changes(mutant: _Renamed, rang: Mapping[str, Match], ring: Mapping[str, Match]) -> dict[str, Match]:
    """What rings on an article once the mutant's rules stand in the place of the original ones."""
    kept = {rule: found for rule, found in rang.items() if rule not in mutant.changed}
    new = {}
    for rule in mutant.rules:
        if rule.id in ring:
            original = mutant.original(rule.id)
            new[original] = replace(ring[rule.id], rule=original)
    return {**kept, **new}
