"""Telegram's side of a delivery, spoken to through python-telegram-bot.

Sender      what the dispatcher and the prober need of whoever brings messages to chats
outcome     what each error of an attempt means
sight       what each error of a look at a message means
plain       a message without all that Telegram may refuse of it
sender      the real one
preview     one that shows instead of sending
"""

from __future__ import annotations

from typing import Final, Protocol

from bot.models import ChatFacts, Delivery, Outcome, Sight, Stopped, Unreachable, Unseen

AUDIT_CHAT: Final = "the audit chat"
"""How `Unseen.why` begins where nobody can see because of the chat that copies are forwarded to."""


class Sender(Protocol):
    """Brings one message, reply or edit to one chat, and tells truly what became of it."""

    async def check(self) -> Stopped | Unreachable | None:
        """Ask whether the token is good: None if so; Unreachable where nobody answered."""

    async def send(self, delivery: Delivery) -> Outcome:
        """Try once. Never raises for anything that the network or Telegram does, and never waits to retry.

        A message that Telegram refuses for its form is sent a second time as plain text, which is the same try.
        """

    async def peek(self, chat: str, message_id: int, *, audit: str) -> Sight:
        """See what stands in a chat under an id, by way of a silent copy in the audit chat, deleted at once.

        Vacant is said only where it is certain. Counts as a message to the audit chat. Never raises, as `send`.
        """

    async def identify(self, chat: str) -> ChatFacts | None:
        """What Telegram says of a chat; None where it says nothing, now or ever."""

    async def close(self) -> None:
        """Close connections. May be called twice."""


def is_audit_chats_fault(sight: Unseen) -> bool:
    """Whether it is the audit chat that keeps a message from being seen, and an operator has to mend it."""
    return sight.final and sight.why.startswith(AUDIT_CHAT)
