"""HTML as Telegram reads it: what becomes of tags, and the wording of each refusal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.botapi.markup import parse_html
from bot.demo.botapi.refusals import Refusal

FRAGMENTS = st.lists(
    st.sampled_from(["<b>", "</b>", "<a href='http://e.org'>", "</a>", "&lt;", "&#x41;", "&nbsp;", "<", ">", "🔔", "ı", '"', " ", "\0"])
    | st.text(max_size=4),
    max_size=12,
)  # fmt: skip


def marked(html: str) -> tuple[str, list[tuple[str, str]]]:
    formatted = parse_html(html)
    return formatted.text, [(e.type, e.text_in(formatted.text)) for e in formatted.entities]


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("a <b>b</b> c", "a b c", [("bold", "b")]),
        ("<STRONG>b</strong>", "b", [("bold", "b")]),
        ("<i>a</><u>b</u>", "ab", [("italic", "a"), ("underline", "b")]),
        ("<b></b>x", "x", []),
        ("🔔<s>ğ</s>", "🔔ğ", [("strikethrough", "ğ")]),
        ("<span class='tg-spoiler'>s</span>", "s", [("spoiler", "s")]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", "q")]),
        ("<pre><code class='language-py'>x</code></pre>", "x", [("pre", "x")]),
        ("<a href='http://e.org/?a=1&amp;b=2'>t</a>", "t", [("text_link", "t")]),
        ("<a href='tg://user?id=5'>t</a>", "t", [("text_mention", "t")]),
        ("<a href='javascript:x'>t</a>", "t", []),
        ("&lt;&gt;&amp;&quot;&#65;&#x42;", '<>&"AB', []),
        ("&nbsp;&apos;&mdash; AT&T", "&nbsp;&apos;&mdash; AT&T", []),
        ("<tg-time unix=86400 format='Dt'>x</tg-time>", "x", [("date_time", "x")]),
    ],
)
def test_html_becomes_text_and_entities(html: str, text: str, entities: list[tuple[str, str]]) -> None:
    assert marked(html) == (text, entities)


def test_references_in_an_address_are_decoded() -> None:
    (link,) = parse_html("<a href='http://e.org/?a=1&amp;b=2'>t</a>").entities
    assert link.url == "http://e.org/?a=1&b=2"


def test_code_within_pre_gives_the_language() -> None:
    (block,) = parse_html("<pre><code class='language-py'>x</code></pre>").entities
    assert block.language == "py"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("a<br>b", 'Unsupported start tag "br" at byte offset 1'),
        ("ğ<p>b", 'Unsupported start tag "p" at byte offset 2'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<a href=x/y>t</a>", "Unexpected end of name token at byte offset 8"),
        ("<a href='x>t</a>", "Unclosed start tag at byte offset 0"),
        ("<a =x>t</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href", 'Unclosed start tag "a" at byte offset 0'),
        ("<span>t</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji emoji-id='x'>t</tg-emoji>", "Invalid custom emoji identifier specified"),
        (
            "&#xd800;x",
            (
                "Text contains invalid Unicode characters after decoding HTML entities,"
                " check for unmatched surrogate code units"
            ),
        ),
    ],
)
def test_bad_html_is_refused_in_telegrams_words(html: str, expected: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_html(html)
    assert refused.value.description == f"Bad Request: can't parse entities: {expected}"


@given(pieces=FRAGMENTS)
def test_any_html_is_refused_or_gives_entities_that_cover_text(pieces: list[str]) -> None:
    try:
        formatted = parse_html("".join(pieces))
    except Refusal:
        return
    assert all(e.text_in(formatted.text) for e in formatted.entities)


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert parse_html(escaped).text == text
