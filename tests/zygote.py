"""The test's end of lives of the delivery: what they are told to do, and the process that forks them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

KILLED = 137
"""The exit code of a life that a crash point ended, as a shell reports `kill -9`."""

STOPPED = "stopped"
"""What a life says that stops at its point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a life is to do.

    `polls` is how many polls the plan has, over `chats`, one each `every` seconds; `crash` is the point at whose
    `passage`-th passage the life ends, or where it `stops`, until somebody lets it go on. A life that is `last` ends by
    itself, and cleanly, once all is sent. `audit` is the chat to look with, `lease` the seconds for which a claim holds.
    The clock on the wall is `ahead` by so many seconds from the beginning, and set by `leap` when half the plan is
    recorded.
    """

    database: str
    url: str
    token: str
    chats: tuple[str, ...]
    polls: int
    every: float = 0.01
    audit: str | None = None
    operators: str | None = None
    crash: str | None = None
    passage: int = 1
    stops: bool = False
    last: bool = False
    lease: float = 120.0
    ahead: float = 0.0
    leap: float = 0.0


class Zygote:
    """The test's end of the process that forks lives."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own file
            [sys.executable, str(Path(__file__).with_name("delivery_life.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self._pid = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # The zygote first, so that nobody answers any more; what it gave birth to holds its pipes open.
        self._process.kill()
        self.kill()
        self._process.communicate()

    async def begin(self, order: Order) -> None:
        """Begin a life."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        self._process.stdin.flush()
        self._pid = int(await self._answer())

    async def end(self) -> int:
        """Wait for the life's end, and return how it ended: its exit code, or 128 and the signal."""
        status = int(await self._answer())
        self._pid = 0
        return status

    def kill(self) -> None:
        """Kill the life now; nothing where there is none."""
        if self._pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    async def wait_for_stop(self) -> None:
        """Wait until the life stops at its point."""
        assert await self._answer() == STOPPED

    def go_on(self) -> None:
        """Let a life that has stopped go on."""
        os.kill(self._pid, signal.SIGCONT)

    async def live(self, order: Order, *, within: float = 20) -> int:
        """One life to its end."""
        await self.begin(order)
        async with asyncio.timeout(within):
            return await self.end()

    async def _answer(self) -> str:
        assert self._process.stdout is not None
        return (await asyncio.to_thread(self._process.stdout.readline)).decode().strip()
