"""What happened, call by call and message by message, and the questions that a test asks of it."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.demo.botapi.messages import Message


class Answer(StrEnum):
    """What the client got to hear of a call."""

    PENDING = "pending"
    OK = "ok"
    ERROR = "error"
    GARBLED = "garbled"
    """Bytes that say nothing of the outcome: an error page, no JSON, no result."""
    NONE = "none"
    """No reply at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. `sequence` counts all from 1; times are the server's clock, epoch seconds.

    `accepted` says that the call was performed, whatever the client heard of it, `flooded` that the flood limits
    refused it. `message_id` is the message that it made or changed; `uploads` are the names of the files that came
    along.
    """

    sequence: int
    at: float
    method: str
    token: str
    arguments: Mapping[str, str]
    uploads: tuple[str, ...] = ()
    chat_id: int | None = None
    text: str = ""
    accepted: bool = False
    flooded: bool = False
    answer: Answer = Answer.PENDING
    status: int | None = None
    description: str | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message of the bot's at the moment when it was accepted; `sequence` is its call's."""

    sequence: int
    at: float
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change of a message: as it was and as it became."""

    sequence: int
    at: float
    before: Message
    after: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """A text that one chat got more than once."""

    chat_id: int
    text: str
    message_ids: tuple[int, ...]


@dataclass(slots=True)
class _Flight:
    """How many sends are under way, and how many there were at most."""

    now: int = 0
    most: int = 0


class History:
    """The record. Questions with `chat_id=None` ask of all chats."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._sent: list[Sent] = []
        self._sent_to: defaultdict[int, list[Sent]] = defaultdict(list)
        self._edits: list[Edit] = []
        self._flights: defaultdict[int | None, _Flight] = defaultdict(_Flight)
        self._changed = asyncio.Event()

    # What the server records

    def begin(self, call: Call) -> Call:
        """Record a call that has come; the copy that is returned carries its number."""
        numbered = replace(call, sequence=len(self._calls) + 1)
        self._calls.append(numbered)
        self._notify()
        return numbered

    def update(self, call: Call) -> None:
        """Record another state of a call."""
        self._calls[call.sequence - 1] = call
        self._notify()

    def take_off(self, chat_id: int) -> None:
        """A send to the chat is under way."""
        for key in (chat_id, None):
            flight = self._flights[key]
            flight.now += 1
            flight.most = max(flight.most, flight.now)

    def land(self, chat_id: int) -> None:
        """A send to the chat has ended."""
        for key in (chat_id, None):
            self._flights[key].now -= 1

    def add_sent(self, sent: Sent) -> None:
        """Record an accepted message."""
        self._sent.append(sent)
        self._sent_to[sent.message.chat_id].append(sent)
        self._notify()

    def add_edit(self, edit: Edit) -> None:
        """Record an accepted edit."""
        self._edits.append(edit)
        self._notify()

    # What a test asks

    def calls(self, method: str | None = None, chat_id: int | None = None) -> tuple[Call, ...]:
        """All calls in the order in which they came, of one method and to one chat where those are named."""
        wanted = None if method is None else method.lower()
        return tuple(
            call
            for call in self._calls
            if (wanted is None or call.method.lower() == wanted)
            and (chat_id is None or call.chat_id == chat_id)
        )

    def sent(self, chat_id: int | None = None) -> tuple[Sent, ...]:
        """Every accepted message in order of acceptance, also those deleted since."""
        return tuple(self._of(chat_id))

    def count(self, chat_id: int | None = None) -> int:
        """How many messages were accepted."""
        return len(self._of(chat_id))

    def texts(self, chat_id: int | None = None) -> tuple[str, ...]:
        """The texts of all accepted messages as they were first sent."""
        return tuple(sent.message.text for sent in self._of(chat_id))

    def edits(self, chat_id: int | None = None) -> tuple[Edit, ...]:
        """All accepted edits in order."""
        return tuple(e for e in self._edits if chat_id is None or e.after.chat_id == chat_id)

    def duplicates(self, chat_id: int | None = None) -> tuple[Duplicate, ...]:
        """Texts that a chat got more than once, in order of the first copy."""
        copies: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
        for sent in self._of(chat_id):
            copies[sent.message.chat_id, sent.message.text].append(sent.message.id)
        return tuple(
            Duplicate(chat_id=chat, text=text, message_ids=tuple(ids))
            for (chat, text), ids in copies.items()
            if len(ids) > 1
        )

    def unanswered(self) -> tuple[Call, ...]:
        """Calls that were performed though the client could not hear it: no reply, or a garbled one."""
        return tuple(
            call for call in self._calls if call.accepted and call.answer in {Answer.NONE, Answer.GARBLED}
        )

    def floods(self, chat_id: int | None = None) -> tuple[Call, ...]:
        """Calls that the flood limits refused; those that a script answers with 429 are none."""
        return tuple(
            call for call in self._calls if call.flooded and (chat_id is None or call.chat_id == chat_id)
        )

    def outcomes(self) -> Counter[tuple[str, Answer]]:
        """How many calls of each method ended in each way."""
        return Counter((call.method, call.answer) for call in self._calls)

    def peak_rate(self, seconds: float, chat_id: int | None = None) -> int:
        """The greatest number of messages that were accepted within any stretch of less than `seconds`."""
        window: deque[float] = deque()
        most = 0
        for sent in self._of(chat_id):
            window.append(sent.at)
            while window[0] <= sent.at - seconds:
                window.popleft()
            most = max(most, len(window))
        return most

    def peak_in_flight(self, chat_id: int | None = None) -> int:
        """The greatest number of sends that were under way at one time."""
        return self._flights[chat_id].most

    async def wait_for(self, holds: Callable[[], bool], *, within: float = 5.0) -> None:
        """Wait until `holds()`, which is asked after every change. Raises TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def wait_for_messages(
        self, number: int, *, chat_id: int | None = None, within: float = 5.0
    ) -> tuple[Sent, ...]:
        """Wait until so many messages were accepted, and return them. Raises TimeoutError, saying how many came."""
        try:
            await self.wait_for(lambda: self.count(chat_id) >= number, within=within)
        except TimeoutError:
            got = self.count(chat_id)
            raise TimeoutError(f"{got} of {number} messages came within {within:g} s") from None
        return self.sent(chat_id)

    def _of(self, chat_id: int | None) -> list[Sent]:
        return self._sent if chat_id is None else self._sent_to[chat_id]

    def _notify(self) -> None:
        self._changed.set()
