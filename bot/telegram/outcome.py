"""What python-telegram-bot raises, as what we do about it: one table, the most specific row first.

The library's tree misleads three times: BadRequest and TimedOut are NetworkErrors, one NetworkError may mean that
nothing was sent or that everything was, and an error page of some proxy comes as the same Forbidden or BadRequest
as Telegram's own word. So a row asks for the type, the cause behind it, and the text.

Texts are those of tdlib/telegram-bot-api (Client.cpp) and tdlib/td as of May 2026, in lower case, since the library
changes the case. Whatever leaves room for doubt is Uncertain: that costs at most a second copy, the reverse a loss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import httpx
from telegram import error as ptb

from bot.models import (
    ChatDead,
    ChatMigrated,
    ChatPaused,
    Failed,
    Outcome,
    RenderFault,
    Retry,
    Stopped,
    TopicClosed,
    Uncertain,
    Unreachable,
)

FLOOD_WAIT: Final = timedelta(seconds=60)
"""The wait after a 429 that names none: what the Bot API server itself asks for on a local flood."""

CONFLICT_WAIT: Final = timedelta(seconds=30)

NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
"""Causes that come before the first byte of a request has left."""

MAYBE_SENT: Final = (
    httpx.ReadTimeout,
    httpx.WriteTimeout,
    httpx.TimeoutException,
    httpx.ReadError,
    httpx.WriteError,
    httpx.CloseError,
    httpx.NetworkError,
    httpx.RemoteProtocolError,
    httpx.LocalProtocolError,
    httpx.ProtocolError,
)
"""Causes that may come when the request, or a part of it, has left. To be asked for after NOT_SENT, since the kinds
that httpx itself files others under are among them."""

FLOOD: Final = ("too many requests",)

LOGGED_OUT: Final = ("logged out",)
"""A server of one's own from which the bot was logged out answers 400, not 401."""

DEAD: Final = (
    "user is deactivated",
    "input_user_deactivated",
    "user_deleted",
    "the group chat was deleted",
    "group chat was deactivated",
)
"""The chat is gone for good. "User not found" and PEER_ID_INVALID are not here: TDLib says so as well of somebody
whom it does not know yet, or who has to write to the bot first."""

NO_TOPIC: Final = ("topic_closed", "topic_deleted", "topic_id_invalid", "message thread not found")

NO_ACCESS: Final = (
    "chat not found",
    "private chat not found",
    "user not found",
    "not enough rights",
    "need administrator rights",
    "have no rights",
    "have no write access",
    "can't access the chat",
    "chat_",
    "channel_",
    "user_",
    "input_user_",
    "peer_",
    "you_blocked_user",
    "allow_payment_required",
    "privacy_premium_required",
    "frozen_method_invalid",
)
"""How a 400 begins that speaks of the chat and not of the message. What ends in `_` begins codes of Telegram's
servers, such as CHAT_WRITE_FORBIDDEN, of which nobody has the whole list."""

ALREADY_SENT: Final = ("random_id_duplicate",)
"""The server repeated itself, so that a copy stands in the chat."""

UNCHANGED: Final = ("message is not modified",)
"""An edit would change nothing: somebody, or we ourselves, made it already."""

