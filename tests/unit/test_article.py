import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.article import LONGEST_CONTENT, LONGEST_SUMMARY, LONGEST_TITLE, normalise
from bot.feeds.html_text import to_line, to_lines
from bot.models import Article, Entry, Feed

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ENTRY = {
    "id": None, "link": None, "title": "", "summary": "", "content": "",
    "published": None, "updated": None, "language": None,
}  # fmt: skip


def article(*, feed: Feed | None = None, feed_language: str | None = "en", **fields: object) -> Article:
    entry = Entry(**{**ENTRY, **fields})  # type: ignore[arg-type]
    return normalise(
        entry,
        feed=feed or Feed(url="https://gazette.example/rss"),
        source="Gazette",
        feed_language=feed_language,
        url="https://gazette.example/rss/all.xml",
        now=NOW,
    )


def test_an_entry_becomes_an_article() -> None:
    feed = Feed(url="https://gazette.example/rss", tags=("energy",))
    assert article(
        feed=feed,
        id="gazette-42",
        link="../energy/refinery/?utm_source=rss",
        title="Refinery &amp; critics",
        summary="<p>Planned near  Eskişehir.</p>",
        content="<p>Planned near Eskişehir.</p><p>Villagers ask.</p>",
        published=NOW - timedelta(hours=1),
    ) == Article(
        feed_url="https://gazette.example/rss",
        source="Gazette",
        entry_id="gazette-42",
        url="https://gazette.example/energy/refinery/?utm_source=rss",
        canonical_url="https://gazette.example/energy/refinery",
        title="Refinery & critics",
        summary="Planned near Eskişehir.",
        content="Planned near Eskişehir.\nVillagers ask.",
        language="en",
        published=NOW - timedelta(hours=1),
        tags=("energy",),
    )


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One <b>bold</b> word.</p><p>Two<br>three</p>", "One bold word.\nTwo\nthree"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("a<script>track('<p>')</script>b<style>p{}</style>c", "a b c"),
        ("a<!-- <p>no</p> -->b<!-- never closed", "ab"),
        ("don&#8217;t&nbsp;stop &copy; &#x1F600;", "don’t stop © 😀"),
        ("Q&amp;amp;A", "Q&A"),
        ("&lt;b&gt;Bold&lt;/b&gt; claim", "Bold claim"),
        ("AT&T and R&D", "AT&T and R&D"),
        ("1 < 2 > 0 && a<b", "1 < 2 > 0 && a<b"),
        ("Vector<String> explained", "Vector<String> explained"),
        ("Why <script> is bad", "Why is bad"),
        ("</b><a href=//evil.example>free</a>", "free"),
        ("<img alt='a > b' src=x>after", "after"),
        ("<img src='data:image/png;base64," + "A" * 5000 + "'>after", "after"),
        ("<o:p>Word</o:p> <my-tag>x</my-tag> <tweet id=1>y", "Word x y"),
        ("<![CDATA[inner]]>", "inner]]>"),
        ("<?php echo 1 ?>x", "x"),
        ("unfinished <a href='x", "unfinished <a href='x"),
        ("nul\x00 half\ud800 bell\x07", "nul half bell"),
        ("soft\xadhyphen zero\u200bwidth \u202eturned\u202c", "softhyphen zerowidth turned"),
        ("می‌خواهم 👩‍🚀", "می‌خواهم 👩‍🚀"),
        ("مرحبا <b>بالعالم</b>", "مرحبا بالعالم"),
        ("稀土<br/>精炼厂", "稀土\n精炼厂"),
        ("z" + "\u0301" * 50, "z" + "\u0301" * 4),
        (" \r\n\t<p> </p>\u2028", ""),
    ],
)
def test_html_becomes_the_text_that_a_reader_sees(markup: str, text: str) -> None:
    assert to_lines(markup) == text


def test_a_title_stands_on_one_line() -> None:
    assert to_line("Refinery<br>planned\n in <i>May</i>") == "Refinery planned in May"


