"""Which terms stand wherever another one stands, found by holding terms against each other's text.

Terms are held against each other only where the most telling word of the one may stand in the other, so that the
effort grows with the number of terms and not with its square.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final

from bot.rules.definitions import Entity, Term, TermKind
from bot.rules.matcher import Matcher
from bot.rules.pieces import Literal, piece_of, words_of
from bot.text.fold import Folded, fold
from bot.text.inflection import proclitics_of
from bot.text.tokens import UNSPACED, run_end, script_of

MOST_TERMS: Final = 100_000
"""Different terms of a file that are compared."""

MOST_COMPARISONS: Final = 300_000
"""How often a term is held against another, and how much may follow from all of them; some seconds, at most."""

LONGEST_PHRASE: Final = 20
LONGEST_TEXT: Final = 200
"""Words and characters of a term; longer ones are let be, for they repeat each other only by mistake."""

_MOST_MATCHERS: Final = 4_096

_LANGUAGES: Final = (None, "en")
"""Languages of articles in which a term must stand. Latin words take English forms in articles of every language, so
that what stands in English ones stands in all; words of other scripts take every language's forms in both."""

_GOES_ON: Final = 8
"""How often the last letter of a prefix is repeated, to stand for a word that no inflection reaches."""


class Implications:
    """What follows from each of some terms. Regular expressions follow from themselves alone.

    A term is held against the text of another as against articles of no known language and in English, so that of
    the inflection of Latin words only what holds in every language is taken for granted. Where there are more terms than `MOST_TERMS`, or where they
    are so alike that `MOST_COMPARISONS` would not do, nothing is compared, and `complete` is False.
    """

    def __init__(self, terms: Iterable[Term], entities: Iterable[Entity]) -> None:
        self._whole: dict[str, set[Term]] = {}
        self._follow: dict[Term, set[Term]] = {}
        distinct = dict.fromkeys(bare(term) for term in terms)
        self.complete = len(distinct) <= MOST_TERMS
        if self.complete:
            try:
                self._compare(distinct, entities)
            except _TooMuchError:
                self.complete = False
                self._whole, self._follow = {}, {}

    def _compare(self, terms: Iterable[Term], entities: Iterable[Entity]) -> None:
        budget = _Budget()
        known = {entity.name: entity for entity in entities}
        plain: defaultdict[Term, set[Term]] = defaultdict(set)
        for name, entity in known.items():
            if not _counts_everywhere(entity):
                continue
            included = _included(name, known, budget)
            whole = Term(kind=TermKind.ENTITY, text=name)
            for part in included:
                self._whole.setdefault(part, set()).add(whole)
            if all(_is_plain(known[each]) for each in included):
                for alias in (alias for each in included for alias in known[each].aliases):
                    budget.spend()
                    if not alias.term.title:
                        plain[alias.term].add(whole)
        literal = [term for term in terms if term.kind not in {TermKind.ENTITY, TermKind.REGEX}]
        literal = [term for term in literal if _is_short(term)]
        index = _Index(literal)
        for term in literal:
            found = {other for other in index.standing(term, budget) if _may_follow(term, other)}
            names = [names for other in found if (names := plain.get(other))]
            budget.spend(sum(map(len, names)))
            found = found.union(*names) - {term}
            if found:
                self._follow[term] = found

    def implies(self, term: Term, other: Term) -> bool:
        """Whether the other stands wherever the term does."""
        return not (other.title and not term.title) and self._follows(bare(term), bare(other))

    def following(self, term: Term) -> set[Term]:
        """What stands wherever the term does, the term itself among it; whether only in titles is left aside."""
        alone = bare(term)
        return {alone, *self._others(alone)}

    def representative(self, term: Term) -> str:
        """The same for all terms that stand for each other."""
        alone = bare(term)
        same = min(str(other) for other in self.following(alone) if self._follows(other, alone))
        return f"title:{same}" if term.title else same

    def _follows(self, term: Term, other: Term) -> bool:
        return term == other or other in self._others(term)

    def _others(self, alone: Term) -> set[Term]:
        if alone.kind is TermKind.ENTITY:
            return self._whole.get(alone.text, set())
        return self._follow.get(alone, set())


def bare(term: Term) -> Term:
    """The term wherever in the article it stands."""
    return replace(term, title=False) if term.title else term


class _TooMuchError(Exception):
    """The terms are too many, or too much alike, to be compared."""


class _Budget:
    """What may still be compared."""

    def __init__(self) -> None:
        self._left = MOST_COMPARISONS

    def spend(self, steps: int = 1) -> None:
        """Raises _TooMuchError where nothing is left."""
        self._left -= steps
        if self._left < 0:
            raise _TooMuchError


class _Index:
    """Literal terms by what the forms of their rarest word start with."""

    def __init__(self, terms: list[Term]) -> None:
        words = [words_of(_literal(term)) for term in terms]
        terms_with = Counter(word for each in words for word in set(each))
        self._starts: dict[str, list[tuple[Term, int]]] = {}
        for term, each in zip(terms, words, strict=True):
            anchor = min(range(len(each)), key=lambda n: (terms_with[each[n]], -len(each[n])), default=-1)
            for start in _starts(term, anchor):
                self._starts.setdefault(start, []).append((term, anchor))
        self._matcher = lru_cache(maxsize=_MOST_MATCHERS)(_matcher)
        self._lengths = sorted({len(start) for start in self._starts})

    def standing(self, term: Term, budget: _Budget) -> Iterator[Term]:
        """The terms that stand in the text of one."""
        text = term.text + term.text[-1] * _GOES_ON if term.kind is TermKind.PREFIX else term.text
        folded = fold(text)
        for place in _places(folded):
            for length in self._lengths:
                if place + length > len(folded.text):
                    break
                for other, anchor in self._starts.get(folded.text[place : place + length], ()):
                    if other == term:
                        yield other
                        continue
                    budget.spend()
                    matcher = self._matcher(other, anchor)
                    if all(matcher.at(folded, place, language) is not None for language in _LANGUAGES):
                        yield other


def _starts(term: Term, anchor: int) -> frozenset[str]:
    """What every form of a term's anchor starts with; of a term without words, its signs."""
    if anchor < 0:
        return frozenset({fold(term.text).text.strip()} - {""})
    return piece_of(_literal(term), anchor).starts


def _places(folded: Folded) -> list[int]:
    """Where in a text a word of a term may start: where its runs do, behind proclitics, and anywhere without spaces."""
    text = folded.text
    places: list[int] = []
    at = 0
    while at < len(text):
        script = script_of(text[at])
        end = run_end(text, at) if script else at + 1
        if script in UNSPACED:
            places += range(at, end)
        elif text[at] != " ":
            places.append(at)
            run = text[at:end]
            places += [at + len(each) for each in proclitics_of(script) if each and run.startswith(each)]
        at = end
    return places


def _matcher(term: Term, anchor: int) -> Matcher:
    return Matcher(_literal(term), anchor)


def _literal(term: Term) -> Literal:
    return Literal(kind=term.kind, text=term.text)


def _is_short(term: Term) -> bool:
    return len(term.text) <= LONGEST_TEXT and len(words_of(_literal(term))) <= LONGEST_PHRASE


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


def _included(name: str, known: dict[str, Entity], budget: _Budget) -> frozenset[str]:
    """An entity and those that it includes, as long as each hit of those is one of it."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in found:
            budget.spend()
            found.add(current)
            waiting += [
                alias.term.text
                for alias in known[current].aliases
                if alias.term.kind is TermKind.ENTITY and alias.languages is None and not alias.term.title
                if _counts_everywhere(known[current])
            ]
    return frozenset(found)
