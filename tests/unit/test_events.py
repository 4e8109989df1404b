from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cache

import numpy as np
import pytest
from builders import NOON, make_article
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.models import Article, FoldReason, Sketched
from bot.stories import folding
from bot.stories.events import ALIKE, JUDGED, REPRESENTED, Events, Looked
from bot.stories.fingerprint import text_key
from bot.stories.folding import LONGEST_REMEMBERED, Placement, StoryIndex, earliest
from bot.stories.keys import Keys

ENDS_AFTER = timedelta(hours=12)
DAYS = 10
ARTICLES = 2000
FERRY = "A ferry with 240 passengers sank off Sicily. Rescuers from Palermo searched for Captain Rossi."


def article(title: str = "Ferry sinks off Sicily", body: str = FERRY, language: str = "en") -> Article:
    return make_article(title=title, summary="", content=body, language=language)


def filled(*stories: Iterable[Article]) -> Events:
    """An index of these stories, and of some unrelated news."""
    events = Events()
    for number in range(20):
        name = "".join(chr(97 + (number * 7 + letter) % 26) for letter in range(5)).title()
        events.add(
            events.look(article(f"{name} reports", f"The council of {name} met about parks.")), number, 0
        )
    for story, articles in enumerate(stories, 20):
        for each in articles:
            events.add(events.look(each), story, 0)
    return events


def found(looked: Looked) -> list[int]:
    return [candidate.story for candidate in looked.candidates]


def test_an_empty_index_knows_no_story() -> None:
    looked = Events().look(article())
    assert (looked.candidates, looked.near) == ([], {})


def test_the_story_of_the_same_event_comes_first() -> None:
    looked = filled([article()]).look(
        article("Ferry disaster", "Off Sicily a ferry sank; Captain Rossi is missing.")
    )
    assert found(looked)[0] == 20


def test_no_more_stories_are_judged_than_the_nearest() -> None:
    looked = filled(*[[article(f"Ferry number {n}")] for n in range(5)]).look(article())
    assert len(found(looked)) == JUDGED
    assert len(looked.near) >= 5


def test_of_two_equally_like_the_story_that_began_later_comes_first() -> None:
    assert found(filled([article()], [article()]).look(article())) == [21, 20]


def test_a_story_stands_by_its_latest_texts() -> None:
    events = filled([article(f"Ferry report {n}") for n in range(REPRESENTED + 3)])
    (candidate, *_) = events.look(article()).candidates
    assert len(candidate.rows) == REPRESENTED
    assert candidate.around.size == REPRESENTED + 3


def test_stories_in_another_language_are_told_apart() -> None:
    looked = filled([article()], [article(language="it")]).look(article())
    assert {each.story: each.across for each in looked.candidates}[21]
    assert not {each.story: each.across for each in looked.candidates}[20]


def test_a_text_of_unknown_language_is_in_every_language() -> None:
    looked = filled([article(language="it")]).look(article(language=""))
    assert not any(candidate.across for candidate in looked.candidates)


def test_texts_that_are_hardly_like_are_no_neighbours() -> None:
    assert all(like > ALIKE for like in filled([article()]).look(article("Council meets")).near.values())


def test_looking_changes_nothing() -> None:
    events = filled([article()])
    before = state(events)
    events.look(article("Ferry disaster"))
    assert state(events) == before


def test_a_dropped_text_is_not_found() -> None:
    events = filled()
    events.add(events.look(article()), 20, 5)
    events.keep_since(6)
    assert events.look(article()).candidates == []


def test_a_story_counts_only_its_texts_that_are_not_dropped() -> None:
    events = filled([article()])
    events.add(events.look(article()), 20, 5)
    events.keep_since(5)
    (candidate,) = events.look(article()).candidates
    assert (candidate.around.size, candidate.around.seen, len(candidate.rows)) == (1, 1, 1)


def test_a_text_of_a_dropped_span_counts_nowhere() -> None:
    events = filled()
    events.keep_since(0)
    looked = events.look(article())
    events.add(looked, 20, -1)
    assert events.look(article()).near == looked.near
    assert events.look(article()).text.rarity.tolist() == looked.text.rarity.tolist()


@pytest.mark.parametrize("body", ["", "\x00\ud800", "é" * 5000, "震" * 5000, "1 " * 3000, "\n" * 3000])
def test_hostile_texts_are_looked_at(body: str) -> None:
    events = filled([article(body, body)])
    events.add(events.look(article(body, body)), 20, 0)
    assert len(events) == 22


def state(events: Events) -> tuple[bytes | int, ...]:
    size = len(events)
    return (
        size,
        events._records[:size].tobytes(),
        events._spans.tobytes(),
        events._stories.tobytes(),
        events._earlier.tobytes(),
        events._latest.tobytes(),
        events._firsts.tobytes(),
        events._sizes.tobytes(),
        events._postings._heads.tobytes(),
        events._postings._next.tobytes(),
        events._rarity._holding.tobytes(),
        events._rarity.texts,
        events.first_span,
        events._dead,
    )


