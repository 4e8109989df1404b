"""Fixtures that several files of integration tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from builders import NOON

from bot.storage import Storage
from bot.storage.sqlite import SqliteStorage


@pytest.fixture(params=["sqlite"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    """Each implementation of `Storage` in turn, open and empty."""
    implementations = {"sqlite": lambda: SqliteStorage(tmp_path / "newsbell.db")}
    opened: Storage = implementations[request.param]()
    await opened.open(NOON)
    yield opened
    await opened.close()
