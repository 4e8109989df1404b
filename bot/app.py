"""The composition root: the one place that names concrete classes and reads the clock."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import signal
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bot import __version__
from bot.engine.local import LocalEngine
from bot.errors import RulesError, TokenRefused
from bot.feeds.fetcher import Fetcher
from bot.feeds.parsing_pool import ParserPool
from bot.models import Stopped
from bot.rehearsal import run_tests
from bot.rules.definitions import Defaults, RuleBook
from bot.rules.engine import compile_rules
from bot.rules.loader import load_rules
from bot.services.conditions import Conditions
from bot.services.digests import Digests
from bot.services.directory import Directory
from bot.services.dispatcher import Dispatcher, Edits
from bot.services.housekeeping import FRESH, Housekeeping
from bot.services.poller import LiveRules, Poller
from bot.services.reloader import Reloader
from bot.settings import Settings
from bot.storage import Storage
from bot.storage.connection import copy, refuse_place
from bot.storage.sqlite import SqliteStorage
from bot.telegram import Sender
from bot.telegram.preview import PreviewSender
from bot.telegram.sender import TelegramSender

log = logging.getLogger(__name__)

USER_AGENT = f"Newsbell/{__version__} (news alerts for Telegram)"


def utc_now() -> datetime:
    """The wall clock, aware and in UTC."""
    return datetime.now(UTC)


async def run(
    settings: Settings, book: RuleBook, *, dry_run: bool = False, after_restore: bool = False
) -> None:
    """Run the bot until SIGTERM or Ctrl-C.

    After a restore the database is a backup, so that what it owes may have been sent.
    Raises DatabaseHeld, DatabaseUnusable or TokenRefused before the first poll, and nothing after it.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        if dry_run:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="newsbell-"))
            path = Path(folder) / "copy.db"
            await asyncio.to_thread(copy, settings.database, path)
            storage = SqliteStorage(path)
            sender: Sender = PreviewSender(Console())
        else:
            storage = SqliteStorage(settings.database)
            sender = TelegramSender(token=_token(settings), api_url=settings.api_url)
        stack.push_async_callback(sender.close)
        stack.push_async_callback(storage.close)
        await storage.open(utc_now(), restored=after_restore)
        if after_restore:
            log.warning("restored what is pending is looked for, or goes by on_uncertain, before it is sent")
        if not await _check_token(sender, settings, stop):
            return
        log.info("started version=%s feeds=%d rules=%d", __version__, len(book.feeds), len(book.rules))
        await serve(book, storage=storage, sender=sender, stop=stop, watch=settings.rules)
        await storage.forget_beat()
    log.info("stopped")


async def serve(
    book: RuleBook, *, storage: Storage, sender: Sender, stop: asyncio.Event, watch: Path | None = None
) -> None:
    """Poll and send on an open storage until `stop` is set; `watch` is the rules file to take up when it changes."""
    async with services(book, storage=storage, sender=sender, watch=watch) as engine:
        await engine.run(stop)


def load_live(path: Path) -> LiveRules:
    """Read, check, test and compile a rules file. Raises RulesError with every mistake and every failed test."""
    book = load_rules(path, require_running=True)
    match = compile_rules(book).match
    failed = tuple(verdict.problem for verdict in run_tests(book, match) if not verdict.passed)
    if failed:
        raise RulesError(failed)
    return LiveRules(book=book, match=match)


@contextlib.asynccontextmanager
async def services(
    book: RuleBook, *, storage: Storage, sender: Sender, watch: Path | None
) -> AsyncIterator[LocalEngine]:
    """The whole bot around a storage and a sender, ready to run."""
    live = LiveRules(book=book, match=compile_rules(book).match)
    dispatcher = Dispatcher(
        storage=storage,
        sender=sender,
        clock=utc_now,
        monotonic=time.monotonic,
        jitter=random.random,
        edits=_edits(book.defaults),
    )
    dispatcher.use(book)
    async with Fetcher(user_agent=USER_AGENT) as fetcher, ParserPool() as parser:
        poller = Poller(
            rules=live,
            storage=storage,
            fetcher=fetcher,
            parser=parser,
            clock=utc_now,
            on_pending=dispatcher.wake,
        )
        housekeeping = Housekeeping(storage=storage, defaults=book.defaults, clock=utc_now)
        digests = Digests(book=book, storage=storage, clock=utc_now, on_pending=dispatcher.wake)
        conditions = Conditions(book=book, storage=storage, clock=utc_now, on_pending=dispatcher.wake)
        directory = Directory(book=book, storage=storage, sender=sender, clock=utc_now)

        async def apply(rules: LiveRules) -> None:
            await poller.use(rules)
            dispatcher.use(rules.book)
            housekeeping.use(rules.book.defaults)
            digests.use(rules.book)
            conditions.use(rules.book)
            directory.use(rules.book)

        reloader = None
        if watch is not None:
            reloader = Reloader(
                path=watch,
                live=live,
                load=load_live,
                apply=apply,
                storage=storage,
                clock=utc_now,
                on_pending=dispatcher.wake,
            )
        yield LocalEngine(
            poller=poller,
            dispatcher=dispatcher,
            digests=digests,
            conditions=conditions,
            directory=directory,
            housekeeping=housekeeping,
            reloader=reloader,
            monotonic=time.monotonic,
        )


async def is_healthy(database: Path) -> bool:
    """Whether a bot that runs on this database has given a sign of life within `FRESH`."""
    refuse_place(database)
    if not await asyncio.to_thread(database.exists):
        return False
    storage = SqliteStorage(database, read_only=True)
    try:
        await storage.open(utc_now())
        beat = await storage.heartbeat()
    finally:
        await storage.close()
    return beat is not None and abs(utc_now() - beat) <= FRESH


def _edits(defaults: Defaults) -> Edits:
    return Edits(limit=defaults.edits, gap=defaults.edit_after)


async def _check_token(sender: Sender, settings: Settings, stop: asyncio.Event) -> bool:
    """Whether to go on: not when told to stop meanwhile. Raises TokenRefused."""
    check = asyncio.create_task(sender.check())
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({check, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not check.done():
        check.cancel()
        return False
    answer = check.result()
    if isinstance(answer, Stopped):
        raise TokenRefused(
            f"{settings.api_url} does not accept the bot token ({answer.why}); copy the token from @BotFather "
            "anew into TELEGRAM_BOT_TOKEN, and look at TELEGRAM_API_URL if you have set it"
        )
    if answer is not None:
        log.warning(
            "telegram_unreachable url=%s why=%s polling begins all the same", settings.api_url, answer.why
        )
    return True


def _token(settings: Settings) -> str:
    assert settings.token is not None  # noqa: S101 - read_settings gave it or refused
    return settings.token.get_secret_value()
