"""How long to wait after what went wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

SETTLING: Final = timedelta(seconds=15)
"""Before a doubtful message is looked for: the request may still be on its way."""

FIRST_RESEND: Final = timedelta(seconds=1)
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_DOUBT: Final = timedelta(hours=1)
FIRST_REFUSAL: Final = timedelta(seconds=1)
LONGEST_REFUSAL: Final = timedelta(seconds=60)
FIRST_CLOSED: Final = timedelta(minutes=10)
LONGEST_CLOSED: Final = timedelta(hours=1)
TOKEN: Final = timedelta(seconds=60)
"""Between two questions whether a token that was refused is good again."""

SPREAD: Final = 0.2


def after_doubt(doubts: int, *, settling: timedelta | None) -> timedelta:
    """The wait before a message in doubt is looked for or sent again, when it was in doubt so often before.

    `settling` is what the first look waits for; None where nobody can look, who gains nothing by waiting.
    """
    if doubts == 0:
        return FIRST_RESEND if settling is None else settling
    return _doubled(FIRST_WAIT, doubts - 1, LONGEST_DOUBT)


def after_refusal(refusals: int) -> timedelta:
    """The wait before Telegram is tried again when it could not be reached so often before: 1 s, 2 s … a minute."""
    return _doubled(FIRST_REFUSAL, refusals, LONGEST_REFUSAL)


def after_closing(tries: int) -> timedelta:
    """The wait before a chat or topic that does not let us in is tried again, after so many tries: 10 min … an hour."""
    return _doubled(FIRST_CLOSED, tries, LONGEST_CLOSED)


def spread(wait: timedelta, chance: float) -> timedelta:
    """A wait up to a fifth shorter or longer, so that not all bots of the world come back at once; chance is 0 to 1."""
    return wait * (1 - SPREAD + 2 * SPREAD * chance)


def _doubled(first: timedelta, times: int, longest: timedelta) -> timedelta:
    return min(first * 2.0 ** min(times, 10), longest)
