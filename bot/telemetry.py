"""The log: one line an event on standard error, fit for people and for grep, and free of secrets.

2026-03-01T12:00:00.123Z INFO poll_recorded feed=https://example.org/rss.xml entries=30 new=2 alerts=1
"""

from __future__ import annotations

import logging
import re
import sys
import time
from typing import Final, TextIO

TOKEN: Final = re.compile(r"\b\d{3,}:[A-Za-z0-9_-]{20,}|(?<=/bot)\d+:[^/\s'\"]+")
"""A bot token as Telegram makes them, and whatever stands in a token's place in a Bot API URL."""

MASK: Final = "<token>"

NOISY: Final = ("httpx", "httpcore", "aiohttp", "asyncio", "py3langid", "langid", "pebble")
"""Libraries whose INFO is not ours to tell; httpx would log whole URLs, with the token in them."""


class LineFormatter(logging.Formatter):
    """A record as one line: time in UTC, level, text; controls escaped, tokens masked."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """The line, with a traceback folded into it where the record has one."""
        return escaped(masked(super().format(record), self._secrets))


def masked(text: str, secrets: tuple[str, ...] = ()) -> str:
    """A text with every secret, and everything that looks like a bot token, replaced."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return TOKEN.sub(MASK, text)


def escaped(text: str, *, keep: str = "") -> str:
    """A text that cannot steer a terminal: whatever does not print, but for what is to be kept, as escapes."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c in keep else c.encode("unicode_escape").decode("ascii") for c in text
    )


def configure_log(level: int, *, secrets: tuple[str, ...] = (), stream: TextIO | None = None) -> None:
    """Send the log of this process to standard error, or `stream`, in place of whatever was set up before."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(LineFormatter(secrets))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    # The library logs a traceback for an answer that is no JSON; the sender's outcome says it in a sentence.
    logging.getLogger("telegram").setLevel(logging.CRITICAL)
    # APScheduler warns whenever a tick comes late; a late tick runs once, and nothing is due only to a tick.
    logging.getLogger("apscheduler").setLevel(max(level, logging.ERROR))
