"""Finds the story that tells of the same event, in other words or in another language.

    a text ─► the texts that share its rare words ─► their stories, the most like first ─► evidence ─► a score

Everything is kept in a few arrays, and one record a text, so that a hundred thousand texts are small.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.models import Article
from bot.stories.evidence import Around, features
from bot.stories.likeness import Comparer, Likeness, Text, choose
from bot.stories.postings import LINKS, Postings
from bot.stories.rarity import Rarity
from bot.stories.record import NEIGHBOURS, NOTHING, RECORD, Rows, is_current, pack, unpack
from bot.stories.sketch import read
from bot.stories.words import Reader

CONSIDERED: Final = 48
"""Texts that are compared in full; the others share fewer rare words."""

ALIKE: Final = 0.04
"""Texts that are less like are no neighbours."""

JUDGED: Final = 2
"""Stories on which evidence is taken."""

REPRESENTED: Final = 8
"""The latest texts of a story that stand for it."""

_WALKED: Final = 32
_GROWTH: Final = 1.25
_NONE: Final = -1


@dataclass(slots=True)
class Candidate:
    """A story that a text may belong to, with the evidence; `across` when its texts are in another language."""

    story: int
    across: bool
    rows: Rows
    likeness: Likeness
    features: list[float]


@dataclass(slots=True)
class Looked:
    """A text, the stories that it may belong to, and how like the nearest stories are, by story."""

    text: Text
    candidates: list[Candidate]
    near: dict[int, float]


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
        self._sizes = array("i")
        self._first_span = -(2**31)

    def __len__(self) -> int:
        return len(self._stories)

    def look(self, article: Article) -> Looked:
        """Read an article, and find the stories that it may belong to."""
        reading = read(article, self._reader)
        buckets = np.fromiter(reading.counts, np.uint32, len(reading.counts))
        text = choose(reading, self._rarity.weigh(buckets))
        found = self._postings.find(
            zip(text.terms[:LINKS].tolist(), (text.weights[:LINKS] ** 2).tolist(), strict=True)
        )
        looked = Looked(text=text, candidates=[], near={})
        if not found:
            return looked
        best = sorted(found, key=lambda number: (-found[number], -number))[:CONSIDERED]
        numbers = np.array(best)
        alike = self._comparer.all_words(text, self._records[numbers])
        own = text.record["language"][0]
        theirs = self._records["language"][numbers]
        across = (theirs != own) & (theirs != b"") & (own != b"")
        for is_across in (False, True):
            chosen = np.flatnonzero((alike > ALIKE) & (across == is_across))
            self._judge(looked, numbers[chosen], alike[chosen], across=is_across)
        return looked

    def add(self, looked: Looked, story: int, span: int) -> bytes:
        """Add a text that was looked at to a story, and return its sketch."""
        text = looked.text
        while len(self._latest) <= story:
            self._latest.append(_NONE)
            self._sizes.append(0)
        others = sorted((like for other, like in looked.near.items() if other != story), reverse=True)
        crowd = others[:NEIGHBOURS]
        text.record["crowd"][0, : len(crowd)] = crowd
        number = len(self._stories)
        if number == len(self._records):
            self._records = np.concatenate(
                (self._records, np.zeros(int(number * (_GROWTH - 1)) + 256, RECORD))
            )
        self._records[number] = text.record[0]
        self._spans.append(span)
        self._stories.append(story)
        self._earlier.append(self._latest[story])
        self._latest[story] = number
        self._sizes[story] += 1
        self._postings.add(text.terms[:LINKS].tolist(), span)
        self._rarity.add(span, text.counted)
        chosen = set(text.terms.tolist())
        rest = np.array([bucket for bucket in text.counted.tolist() if bucket not in chosen], np.uint32)
        return pack(text.record, rest)

    def take_back(self, counted: NDArray[np.uint32]) -> None:
        """Forget the text that was added last, whose words all were `counted`."""
        number = len(self._stories) - 1
        story = self._stories.pop()
        span = self._spans.pop()
        self._latest[story] = self._earlier.pop()
        self._sizes[story] -= 1
        terms = self._records["terms"][number][:LINKS]
        self._postings.take_back(terms[terms != NOTHING].tolist())
        self._rarity.take_back(span, counted)

    def drop_before(self, span: int) -> None:
        """Take no more notice of texts of earlier spans."""
        if span > self._first_span:
            self._first_span = span
            self._rarity.drop_before(span)
            self._postings.drop_before(span)

    def load(self, sketches: Sequence[bytes], stories: Sequence[int], spans: Sequence[int]) -> None:
        """Add stored texts at once, to an empty index; stories are numbered in the order of their first texts."""
        good = [number for number, sketch in enumerate(sketches) if is_current(sketch)]
        self._latest = array("i", [_NONE]) * (max(stories, default=-1) + 1)
        self._sizes = array("i", [0]) * len(self._latest)
        if not good:
            return
        self._records, rests = unpack([sketches[number] for number in good])
        self._spans = array("i", [spans[number] for number in good])
        self._stories = array("i", [stories[number] for number in good])
        self._earlier = array("i")
        for number, story in enumerate(self._stories):
            self._earlier.append(self._latest[story])
            self._latest[story] = number
            self._sizes[story] += 1
        self._postings = Postings.of(self._records["terms"][:, :LINKS], self._spans)
        for span in sorted(set(self._spans)):
            of_span = [number for number, each in enumerate(self._spans) if each == span]
            terms = self._records["terms"][of_span]
            words = np.concatenate((terms[terms != NOTHING], *(rests[number] for number in of_span)))
            self._rarity.add(span, words, texts=len(of_span))

    def _judge(
        self, looked: Looked, numbers: NDArray[np.int64], alike: NDArray[np.float64], *, across: bool
    ) -> None:
        if not len(numbers):
            return
        near: dict[int, float] = {}
        for number, like in zip(numbers.tolist(), alike.tolist(), strict=True):
            story = self._stories[number]
            if like > near.get(story, 0.0):
                near[story] = like
        ranked = sorted(near, key=lambda story: (-near[story], -story))
        for story in ranked[:JUDGED]:
            others = tuple(near[other] for other in ranked[: NEIGHBOURS + 1] if other != story)
            members = list(self._members(story, looked.text, across=across))
            rows = self._records[members]
            likeness = self._comparer.likeness(looked.text, rows)
            around = Around(
                nearest=near[story],
                others=others[:NEIGHBOURS],
                of_story=tuple(rows["crowd"].ravel().tolist()),
                size=self._sizes[story],
                seen=self._rarity.texts,
                candidates=len(numbers),
            )
            looked.candidates.append(
                Candidate(
                    story=story,
                    across=across,
                    rows=rows,
                    likeness=likeness,
                    features=features(looked.text.record, rows, likeness, around),
                )
            )
        for story, like in near.items():
            looked.near[story] = max(like, looked.near.get(story, 0.0))

    def _members(self, story: int, text: Text, *, across: bool) -> Iterator[int]:
        """The latest texts of a story in the text's language, or in others."""
        own = text.record["language"][0]
        number = self._latest[story]
        left, walked = REPRESENTED, 0
        while number != _NONE and left and walked < _WALKED:
            theirs = self._records["language"][number]
            if (theirs not in (own, b"") and own != b"") == across:
                yield number
                left -= 1
            number = self._earlier[number]
            walked += 1
