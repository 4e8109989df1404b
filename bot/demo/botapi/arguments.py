"""The arguments of a call, however the client sent them: query, form, multipart or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from bot.demo.botapi.refusals import bad_request

_FALSE = frozenset({"", "0", "false", "no"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came with a call."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """Named texts and files; what is not text in JSON is kept as its JSON.

    `call` is the number under which the history knows the call.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    call: int = 0

    def text(self, name: str) -> str:
        """The argument as it came, "" where there is none."""
        return self.values.get(name, "")

    def flag(self, name: str) -> bool:
        """A Boolean argument; anything that does not say no is yes."""
        return self.text(name).strip().lower() not in _FALSE

    def number(self, name: str, default: int = 0) -> int:
        """A whole number; what is none counts as `default`, as with Telegram."""
        written = self.text(name).strip()
        digits = written.removeprefix("-")
        return int(written) if digits.isascii() and digits.isdecimal() else default

    def decoded(self, name: str) -> object:
        """A JSON argument; None where there is none or it cannot be read."""
        try:
            return json.loads(self.text(name)) if self.text(name) else None
        except ValueError:
            return None

    def mapping(self, name: str, *, what: str) -> Mapping[str, Any]:
        """A JSON object, {} where the argument is absent. Raises Refusal, naming `what`."""
        if not self.text(name):
            return {}
        try:
            value = json.loads(self.text(name))
        except ValueError:
            raise bad_request(f"Can't parse {what} JSON object") from None
        if not isinstance(value, dict):
            raise bad_request(f"Object expected as {what}")
        return value


async def read_arguments(request: web.Request) -> Arguments:
    """The arguments of an HTTP request. Bytes that are no UTF-8 become lone surrogates. Raises Refusal."""
    values = dict(parse_qsl(request.query_string, keep_blank_values=True, errors="surrogateescape"))
    uploads: dict[str, Upload] = {}
    match request.content_type:
        case "multipart/form-data":
            await _read_multipart(request, values, uploads)
        case "application/json":
            values |= _read_json(await request.read())
        case _:
            body = (await request.read()).decode("utf-8", "surrogateescape")
            values |= parse_qsl(body, keep_blank_values=True, errors="surrogateescape")
    return Arguments(values=values, uploads=uploads)


async def _read_multipart(request: web.Request, values: dict[str, str], uploads: dict[str, Upload]) -> None:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        content = bytes(await part.read(decode=True))
        if part.filename is None:
            values[part.name] = content.decode("utf-8", "surrogateescape")
        else:
            uploads[part.name] = Upload(filename=part.filename, content=content)


def _read_json(body: bytes) -> dict[str, str]:
    if not body.strip():
        return {}
    try:
        values = json.loads(body)
    except ValueError:
        raise bad_request("Can't parse JSON object") from None
    if not isinstance(values, dict):
        raise bad_request("Object expected")
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
        if value is not None
    }
