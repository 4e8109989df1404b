import codecs
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ParseError
from bot.feeds.parser import CUT_SHORT, MOST_ENTRIES, parse
from bot.models import Entry, ParsedFeed

FEEDS = Path(__file__).parents[1] / "feeds"
URL = "https://gazette.example/rss/all.xml"


def read(body: bytes | str, *, content_type: str | None = None) -> ParsedFeed:
    return parse(body if isinstance(body, bytes) else body.encode(), content_type=content_type, url=URL)


def rss(items: str, *, channel: str = "") -> str:
    return f"<rss version='2.0'><channel><title>Gazette</title>{channel}{items}</channel></rss>"


def only_entry(items: str) -> Entry:
    [entry] = read(rss(items)).entries
    return entry


def test_rss_2_is_read_as_it_stands() -> None:
    parsed = read((FEEDS / "harbour.rss2.xml").read_bytes())
    assert parsed == ParsedFeed(
        title="Harbour Gazette",
        language="en-gb",
        not_before=timedelta(minutes=30),
        entries=(
            Entry(
                id="gazette-0042",
                link="https://gazette.example/energy/refinery?utm_source=rss",
                title="Refinery at Beylikova &amp; its critics",
                summary="<p>A refinery for rare earths is planned.</p><script>track()</script>",
                content=(
                    "<p>A refinery for rare earths is planned.</p>"
                    "<p>Villagers ask where the water shall come from.</p>"
                ),
                published=datetime(2026, 3, 2, 6, 30, tzinfo=UTC),
                updated=None,
                language=None,
            ),
            Entry(
                id="https://gazette.example/ferry",
                link="https://gazette.example/ferry",
                title="Ferry late again",
                summary="",
                content="",
                published=None,
                updated=None,
                language=None,
            ),
        ),
    )


def test_atom_is_read_as_it_stands() -> None:
    parsed = read((FEEDS / "harbour.atom.xml").read_bytes())
    assert parsed == ParsedFeed(
        title="Liman Postası",
        language="tr",
        entries=(
            Entry(
                id="story-7",
                link="https://atom.example/news/rafineri.html",
                title="Yeni <b>rafineri</b> kuruluyor",
                summary="Eskişehir yakınında.",
                content="<p>İlk paragraf.</p><p>İkinci.</p>",
                published=datetime(2026, 3, 2, 6, 0, tzinfo=UTC),
                updated=datetime(2026, 3, 2, 6, 40, tzinfo=UTC),
                language="tr",
            ),
            Entry(
                id="tag:atom.example,2026:8",
                link="http://other.example/8",
                title="Why &lt;b&gt; is not &lt;strong&gt;",
                summary="",
                content="",
                published=None,
                updated=datetime(2026, 3, 1, tzinfo=UTC),
                language="en",
            ),
        ),
    )


def test_rdf_is_read_as_it_stands() -> None:
    parsed = read((FEEDS / "harbour.rdf.xml").read_bytes())
    assert parsed == ParsedFeed(
        title="港口新闻",
        language="zh",
        entries=(
            Entry(
                id="https://rdf.example/1",
                link="https://rdf.example/1",
                title="稀土精炼厂动工",
                summary="工厂位于埃斯基谢希尔附近。",
                content="",
                published=None,
                updated=datetime(2026, 3, 2, tzinfo=UTC),
                language=None,
            ),
        ),
    )


def test_an_id_stays_raw_where_links_are_resolved() -> None:
    [first, _] = read((FEEDS / "harbour.atom.xml").read_bytes()).entries
    assert (first.id, first.link) == ("story-7", "https://atom.example/news/rafineri.html")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "İstanbul'da ışık, şeker, ağaç"),
        ("windows-1254", "İstanbul'da ışık, şeker, ağaç"),
        ("iso-8859-9", "İstanbul'da ışık, şeker, ağaç"),
        ("utf-16", "İstanbul'da ışık"),
        ("utf-32", "İstanbul'da ışık"),
        ("windows-1251", "Завод построен"),
        ("koi8-r", "Завод построен"),
        ("gb2312", "稀土精炼厂"),
        ("big5", "稀土"),
        ("shift_jis", "レアアース"),
        ("euc-kr", "희토류"),
        ("windows-1256", "العناصر الأرضية النادرة"),
    ],
)
def test_a_declared_charset_is_understood(encoding: str, text: str) -> None:
    document = f"<?xml version='1.0' encoding='{encoding}'?>" + rss(f"<item><title>{text}</title></item>")
    [entry] = read(document.encode(encoding)).entries
    assert entry.title == text


