"""Faults that a test or the demo scripts: what goes wrong, and with which of the calls.

Whether the call was performed before the fault struck is the fault's own fact (`accepted`): a message may stand in
the chat though the bot never hears of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self


class Ending(StrEnum):
    """How the exchange ends."""

    REPLY = "reply"
    """The true reply."""
    BODY = "body"
    """Another status and body in its place."""
    DROP = "drop"
    """The connection is closed without a reply."""
    RESET = "reset"
    """The connection is reset (RST) without a reply."""
    HANG = "hang"
    """Nothing more comes until the server stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong with one call.

    Delays are in seconds; `chunk_pause` is the wait before each tenth of the body. `call_before` is called when the
    call has come and before it is performed, `call_after` when it was performed (or would have been) and before
    anything is answered: a test can kill the bot at just that moment. A few hundredths of a second of `delay_after`
    then let the server see that nobody is there to be answered.
    """

    ending: Ending = Ending.REPLY
    accepted: bool = False
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    delay_before: float = 0.0
    delay_after: float = 0.0
    chunk_pause: float = 0.0
    call_before: Callable[[], object] | None = None
    call_after: Callable[[], object] | None = None

    @classmethod
    def error(cls, status: int, description: str, parameters: Mapping[str, int] | None = None) -> Self:
        """An error in Telegram's own form; the call is not performed."""
        answer: dict[str, object] = {"ok": False, "error_code": status, "description": description}
        if parameters is not None:
            answer["parameters"] = dict(parameters)
        return cls(ending=Ending.BODY, status=status, body=json.dumps(answer).encode())

    @classmethod
    def too_many_requests(cls, retry_after: int | None = None) -> Self:
        """429; without `retry_after` the bare form that carries no parameters."""
        if retry_after is None:
            return cls.error(429, "Too Many Requests")
        return cls.error(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})

    @classmethod
    def unauthorized(cls) -> Self:
        """401: the token was revoked."""
        return cls.error(401, "Unauthorized")

    @classmethod
    def gateway(cls, status: int = 502, *, accepted: bool = False) -> Self:
        """An HTML error page of a server in front of Telegram."""
        body = f"<html><head><title>{status}</title></head><body><h1>{status}</h1><hr>nginx</body></html>"
        return cls(
            ending=Ending.BODY, status=status, body=body.encode(), content_type="text/html", accepted=accepted
        )

    @classmethod
    def garbage(cls, *, accepted: bool = False) -> Self:
        """200 with something that is not JSON."""
        return cls(
            ending=Ending.BODY, body=b"<html>Sign in to the network</html>", content_type="text/html",
            accepted=accepted,
        )  # fmt: skip

    @classmethod
    def not_ok(cls, *, accepted: bool = False) -> Self:
        """200 with `{"ok": false}` and nothing else."""
        return cls(ending=Ending.BODY, body=b'{"ok": false}', accepted=accepted)

    @classmethod
    def drop(cls, *, accepted: bool) -> Self:
        """The connection is closed without a reply, after or before the call was performed."""
        return cls(ending=Ending.DROP, accepted=accepted)

    @classmethod
    def reset(cls, *, accepted: bool) -> Self:
        """The connection is reset without a reply."""
        return cls(ending=Ending.RESET, accepted=accepted)

    @classmethod
    def hang(cls, *, accepted: bool) -> Self:
        """No reply comes, and the connection stays open."""
        return cls(ending=Ending.HANG, accepted=accepted)

    @classmethod
    def delay(cls, *, before: float = 0.0, after: float = 0.0) -> Self:
        """The call is performed `before` seconds late, the true reply comes `after` seconds later still."""
        return cls(accepted=True, delay_before=before, delay_after=after)

    @classmethod
    def trickle(cls, seconds: float) -> Self:
        """The true reply comes in ten pieces over `seconds`."""
        return cls(accepted=True, chunk_pause=seconds / 10)

    def delayed(self, *, before: float = 0.0, after: float = 0.0) -> Self:
        """The same fault with waits: before the call is performed, and between that and the ending."""
        return replace(self, delay_before=before, delay_after=after)

    @classmethod
    def watch(
        cls, *, before: Callable[[], object] | None = None, after: Callable[[], object] | None = None
    ) -> Self:
        """No fault in itself: something is called before or after the call is performed, and it is answered."""
        return cls(accepted=True, call_before=before, call_after=after)

    def calling(
        self, *, before: Callable[[], object] | None = None, after: Callable[[], object] | None = None
    ) -> Self:
        """The same fault, and something that is called before or after the call is performed."""
        return replace(self, call_before=before, call_after=after)


@dataclass(slots=True, kw_only=True)
class Script:
    """A fault and the calls that it strikes; `struck` counts them, `cancel()` ends it.

    Every condition that is given must hold. Of the calls for which they do, the `first`th and those after it are
    struck, `times` in all (None: without end).
    """

    fault: Fault
    method: str | None = None
    chat: str | None = None
    text: str | Callable[[str], bool] | None = None
    first: int = 1
    times: int | None = 1
    struck: int = 0
    met: int = 0

    def cancel(self) -> None:
        """Strike no further call."""
        self.times = self.struck

    def strikes(self, method: str, text: str, same_chat: Callable[[str], bool]) -> bool:
        """Whether this call is struck; it is counted."""
        if not self._meets(method, text, same_chat):
            return False
        self.met += 1
        if self.met < self.first or (self.times is not None and self.struck >= self.times):
            return False
        self.struck += 1
        return True

    def _meets(self, method: str, text: str, same_chat: Callable[[str], bool]) -> bool:
        if self.method is not None and self.method.lower() != method.lower():
            return False
        if self.chat is not None and not same_chat(self.chat):
            return False
        if callable(self.text):
            return self.text(text)
        return self.text is None or self.text in text
