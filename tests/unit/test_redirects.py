"""Links that carry their target: the expected target is always the same article."""

from base64 import urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.urls import canonical_url

TARGET = "https://news.example/energy/refinery?id=7"
CODED = quote(TARGET, safe="")


def news_link(address: bytes, *, head: bytes = b'\x08\x13"') -> str:
    length = (
        bytes([len(address)]) if len(address) < 128 else bytes([len(address) & 127 | 128, len(address) >> 7])
    )
    message = head + length + address + b"\xd2\x01\x00"
    return f"https://news.google.com/rss/articles/{urlsafe_b64encode(message).decode().rstrip('=')}?oc=5"


@pytest.mark.parametrize(
    "link",
    [
        f"https://www.google.com/url?rct=j&sa=t&url={CODED}&ct=ga&cd=CAIy",
        f"https://www.google.com.tr/url?q={CODED}&sa=U&ved=2ah",
        f"http://news.google.com/news/url?sa=t&fd=R&usg=AF&url={TARGET}",
        f"https://translate.google.com/translate?sl=tr&tl=en&u={CODED}",
        f"https://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&url={CODED}&c=9",
        f"https://www.bing.com/ck/a?!&&p=0a&u=a1{urlsafe_b64encode(TARGET.encode()).decode().rstrip('=')}&ntb=1",
        f"https://r.search.yahoo.com/_ylt=Aw;_ylu=Y2/RV=2/RE=17/RO=10/RU={CODED}/RK=2/RS=x-",
        f"https://yandex.ru/clck/jsredir?from=yandex.ru&url={CODED}",
        f"https://duckduckgo.com/l/?uddg={CODED}&rut=9",
        f"https://www.youtube.com/redirect?event=video_description&q={CODED}",
        f"https://l.facebook.com/l.php?u={CODED}%26fbclid%3DIw&h=AT",
        f"https://m.facebook.com/l.php?u={CODED}",
        f"https://l.instagram.com/?u={CODED}&e=AT",
        f"https://out.reddit.com/t3_x?url={CODED}&token=A",
        f"https://t.umblr.com/redirect?z={CODED}&t=Z",
        f"https://vk.com/away.php?to={CODED}&cc_key=",
        f"https://t.me/iv?url={CODED}&rhash=1",
        f"https://www.linkedin.com/safety/go?url={CODED}",
        f"https://x.com/i/redirect?url={CODED}",
        f"https://disq.us/url?url={CODED}%3AsXdT5ZDLYKYBJlmW0123456789a&cuid=1",
        f"https://slack-redir.net/link?url={CODED}&v=3",
        f"https://getpocket.com/redirect?url={CODED}",
        f"https://flipboard.com/redirect?url={CODED}",
        f"https://medium.com/r/?url={CODED}",
        f"https://steamcommunity.com/linkfilter/?url={CODED}",
        f"https://link.zhihu.com/?target={CODED}",
        f"https://eur01.safelinks.protection.outlook.com/?url={CODED}&data=05%7C",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__news.example_energy_refinery-3Fid-3D7&d=Dw",
        f"https://urldefense.proofpoint.com/v1/url?u={CODED}&k=a",
        f"https://urldefense.com/v3/__{TARGET}__;!!AbC!dEf$",
        f"https://href.li/?{TARGET}",
        f"https://web.archive.org/web/20260102030405/{TARGET}",
        "https://web.archive.org/web/2026id_/http:/news.example/energy/refinery?id=7",
        f"https://archive.ph/2026/{TARGET}",
        f"https://archive.is/o/aBc12/{TARGET}",
        "https://www.google.com/amp/s/amp.news.example/energy/refinery/amp/?id=7",
        "https://www.google.com/amp/news.example/energy/refinery?id=7",
        "https://news-example.cdn.ampproject.org/c/s/news.example/energy/refinery.amp?id=7&usqp=mq3",
        "https://cdn.ampproject.org/v/news.example/energy/refinery?id=7&amp_js_v=0.1",
        "https://www.bing.com/amp/s/news.example/energy/refinery?id=7",
        "https://news-example.turbopages.org/news.example/s/energy/refinery?id=7",
        "https://news-example.translate.goog/energy/refinery?id=7&_x_tr_sl=tr&_x_tr_tl=en",
        news_link(TARGET.encode()),
        news_link(TARGET.encode(), head=b'\x08\x02"'),
        news_link(TARGET.encode()).replace("/rss/", "/__i/rss/rd/"),
        news_link(f"{TARGET}&utm_content={'a' * 120}".encode()),
    ],
)
def test_a_link_that_carries_its_target_is_the_target(link: str) -> None:
    assert canonical_url(link) == TARGET


