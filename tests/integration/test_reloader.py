"""A rules file that changes under a running bot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from builders import NOON

from bot.app import load_live
from bot.services.poller import LiveRules
from bot.services.reloader import Reloader
from bot.storage.sqlite import SqliteStorage

RULES = """\
version: 1
operators:
  chat: 1000001
feeds:
  - url: https://wire.example/rss.xml
rules:
  - id: rare-earth
    any: [rare earth]
channels:
  - chat: "@wire"
    rules: all
tests:
  - text: a rare earth refinery
    expect: [rare-earth]
"""


@dataclass
class World:
    path: Path
    storage: SqliteStorage
    reloader: Reloader
    applied: list[LiveRules] = field(default_factory=list)

    async def save(self, text: str) -> None:
        """Save the file, and let it be looked at twice."""
        self.path.write_text(text, encoding="utf-8")
        await self.reloader.tick()
        await self.reloader.tick()

    def told(self) -> list[str]:
        """What the operators were told."""
        rows = self.storage._open_db.query("SELECT payload FROM delivery WHERE chat='1000001' ORDER BY id")
        return [row["payload"] for row in rows]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    storage = SqliteStorage(tmp_path / "newsbell.db")
    await storage.open(NOON)
    applied: list[LiveRules] = []

    async def apply(rules: LiveRules) -> None:
        applied.append(rules)

    reloader = Reloader(
        path=path,
        live=load_live(path),
        load=load_live,
        apply=apply,
        storage=storage,
        clock=lambda: NOON,
        on_pending=lambda: None,
    )
    yield World(path, storage, reloader, applied)
    await storage.close()


async def test_a_saved_file_goes_live_whole(world: World) -> None:
    await world.save(RULES.replace("[rare earth]", "[rare earth, terres rares]"))
    assert [len(rules.book.rules[0].when.any) for rules in world.applied] == [2]


async def test_an_untouched_file_is_left_alone(world: World) -> None:
    for _ in range(3):
        await world.reloader.tick()
    assert world.applied == []


async def test_a_file_that_is_still_being_written_is_waited_for(world: World) -> None:
    world.path.write_text(RULES[:60], encoding="utf-8")
    await world.reloader.tick()
    await world.save(RULES + "  # done\n")
    assert (len(world.applied), world.told()) == (1, [])


async def test_a_bad_file_leaves_the_old_rules_live_and_the_operators_hear_why(world: World) -> None:
    await world.save(RULES.replace("any:", "anny:"))
    assert world.applied == []
    (told,) = world.told()
    assert "rules.yaml:8:5:" in told


async def test_a_file_whose_own_tests_fail_does_not_go_live(world: World) -> None:
    await world.save(RULES.replace("[rare earth]", "[terres rares]"))
    assert world.applied == []
    assert len(world.told()) == 1


async def test_one_mistake_is_told_once_however_often_the_file_is_saved(world: World) -> None:
    for comment in ("# one\n", "# two\n"):
        await world.save(RULES.replace("any:", "anny:") + comment)
    assert len(world.told()) == 1


async def test_the_operators_hear_when_the_file_is_good_again(world: World) -> None:
    await world.save(RULES.replace("any:", "anny:"))
    await world.save(RULES)
    assert ["good again" in text for text in world.told()] == [False, True]


async def test_a_file_that_is_gone_for_a_moment_costs_nothing(world: World) -> None:
    world.path.unlink()
    await world.reloader.tick()
    await world.save(RULES)
    assert world.told() == []


async def test_an_included_file_that_was_wrong_is_taken_up_once_it_is_mended(
    world: World, tmp_path: Path
) -> None:
    extra = tmp_path / "extra.yaml"
    extra.write_text("version: 1\nrulez: []\n", encoding="utf-8")
    await world.save(RULES + "include: [extra.yaml]\n")
    assert world.applied == []
    extra.write_text("version: 1\n", encoding="utf-8")
    for _ in range(2):
        await world.reloader.tick()
    assert len(world.applied) == 1
