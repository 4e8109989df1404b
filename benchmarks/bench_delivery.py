"""How fast what is owed goes out, against the bounds that Telegram's limits set.

Usage: python benchmarks/bench_delivery.py [--quick] [--curve FILE.json]

The real dispatcher, sender and SQLite storage send over HTTP to the Bot API server of the demo, which stands in a
process of its own and enforces the limits strictly: a message a second in a chat without any burst, twenty a minute
in a channel, thirty a second in all. Figures are ratios to a limit, or a comparison within one run.

drain    1,000 alerts to 50 channels, against 1,000 / 28 a second; alerts to one channel, against twenty a minute
claim    claim and finish with 200,000 deliveries pending, over 1, 50 and 1,000 chats, against 2 ms
latency  from the end of `record` to the server's acceptance, the outbox else empty, against a second
flood    the same latencies while another chat has a thousand alerts waiting
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from bot.delivery.pacing import PER_MINUTE, PER_SECOND
from bot.demo.botapi import BotApiServer, Limits
from bot.models import Batch, FeedState, Message, NewDelivery, Sent
from bot.services.dispatcher import LEASE, Dispatcher
from bot.storage.sqlite import SqliteStorage
from bot.telegram.sender import TelegramSender

TICK: Final = 0.25
"""Seconds between the dispatcher's ticks, as in the bot."""

PENDING: Final = 200_000
CLAIM_LIMIT: Final = 0.002
LATENCY_LIMIT: Final = 1.0
FEED: Final = "https://wire.example/rss.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A message that the server took: when, where, and its text."""

    at: float
    chat: str
    text: str


