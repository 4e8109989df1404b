"""One HTTP request and its reply: reading, performing, recording, and the fault that may strike on the way."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from bot.demo.botapi.arguments import Arguments, read_arguments
from bot.demo.botapi.chats import ChatRegistry
from bot.demo.botapi.faults import Ending, Fault, Script
from bot.demo.botapi.history import Answer, Call, History
from bot.demo.botapi.methods import Methods
from bot.demo.botapi.refusals import Refusal

MAX_BODY = 50 * 1024 * 1024
_PATH = re.compile(r"/bot(?P<token>[^/]*)/(?P<method>[^/]*)/?")
_TOKEN = re.compile(r"(?P<id>[1-9][0-9]*):[A-Za-z0-9_\-]+")
_SENDS = frozenset({"sendmessage", "sendphoto", "forwardmessage"})
_PIECES = 10
_NO_FAULT = Fault(accepted=True)
_FLOOD = web.HTTPTooManyRequests.status_code


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What the true reply is."""

    status: int
    answer: dict[str, Any]

    @property
    def ok(self) -> bool:
        return self.status == web.HTTPOk.status_code

    @property
    def message_id(self) -> int | None:
        result = self.answer.get("result")
        return result.get("message_id") if isinstance(result, dict) else None


def _refused(refusal: Refusal) -> _Outcome:
    answer: dict[str, Any] = {"ok": False, "error_code": refusal.status, "description": refusal.description}
    if refusal.parameters:
        answer["parameters"] = refusal.parameters
    return _Outcome(status=refusal.status, answer=answer)


class Exchange:
    """Answers requests. `closing` ends every wait when the server stops."""

    def __init__(
        self,
        *,
        token: str,
        methods: Methods,
        chats: ChatRegistry,
        history: History,
        scripts: list[Script],
        clock: Callable[[], float],
        closing: asyncio.Event,
    ) -> None:
        self._token = token
        self._methods = methods
        self._chats = chats
        self._history = history
        self._scripts = scripts
        self._clock = clock
        self._closing = closing

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The handler of every path."""
        path = _PATH.fullmatch(request.path)
        if path is None:
            return _response(_refused(Refusal(404, "Not Found")))
        try:
            if (request.content_length or 0) > MAX_BODY:
                raise Refusal(413, "Request Entity Too Large")
            arguments = await read_arguments(request)
        except Refusal as refusal:
            return _response(_refused(refusal))
        call = self._history.begin(self._record(path["token"], path["method"], arguments))
        arguments = replace(arguments, call=call.sequence)
        in_flight = call.chat_id if call.method.lower() in _SENDS else None
        if in_flight is not None:
            self._history.take_off(in_flight)
        try:
            return await self._answer(request, call, path["token"], arguments)
        finally:
            if in_flight is not None:
                self._history.land(in_flight)

    def _record(self, token: str, method: str, arguments: Arguments) -> Call:
        chat = self._chats.find(arguments.text("chat_id")) if arguments.text("chat_id") else None
        return Call(
            sequence=0,
            at=self._clock(),
            method=method,
            token=f"{token.partition(':')[0]}:***",
            arguments=dict(arguments.values),
            uploads=tuple(arguments.uploads),
            chat_id=None if chat is None else chat.id,
            text=arguments.text("text") or arguments.text("caption"),
        )

    async def _answer(
        self, request: web.Request, call: Call, token: str, arguments: Arguments
    ) -> web.StreamResponse:
        fault = self._fault(call) or _NO_FAULT
        await self._pause(fault.delay_before)
        if fault.call_before is not None:
            fault.call_before()
        outcome = None
        if fault.accepted or fault.ending is Ending.REPLY:
            call, outcome = await self._perform(call, token, arguments)
        if fault.call_after is not None:
            fault.call_after()
        await self._pause(fault.delay_after)
        return await self._end(request, call, fault, outcome)

    def _fault(self, call: Call) -> Fault | None:
        def same_chat(identifier: str) -> bool:
            chat = self._chats.find(identifier)
            return chat is not None and chat.id == call.chat_id

        for script in self._scripts:
            if script.strikes(call.method, call.text, same_chat):
                return script.fault
        return None

    async def _perform(self, call: Call, token: str, arguments: Arguments) -> tuple[Call, _Outcome]:
        try:
            if not _TOKEN.fullmatch(token):
                raise Refusal(404, "Not Found")
            if token != self._token:
                raise Refusal(401, "Unauthorized")
            result = await self._methods.perform(call.method, arguments)
            outcome = _Outcome(status=200, answer={"ok": True, "result": result})
        except Refusal as refusal:
            outcome = _refused(refusal)
        performed = replace(
            call, accepted=outcome.ok, message_id=outcome.message_id, flooded=outcome.status == _FLOOD
        )
        self._history.update(performed)
        return performed, outcome

    async def _end(
        self, request: web.Request, call: Call, fault: Fault, outcome: _Outcome | None
    ) -> web.StreamResponse:
        if fault.ending is Ending.REPLY and outcome is not None:
            if fault.chunk_pause:
                return await self._trickle(request, call, outcome, fault.chunk_pause)
            return self._reply(request, call, outcome)
        if fault.ending is Ending.BODY:
            return self._replaced(call, fault)
        self._history.update(replace(call, answer=Answer.NONE))
        if fault.ending is Ending.HANG:
            await self._closing.wait()
        _sever(request, reset=fault.ending is Ending.RESET)
        return web.Response()

    def _reply(self, request: web.Request, call: Call, outcome: _Outcome) -> web.Response:
        gone = request.transport is None or request.transport.is_closing()
        answer = Answer.OK if outcome.ok else Answer.ERROR
        self._history.update(
            replace(
                call,
                answer=Answer.NONE if gone else answer,
                status=outcome.status,
                description=outcome.answer.get("description"),
            )
        )
        return _response(outcome)

    def _replaced(self, call: Call, fault: Fault) -> web.Response:
        telegrams_own = fault.content_type == "application/json" and b"error_code" in fault.body
        answer = Answer.ERROR if telegrams_own else Answer.GARBLED
        description = json.loads(fault.body)["description"] if telegrams_own else None
        self._history.update(replace(call, answer=answer, status=fault.status, description=description))
        return web.Response(status=fault.status, body=fault.body, content_type=fault.content_type)

    async def _trickle(
        self, request: web.Request, call: Call, outcome: _Outcome, pause: float
    ) -> web.StreamResponse:
        whole = self._reply(request, call, outcome)
        body = whole.body if isinstance(whole.body, bytes) else b""
        response = web.StreamResponse(status=outcome.status, headers={"Content-Type": "application/json"})
        response.content_length = len(body)
        try:
            await response.prepare(request)
            step = len(body) // _PIECES + 1
            for start in range(0, len(body), step):
                await self._pause(pause)
                await response.write(body[start : start + step])
        except ConnectionError:
            self._history.update(replace(call, answer=Answer.NONE))
        return response

    async def _pause(self, seconds: float) -> None:
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._closing.wait()


def _response(outcome: _Outcome) -> web.Response:
    response = web.json_response(outcome.answer, status=outcome.status)
    retry_after = outcome.answer.get("parameters", {}).get("retry_after")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _sever(request: web.Request, *, reset: bool) -> None:
    """Cut the connection at once; with `reset` by RST, which a linger time of zero brings about."""
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if reset and connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(transport, asyncio.Transport):
        transport.abort()
