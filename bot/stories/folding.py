"""Which story an article belongs to.

    same page, id or text ─► near text ─► same event ─► a story of its own

An article joins the story of an earlier one that has one of its keys, or nearly its text, or that tells of the
same event in other words or another language. A title alone never folds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.models import Article, FoldReason, Sketched
from bot.stories.copies import NO_COPY, PHRASED_ALIKE, Copy, compared
from bot.stories.events import FIRST_SPAN, Candidate, Events, Looked
from bot.stories.evidence import Model, days_between, explain, model
from bot.stories.fingerprint import digest
from bot.stories.grounds import comparable
from bot.stories.keys import Keys
from bot.stories.sketch import feed_number

ENDS_AFTER: Final = timedelta(hours=72)
_NEVER: Final = float("-inf")

REMEMBERED: Final = 2
"""For so many times the silence that ends a story its texts stay known, for those that return to it."""

LONGEST_REMEMBERED: Final = 28
ENOUGH: Final = 1_100
"""Where so many texts are not known, those of longer ago stay: how rare a word is, and how crowded a subject, is
seen from other news, however old."""


SAME_FEED: Final = 2.0
"""How much surer one must be of a story that only the article's own feed tells. An outlet seldom tells an event twice;
what it says of a subject next is mostly something else, and its readers are to hear of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """An article's story and why it belongs there.

    `at` is the time that counts for it, `sketch` what the index remembers of it, empty where it brings nothing
    new. `follows` is, for a new story, the ended one that it returns to. `parts` say what speaks for and against
    a join by text or event, in words.
    """

    story_id: str
    reason: FoldReason
    at: datetime
    sketch: bytes
    follows: str | None = None
    parts: tuple[str, ...] = ()


@dataclass(slots=True)
class _Step:
    """What placing an article changed, so that it can be taken back."""

    story: int
    last: float
    counted: NDArray[np.uint32] | None
    founded: bool
    newest: float
    first_span: int


@dataclass(frozen=True, slots=True, eq=False)
class _Verdict:
    """A story that an article may join, and why."""

    candidate: Candidate
    copy: Copy
    features: list[float]
    model: Model
    margin: float

    @property
    def reason(self) -> FoldReason:
        return FoldReason.NEAR_TEXT if self.copy.copied else FoldReason.SAME_EVENT

    @property
    def story(self) -> int:
        return self.candidate.story


