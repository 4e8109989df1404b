"""A crash at each point between two steps of a delivery, against each way in which Telegram may behave meanwhile.

`NEWSBELL_CRASH_TABLE` names a file to which the table of all these lives is written (`make crash-table`).
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from delivery_life import KILLED, Order, Zygote, planned
from invariants import rows, violations

from bot.demo.botapi import BotApiServer, Fault
from bot.storage.connection import connect
from bot.storage.migrations import SCHEMA

POINTS = (
    "before_record",
    "in_record",
    "after_record",
    "before_claim",
    "in_claim",
    "after_claim",
    "request_read",
    "accepted",
    "after_reply",
    "before_finish",
    "in_finish",
    "after_finish",
    "before_look",
    "after_look",
    "before_resolve",
    "in_resolve",
    "after_resolve",
)
"""In the order of a delivery's life; `request_read` and `accepted` are seen by the server, which kills."""

DOUBTFUL = frozenset(("before_look", "after_look", "before_resolve", "in_resolve", "after_resolve"))
"""Points that only a doubt leads to."""

BEHAVIOURS = {
    "accepts": None,
    "drops its reply": Fault.drop(accepted=True),
    "resets before accepting": Fault.reset(accepted=False),
    "delays its reply": Fault.delay(after=0.15),
}

AT_ONCE = 8
PASSAGE = 2
"""Beyond the first, which finds everything empty."""

