"""What operators are told when something is the matter, and when it is over.

    ⚠️ The chat @wire does not let the bot in.
    Telegram says: Forbidden: bot was kicked from the channel chat
    Its queue waits; what is older than its `expires` becomes a line of one digest.
    Add the bot to the chat again, in a channel as an administrator that may post messages.
    `newsbell outbox retry --chat @wire` tries at once; by itself the bot tries within the hour.

What is to be typed stands in italics.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.alerts.harmless import shorten, visible
from bot.alerts.rendering import MessageBuilder
from bot.models import Condition, ConditionKind, EntityKind, Message

WHY: Final = 400
"""UTF-16 code units; the log has the rest."""

_TYPED: Final = "`"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Notice:
    """One sentence, and the lines below it. What is to be typed stands between backticks.

    `words` are somebody else's, shown as they are under what introduces them.
    """

    sentence: str
    lines: tuple[str, ...] = ()
    words: str = ""
    said: str = ""


_POST: Final = "in a channel as an administrator that may post messages"

_REMEDIES: Final = (
    (("blocked",), "Whoever reads there has to unblock the bot: open the chat with it and tap Restart."),
    (
        ("initiate conversation", "user not found", "peer_id_invalid"),
        "Whoever reads there has to write to the bot first.",
    ),
    (("kicked",), f"Add the bot to the chat again, {_POST}."),
    (
        ("not a member", "channel_private", "can't access the chat"),
        f"Add the bot to the chat, {_POST}.",
    ),
    (
        ("rights", "write access", "_forbidden", "admin_required", "restricted"),
        "Make the bot an administrator that may post messages, or let members of the group write.",
    ),
    (
        ("not found", "chat_id_invalid", "channel_invalid", "username_"),
        f"See that `chat` in `rules.yaml` is its name or id, and that the bot is there, {_POST}.",
    ),
)
"""What mends a chat that does not let the bot in, by words of Telegram's reason; the most specific first."""

_ANY: Final = f"See that the bot is in the chat, {_POST}."

_AUDIT_DECIDES: Final = (
    "Whether a doubtful message arrived cannot be seen now; `on_uncertain` of its channel decides."
)


def condition_notice(condition: Condition) -> Message:
    """What is wrong and where, why, what happens meanwhile and how to mend it; or, of one that has ended, that it is over."""
    over = condition.ended_at is not None
    told = (_ENDED if over else _BEGUN)[condition.kind](condition)
    message = MessageBuilder()
    message.add(f"{'✅' if over else '⚠️'} {told.sentence}", EntityKind.BOLD)
    if told.words:
        message.add(f"\n{told.said}: {shorten(visible(told.words), WHY)}")
    for line in told.lines:
        message.add("\n")
        for place, piece in enumerate(line.split(_TYPED)):
            message.add(piece, *([EntityKind.ITALIC] if place % 2 else []))
    return message.build(preview=False)


# What begins


def _chat_paused(condition: Condition) -> _Notice:
    return _Notice(
        sentence=f"The chat {condition.subject} does not let the bot in.",
        said="Telegram says",
        words=condition.why,
        lines=(
            "Its queue waits; what is older than its `expires` becomes a line of one digest.",
            _remedy(condition.why),
            f"{_retry(condition.subject)} tries at once; by itself the bot tries within the hour.",
        ),
    )


def _chat_dead(condition: Condition) -> _Notice:
    return _Notice(
        sentence=f"The chat {condition.subject} is gone for good.",
        said="Telegram says",
        words=condition.why,
        lines=(
            "What it was owed has failed, and what would come later is not sent.",
            "Take it out of `rules.yaml`, or put the chat that follows it in its place.",
            f"Should it be back, {_retry(condition.subject)} sends what failed.",
        ),
    )


def _chat_migrated(condition: Condition) -> _Notice:
    return _Notice(
        sentence=f"The group {condition.subject} is a supergroup now, {condition.why}.",
        lines=(
            "All that it is owed goes there, now and later.",
            f"Put `{condition.why}` in the place of `{condition.subject}` in `rules.yaml` when you next edit it.",
        ),
    )


def _chat_twice(condition: Condition) -> _Notice:
    return _Notice(
        sentence=f"{condition.subject} and {condition.why} are one chat.",
        lines=(
            "It has one queue and one pace, and hears of each story once.",
            "Keep one of the two in `rules.yaml`.",
        ),
    )


