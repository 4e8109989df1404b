"""Matching: a rules file compiled once, held against article after article.

All terms are looked for in one pass over each field; only rules of which a term stood are then looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bot.models import Article, Match
from bot.rules.compiler import Compiler
from bot.rules.conditions import Condition
from bot.rules.definitions import Group, Rule, RuleBook, Term, TermKind
from bot.rules.expressions import check_regex
from bot.rules.finders import LiteralFinder
from bot.rules.hits import Hits, longest
from bot.rules.literals import Numbers, append, numbers_of
from bot.rules.reading import Reading
from bot.rules.trace import RuleTrace
from bot.rules.tracing import trace_rule

__all__ = ["RuleSet", "check_regex", "compile_rules"]


def compile_rules(book: RuleBook) -> RuleSet:
    """Compile a rules file that the loader has checked.

    Raises ValueError where a regular expression is wrong all the same, KeyError where an entity is unknown.
    """
    return RuleSet(book)


class RuleSet:
    """The compiled rules; of the articles that it has seen it remembers single words, and only for speed."""

    __slots__ = ("_always", "_by_term", "_compiler", "_conditions", "_rules")

    def __init__(self, book: RuleBook) -> None:
        self._compiler = Compiler(book.entities)
        self._rules = book.rules
        self._conditions: list[Condition | None] = []
        self._by_term: dict[int, Numbers] = {}
        self._always: list[int] = []
        for number, rule in enumerate(book.rules):
            if _is_list(rule):
                self._conditions.append(None)
                terms = frozenset(self._number(item.of) for item in rule.when.any)
            else:
                self._conditions.append(self._compiler.condition(rule.when))
                terms = self._triggers(number, rule.when)
            for term in terms:
                append(self._by_term, term, number)
        self._compiler.index.build()

    def _number(self, of: Term | Group) -> int:
        finder = self._compiler.part(of)
        assert isinstance(finder, LiteralFinder)  # noqa: S101 -- so _is_list has it
        return finder.number

    def _triggers(self, number: int, group: Group) -> frozenset[int]:
        """The terms of which one stands wherever the rule rings; where none can be told, it is always looked at."""
        triggers = _triggers(group, self._compiler)
        if triggers is None:
            # It may hold on nothing, but rings only on what stands.
            finders = self._compiler.condition(group).finders
            triggers = _Triggers(
                terms=frozenset[int]().union(*(finder.terms for finder in finders)),
                by_regex=any(finder.by_regex for finder in finders),
            )
        if triggers.by_regex:
            self._always.append(number)
        return triggers.terms

    def match(self, article: Article) -> tuple[Match, ...]:
        """The rules that ring on an article, in the order of the file, each with its evidence."""
        reading = Reading(article, self._compiler.index)
        matches = []
        for number, hits in sorted(self._candidates(reading).items()):
            condition = self._conditions[number]
            if condition is not None:
                evidence = self._evidence(self._rules[number], condition, reading)
            else:
                evidence = hits[0] if len(hits) == 1 else [hit for each in hits for hit in each]
            if evidence:
                matches.append(Match(rule=self._rules[number].id, evidence=reading.spans(longest(evidence))))
        return tuple(matches)

    def _candidates(self, reading: Reading) -> dict[int, list[Hits]]:
        """The rules that may ring, with the hits of those terms by which they came here, term by term."""
        candidates: dict[int, list[Hits]] = {number: [] for number in self._always}
        by_term = self._by_term
        for term, hits in reading.found.items():
            for number in numbers_of(by_term.get(term)):
                known = candidates.get(number)
                if known is None:
                    candidates[number] = [hits]
                else:
                    known.append(hits)
        return candidates

    def explain(self, article: Article) -> tuple[RuleTrace, ...]:
        """What became of every rule on an article, in the order of the file."""
        reading = Reading(article, self._compiler.index)
        return tuple(trace_rule(rule, reading, self._compiler) for rule in self._rules)

    @staticmethod
    def _evidence(rule: Rule, condition: Condition, reading: Reading) -> Hits | None:
        if any(reading.restrictions(rule)):
            return None
        return condition.evidence(reading)


def _is_list(rule: Rule) -> bool:
    """Whether a rule is a plain list of literal terms, so that it rings wherever one of them stands."""
    group = rule.when
    return (
        replace(group, any=()) in _PLAIN
        and not (rule.languages or rule.feeds or rule.tags)
        and all(isinstance(item.of, Term) and _is_literal(item.of) for item in group.any)
    )


def _is_literal(term: Term) -> bool:
    return not term.title and term.kind not in {TermKind.ENTITY, TermKind.REGEX}


_PLAIN: Final = (Group(), Group(at_least=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Triggers:
    """The numbers of literal terms of which one must stand, unless a regular expression does."""

    terms: frozenset[int]
    by_regex: bool


def _triggers(of: Term | Group, compiler: Compiler) -> _Triggers | None:
    """What must stand for an item to hold; None where it may hold without anything that stands."""
    if isinstance(of, Term):
        finder = compiler.finder(of)
        return _Triggers(terms=finder.terms, by_regex=finder.by_regex)
    choices = [found for item in of.all if (found := _triggers(item.of, compiler))]
    if of.any and (either := _any_of([_triggers(item.of, compiler) for item in of.any])):
        choices.append(either)
    return min(choices, key=lambda each: (each.by_regex, len(each.terms)), default=None)


def _any_of(triggers: list[_Triggers | None]) -> _Triggers | None:
    known = [each for each in triggers if each]
    if len(known) < len(triggers):
        return None
    terms = frozenset[int]().union(*(each.terms for each in known))
    return _Triggers(terms=terms, by_regex=any(each.by_regex for each in known))
