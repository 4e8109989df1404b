"""Which chats are owed a story, now or after a cooldown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeAlias

from bot.models import Cooldown, Handling, Place
from bot.rules.definitions import Channel, Priority, Rule

NOTHING_PAUSED: Final[Mapping[str, datetime]] = MappingProxyType({})

RANK: Final = {Priority.HIGH: 1, Priority.NORMAL: 0, Priority.LOW: -1}
"""Priorities as numbers: the higher goes first, one below zero makes no sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A place in Telegram that follows at least one of the rules that rang, and which of them."""

    place: Place
    rules: tuple[str, ...]


PlaceKey: TypeAlias = tuple[str, int]
"""What all names of a place have in common: the one address of its chat, in lower case, and the topic or 0."""

NO_TWINS: Final[Mapping[str, str]] = MappingProxyType({})
"""No chat goes under two addresses."""


def place_key(place: Place, same: Mapping[str, str]) -> PlaceKey:
    """The key of a place; `same` are the chats that go under another address, by their own in lower case."""
    chat = place.chat.lower()
    return same.get(chat, chat).lower(), place.thread or 0


def handling(channel: Channel) -> Handling:
    """What a channel wants done with deliveries that do not go out as they should."""
    return Handling(
        expires=channel.expires,
        on_uncertain=channel.on_uncertain,
        on_topic_closed=channel.on_topic_closed,
    )


def route(
    rang: Collection[str], channels: Sequence[Channel], same: Mapping[str, str] = NO_TWINS
) -> tuple[Owed, ...]:
    """Each place that follows a rule that rang, once, in the order of the file.

    A chat listed twice, be it under two addresses, hears once, of all that either listing follows, under the name that
    is listed first; its topics are places of their own.
    """
    names: dict[PlaceKey, Place] = {}
    followed: dict[PlaceKey, list[str]] = {}
    for channel in channels:
        place = Place(chat=channel.chat, thread=channel.thread)
        key = place_key(place, same)
        names.setdefault(key, place)
        rules = [rule for rule in channel.rules if rule in rang]
        if rules:
            followed.setdefault(key, []).extend(rules)
    return tuple(Owed(place=names[key], rules=tuple(dict.fromkeys(rules))) for key, rules in followed.items())


def rank(rules: Iterable[Rule]) -> int:
    """The priority of an alert that several rules rang: that of the most urgent."""
    return max(RANK[rule.priority] for rule in rules)


class Cooldowns:
    """Which rules cool down where. It grows by every alert that starts one; it does no I/O.

    `paused` are rules that cool down everywhere, and until when.
    """

    def __init__(
        self, running: Iterable[Cooldown], now: datetime, paused: Mapping[str, datetime] = NOTHING_PAUSED
    ) -> None:
        self._now = now
        self._until = {(c.place, c.rule): c.until for c in running if c.until > now}
        self._paused = dict(paused)

    def holding(self, owed: Owed, *others: str) -> str | None:
        """What an alert must wait for: where none of its rules is free, the first to be; None where nothing holds it.

        `others` are names of caps, any of which holds it as well. They come second, since what waits for a cap comes
        when that has room, and a rule may cool down for longer.
        """
        waits = {rule: self._wait(owed.place, rule) for rule in owed.rules}
        times: Mapping[str, datetime] = {rule: until for rule, until in waits.items() if until is not None}
        if len(times) == len(waits):
            return min(times, key=lambda rule: times[rule])
        return next((name for name in others if (owed.place, name) in self._until), None)

    def free(self, owed: Owed) -> tuple[str, ...]:
        """Those of an alert's rules that do not cool down."""
        return tuple(rule for rule in owed.rules if self._wait(owed.place, rule) is None)

    def begin(self, cooldown: Cooldown) -> Cooldown:
        """Begin a cooldown that comes of a cap, and return it."""
        self._until[cooldown.place, cooldown.rule] = cooldown.until
        return cooldown

    def pause(self, rule: str, until: datetime) -> None:
        """Let a rule cool down everywhere."""
        self._paused[rule] = until

    def written(self, place: Place, name: str) -> tuple[Cooldown, ...]:
        """The cooldown in a place that comes of a rule's pause, if it is to be written down yet."""
        if (place, name) in self._until:
            return ()
        return (self.begin(Cooldown(place=place, rule=name, until=self._paused[name])),)

    def _wait(self, place: Place, rule: str) -> datetime | None:
        return self._until.get((place, rule)) or self._paused.get(rule)

    def start(self, owed: Owed, rules: Mapping[str, Rule]) -> tuple[Cooldown, ...]:
        """Begin the cooldowns of an alert that goes out now, and return them."""
        started = []
        for rule_id in owed.rules:
            wait = rules[rule_id].cooldown
            if wait is not None:
                until = self._now + wait
                self._until[owed.place, rule_id] = until
                started.append(Cooldown(place=owed.place, rule=rule_id, until=until))
        return tuple(started)
