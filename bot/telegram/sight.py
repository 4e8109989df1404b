"""What it means that a message could not be forwarded: that none is there, or that nobody can see whether.

A look is a forwardMessage. The Bot API server checks the chat to look into first, then the message, then the audit
chat, then whether the message may be forwarded (Client.cpp, process_forward_message_query).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from telegram.error import BadRequest

from bot.models import (
    ChatDead,
    ChatMigrated,
    ChatPaused,
    Retry,
    Sight,
    Stopped,
    TopicClosed,
    Uncertain,
    Unreachable,
    Unseen,
    Vacant,
)
from bot.telegram import AUDIT_CHAT
from bot.telegram.outcome import FLOOD_WAIT, outcome_of, said

LOOK_AGAIN: Final = timedelta(seconds=5)
"""The wait after a look that ended in silence."""

NO_MESSAGE: Final = ("message to forward not found", "message_id_invalid")
PROTECTED: Final = ("message has protected content", "chat_forwards_restricted")
WRITING_ONLY: Final = (
    "not enough rights",
    "need administrator rights",
    "have no",
    "chat_write_forbidden",
    "chat_send_",
    "bot was blocked by the user",
    "user is deactivated",
    "bot can't initiate conversation",
)
"""Refusals that only writing meets, so that they speak of the audit chat."""


def sight_of(error: Exception, *, chat: str, audit: str) -> Sight | None:
    """What a look that ended in this error shows; None where the error may speak of either chat."""
    if isinstance(error, BadRequest):
        if said(error).startswith(NO_MESSAGE):
            return Vacant()
        if said(error).startswith(PROTECTED):
            return Unseen(why=f"the chat {chat} lets nobody forward its messages", final=True)
    match outcome_of(error):
        case Retry(after=after, why=why):
            return Unseen(why=why, after=after)
        case Unreachable(why=why) | Uncertain(why=why):
            return Unseen(why=why, after=LOOK_AGAIN)
        case Stopped(why=why):
            return Unseen(why=why, after=FLOOD_WAIT)
        case ChatMigrated(chat=new):
            return Unseen(why=f"{AUDIT_CHAT} {audit} has become a supergroup with the id {new}", final=True)
        case TopicClosed():
            return closed(audit, error, audit=audit)
        case ChatPaused() | ChatDead():
            return closed(audit, error, audit=audit) if said(error).startswith(WRITING_ONLY) else None
        case _:
            return Unseen(why=f"a message in {chat} cannot be forwarded: {error}", final=True)


def closed(chat: str, why: object, *, audit: str) -> Unseen:
    """Nobody sees, because this one of the two chats shuts the bot out."""
    name = f"{AUDIT_CHAT} {audit}" if chat == audit else f"the chat {chat}"
    return Unseen(why=f"{name} is closed to the bot: {why}", final=True)
