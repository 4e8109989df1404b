import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.urls import canonical_url

PAGE = "https://news.example/energy/refinery"

PIECES = st.sampled_from(
    [
        "amp",
        ".amp",
        "-amp",
        "amp_",
        "articleshow",
        "index.html",
        ";sid=1",
        ";jsessionid=",
        "/",
        "//",
        ".",
        "..",
        ":",
        "a-b-c",
        "1",
        "%2E",
        "%61mp;",
        "amp;",
        "?",
        "&",
        "utm_source",
        "%3F",
        "=",
        "#!",
        "#/",
        ":~:",
        ":%7E:",
        "x",
    ]
)


@pytest.mark.parametrize(
    "variant",
    [
        "http://news.example/energy/refinery",
        "https://news.example:443/energy/refinery",
        "http://news.example:80/energy/refinery",
        "HTTPS://WWW.News.Example/energy/refinery",
        "https://news.example./energy/refinery",
        "https://m.news.example/energy/refinery",
        "https://mobile.news.example/energy/refinery",
        "https://amp.news.example/energy/refinery",
        "https://news.example/energy/refinery/",
        "https://news.example/energy/refinery/amp/",
        "https://news.example/energy/refinery.amp",
        "https://news.example/energy/refinery.amp.amp/amp",
        "https://touch.news.example/energy/refinery",
        "https://wap.news.example/energy/refinery",
        "https://mobi.news.example/energy/refinery",
        "https://www2.news.example/energy/refinery",
        "https://news.example/energy//refinery",
        "https://news.example/energy/refinery/index.html",
        "https://news.example/energy/refinery/INDEX.HTM",
        "https://news.example/energy/refinery;jsessionid=AB12.node1",
        "https://news.example/energy;JSESSIONID=1/refinery;sid=2",
        "https://news.example/energy/refinery#:~:text=a,b",
        "https://news.example/energy/refinery#comments",
        "https://news.example/./energy/x/../refinery",
        "https://news.example/%65nergy/refinery",
        "https://news.example/energy/refinery?",
        "https://news.example/energy/refinery?utm_source=rss&utm_medium=feed&UTM_Campaign=x",
        "https://news.example/energy/refinery?fbclid=a&gclid=b&yclid=c&mc_cid=d&igshid=e",
        "https://news.example/energy/refinery?at_medium=RSS&at_campaign=KARANGA",
        "https://news.example/energy/refinery?source=rss",
        "https://news.example/energy/refinery?ref=twitter&amp=1",
        "  https://news.example/energy/refinery\n",
    ],
)
def test_two_links_to_one_page_are_one(variant: str) -> None:
    assert canonical_url(variant) == PAGE


@pytest.mark.parametrize(
    "other",
    [
        "https://news.example/energy/refinery?id=1",
        "https://news.example/energy/refinery?p=1",
        "https://news.example/energy/refinery?page=2",
        "https://news.example/energy/refinery?article=7",
        "https://news.example/energy/refinery?v=abc",
        "https://news.example/energy/refinery?story_fbid=7",
        "https://news.example/energy/refinery?ref=main",
        "https://news.example/energy/refinery?source=2",
        "https://news.example/energy/Refinery",
        "https://news.example/energy%2Frefinery",
        "https://news.example/energy/refinery/index.php",
        "https://news.example/energy/refinery/default.aspx",
        "https://news.example/energy/refinery#/part/2",
        "https://edition.news.example/energy/refinery",
        "https://news.example/energy/refinery.html",
        "https://news.example:8443/energy/refinery",
        "https://tr.news.example/energy/refinery",
        "https://news.example/energy/refinery#!/part/2",
        "https://news.example/amp",
    ],
)
def test_two_pages_stay_two(other: str) -> None:
    assert canonical_url(other) not in (None, PAGE)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://news.example", "https://news.example/"),
        ("https://news.example/?b=2&a=1&b=1", "https://news.example/?a=1&b=2&b=1"),
        ("https://news.example/?q=a+b%20c", "https://news.example/?q=a+b%20c"),
        ("https://haber.example/ışık", "https://haber.example/%C4%B1%C5%9F%C4%B1k"),
        ("https://türkiye.example/", "https://xn--trkiye-3ya.example/"),
        ("https://news.example/%c3%bc%7E", "https://news.example/%C3%BC~"),
        ("https://news.example/100%", "https://news.example/100%25"),
        ("https://amp.example/x", "https://amp.example/x"),
        ("https://www.amp.com.au/x", "https://amp.com.au/x"),
        ("https://m.co.uk/x", "https://m.co.uk/x"),
        ("https://en.m.wikipedia.org/wiki/Pier", "https://en.wikipedia.org/wiki/Pier"),
        ("https://news.example/amp/2026/pier-is-open", "https://news.example/2026/pier-is-open"),
        ("https://news.example/world/amp/pier-123", "https://news.example/world/pier-123"),
        ("https://shop.example/amp/tubes", "https://shop.example/amp/tubes"),
        ("https://news.example/...amp", "https://news.example/...amp"),
        ("https://news.example/index.html?id=3", "https://news.example/?id=3"),
        ("https://news.example/x/https://port.example//y", "https://news.example/x/https://port.example/y"),
        ("https://XN--TRKIYE-3YA.example/", "https://xn--trkiye-3ya.example/"),
        ("https://www.example/x", "https://www.example/x"),
        ("https://[2606:4700:0::1]/x", "https://[2606:4700::1]/x"),
        ("https://news.example/../../x", "https://news.example/x"),
        ("https://news.example/#!route", "https://news.example/#!route"),
    ],
)
def test_one_spelling_is_chosen(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news.example/x",
        "//news.example/x",
        "ftp://news.example/x",
        "javascript:alert(1)",
        "tg://resolve?domain=x",
        "mailto:desk@news.example",
        "https://",
        "https://user@news.example/",
        "https://a\\@news.example/",
        "https://news.example:99999/",
        "https://[::1/",
        "https://news..example/",
        "https://2130706433/",
        "https://news.example/a\x00b",
        "https://news.example/\ud800",
        "https://news.example/" + "a" * 9000,
        "https://news.example/" + "ü" * 4000,
    ],
)
def test_what_is_no_web_address_has_no_canonical_form(url: str) -> None:
    assert canonical_url(url) is None


@given(
    st.sampled_from(
        [
            "https://www.news.example/",
            "http://m.m.news.example:80",
            "https://x.indiatimes.com/",
            "https://spiegel.de/",
            "https://google.com/",
            "https://1.2.3.4/",
            "https://",
        ]
    ),
    st.text(alphabet="ab/.%2eE7?&=#!:@;wmutm_ampü\\[] ", max_size=40)
    | st.text(max_size=40)
    | st.lists(PIECES, max_size=10).map("".join),
)
def test_canonical_of_canonical_is_itself(root: str, rest: str) -> None:
    canonical = canonical_url(root + rest)
    assert canonical is None or canonical_url(canonical) == canonical


@given(st.text(max_size=80))
def test_no_text_is_an_error(text: str) -> None:
    assert canonical_url(text) is None or text.strip().lower().startswith("http")


def test_tracking_behind_an_ampersand_that_was_escaped_twice_is_dropped() -> None:
    url = "https://news.example/x?id=2&amp;utm_source=a&amp;utm_medium=b"
    assert canonical_url(url) == "https://news.example/x?id=2"
