"""Turns what waited into messages: stories whose rule cooled down or whose cap has room, and alerts that grew old."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.alerts.caps import CHANNEL, FEED, HOUR, still_runs_away
from bot.alerts.desk import Desk
from bot.alerts.digest import backlog_digest, gathered
from bot.alerts.routing import RANK
from bot.errors import StorageError
from bot.models import Backlog, Cooldown, Held, NewDelivery, Place
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
        waiting: defaultdict[tuple[Place, str], list[Held]] = defaultdict(list)
        for held in await self._storage.due_held(self._clock()):
            waiting[held.place, held.rule].append(held)
        for (place, cause), stories in waiting.items():
            await self._release(place, cause, stories)

    async def _release(self, place: Place, cause: str, stories: list[Held]) -> None:
        now = self._clock()
        rule = self._rules.get(cause)
        desk = await self._desk(now)
        delivery = NewDelivery(
            dedupe_key=digest("held", *(story.dedupe_key for story in stories)),
            story_id=stories[0].story_id,
            chat=place.chat,
            thread=place.thread,
            rules=() if rule is None and cause.startswith((CHANNEL, FEED)) else (cause,),
            message=gathered(self._title(cause), stories, silent=desk.channel(place).silent),
            priority=RANK[rule.priority] if rule else 0,
            cooldowns=_next_cooldown(place, rule, now),
            handling=desk.handling(place),
        )
        if await self._storage.release(stories, delivery, now):
            log.info("held_released chat=%s for=%s stories=%d", place.chat, cause, len(stories))
            self._on_pending()

    def _title(self, cause: str) -> str | None:
        """What a message of stories is titled that waited for a cause: a rule, a feed, or the chat itself."""
        if cause == CHANNEL:
            return None
        if cause.startswith(FEED):
            url = cause.removeprefix(FEED)
            return next((feed.name or url for feed in self._book.feeds if feed.url == url), url)
        rule = self._rules.get(cause)
        return rule.title if rule else cause

    async def _gather_backlog(self) -> None:
        for backlog in await self._storage.overdue(self._clock()):
            await self._expire(backlog)

    async def _expire(self, backlog: Backlog) -> None:
        now, place = self._clock(), backlog.place
        desk = await self._desk(now)
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
        if expired := await self._storage.expire(backlog, delivery, now):
            log.warning("deliveries_expired chat=%s count=%d", place.chat, expired)
            self._on_pending()

    async def _look_at_pauses(self) -> None:
        pauses = await self._storage.pauses()
        if not pauses:
            self._changed.clear()
            return
        now = self._clock()
        for pause in pauses:
            if pause.rule in self._changed or pause.rule not in self._rules:
                await self._resume(pause.rule, now)
            elif pause.until <= now:
                if still_runs_away(await self._storage.pulse(now), pause.rule):
                    await self._storage.pause_rule(replace(pause, until=now + HOUR), now)
                else:
                    await self._resume(pause.rule, now)
        self._changed.clear()

    async def _resume(self, rule: str, now: datetime) -> None:
        await self._storage.resume_rule(rule, now)
        log.info("rule_resumed rule=%s", rule)

    async def _desk(self, now: datetime) -> Desk:
        return Desk.of(self._book, now=now, first_poll=False, same=await self._storage.same_chats())


def _next_cooldown(place: Place, rule: Rule | None, now: datetime) -> tuple[Cooldown, ...]:
    """The cooldown that the gathered message begins in its turn; a rule that is gone has none."""
    if rule is None or rule.cooldown is None:
        return ()
    return (Cooldown(place=place, rule=rule.id, until=now + rule.cooldown),)