def _topic_closed(condition: Condition) -> _Notice:
    chat, thread = _topic(condition)
    mend = (
        "Reopen the topic, or make the bot an administrator that may manage topics."
        if "closed" in condition.why.lower()
        else f"Change `thread: {thread}` in `rules.yaml` to a topic that is there, or take it out."
    )
    return _Notice(
        sentence=f"The topic {thread} of {chat} takes no messages.",
        said="Telegram says",
        words=condition.why,
        lines=(
            "What is for it goes to General, waits, or is dropped, as `on_topic_closed` of its channel says.",
            mend,
            "The bot tries the topic again by itself, within the hour.",
        ),
    )


def _audit_closed(condition: Condition) -> _Notice:
    mend = (
        "Put the new id under `audit` in `rules.yaml`."
        if "supergroup" in condition.why.lower()
        else f"Add the bot there, {_POST}, and allow forwarding; or name another chat under `audit`."
    )
    return _Notice(
        sentence=f"The audit chat {condition.subject} cannot be used.",
        said="Why",
        words=condition.why,
        lines=(_AUDIT_DECIDES, mend),
    )


def _rule_paused(condition: Condition) -> _Notice:
    return _Notice(
        sentence=f"The rule {condition.subject} is paused, since it rings on nearly everything.",
        said="Why",
        words=condition.why,
        lines=(
            "What it rings on comes as one message an hour; all other rules ring as ever.",
            "Narrow it, or raise its `cap` if that is what it is for.",
            "`newsbell check` tests it, `newsbell match` shows what it catches.",
        ),
    )


# What ends


def _chat_open(condition: Condition) -> _Notice:
    return _Notice(
        sentence=f"The chat {condition.subject} lets the bot in again.",
        lines=("What waited for it is sent now.",),
    )


def _chat_back(condition: Condition) -> _Notice:
    return _Notice(
        sentence=f"The chat {condition.subject} is back.",
        lines=("What rings is sent there again from now on.",),
    )


def _migration_over(condition: Condition) -> _Notice:
    return _Notice(sentence=f"The chat {condition.why} is no longer called {condition.subject}.")


def _two_again(condition: Condition) -> _Notice:
    return _Notice(sentence=f"{condition.subject} and {condition.why} are two chats again.")


def _topic_open(condition: Condition) -> _Notice:
    chat, thread = _topic(condition)
    return _Notice(
        sentence=f"The topic {thread} of {chat} takes messages again.",
        lines=("What waited for it is sent now.",),
    )


def _audit_open(condition: Condition) -> _Notice:
    return _Notice(
        sentence=f"The audit chat {condition.subject} can be used again.",
        lines=("Doubtful messages are looked for.",),
    )


def _rule_resumed(condition: Condition) -> _Notice:
    return _Notice(sentence=f"The rule {condition.subject} rings as ever again.")


_Writer = Callable[[Condition], _Notice]

_BEGUN: Final[Mapping[ConditionKind, _Writer]] = {
    ConditionKind.CHAT_PAUSED: _chat_paused,
    ConditionKind.CHAT_DEAD: _chat_dead,
    ConditionKind.CHAT_MIGRATED: _chat_migrated,
    ConditionKind.CHAT_TWICE: _chat_twice,
    ConditionKind.TOPIC_CLOSED: _topic_closed,
    ConditionKind.AUDIT_CLOSED: _audit_closed,
    ConditionKind.RULE_PAUSED: _rule_paused,
}
_ENDED: Final[Mapping[ConditionKind, _Writer]] = {
    ConditionKind.CHAT_PAUSED: _chat_open,
    ConditionKind.CHAT_DEAD: _chat_back,
    ConditionKind.CHAT_MIGRATED: _migration_over,
    ConditionKind.CHAT_TWICE: _two_again,
    ConditionKind.TOPIC_CLOSED: _topic_open,
    ConditionKind.AUDIT_CLOSED: _audit_open,
    ConditionKind.RULE_PAUSED: _rule_resumed,
}


def _remedy(why: str) -> str:
    said = why.lower()
    return next((remedy for words, remedy in _REMEDIES if any(word in said for word in words)), _ANY)


def _retry(chat: str) -> str:
    return f"`newsbell outbox retry --chat {chat}`"


def _topic(condition: Condition) -> tuple[str, str]:
    """The chat, and the number of the topic in it."""
    chat, _, thread = condition.subject.rpartition("/")
    return chat, thread
