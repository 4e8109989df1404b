"""What python-telegram-bot raises, as what we do about it: one table, the most specific row first.

The library's tree misleads twice: BadRequest and TimedOut are NetworkErrors, and one NetworkError may mean
that nothing was sent or that everything was. So a row asks for the type, the cause behind it, and the text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.models import ChatClosed, ChatMoved, Failed, Outcome, Retry, Stopped, Uncertain, Unreachable

FLOOD_WAIT: Final = timedelta(seconds=60)
"""The wait after a 429 that names none: what the Bot API server itself asks for on a local flood."""

CONFLICT_WAIT: Final = timedelta(seconds=30)

NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""Causes that come before the first byte of a request has left."""

CHAT_CLOSED: Final = (
    "chat not found",
    "not enough rights",
    "need administrator rights",
    "have no rights",
    "have no write access",
    "chat_write_forbidden",
    "chat_restricted",
    "chat_admin_required",
    "topic_closed",
    "topic_deleted",
    "message thread not found",
    "user not found",
    "group chat was deactivated",
    "peer_id_invalid",
)
"""Texts of a 400 that speak of the chat and not of the message, in lower case: the library changes it."""

UNFIT: Final = (
    "can't parse entities",
    "can't parse message text",
    "entity",
    "button_url_invalid",
    "wrong http url",
)
"""Texts of a 400 that a plain message without entities would not meet."""

UNCHANGED: Final = "message is not modified"
"""Text of a 400 that says that an edit would change nothing: somebody, or we ourselves, made it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    error: type[BaseException]
    outcome: Callable[[BaseException], Outcome]
    causes: tuple[type[BaseException], ...] = ()
    texts: tuple[str, ...] = ()

    def fits(self, error: BaseException) -> bool:
        """Whether the error is of this row's type, and its cause and text are what the row asks for."""
        if not isinstance(error, self.error):
            return False
        if self.causes and not isinstance(error.__cause__, self.causes):
            return False
        return not self.texts or any(text in str(error).lower() for text in self.texts)


TABLE: Final = (
    Row(error=ChatMigrated, outcome=lambda e: ChatMoved(chat=str(_migrated_to(e)))),
    Row(error=RetryAfter, outcome=lambda e: Retry(after=_retry_after(e), why=str(e))),
    Row(error=InvalidToken, outcome=lambda e: Stopped(why=str(e))),
    Row(error=Forbidden, outcome=lambda e: ChatClosed(why=str(e))),
    Row(error=BadRequest, texts=CHAT_CLOSED, outcome=lambda e: ChatClosed(why=str(e))),
    Row(error=BadRequest, outcome=lambda e: Failed(why=str(e))),
    Row(error=Conflict, outcome=lambda e: Retry(after=CONFLICT_WAIT, why=str(e))),
    Row(error=TimedOut, causes=NOT_SENT, outcome=lambda e: Unreachable(why=_cause(e))),
    Row(error=TimedOut, outcome=lambda e: Uncertain(why=_cause(e))),
    Row(error=NetworkError, causes=NOT_SENT, outcome=lambda e: Unreachable(why=_cause(e))),
    Row(
        error=NetworkError,
        texts=("too many requests",),
        outcome=lambda e: Retry(after=FLOOD_WAIT, why=str(e), everywhere=True),
    ),
    Row(error=NetworkError, outcome=lambda e: Uncertain(why=_cause(e))),
    Row(error=TelegramError, outcome=lambda e: Uncertain(why=str(e))),
    # An answer without a result makes the library raise KeyError; whatever else it may raise, the request
    # may have been on its way.
    Row(error=Exception, outcome=lambda e: Uncertain(why=f"{type(e).__name__}: {e}")),
)


def outcome_of(error: Exception) -> Outcome:
    """The outcome of a send that ended in this error."""
    return next(row.outcome(error) for row in TABLE if row.fits(error))


def is_unfit(error: BaseException) -> bool:
    """Whether Telegram refused the formatting, so that the plain text may be sent instead."""
    return isinstance(error, BadRequest) and any(text in str(error).lower() for text in UNFIT)


def is_unchanged(error: BaseException) -> bool:
    """Whether Telegram refused an edit because the message reads so already."""
    return isinstance(error, BadRequest) and UNCHANGED in str(error).lower()


def _migrated_to(error: BaseException) -> int:
    assert isinstance(error, ChatMigrated)  # noqa: S101 - the row's type
    return error.new_chat_id


def _retry_after(error: BaseException) -> timedelta:
    assert isinstance(error, RetryAfter)  # noqa: S101 - the row's type
    wait = error.retry_after
    return wait if isinstance(wait, timedelta) else timedelta(seconds=wait)


def _cause(error: BaseException) -> str:
    return f"{error} ({type(error.__cause__).__name__})" if error.__cause__ else str(error)