@cache
def stream() -> tuple[tuple[datetime, Article], ...]:
    """Ten days of made-up news, of which a third tells again in other words what was told in the hours before."""
    chance = random.Random(5)  # noqa: S311 -- the same articles in every run
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    vocabulary = ["".join(chance.choices(syllables, k=chance.randint(1, 3))) for _ in range(4000)]
    zipf = [1 / rank for rank in range(1, 4001)]
    running: list[tuple[list[str], list[str]]] = []
    told = []
    for number in range(ARTICLES):
        if running and chance.random() < 0.4:
            names, words = chance.choice(running[-25:])
        else:
            names = ["".join(chance.choices(syllables, k=3)).title() for _ in range(4)]
            words = [*chance.choices(vocabulary, k=14), str(chance.randint(2, 999))]
            running.append((names, words))
        body = [
            *chance.choices(words, k=14),
            *chance.choices(names, k=6),
            *chance.choices(vocabulary, zipf, k=12),
        ]
        chance.shuffle(body)
        late = timedelta(hours=30 * chance.random() ** 8)
        at = NOON + timedelta(days=DAYS) * number / ARTICLES - late
        address = f"https://feeds.example/{number}"
        told.append(
            (
                at,
                make_article(
                    feed_url=f"https://feeds.example/{number % 50}",
                    entry_id=str(number),
                    url=address,
                    canonical_url=address,
                    title=" ".join(
                        [chance.choice(words), *chance.sample(names, 2), *chance.choices(words, k=4)]
                    ),
                    summary="",
                    content=" ".join(body),
                    published=at,
                ),
            )
        )
        if chance.random() < 0.05:
            told.append((at + late, told[-1][1]))
    return tuple(told)


@pytest.fixture(autouse=True)
def _little_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a span of the made-up news holds is enough, so that older ones are dropped."""
    monkeypatch.setattr(folding, "ENOUGH", 100)


class Folder:
    """An index with the keys of its articles, and all that is stored of them."""

    def __init__(self) -> None:
        self.index = StoryIndex(ends_after=ENDS_AFTER)
        self.keys = Keys()
        self.stored: list[Sketched] = []
        self.now = NOON - timedelta(days=99)

    def place(self, at: datetime, each: Article) -> Placement:
        place = self.index.place(each, at=at, keys=self.keys, text=text_key(each))
        self.stored.append(
            Sketched(story_id=place.story_id, feed_url=each.feed_url, at=at, sketch=place.sketch)
        )
        self.now = max(self.now, at)
        return place

    def restart(self) -> None:
        stored = self.since(earliest(self.now, ENDS_AFTER))
        if sum(bool(each.sketch) for each in stored) < folding.ENOUGH:
            stored = self.since(earliest(self.now, ENDS_AFTER, spans=LONGEST_REMEMBERED))
        self.index = StoryIndex.of(stored, ends_after=ENDS_AFTER)

    def since(self, at: datetime) -> list[Sketched]:
        return [each for each in self.stored if each.at >= at]


def decisions(before_each: Callable[[Folder, int], object]) -> list[Placement]:
    folder = Folder()
    placed = []
    for number, (at, each) in enumerate(stream()):
        before_each(folder, number)
        placed.append(folder.place(at, each))
    return placed


@cache
def plain_decisions() -> list[Placement]:
    return decisions(lambda folder, _: folder.index.mark())


def test_a_third_of_the_made_up_news_joins_by_its_event() -> None:
    reasons = Counter(place.reason for place in plain_decisions())
    assert reasons[FoldReason.SAME_EVENT] > 0.25 * len(stream())
    assert any(place.follows for place in plain_decisions())


def test_restarts_change_no_decision() -> None:
    def restart(folder: Folder, number: int) -> None:
        folder.index.mark()
        if number % 500 == 499:
            folder.restart()

    assert decisions(restart) == plain_decisions()


def test_giving_memory_back_changes_no_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = plain_decisions()
    monkeypatch.setattr("bot.stories.events.LEAST_ROWS", 1)
    monkeypatch.setattr("bot.stories.events.WASTED", 0.01)
    sizes = []

    def mark(folder: Folder, _: int) -> None:
        folder.index.mark()
        sizes.append(len(folder.index._events))

    assert decisions(mark) == plain
    assert max(sizes) < 0.4 * len(plain)


def test_memory_is_given_back_of_texts_and_of_stories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.stories.events.LEAST_ROWS", 1)
    folder = Folder()
    for at, each in stream():
        folder.index.mark()
        folder.place(at, each)
    assert len(folder.index._ids) < 0.5 * len({each.story_id for each in folder.stored})
    assert len(folder.index._events._records) < 0.75 * len(stream())


@settings(max_examples=5, deadline=None)
@given(st.integers(100, 900), st.integers(1, 400))
def test_what_is_taken_back_has_never_been(number: int, taken_back: int) -> None:
    one, other = Folder(), Folder()
    for at, each in stream()[:number]:
        one.place(at, each)
        other.place(at, each)
    mark = one.index.mark()
    other.index.mark()
    keys = one.keys
    one.keys = Keys()
    for at, each in stream()[number : number + taken_back]:
        one.place(at, each)
    one.keys = keys
    one.index.rewind(mark)
    assert state(one.index._events) == state(other.index._events)
    assert (one.index._ids, one.index._last) == (other.index._ids, other.index._last)
    for at, each in stream()[number + taken_back : number + taken_back + 100]:
        assert one.place(at, each) == other.place(at, each)


def test_a_restarted_index_holds_what_the_running_one_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.stories.events.LEAST_ROWS", 1)
    monkeypatch.setattr("bot.stories.events.WASTED", 0.0)
    folder = Folder()
    for at, each in stream()[:1000]:
        folder.place(at, each)
    folder.index.mark()
    running = folder.index._events
    folder.restart()
    restarted = folder.index._events
    assert len(restarted) == len(running)
    assert restarted._records[: len(restarted)].tobytes() == running._records[: len(running)].tobytes()
    assert np.array_equal(restarted._rarity._holding, running._rarity._holding)
    assert restarted._postings._next == running._postings._next
