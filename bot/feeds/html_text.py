"""HTML, or text that may be HTML, to plain text.

One scan from left to right without a tree, so that neither depth nor size can hurt: the parser of the
standard library is quadratic on hostile input before Python 3.13.6 and 3.11.14, and text needs no tree.
"""

from __future__ import annotations

import html
import re
from typing import Final

_BLOCK_NAMES: Final = """
    address article aside blockquote br center dd details dialog dir div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol optgroup option p pre section summary
    table tbody tfoot thead tr ul
"""
"""Elements that begin a new line, as the rendering section of the HTML standard has them."""

_INLINE_NAMES: Final = """
    a abbr acronym applet area audio b base basefont bdi bdo big body button canvas caption cite code col colgroup
    data datalist del dfn em embed font frame frameset head html i img input ins kbd label link map mark marquee
    math meta meter nobr noindex object output param picture progress q rp rt ruby s samp slot small source span
    strike strong sub sup time track tt u var video wbr
"""

_UNREAD_NAMES: Final = "iframe noembed noframes noscript script select style svg template textarea title xmp"
"""Elements whose content no reader sees, or sees only apart from the text."""

_BLOCKS: Final = frozenset(_BLOCK_NAMES.split())
_CELLS: Final = frozenset({"td", "th"})
_UNREAD: Final = frozenset(_UNREAD_NAMES.split())
_KNOWN: Final = _BLOCKS | _CELLS | _UNREAD | frozenset(_INLINE_NAMES.split())

_NAME: Final = r"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]*)"
_TAG: Final = re.compile(_NAME + r"""(?P<rest>[\s/](?:[^<>"']|"[^"]*"|'[^']*')*+)?>""")
_PLAIN_TAG: Final = re.compile(_NAME + r"(?P<rest>[\s/][^<>]*+)?>")
_WINDOW: Final = 1_024
"""Characters in which a tag with `>` inside quotes must end, so that a row of quotes costs no square of time."""

_ESCAPED: Final = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_MARKUP: Final = re.compile(r"</([A-Za-z][A-Za-z0-9]*)\s*>|<(br)\s*/?>")

_UNWANTED: Final = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls
    "\xad\u200b\u2060\ufeff"  # invisible, and in the way of every search
    "\u202a-\u202e\u2066-\u2069"  # overrides of the direction of text
    "\ufdd0-\ufdef\ufffe\uffff"  # no characters at all
    "\ud800-\udfff"  # halves of characters
    "]"
)
_MARKS: Final = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
"""Combining marks; no writing system sets more than four of these on one letter."""

_LINE_ENDS: Final = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_BLANKS: Final = re.compile(r"[^\S\n]+")
_EMPTY_LINES: Final = re.compile(r" ?\n[ \n]*")

LONGEST_INPUT: Final = 1_000_000
"""Code points of HTML that are looked at."""


def to_lines(markup: str) -> str:
    """The text of HTML as a reader sees it, one line for each block."""
    return _tidy(_twice(markup))


def to_line(markup: str) -> str:
    """The text of HTML on one line."""
    return to_lines(markup).replace("\n", " ")


def _twice(markup: str) -> str:
    """The text of HTML, and of HTML that was escaped once too often, as many generators do."""
    text = _strip(markup[:LONGEST_INPUT])
    if "<" in text and _is_markup(text):
        return _strip(text)
    return html.unescape(text) if _ESCAPED.search(text) else text


def _is_markup(text: str) -> bool:
    """Whether a text holds closing tags, all of which HTML knows: nobody writes those as text."""
    found = _MARKUP.findall(text)
    return bool(found) and all((closing or single).lower() in _KNOWN for closing, single in found)


def _strip(markup: str) -> str:
    """Drop tags, comments and what no reader sees; decode entities."""
    pieces: list[str] = []
    unclosed: set[str] = set()
    position = 0
    while True:
        start = markup.find("<", position)
        if start < 0:
            pieces.append(html.unescape(markup[position:]))
            return "".join(pieces)
        pieces.append(html.unescape(markup[position:start]))
        position, piece = _skip(markup, start, unclosed)
        pieces.append(piece)


def _skip(markup: str, start: int, unclosed: set[str]) -> tuple[int, str]:
    """Where the scan goes on behind a `<`, and what stands in the text for what was skipped.

    `unclosed` remembers the elements for whose end the rest was searched in vain.
    """
    if markup.startswith("<!--", start):
        end = markup.find("-->", start + 4)
        return (end + 3, "") if end >= 0 else (len(markup), "")
    if markup.startswith("<![CDATA[", start):
        return start + 9, ""
    if markup.startswith(("<!", "<?"), start):
        end = markup.find(">", start)
        return (end + 1, "") if end >= 0 else (len(markup), "")
    tag = _TAG.match(markup, start, start + _WINDOW) or _PLAIN_TAG.match(markup, start)
    if tag is None or not _is_tag(tag):
        return start + 1, "<"
    name = tag["name"].lower()
    if name in _UNREAD and not tag["close"] and not tag[0].endswith("/>"):
        return _behind(name, markup, tag.end(), unclosed), " "
    if name in _BLOCKS:
        return tag.end(), "\n"
    return tag.end(), " " if name in _CELLS else ""


def _is_tag(tag: re.Match[str]) -> bool:
    """Whether it is markup rather than text that happens to stand in angle brackets, as in `List<String>`."""
    name = tag["name"].lower()
    return name in _KNOWN or ":" in name or "-" in name or "=" in (tag["rest"] or "")


def _behind(name: str, markup: str, position: int, unclosed: set[str]) -> int:
    """The end of an element whose content is not read; of one that nobody closes only the tag is dropped."""
    if name not in unclosed:
        closing = re.compile(rf"</{name}\b[^>]*+>?", re.IGNORECASE).search(markup, position)
        if closing:
            return closing.end()
        unclosed.add(name)
    return position


def _tidy(text: str) -> str:
    """Lines without blanks at their ends, none of them empty, nothing invisible in them."""
    text = _LINE_ENDS.sub("\n", text)
    text = _UNWANTED.sub("", text)
    text = _MARKS.sub(r"\1", text)
    return _EMPTY_LINES.sub("\n", _BLANKS.sub(" ", text)).strip(" \n")
