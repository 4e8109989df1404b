"""Sending, editing, forwarding and deleting, with Telegram's checks in Telegram's order.

First what can be seen from the arguments alone (text, entities, keyboard), then the chat, the topic, the message
replied to and the right to post, then the text as it will stand, last the flood limits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.demo.botapi.arguments import Arguments
from bot.demo.botapi.chats import (
    GENERAL_TOPIC,
    Chat,
    ChatKind,
    ChatRegistry,
    Person,
    Standing,
    refusal_of_access,
    refusal_of_posting,
)
from bot.demo.botapi.entities import (
    MAX_CAPTION,
    MAX_RAW_BYTES,
    MAX_TEXT,
    FormattedText,
    read_entities,
    tidy,
)
from bot.demo.botapi.history import Edit, History, Sent
from bot.demo.botapi.images import image_size
from bot.demo.botapi.keyboards import Keyboard, read_keyboard
from bot.demo.botapi.limits import FloodGate
from bot.demo.botapi.markup import parse_html
from bot.demo.botapi.messages import Message, MessageStore, Photo
from bot.demo.botapi.refusals import bad_request, too_many_requests

DELETE_WINDOW = 48 * 3600
MAX_PHOTO_BYTES = 10_485_760
MAX_PHOTO_SIDES = 10_000
MAX_PHOTO_RATIO = 20
_ADDRESSED_PHOTO_SIZE = (1280, 720)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """What the arguments of a send say, before the chat is looked at."""

    written: FormattedText
    keyboard: Keyboard | None
    link_preview: Mapping[str, Any]
    reply_to: int
    reply_optional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a message may go: all checks of the chat are passed."""

    chat: Chat
    thread_id: int | None
    reply_to: int | None


