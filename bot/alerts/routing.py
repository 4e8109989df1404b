"""Which chats are owed a story, now or after a cooldown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.models import Cooldown, Place
from bot.rules.definitions import Channel, Priority, Rule

RANK = {Priority.HIGH: 1, Priority.NORMAL: 0, Priority.LOW: -1}
"""Priorities as numbers: the higher goes first, one below zero makes no sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A place in Telegram that follows at least one of the rules that rang, and which of them."""

    place: Place
    rules: tuple[str, ...]


def route(rang: Collection[str], channels: Sequence[Channel]) -> tuple[Owed, ...]:
    """Each place that follows a rule that rang, once, in the order of the file.

    A chat listed twice hears once, of all that either listing follows; its topics are places of their own.
    """
    names: dict[str, str] = {}
    places: dict[Place, list[str]] = {}
    for channel in channels:
        name = names.setdefault(channel.chat.casefold(), channel.chat)
        followed = [rule for rule in channel.rules if rule in rang]
        if followed:
            places.setdefault(Place(chat=name, thread=channel.thread), []).extend(followed)
    return tuple(Owed(place=place, rules=tuple(dict.fromkeys(rules))) for place, rules in places.items())


def rank(rules: Iterable[Rule]) -> int:
    """The priority of an alert that several rules rang: that of the most urgent."""
    return max(RANK[rule.priority] for rule in rules)


class Cooldowns:
    """Which rules cool down where. It grows by every alert that starts one; it does no I/O."""

    def __init__(self, running: Iterable[Cooldown], now: datetime) -> None:
        self._now = now
        self._until = {(c.place, c.rule): c.until for c in running if c.until > now}

    def holding(self, owed: Owed) -> str | None:
        """The rule for which an alert must wait, the first to be free; None when one of its rules is free now."""
        waits = {rule: self._until.get((owed.place, rule)) for rule in owed.rules}
        times: Mapping[str, datetime] = {rule: until for rule, until in waits.items() if until is not None}
        return min(times, key=lambda rule: times[rule]) if len(times) == len(waits) else None

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
