"""What lives of the delivery are to send, and the clock by which they do."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from zygote import Order

from bot.models import Batch, FeedState, Message, NewDelivery, Revision

FEED = "https://wire.example/rss.xml"


class Wall:
    """The clock on the wall, which somebody can set."""

    def __init__(self, ahead: float) -> None:
        self._by = timedelta(seconds=ahead)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._by

    def set(self, by: float) -> None:
        """Set it on, or back."""
        self._by += timedelta(seconds=by)


def plan(order: Order, clock: Callable[[], datetime]) -> Iterator[Batch]:
    """The polls of a life's plan, the same in every life: news for some chats, replies, revisions, urgency."""
    chance = random.Random(order.polls)  # noqa: S311 - the same in every life is the point
    texts = [f"poll {number}" for number in range(order.polls)]
    for number, text in enumerate(texts):
        deliveries = []
        for chat in chance.sample(order.chats, k=min(4, len(order.chats))):
            key = f"{number}:{chat}"
            first = NewDelivery(
                dedupe_key=key,
                story_id=f"story-{number}",
                chat=chat,
                thread=None,
                rules=("rare-earth",),
                message=Message(text=f"{text} in {chat}"),
                priority=chance.choice((-1, 0, 0, 1)),
            )
            deliveries.append(first)
            if chance.random() < 0.3:
                reply = Message(text=f"{text} in {chat}, answered")
                deliveries.append(replace(first, dedupe_key=f"{key}:reply", message=reply, replies_to=key))
        revised = [
            Revision(dedupe_key=d.dedupe_key, message=_revised(d)) for d in deliveries[:1] if number % 3 == 0
        ]
        at = clock()
        feed = FeedState(url=FEED, fetch_url=FEED, next_due_at=at, interval=timedelta(minutes=5))
        yield Batch(at=at, feed=feed, deliveries=tuple(deliveries), revisions=tuple(revised))


def planned(order: Order) -> tuple[NewDelivery, ...]:
    """All that the plan owes."""
    return tuple(delivery for batch in plan(order, Wall(0.0)) for delivery in batch.deliveries)


def _revised(delivery: NewDelivery) -> Message:
    return Message(text=f"{delivery.message.text}, 2 sources")
