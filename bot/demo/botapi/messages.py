"""Messages as this Telegram keeps them, their numbering, and the JSON that the Bot API answers with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.demo.botapi.chats import Chat, ChatKind, ChatRegistry, Person
from bot.demo.botapi.detection import detect
from bot.demo.botapi.entities import Entity, FormattedText
from bot.demo.botapi.keyboards import Keyboard

_NOTIFYING = frozenset({"mention", "text_mention"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A picture of a message; `content` is None where Telegram was given an address or an id instead of bytes."""

    file_id: str
    width: int
    height: int
    content: bytes | None = None

    def as_json(self) -> list[dict[str, Any]]:
        """As the Bot API writes a photo: a list of sizes, here one."""
        size = {"file_id": self.file_id, "file_unique_id": self.file_id[-16:]}
        return [{**size, "width": self.width, "height": self.height, "file_size": len(self.content or b"")}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as a chat holds it; an edit makes a new value under the same id.

    `text` is the caption where there is a photo. `entities` are those that the sender marked, `detected` those
    that Telegram found. `sender` is None for a channel's own posts. Times are epoch seconds. Telegram lets nobody edit
    a message that once had a keyboard and lost it (`lost_keyboard`).
    """

    chat_id: int
    id: int
    date: int
    sender: Person | None
    text: str
    entities: tuple[Entity, ...] = ()
    detected: tuple[Entity, ...] = ()
    photo: Photo | None = None
    thread_id: int | None = None
    reply_to: int | None = None
    forwarded_from: tuple[int, int] | None = None
    keyboard: Keyboard | None = None
    link_preview: Mapping[str, Any] | None = None
    silent: bool = False
    by_bot: bool = True
    edited: int | None = None
    lost_keyboard: bool = False

    @property
    def all_entities(self) -> tuple[Entity, ...]:
        """What clients show: marked and found, in order."""
        return tuple(sorted((*self.entities, *self.detected), key=Entity.order))

    @property
    def mentions(self) -> tuple[str, ...]:
        """The pieces of text that notify somebody, whether marked or found."""
        return tuple(entity.text_in(self.text) for entity in self.all_entities if entity.type in _NOTIFYING)

    def with_text(self, formatted: FormattedText) -> Message:
        """The message with another text, searched anew."""
        return replace(
            self,
            text=formatted.text,
            entities=formatted.entities,
            detected=detect(formatted.text, formatted.entities),
        )

    def same_content(self, other: Message) -> bool:
        """Whether an edit to `other` would change nothing that a reader sees."""
        return (self.text, self.entities, self.keyboard, self.link_preview) == (
            other.text,
            other.entities,
            other.keyboard,
            other.link_preview,
        )


class MessageStore:
    """All messages that stand. Ids count per chat in channels and supergroups, else per account."""

    def __init__(self) -> None:
        self._messages: defaultdict[int, dict[int, Message]] = defaultdict(dict)
        self._last_of_chat: defaultdict[int, int] = defaultdict(int)
        self._last_of_account = 0

    def next_id(self, chat: Chat) -> int:
        """The next message id of the chat; it is used up."""
        if chat.counts_own_messages:
            self._last_of_chat[chat.id] += 1
            return self._last_of_chat[chat.id]
        self._last_of_account += 1
        return self._last_of_account

    def put(self, message: Message) -> None:
        """Keep a new message, or another state of an old one."""
        self._messages[message.chat_id][message.id] = message

    def get(self, chat_id: int, message_id: int) -> Message | None:
        """The message as it stands, None where it never was or was deleted."""
        return self._messages[chat_id].get(message_id)

    def delete(self, chat_id: int, message_id: int) -> None:
        """Delete a message; its id is not used again."""
        del self._messages[chat_id][message_id]

    def of(self, chat_id: int) -> tuple[Message, ...]:
        """All messages that stand in a chat, oldest first."""
        return tuple(self._messages[chat_id].values())


class Rendering:
    """Turns messages into the Bot API's JSON."""

    def __init__(self, chats: ChatRegistry, messages: MessageStore) -> None:
        self._chats = chats
        self._messages = messages

    def message(self, message: Message, *, with_reply: bool = True) -> dict[str, Any]:
        """A Message object; the message that it replies to lies within, one level deep."""
        chat = self._chats.get(message.chat_id)
        plain: dict[str, Any] = {"message_id": message.id, "chat": chat.as_json(), "date": message.date}
        if message.sender is not None:
            plain["from"] = message.sender.as_json()
        else:
            plain["sender_chat"] = chat.as_json()
        if message.edited is not None:
            plain["edit_date"] = message.edited
        if message.thread_id is not None:
            plain["message_thread_id"] = message.thread_id
            plain["is_topic_message"] = True
        if message.forwarded_from is not None:
            plain["forward_origin"] = self._origin(*message.forwarded_from, date=message.date)
        replied = None if message.reply_to is None else self._messages.get(message.chat_id, message.reply_to)
        if with_reply and replied is not None:
            plain["reply_to_message"] = self.message(replied, with_reply=False)
        return {**plain, **_content(message)}

    def _origin(self, chat_id: int, message_id: int, *, date: int) -> dict[str, Any]:
        chat = self._chats.get(chat_id)
        original = self._messages.get(chat_id, message_id)
        plain: dict[str, Any] = {"date": date if original is None else original.date}
        if chat.kind is ChatKind.CHANNEL:
            return {**plain, "type": "channel", "chat": chat.as_json(), "message_id": message_id}
        if original is not None and original.sender is not None:
            return {**plain, "type": "user", "sender_user": original.sender.as_json()}
        return {**plain, "type": "hidden_user", "sender_user_name": chat.title}


def _content(message: Message) -> dict[str, Any]:
    entities = [entity.as_json() for entity in message.all_entities]
    plain: dict[str, Any] = {}
    if message.photo is None:
        plain["text"] = message.text
        if entities:
            plain["entities"] = entities
    else:
        plain["photo"] = message.photo.as_json()
        if message.text:
            plain["caption"] = message.text
        if entities:
            plain["caption_entities"] = entities
    if message.link_preview:
        plain["link_preview_options"] = dict(message.link_preview)
    if message.keyboard is not None:
        plain["reply_markup"] = {"inline_keyboard": message.keyboard}
    return plain
