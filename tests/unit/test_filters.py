"""What the filters make of dates."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from builders import NOON

from bot.filters import Stories, read_article


def article(published: str | None = None, title: str = "One") -> bytes:
    return json.dumps({"id": title, "title": title, "published": published}).encode()


@pytest.mark.parametrize(
    "text", ["2026-03-01T12:00:00Z", "2026-03-01T15:00:00+03:00", " 2026-03-01 12:00 ", "20260301T120000Z"]
)
def test_a_date_is_read_and_told_in_utc(text: str) -> None:
    assert read_article(article(text)).published == datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["soon", "2026-13-01", "0001-01-01T00:00+14:00", "9999-12-31", "", None])
def test_a_date_that_cannot_be_read_or_be_is_unknown(text: str | None) -> None:
    assert read_article(article(text)).published is None


def times(*dates: str | None) -> list[datetime]:
    stories = Stories(undated=NOON)
    return [stories.place(read_article(article(text, str(n)))).at for n, text in enumerate(dates)]


def test_without_any_date_all_are_of_one_time() -> None:
    assert times(None, None) == [NOON, NOON]


def test_the_undated_are_as_new_as_the_newest_before_them() -> None:
    old, new = "2001-01-02T00:00Z", "2002-01-02T00:00Z"
    newest = datetime(2002, 1, 2, tzinfo=UTC)
    assert times(new, old, None)[2] == newest
