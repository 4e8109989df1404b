"""How a message of which nobody knows whether it arrived is looked for.

In channels and supergroups message ids count up by one, a chat at a time, and only one message of ours is in flight:
so the doubtful one stands under one of the ids after the last that is known to be ours, or it did not arrive.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final

from bot.models import ChatKind, Found, Missing, Standing, Undecided, Vacant, Verdict

PATIENCE: Final = {ChatKind.CHANNEL: 3}
LONGEST_PATIENCE: Final = 10
"""Ids in a row under which nothing stands, after which nothing more is expected: members of groups delete more."""

FARTHEST: Final = 50
"""Ids that are looked at in all, since each costs the audit chat a message."""

BLIND: Final = 10
"""Ids that are looked at where no message of ours is known, which is worth while in a young chat only."""

FIRST_CHANNEL_ID: Final = -1_000_000_000_000
"""Ids of channels and supergroups lie below this one (core.telegram.org/api/bots/ids)."""

_ID: Final = re.compile(r"-?[0-9]{1,18}")
_DROPPED: Final = re.compile("[\u030a\u0333\u033f]")
"""Combining marks that Telegram takes out of a text (td/telegram/misc.cpp, clean_input_string)."""

_SKIPPED: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp", "Zs"))


def counts_ids(chat: str, kind: ChatKind | None) -> bool:
    """Whether a chat has message ids of its own; told by its address where its kind is not known.

    Private chats and basic groups share the ids of the account.
    """
    if kind is not None:
        return kind in {ChatKind.CHANNEL, ChatKind.SUPERGROUP}
    if _ID.fullmatch(chat):
        return int(chat) < FIRST_CHANNEL_ID
    return chat.startswith("@")


class Search:
    """One search, an id after the other; `texts` are those that the message may have.

    Where no message of ours is known to stand in the chat (`previous` is None) a hit counts, but no hit proves nothing.
    """

    def __init__(self, *, previous: int | None, kind: ChatKind | None, texts: Collection[str]) -> None:
        self._previous = previous
        self._patience = LONGEST_PATIENCE if kind is None else PATIENCE.get(kind, LONGEST_PATIENCE)
        self._texts = {_bare(text) for text in texts}
        self._looks = 0
        self._vacant = 0
        self._found: int | None = None

    @property
    def message_id(self) -> int:
        """The id to look at next."""
        return (self._previous or 0) + self._looks + 1

    def see(self, sight: Standing | Vacant) -> None:
        """Take in what stands under `message_id`."""
        if isinstance(sight, Vacant):
            self._vacant += 1
        elif _bare(sight.text) in self._texts:
            self._found = self.message_id
        else:
            self._vacant = 0
        self._looks += 1

    @property
    def verdict(self) -> Verdict | None:
        """What has been found out; None while there is more to see."""
        if self._found is not None:
            return Found(message_id=self._found)
        if self._previous is None:
            blind = self._vacant >= self._patience or self._looks >= BLIND
            return Undecided(why="no earlier message of ours is known in the chat") if blind else None
        if self._vacant >= self._patience:
            return Missing()
        if self._looks >= FARTHEST:
            return Undecided(why=f"it is not among the {FARTHEST} messages after the last known one")
        return None


def _bare(text: str) -> str:
    """A text without all that Telegram may change in it: white space, control and formatting characters, marks."""
    kept = (c for c in _DROPPED.sub("", text) if unicodedata.category(c) not in _SKIPPED)
    return unicodedata.normalize("NFC", "".join(kept))