class StoryIndex:
    """The stories that an article may join. It grows by every article that is placed, and does no I/O.

    A story ends after `ends_after` of silence. Without `fold_events` only keys fold. While few texts are known they
    are remembered for `longest` times the silence that ends a story.
    """

    def __init__(
        self,
        *,
        ends_after: timedelta = ENDS_AFTER,
        fold_events: bool = True,
        longest: int = LONGEST_REMEMBERED,
    ) -> None:
        self._longest = longest
        self._events = Events()
        self._ids: list[str] = []
        self._numbers: dict[str, int] = {}
        self._last: list[float] = []
        self._newest = _NEVER
        self._steps: list[_Step] = []
        self._placed = 0
        self.use(ends_after=ends_after, fold_events=fold_events)

    @classmethod
    def of(
        cls, sketched: Iterable[Sketched], *, ends_after: timedelta = ENDS_AFTER, fold_events: bool = True
    ) -> StoryIndex:
        """The index that has placed these articles, in this order."""
        index = cls(ends_after=ends_after, fold_events=fold_events)
        sketches, stories, spans = [], [], []
        for article in sketched:
            at = article.at.timestamp()
            number = index._number(article.story_id, at)
            index._last[number] = max(index._last[number], at)
            index._newest = max(index._newest, at)
            sketches.append(article.sketch)
            stories.append(number)
            spans.append(index._span(at))
        index._events.load(sketches, stories, spans)
        if sketches:
            index._drop_old()
        return index

    def use(self, *, ends_after: timedelta, fold_events: bool) -> None:
        """Go by other settings from now on."""
        self._ends_after = ends_after.total_seconds()
        self._fold_events = fold_events

    def place(
        self, article: Article, *, at: datetime, keys: Keys, text: str | None, id_repeats: bool = False
    ) -> Placement:
        """Place an article and remember it, here and among the keys, so that the next one can join it.

        A story is named by its first article: the same entry founds the same story again after a crash.
        `text` is the article's text key; with `id_repeats` its id is known to name several pages, and says nothing.
        """
        found = keys.find(article, text=text, id_repeats=id_repeats)
        newest, first_span = self._newest, self._events.first_span
        self._advance(at)
        placement = self._copy(found, at) if found is not None else self._judge(article, at)
        self._steps[-1].newest, self._steps[-1].first_span = newest, first_span
        keys.add(article, placement.story_id, text=text, id_repeats=id_repeats)
        return placement

    def mark(self) -> int:
        """A state to return to: what was placed after it can be taken back. Earlier marks are void."""
        self._steps.clear()
        self._events.settle()
        if self._events.wastes_memory:
            self._forget_old()
        return self._placed

    def rewind(self, mark: int) -> None:
        """Forget what was placed since the mark, the last first, as if it had never been."""
        while self._placed > mark:
            step = self._steps.pop()
            if step.counted is not None:
                self._events.take_back(step.counted)
            self._newest = step.newest
            self._events.keep_since(step.first_span)
            self._last[step.story] = step.last
            if step.founded:
                self._last.pop()
                del self._numbers[self._ids.pop()]
            self._placed -= 1

    def _copy(self, found: tuple[str, FoldReason], at: datetime) -> Placement:
        """Place an article that is known already under one of its keys: it lengthens its story's life, no more."""
        story_id, reason = found
        self._join(story_id, at, None)
        return Placement(story_id=story_id, reason=reason, at=at, sketch=b"")

    def _judge(self, article: Article, at: datetime) -> Placement:
        """Place an article that has no known key."""
        looked = self._events.look(article)
        joined: _Verdict | None = None
        returned: _Verdict | None = None
        parts: tuple[str, ...] = ()
        if self._fold_events:
            verdicts = [
                verdict for each in looked.candidates if (verdict := self._verdict(article, looked, each))
            ]
            alive = [verdict for verdict in verdicts if not self._ended(verdict.story, at)]
            joined = max((v for v in alive if v.margin >= 0), key=_preferred, default=None)
            ended = (v for v in verdicts if v.margin >= 0 and v not in alive)
            returned = None if joined else max(ended, key=_preferred, default=None)
            closest = joined or returned or max(verdicts, key=_preferred, default=None)
            parts = self._parts(closest, at) if closest is not None else ()
        story_id = self._ids[joined.story] if joined is not None else name_of(article)
        reason = joined.reason if joined is not None else FoldReason.NEW
        is_copy = reason is FoldReason.NEAR_TEXT and not _is_longest(looked, joined)
        return Placement(
            story_id=story_id,
            reason=reason,
            at=at,
            sketch=self._join(story_id, at, None if is_copy else looked),
            follows=self._ids[returned.story] if returned is not None else None,
            parts=parts,
        )

    def _verdict(self, article: Article, looked: Looked, candidate: Candidate) -> _Verdict | None:
        """Whether an article may join a story by its text; None where nothing could make it."""
        text, rows = looked.text.record, candidate.rows
        if not comparable(looked.text, rows, candidate.likeness, across=candidate.across):
            return None
        gap = days_between(text, rows)
        if gap is not None and timedelta(days=gap - 1).total_seconds() >= self._ends_after:
            return None
        chosen = model("across_languages" if candidate.across else "same_language")
        found = candidate.features
        margin = chosen.score(found) - chosen.threshold
        if article.feed_url and (rows["feed"] == feed_number(article.feed_url)).all():
            margin -= SAME_FEED
        copy = NO_COPY
        if margin >= 0 or candidate.likeness.phrases.max() >= PHRASED_ALIKE:
            copy = compared(text, rows, candidate.likeness)
        if copy.is_another_report:
            return None
        return _Verdict(candidate, copy, found, chosen, max(margin, 0.0) if copy.copied else margin)

    def _parts(self, verdict: _Verdict, at: datetime) -> tuple[str, ...]:
        """What speaks for and against a story, in words."""
        apart = abs(at.timestamp() - self._last[verdict.story])
        return (
            *_copy_in_words(verdict.copy),
            *explain(verdict.candidate.likeness, verdict.features, verdict.model),
            _apart_in_words(apart),
        )

    def _join(self, story_id: str, at: datetime, looked: Looked | None) -> bytes:
        """Remember an article of a story, with its text if it brings one, and return its sketch."""
        moment = at.timestamp()
        founded = story_id not in self._numbers
        number = self._number(story_id, moment)
        step = _Step(number, self._last[number], None, founded, self._newest, self._events.first_span)
        self._last[number] = max(self._last[number], moment)
        sketch = b""
        if looked is not None:
            sketch = self._events.add(looked, number, self._span(moment))
            step.counted = looked.text.counted
        self._steps.append(step)
        self._placed += 1
        return sketch

    def _number(self, story_id: str, at: float) -> int:
        number = self._numbers.get(story_id)
        if number is None:
            number = self._numbers[story_id] = len(self._ids)
            self._ids.append(story_id)
            self._last.append(at)
        return number

    def _ended(self, story: int, at: datetime) -> bool:
        return at.timestamp() - self._last[story] > self._ends_after

    def _span(self, at: float) -> int:
        return int(at // self._ends_after)

    def _advance(self, at: datetime) -> None:
        """Go on to the time of an article, before it is looked at: after a restart then, too, the old are gone."""
        moment = at.timestamp()
        if moment > self._newest:
            self._newest = moment
            self._drop_old()

    def _drop_old(self) -> None:
        """Keep the texts of the latest spans; all of them while nothing was placed."""
        if self._newest == _NEVER:
            self._events.keep_since(FIRST_SPAN)
        else:
            newest = self._span(self._newest)
            enough = self._events.latest_holding(ENOUGH)
            oldest = newest - self._longest
            first = min(newest - REMEMBERED, oldest if enough is None else max(enough, oldest))
            self._events.keep_since(max(first, self._events.first_span))

    def _forget_old(self) -> None:
        """Give the memory of dropped texts back, and of the stories to which nothing has come since."""
        last = np.array(self._last)
        kept = np.flatnonzero(last // self._ends_after >= self._events.first_span)
        renumbered = np.full(len(last), -1, np.int32)
        renumbered[kept] = np.arange(len(kept), dtype=np.int32)
        self._events.compact(renumbered, len(kept))
        self._ids = [self._ids[number] for number in kept.tolist()]
        self._numbers = {story_id: number for number, story_id in enumerate(self._ids)}
        self._last = last[kept].tolist()


def earliest(now: datetime, ends_after: timedelta, *, spans: int = REMEMBERED) -> datetime:
    """The time since when stored articles make up the index: the beginning of the oldest span that it holds.

    Where there are fewer than ENOUGH of them, the index goes back as far as with LONGEST_REMEMBERED `spans`.
    """
    length = ends_after.total_seconds()
    return datetime.fromtimestamp((now.timestamp() // length - spans) * length, UTC)


def name_of(article: Article) -> str:
    """The id of the story that an article founds."""
    identity = (article.entry_id or "", article.canonical_url or "")
    return digest(article.feed_url, *identity, article.title, article.summary, article.content[:1000])[:20]


def _preferred(verdict: _Verdict) -> tuple[bool, float, int]:
    return verdict.reason is FoldReason.NEAR_TEXT, verdict.margin, -verdict.candidate.first


def _is_longest(looked: Looked, joined: _Verdict | None) -> bool:
    """Whether a copy says more than all texts that it was held against, as when a cut text came first."""
    assert joined is not None  # noqa: S101 - what is a copy has joined
    rows = next(each.rows for each in looked.candidates if each.story == joined.story)
    return float(looked.text.record["body"][0]) > 1.2 * float(rows["body"].max())


def _copy_in_words(copy: Copy) -> tuple[str, ...]:
    if not copy.close:
        return ()
    return (
        f"{'a copy' if copy.copied else 'nearly a copy'}, {copy.agree} figures agree and {copy.differ} differ",
    )


def _apart_in_words(seconds: float) -> str:
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} min apart"
    return f"{seconds / 3600:.0f} h apart" if seconds < 2 * 86400 else f"{seconds / 86400:.0f} days apart"
