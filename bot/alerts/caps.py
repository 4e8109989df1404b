"""How many alerts an hour a chat, a rule and a feed may cause, and when a rule rings on so much that it is paused.

What goes beyond a cap is held under a name: a rule's under its id, a chat's and a feed's under those below. It comes
as one message once the first alert that counted is an hour old.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from bot.alerts.desk import Desk
from bot.alerts.routing import RANK, Owed, PlaceKey
from bot.models import Cooldown, Count, Pause, Place, Pulse
from bot.rules.definitions import Priority, Rule

HOUR: Final = timedelta(hours=1)

CHANNEL: Final = "*"
"""What an alert waits for that is beyond its chat's cap. No rule's id looks so."""

FEED: Final = "feed:"
"""Before a feed's URL, what an alert waits for that is beyond its feed's cap."""

NEARLY_EVERYTHING: Final = 0.5
"""The share of all articles from which on a rule beyond its cap is taken for a mistake."""

SUDDEN: Final = 2.0
"""How many times its share of the day before that must be, or it has always been so, and is meant."""

QUIET: Final = Pulse(places={}, rules={}, feeds={}, articles=0, rang={}, articles_before=0, rang_before={})
"""Nothing has rung."""

K = TypeVar("K", bound=Hashable)


class Caps:
    """Counts the alerts of a poll on top of those of the last hour.

    `articles` is how many the poll brings, `rang` on how many of them each rule rang.
    """

    def __init__(self, pulse: Pulse, desk: Desk, *, articles: int, rang: Mapping[str, int]) -> None:
        self._pulse = pulse
        self._desk = desk
        self._articles = pulse.articles + articles
        self._rang = Counter(pulse.rang) + Counter(rang)
        places, channels = _merged(pulse.places, desk.one), desk.channels
        self._places = _Tally(places, {key: channel.cap for key, channel in channels.items()}, desk.now)
        self._rules = _Tally(pulse.rules, {rule.id: rule.cap for rule in desk.book.rules}, desk.now)
        self._feeds = _Tally(pulse.feeds, {feed.url: feed.cap for feed in desk.book.feeds}, desk.now)
        self.pauses: dict[str, Pause] = {}

    def limit(
        self, owed: Owed, free: Sequence[str], *, feed_url: str, story: str, priority: int
    ) -> Cooldown | None:
        """What an alert must wait for that no cooldown holds, if it is beyond a cap.

        `free` are those of its rules that do not cool down. An urgent alert is not held by its chat's cap.
        """
        now = self._desk.now
        if self._feeds.is_full(feed_url, story):
            return Cooldown(place=owed.place, rule=FEED + feed_url, until=self._feeds.until(feed_url))
        full = [rule for rule in free if self._rules.is_full(rule, story)]
        if len(full) == len(free):
            for rule in full:
                self._judge(rule)
            pause = self.pauses.get(full[0])
            until = pause.until if pause is not None else self._rules.until(full[0])
            return Cooldown(place=owed.place, rule=full[0], until=max(until, now))
        place = self._desk.one(owed.place)
        if priority < RANK[Priority.HIGH] and self._places.is_full(place, story):
            return Cooldown(place=owed.place, rule=CHANNEL, until=self._places.until(place))
        return None

    def count(self, owed: Owed, *, feed_url: str, story: str) -> None:
        """Count an alert that goes out."""
        self._places.add(self._desk.one(owed.place), story)
        self._feeds.add(feed_url, story)
        for rule in owed.rules:
            self._rules.add(rule, story)

    def _judge(self, rule: str) -> None:
        """Pause a rule beyond its cap if it rings on nearly everything, and did not before."""
        if rule in self.pauses or self._articles < self._desk.rules[rule].cap:
            return
        rang = self._rang[rule]
        if is_runaway(self._pulse, rule, rang=rang, articles=self._articles):
            before = round(100 * _share(self._pulse.rang_before.get(rule, 0), self._pulse.articles_before))
            why = f"rang on {rang} of {self._articles} articles in an hour, the day before on {before} %"
            self.pauses[rule] = Pause(rule=rule, until=self._desk.now + HOUR, why=why)


class _Tally(Generic[K]):
    """Alerts an hour by what they count against; a story counts once. What has no cap is never full."""

    def __init__(self, counts: Mapping[K, Count], caps: Mapping[K, int], now: datetime) -> None:
        self._now = now
        self._counts = dict(counts)
        self._caps = caps
        self._has_room: defaultdict[K, dict[str, bool]] = defaultdict(dict)

    def is_full(self, key: K, story: str) -> bool:
        """Whether a story is beyond the cap: not one that has counted, unless it was let through for another rule."""
        cap, count = self._caps.get(key), self._counts.get(key)
        return (
            cap is not None
            and count is not None
            and count.number >= cap
            and not self._has_room[key].get(story, False)
        )

    def until(self, key: K) -> datetime:
        """When the first that was counted is an hour old."""
        return self._counts[key].first_at + HOUR

    def add(self, key: K, story: str) -> None:
        """Count a story."""
        if story in self._has_room[key]:
            return
        self._has_room[key][story] = not self.is_full(key, story)
        count = self._counts.get(key, Count(number=0, first_at=self._now))
        self._counts[key] = Count(number=count.number + 1, first_at=count.first_at)


def is_runaway(pulse: Pulse, rule: str, *, rang: int, articles: int) -> bool:
    """Whether a rule rings on nearly everything now, and suddenly does."""
    share = _share(rang, articles)
    before = _share(pulse.rang_before.get(rule, 0), pulse.articles_before)
    return share >= NEARLY_EVERYTHING and share >= SUDDEN * before


def still_runs_away(pulse: Pulse, rule: Rule) -> bool:
    """Whether a paused rule goes on ringing on nearly everything, and on more than its cap lets through."""
    rang = pulse.rang.get(rule.id, 0)
    return rang > rule.cap and _share(rang, pulse.articles) >= NEARLY_EVERYTHING


def rang_on(matches: Iterable[Iterable[str]]) -> Counter[str]:
    """On how many articles each rule rang; `matches` are the rules of each article."""
    return Counter(rule for rules in matches for rule in set(rules))


def _merged(counts: Mapping[Place, Count], one: Callable[[Place], PlaceKey]) -> dict[PlaceKey, Count]:
    """The counts of places, those of one place under several names added up."""
    merged: dict[PlaceKey, Count] = {}
    for place, count in counts.items():
        other = merged.get(one(place), Count(number=0, first_at=count.first_at))
        merged[one(place)] = Count(
            number=other.number + count.number, first_at=min(other.first_at, count.first_at)
        )
    return merged


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
