"""Matching as slowly and plainly as it can be written: every choice of hits is made and looked at.

It knows texts of small English-looking words without inflection, laid out by `Page`, and serves to hold the engine
against. Places are counted in words.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from bot.models import Article
from bot.rules.definitions import Entity, Group, Item, RuleBook, Scope, Term, TermKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word of an article: where it stands, and what is between it and the word before."""

    text: str
    field: int
    start: int
    sentence: int
    paragraph: int
    glued: bool


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """Words `first` to `last` of an article, the last one included."""

    first: int
    last: int


Choice: TypeAlias = frozenset[Place]


class Page:
    """An article of a title and a content, the content being paragraphs of sentences of words."""

    def __init__(self, title: list[str], paragraphs: list[list[list[str]]]) -> None:
        self.words: list[Word] = []
        self._sentences = itertools.count()
        self._paragraphs = itertools.count()
        title_text = self._lay(0, [title], 0)
        content = ""
        for paragraph in paragraphs:
            content += self._lay(2, paragraph, len(content)) + "\n"
        self.article = Article(
            feed_url="https://example.org/feed",
            source="Example",
            entry_id=None,
            url=None,
            canonical_url=None,
            title=title_text,
            summary="",
            content=content,
            language="eu",
            published=None,
        )

    def _lay(self, field: int, sentences: list[list[str]], at: int) -> str:
        """Lay out a paragraph; sentences end in an exclamation mark and begin with a capital."""
        paragraph = next(self._paragraphs)
        text = ""
        for words in sentences:
            if not words:
                continue
            sentence = next(self._sentences)
            if text:
                text += "! "
            for number, word in enumerate(words):
                written = word.capitalize() if number == 0 else word
                if number:
                    text += " "
                glued = number > 0 or (text == "" and at > 0)
                self.words.append(
                    Word(
                        text=written,
                        field=field,
                        start=at + len(text),
                        sentence=sentence,
                        paragraph=paragraph,
                        glued=glued,
                    )
                )
                text += written
        return text

    def span(self, place: Place) -> tuple[int, int, int]:
        """A place as the engine has it: field, start and end."""
        first, last = self.words[place.first], self.words[place.last]
        return first.field, first.start, last.start + len(last.text)


class SlowMatcher:
    """The rules of a book over one page."""

    def __init__(self, book: RuleBook, page: Page) -> None:
        self._entities = {entity.name: entity for entity in book.entities}
        self._page = page

    def evidence(self, group: Group) -> set[Place] | None:
        """The places that take part in some choice which satisfies a group; None where there is none."""
        choices = list(self._choices(group))
        return {place for choice in choices for place in choice} if choices else None

    def _choices(self, of: Term | Group) -> set[Choice]:
        if isinstance(of, Term):
            return {frozenset({place}) for place in self._places(of)}
        if any(self._choices(item.of) for item in of.none):
            return set()
        parts = [self._choices(item.of) for item in of.all]
        if of.any:
            parts.append(set(self._enough(of)))
        choices = {frozenset().union(*picked) for picked in itertools.product(*parts)}
        return {choice for choice in choices if self._is_close(choice, of)}

    def _enough(self, group: Group) -> Iterator[Choice]:
        for size in range(1, len(group.any) + 1):
            for items in itertools.combinations(group.any, size):
                if _is_enough(items, group):
                    for picked in itertools.product(*(self._choices(item.of) for item in items)):
                        yield frozenset().union(*picked)

    def _is_close(self, choice: Choice, group: Group) -> bool:
        if not choice:
            return True
        words = self._page.words
        if group.near is not None and _between(choice) > group.near:
            return False
        firsts = [words[place.first] for place in choice]
        match group.scope:
            case Scope.TITLE:
                return all(word.field == 0 for word in firsts)
            case Scope.SENTENCE:
                return len({word.sentence for word in firsts}) == 1
            case Scope.PARAGRAPH:
                return len({word.paragraph for word in firsts}) == 1
            case _:
                return True

    def _places(self, term: Term) -> set[Place]:
        places = (
            self._entity(self._entities[term.text]) if term.kind is TermKind.ENTITY else self._literal(term)
        )
        return {place for place in places if not term.title or self._page.words[place.first].field == 0}

    def _literal(self, term: Term) -> set[Place]:
        wanted = term.text.split()
        words = self._page.words
        found = set()
        for first in range(len(words) - len(wanted) + 1):
            there = words[first : first + len(wanted)]
            if all(word.glued for word in there[1:]) and _reads(term, [word.text for word in there], wanted):
                found.add(Place(first=first, last=first + len(wanted) - 1))
        return found

    def _entity(self, entity: Entity) -> set[Place]:
        places = {place for alias in entity.aliases for place in self._places(alias.term)}
        if entity.cased:
            places = {place for place in places if not self._page.words[place.first].text[0].islower()}
        cancelling = {place for term in entity.unless for place in self._places(term)}
        places = {p for p in places if not any(p.first <= c.last and c.first <= p.last for c in cancelling)}
        requires = entity.requires
        if requires is not None:
            context = {place for term in requires.any for place in self._places(term)}
            places = {
                place
                for place in places
                if any(
                    other != place and (requires.near is None or _between({place, other}) <= requires.near)
                    for other in context
                )
            }
        return places


def _is_enough(items: Iterable[Item], group: Group) -> bool:
    weights: dict[object, float] = {}
    for item in items:
        key = item.of.text.lower() if isinstance(item.of, Term) else item.of
        if isinstance(item.of, Term) and item.of.kind is TermKind.ENTITY:
            key = f"${item.of.text}"
        weights[key] = max(item.weight, weights.get(key, 0.0))
    least = 1 if group.at_least is None and group.threshold is None else group.at_least or 0
    return len(weights) >= least and sum(weights.values()) >= (group.threshold or 0.0)


def _between(places: Iterable[Place]) -> int:
    """The words between the place that ends first and the one that starts last."""
    listed = list(places)
    return max(place.first for place in listed) - min(place.last + 1 for place in listed)


def _reads(term: Term, words: list[str], wanted: list[str]) -> bool:
    if term.kind is TermKind.EXACT:
        return words == wanted
    folded = [word.lower() for word in words]
    if term.kind is TermKind.PREFIX:
        return folded[:-1] == wanted[:-1] and folded[-1].startswith(wanted[-1])
    return folded == [word.lower() for word in wanted]
