"""What runs inside a worker process: one body in, its articles out. Imports no more than that takes."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from bot.feeds.article import normalise
from bot.feeds.html_text import to_line
from bot.feeds.parser import CUT_SHORT, parse
from bot.models import Feed, Fetched, Parsed
from bot.text.language import detect

LONGEST_SOURCE: Final = 100
"""Code points of a feed's own title where it names the source."""

OUT_OF_MEMORY: Final = 71
"""Exit code of a worker whose memory did not suffice; EX_OSERR of sysexits.h."""

_PR_SET_PDEATHSIG: Final = 1
"""From linux/prctl.h."""


def read_feed(fetched: Fetched, feed: Feed, now: datetime) -> Parsed:
    """Parse and normalise; raises ParseError.

    Out of memory, the process ends with OUT_OF_MEMORY: what an earlier feed left behind may fill it for ever.
    """
    try:
        return _read(fetched, feed, now)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _read(fetched: Fetched, feed: Feed, now: datetime) -> Parsed:
    parsed = parse(fetched.body, content_type=fetched.content_type, url=fetched.url)
    title = to_line(parsed.title or "")
    source = feed.name or title[:LONGEST_SOURCE].rstrip() or urlsplit(feed.url).hostname or feed.url
    return Parsed(
        title=title or None,
        articles=tuple(
            normalise(
                entry, feed=feed, source=source, feed_language=parsed.language, url=fetched.url, now=now
            )
            for entry in parsed.entries
        ),
        not_before=parsed.not_before,
        warning=parsed.warning,
        whole=parsed.warning != CUT_SHORT,
    )


def prepare(memory: int) -> None:
    """Bound this process's memory in octets, tie it to its parent's life and leave signals to the parent.

    A signal to the whole group means the parent, which lets work in flight end and then kills us.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _die_with_parent()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(
        resource.RLIMIT_AS, (memory if hard == resource.RLIM_INFINITY else min(memory, hard), hard)
    )
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # numpy, behind the language model, would set memory aside for as many threads as the machine has cores.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.environ["TZ"] = "UTC"  # some of feedparser's date formats go through the local zone
    time.tzset()


def ready() -> None:
    """Load the language model, which takes longer than all else that a first feed waits for."""
    detect("Which language is this sentence written in?")


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if not parent.is_alive():
        os._exit(1)

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, name="follow-parent", daemon=True).start()
