"""Newsbell as a process of its own, as an operator starts it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

COMMAND = (sys.executable, "-m", "bot.cli")


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without any of Newsbell's variables, and then the changes."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("NEWSBELL_", "TELEGRAM_"))}
    return {**kept, **changes}


def newsbell(
    *arguments: str, stdin: str | bytes = b"", folder: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    done = subprocess.run(  # noqa: S603 - our own command
        [*COMMAND, *arguments],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        cwd=folder,
        env=environment(variables),
        timeout=60,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    )


@dataclass
class Bot:
    """A running `newsbell run`."""

    process: Process

    @classmethod
    async def start(cls, *arguments: str, folder: Path, **variables: str) -> Bot:
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            "run",
            *arguments,
            cwd=folder,
            env=environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,
        )
        return cls(process)

    async def line_with(self, text: str, *, within: float = 20) -> str:
        """Wait for a line of the log that holds a text."""
        assert self.process.stderr is not None
        read: list[str] = []
        async with asyncio.timeout(within):
            while raw := await self.process.stderr.readline():
                read.append(raw.decode())
                if text in read[-1]:
                    return read[-1]
        raise AssertionError(f"no line with {text!r} in:\n{''.join(read)}")

    async def end(self, number: int = signal.SIGTERM, *, within: float = 15) -> tuple[int, str, str]:
        """Send a signal and wait for the end: exit code, standard output, the rest of the log."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(within):
            out, err = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, out.decode(), err.decode()

    async def kill(self) -> None:
        """kill -9, the process alone: its workers must notice by themselves."""
        self.process.kill()
        await self.process.communicate()
