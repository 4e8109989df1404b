"""A search for terms in one field of an article."""

from __future__ import annotations

from collections.abc import Iterable

from bot.rules.hits import Hits
from bot.text.fold import Folded


class Search:
    """The field by its number, its folded text, the article's language, and `found`: the hits by number of term."""

    __slots__ = ("_field", "folded", "found", "language", "text")

    def __init__(self, field: int, folded: Folded, language: str | None, found: dict[int, Hits]) -> None:
        self._field = field
        self.folded = folded
        self.text = folded.text
        self.language = language
        self.found = found

    def add(self, numbers: Iterable[int], start: int, end: int) -> None:
        """Note that terms stand at a place of the folded text."""
        hit = (self._field, *self.folded.span(start, end))
        for number in numbers:
            known = self.found.get(number)
            if known is None:
                self.found[number] = [hit]
            else:
                known.append(hit)
