"""Which chats are owed a story."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.rules.definitions import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A place in Telegram that follows at least one of the rules that rang, and which of them."""

    chat: str
    thread: int | None
    rules: tuple[str, ...]


def route(rang: Collection[str], channels: Sequence[Channel]) -> tuple[Owed, ...]:
    """Each place that follows a rule that rang, once, in the order of the file.

    A chat listed twice hears once, of all that either listing follows; its topics are places of their own.
    """
    places: dict[tuple[str, int | None], list[str]] = {}
    for channel in channels:
        followed = [rule for rule in channel.rules if rule in rang]
        if followed:
            places.setdefault((channel.chat.casefold(), channel.thread), []).extend(followed)
    names = {channel.chat.casefold(): channel.chat for channel in reversed(channels)}
    return tuple(
        Owed(chat=names[chat], thread=thread, rules=tuple(dict.fromkeys(rules)))
        for (chat, thread), rules in places.items()
    )
