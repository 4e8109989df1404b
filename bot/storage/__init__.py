"""Where everything is remembered: the protocol that the services rely on, with the whole contract.

Implementations raise StorageError for anything that goes wrong in the database, and then nothing of the
call was kept. Every method may be called from the event loop at any time; calls take effect one after
another. Times come in as arguments, aware and in UTC.
"""

from __future__ import annotations

from typing import Protocol

from bot.storage.contract.caps import Caps
from bot.storage.contract.chats import Chats
from bot.storage.contract.conditions import Conditions
from bot.storage.contract.ledger import Ledger
from bot.storage.contract.lifetime import Lifetime
from bot.storage.contract.news import News
from bot.storage.contract.outbox import Outbox

__all__ = ["Caps", "Chats", "Conditions", "Ledger", "Lifetime", "News", "Outbox", "Storage"]


class Storage(Lifetime, News, Caps, Outbox, Chats, Conditions, Ledger, Protocol):
    """What the services need remembered."""
