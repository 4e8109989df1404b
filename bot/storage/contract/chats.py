"""Which addresses are which chats."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from bot.models import ChatFacts


class Chats(Protocol):
    """What is known of chats."""

    async def same_chats(self) -> Mapping[str, str]:
        """Chats that are another one as well: by their address in lower case, the one under which they go.

        A name and an id of one chat, a group and the supergroup that it became.
        """

    async def learn_chat(self, chat: str, facts: ChatFacts, now: datetime) -> None:
        """Remember which chat an address stands for; what is owed to one that has another address goes there."""

    async def known_chats(self) -> Mapping[str, ChatFacts]:
        """What was learnt of chats, by their address in lower case."""