STATEMENTS = 60
"""Those of a message's life until it is sent and edited; what follows repeats itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One crash: where, at which passage, how Telegram behaves, and whether doubts can be looked into."""

    point: str
    passage: int
    behaviour: str
    looks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What came of a case: how the first life ended, what was broken, how many copies too many there are."""

    case: Case
    status: int
    broken: list[str]
    repeated: int
    doubts: Counter[str]


@pytest.fixture(scope="module")
def zygotes() -> Iterator[list[Zygote]]:
    running = [Zygote() for _ in range(AT_ONCE)]
    yield running
    for zygote in running:
        zygote.__exit__()


@pytest.mark.parametrize("point", POINTS)
async def test_a_crash_loses_nothing_and_repeats_nothing_beyond_the_doubts(
    tmp_path: Path, zygotes: list[Zygote], point: str
) -> None:
    cases = [
        Case(point=point, passage=PASSAGE, behaviour=behaviour, looks=looks)
        for behaviour in BEHAVIOURS
        for looks in ((True,) if point.endswith("_look") else (True, False))
    ]
    endings = await _all(cases, zygotes, tmp_path)
    _write_table(endings)
    assert [ending for ending in endings if ending.broken] == []
    crashed = [ending for ending in endings if ending.status == KILLED]
    assert len(crashed) >= len(cases) // 4, "the point is hardly ever reached"


async def test_a_crash_before_any_statement_that_writes_loses_nothing(
    tmp_path: Path, zygotes: list[Zygote]
) -> None:
    cases = [
        Case(point="at_statement", passage=passage, behaviour="accepts", looks=True)
        for passage in range(1, STATEMENTS)
    ]
    endings = await _all(cases, zygotes, tmp_path, polls=1, chats=1)
    _write_table(endings)
    assert [ending for ending in endings if ending.broken] == []
    assert {ending.status for ending in endings} == {KILLED}


async def test_a_crash_while_a_group_moves_sends_everything_to_its_new_id(
    tmp_path: Path, zygotes: list[Zygote]
) -> None:
    for passage in (1, 2, 3):
        async with BotApiServer(accept_unknown_chats=True) as server:
            group = server.chats.add_group(-55)
            new = server.chats.migrate(group)
            order = _order(tmp_path / f"{passage}.db", server, chats=("-55",), audit=None, polls=3)
            order = replace(order, crash="in_finish", passage=passage)
            assert await zygotes[0].live(order) == KILLED
            assert await zygotes[0].live(replace(order, crash=None, last=True)) == 0
            assert violations(server, Path(order.database), planned(order), looked_for=False) == []
            assert server.history.count() == server.history.count(new.id)


async def test_a_crash_at_any_statement_of_a_migration_leaves_a_database_that_the_next_start_migrates(
    tmp_path: Path, zygotes: list[Zygote]
) -> None:
    async with BotApiServer(accept_unknown_chats=True) as server:
        for passage in range(1, 200, 6):
            path = tmp_path / f"{passage}.db"
            _make_old(path)
            order = _order(path, server, chats=("@wire",), audit=None, polls=0)
            crashing = replace(order, crash="at_statement", passage=passage, last=True)
            status = await zygotes[passage % AT_ONCE].live(crashing)
            assert await zygotes[passage % AT_ONCE].live(replace(order, last=True)) == 0
            assert [row.state for row in rows(path)] == ["sent"]
            if status == 0:
                return
    raise AssertionError("there are more statements than lives")


async def _all(
    cases: list[Case], zygotes: list[Zygote], folder: Path, *, polls: int = 2, chats: int = 3
) -> list[Ending]:
    """All cases, several at once."""
    waiting = list(enumerate(cases))
    endings: dict[int, Ending] = {}

    async def work(zygote: Zygote) -> None:
        while waiting:
            number, case = waiting.pop(0)
            endings[number] = await _end_of(case, zygote, folder / f"{number}.db", polls=polls, chats=chats)

    await asyncio.gather(*(work(zygote) for zygote in zygotes))
    return [endings[number] for number in sorted(endings)]


async def _end_of(case: Case, zygote: Zygote, database: Path, *, polls: int, chats: int) -> Ending:
    """A life that crashes, and then as many as it takes to send all."""
    async with BotApiServer(accept_unknown_chats=True) as server:
        audit = str(server.chats.add_private(200000001).id)
        places = ("@wire", str(server.chats.add_supergroup().id), "@watch")[:chats]
        order = _order(database, server, chats=places, audit=audit if case.looks else None, polls=polls)
        _script(server, case, zygote)
        by_server = case.point in {"request_read", "accepted"}
        crashing = replace(order, crash=None if by_server else case.point, passage=case.passage, last=True)
        status = await zygote.live(crashing)
        assert await zygote.live(replace(order, last=True)) == 0
        broken = violations(server, database, planned(order), looked_for=case.looks)
        copies = Counter((sent.message.chat_id, sent.message.text) for sent in server.history.sent()
                         if sent.message.forwarded_from is None)  # fmt: skip
    return Ending(
        case=case,
        status=status,
        broken=broken,
        repeated=copies.total() - len(copies),
        doubts=Counter(verdict for row in rows(database) for verdict in row.verdicts),
    )


def _script(server: BotApiServer, case: Case, zygote: Zygote) -> None:
    fault = BEHAVIOURS[case.behaviour] or Fault.delay()
    if case.point == "request_read":
        fault = fault.delayed(before=0.03).calling(before=zygote.kill)
    elif case.point == "accepted":
        fault = fault.delayed(after=0.03).calling(after=zygote.kill)
    elif case.point in DOUBTFUL and case.behaviour == "accepts":
        # A doubt must come from somewhere.
        fault = Fault.gateway(accepted=True)
    times = 1 if case.point in {"request_read", "accepted"} else 3
    server.script(fault, method="sendMessage", first=case.passage, times=times)


def _order(
    database: Path, server: BotApiServer, *, chats: tuple[str, ...], audit: str | None, polls: int
) -> Order:
    return Order(
        database=str(database), url=server.url, token=server.token, chats=chats, polls=polls, audit=audit
    )


def _make_old(path: Path) -> None:
    """A database as the version before left it, that owes a message."""
    db = connect(path)
    SCHEMA.apply(db, stop_before="m004_outbox")
    db.execute("INSERT INTO chat(address) VALUES('@wire')")
    db.execute(
        "INSERT INTO delivery(dedupe_key, story_id, chat, rules, payload, created_at) "
        """VALUES('old', '', '@wire', '[]', '{"text": "owed of old", "entities": []}', 0)"""
    )
    db.close()


def _write_table(endings: list[Ending]) -> None:
    target = os.environ.get("NEWSBELL_CRASH_TABLE")
    if target is None:
        return
    with Path(target).open("a", encoding="utf-8") as file:
        for ending in endings:
            case = ending.case
            file.write(
                f"{case.point}\t{case.behaviour}\t{case.looks}\t{ending.status == KILLED}\t{len(ending.broken)}\t"
                f"{ending.repeated}\t{sum(ending.doubts.values())}\n"
            )
