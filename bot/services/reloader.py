"""Takes up a changed rules file while the bot runs: checked, tested, and swapped in whole, or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.alerts.notice import notice
from bot.errors import NewsbellError, RulesError, StorageError
from bot.models import NewDelivery
from bot.services import Clock
from bot.services.poller import LiveRules
from bot.storage import Storage
from bot.stories.fingerprint import digest

log = logging.getLogger(__name__)

Stamp = tuple[tuple[str, int, int, int] | tuple[str, None], ...]
"""What tells one state of some files from another: name, inode, size and time of change; None for an absent one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """What became of the files as they stood at a stamp; `files` are those in which mistakes were found."""

    stamp: Stamp
    error: str | None
    files: frozenset[Path] = frozenset()


class Reloader:
    """Watches the rules file and all that it includes.

    `load` reads, checks, tests and compiles, and raises RulesError; `apply` makes the result live. What is live
    stays so until something better is there.
    """

    def __init__(
        self,
        *,
        path: Path,
        live: LiveRules,
        load: Callable[[Path], LiveRules],
        apply: Callable[[LiveRules], Awaitable[None]],
        storage: Storage,
        clock: Clock,
        on_pending: Callable[[], None],
    ) -> None:
        self._path = path
        self._live = live
        self._load = load
        self._apply = apply
        self._storage = storage
        self._clock = clock
        self._on_pending = on_pending
        self._last = _Attempt(stamp=(), error=None)
        self._seen = stamp(self._files())
        self._last = _Attempt(stamp=self._seen, error=None)

    async def tick(self) -> None:
        """Take up the file if it has changed and, looked at twice, is no longer being written."""
        now = await asyncio.to_thread(stamp, self._files())
        settled, self._seen = now == self._seen, now
        if not settled or now == self._last.stamp:
            return
        failed_before = self._last.error
        error, files = await self._take_up()
        self._last = _Attempt(stamp=now, error=error, files=files)
        # Other files may be watched from now on, which is no change; one saved while we read is.
        after = await asyncio.to_thread(stamp, self._files())
        if set(now) <= set(after):
            self._seen = after
            self._last = _Attempt(stamp=after, error=error, files=files)
        if error is not None and error != failed_before:
            await self._tell("The rules file has mistakes; the rules before them stay live.", error)
        elif error is None and failed_before is not None:
            await self._tell("The rules file is good again, and live.", "")

    async def _take_up(self) -> tuple[str | None, frozenset[Path]]:
        """Load and apply; where that failed, the reason and the files in which it lies."""
        try:
            loaded = await asyncio.to_thread(self._load, self._path)
            await self._apply(loaded)
        except NewsbellError as error:
            log.error("rules_refused the old ones stay live: %s", error)
            problems = error.problems if isinstance(error, RulesError) else ()
            return str(error), frozenset(Path(problem.file) for problem in problems)
        self._live = loaded
        log.info("rules_reloaded feeds=%d rules=%d", len(loaded.book.feeds), len(loaded.book.rules))
        return None, frozenset()

    async def _tell(self, what: str, details: str) -> None:
        chat = self._live.book.operators
        if chat is None:
            return
        now = self._clock()
        delivery = NewDelivery(
            dedupe_key=digest("notice", chat, what, details, now.isoformat()),
            story_id="",
            chat=chat,
            thread=None,
            rules=(),
            message=notice(what, details),
            priority=1,
        )
        try:
            if await self._storage.owe(delivery, now):
                self._on_pending()
        except StorageError as error:
            log.error("notice_not_stored error=%s", error)

    def _files(self) -> frozenset[Path]:
        return frozenset({self._path, *self._live.book.files}) | self._last.files


def stamp(files: Iterable[Path]) -> Stamp:
    """The present state of some files."""
    return tuple(_stamp(path) for path in sorted(files))


def _stamp(path: Path) -> tuple[str, int, int, int] | tuple[str, None]:
    try:
        status = path.stat()
    except OSError:
        return (str(path), None)
    return (str(path), status.st_ino, status.st_size, status.st_mtime_ns)