class Sending:
    """The bot's hand on the chats. `clock` gives epoch seconds; without a gate there are no flood limits."""

    def __init__(
        self,
        *,
        bot: Person,
        chats: ChatRegistry,
        messages: MessageStore,
        history: History,
        clock: Callable[[], float],
        gate: FloodGate | None,
    ) -> None:
        self._bot = bot
        self._chats = chats
        self._messages = messages
        self._history = history
        self._clock = clock
        self._gate = gate
        self._photos: dict[str, Photo] = {}
        self._people: dict[int, Person] = {}

    def meet(self, person: Person) -> None:
        """Remember a user, so that later answers can name them."""
        self._people[person.id] = person

    def person(self, user_id: int) -> Person:
        """A user by id; one never met has a plain name."""
        known = self._people.get(user_id)
        return Person(id=user_id, first_name="User") if known is None else known

    def readable_chat(self, identifier: str) -> Chat:
        """A chat that the bot may look at. Raises Refusal."""
        return self._reachable(identifier, writing=False)

    def send_text(self, arguments: Arguments) -> Message:
        """SendMessage. Raises Refusal."""
        if not arguments.text("text"):
            raise bad_request("Message text is empty")
        draft = _read_draft(arguments, text="text", entities="entities")
        place = self._place(arguments, draft)
        text = tidy(draft.written, limit=MAX_TEXT, too_long="Message is too long")
        return self._post(arguments, draft, place, text, photo=None)

    def send_photo(self, arguments: Arguments) -> Message:
        """SendPhoto, of bytes, an address or the id of a picture sent before. Raises Refusal."""
        photo = self._read_photo(arguments)
        draft = _read_draft(arguments, text="caption", entities="caption_entities")
        place = self._place(arguments, draft)
        caption = tidy(
            draft.written, limit=MAX_CAPTION, too_long="Message caption is too long", allow_empty=True
        )
        return self._post(arguments, draft, place, caption, photo=photo)

    def forward(self, arguments: Arguments) -> Message:
        """ForwardMessage: a copy with its origin, without the keyboard. Raises Refusal."""
        if not arguments.text("from_chat_id"):
            raise bad_request('Parameter "from_chat_id" is required')
        source = self._reachable(arguments.text("from_chat_id"), writing=False)
        original = self._message(source, arguments, "message to forward")
        no_text = FormattedText(text="")
        draft = _Draft(written=no_text, keyboard=None, link_preview={}, reply_to=0, reply_optional=True)
        audience = self._reachable(arguments.text("chat_id"), writing=True)
        if source.protected:
            raise bad_request("Message has protected content and can't be forwarded")
        if audience.standing is Standing.READER and audience.kind is not ChatKind.CHANNEL:
            raise bad_request("The message can't be forwarded")
        place = self._place(arguments, draft)
        _check_open(place)
        self._pass_gate(place.chat)
        return self._accept(
            replace(
                original,
                chat_id=place.chat.id,
                id=self._messages.next_id(place.chat),
                date=int(self._clock()),
                sender=self._sender_in(place.chat),
                thread_id=place.thread_id,
                reply_to=None,
                keyboard=None,
                edited=None,
                forwarded_from=original.forwarded_from or (source.id, original.id),
                silent=arguments.flag("disable_notification"),
                by_bot=True,
            ),
            arguments.call,
        )

    def edit_text(self, arguments: Arguments) -> Message:
        """EditMessageText. Raises Refusal."""
        if not arguments.text("text"):
            raise bad_request("Message text is empty")
        draft = _read_draft(arguments, text="text", entities="entities")
        chat = self._reachable(arguments.text("chat_id"), writing=True)
        before = self._message(chat, arguments, "message to edit")
        silenced = chat.kind is ChatKind.CHANNEL and chat.standing is not Standing.ADMINISTRATOR
        if silenced or not before.by_bot or before.forwarded_from is not None or before.lost_keyboard:
            raise bad_request("Message can't be edited")
        if before.photo is not None:
            raise bad_request("There is no text in the message to edit")
        text = tidy(draft.written, limit=MAX_TEXT, too_long="Message is too long")
        after = replace(
            before.with_text(text),
            keyboard=draft.keyboard,
            link_preview=draft.link_preview or None,
            lost_keyboard=before.keyboard is not None and draft.keyboard is None,
        )
        if after.same_content(before):
            raise bad_request(
                "message is not modified: specified new message content and reply markup are exactly the same"
                " as a current content and reply markup of the message"
            )
        now = self._clock()
        after = replace(after, edited=int(now))
        self._messages.put(after)
        self._history.add_edit(Edit(sequence=arguments.call, at=now, before=before, after=after))
        return after

    def delete(self, arguments: Arguments) -> None:
        """DeleteMessage, within 48 hours. Raises Refusal."""
        if not arguments.text("chat_id"):
            raise bad_request("Chat identifier is not specified")
        if not arguments.number("message_id"):
            raise bad_request("Message identifier is not specified")
        chat = self._reachable(arguments.text("chat_id"), writing=True)
        message = self._message(chat, arguments, "message to delete")
        may = message.by_bot or chat.kind is ChatKind.PRIVATE or chat.standing is Standing.ADMINISTRATOR
        if not may:
            raise bad_request("Message can't be deleted")
        if self._clock() - message.date >= DELETE_WINDOW:
            raise bad_request("Message can't be deleted for everyone")
        self._messages.delete(chat.id, message.id)

    def _reachable(self, identifier: str, *, writing: bool) -> Chat:
        if not identifier:
            raise bad_request("chat_id is empty")
        chat = self._chats.find(identifier)
        if chat is None:
            raise bad_request("chat not found")
        refusal = refusal_of_access(chat, writing=writing)
        if refusal is not None:
            raise refusal
        return chat

    def _message(self, chat: Chat, arguments: Arguments, role: str) -> Message:
        message = self._messages.get(chat.id, arguments.number("message_id"))
        if message is None or (chat.counts_own_messages and chat.standing is Standing.LEFT):
            raise bad_request(f"{role} not found")
        return message

    def _place(self, arguments: Arguments, draft: _Draft) -> _Place:
        chat = self._reachable(arguments.text("chat_id"), writing=True)
        thread_id = _topic_of(chat, arguments.number("message_thread_id"))
        reply_to = draft.reply_to if self._messages.get(chat.id, draft.reply_to) is not None else None
        if draft.reply_to and reply_to is None and not draft.reply_optional:
            raise bad_request("message to be replied not found")
        refusal = refusal_of_posting(chat)
        if refusal is not None:
            raise refusal
        return _Place(chat=chat, thread_id=thread_id, reply_to=reply_to)

    def _post(
        self,
        arguments: Arguments,
        draft: _Draft,
        place: _Place,
        text: FormattedText,
        photo: Photo | None,
    ) -> Message:
        _check_open(place)
        self._pass_gate(place.chat)
        if photo is not None:
            self._photos[photo.file_id] = photo
        blank = Message(
            chat_id=place.chat.id,
            id=self._messages.next_id(place.chat),
            date=int(self._clock()),
            sender=self._sender_in(place.chat),
            text="",
            photo=photo,
            thread_id=place.thread_id,
            reply_to=place.reply_to,
            keyboard=draft.keyboard,
            link_preview=draft.link_preview or None,
            silent=arguments.flag("disable_notification"),
        )
        return self._accept(blank.with_text(text), arguments.call)

    def _pass_gate(self, chat: Chat) -> None:
        if self._gate is None:
            return
        now = self._clock()
        wait = self._gate.wait(chat.id, broad=chat.is_broad, now=now)
        if wait > 0:
            raise too_many_requests(wait)
        self._gate.count(chat.id, broad=chat.is_broad, now=now)

    def _accept(self, message: Message, call: int) -> Message:
        self._messages.put(message)
        self._history.add_sent(Sent(sequence=call, at=self._clock(), message=message))
        return message

    def _sender_in(self, chat: Chat) -> Person | None:
        return None if chat.kind is ChatKind.CHANNEL else self._bot

    def _read_photo(self, arguments: Arguments) -> Photo:
        named = arguments.text("photo")
        upload = arguments.uploads.get(named.removeprefix("attach://") if named else "photo")
        file_id = f"AgACAgQAAx{len(self._photos):022d}"
        if upload is not None:
            return _checked_photo(upload.content, file_id)
        if named.lower().startswith(("http://", "https://")):
            width, height = _ADDRESSED_PHOTO_SIZE
            return Photo(file_id=file_id, width=width, height=height)
        if not named:
            raise bad_request("There is no photo in the request")
        if named not in self._photos:
            raise bad_request("Wrong remote file identifier specified: Wrong string length")
        return self._photos[named]


