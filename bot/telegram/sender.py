"""Sends deliveries to the Bot API."""

from __future__ import annotations

import asyncio
import os
from typing import Final
from urllib.parse import urlsplit

import telegram
import telegram.error
from telegram.request import HTTPXRequest

from bot.models import Delivery, DeliveryKind, Message, Outcome, Sent, Stopped, Uncertain, Unreachable
from bot.telegram.outcome import is_unchanged, is_unfit, outcome_of

# The library warns at every flood wait that its type will change; this asks for the coming type now.
os.environ.setdefault("PTB_TIMEDELTA", "true")

CONNECT_TIMEOUT: Final = 10.0
READ_TIMEOUT: Final = 25.0
"""Generous, since a reply that comes after we have turned away leaves a doubt."""

DEADLINE: Final = 30.0
"""Seconds that one attempt may take in all; a quarter of the lease under which it is made."""

CHECK_DEADLINE: Final = 5.0

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
                httpx_kwargs={"trust_env": not local},
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

    async def close(self) -> None:
        """See `Sender.close`."""
        for request in self._requests:
            await request.shutdown()

    async def _send(self, delivery: Delivery) -> Outcome:
        try:
            return await self._post(delivery, delivery.message)
        except Exception as error:  # noqa: BLE001 - the library raises KeyError for an answer without a result
            if not is_unfit(error):
                return outcome_of(error)
        try:
            return await self._post(delivery, Message(text=delivery.message.text))
        except Exception as error:  # noqa: BLE001 - as above
            return outcome_of(error)

    async def _post(self, delivery: Delivery, message: Message) -> Outcome:
        if delivery.kind is DeliveryKind.EDIT:
            assert delivery.target is not None  # noqa: S101 - an edit without a message is never claimed
            return await self._edit(delivery, message, delivery.target)
        sent = await self._bot.send_message(
            chat_id=_address(delivery.chat),
            message_thread_id=None if delivery.thread == GENERAL_TOPIC else delivery.thread,
            text=message.text,
            disable_notification=delivery.priority < 0,
            entities=_entities(message),
            reply_parameters=_answered(delivery.target),
        )
        return Sent(message_id=sent.message_id)

    async def _edit(self, delivery: Delivery, message: Message, target: int) -> Outcome:
        try:
            await self._bot.edit_message_text(
                chat_id=_address(delivery.chat),
                message_id=target,
                text=message.text,
                entities=_entities(message),
            )
        except telegram.error.BadRequest as error:
            if not is_unchanged(error):
                raise
        return Sent(message_id=target)


def _entities(message: Message) -> list[telegram.MessageEntity]:
    return [
        telegram.MessageEntity(type=e.kind.value, offset=e.offset, length=e.length, url=e.url)
        for e in message.entities
    ]


def _answered(target: int | None) -> telegram.ReplyParameters | None:
    """The message that a reply answers; where somebody has deleted it, the reply goes alone."""
    if target is None:
        return None
    return telegram.ReplyParameters(message_id=target, allow_sending_without_reply=True)


def _address(chat: str) -> str | int:
    return chat if chat.startswith("@") else int(chat)
