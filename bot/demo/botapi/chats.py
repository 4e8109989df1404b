"""The people, chats and topics of this Telegram, and where the bot stands in each chat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from bot.demo.botapi.refusals import Refusal, bad_request, forbidden, migrated

GENERAL_TOPIC = 1
_CHANNEL_BASE = -1_000_000_000_000


class ChatKind(StrEnum):
    """The kinds of chats, in Telegram's words."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Standing(StrEnum):
    """Where the bot stands in a chat.

    READER is a member of a channel without the right to post, or of a group that lets it read only. BLOCKED and
    DEACTIVATED are for private chats, DELETED for basic groups.
    """

    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    READER = "reader"
    LEFT = "left"
    KICKED = "kicked"
    BLOCKED = "blocked"
    DEACTIVATED = "deactivated"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user, or the bot itself."""

    id: int
    first_name: str
    username: str | None = None
    is_bot: bool = False
    language_code: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As the Bot API writes a User."""
        plain: dict[str, Any] = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        if self.username:
            plain["username"] = self.username
        if self.language_code:
            plain["language_code"] = self.language_code
        return plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic of a forum."""

    id: int
    name: str
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat as it stands now; changes make a new value in the registry."""

    id: int
    kind: ChatKind
    title: str
    username: str | None = None
    standing: Standing = Standing.MEMBER
    is_forum: bool = False
    topics: Mapping[int, Topic] = field(default_factory=lambda: MappingProxyType({}))
    administrators: frozenset[int] = frozenset()
    members: frozenset[int] = frozenset()
    migrated_to: int | None = None
    protected: bool = False
    general_closed: bool = False

    @property
    def is_broad(self) -> bool:
        """Whether the limit of twenty messages a minute holds: everywhere but in private chats."""
        return self.kind is not ChatKind.PRIVATE

    @property
    def counts_own_messages(self) -> bool:
        """Whether message ids are the chat's own; private chats and basic groups share the account's."""
        return self.kind in {ChatKind.SUPERGROUP, ChatKind.CHANNEL}

    def as_json(self) -> dict[str, Any]:
        """As the Bot API writes a Chat within a message."""
        plain: dict[str, Any] = {"id": self.id, "type": self.kind.value}
        plain["first_name" if self.kind is ChatKind.PRIVATE else "title"] = self.title
        if self.username:
            plain["username"] = self.username
        if self.is_forum:
            plain["is_forum"] = True
        return plain