def test_the_charset_of_the_content_type_comes_first() -> None:
    document = rss("<item><title>ışık</title></item>").encode("windows-1254")
    [entry] = read(document, content_type="text/xml; charset=windows-1254").entries
    assert entry.title == "ışık"


@pytest.mark.parametrize(
    "content_type", ["text/xml; charset=windows-1251", "text/xml", "text/html; charset=latin-1"]
)
def test_utf_8_under_a_false_name_is_still_utf_8(content_type: str) -> None:
    document = rss("<item><title>Türkiye’de ışık, şeker, ağaç</title></item>")
    [entry] = read(document, content_type=content_type).entries
    assert entry.title == "Türkiye’de ışık, şeker, ağaç"


def test_what_is_not_the_utf_8_it_claims_is_read_with_a_warning() -> None:
    document = "<?xml version='1.0' encoding='utf-8'?>" + rss("<item><title>café</title></item>")
    parsed = read(document.encode("windows-1252"))
    assert (parsed.entries[0].title, "declared as utf-8" in str(parsed.warning)) == ("café", True)


@pytest.mark.parametrize(
    "charset", ["idna", "punycode", "undefined", "zip", "rot13", "utf-7", "x" * 1000, "\x00"]
)
def test_a_charset_that_is_none_does_no_harm(charset: str) -> None:
    document = rss("<item><title>plain</title></item>")
    try:
        titles = [
            entry.title for entry in read(document, content_type=f"text/xml; charset={charset}").entries
        ]
    except ParseError:
        titles = ["plain"]
    assert titles == ["plain"]


def test_a_byte_order_mark_is_no_part_of_the_document() -> None:
    assert read(codecs.BOM_UTF8 + rss("<item><title>x</title></item>").encode()).warning is None


def test_a_malformed_feed_is_used_with_a_warning() -> None:
    parsed = read(rss("<item><title>Fish & chips</title></item><item><title>Tea</title></itm>"))
    assert [entry.title for entry in parsed.entries] == ["Fish & chips", "Tea"]
    assert "malformed" in str(parsed.warning)


def test_a_cut_feed_loses_the_entry_that_was_cut_and_says_so() -> None:
    whole = rss(
        "<item><title>one</title></item><item><title>two</title><description>half a</description></item>"
    )
    parsed = read(whole[: whole.index(" a</desc")])
    assert ([entry.title for entry in parsed.entries], parsed.warning) == (["one"], CUT_SHORT)


def test_a_feed_cut_between_entries_keeps_them_all() -> None:
    whole = rss("<item><title>one</title></item><item><title>two</title></item>")
    parsed = read(whole.removesuffix("</channel></rss>"))
    assert ([entry.title for entry in parsed.entries], parsed.warning) == (["one", "two"], CUT_SHORT)


@pytest.mark.parametrize("body", ["<rss version='2.0'><channel></channel></rss>", "<feed/>", "<rss/>"])
def test_a_feed_without_entries_is_a_feed(body: str) -> None:
    assert read(body).entries == ()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "empty body"),
        (b" \r\n\x00", "empty body"),
        (b"<!DOCTYPE html><html><body><p>Log in</p></body></html>", "web page"),
        (b"<html><form>captcha", "web page"),
        (b"Service temporarily unavailable", "not a feed"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "not a feed|charset"),
        (b"<opml version='2.0'><body/></opml>", "not a feed"),
        (b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>", "not a feed"),
    ],
)
def test_what_is_no_feed_is_refused_with_a_sentence(body: bytes, sentence: str) -> None:
    with pytest.raises(ParseError, match=sentence):
        read(body)


