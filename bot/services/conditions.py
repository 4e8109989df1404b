"""Tells operators of what is the matter, once when it begins and once when it is over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from bot.alerts.conditions import condition_notice
from bot.errors import StorageError
from bot.models import Condition, ConditionKind, NewDelivery
from bot.rules.definitions import RuleBook
from bot.services import Clock
from bot.storage import Storage
from bot.stories.fingerprint import digest

log = logging.getLogger(__name__)

SHUT: Final = frozenset((ConditionKind.CHAT_PAUSED, ConditionKind.CHAT_DEAD))
"""What the operators' chat cannot be told of itself."""

PRIORITY: Final = 1


class Conditions:
    """Owes notices to the operators' chat. `on_pending` is called when one has become due."""

    def __init__(
        self, *, book: RuleBook, storage: Storage, clock: Clock, on_pending: Callable[[], None]
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._on_pending = on_pending
        self.use(book)

    def use(self, book: RuleBook) -> None:
        """Go by another rules file from now on."""
        self._operators = book.operators

    async def tick(self) -> None:
        """Tell of each condition of which operators have not heard, in the log and in their chat."""
        try:
            conditions = await self._storage.untold()
            if not conditions:
                return
            same = await self._storage.same_chats()
            told = [await self._tell(condition, same) for condition in conditions]
        except StorageError as error:
            log.error("conditions_not_told error=%s", error)
            return
        if any(told):
            self._on_pending()

    async def _tell(self, condition: Condition, same: Mapping[str, str]) -> int:
        over = condition.ended_at is not None
        notice = None if self._is_out_of_reach(condition, same) else self._notice(condition)
        told = await self._storage.tell(condition, notice, self._clock())
        log.log(
            logging.INFO if over else logging.WARNING,
            "condition_%s kind=%s subject=%s why=%s",
            "ended" if over else "began",
            condition.kind.value,
            condition.subject,
            condition.why,
        )
        return told

    def _is_out_of_reach(self, condition: Condition, same: Mapping[str, str]) -> bool:
        """Whether it is the operators' chat itself that is shut, under whatever name."""
        if self._operators is None or condition.kind not in SHUT:
            return False
        return _one(condition.subject, same) == _one(self._operators, same)

    def _notice(self, condition: Condition) -> NewDelivery | None:
        if self._operators is None:
            return None
        return NewDelivery(
            dedupe_key=digest(
                "condition",
                condition.kind.value,
                condition.subject,
                condition.began_at.isoformat(),
                "begin" if condition.ended_at is None else "end",
            ),
            story_id="",
            chat=self._operators,
            thread=None,
            rules=(),
            message=condition_notice(condition),
            priority=PRIORITY,
        )


def _one(chat: str, same: Mapping[str, str]) -> str:
    """The one name of a chat."""
    return same.get(chat.lower(), chat).lower()
