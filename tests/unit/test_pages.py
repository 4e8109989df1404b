"""A page of the web as an article."""

from __future__ import annotations

import pytest

from bot.models import Article
from bot.pages import read_page

LONG = "The harbour office said on Monday that the new pier will open in spring, a year late. "


def page(body: str, *, head: str = "<title>Harbour News</title>", html: str = "<html>") -> str:
    return f"<!doctype html>{html}<head>{head}</head><body>{body}</body></html>"


def read(text: str | bytes, *, content_type: str | None = "text/html; charset=utf-8") -> Article:
    body = text.encode() if isinstance(text, str) else text
    return read_page(body, content_type=content_type, url="https://harbour.example/1?utm_source=x")


def test_the_title_that_the_page_gives_to_others_goes_first() -> None:
    head = '<title>Pier – Harbour News</title><meta property="og:title" content="Pier &amp; port">'
    assert read(page("<h1>A pier</h1>", head=head)).title == "Pier & port"


def test_the_heading_goes_before_the_title_of_the_window() -> None:
    assert read(page("<h1>A <em>pier</em></h1>")).title == "A pier"


def test_the_title_of_the_window_is_better_than_none() -> None:
    assert read(page("<p>text</p>")).title == "Harbour News"


def test_the_description_is_the_summary() -> None:
    assert (
        read(page("", head='<meta name="description" content="It opens late.">')).summary == "It opens late."
    )


def test_the_part_with_most_text_is_the_content() -> None:
    body = f"<div><p>Log in</p></div><div id=story><p>{LONG}</p><p>{LONG * 2}</p></div><div><p>Contact us</p></div>"
    assert read(page(body)).content == f"{LONG.strip()}\n{(LONG * 2).strip()}"


def test_links_and_navigation_are_no_content() -> None:
    links = "".join(f"<p><a href=/{n}>{LONG}</a></p>" for n in range(9))
    body = f"<nav><p>{LONG * 9}</p></nav><div>{links}</div><article><p>{LONG}</p></article>"
    assert read(page(body)).content == LONG.strip()


def test_scripts_are_no_content() -> None:
    assert read(page(f"<div><script>{LONG * 9}</script><p>{LONG}</p></div>")).content == LONG.strip()


def test_a_quotation_stands_once() -> None:
    body = f"<div><p>{LONG}</p><blockquote><p>Late, but sure.</p></blockquote><ul><li>One</li></ul></div>"
    assert read(page(body)).content == f"{LONG.strip()}\nLate, but sure.\nOne"


def test_a_page_without_paragraphs_is_read_whole() -> None:
    assert read(page("<div>A pier.</div><div>A port.</div>")).content == "A pier.\nA port."


def test_the_language_is_what_the_page_says() -> None:
    assert read(page(f"<p>{LONG}</p>", html='<html lang="tr-TR">')).language == "tr"


def test_without_a_word_of_the_page_the_language_is_detected() -> None:
    assert read(page("<div><p>中国收紧稀土出口管制，全球汽车制造商担心供应。</p></div>")).language == "zh"


def test_the_address_is_canonical() -> None:
    assert read(page("")).canonical_url == "https://harbour.example/1"


def test_the_address_is_the_one_that_the_page_calls_canonical() -> None:
    head = '<link rel="alternate CANONICAL" href="/2026/pier"><link rel=canonical>'
    assert read(page("", head=head)).canonical_url == "https://harbour.example/2026/pier"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<link rel=canonical href="https://other.example/2026/pier">', ""),
        ("", '<link rel=canonical href="/2026/pier">'),
        ('<link rel=alternate href="/2026/pier">', ""),
    ],
)
def test_an_address_that_the_page_may_not_name_is_ignored(head: str, body: str) -> None:
    assert read(page(f"<p>{LONG}</p>{body}", head=head)).canonical_url == "https://harbour.example/1"


@pytest.mark.parametrize(
    ("encoding", "content_type", "declared"),
    [
        ("windows-1251", "text/html; charset=windows-1251", ""),
        ("windows-1251", "text/html", "<meta charset=windows-1251>"),
        ("koi8-r", None, '<meta http-equiv=content-type content="text/html; charset=KOI8-R">'),
        ("utf-8", "text/html; charset=none-such", ""),
        ("utf-8-sig", "text/html; charset=windows-1251", ""),
    ],
)
def test_the_encoding_is_found(encoding: str, content_type: str | None, declared: str) -> None:
    text = page("<h1>Причал</h1>", head=declared)
    assert read(text.encode(encoding), content_type=content_type).title == "Причал"


@pytest.mark.parametrize(
    "body", [b"", b"\x00\xff" * 99, b"<", b"<p" * 10_000, "plain words".encode("utf-16")]
)
def test_what_is_no_page_does_no_harm(body: bytes) -> None:
    assert read(body).summary == ""


def test_depth_does_no_harm() -> None:
    assert "deep" in read(page("<div>" * 20_000 + f"<p>deep {LONG}</p>")).content
