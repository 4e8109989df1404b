"""Lets go of the stories that waited for a rule to cool down."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from bot.alerts.digest import gathered
from bot.alerts.routing import RANK
from bot.errors import StorageError
from bot.models import Cooldown, Held, NewDelivery, Place
from bot.rules.definitions import Rule, RuleBook
from bot.services import Clock
from bot.storage import Storage
from bot.stories.fingerprint import digest

log = logging.getLogger(__name__)


class Digests:
    """Owes what waited. `on_pending` is called when deliveries have become due."""

    def __init__(
        self, *, book: RuleBook, storage: Storage, clock: Clock, on_pending: Callable[[], None]
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._on_pending = on_pending
        self.use(book)

    def use(self, book: RuleBook) -> None:
        """Go by another rules file from now on."""
        self._rules = {rule.id: rule for rule in book.rules}

    async def tick(self) -> None:
        """Turn whatever has waited for long enough into one message a place and rule."""
        try:
            waiting: defaultdict[tuple[Place, str], list[Held]] = defaultdict(list)
            for held in await self._storage.due_held(self._clock()):
                waiting[held.place, held.rule].append(held)
            for (place, rule_id), stories in waiting.items():
                await self._release(place, rule_id, stories)
        except StorageError as error:
            log.error("digests_failed error=%s", error)

    async def _release(self, place: Place, rule_id: str, stories: list[Held]) -> None:
        now = self._clock()
        rule = self._rules.get(rule_id)
        delivery = NewDelivery(
            dedupe_key=digest("held", *(story.dedupe_key for story in stories)),
            story_id=stories[0].story_id,
            chat=place.chat,
            thread=place.thread,
            rules=(rule_id,),
            message=gathered(rule.title if rule else rule_id, stories),
            priority=RANK[rule.priority] if rule else 0,
            cooldowns=_next_cooldown(place, rule, now),
        )
        if await self._storage.release(stories, delivery, now):
            log.info("held_released chat=%s rule=%s stories=%d", place.chat, rule_id, len(stories))
            self._on_pending()


def _next_cooldown(place: Place, rule: Rule | None, now: datetime) -> tuple[Cooldown, ...]:
    """The cooldown that the gathered message begins in its turn; a rule that is gone has none."""
    if rule is None or rule.cooldown is None:
        return ()
    return (Cooldown(place=place, rule=rule.id, until=now + rule.cooldown),)
