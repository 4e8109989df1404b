"""One process a database: an advisory lock beside the file, let go by the kernel however the process ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from bot.errors import DatabaseHeld, DatabaseUnusable


class DatabaseLock:
    """An exclusive lock on `<database>.lock`, which holds the pid of its holder for people to read."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise DatabaseHeld; DatabaseUnusable when the lock file cannot be made."""
        # Two names of one file must meet at one lock.
        real = self._database.resolve()
        path = real.with_name(f"{real.name}.lock")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise DatabaseUnusable(
                f"{path}: the lock file cannot be opened ({error.strerror}); "
                "let NEWSBELL_DATABASE name a file in a folder that this user may write to"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise DatabaseHeld(
                f"{self._database}: another Newsbell (process {holder}) is using this database; "
                "stop it, or let NEWSBELL_DATABASE name another file"
            ) from error
        except OSError as error:
            os.close(descriptor)
            raise DatabaseUnusable(
                f"{path}: the file system knows no locks ({error.strerror}); "
                "let NEWSBELL_DATABASE name a file on a local disk"
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go. The file stays: removing it would let two processes lock two files of one name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
