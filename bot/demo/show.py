"""`newsbell demo`: the real bot between a newsroom and a Bot API server on loopback, for people to watch.

Nothing of the bot is replaced: it polls over HTTP, stores in SQLite, sends through python-telegram-bot. A line tells
each thing that happens in the chats; in the end they are shown as they stand.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot import app
from bot.demo.botapi import BotApiServer
from bot.demo.botapi import Message as ChatMessage
from bot.demo.chats import Post, answered, faults, name_of_chat, posts, told
from bot.demo.newsroom import Expected, Newsroom
from bot.models import FoldReason, Totals
from bot.rules.loader import parse_rules
from bot.storage.sqlite import SqliteStorage
from bot.telegram.preview import panel
from bot.telegram.sender import TelegramSender
from bot.telemetry import configure_log

QUIET: Final = timedelta(seconds=2)
"""How long the show goes on after everything has come to stand, so that a second copy would be seen."""

LONGEST: Final = timedelta(seconds=45)
"""A machine that is busy with nothing else takes half of it."""

EDIT_AFTER: Final = timedelta(milliseconds=500)
"""Half of the least that a rules file may ask for, so that nobody waits long for a message's second edit."""

INDENT: Final = 4
"""Columns by which an answer stands to the right of what it answers."""

_SOURCES: Final = re.compile(r"\d+ sources?")


async def show(console: Console) -> bool:
    """Run the demo and tell whether every chat came to hold what it must, each message once, and nothing else."""
    configure_log(logging.ERROR)  # the newsroom's broken feeds are meant to be
    newsroom = Newsroom(now=app.utc_now)
    async with (
        newsroom,
        BotApiServer(accept_unknown_chats=True, enforce_limits=True) as telegram,
    ):
        book = parse_rules(newsroom.rules().encode(), file="demo")
        book = replace(book, defaults=replace(book.defaults, edit_after=EDIT_AFTER))
        console.print(
            f"[bold]Newsbell[/] is watching {len(book.feeds)} feeds at {newsroom.url} "
            f"and sends to the Bot API at {telegram.url}\n"
        )
        with tempfile.TemporaryDirectory(prefix="newsbell-demo-") as folder:
            database = Path(folder) / "demo.db"
            storage = SqliteStorage(database)
            await storage.open(app.utc_now())
            sender = TelegramSender(token=telegram.token, api_url=telegram.url)
            stop = asyncio.Event()
            bot = asyncio.create_task(app.serve(book, storage=storage, sender=sender, stop=stop))
            try:
                await _watch(console, newsroom, telegram, bot)
                stop.set()
                await bot
                totals = await storage.totals()
            finally:
                bot.cancel()
                await asyncio.gather(bot, return_exceptions=True)
                await sender.close()
                await storage.close()
            reasons = _fold_reasons(database)
    expected, standing = newsroom.expected(), posts(telegram)
    waits = _waits(expected, standing, newsroom.started_at)
    _show_chats(console, standing, waits)
    console.print(_closing_table(newsroom, totals, reasons, standing, waits))
    wrong = faults(expected, standing)
    _print_verdict(console, wrong, expected)
    return not wrong


async def _watch(
    console: Console, newsroom: Newsroom, telegram: BotApiServer, bot: asyncio.Task[None]
) -> None:
    """Print a line for each change in the chats, until all is as it must be and it has been quiet since."""
    started = quiet_since = app.utc_now()
    shown = 0
    while not bot.done():
        changes = _changes(telegram)
        for at, what in changes[shown:]:
            line = Text(f"{at - started.timestamp():5.1f} s  ", style="dim").append_text(what)
            console.print(line, no_wrap=True, overflow="ellipsis")
            quiet_since = app.utc_now()
        shown = len(changes)
        now = app.utc_now()
        if now - started > LONGEST:
            return
        if min(now - started - newsroom.finished_at, now - quiet_since - QUIET) > timedelta():
            if not faults(newsroom.expected(), posts(telegram)):
                return
            quiet_since = now
        await asyncio.sleep(0.05)


