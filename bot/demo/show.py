"""`newsbell demo`: the real bot between a newsroom and a Bot API server on loopback, for people to watch.

Nothing of the bot is replaced: it polls over HTTP, stores in SQLite, sends through python-telegram-bot.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import app
from bot.demo.botapi import BotApiServer
from bot.demo.botapi import Message as ChatMessage
from bot.demo.newsroom import Expected, Newsroom
from bot.models import DeliveryState, EntityKind, Message, TextEntity, Totals
from bot.rules.loader import parse_rules
from bot.storage.sqlite import SqliteStorage
from bot.telegram.preview import panel
from bot.telegram.sender import TelegramSender
from bot.telemetry import configure_log

QUIET: Final = timedelta(seconds=2)
"""How long after the last expected alert the show goes on, so that a second copy would be seen."""

LONGEST: Final = timedelta(seconds=25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message as a chat got it."""

    chat: str
    text: str
    at: datetime

    @property
    def title(self) -> str:
        """The first line."""
        return self.text.split("\n", 1)[0]

    def answers(self, alert: Expected) -> bool:
        """Whether this is the expected alert."""
        return self.chat.casefold() == alert.chat.casefold() and alert.is_told_by(self.text)


async def show(console: Console) -> bool:
    """Run the demo and tell whether every expected alert came exactly once, and nothing else."""
    configure_log(logging.ERROR)  # the newsroom's broken feeds are meant to be
    newsroom = Newsroom(now=app.utc_now)
    async with (
        newsroom,
        BotApiServer(accept_unknown_chats=True, enforce_limits=True) as telegram,
    ):
        book = parse_rules(newsroom.rules().encode(), file="demo")
        console.print(
            f"[bold]Newsbell[/] is watching {len(book.feeds)} feeds at {newsroom.url} "
            f"and sends to the Bot API at {telegram.url}\n"
        )
        with tempfile.TemporaryDirectory(prefix="newsbell-demo-") as folder:
            storage = SqliteStorage(Path(folder) / "demo.db")
            await storage.open(app.utc_now())
            sender = TelegramSender(token=telegram.token, api_url=telegram.url)
            stop = asyncio.Event()
            bot = asyncio.create_task(app.serve(book, storage=storage, sender=sender, stop=stop))
            try:
                arrivals = await _watch(console, newsroom, telegram, bot)
                stop.set()
                await bot
                totals = await storage.totals()
            finally:
                bot.cancel()
                await asyncio.gather(bot, return_exceptions=True)
                await sender.close()
                await storage.close()
    faults = _faults(newsroom.expected(), arrivals)
    console.print(_closing_table(newsroom, totals, arrivals))
    _print_verdict(console, faults, len(newsroom.expected()))
    return not faults


async def _watch(
    console: Console, newsroom: Newsroom, telegram: BotApiServer, bot: asyncio.Task[None]
) -> list[Arrival]:
    """Print each message as it is accepted, until the expected have come and it has been quiet since."""
    arrivals: list[Arrival] = []
    started = quiet_since = app.utc_now()
    while True:
        for sent in telegram.history.sent()[len(arrivals) :]:
            message = _as_ours(sent.message)
            chat = telegram.chats.get(sent.message.chat_id)
            name = f"@{chat.username}" if chat.username else str(chat.id)
            arrival = Arrival(chat=name, text=message.text, at=datetime.fromtimestamp(sent.at, UTC))
            arrivals.append(arrival)
            wait = _wait(newsroom, arrival)
            console.print(
                panel(message, name, "" if wait is None else f"{wait:.1f} s after it was published")
            )
            quiet_since = app.utc_now()
        elapsed = app.utc_now() - started
        done = elapsed > newsroom.finished_at and len(arrivals) >= len(newsroom.expected())
        if (done and app.utc_now() - quiet_since > QUIET) or elapsed > LONGEST or bot.done():
            return arrivals
        await asyncio.sleep(0.05)


def _as_ours(message: ChatMessage) -> Message:
    """A message of the server's as the preview draws it."""
    kinds = {kind.value for kind in EntityKind}
    return Message(
        text=message.text,
        entities=tuple(
            TextEntity(kind=EntityKind(e.type), offset=e.offset, length=e.length, url=e.url)
            for e in message.entities
            if e.type in kinds
        ),
    )


def _faults(expected: Sequence[Expected], arrivals: Sequence[Arrival]) -> list[str]:
    """What is missing, doubled or unexpected, a line each."""
    faults = []
    for alert in expected:
        copies = sum(arrival.answers(alert) for arrival in arrivals)
        if copies != 1:
            times = "missing" if copies == 0 else f"{copies} times"
            faults.append(f"{times} in {alert.chat}: {alert.title}")
    faults += [
        f"unexpected in {arrival.chat}: {arrival.title}"
        for arrival in arrivals
        if not any(arrival.answers(alert) for alert in expected)
    ]
    return faults


def _closing_table(newsroom: Newsroom, totals: Totals, arrivals: Sequence[Arrival]) -> Table:
    answers = Counter(request.status for request in newsroom.requests())
    waits = [wait for arrival in arrivals if (wait := _wait(newsroom, arrival)) is not None]
    table = Table(title="The demo in figures", title_justify="left", show_header=False)
    table.add_column(justify="left")
    table.add_column(justify="right", style="bold")
    table.add_row("feeds polled", str(totals.feeds_polled))
    table.add_row(
        "requests answered 200, 304, otherwise",
        f"{answers[200]}, {answers[304]}, {answers.total() - answers[200] - answers[304]}",
    )
    table.add_row("entries seen", str(totals.entries_seen))
    table.add_row("articles matched", str(totals.articles_matched))
    table.add_row("stories folded", f"{totals.entries_seen} articles into {totals.stories} stories")
    table.add_row("messages sent", str(totals.deliveries[DeliveryState.SENT]))
    if waits:
        table.add_row(
            "from publication to message",
            f"median {statistics.median(waits):.1f} s, longest {max(waits):.1f} s",
        )
    return table


def _wait(newsroom: Newsroom, arrival: Arrival) -> float | None:
    """Seconds from publication to message; None for what stood in the feeds before the bot was there."""
    published = newsroom.published().get(arrival.title)
    if published is None or published <= newsroom.started_at:
        return None
    return (arrival.at - published).total_seconds()


def _print_verdict(console: Console, faults: Sequence[str], expected: int) -> None:
    if not faults:
        console.print(f"[green]✓ all {expected} expected alerts came, each once[/]")
        return
    console.print(f"[red]✗ {len(faults)} of the demo's alerts went wrong:[/]")
    for fault in faults:
        console.print(Text(f"  {fault}"))
