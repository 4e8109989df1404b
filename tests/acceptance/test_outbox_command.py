"""`newsbell outbox` as a process, beside a bot that holds the database."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bot_process import newsbell
from builders import CHAT, NOON, make_batch, make_delivery
from click.testing import CliRunner
from outbox_steps import attempt, claim, claimed, count, doubt, resolve, send

from bot.cli import cli
from bot.models import (
    ChatDead,
    ChatFacts,
    ChatKind,
    ChatPaused,
    DeliveryState,
    EntityKind,
    Failed,
    Message,
    Missing,
    NewDelivery,
    TextEntity,
)
from bot.storage.ledger import DOUBTS
from bot.storage.sqlite import SqliteStorage

OTHER = "@brics_watch"
HOUR = timedelta(hours=1)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[SqliteStorage]:
    """The storage of the bot that runs on the database of `outbox`."""
    storage = SqliteStorage(tmp_path / "newsbell.db")
    await storage.open(NOON)
    yield storage
    await storage.close()


def outbox(bot: SqliteStorage, *arguments: str) -> subprocess.CompletedProcess[str]:
    return newsbell("outbox", *arguments, NEWSBELL_DATABASE=str(bot._path))


async def owe(bot: SqliteStorage, *deliveries: NewDelivery) -> None:
    await bot.record(make_batch(*deliveries))


def listed(stdout: str) -> list[list[str]]:
    """The first three columns of each delivery in a list."""
    table = stdout.partition("\n\n")[0].splitlines()[1:]
    return [line.split()[:3] for line in table]


async def test_the_list_ends_with_the_newest_and_with_the_counts(bot: SqliteStorage) -> None:
    await owe(bot, make_delivery("a", "@wire"), make_delivery("b", OTHER, thread=7), make_delivery("c"))
    await attempt(bot, Failed(why="chat_write_forbidden"))
    await resolve(bot, await doubt(bot, 1), Missing(), 20)
    done = outbox(bot, "list")
    assert (done.returncode, done.stderr) == (0, "")
    assert listed(done.stdout) == [
        ["1", "failed", "@wire"],
        ["2", "pending", f"{OTHER}/7"],
        ["3", "pending", CHAT],
    ]
    assert "the alert a (chat_write_forbidden)" in done.stdout
    assert done.stdout.endswith("\nIn all: 2 pending · 1 failed\nDoubts: 1 absent\n")


async def test_the_list_shows_what_is_asked_for(bot: SqliteStorage) -> None:
    await owe(bot, *(make_delivery(key) for key in "abc"), make_delivery("d", OTHER))
    await send(bot, 1)
    done = outbox(bot, "list", "--state", "pending", "--chat", CHAT[1:].upper(), "--limit", "1")
    assert listed(done.stdout) == [["3", "pending", CHAT]]


async def test_a_list_of_nothing_says_so(bot: SqliteStorage) -> None:
    assert outbox(bot, "list").stdout == "no such deliveries\n\nIn all: none\nDoubts: none\n"


async def test_a_machine_reads_a_line_of_json_a_delivery(bot: SqliteStorage) -> None:
    await owe(bot, make_delivery("a"), make_delivery("b", message=Message(text="稀土 \x1b[2J")))
    lines: list[dict[str, Any]] = [
        json.loads(line) for line in outbox(bot, "list", "--json").stdout.splitlines()
    ]
    assert [line["message"]["text"] for line in lines] == ["the alert a", "稀土 \x1b[2J"]
    assert lines[0] == {
        "id": 1,
        "state": "pending",
        "kind": "message",
        "chat": CHAT,
        "thread": None,
        "rules": ["rare-earth"],
        "priority": 0,
        "created_at": "2026-03-01T12:00:00+00:00",
        "finished_at": None,
        "expires_at": None,
        "attempts": 0,
        "message_id": None,
        "why": None,
        "doubts": [],
        "message": {"text": "the alert a", "entities": [], "silent": False, "preview": True},
    }


async def test_a_delivery_is_shown_whole_and_cannot_steer_the_terminal(bot: SqliteStorage) -> None:
    entities = (TextEntity(kind=EntityKind.BOLD, offset=0, length=7),)
    message = Message(text="Gallium\nPrices \x1b[2J doubled.", entities=entities)
    await owe(bot, make_delivery(chat="@wire", thread=7, message=message))
    await resolve(bot, await doubt(bot), Missing(), 1)
    await attempt(bot, Failed(why="refused \x1b[2J"), 2)
    done = outbox(bot, "show", "1")
    assert (done.returncode, "\x1b" in done.stdout) == (0, False)
    told = dict(line.split(maxsplit=1) for line in done.stdout.splitlines() if line[:1].isalpha())
    assert {name: value.strip() for name, value in told.items()} == {
        "delivery": "1",
        "state": "failed",
        "chat": "@wire/7",
        "rules": "rare-earth",
        "priority": "0",
        "owed": "2026-03-01 12:00:00 UTC",
        "tries": "2",
        "ended": "2026-03-01 12:00:02 UTC",
        "why": r"refused \x1b[2J",
        "doubt": "2026-03-01 12:00:00 UTC: timeout: not found in the chat",
    }
    assert [line.strip("│ ") for line in done.stdout.splitlines() if "│" in line] == [
        "Gallium",
        "Prices \ufffd[2J doubled.",
    ]


async def test_what_is_tried_again_is_sent_by_the_running_bot(bot: SqliteStorage) -> None:
    await owe(bot, make_delivery("a"), make_delivery("b", OTHER))
    await attempt(bot, Failed(why="refused"))
    await attempt(bot, ChatPaused(why="kicked"), pause=HOUR)
    done = outbox(bot, "retry", "1", "2")
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [
            "delivery 1 had failed, and is tried again",
            "delivery 2 waits to be sent, and its chat is tried at once",
        ],
    )
    assert {(await claimed(bot, 60)).id, (await claimed(bot, 60)).id} == {1, 2}


async def test_what_was_sent_is_not_tried_again_and_the_others_are(bot: SqliteStorage) -> None:
    await owe(bot, make_delivery("a"), make_delivery("b", OTHER))
    await send(bot, 1)
    await attempt(bot, Failed(why="refused"))
    done = outbox(bot, "retry", "1", "2")
    assert (done.returncode, done.stdout) == (1, "delivery 2 had failed, and is tried again\n")
    assert done.stderr.startswith("newsbell: delivery 1 was sent; ")


async def test_all_that_failed_is_tried_again_at_a_word(bot: SqliteStorage) -> None:
    await owe(bot, *(make_delivery(key) for key in "abc"), make_delivery("d", OTHER))
    for seconds in range(4):
        await attempt(bot, Failed(why="refused"), seconds)
    done = outbox(bot, "retry", "--state", "failed", "--chat", CHAT)
    assert (done.returncode, done.stdout) == (0, "3 deliveries are tried again\n")
    assert await count(bot, DeliveryState.FAILED) == 1


async def test_a_chat_that_was_gone_is_opened_by_its_id_as_well(bot: SqliteStorage) -> None:
    await bot.learn_chat("@wire", ChatFacts(id=-1001234567890, kind=ChatKind.CHANNEL), NOON)
    await owe(bot, make_delivery("a", "@wire"), make_delivery("b", "@wire"))
    await attempt(bot, ChatDead(why="the group chat was deleted"))
    done = outbox(bot, "retry", "--chat", "-1001234567890")
    assert (done.returncode, done.stdout) == (0, "@wire is tried at once; 2 deliveries wait for it\n")
    assert await claim(bot, 60) is not None


async def test_what_is_dropped_is_never_sent(bot: SqliteStorage) -> None:
    await owe(bot, make_delivery())
    done = outbox(bot, "drop", "1")
    assert (done.returncode, done.stdout) == (0, "delivery 1 is dropped\n")
    assert await claim(bot, 60) is None


async def test_what_is_in_flight_is_not_dropped(bot: SqliteStorage) -> None:
    await owe(bot, make_delivery())
    await claimed(bot)
    done = outbox(bot, "drop", "1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "newsbell: delivery 1 is being sent at this moment; look again in a while\n"


async def test_one_that_does_not_exist_is_told_of_and_keeps_the_others_as_they_are(
    bot: SqliteStorage,
) -> None:
    await owe(bot, make_delivery())
    done = outbox(bot, "drop", "1", "99")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("newsbell: there is no delivery 99; ")
    assert await count(bot, DeliveryState.PENDING) == 1


async def test_a_chat_that_was_never_owed_anything_ends_with_1_and_one_sentence(bot: SqliteStorage) -> None:
    done = outbox(bot, "retry", "--chat", "nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("newsbell: nothing was ever owed to @nobody; ")


@pytest.mark.parametrize("arguments", [(), ("1", "--chat", CHAT), ("--state", "sent")], ids=" ".join)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    # Not as a process: it ends before it looks at anything.
    assert CliRunner().invoke(cli, ["outbox", "retry", *arguments]).exit_code == 2


@pytest.mark.parametrize("arguments", [("list",), ("retry", "1")], ids=" ".join)
def test_without_a_database_it_ends_with_7_and_makes_none(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = newsbell("outbox", *arguments, folder=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (7, 1)
    assert "there is none; start `newsbell run`" in done.stderr
    assert list(tmp_path.iterdir()) == []


async def test_it_works_while_no_bot_runs(bot: SqliteStorage) -> None:
    await owe(bot, make_delivery())
    await bot.close()
    assert outbox(bot, "drop", "1").returncode == 0
    assert listed(outbox(bot, "list").stdout) == [["1", "suppressed", CHAT]]


@pytest.mark.parametrize("word", [*DeliveryState, *DOUBTS])
def test_every_state_and_every_end_of_a_doubt_is_explained_in_the_manual(word: str) -> None:
    manual = Path(__file__).parents[2] / "docs" / "outbox.md"
    assert f"\n| `{word}` | " in manual.read_text(encoding="utf-8")
