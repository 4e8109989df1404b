"""Sends deliveries to the Bot API."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from dataclasses import replace
from functools import cache
from typing import Final
from urllib.parse import urlsplit

import httpx
import telegram
import telegram.error
from telegram.request import HTTPXRequest

from bot.models import (
    ChatFacts,
    ChatKind,
    Delivery,
    DeliveryKind,
    EntityKind,
    Message,
    Outcome,
    RenderFault,
    Sent,
    Sight,
    Standing,
    Stopped,
    Uncertain,
    Unreachable,
    Unseen,
    Vacant,
)
from bot.telegram.outcome import is_unchanged, outcome_of
from bot.telegram.plain import plainly
from bot.telegram.sight import LOOK_AGAIN, closed, sight_of

# The library warns at every flood wait that its type will change; this asks for the coming type now.
os.environ.setdefault("PTB_TIMEDELTA", "true")

CONNECT_TIMEOUT: Final = 10.0
READ_TIMEOUT: Final = 25.0
"""Generous, since a reply that comes after we have turned away leaves a doubt."""

DEADLINE: Final = 30.0
"""Seconds that one attempt may take in all; a quarter of the lease under which it is made."""

CHECK_DEADLINE: Final = 5.0
"""Seconds that a question may take whose answer is of use only now."""

ABSENT: Final = frozenset((telegram.ChatMember.LEFT, telegram.ChatMember.BANNED))

GENERAL_TOPIC: Final = 1
"""The id of a forum's General topic, which Telegram shows in links and refuses in calls."""


