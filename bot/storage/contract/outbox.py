"""What is owed, from the debt to the message's id."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from bot.models import Delivery, DeliveryState, Doubt, NewDelivery, Outcome, Verdict


class Outbox(Protocol):
    """What the dispatcher does with what is owed."""

    async def owe(self, delivery: NewDelivery, now: datetime) -> int:
        """Store a delivery that comes of no poll; 1 where it is newly pending."""

    async def revise(self, now: datetime, *, limit: int, gap: timedelta) -> int:
        """Owe an edit for each message that stands in its chat, should read otherwise and may be edited now.

        A message is edited at most `limit` times: first `gap` after it was sent, then 10 times `gap` after the
        first edit, then 100 times after the second, since most sources come early. Returns the number of edits
        owed. An edit has the priority of the lowest, so that news goes first.
        """

    async def claim(self, now: datetime, *, lease: timedelta) -> Delivery | None:
        """Take the next delivery of a chat whose turn it is, or None.

        The delivery is `sending` and committed before this returns. At most one delivery a chat is in flight or in
        doubt, edits apart; within a chat and priority, order of recording is kept, and over all chats the highest
        priority goes first. A reply is not taken before the message that it answers is settled. One that may have
        been sent before the database was restored becomes uncertain instead.
        """

    async def next_turn(self) -> datetime | None:
        """When the first chat for which something waits may be sent to; None where nothing waits."""

    async def finish(self, delivery: Delivery, outcome: Outcome, now: datetime, *, pause: timedelta) -> bool:
        """Write down what became of a claimed delivery, and when its chat's next turn is.

        `pause` is the wait before the chat, or the doubt, is looked at again; the chat's pace, by
        `bot.delivery.pacing`, holds besides. Conditions that begin or end by the outcome are written down with it.
        An outcome that is told after the lease ran out counts as long as nobody has claimed the delivery since: its
        sender is the only one who knows. False, and no change, when the claim had passed to somebody else.

        ChatPaused keeps the queue and pauses the chat, ChatDead fails the queue and suppresses what comes later,
        ChatMigrated points all at the new id, now and later. TopicClosed does what the delivery's
        `on_topic_closed` says, and is kept in mind for those after it; the topic is tried anew after
        `pause`, and ever later as long as it stays closed, whichever delivery tries it.
        """

    async def doubts(self, now: datetime) -> tuple[Doubt, ...]:
        """The deliveries in doubt whose wait is over, edits apart.

        What outlived its lease becomes uncertain, and a doubtful edit pending again, since its message stands once
        however often it is made.
        """

    async def resolve(self, doubt: Doubt, verdict: Verdict, now: datetime) -> DeliveryState | None:
        """End a doubt, and return the delivery's state: sent, pending again, or failed where it is to be dropped.

        None, and no change, when it had been ended already.
        """

    async def postpone(self, doubt: Doubt, until: datetime) -> None:
        """Look at a doubt again at a later time."""

    async def take_turn(self, chat: str, now: datetime) -> timedelta:
        """Take a turn in a chat for something that is no delivery; zero if it is taken, else the wait for it."""

    async def last_send(self) -> datetime | None:
        """When a message was last tried."""
