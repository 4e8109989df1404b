"""How Telegram says no: the one exception of this package, and the wording rules of its error texts."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil


class Refusal(Exception):
    """A call that Telegram refuses: HTTP status, description and, for some, machine-readable parameters."""

    def __init__(self, status: int, description: str, parameters: Mapping[str, int] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = dict(parameters or {})


def bad_request(reason: str) -> Refusal:
    """400 with a reason, worded as the Bot API server words it.

    It makes the first letter small, unless the second is a capital or an underscore, so that the server's own
    codes (TOPIC_CLOSED) stay as they are (telegram-bot-api, Client.cpp, fail_query_with_error).
    """
    is_code = len(reason) > 1 and (reason[1] == "_" or "A" <= reason[1] <= "Z")
    return Refusal(400, f"Bad Request: {reason if is_code else reason[:1].lower() + reason[1:]}")


def forbidden(reason: str) -> Refusal:
    """403: the bot may not reach the chat."""
    return Refusal(403, f"Forbidden: {reason}")


def too_many_requests(wait: float) -> Refusal:
    """429 with the wait in whole seconds, at least one."""
    seconds = max(1, ceil(wait))
    return Refusal(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def migrated(new_chat_id: int) -> Refusal:
    """400 of a basic group that has become a supergroup."""
    return Refusal(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": new_chat_id},
    )