NO_EDIT: Final = (
    "message to edit not found",
    "message can't be edited",
    "there is no text in the message to edit",
    "message_id_invalid",
    "message_author_required",
    "message_edit_time_expired",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table. `texts` are beginnings: what follows may quote a message, and so a feed."""

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
        return not self.texts or said(error).startswith(self.texts)


TABLE: Final = (
    Row(error=ptb.ChatMigrated, outcome=lambda e: ChatMigrated(chat=str(_migrated_to(e)))),
    Row(error=ptb.RetryAfter, outcome=lambda e: Retry(after=_retry_after(e), why=str(e))),
    Row(error=ptb.InvalidToken, outcome=lambda e: Stopped(why=str(e))),
    Row(
        error=ptb.NetworkError,
        texts=FLOOD,
        outcome=lambda e: Retry(after=FLOOD_WAIT, why=_first_line(e), everywhere=True),
    ),
    # Any status with a body that is no JSON: not Telegram's word, but that of something on the way to it.
    Row(
        error=ptb.TelegramError, causes=(ptb.TelegramError,), outcome=lambda e: Uncertain(why=_first_line(e))
    ),
    Row(error=ptb.Forbidden, texts=DEAD, outcome=lambda e: ChatDead(why=str(e))),
    Row(error=ptb.Forbidden, outcome=lambda e: ChatPaused(why=str(e))),
    Row(error=ptb.BadRequest, texts=LOGGED_OUT, outcome=lambda e: Stopped(why=str(e))),
    Row(error=ptb.BadRequest, texts=DEAD, outcome=lambda e: ChatDead(why=str(e))),
    Row(error=ptb.BadRequest, texts=NO_TOPIC, outcome=lambda e: TopicClosed(why=str(e))),
    Row(error=ptb.BadRequest, texts=NO_ACCESS, outcome=lambda e: ChatPaused(why=str(e))),
    Row(error=ptb.BadRequest, texts=ALREADY_SENT, outcome=lambda e: Uncertain(why=str(e))),
    Row(error=ptb.BadRequest, outcome=lambda e: RenderFault(why=str(e))),
    Row(error=ptb.Conflict, outcome=lambda e: Retry(after=CONFLICT_WAIT, why=str(e))),
    # A lone surrogate: the request could not even be written down.
    Row(error=ptb.NetworkError, causes=(UnicodeEncodeError,), outcome=lambda e: RenderFault(why=_cause(e))),
    Row(error=ptb.NetworkError, causes=NOT_SENT, outcome=lambda e: Unreachable(why=_cause(e))),
    Row(error=ptb.TimedOut, outcome=lambda e: Uncertain(why=_cause(e))),
    Row(error=ptb.NetworkError, causes=MAYBE_SENT, outcome=lambda e: Uncertain(why=_cause(e))),
    # 500, 502, 504 and 413, and what the library did not expect of httpx.
    Row(error=ptb.NetworkError, outcome=lambda e: Uncertain(why=_cause(e))),
    # 200 with something that is no JSON.
    Row(error=ptb.TelegramError, outcome=lambda e: Uncertain(why=str(e))),
    # An answer without a result makes the library raise KeyError; whatever else it may raise, the request
    # may have been on its way.
    Row(error=Exception, outcome=lambda e: Uncertain(why=f"{type(e).__name__}: {e}")),
)

EDIT_TABLE: Final = (
    Row(error=ptb.BadRequest, texts=NO_EDIT, outcome=lambda e: Failed(why=str(e))),
    *TABLE,
)


def outcome_of(error: Exception, *, edit: bool = False) -> Outcome:
    """The outcome of an attempt, or of one to edit, that ended in this error."""
    return next(row.outcome(error) for row in (EDIT_TABLE if edit else TABLE) if row.fits(error))


def is_unchanged(error: BaseException) -> bool:
    """Whether Telegram refused an edit because the message reads so already."""
    return isinstance(error, ptb.BadRequest) and said(error).startswith(UNCHANGED)


def said(error: BaseException) -> str:
    """Telegram's words in small letters, without the name of the status before them."""
    return str(error).lower().removeprefix("forbidden: ")


def _migrated_to(error: BaseException) -> int:
    assert isinstance(error, ptb.ChatMigrated)  # noqa: S101 - the row's type
    return error.new_chat_id


def _retry_after(error: BaseException) -> timedelta:
    assert isinstance(error, ptb.RetryAfter)  # noqa: S101 - the row's type
    wait = error.retry_after
    return wait if isinstance(wait, timedelta) else timedelta(seconds=wait)


def _cause(error: BaseException) -> str:
    return f"{error} ({type(error.__cause__).__name__})" if error.__cause__ else str(error)


def _first_line(error: BaseException) -> str:
    """What the status was; the rest is a page of somebody's."""
    return str(error).partition(". Parsing the server response")[0]