def _changes(telegram: BotApiServer) -> list[tuple[float, Text]]:
    """What has happened in the chats so far, in order, and when."""
    found: list[tuple[int, float, Text]] = []
    for sent in telegram.history.sent():
        mark, style = ("✉", "green") if sent.message.reply_to is None else ("↳", "magenta")
        found.append((sent.sequence, sent.at, _change(telegram, sent.message, mark, style)))
    for edit in telegram.history.edits():
        counted = _SOURCES.search(edit.after.text.rpartition("\n")[2])
        mark = f"✎ now {counted[0]}:" if counted else "✎"
        found.append((edit.sequence, edit.at, _change(telegram, edit.after, mark, "yellow")))
    return [(at, what) for _, at, what in sorted(found, key=lambda change: change[0])]


def _change(telegram: BotApiServer, message: ChatMessage, mark: str, style: str) -> Text:
    line = Text(f"{name_of_chat(telegram, message):<16}  ", style="dim")
    return line.append(f"{mark} ", style=style).append(message.text.partition("\n")[0], style="default")


def _show_chats(console: Console, standing: Sequence[Post], waits: Mapping[int, float]) -> None:
    """Print each chat's messages, with the answers beneath what they answer."""
    console.print("\n[bold]The chats as they stand[/]")
    for chat in dict.fromkeys(post.chat for post in standing):
        console.print()
        own = [post for post in standing if post.chat == chat]
        for post in own:
            if post.answers is not None and any(other.id == post.answers for other in own):
                continue
            _show_post(console, post, waits)
            for answer in own:
                if answer.answers == post.id:
                    _show_post(console, answer, waits, indent=INDENT)


def _show_post(console: Console, post: Post, waits: Mapping[int, float], *, indent: int = 0) -> None:
    notes = [f"{waits[id(post)]:.1f} s after it was published"] if id(post) in waits else []
    if post.edits:
        notes.append("edited")
    shown = panel(post.message, post.chat, " · ".join(notes))
    console.print(Padding(shown, (0, 0, 0, indent)) if indent else shown)


def _waits(expected: Sequence[Expected], standing: Sequence[Post], started: datetime) -> dict[int, float]:
    """Seconds from publication to message, by the post's identity; of what was news while the bot was there."""
    return {
        id(post): (post.at - started - breaks_at).total_seconds()
        for alert in expected
        for post, breaks_at in _broke(alert, standing)
        if breaks_at
    }


def _broke(alert: Expected, standing: Sequence[Post]) -> Iterator[tuple[Post, timedelta]]:
    yield from ((post, alert.breaks_at) for post in told(alert, standing))
    if alert.development is not None:
        yield from ((post, alert.development.breaks_at) for post in answered(alert, standing))


def _fold_reasons(database: Path) -> Counter[FoldReason]:
    """How many articles joined a story for each reason."""
    with sqlite3.connect(database) as db:
        rows = db.execute("SELECT reason, count(*) FROM article GROUP BY reason").fetchall()
    db.close()
    return Counter({FoldReason(reason): count for reason, count in rows})


def _closing_table(
    newsroom: Newsroom,
    totals: Totals,
    reasons: Mapping[FoldReason, int],
    standing: Sequence[Post],
    waits: Mapping[int, float],
) -> Table:
    answers = Counter(request.status for request in newsroom.requests())
    joined = [
        f"{reason.value.replace('_', ' ')} {reasons[reason]}"
        for reason in FoldReason
        if reason is not FoldReason.NEW and reason in reasons
    ]
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
    table.add_row("stories folded", f"{sum(reasons.values())} articles into {totals.stories} stories")
    table.add_row("articles that joined a story", ", ".join(joined))
    table.add_row("messages sent", str(sum(post.answers is None for post in standing)))
    table.add_row("edits", str(sum(post.edits for post in standing)))
    table.add_row("replies", str(sum(post.answers is not None for post in standing)))
    if waits:
        table.add_row(
            "from publication to message",
            f"median {statistics.median(waits.values()):.1f} s, longest {max(waits.values()):.1f} s",
        )
    return table


def _print_verdict(console: Console, wrong: Sequence[str], expected: Sequence[Expected]) -> None:
    if wrong:
        console.print(f"[red]✗ {len(wrong)} of the demo's alerts went wrong:[/]")
        for fault in wrong:
            console.print(Text(f"  {fault}"))
        return
    most = max(alert.sources for alert in expected)
    replies = sum(alert.development is not None for alert in expected)
    console.print(
        f"[green]✓ all {len(expected)} expected alerts came, each once, and {replies} replies; "
        f"one has {most} sources[/]"
    )