def _read_draft(arguments: Arguments, *, text: str, entities: str) -> _Draft:
    """The draft of a message from the arguments with these names. Raises Refusal."""
    link_preview = arguments.mapping("link_preview_options", what="link preview options")
    if not link_preview and arguments.flag("disable_web_page_preview"):
        link_preview = {"is_disabled": True}
    written = _read_text(arguments, text, entities)
    reply = arguments.mapping("reply_parameters", what="reply parameters")
    if reply and "message_id" not in reply:
        raise bad_request('Can\'t find field "message_id"')
    replied = reply.get("message_id", arguments.number("reply_to_message_id"))
    return _Draft(
        written=written,
        keyboard=read_keyboard(arguments.text("reply_markup")),
        link_preview=link_preview,
        reply_to=int(replied) if str(replied).isdecimal() else 0,
        reply_optional=bool(reply.get("allow_sending_without_reply"))
        or arguments.flag("allow_sending_without_reply"),
    )


def _read_text(arguments: Arguments, name: str, entities: str) -> FormattedText:
    """The text with its entities; of Telegram's markups only HTML is spoken here."""
    text = arguments.text(name)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise bad_request("Strings must be encoded in UTF-8")
    if len(text.encode()) > MAX_RAW_BYTES:
        raise bad_request("Text is too long")
    mode = arguments.text("parse_mode").lower()
    if not text or mode in {"", "none"}:
        return FormattedText(text=text, entities=read_entities(arguments.decoded(entities)))
    if mode != "html":
        raise bad_request("Unsupported parse_mode")
    return parse_html(text)


def _topic_of(chat: Chat, thread_id: int) -> int | None:
    """The topic that a message goes to; chats without topics take any id and forget it. Raises Refusal."""
    may_have_topics = chat.is_forum or chat.kind is ChatKind.PRIVATE
    if not thread_id or not may_have_topics:
        return None
    if thread_id == GENERAL_TOPIC or thread_id not in chat.topics:
        raise bad_request("Message thread not found")
    return thread_id


def _check_open(place: _Place) -> None:
    """Only administrators write in a closed topic; what names no topic of a forum goes to General. Raises Refusal."""
    chat = place.chat
    topic = None if place.thread_id is None else chat.topics[place.thread_id]
    closed = chat.is_forum and (chat.general_closed if topic is None else topic.closed)
    if closed and chat.standing is not Standing.ADMINISTRATOR:
        raise bad_request("TOPIC_CLOSED")


def _checked_photo(content: bytes, file_id: str) -> Photo:
    if len(content) > MAX_PHOTO_BYTES:
        raise bad_request(
            f"file of size {len(content)} bytes is too big for a photo; the maximum size is {MAX_PHOTO_BYTES} bytes"
        )
    size = image_size(content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    width, height = size
    if not width or not height or width + height > MAX_PHOTO_SIDES:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    if max(width, height) > MAX_PHOTO_RATIO * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return Photo(file_id=file_id, width=width, height=height, content=content)
