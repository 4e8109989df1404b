"""Finds the story that tells of the same event, in other words or in another language.

    a text ─► the texts that share its rare words ─► their stories, the most like first ─► evidence ─► a score

Everything is kept in a few arrays, and one record a text, so that a hundred thousand texts are small.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.models import Article
from bot.stories.evidence import Around, features
from bot.stories.likeness import Comparer, Likeness, Text, choose
from bot.stories.postings import LINKS, Postings
from bot.stories.rarity import FEW, Rarity
from bot.stories.record import NEIGHBOURS, NOTHING, RECORD, Rows, is_current, pack, unpack
from bot.stories.sketch import Reader

CONSIDERED: Final = 48
"""Texts that are compared in full; the others share fewer rare words."""

ALIKE: Final = 0.04
"""Texts that are less like are no neighbours."""

JUDGED: Final = 2
"""Stories on which evidence is taken."""

REPRESENTED: Final = 8
"""The latest texts of a story that stand for it."""

LEAST_ROWS: Final = 4096
WASTED: Final = 0.25
"""From so many texts on, and when more than this share of them is of spans that were dropped, memory is given back."""

_WALKED: Final = 32
_ROOM: Final = 8
_CHUNK: Final = 4096
_NONE: Final = -1

FIRST_SPAN: Final = -(2**31)
"""No span is earlier."""

_Ints = NDArray[np.int32]


@dataclass(slots=True)
class Candidate:
    """A story that a text may belong to; `across` when its texts are in another language.

    `first` is the number of its first living text, which puts stories into one order whatever their numbers are.
    `rows` are its latest texts, `text` is the record of the text itself.
    """

    story: int
    first: int
    across: bool
    text: Rows
    rows: Rows
    likeness: Likeness
    around: Around

    @property
    def features(self) -> list[float]:
        """The evidence, taken when it is asked for."""
        return features(self.text, self.rows, self.likeness, self.around)


@dataclass(slots=True)
class Looked:
    """A text, the stories that it may belong to, and how like the nearest stories are, by story."""

    text: Text
    candidates: list[Candidate]
    near: dict[int, float]


@dataclass(slots=True)
class _Chosen:
    """A story that is to be judged by some of its texts."""

    story: int
    across: bool
    members: list[int]
    around: Around


class Events:
    """The texts of the latest stories. Texts and stories are numbered from 0, in the order of adding."""

    def __init__(self) -> None:
        self._reader = Reader()
        self._comparer = Comparer()
        self._rarity = Rarity()
        self._postings = Postings()
        self._records: Rows = np.zeros(256, RECORD)
        self._spans = array("i")
        self._stories = array("i")
        self._earlier = array("i")
        self._latest = array("i")
        self._firsts = array("i")
        self._sizes = array("i")
        self._first_span = FIRST_SPAN
        self._dead = 0

    def __len__(self) -> int:
        return len(self._stories)

    @property
    def first_span(self) -> int:
        """The earliest span whose texts are found."""
        return self._first_span

    @property
    def wastes_memory(self) -> bool:
        """Whether so many texts were dropped that `compact` is worth its time."""
        return len(self) >= LEAST_ROWS and self._dead > WASTED * len(self)

    def look(self, article: Article) -> Looked:
        """Read an article, and find the stories that it may belong to."""
        reading = self._reader.read(article)
        text = choose(reading, self._rarity.weigh(reading.buckets))
        looked = Looked(text=text, candidates=[], near={})
        numbers, sums = self._postings.find(text.terms[:LINKS].tolist(), text.weights[:LINKS] ** 2)
        if not len(numbers):
            return looked
        # The last key sorts first.
        numbers = numbers[np.lexsort((-numbers, -sums))[:CONSIDERED]]
        rows = self._records.take(numbers)
        alike = self._comparer.all_words(text, rows)
        is_near = alike > ALIKE
        own, theirs = text.record["language"][0], rows["language"]
        across = is_near & (theirs != own) & (theirs != b"") if own else np.zeros(len(rows), np.bool_)
        chosen: list[_Chosen] = []
        for is_across, which in ((False, is_near & ~across), (True, across)):
            like = alike[which].tolist()
            if like:
                near = self._nearest_stories(numbers[which].tolist(), like)
                chosen += self._choose(near, text, across=is_across, candidates=len(like))
                for story, nearest in near.items():
                    looked.near[story] = max(nearest, looked.near.get(story, 0.0))
        looked.candidates = self._compare(text, chosen)
        return looked

    def add(self, looked: Looked, story: int, span: int) -> bytes:
        """Add a text that was looked at to a story, and return its sketch."""
        text = looked.text
        while len(self._latest) <= story:
            self._latest.append(_NONE)
            self._firsts.append(_NONE)
            self._sizes.append(0)
        crowd = sorted((like for other, like in looked.near.items() if other != story), reverse=True)
        text.record["crowd"][0, : len(crowd)] = crowd[:NEIGHBOURS]
        number = len(self._stories)
        if number == len(self._records):
            self._resize(number + number // _ROOM + 256)
        self._records[number] = text.record[0]
        self._spans.append(span)
        self._stories.append(story)
        self._earlier.append(self._latest[story])
        self._latest[story] = number
        self._postings.add(text.terms[:LINKS].tolist(), span)
        if span >= self._first_span:
            if not self._sizes[story]:
                self._firsts[story] = number
            self._sizes[story] += 1
            self._rarity.add(span, text.counted)
        else:
            self._dead += 1
        return pack(text.record, text.rest)

    def take_back(self, counted: NDArray[np.uint32]) -> None:
        """Forget the text that was added last, whose words all were `counted`."""
        number = len(self._stories) - 1
        story = self._stories.pop()
        span = self._spans.pop()
        self._latest[story] = self._earlier.pop()
        terms = self._records["terms"][number][:LINKS]
        self._postings.take_back(terms[terms != NOTHING].tolist())
        if span >= self._first_span:
            self._sizes[story] -= 1
            if not self._sizes[story]:
                self._firsts[story] = _NONE
            self._rarity.take_back(span, counted)
        else:
            self._dead -= 1
        while self._latest and self._latest[-1] == _NONE:
            self._latest.pop()
            self._firsts.pop()
            self._sizes.pop()

    def latest_holding(self, texts: int) -> int | None:
        """The latest span that holds so many texts together with all later ones; None where there are fewer."""
        return self._rarity.latest_holding(texts)

    def keep_since(self, span: int) -> None:
        """Take no notice of texts of earlier spans. Until `settle` an earlier span takes notice of them again."""
        if span != self._first_span:
            self._first_span = span
            self._rarity.keep_since(span)
            self._postings.keep_since(span)
            self._count_living()

    def settle(self) -> None:
        """Nothing that was dropped so far will be asked for again."""
        self._rarity.settle()

    def compact(self, renumbered: _Ints, stories: int) -> None:
        """Give the memory of dropped texts back. A story gets its new number of so many; -1 forgets it.

        What is found afterwards is the same. A story with a text that is not dropped cannot be forgotten.
        """
        kept = np.flatnonzero(np.array(self._spans) >= self._first_span)
        # In place, since a copy would need as much memory again.
        for start in range(0, len(kept), _CHUNK):
            part = kept[start : start + _CHUNK]
            self._records[start : start + len(part)] = self._records[part]
        self._resize(len(kept) + len(kept) // _ROOM + 256)
        self._link(renumbered[np.array(self._stories)[kept]], np.array(self._spans)[kept], stories)

    def load(self, sketches: Sequence[bytes], stories: Sequence[int], spans: Sequence[int]) -> None:
        """Add stored texts at once, to an empty index."""
        good = [number for number, sketch in enumerate(sketches) if is_current(sketch)]
        of_stories, of_spans = (np.array(each, np.int32)[good] for each in (stories, spans))
        if good:
            self._records, rests = unpack([sketches[number] for number in good])
            sizes = [len(rest) for rest in rests]
            words, spans_of_words = np.concatenate(rests), np.repeat(of_spans, sizes)
            for span in sorted(set(of_spans.tolist())):
                of_span = np.flatnonzero(of_spans == span)
                if len(of_span) <= FEW:
                    for number in of_span.tolist():
                        terms = self._records["terms"][number]
                        self._rarity.add(span, np.concatenate((terms[terms != NOTHING], rests[number])))
                    continue
                terms = self._records["terms"][of_span]
                counted = np.concatenate((terms[terms != NOTHING], words[spans_of_words == span]))
                self._rarity.add(span, counted, texts=len(of_span))
        self._link(of_stories, of_spans, max(stories, default=-1) + 1)

    def _nearest_stories(self, numbers: list[int], alike: list[float]) -> dict[int, float]:
        """How like the nearest text of each story is; the most like first, of two equally like the one begun later."""
        stories = [self._stories[number] for number in numbers]
        firsts = [self._firsts[story] for story in stories]
        near: dict[int, float] = {}
        for like, _, story in sorted(zip(alike, firsts, stories, strict=True), reverse=True):
            near.setdefault(story, like)
        return near

    def _choose(self, near: dict[int, float], text: Text, *, across: bool, candidates: int) -> list[_Chosen]:
        """The first of the nearest stories, which are to be judged."""
        ranked = list(near)[: NEIGHBOURS + 1]
        return [
            _Chosen(
                story,
                across,
                self._members(story, text, across=across),
                Around(
                    nearest=near[story],
                    others=tuple(near[other] for other in ranked if other != story)[:NEIGHBOURS],
                    size=self._sizes[story],
                    seen=self._rarity.texts,
                    candidates=candidates,
                ),
            )
            for story in ranked[:JUDGED]
        ]

    def _compare(self, text: Text, chosen: list[_Chosen]) -> list[Candidate]:
        """Compare a text with the texts of all chosen stories at once."""
        if not chosen:
            return []
        rows = self._records.take([number for each in chosen for number in each.members])
        likeness = self._comparer.likeness(text, rows)
        candidates = []
        start = 0
        for each in chosen:
            part = slice(start, start + len(each.members))
            start = part.stop
            candidates.append(
                Candidate(
                    story=each.story,
                    first=self._firsts[each.story],
                    across=each.across,
                    text=text.record,
                    rows=rows[part],
                    likeness=likeness.part(part),
                    around=each.around,
                )
            )
        return candidates

    def _members(self, story: int, text: Text, *, across: bool) -> list[int]:
        """The latest texts of a story in the text's language, or in others."""
        own = text.record["language"][0]
        languages = self._records["language"]
        number = self._latest[story]
        members: list[int] = []
        left = min(_WALKED, self._sizes[story])
        while left and len(members) < REPRESENTED:
            if self._spans[number] >= self._first_span:
                theirs = languages[number]
                if (theirs not in (own, b"") and own != b"") == across:
                    members.append(number)
                left -= 1
            number = self._earlier[number]
        return members

    def _resize(self, size: int) -> None:
        """Make room, or give it back, in place: nothing else holds the array or a part of it."""
        self._records.resize(size, refcheck=False)

    def _link(self, stories: _Ints, spans: _Ints, number: int) -> None:
        """Find the texts, of which the records are there already, by their words and by so many stories."""
        self._stories, self._spans = array("i", stories.tobytes()), array("i", spans.tobytes())
        order = stories.argsort(kind="stable").astype(np.int32)
        again = stories[order][1:] == stories[order][:-1]
        earlier = np.full(len(stories), _NONE, np.int32)
        earlier[order[1:][again]] = order[:-1][again]
        latest = np.full(number, _NONE, np.int32)
        # Of several texts of one story the last assignment stays.
        latest[stories] = np.arange(len(stories), dtype=np.int32)
        self._earlier, self._latest = array("i", earlier.tobytes()), array("i", latest.tobytes())
        self._postings = Postings.of(self._records["terms"][: len(stories), :LINKS], self._spans)
        self._postings.keep_since(self._first_span)
        self._count_living()

    def _count_living(self) -> None:
        """Count the texts of each story that are not dropped, and note the first."""
        living = np.flatnonzero(np.array(self._spans, np.int32) >= self._first_span).astype(np.int32)
        stories = np.array(self._stories, np.int32)[living]
        sizes = np.bincount(stories, minlength=len(self._latest)).astype(np.int32)
        firsts = np.full(len(self._latest), _NONE, np.int32)
        firsts[stories[::-1]] = living[::-1]
        self._sizes, self._firsts = array("i", sizes.tobytes()), array("i", firsts.tobytes())
        self._dead = len(self._stories) - len(living)