class TelegramSender:
    """`Sender` through python-telegram-bot; `api_url` is the server's root, without `/bot`."""

    def __init__(self, *, token: str, api_url: str) -> None:
        # A proxy of the environment is how some reach Telegram; it has no business before a server of our own.
        local = (urlsplit(api_url).hostname or "") in {"localhost", "127.0.0.1", "::1"}
        self._requests = [
            HTTPXRequest(
                connection_pool_size=64,
                connect_timeout=CONNECT_TIMEOUT,
                read_timeout=READ_TIMEOUT,
                write_timeout=READ_TIMEOUT,
                pool_timeout=DEADLINE,
                httpx_kwargs={"trust_env": not local, "verify": _certificates()},
            )
            for _ in range(2)
        ]
        self._bot = telegram.Bot(
            token,
            base_url=f"{api_url.rstrip('/')}/bot",
            request=self._requests[0],
            get_updates_request=self._requests[1],
        )

    async def check(self) -> Stopped | Unreachable | None:
        """See `Sender.check`."""
        try:
            async with asyncio.timeout(CHECK_DEADLINE):
                await self._bot.get_me()
        except TimeoutError:
            return Unreachable(why=f"no answer within {CHECK_DEADLINE:.0f} s")
        except Exception as error:  # noqa: BLE001 - the library raises more than its own errors
            outcome = outcome_of(error)
            return outcome if isinstance(outcome, Stopped) else Unreachable(why=str(error))
        return None

    async def send(self, delivery: Delivery) -> Outcome:
        """See `Sender.send`."""
        try:
            async with asyncio.timeout(DEADLINE):
                return await self._send(delivery)
        except TimeoutError:
            return Uncertain(why=f"no answer within {DEADLINE:.0f} s")

    async def peek(self, chat: str, message_id: int, *, audit: str) -> Sight:
        """See `Sender.peek`."""
        try:
            async with asyncio.timeout(DEADLINE):
                return await self._look(chat, message_id, audit)
        except TimeoutError:
            return Unseen(why=f"no answer within {DEADLINE:.0f} s", after=LOOK_AGAIN)

    async def identify(self, chat: str) -> ChatFacts | None:
        """See `Sender.identify`."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CHECK_DEADLINE):
                return _facts(await self._bot.get_chat(_address(chat)))
        return None

    async def close(self) -> None:
        """See `Sender.close`."""
        for request in self._requests:
            await request.shutdown()

    # Sending

    async def _send(self, delivery: Delivery) -> Outcome:
        outcome = await self._try(delivery, delivery.message)
        if not isinstance(outcome, RenderFault):
            return outcome
        plain = plainly(delivery.message)
        if plain == delivery.message:
            return outcome
        second = await self._try(delivery, plain)
        return replace(second, plain=True) if isinstance(second, Sent) else second

    async def _try(self, delivery: Delivery, message: Message) -> Outcome:
        try:
            if delivery.kind is DeliveryKind.EDIT:
                assert delivery.target is not None  # noqa: S101 - an edit without a message is never claimed
                return await self._edit(delivery, message, delivery.target)
            return await self._post(delivery, message)
        except Exception as error:  # noqa: BLE001 - the library raises KeyError for an answer without a result
            return outcome_of(error, edit=delivery.kind is DeliveryKind.EDIT)

    async def _post(self, delivery: Delivery, message: Message) -> Outcome:
        sent = await self._bot.send_message(
            chat_id=_address(delivery.chat),
            message_thread_id=None if delivery.thread == GENERAL_TOPIC else delivery.thread,
            text=message.text,
            disable_notification=message.silent or delivery.priority < 0,
            entities=_entities(message),
            link_preview_options=_link_preview(message),
            reply_parameters=_answered(delivery.target),
        )
        return Sent(message_id=sent.message_id, chat=_facts(sent.chat))

    async def _edit(self, delivery: Delivery, message: Message, target: int) -> Outcome:
        try:
            edited = await self._bot.edit_message_text(
                chat_id=_address(delivery.chat),
                message_id=target,
                text=message.text,
                entities=_entities(message),
                link_preview_options=_link_preview(message),
            )
        except telegram.error.BadRequest as error:
            if not is_unchanged(error):
                raise
            return Sent(message_id=target)
        return Sent(message_id=target, chat=None if isinstance(edited, bool) else _facts(edited.chat))

    # Looking

    async def _look(self, chat: str, message_id: int, audit: str) -> Sight:
        try:
            copy = await self._bot.forward_message(
                chat_id=_address(audit),
                from_chat_id=_address(chat),
                message_id=message_id,
                disable_notification=True,
            )
        except Exception as error:  # noqa: BLE001 - as above
            sight = sight_of(error, chat=chat, audit=audit)
            if sight is None:
                return await self._whose_fault(error, chat, audit)
            return await self._surely_vacant(chat, audit) if sight == Vacant() else sight
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CHECK_DEADLINE):
                await self._bot.delete_message(_address(audit), copy.message_id)
        return Standing(text=copy.text or copy.caption or "")

    async def _whose_fault(self, error: Exception, chat: str, audit: str) -> Sight:
        """Which of the two chats a refusal speaks of: the one looked into, if it cannot be asked about either."""
        try:
            await self._bot.get_chat(_address(chat))
        except Exception as second:  # noqa: BLE001 - as above
            return sight_of(second, chat=chat, audit=audit) or closed(chat, second, audit=audit)
        return closed(audit, error, audit=audit)

    async def _surely_vacant(self, chat: str, audit: str) -> Sight:
        """Vacant, unless the bot is no member: of a public chat Telegram then says that it has no message at all."""
        try:
            own = await self._bot.get_chat_member(_address(chat), int(self._bot.token.partition(":")[0]))
        except Exception as error:  # noqa: BLE001 - as above
            return sight_of(error, chat=chat, audit=audit) or closed(chat, error, audit=audit)
        absent = own.status in ABSENT or not getattr(own, "is_member", True)
        return closed(chat, "it is not a member", audit=audit) if absent else Vacant()


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to believe; read once, since that is most of what a sender costs."""
    return httpx.create_ssl_context()


def _entities(message: Message) -> list[telegram.MessageEntity]:
    return [
        telegram.MessageEntity(type=e.kind.value, offset=e.offset, length=e.length, url=e.url)
        for e in message.entities
    ]


def _link_preview(message: Message) -> telegram.LinkPreviewOptions | None:
    """No preview, or one of the first link; what Telegram finds in a text without links has none to show."""
    if not message.preview:
        return telegram.LinkPreviewOptions(is_disabled=True)
    links = [entity for entity in message.entities if entity.kind is EntityKind.TEXT_LINK and entity.url]
    if not links:
        return None
    return telegram.LinkPreviewOptions(url=min(links, key=lambda link: link.offset).url)


def _answered(target: int | None) -> telegram.ReplyParameters | None:
    """The message that a reply answers; where somebody has deleted it, the reply goes alone."""
    if target is None:
        return None
    return telegram.ReplyParameters(message_id=target, allow_sending_without_reply=True)


def _facts(chat: telegram.Chat | telegram.ChatFullInfo) -> ChatFacts | None:
    """What a chat is; None for a kind that Telegram has invented since."""
    kinds = {kind.value for kind in ChatKind}
    return ChatFacts(id=chat.id, kind=ChatKind(chat.type)) if chat.type in kinds else None


def _address(chat: str) -> str | int:
    return chat if chat.startswith("@") else int(chat)