class ChatRegistry:
    """All chats by id and by name. With `accept_unknown` any id or name is a chat that the bot may write to."""

    def __init__(self, *, accept_unknown: bool = False) -> None:
        self._accept_unknown = accept_unknown
        self._chats: dict[int, Chat] = {}
        self._by_name: dict[str, int] = {}
        self._next_channel = 1_500_000_001
        self._next_group = 4_000_001
        self._next_user = 700_001

    def add_private(
        self, user_id: int | None = None, *, first_name: str = "Ada", username: str | None = None
    ) -> Chat:
        """A user who has started the bot."""
        if user_id is None:
            user_id, self._next_user = self._next_user, self._next_user + 1
        return self._add(Chat(id=user_id, kind=ChatKind.PRIVATE, title=first_name, username=_bare(username)))

    def add_group(self, chat_id: int | None = None, *, title: str = "Group") -> Chat:
        """A basic group with the bot in it."""
        if chat_id is None:
            chat_id, self._next_group = -self._next_group, self._next_group + 1
        return self._add(Chat(id=chat_id, kind=ChatKind.GROUP, title=title))

    def add_supergroup(
        self,
        username: str | None = None,
        *,
        chat_id: int | None = None,
        title: str = "Supergroup",
        topics: Mapping[int, str] | None = None,
    ) -> Chat:
        """A supergroup with the bot in it; with `topics` (ids to names) a forum."""
        return self._add(
            Chat(
                id=self._channel_id(chat_id),
                kind=ChatKind.SUPERGROUP,
                title=title,
                username=_bare(username),
                is_forum=topics is not None,
                topics=MappingProxyType(
                    {id_: Topic(id=id_, name=name) for id_, name in (topics or {}).items()}
                ),
            )
        )

    def add_channel(
        self, username: str | None = None, *, chat_id: int | None = None, title: str = "Channel"
    ) -> Chat:
        """A channel that the bot may post to."""
        return self._add(
            Chat(
                id=self._channel_id(chat_id),
                kind=ChatKind.CHANNEL,
                title=title,
                username=_bare(username),
                standing=Standing.ADMINISTRATOR,
            )
        )

    def change(self, chat: Chat | int | str, **changes: Any) -> Chat:
        """The chat with some fields changed, for instance `standing` or `administrators`."""
        return self._add(replace(self.get(chat), **changes))

    def close_topic(self, chat: Chat | int | str, topic_id: int) -> Chat:
        """Close a topic of a forum, the General one too: members can no longer write there."""
        return self._mark_topic(chat, topic_id, closed=True)

    def reopen_topic(self, chat: Chat | int | str, topic_id: int) -> Chat:
        """Let members write again in a topic that was closed."""
        return self._mark_topic(chat, topic_id, closed=False)

    def delete_topic(self, chat: Chat | int | str, topic_id: int) -> Chat:
        """Delete a topic of a forum."""
        current = self.get(chat)
        left = {id_: topic for id_, topic in current.topics.items() if id_ != topic_id}
        return self.change(current, topics=MappingProxyType(left))

    def migrate(self, chat: Chat | int | str) -> Chat:
        """Make a basic group a supergroup with a new id, which is returned; the old id answers with the new."""
        old = self.get(chat)
        new = self.add_supergroup(title=old.title)
        self.change(old, migrated_to=new.id)
        return new

    def get(self, chat: Chat | int | str) -> Chat:
        """The chat as it stands now. Raises KeyError where there is none."""
        if isinstance(chat, Chat):
            return self._chats[chat.id]
        found = self.find(str(chat))
        if found is None:
            raise KeyError(chat)
        return found

    def find(self, identifier: str) -> Chat | None:
        """The chat of an id or "@name" as a caller writes it; names know no case, and people have none here."""
        if identifier.startswith("@"):
            chat_id = self._by_name.get(identifier[1:].lower())
            if chat_id is not None:
                return self._chats[chat_id]
            return self.add_channel(identifier) if self._accept_unknown and identifier[1:] else None
        if not identifier.lstrip("-").isdecimal():
            return None
        chat_id = int(identifier)
        if chat_id in self._chats:
            return self._chats[chat_id]
        return self._unknown(chat_id) if self._accept_unknown and chat_id else None

    def _mark_topic(self, chat: Chat | int | str, topic_id: int, *, closed: bool) -> Chat:
        current = self.get(chat)
        if topic_id == GENERAL_TOPIC:
            return self.change(current, general_closed=closed)
        topic = replace(current.topics[topic_id], closed=closed)
        return self.change(current, topics=MappingProxyType({**current.topics, topic_id: topic}))

    def _unknown(self, chat_id: int) -> Chat:
        if chat_id > 0:
            return self.add_private(chat_id)
        if chat_id > _CHANNEL_BASE:
            return self.add_group(chat_id)
        return self.add_channel(chat_id=chat_id)

    def _channel_id(self, chat_id: int | None) -> int:
        if chat_id is not None:
            return chat_id
        self._next_channel += 1
        return _CHANNEL_BASE - self._next_channel

    def _add(self, chat: Chat) -> Chat:
        self._chats[chat.id] = chat
        if chat.username and chat.kind is not ChatKind.PRIVATE:
            self._by_name[chat.username.lower()] = chat.id
        return chat


def _bare(username: str | None) -> str | None:
    return None if username is None else username.removeprefix("@")


def refusal_of_access(chat: Chat, *, writing: bool) -> Refusal | None:
    """Why the bot may not read or write this chat; None where it may (Client.cpp, check_chat_access)."""
    match chat.kind:
        case ChatKind.PRIVATE:
            return _refusal_of_person(chat) if writing else None
        case ChatKind.GROUP:
            return _refusal_of_group(chat) if writing else None
        case ChatKind.SUPERGROUP | ChatKind.CHANNEL:
            if chat.standing is Standing.KICKED:
                return forbidden(f"bot was kicked from the {chat.kind} chat")
            if chat.standing is Standing.LEFT and (writing or chat.username is None):
                return forbidden(f"bot is not a member of the {chat.kind} chat")
            return None


def refusal_of_posting(chat: Chat) -> Refusal | None:
    """Why the bot, which may see the chat, may not post there (TDLib, can_send_message_to_dialog)."""
    if chat.kind is ChatKind.CHANNEL and chat.standing is not Standing.ADMINISTRATOR:
        return bad_request("Need administrator rights in the channel chat")
    if chat.standing is Standing.READER:
        return bad_request("Not enough rights to send text messages to the chat")
    return None


def _refusal_of_person(chat: Chat) -> Refusal | None:
    match chat.standing:
        case Standing.BLOCKED:
            return forbidden("bot was blocked by the user")
        case Standing.DEACTIVATED:
            return forbidden("user is deactivated")
        case _:
            return None


def _refusal_of_group(chat: Chat) -> Refusal | None:
    if chat.migrated_to is not None:
        return migrated(chat.migrated_to)
    match chat.standing:
        case Standing.DELETED:
            return forbidden("the group chat was deleted")
        case Standing.KICKED:
            return forbidden("bot was kicked from the group chat")
        case Standing.LEFT:
            return forbidden("bot is not a member of the group chat")
        case _:
            return None
