"""Turns what waited into messages: stories whose rule cooled down or whose cap has room, and alerts that grew old."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from bot.alerts.caps import CHANNEL, FEED, HOUR, still_runs_away
from bot.alerts.desk import Desk
from bot.alerts.digest import backlog_digest, gathered
from bot.alerts.routing import RANK
from bot.errors import StorageError
from bot.models import Backlog, Cooldown, Held, NewDelivery, Pause, Place
from bot.rules.definitions import Rule, RuleBook
from bot.services import Clock
from bot.storage import Storage
from bot.stories.fingerprint import digest

log = logging.getLogger(__name__)

BACKLOG: Final = 1
"""Priority of what tells of old alerts: it goes before the newer ones, since it was owed before them."""


class Digests:
    """Owes what waited, and looks after the rules that are paused.

    `on_pending` is called when deliveries have become due.
    """

    def __init__(
        self, *, book: RuleBook, storage: Storage, clock: Clock, on_pending: Callable[[], None]
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._on_pending = on_pending
        self._book = book
        self._rules = {rule.id: rule for rule in book.rules}
        self._changed: set[str] = set()

    def use(self, book: RuleBook) -> None:
        """Go by another rules file from now on. Rules that changed are paused no longer."""
        rules = {rule.id: rule for rule in book.rules}
        self._changed |= {name for name, rule in self._rules.items() if rules.get(name) != rule}
        self._book, self._rules = book, rules

    async def tick(self) -> None:
        """Turn whatever has waited for long enough into one message a place and cause."""
        try:
            await self._gather_backlog()
            await self._release_held()
            await self._look_at_pauses()
        except StorageError as error:
            log.error("digests_failed error=%s", error)

    async def _release_held(self) -> None:
        now = self._clock()
        waiting: defaultdict[tuple[Place, str], list[Held]] = defaultdict(list)
        for held in await self._storage.due_held(now):
            waiting[held.place, held.rule].append(held)
        if waiting:
            desk = await self._desk(now)
            for (place, cause), stories in waiting.items():
                await self._release(place, cause, stories, desk)

    async def _release(self, place: Place, cause: str, stories: list[Held], desk: Desk) -> None:
        rule = desk.rules.get(cause)
        delivery = NewDelivery(
            dedupe_key=digest("held", *(story.dedupe_key for story in stories)),
            story_id=stories[0].story_id,
            chat=place.chat,
            thread=place.thread,
            rules=() if cause == CHANNEL or cause.startswith(FEED) else (cause,),
            message=gathered(_title(cause, desk), stories, silent=desk.channel(place).silent),
            priority=RANK[rule.priority] if rule else 0,
            cooldowns=_next_cooldown(place, rule, desk.now),
            handling=desk.handling(place),
        )
        if await self._storage.release(stories, delivery, desk.now):
            # A feed's query may hold a key.
            released_for = cause.partition("?")[0]
            log.info("held_released chat=%s for=%s stories=%d", place.chat, released_for, len(stories))
            self._on_pending()

    async def _gather_backlog(self) -> None:
        now = self._clock()
        overdue = await self._storage.overdue(now)
        if overdue:
            desk = await self._desk(now)
            for backlog in overdue:
                await self._expire(backlog, desk)

    async def _expire(self, backlog: Backlog, desk: Desk) -> None:
        place = backlog.place
        delivery = NewDelivery(
            dedupe_key=digest("backlog", place.chat, str(place.thread or ""), *map(str, backlog.ids)),
            story_id="",
            chat=place.chat,
            thread=place.thread,
            rules=(),
            message=backlog_digest(backlog, silent=desk.channel(place).silent),
            priority=BACKLOG,
            handling=replace(desk.handling(place), expires=None),
        )
        if expired := await self._storage.expire(backlog, delivery, desk.now):
            log.warning("deliveries_expired chat=%s count=%d", place.chat, expired)
            self._on_pending()

    async def _look_at_pauses(self) -> None:
        # Rules may change again while we look.
        changed, now = frozenset(self._changed), self._clock()
        for pause in await self._storage.pauses():
            rule = self._rules.get(pause.rule)
            if rule is None or rule.id in changed:
                await self._resume(pause.rule, now)
            elif pause.until <= now:
                await self._look_anew(pause, rule, now)
        self._changed -= changed

    async def _look_anew(self, pause: Pause, rule: Rule, now: datetime) -> None:
        if still_runs_away(await self._storage.pulse(now), rule):
            await self._storage.pause_rule(replace(pause, until=now + HOUR), now)
        else:
            await self._resume(rule.id, now)

    async def _resume(self, rule: str, now: datetime) -> None:
        await self._storage.resume_rule(rule, now)
        log.info("rule_resumed rule=%s", rule)

    async def _desk(self, now: datetime) -> Desk:
        return Desk.of(self._book, now=now, first_poll=False, same=await self._storage.same_chats())


def _title(cause: str, desk: Desk) -> str | None:
    """What a message of stories is titled that waited for a cause: a rule, a feed, or the chat itself."""
    if cause == CHANNEL:
        return None
    if cause.startswith(FEED):
        url = cause.removeprefix(FEED)
        feed = desk.feeds.get(url)
        # Whatever follows the host may be a key of the operator's.
        return (feed and feed.name) or urlsplit(url).hostname or url
    rule = desk.rules.get(cause)
    return rule.title if rule else cause


def _next_cooldown(place: Place, rule: Rule | None, now: datetime) -> tuple[Cooldown, ...]:
    """The cooldown that the gathered message begins in its turn; a rule that is gone has none."""
    if rule is None or rule.cooldown is None:
        return ()
    return (Cooldown(place=place, rule=rule.id, until=now + rule.cooldown),)