@pytest.mark.parametrize(
    "piece",
    ["<a>", "<", "<a", "<!--", "<!", "<?", "<b '\"", "<b \"'", "<b x=\"<b x='", "<script>", "&", "&amp;", "&#",
     "&abcdefgh", "\n ", " ", "\u0301", "</svg", "<![CDATA[", "<textarea ", "</a b=\"'>"],
)  # fmt: skip
def test_hostile_html_takes_time_in_proportion(piece: str) -> None:
    started = time.perf_counter()
    to_lines(piece * (400_000 // len(piece)))
    assert time.perf_counter() - started < 3


@given(st.text(alphabet=st.sampled_from("<>/!-&;'\"=ab \n\x00\ud800\u0301pscript"), max_size=200) | st.text())
def test_text_of_anything_is_tidy(markup: str) -> None:
    text = to_lines(markup)
    assert text == text.strip()
    assert "\n\n" not in text
    assert "\x00" not in text
    text.encode()


def test_fields_are_cut_at_their_bounds() -> None:
    long = article(title="t" * 10**6, summary="s" * 10**6, content="c" * 10**6)
    assert (len(long.title), len(long.summary), len(long.content)) == (
        LONGEST_TITLE,
        LONGEST_SUMMARY,
        LONGEST_CONTENT,
    )


def test_a_content_that_only_repeats_the_summary_is_left_out() -> None:
    same = article(summary="<p>Both say this.</p>", content="Both say this.")
    assert (same.summary, same.content) == ("Both say this.", "")


def test_a_long_text_given_twice_stands_whole_as_content() -> None:
    text = "word " * 5000 + "end"
    same = article(summary=text, content=text)
    assert (same.summary, same.content) == ("", text)


@pytest.mark.parametrize(
    "link",
    [
        None, "", "javascript:alert(1)", "data:text/html,x", "tg://user?id=1", "mailto:a@b.example", "ftp://x.example/",
        "https://user@x.example/", "http://a\\@b.example/", "http://[", "https://", "https://x.example/" + "a" * 5000,
        "https://x.example/\ud800",
    ],
)  # fmt: skip
def test_only_a_web_address_becomes_a_link(link: str | None) -> None:
    made = article(link=link)
    assert (made.url, made.canonical_url) == (None, None)


def test_a_link_with_a_space_is_made_whole() -> None:
    assert article(link="https://x.example/a b").url == "https://x.example/a%20b"


def test_a_link_with_a_wide_space_is_made_whole() -> None:
    assert article(link="https://wire.example/a\u3000b").url == "https://wire.example/a%E3%80%80b"


@pytest.mark.parametrize(
    ("published", "updated", "judged"),
    [
        (NOW - timedelta(days=1), NOW, NOW - timedelta(days=1)),
        (None, NOW - timedelta(days=2), NOW - timedelta(days=2)),
        (NOW + timedelta(hours=5), None, NOW),
        (datetime(2099, 1, 1, tzinfo=UTC), None, NOW),
        (datetime(1970, 1, 1, tzinfo=UTC), None, None),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW, NOW),
        (None, None, None),
    ],
)
def test_a_date_that_cannot_be_does_not_count(
    published: datetime | None, updated: datetime | None, judged: datetime | None
) -> None:
    assert article(published=published, updated=updated).published == judged


@pytest.mark.parametrize(
    ("operator", "entry", "feed", "language"),
    [
        ("tr", "en", "de", "tr"),
        (None, "en-GB", "de", "en"),
        (None, None, "de-AT", "de"),
        (None, "nonsense!", "de", "de"),
    ],
)
def test_the_nearest_word_on_the_language_counts(
    operator: str | None, entry: str | None, feed: str | None, language: str
) -> None:
    listed = Feed(url="https://gazette.example/rss", language=operator)
    assert article(feed=listed, language=entry, feed_language=feed).language == language


def test_a_language_that_nobody_names_is_detected() -> None:
    text = "Enerji bakanı ekim ayında nadir toprak elementleri görüşmeleri için Çin'e gidecek."
    assert article(title=text, feed_language=None).language == "tr"


@pytest.mark.parametrize(
    ("raw", "kept"), [("a\x00b", "ab"), ("x\ud800", "x"), ("", None), ("\x00", None), (" 7 ", " 7 ")]
)
def test_an_id_is_kept_raw_but_storable(raw: str, kept: str | None) -> None:
    assert article(id=raw).entry_id == kept


@given(st.text(), st.text(), st.text(), st.text(), st.text())
def test_any_entry_becomes_an_article(
    entry_id: str, link: str, title: str, summary: str, content: str
) -> None:
    made = article(id=entry_id, link=link, title=title, summary=summary, content=content)
    for text in (made.entry_id, made.url, made.title, made.summary, made.content):
        (text or "").encode()
