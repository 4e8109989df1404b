"""Every exception that Newsbell raises on purpose, grouped by what the caller can do.

NewsbellError                   a clear sentence for a person: what, where, what to do
├── SettingsError               the environment is wrong; mend it and start again
├── RulesError                  a rules file is wrong; holds every problem with its position
├── FetchError                  a feed could not be fetched; the poller tries again later
│   ├── AddressRefused          the address is private or malformed and stays refused
│   ├── FeedRefused             the server answered with a status other than 200 and 304
│   └── FetchTimeout            the total deadline passed
├── ParseError                  what came is no feed, or would harm us
├── StorageError                the database failed; nothing of the step was kept
│   ├── DatabaseUnusable        it cannot be opened, is corrupt or too new
│   └── DatabaseHeld            another instance holds it
└── TelegramError               Telegram cannot be used at all
    └── TokenRefused            Telegram does not know the token
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


class NewsbellError(Exception):
    """Base of all errors below; `str()` is one sentence fit for a person."""


class SettingsError(NewsbellError):
    """An environment variable or option is missing or wrong."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One mistake in a rules file, at a position that an editor can jump to.

    `line` and `column` count from 1, the column in code points; (1, 1) where the whole file is meant.
    """

    file: str
    line: int
    column: int
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.what}; {self.remedy}"


class RulesError(NewsbellError):
    """A rules file is absent, unreadable or invalid; `problems` holds all that was found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class FetchError(NewsbellError):
    """A feed could not be fetched.

    `retry_after` is the wait that the server asked for, already relative to now; None where it said nothing.
    """

    def __init__(self, message: str, *, url: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.url = url
        self.retry_after = retry_after


class AddressRefused(FetchError):
    """The URL is malformed, not http(s), or leads to an address that the feed may not reach."""


class FeedRefused(FetchError):
    """The server answered, but not with a feed; `status` is its HTTP status."""

    def __init__(self, message: str, *, url: str, status: int, retry_after: timedelta | None = None) -> None:
        super().__init__(message, url=url, retry_after=retry_after)
        self.status = status


class FetchTimeout(FetchError):
    """The fetch as a whole took longer than its deadline."""


class ParseError(NewsbellError):
    """The body is not a feed, is cut short, or exceeds what one feed may cost."""


class StorageError(NewsbellError):
    """The database failed; the transaction was rolled back and may be tried again."""


class DatabaseUnusable(StorageError):
    """The database cannot be opened, is corrupt, or was made by a newer Newsbell."""


class DatabaseHeld(StorageError):
    """Another running instance holds the database."""


class TelegramError(NewsbellError):
    """Telegram cannot be used as set up."""


class TokenRefused(TelegramError):
    """Telegram does not know the bot token."""