def test_a_path_is_not_opened(tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_text(rss("<item><title>secret</title></item>"))
    with pytest.raises(ParseError, match="not a feed"):
        read(str(feed))


def test_an_external_entity_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden")
    parsed = read(
        f"<!DOCTYPE rss [<!ENTITY x SYSTEM '{secret.as_uri()}'>]>" + rss("<item><title>a&x;b</title></item>")
    )
    assert [entry.title.replace("&x;", "") for entry in parsed.entries] == ["ab"]


def test_entities_that_build_on_one_another_are_refused() -> None:
    bomb = "<!DOCTYPE rss [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]>" + rss("<item><title>&b;</title></item>")
    with pytest.raises(ParseError, match="as a bomb would"):
        read(bomb)


def test_of_too_many_entries_the_newest_are_used_in_the_feeds_order() -> None:
    dates = [f"2026-01-{1 + day:02}T00:00:00Z" for day in (1, 0, 2)]
    items = "".join(f"<item><title>{date}</title><dc:date>{date}</dc:date></item>" for date in dates)
    undated = "<item><title>undated</title></item>" * (MOST_ENTRIES - 2)
    titles = [entry.title for entry in read(rss(undated + items)).entries]
    assert titles == ["undated"] * (MOST_ENTRIES - 3) + dates


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Mon, 02 Mar 2026 10:00:00 GMT", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 10:00:00 EST", datetime(2026, 3, 2, 15, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 10:00:00", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("Pzt, 02 Mart 2026 10:00:00 +0300", datetime(2026, 3, 2, 7, tzinfo=UTC)),
        ("lun., 2 févr. 2026 10:00:00 GMT", datetime(2026, 2, 2, 10, tzinfo=UTC)),
        ("Пн, 02 мар 2026 10:00 +0300", datetime(2026, 3, 2, 7, tzinfo=UTC)),
        ("2026-03-02T10:00:00+03:00", datetime(2026, 3, 2, 7, tzinfo=UTC)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2099-01-01T00:00:00Z", datetime(2099, 1, 1, tzinfo=UTC)),
        ("31 Feb 2026 10:00:00 GMT", None),
        ("2026-13-45", None),
        ("2026-02-31T10:00:00Z", None),
        ("99999-01-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_date_is_read_in_utc_or_not_at_all(text: str, date: datetime | None) -> None:
    assert only_entry(f"<item><title>x</title><pubDate>{text}</pubDate></item>").published == date


def test_the_longest_content_is_taken() -> None:
    entry = only_entry(
        "<item><description>short</description>"
        "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>the long one</content:encoded>"
        "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>long</content:encoded></item>"
    )
    assert (entry.summary, entry.content) == ("short", "the long one")


def test_an_item_of_nothing_is_an_entry_of_nothing() -> None:
    entry = only_entry("<item/>")
    assert (entry.id, entry.link, entry.title, entry.summary, entry.content) == (None, None, "", "", "")


@pytest.mark.parametrize(
    ("channel", "wait"),
    [
        ("<ttl>60</ttl>", timedelta(hours=1)),
        ("<ttl>-1</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>999999999999</ttl>", None),
        ("", None),
    ],
)
def test_a_ttl_is_a_wait_in_minutes(channel: str, wait: timedelta | None) -> None:
    assert read(rss("", channel=channel)).not_before == wait


@pytest.mark.parametrize("link", ["//[", "http://[::1", "javascript:alert(1)", "\x7f"])
def test_an_odd_link_does_not_stop_the_feed(link: str) -> None:
    assert len(read(rss(f"<item><link>{link}</link></item>")).entries) == 1


def outcome(body: bytes) -> ParsedFeed | ParseError:
    try:
        return read(body)
    except ParseError as error:
        return error


@given(st.binary(max_size=300))
def test_nothing_but_a_parse_error_comes_of_garbage(body: bytes) -> None:
    assert isinstance(outcome(body), ParseError | ParsedFeed)


@given(st.data())
def test_nothing_but_a_parse_error_comes_of_a_damaged_feed(data: st.DataObject) -> None:
    damaged = bytearray(
        data.draw(st.sampled_from([feed.read_bytes() for feed in sorted(FEEDS.glob("harbour.*"))]))
    )
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(outcome(bytes(damaged)), ParseError | ParsedFeed)
