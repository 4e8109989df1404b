"""All that is decided for one poll, without I/O and without a clock.

    entries ─► fresh ─► matched ─► placed in stories ─► told on ─► first messages, revisions, replies ─► Batch

The poller fetches what each step needs to know and stores the batch. No step looks at the order in which a feed
lists its entries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.alerts.caps import CHANNEL, FEED, QUIET, Caps, rang_on
from bot.alerts.desk import Desk
from bot.alerts.first import News, Telling, first_alerts, news_of, spared
from bot.alerts.later import replies, revisions
from bot.alerts.routing import NO_TWINS, RANK, Cooldowns, Owed
from bot.feeds.identity import Keyed
from bot.models import (
    Article,
    Batch,
    Cooldown,
    Earlier,
    FeedState,
    Folded,
    FoldReason,
    Held,
    Match,
    NewDelivery,
    Pause,
    Place,
    Pulse,
    Revision,
    Story,
    Told,
)
from bot.rules.definitions import Priority, RuleBook
from bot.stories.development import news as what_is_new
from bot.stories.fingerprint import digest
from bot.stories.folding import Placement, StoryIndex
from bot.stories.keys import Keys, url_key
from bot.stories.life import founded, tells, told_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A new entry of a feed with the rules that rang on it."""

    keyed: Keyed
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A new entry and its place among the stories."""

    candidate: Candidate
    place: Placement


def match_all(
    entries: Iterable[Keyed], match: Callable[[Article], tuple[Match, ...]]
) -> tuple[Candidate, ...]:
    """Hold the rules against each entry."""
    return tuple(Candidate(keyed=entry, matches=match(entry.article)) for entry in entries)


def fold_keys(entries: Iterable[Keyed]) -> tuple[frozenset[str], frozenset[str]]:
    """The canonical URLs and text keys under which stories may be known already."""
    known = tuple(entries)
    urls = frozenset(url for entry in known if (url := url_key(entry.article.canonical_url)) is not None)
    texts = frozenset(entry.text_key for entry in known if entry.text_key is not None)
    return urls, texts


def fold(candidates: Iterable[Candidate], index: StoryIndex, keys: Keys, now: datetime) -> tuple[Placed, ...]:
    """Place each entry among the stories, the oldest first; those of one time in an order that only they decide.

    The undated are as new as their discovery, and so is what claims to come from the future.
    """
    timed = [(min(candidate.keyed.article.published or now, now), candidate) for candidate in candidates]
    timed.sort(key=lambda pair: (pair[0], digest(*pair[1].keyed.keys)))
    return tuple(
        Placed(
            candidate=candidate,
            place=index.place(
                candidate.keyed.article,
                at=at,
                keys=keys,
                text=candidate.keyed.text_key,
                id_repeats=candidate.keyed.id_repeats,
            ),
        )
        for at, candidate in timed
    )


def touched(placed: Iterable[Placed]) -> frozenset[str]:
    """The ids of the stories that are told on, and of those that they return to."""
    places = [each.place for each in placed]
    return frozenset(place.story_id for place in places) | {p.follows for p in places if p.follows}


def decide(
    placed: Sequence[Placed],
    *,
    seen: Collection[str],
    stories: Iterable[Story],
    told: Iterable[Told],
    cooling: Iterable[Cooldown],
    book: RuleBook,
    before: FeedState,
    after: FeedState,
    now: datetime,
    same: Mapping[str, str] = NO_TWINS,
    pulse: Pulse = QUIET,
    pauses: Iterable[Pause] = (),
) -> Batch:
    """Everything that one poll wants stored.

    `placed` are the entries that the feed never brought before, as `fold` gives them; `seen` all keys of the
    document; `stories` and `told` what is stored of the stories that they touch; `cooling` the cooldowns that
    run; `before` and `after` the feed's state around the poll; `same` the chats that go under another address;
    `pulse` what has rung lately, and `pauses` the rules that rang too much.
    """
    desk = Desk.of(book, now=now, first_poll=before.first_polled_at is None, same=same)
    life = _Life(stories, told, desk)
    for each in placed:
        life.tell(each)
    owed = _Owing(life, cooling, pulse=pulse, pauses=pauses)
    owed.first_messages()
    return Batch(
        at=now,
        feed=after,
        seen=tuple(seen),
        articles=tuple(telling.folded for telling in life.told_now),
        stories=tuple(life.stories[story_id] for story_id in life.tellings),
        deliveries=(*owed.deliveries, *life.replies),
        revisions=life.revisions(),
        held=tuple(owed.held),
        cooldowns=tuple(owed.cooldowns),
        pauses=tuple(owed.caps.pauses.values()),
    )


class _Life:
    """The stories of one poll as they are told on, article by article."""

    def __init__(self, stories: Iterable[Story], told: Iterable[Told], desk: Desk) -> None:
        self.desk = desk
        self.before: Mapping[str, Story] = {story.id: story for story in stories}
        self.stories = dict(self.before)
        self.told: defaultdict[str, list[Told]] = defaultdict(list)
        for first in told:
            self.told[first.story_id].append(first)
        self.told_now: list[Telling] = []
        self.tellings: defaultdict[str, list[Telling]] = defaultdict(list)
        self.replies: list[NewDelivery] = []

    def tell(self, placed: Placed) -> None:
        """Let an article tell its story on."""
        place, entry = placed.place, placed.candidate.keyed
        article = entry.article
        known = self.stories.get(place.story_id)
        story = known or founded(place.story_id, article, at=place.at, follows=place.follows)
        new = what_is_new(article, at=place.at, reason=place.reason, story=story) if known else ()
        is_first = not tells(story, article.feed_url)
        folded = Folded(
            article=article,
            keys=entry.keys,
            text_key=entry.text_key,
            story_id=place.story_id,
            reason=place.reason,
            repeats=not is_first and not new and place.reason is not FoldReason.NEW,
            at=place.at,
            sketch=place.sketch,
            matches=placed.candidate.matches,
        )
        after = told_on(story, article, at=place.at, matches=folded.matches, feeds=self.desk.feeds)
        self.stories[place.story_id] = self._developed(story, after, folded, new) if new else after
        telling = Telling(folded=folded, first=is_first)
        self.told_now.append(telling)
        self.tellings[place.story_id].append(telling)

    def news(self) -> list[News]:
        """The stories that rules ring on, in the order in which they came to be news."""
        found = (
            news_of(self.before.get(story_id), self.stories[story_id], tellings, self.desk)
            for story_id, tellings in self.tellings.items()
        )
        return [each for each in found if each is not None]

    def earlier(self, story: Story) -> Earlier | None:
        """The story that one returns to, as long as it is remembered."""
        ended = self.stories.get(story.follows or "")
        return None if ended is None else Earlier(title=ended.lead.title, url=ended.lead.url)

    def revisions(self) -> tuple[Revision, ...]:
        """How messages that stand should read by now."""
        return tuple(
            revision
            for story_id in self.tellings
            for revision in revisions(
                self.told[story_id],
                before=self.before.get(story_id),
                after=self.stories[story_id],
                desk=self.desk,
            )
        )

    def _developed(self, story: Story, after: Story, folded: Folded, new: tuple[str, ...]) -> Story:
        """The story after an article with something new, which is told unless something else just was.

        What is not told for that reason is not remembered either, so that it is told when it is said again.
        """
        owed = replies(self.told[story.id], folded=folded, new=new, story=after, desk=self.desk)
        if not owed:
            return after
        since = None if story.developed_at is None else self.desk.now - story.developed_at
        if since is not None and timedelta() <= since < self.desk.book.defaults.development_after:
            return replace(after, facts=story.facts)
        self.replies += owed
        return replace(after, developed_at=self.desk.now)


class _Owing:
    """What is owed for the first time, now or once its rules have cooled down and its caps have room."""

    def __init__(
        self, life: _Life, cooling: Iterable[Cooldown], *, pulse: Pulse, pauses: Iterable[Pause]
    ) -> None:
        self._life = life
        self._desk = life.desk
        # One whose time is over stays paused until somebody has looked at it anew.
        soon = life.desk.now + timedelta(minutes=1)
        paused = {pause.rule: max(pause.until, soon) for pause in pauses}
        self._running = Cooldowns(cooling, life.desk.now, paused)
        self.caps = Caps(
            pulse,
            life.desk,
            articles=len(life.told_now),
            rang=rang_on((match.rule for match in telling.folded.matches) for telling in life.told_now),
        )
        self.deliveries: list[NewDelivery] = []
        self.held: list[Held] = []
        self.cooldowns: list[Cooldown] = []

    def first_messages(self) -> None:
        """Owe, hold or spare the first message of each story that is news."""
        news = self._life.news()
        reasons = spared(news, self._desk)
        for each in news:
            story = each.story
            for alert in first_alerts(
                each,
                told=[first.place for first in self._life.told[story.id]],
                earlier=self._life.earlier(story),
                spared=reasons.get(story.id),
                desk=self._desk,
            ):
                if alert.suppressed is not None:
                    self.deliveries.append(alert)
                else:
                    self._owe(alert, story)

    def _owe(self, alert: NewDelivery, story: Story) -> None:
        owed = Owed(place=Place(chat=alert.chat, thread=alert.thread), rules=alert.rules)
        waits_for = self._obstacle(alert, owed)
        if waits_for is not None:
            self.held.append(_held(alert, story, owed.place, waits_for))
            return
        self.caps.count(owed, feed_url=alert.feed_url or "", story=story.id)
        started = self._running.start(owed, self._desk.rules)
        self.deliveries.append(replace(alert, cooldowns=started))

    def _obstacle(self, alert: NewDelivery, owed: Owed) -> str | None:
        """What an alert must wait for: a rule that cools down or is paused, a cap that is reached."""
        feed_url = alert.feed_url or ""
        others = (FEED + feed_url, *((CHANNEL,) if alert.priority < RANK[Priority.HIGH] else ()))
        waits_for = self._running.holding(owed, *others)
        if waits_for is not None:
            self.cooldowns += self._running.written(owed.place, waits_for)
            return waits_for
        limit = self.caps.limit(
            owed,
            self._running.free(owed),
            feed_url=feed_url,
            story=alert.story_id,
            priority=alert.priority,
        )
        if limit is None:
            return None
        for pause in self.caps.pauses.values():
            self._running.pause(pause.rule, pause.until)
        self.cooldowns.append(self._running.begin(limit))
        return limit.rule


def _held(alert: NewDelivery, story: Story, place: Place, rule: str) -> Held:
    lead = story.lead
    return Held(
        dedupe_key=alert.dedupe_key,
        place=place,
        rule=rule,
        story_id=story.id,
        title=lead.title,
        url=lead.url,
        source=lead.source,
        message=alert.message,
    )
