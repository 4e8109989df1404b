"""Which terms stand wherever another one stands, found by holding all terms against each other's text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from bot.models import Article
from bot.rules.definitions import Entity, Group, Item, Rule, RuleBook, Term, TermKind
from bot.rules.engine import compile_rules

_GOES_ON: Final = 8
"""How often the last letter of a prefix is repeated, to stand for a word that no inflection reaches."""


class Implications:
    """What follows from each of some terms. Regular expressions follow from themselves alone.

    A term is held against the text of another as against an article of unknown language, so that of inflection
    only what needs no language is taken for granted.
    """

    def __init__(self, terms: Iterable[Term], entities: Iterable[Entity]) -> None:
        known = {entity.name: entity for entity in entities}
        includes = {
            name: _included(name, known) for name, entity in known.items() if _counts_everywhere(entity)
        }
        self._plain = {
            name for name, included in includes.items() if all(_is_plain(known[each]) for each in included)
        }
        self._whole: dict[str, set[Term]] = {}
        for name, included in includes.items():
            for part in included:
                self._whole.setdefault(part, set()).add(Term(kind=TermKind.ENTITY, text=name))
        distinct = dict.fromkeys(bare(term) for term in terms)
        usable = [term for term in distinct if term.kind is not TermKind.REGEX and self._is_usable(term)]
        rules = tuple(
            Rule(id=str(number), title="", when=Group(any=(Item(of=term),)))
            for number, term in enumerate(usable)
        )
        match = compile_rules(RuleBook(entities=tuple(known.values()), rules=rules)).match
        self._follow = {
            term: {
                other
                for found in match(_article(term))
                if _may_follow(term, other := usable[int(found.rule)]) and other != term
            }
            for term in usable
            if term.kind is not TermKind.ENTITY
        }

    def implies(self, term: Term, other: Term) -> bool:
        """Whether the other stands wherever the term does."""
        return not (other.title and not term.title) and bare(other) in self.following(term)

    def following(self, term: Term) -> set[Term]:
        """What stands wherever the term does, the term itself among it; whether only in titles is left aside."""
        alone = bare(term)
        if alone.kind is TermKind.ENTITY:
            return {alone, *self._whole.get(alone.text, ())}
        return {alone, *self._follow.get(alone, ())}

    def representative(self, term: Term) -> str:
        """The same for all terms that stand for each other."""
        alone = bare(term)
        same = min(str(other) for other in self.following(alone) if alone in self.following(other))
        return f"title:{same}" if term.title else same

    def _is_usable(self, term: Term) -> bool:
        return term.kind is not TermKind.ENTITY or term.text in self._plain


def bare(term: Term) -> Term:
    """The term wherever in the article it stands."""
    return replace(term, title=False) if term.title else term


def _may_follow(term: Term, other: Term) -> bool:
    """Exactness goes one way: what stands exactly so stands in any case too, and not the other way round."""
    return other.kind is not TermKind.EXACT or term.kind is TermKind.EXACT


def _counts_everywhere(entity: Entity) -> bool:
    """Whether each name of an entity counts wherever it stands."""
    return not (entity.unless or entity.requires or entity.cased)


def _is_plain(entity: Entity) -> bool:
    """Whether that is so in articles of every language."""
    in_some = entity.country or any(alias.languages is not None for alias in entity.aliases)
    return _counts_everywhere(entity) and not in_some


def _included(name: str, known: dict[str, Entity]) -> frozenset[str]:
    """An entity and those that it includes, as long as each hit of those is one of it."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting += [
                alias.term.text
                for alias in known[current].aliases
                if alias.term.kind is TermKind.ENTITY and alias.languages is None
                if _counts_everywhere(known[current])
            ]
    return frozenset(found)


def _article(term: Term) -> Article:
    text = term.text + term.text[-1] * _GOES_ON if term.kind is TermKind.PREFIX else term.text
    return Article(
        feed_url="",
        source="",
        entry_id=None,
        url=None,
        canonical_url=None,
        title=text,
        summary="",
        content="",
        language=None,
        published=None,
    )