class Telegram:
    """The Bot API server in a process of its own."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        self.url, self.token = self._pipe.recv()

    def history(self) -> tuple[list[Accepted], int]:
        """What was accepted so far, in order, and how many calls were refused for flooding."""
        self._pipe.send("history")
        accepted, floods = self._pipe.recv()
        return [Accepted(at=at, chat=chat, text=text) for at, chat, text in accepted], floods

    def close(self) -> None:
        """End the server."""
        self._pipe.send("stop")
        self._process.join()


def _serve(pipe: Connection) -> None:
    asyncio.run(_serve_until_told(pipe))


async def _serve_until_told(pipe: Connection) -> None:
    async with BotApiServer(accept_unknown_chats=True, enforce_limits=True, limits=Limits(burst=1)) as server:
        pipe.send((server.url, server.token))
        while await asyncio.to_thread(pipe.recv) == "history":
            names = {call.sequence: call.arguments["chat_id"] for call in server.history.calls("sendMessage")}
            accepted = [(sent.at, names[sent.sequence], sent.message.text) for sent in server.history.sent()]
            pipe.send((accepted, len(server.history.floods())))


class Bot:
    """The delivery half of the bot, ticking as the engine lets it."""

    def __init__(self, storage: SqliteStorage, dispatcher: Dispatcher) -> None:
        self.storage = storage
        self.dispatcher = dispatcher

    async def record(self, deliveries: Sequence[NewDelivery]) -> None:
        """Store a poll that owes these, and wake the dispatcher as the poller does."""
        state = FeedState(url=FEED, fetch_url=FEED, next_due_at=_now(), interval=timedelta(minutes=5))
        await self.storage.record(Batch(at=_now(), feed=state, deliveries=tuple(deliveries)))
        self.dispatcher.wake()


@contextlib.asynccontextmanager
async def running(telegram: Telegram) -> AsyncIterator[Bot]:
    """A bot on a database of its own."""
    with tempfile.TemporaryDirectory(prefix="newsbell-bench-") as folder:
        storage = SqliteStorage(Path(folder) / "bench.db")
        await storage.open(_now())
        sender = TelegramSender(token=telegram.token, api_url=telegram.url)
        dispatcher = Dispatcher(
            storage=storage,
            sender=sender,
            clock=_now,
            monotonic=time.monotonic,
            jitter=random.random,
        )
        ticks = asyncio.create_task(_tick(dispatcher))
        try:
            yield Bot(storage, dispatcher)
        finally:
            ticks.cancel()
            await dispatcher.stop()
            await sender.close()
            await storage.close()


async def _tick(dispatcher: Dispatcher) -> None:
    while True:
        await dispatcher.tick()
        await asyncio.sleep(TICK)


def owed(key: str, chat: str) -> NewDelivery:
    """An alert of a usual length."""
    return NewDelivery(
        dedupe_key=key,
        story_id=key,
        chat=chat,
        thread=None,
        rules=("rare-earth",),
        message=Message(text=f"{key}\n" + "A refinery for rare earths is to be built near the mine. " * 4),
    )


async def measure_drain(chats: int, alerts: int, *, curve: Path | None = None) -> None:
    """Print how long a backlog takes, against the bound that the limits set."""
    telegram = Telegram()
    async with running(telegram) as bot:
        names = [f"@drain_{chats}_{number}" for number in range(chats)]
        await bot.record([owed(f"{number}", names[number % chats]) for number in range(alerts)])
        while len(telegram.history()[0]) < alerts:  # noqa: ASYNC110 - the server is another process
            await asyncio.sleep(1)
    accepted, floods = telegram.history()
    telegram.close()
    took = accepted[-1].at - accepted[0].at
    bound = _bound(chats, alerts)
    print(
        f"drain    {alerts} alerts, {chats} channels: {took:.1f} s, {took / bound:.3f} of the bound of {bound:.1f} s; "
        f"{floods} calls refused for flooding"
    )
    if curve is not None:
        _write_curve(curve, accepted, chats=chats, bound=bound, floods=floods)


def _write_curve(
    target: Path, accepted: Sequence[Accepted], *, chats: int, bound: float, floods: int
) -> None:
    times = [each.at - accepted[0].at for each in accepted]
    curve = {"chats": chats, "times": times, "bound": bound, "floods": floods}
    target.write_text(json.dumps(curve), encoding="utf-8")


def _bound(chats: int, alerts: int) -> float:
    """Seconds from the first message to the last, at the pace that the limits allow."""
    each = -(-alerts // chats)
    full_minutes, rest = divmod(each - 1, PER_MINUTE)
    return max((alerts - 1) / PER_SECOND, full_minutes * 60.0 + rest)


async def measure_claims(chats: int, rounds: int) -> None:
    """Print what a claim and its end cost with a great backlog."""
    with tempfile.TemporaryDirectory(prefix="newsbell-bench-") as folder:
        storage = SqliteStorage(Path(folder) / "bench.db")
        await storage.open(_now())
        state = FeedState(url=FEED, fetch_url=FEED, next_due_at=_now(), interval=timedelta(minutes=5))
        for start in range(0, PENDING, 20_000):
            part = tuple(
                owed(f"{number}", f"@claim_{number % chats}") for number in range(start, start + 20_000)
            )
            await storage.record(Batch(at=_now(), feed=state, deliveries=part))
        now, times = _now(), []
        for number in range(rounds):
            now += timedelta(seconds=4)  # twenty a minute, and every chat's turn has come
            started = time.perf_counter()
            delivery = await storage.claim(now, lease=LEASE)
            if delivery is None:
                sys.exit("no chat has its turn, which cannot be")
            await storage.finish(delivery, Sent(message_id=number + 1), now, pause=timedelta())
            times.append(time.perf_counter() - started)
        await storage.close()
    print(
        f"claim    {PENDING} pending, {chats} chats: median {statistics.median(times) * 1000:.2f} ms, "
        f"p99 {_percentile(times, 99) * 1000:.2f} ms, {statistics.median(times) / CLAIM_LIMIT:.2f} of the limit"
    )


async def measure_latency(alerts: int) -> None:
    """Print latencies of single alerts, alone and while one chat floods."""
    quiet = await _latencies(alerts, flood=0)
    _print_latency("latency  an idle outbox", quiet)
    flooded = await _latencies(alerts, flood=1000)
    _print_latency("flood    a thousand wait in one chat", flooded)
    ratio = _percentile(flooded, 95) / _percentile(quiet, 95)
    print(f"flood    p95 of the others, with the flood to without: {ratio:.2f}")


async def _latencies(alerts: int, *, flood: int) -> list[float]:
    telegram = Telegram()
    chance = random.Random(7)  # noqa: S311 - the same moments in both runs
    recorded: dict[str, float] = {}
    async with running(telegram) as bot:
        await bot.record([owed(f"flood-{number}", "@flooded") for number in range(flood)])
        await asyncio.sleep(1.5)
        for number in range(alerts):
            await bot.record([owed(f"single-{number}", f"@single_{number % 50}")])
            recorded[f"single-{number}"] = time.time()
            await asyncio.sleep(chance.uniform(0.05, 0.4))
        await asyncio.sleep(2)
    accepted, floods = telegram.history()
    telegram.close()
    if floods:
        sys.exit(f"{floods} calls were refused for flooding")
    waits = [
        each.at - recorded[key] for each in accepted if (key := each.text.partition("\n")[0]) in recorded
    ]
    if len(waits) != alerts:
        sys.exit(f"{len(waits)} of {alerts} alerts came")
    return waits


def _print_latency(what: str, waits: Sequence[float]) -> None:
    print(
        f"{what}: p50 {statistics.median(waits) * 1000:.0f} ms, p95 {_percentile(waits, 95) * 1000:.0f} ms, "
        f"{_percentile(waits, 95) / LATENCY_LIMIT:.3f} of the limit"
    )


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


def _now() -> datetime:
    return datetime.now(UTC)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="smaller numbers, for a look")
    parser.add_argument("--curve", type=Path, help="write the times of the drain to a file")
    return parser.parse_args()


async def main() -> None:
    """Measure all, one after the other."""
    options = _options()
    quick = options.quick
    await measure_drain(50, 200 if quick else 1000, curve=options.curve)
    await measure_drain(1, 25 if quick else 45)
    for chats in (1, 50, 1000):
        await measure_claims(chats, 200 if quick else 1000)
    await measure_latency(40 if quick else 200)


if __name__ == "__main__":
    asyncio.run(main())
    sys.stdout.flush()
