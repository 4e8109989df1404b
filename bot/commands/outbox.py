"""`outbox`: what is owed, was sent or failed, and what an operator may do about it while the bot runs."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeVar

import click

from bot.commands import FINDINGS
from bot.models import DeliveryState, OutboxEntry
from bot.telemetry import escaped

if TYPE_CHECKING:
    from bot.storage.sqlite import SqliteStorage

T = TypeVar("T")

AT_ONCE: Final = 500
"""Deliveries that one transaction changes, so that the running bot never waits long for its turn."""

DROPPABLE: Final = (DeliveryState.PENDING, DeliveryState.UNCERTAIN, DeliveryState.FAILED)

TRIED: Final = {
    DeliveryState.PENDING: "waits to be sent, and its chat is tried at once",
    DeliveryState.FAILED: "had failed, and is tried again",
    DeliveryState.EXPIRED: "had expired, and is tried again",
    DeliveryState.SUPPRESSED: "was suppressed, and is tried again",
}
"""What `retry` does with a delivery, by the state that it was in."""

NOT_TRIED: Final = {
    DeliveryState.SENDING: "is being sent at this moment; look again in a while",
    DeliveryState.UNCERTAIN: "is in doubt, which the running bot ends by itself; drop it if it may not be sent again",
    DeliveryState.SENT: "was sent; only what failed, expired or was suppressed can be tried again",
}
NOT_DROPPED: Final = {
    DeliveryState.SENDING: "is being sent at this moment; look again in a while",
    DeliveryState.SENT: "was sent; there is nothing left to drop",
    DeliveryState.EXPIRED: "has expired; there is nothing left to drop",
    DeliveryState.SUPPRESSED: "was suppressed before; there is nothing left to drop",
}

CHAT = click.option("--chat", metavar="CHAT", help="Of this chat: @name or id.")
ID = click.IntRange(1, 2**63 - 1)


@click.group()
def outbox() -> None:
    """See what is owed, was sent or failed; try it again or drop it. The bot may run meanwhile."""


@outbox.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in DeliveryState]),
    help="In this state; may be given several times.",
)
@CHAT
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="The newest so many."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(*, states: tuple[str, ...], chat: str | None, limit: int, as_json: bool) -> None:
    """List deliveries, the newest last, and count all by state, and all doubts by how they ended."""

    async def look(
        storage: SqliteStorage,
    ) -> tuple[Sequence[OutboxEntry], dict[DeliveryState, int], dict[str, int]]:
        address = None if chat is None else await _address(storage, chat)
        entries = await storage.outbox(states=_states(states), chat=address, limit=limit)
        return entries[::-1], await storage.state_counts(), await storage.doubt_counts()

    entries, counts, doubts = _look(look)
    if as_json:
        _write_json(entries)
        return
    from bot.commands.outbox_view import show_counts, show_list
    from bot.terminal import stdout

    console = stdout()
    show_list(console, entries)
    show_counts(console, counts, doubts)


@outbox.command()
@click.argument("number", metavar="ID", type=ID)
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def show(*, number: int, as_json: bool) -> None:
    """Show a delivery whole: what became of it, its doubts, its message."""
    (entry,) = _look(lambda storage: _entries(storage, [number]))
    if as_json:
        _write_json([entry])
        return
    from bot.commands.outbox_view import show_entry
    from bot.terminal import stdout

    show_entry(stdout(), entry)


@outbox.command()
@click.argument("numbers", metavar="[ID]...", nargs=-1, type=ID)
@CHAT
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([DeliveryState.FAILED.value, DeliveryState.EXPIRED.value]),
    help="All that failed, or all that expired.",
)
def retry(*, numbers: tuple[int, ...], chat: str | None, states: tuple[str, ...]) -> None:
    """Try deliveries again that failed, expired or were suppressed, and their chats at once.

    With --chat alone, try a chat at once that was closed to the bot, and owe it again what failed because it was gone.
    """
    if bool(numbers) == bool(chat or states):
        raise click.UsageError("name either deliveries by their IDs, or others with --chat or --state")
    if numbers:
        before = _change(lambda storage: _retry(storage, numbers))
        _report(before, TRIED, NOT_TRIED)
    elif states:
        again = _change(lambda storage: _retry_all(storage, _states(states), chat))
        click.echo(f"{_number(again, 'delivery is', 'deliveries are')} tried again")
    elif chat:
        address, waiting = _change(lambda storage: _open_chat(storage, chat))
        waits = _number(waiting, "delivery waits", "deliveries wait")
        click.echo(f"{address} is tried at once; {waits} for it")


@outbox.command()
@click.argument("numbers", metavar="ID...", nargs=-1, required=True, type=ID)
def drop(*, numbers: tuple[int, ...]) -> None:
    """Give deliveries up that wait, are in doubt or failed: they are suppressed, and never sent unless tried again."""
    after = _change(lambda storage: _drop(storage, numbers))
    _report(after, dict.fromkeys(DROPPABLE, "is dropped"), NOT_DROPPED)


async def _retry(storage: SqliteStorage, numbers: Sequence[int]) -> list[OutboxEntry]:
    """Try deliveries again, and return them as they were before."""
    before = await _entries(storage, numbers)
    await storage.retry(numbers, _now())
    return before


async def _retry_all(storage: SqliteStorage, states: tuple[DeliveryState, ...], chat: str | None) -> int:
    """Try all deliveries of some states again, a few at once; how many."""
    address = None if chat is None else await _address(storage, chat)
    numbers = await storage.outbox_numbers(states=states, chat=address)
    for start in range(0, len(numbers), AT_ONCE):
        await storage.retry(numbers[start : start + AT_ONCE], _now())
    return len(numbers)


async def _open_chat(storage: SqliteStorage, chat: str) -> tuple[str, int]:
    """Let a chat be tried at once; its address, and how many deliveries wait for it.

    Ends the command where nothing was ever owed to it.
    """
    address = await _address(storage, chat)
    waiting = await storage.open_chat(address, _now())
    if not waiting and not await storage.outbox(chat=address, limit=1):
        _complain(
            f"nothing was ever owed to {escaped(address)}; `newsbell outbox list` shows how the chats are called"
        )
        sys.exit(FINDINGS)
    return escaped(address), waiting


async def _drop(storage: SqliteStorage, numbers: Sequence[int]) -> list[OutboxEntry]:
    """Drop deliveries, and return those that were as they were before, and all others as they are now."""
    before = await _entries(storage, numbers)
    await storage.drop(numbers, _now())
    after = await _entries(storage, numbers)
    return [
        was if was.state in DROPPABLE and now.state is DeliveryState.SUPPRESSED else now
        for was, now in zip(before, after, strict=True)
    ]


async def _entries(storage: SqliteStorage, numbers: Iterable[int]) -> list[OutboxEntry]:
    """Deliveries by their numbers; ends the command where one does not exist."""
    found = [(number, await storage.outbox_entry(number)) for number in dict.fromkeys(numbers)]
    absent = [str(number) for number, entry in found if entry is None]
    if absent:
        _complain(
            f"there is no delivery {', '.join(absent)}; `newsbell outbox list` shows those that there are"
        )
        sys.exit(FINDINGS)
    return [entry for _, entry in found if entry is not None]


async def _address(storage: SqliteStorage, chat: str) -> str:
    """The address under which a chat is stored that an operator calls by its name or its id."""
    chat = chat.encode("utf-8", "replace").decode("utf-8")  # bytes that are no text name no chat
    if chat.startswith("@"):
        return chat
    if not chat.removeprefix("-").isdecimal():
        return f"@{chat}"
    known = await storage.known_chats()
    return next((address for address, facts in known.items() if str(facts.id) == chat), chat)


def _states(names: Iterable[str]) -> tuple[DeliveryState, ...]:
    return tuple(DeliveryState(name) for name in names)


def _look(step: Callable[[SqliteStorage], Awaitable[T]]) -> T:
    """Do something with the database that changes nothing."""
    return asyncio.run(_with_storage(step, write=False))


def _change(step: Callable[[SqliteStorage], Awaitable[T]]) -> T:
    """Do something to the database, whether the bot runs on it or not."""
    return asyncio.run(_with_storage(step, write=True))


async def _with_storage(step: Callable[[SqliteStorage], Awaitable[T]], *, write: bool) -> T:
    from bot.settings import database_path
    from bot.storage.sqlite import SqliteStorage

    storage = SqliteStorage(database_path(os.environ), read_only=not write, beside=write)
    try:
        await storage.open(_now())
        return await step(storage)
    finally:
        await storage.close()


def _report(
    entries: Iterable[OutboxEntry], done: dict[DeliveryState, str], refused: dict[DeliveryState, str]
) -> None:
    """Say what became of each delivery; ends the command with 1 where there was nothing to be done."""
    bad = False
    for entry in entries:
        if entry.state in done:
            click.echo(f"delivery {entry.id} {done[entry.state]}")
        else:
            bad = True
            _complain(f"delivery {entry.id} {refused[entry.state]}")
    if bad:
        sys.exit(FINDINGS)


def _number(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _complain(sentence: str) -> None:
    click.echo(f"newsbell: {sentence}", err=True)


def _write_json(entries: Iterable[OutboxEntry]) -> None:
    from bot.commands.outbox_view import entry_to_json
    from bot.filters import encode

    for entry in entries:
        sys.stdout.buffer.write(encode(entry_to_json(entry)))


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - whoever gives a command reads the clock
