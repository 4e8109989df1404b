from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest

from bot.demo.newsroom.feeds import WEB_PAGE, content_type, render
from bot.demo.newsroom.outlets import OUTLETS, WITH_FEED, Format, Outlet
from bot.demo.newsroom.stories import Silence, pieces
from bot.demo.newsroom.timeline import Edition, Timeline, last_change
from bot.errors import ParseError
from bot.feeds.parser import parse
from bot.models import ParsedFeed

START = datetime(2031, 5, 4, 12, 30, 15, 250_000, tzinfo=UTC)
TIMELINE = Timeline(start=START, pace=1.0)
AFTER_ALL = START + timedelta(seconds=11)
READ_BY_FEEDPARSER = [o for o in WITH_FEED if o.format is not Format.JSON]

each_outlet = pytest.mark.parametrize("outlet", WITH_FEED, ids=lambda outlet: outlet.slug)
each_xml_outlet = pytest.mark.parametrize("outlet", READ_BY_FEEDPARSER, ids=lambda outlet: outlet.slug)


def outlet_of(slug: str) -> Outlet:
    return next(outlet for outlet in OUTLETS if outlet.slug == slug)


def edition_of(outlet: Outlet, now: datetime = AFTER_ALL) -> Edition:
    return TIMELINE.edition(outlet, now)


def parsed(outlet: Outlet, now: datetime = AFTER_ALL) -> ParsedFeed:
    return parse(render(edition_of(outlet, now)), content_type=content_type(outlet), url=outlet.site)


@each_outlet
def test_our_parser_reads_every_title_link_and_date(outlet: Outlet) -> None:
    told = [
        (item.title, item.link, item.published and item.published.replace(microsecond=0))
        for item in edition_of(outlet).items
    ]
    # Titles are HTML to a parser, which cannot know better.
    read = [
        (entry.title.replace("&amp;", "&"), entry.link, entry.published or entry.updated)
        for entry in parsed(outlet).entries
    ]
    assert read == told


@each_outlet
def test_our_parser_reads_the_outlet_s_name(outlet: Outlet) -> None:
    assert (parsed(outlet).title or "").replace("&amp;", "&") == outlet.name


@each_xml_outlet
def test_feedparser_alone_reads_every_title(outlet: Outlet) -> None:
    result = feedparser.parse(
        render(edition_of(outlet)), response_headers={"content-type": content_type(outlet)}
    )
    assert [entry.title for entry in result.entries] == [item.title for item in edition_of(outlet).items]


@each_xml_outlet
def test_only_the_malformed_outlet_draws_a_warning(outlet: Outlet) -> None:
    assert (parsed(outlet).warning is not None) == outlet.malformed


def test_the_malformed_outlet_is_no_xml() -> None:
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(render(edition_of(outlet_of("kiln-and-compass"))))  # noqa: S314 - our own


@pytest.mark.parametrize("slug", ["sarnic-postasi", "sem-vetrov", "qingshi-shangbao"])
def test_an_outlet_with_an_old_encoding_is_no_utf_8_and_says_so(slug: str) -> None:
    outlet = outlet_of(slug)
    document = render(edition_of(outlet))
    assert f"encoding='{outlet.charset}'".encode() in document[:80]
    with pytest.raises(UnicodeDecodeError):
        document.decode("utf-8")


def test_the_web_page_is_no_feed() -> None:
    with pytest.raises(ParseError, match="web page"):
        parse(WEB_PAGE, content_type="text/html", url="https://parked-gazette.example/")


def test_json_feeds_are_of_version_1_1() -> None:
    documents = [json.loads(render(edition_of(o))) for o in OUTLETS if o.format is Format.JSON]
    assert [d["version"] for d in documents] == ["https://jsonfeed.org/version/1.1"] * 2


def test_there_are_all_four_formats_and_five_languages() -> None:
    assert {o.format for o in WITH_FEED} == set(Format)
    assert {o.language.split("-")[0] for o in WITH_FEED} == {"en", "tr", "ru", "zh", "ar"}


def test_a_story_is_not_told_before_it_breaks() -> None:
    outlet = outlet_of("anatolian-ledger")
    before = parsed(outlet, START + timedelta(seconds=3.9)).entries
    assert len(parsed(outlet).entries) == len(before) + 1


def test_an_edited_title_stands_under_the_old_id_and_link() -> None:
    outlet = outlet_of("sarnic-postasi")
    first = parsed(outlet, START + timedelta(seconds=3)).entries[0]
    edited = parsed(outlet).entries[0]
    assert edited.title != first.title
    assert (edited.id, edited.link, edited.published) == (first.id, first.link, first.published)


def test_the_pace_stretches_only_what_is_to_break() -> None:
    slow = Timeline(start=START, pace=3.0)
    dates = {piece.id: slow.published(piece) for piece in pieces()}
    assert dates["rare-earth-talks"] == START + timedelta(seconds=12)
    assert dates["old-rail-bridge"] == START - timedelta(minutes=35)


def test_all_is_told_within_ten_seconds() -> None:
    assert last_change(1.0) <= timedelta(seconds=10)


def test_an_outlet_known_by_date_alone_never_changes() -> None:
    by_date = {o for o in OUTLETS if o.last_modified and not o.etag}
    assert by_date
    assert not any(piece.breaks_at for piece in pieces() if piece.outlet in by_date)


def test_ids_are_unique_within_an_outlet() -> None:
    ids = Counter((piece.outlet.slug, piece.id) for piece in pieces())
    assert max(ids.values()) == 1


def test_links_lead_to_nobody_s_pages() -> None:
    assert all(str(urlsplit(piece.link).hostname).endswith(".example") for piece in pieces())


def test_the_noise_outnumbers_the_stories() -> None:
    assert sum(not piece.rings for piece in pieces()) >= 20


def test_every_reason_for_silence_occurs() -> None:
    assert {piece.silent for piece in pieces()} == {None, *Silence}


def test_only_what_is_older_than_a_day_is_called_old() -> None:
    old = {piece.id for piece in pieces() if (piece.published or timedelta()) < -timedelta(hours=24)}
    assert old == {piece.id for piece in pieces() if piece.silent is Silence.OLD}