@pytest.mark.parametrize(
    "link",
    [
        f"https://unknown.example/?url={CODED}",
        f"https://unknown.example/url?q={CODED}",
        f"https://google.evil.example/url?q={CODED}",
        f"https://www.google.com/search?q={CODED}",
        f"https://www.facebook.com/sharer/sharer.php?u={CODED}",
        f"https://x.com/intent/tweet?url={CODED}",
        "https://www.google.com/url?q=javascript:alert(1)",
        "https://www.google.com/url?q=refinery",
        "https://www.google.com/url?q=https://user@news.example/",
        "https://www.google.com/url?q=https://[::1/",
        "https://feedproxy.google.com/~r/gazette/~3/x1y2/",
        "https://t.co/AbCdEf",
        news_link(b"AU_yqLOpaqueIdentifier"),
        news_link(b"ftp://news.example/x"),
        news_link(b"https://news.example/\xff"),
        news_link(TARGET.encode(), head=b"\x09\x13\x22"),
        "https://news.google.com/rss/articles/CBMi",
        "https://news.google.com/rss/articles/CBMi_z8",
        f"https://www.bing.com/ck/a?u=a1{'A' * 9}",
        "https://web.archive.org/web/2026*/news.example",
        "https://urldefense.com/v3/__news.example__;!!",
    ],
)
def test_a_link_without_a_readable_target_stays_what_it_is(link: str) -> None:
    host = link.removeprefix("https://").removeprefix("www.").partition("/")[0]
    assert (canonical_url(link) or "").startswith(f"https://{host}/")


def test_proofpoints_replaced_letters_are_put_back() -> None:
    letters = urlsafe_b64encode("üşi".encode()).decode().rstrip("=")
    link = f"https://urldefense.com/v3/__https://news.example/*a**A__;{letters}!!Ab!c$"
    assert canonical_url(link) == canonical_url("https://news.example/üaşi")


def test_links_within_links_are_followed() -> None:
    link = TARGET
    for _ in range(4):
        link = f"https://www.google.com/url?q={quote(link, safe='')}"
    assert canonical_url(link) == TARGET


def test_what_is_wrapped_too_deep_stays_as_it_came() -> None:
    link = TARGET
    for _ in range(9):
        link = f"https://l.facebook.com/?u={quote(link, safe='')}"
    canonical = canonical_url(link) or ""
    assert canonical.startswith("https://l.facebook.com/")
    assert canonical_url(canonical) == canonical


def test_a_short_video_link_is_the_video() -> None:
    video = canonical_url("https://www.youtube.com/watch?v=a1B2c3D4e5F&feature=share")
    assert canonical_url("https://youtu.be/a1B2c3D4e5F?si=x") == video


@given(st.binary(max_size=160), st.binary(max_size=6))
def test_no_bytes_in_a_news_link_are_an_error(address: bytes, head: bytes) -> None:
    canonical = canonical_url(news_link(address, head=head))
    assert canonical is not None
    assert canonical_url(canonical) == canonical


@given(
    st.sampled_from(
        [
            "https://google.com/url?q=",
            "https://google.com/amp/",
            "https://cdn.ampproject.org/c/s/",
            "https://urldefense.com/v3/__",
            "https://urldefense.proofpoint.com/v2/url?u=",
            "https://href.li/?",
            "https://web.archive.org/web/2026/",
            "https://r.search.yahoo.com/RU=",
            "https://a-b.translate.goog/",
            "https://www-x.turbopages.org/",
            "https://bing.com/ck/a?u=a1",
            "https://youtu.be/",
        ]
    ),
    st.lists(
        st.sampled_from(
            [
                "https://",
                "https%3A%2F%2F",
                "http:/",
                "google.com/url?q=",
                "x.example",
                "/",
                "//",
                "..",
                "amp",
                "s",
                ".amp",
                "__;",
                "*",
                "**A",
                "!!",
                "?",
                "&",
                "=",
                "#!",
                "-",
                "_",
                "%",
                "%2F",
                "index.html",
                ":",
                "1-2-3",
            ]
        ),
        max_size=12,
    ),
)
def test_canonical_of_a_carried_canonical_is_itself(start: str, parts: list[str]) -> None:
    canonical = canonical_url(start + "".join(parts))
    assert canonical is None or canonical_url(canonical) == canonical
