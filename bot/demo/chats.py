"""What stands in the demo's chats, and whether that is what the newsroom's stories must come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.demo.botapi import BotApiServer
from bot.demo.botapi import Message as ChatMessage
from bot.demo.newsroom import Expected
from bot.models import EntityKind, Message, TextEntity


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message as it stands in its chat now.

    `at` is when it was first sent, `edits` how often it was changed since, `answers` the id of the message that it
    replies to.
    """

    chat: str
    id: int
    at: datetime
    message: Message
    edits: int
    answers: int | None

    @property
    def text(self) -> str:
        """All that it says."""
        return self.message.text

    @property
    def title(self) -> str:
        """The first line."""
        return self.text.partition("\n")[0]


def posts(telegram: BotApiServer) -> tuple[Post, ...]:
    """Every message of the bot's, in the order of sending, as it reads by now.

    A copy that was forwarded to the audit chat tells nobody anything, and is none.
    """
    edits = Counter((edit.after.chat_id, edit.after.id) for edit in telegram.history.edits())
    return tuple(
        Post(
            chat=name_of_chat(telegram, sent.message),
            id=sent.message.id,
            at=datetime.fromtimestamp(sent.at, UTC),
            message=as_ours(telegram.messages.get(sent.message.chat_id, sent.message.id) or sent.message),
            edits=edits[sent.message.chat_id, sent.message.id],
            answers=sent.message.reply_to,
        )
        for sent in telegram.history.sent()
        if sent.message.forwarded_from is None
    )


def name_of_chat(telegram: BotApiServer, message: ChatMessage) -> str:
    """The chat of a message as a rules file names it."""
    chat = telegram.chats.get(message.chat_id)
    return f"@{chat.username}" if chat.username else str(chat.id)


def as_ours(message: ChatMessage) -> Message:
    """A message of the server's as the preview draws it."""
    kinds = {kind.value for kind in EntityKind}
    return Message(
        text=message.text,
        entities=tuple(
            TextEntity(kind=EntityKind(e.type), offset=e.offset, length=e.length, url=e.url)
            for e in message.entities
            if e.type in kinds
        ),
    )


def told(alert: Expected, standing: Sequence[Post]) -> list[Post]:
    """The messages that tell an expected story in its chat; more than one are copies."""
    return [
        post
        for post in standing
        if post.answers is None and _is_in(post, alert) and alert.is_told_by(post.text)
    ]


def answered(alert: Expected, standing: Sequence[Post]) -> list[Post]:
    """The messages that tell the development of an expected story in its chat, whatever they answer."""
    return [
        post
        for post in standing
        if alert.development and _is_in(post, alert) and alert.development.is_told_by(post.text)
    ]


def faults(expected: Sequence[Expected], standing: Sequence[Post]) -> list[str]:
    """What is missing, doubled, unexpected, not as it must read in the end, or answers the wrong message."""
    wanted = {id(post) for alert in expected for post in (*told(alert, standing), *answered(alert, standing))}
    return [
        *(fault for alert in expected for fault in _faults_of(alert, standing)),
        *(f"unexpected in {post.chat}: {post.title}" for post in standing if id(post) not in wanted),
    ]


def _faults_of(alert: Expected, standing: Sequence[Post]) -> Iterator[str]:
    copies = told(alert, standing)
    if len(copies) != 1:
        yield f"{_times(copies)} in {alert.chat}: {alert.title}"
    elif not alert.is_told_in_full_by(copies[0].text):
        last = copies[0].text.rpartition("\n")[2]
        yield f"not of {alert.sources} under the first title in {alert.chat}: {copies[0].title} ({last})"
    if alert.development is None:
        return
    answers = answered(alert, standing)
    if len(answers) != 1:
        yield f"{_times(answers)} in {alert.chat}: {alert.development.title}"
    elif answers[0].answers not in {post.id for post in copies}:
        yield f"answers another message in {alert.chat}: {alert.development.title}"


def _is_in(post: Post, alert: Expected) -> bool:
    return post.chat.casefold() == alert.chat.casefold()


def _times(copies: Sequence[Post]) -> str:
    return f"{len(copies)} times" if copies else "missing"
