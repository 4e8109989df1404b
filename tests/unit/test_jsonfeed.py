import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ParseError
from bot.feeds.parser import parse
from bot.models import Entry, ParsedFeed

FEEDS = Path(__file__).parents[1] / "feeds"
VERSION = "https://jsonfeed.org/version/1"

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


def read(body: bytes | str) -> ParsedFeed:
    body = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    return parse(body, content_type="application/feed+json", url="https://gavan.example/feed.json")


def only_entry(**item: object) -> Entry:
    [entry] = read(json.dumps({"version": VERSION, "items": [item]})).entries
    return entry


def test_a_json_feed_is_read_as_it_stands() -> None:
    assert read((FEEDS / "harbour.json").read_bytes()) == ParsedFeed(
        title="Gavan &amp; sons",
        language="ru",
        entries=(
            Entry(
                id="7",
                link="https://gavan.example/news/7",
                title="Завод &lt;не&gt; построен",
                summary="Кратко",
                content="<p>Переговоры идут.</p>",
                published=datetime(2026, 3, 2, 9, tzinfo=UTC),
                updated=None,
                language=None,
            ),
            Entry(
                id="8",
                link="https://elsewhere.example/8",
                title="",
                summary="",
                content="5 &lt; 6 &amp; 7",
                published=None,
                updated=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
                language=None,
            ),
        ),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_encoding_of_json_is_read(encoding: str) -> None:
    body = json.dumps({"version": VERSION, "title": "Işık", "items": []}, ensure_ascii=False)
    assert read(body.encode(encoding)).title == "Işık"


def test_members_of_a_wrong_type_count_as_absent() -> None:
    entry = only_entry(id=["x"], url=5, title={"a": 1}, content_text=None, date_published=17, language=False)
    assert entry == Entry(
        id=None, link=None, title="", summary="", content="", published=None, updated=None, language=None
    )


def test_a_date_that_no_calendar_has_is_none() -> None:
    assert only_entry(date_published="2026-02-31T10:00:00Z").published is None


def test_items_that_are_no_objects_are_left_out_with_a_warning() -> None:
    parsed = read(json.dumps({"version": VERSION, "items": [1, None, {"id": "x"}]}))
    assert ([entry.id for entry in parsed.entries], "2 items" in str(parsed.warning)) == (["x"], True)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ('{"version": "https://jsonfeed.org/version/1", "items": [', "not valid JSON"),
        ('{"items": []}', "its version does not say so"),
        ('{"version": "https://jsonfeed.org/version/1"}', "no list of items"),
        ('{"error": "rate limited"}', "not a JSON Feed"),
        ('{"version": ' + "[" * 100_000, "not valid JSON"),
        ('{"version": ' + "9" * 10_000 + "}", "JSON"),
        (b'{"version": "\xff\xff"}', "not valid JSON"),
    ],
)
def test_other_json_is_refused_with_a_sentence(body: bytes | str, sentence: str) -> None:
    with pytest.raises(ParseError, match=sentence):
        read(body)


@given(JSON, JSON)
def test_no_value_in_any_place_is_more_than_a_parse_error(value: object, items: object) -> None:
    fields = ("id", "url", "title", "summary", "content_text", "content_html", "date_published", "language")
    document = {"version": VERSION, "title": value, "items": [dict.fromkeys(fields, value), items, value]}
    parsed = read(json.dumps(document))
    assert len(parsed.entries) >= 1
