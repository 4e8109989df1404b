"""The server itself: its life on a loopback port, and what a test or the demo does to it from outside."""

from __future__ import annotations

import asyncio
import itertools
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.demo.botapi.chats import Chat, ChatKind, ChatRegistry, Person
from bot.demo.botapi.entities import FormattedText
from bot.demo.botapi.exchange import MAX_BODY, Exchange
from bot.demo.botapi.faults import Fault, Script
from bot.demo.botapi.history import History
from bot.demo.botapi.limits import FloodGate, Limits
from bot.demo.botapi.messages import Message, MessageStore, Rendering
from bot.demo.botapi.methods import Methods
from bot.demo.botapi.sending import Sending
from bot.demo.botapi.updates import UpdateQueue

_LOOPBACK = "127.0.0.1"


class BotApiServer:
    """Telegram for one bot, on 127.0.0.1, in the running event loop and without threads.

    `async with BotApiServer(token="123:abc") as server:` listens; `server.url` is the root, without `/bot`. A chat
    must be added to `server.chats` first, unless `accept_unknown_chats`. `server.history` answers what happened.
    With `enforce_limits` the flood limits hold. `clock` gives epoch seconds: dates of messages, limits, history.
    """

    def __init__(
        self,
        *,
        token: str = "123456:loopback",  # noqa: S107 - opens nothing but this server
        bot_name: str = "newsbell_bot",
        accept_unknown_chats: bool = False,
        enforce_limits: bool = False,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
        port: int = 0,
    ) -> None:
        self.token = token
        self.bot = Person(
            id=int(token.partition(":")[0]), first_name="Newsbell", username=bot_name, is_bot=True
        )
        self.chats = ChatRegistry(accept_unknown=accept_unknown_chats)
        self.messages = MessageStore()
        self.history = History()
        self._clock = clock
        self._port = port
        self._updates = UpdateQueue()
        self._rendering = Rendering(self.chats, self.messages)
        self._sending = Sending(
            bot=self.bot,
            chats=self.chats,
            messages=self.messages,
            history=self.history,
            clock=clock,
            gate=FloodGate(limits or Limits()) if enforce_limits else None,
        )
        self._methods = Methods(
            bot=self.bot, sending=self._sending, rendering=self._rendering, updates=self._updates
        )
        self._scripts: list[Script] = []
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._site: web.SockSite | None = None
        self._socket: socket.socket | None = None
        self._callback_ids = itertools.count(1)

    # Life

    @property
    def url(self) -> str:
        """The root of the server, without `/bot`."""
        return f"http://{_LOOPBACK}:{self._port}"

    async def start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        exchange = Exchange(
            token=self.token,
            methods=self._methods,
            chats=self.chats,
            history=self.history,
            scripts=self._scripts,
            clock=self._clock,
            closing=self._closing,
        )
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/{path:.*}", exchange.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        self._reserve()
        await self.accept_connections()

    async def stop(self) -> None:
        """End every wait, cut every connection, give the port back. Harmless twice."""
        self._closing.set()
        self._updates.close()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._socket is not None:
            self._socket.close()
        self._runner = self._site = self._socket = None

    async def refuse_connections(self) -> None:
        """Cut all connections and refuse new ones; the port stays ours."""
        if self._runner is None or self._site is None:
            return
        await self._site.stop()
        self._site = None
        self._reserve()
        server = self._runner.server
        if server is None:
            return
        for connection in server.connections:
            if isinstance(connection.transport, asyncio.Transport):
                connection.transport.abort()
        await asyncio.sleep(0)  # the loop closes the sockets on its next round

    async def accept_connections(self) -> None:
        """Listen again on the same port."""
        if self._runner is None or self._socket is None or self._site is not None:
            return
        self._site = web.SockSite(self._runner, self._socket)
        await self._site.start()

    @asynccontextmanager
    async def refusing(self) -> AsyncIterator[None]:
        """Connections are refused within the block."""
        await self.refuse_connections()
        try:
            yield
        finally:
            await self.accept_connections()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _reserve(self) -> None:
        """A socket bound to the port but not listening: connections to it are refused."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((_LOOPBACK, self._port))
        self._port = self._socket.getsockname()[1]

    # What goes wrong

    def script(
        self,
        fault: Fault,
        *,
        method: str | None = None,
        chat: Chat | int | str | None = None,
        text: str | Callable[[str], bool] | None = None,
        first: int = 1,
        times: int | None = 1,
    ) -> Script:
        """Let a fault strike: the `first`th call that meets every condition and those after it, `times` in all.

        `text` is a part of the text or caption as sent, or a predicate on it. Of several scripts the oldest that
        strikes wins.
        """
        identifier = str(chat.id) if isinstance(chat, Chat) else None if chat is None else str(chat)
        script = Script(fault=fault, method=method, chat=identifier, text=text, first=first, times=times)
        self._scripts.append(script)
        return script

    # What people do

    def post_message(
        self,
        chat: Chat | int | str,
        text: str,
        *,
        user: Person | None = None,
        thread_id: int | None = None,
        reply_to: int | None = None,
    ) -> Message:
        """Somebody writes in a chat, and the bot gets the update; commands and mentions are marked as such.

        Without `user` it is the other side of a private chat, the channel itself, or some member of a group.
        """
        place = self.chats.get(chat)
        sender = None if place.kind is ChatKind.CHANNEL else user or _somebody(place)
        if sender is not None:
            self._sending.meet(sender)
        written = Message(
            chat_id=place.id,
            id=self.messages.next_id(place),
            date=int(self._clock()),
            sender=sender,
            text="",
            thread_id=thread_id,
            reply_to=reply_to,
            by_bot=False,
        ).with_text(FormattedText(text=text))
        self.messages.put(written)
        kind = "channel_post" if sender is None else "message"
        self._updates.add(kind, self._rendering.message(written))
        return written

    def press_button(self, message: Message, data: str, *, user: Person | None = None) -> str:
        """Somebody presses the button with this callback data; the id of the query is returned.

        Raises LookupError where the message, as it now stands, has no such button.
        """
        current = self.messages.get(message.chat_id, message.id)
        buttons = [] if current is None else itertools.chain.from_iterable(current.keyboard or [])
        if current is None or all(button.get("callback_data") != data for button in buttons):
            raise LookupError(f"message {message.id} in chat {message.chat_id} has no button with {data!r}")
        presser = user or _somebody(self.chats.get(message.chat_id))
        self._sending.meet(presser)
        query_id = str(next(self._callback_ids))
        self._methods.callback_answers[query_id] = None
        self._updates.add(
            "callback_query",
            {
                "id": query_id,
                "from": presser.as_json(),
                "message": self._rendering.message(current),
                "chat_instance": str(message.chat_id),
                "data": data,
            },
        )
        return query_id

    def callback_answer(self, query_id: str) -> str | None:
        """The text with which the bot answered the press of a button; None while it has not."""
        arguments = self._methods.callback_answers[query_id]
        return None if arguments is None else arguments.text("text")

    @property
    def pending_updates(self) -> int:
        """How many updates no poll has confirmed."""
        return len(self._updates)


def _somebody(chat: Chat) -> Person:
    if chat.kind is ChatKind.PRIVATE:
        return Person(id=chat.id, first_name=chat.title, username=chat.username)
    return Person(id=900_001, first_name="Grace")
