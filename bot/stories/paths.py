"""One spelling for the path of an address, without the marks of layouts and of visits that publishers put in it."""

from __future__ import annotations

import re
from typing import Final

_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PLAIN: Final = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*")
_TO_QUOTE: Final = re.compile(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]|%(?![0-9A-Fa-f]{2})")

_WORK: Final = re.compile(r"//|/\.|;|amp|/index\.html?$|/$", re.IGNORECASE)
"""What a path holds where there is anything to do beyond its spelling."""

_SESSION: Final = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
"""The visit that Java servers, and PHP's, write into the path (Jakarta Servlet 6.0, 7.1.3)."""

_AMP_ENDING: Final = re.compile(r"(?<=[^.])\.amp(?=(?:\.html)?$)", re.IGNORECASE)
_STORY: Final = re.compile(r"\d|-[^-]+-")
"""What the last part of an article's path has: a number, or words joined by hyphens."""

_INDEX: Final = frozenset({"index.html", "index.htm"})
"""What every web server sends for the folder. Not `index.php` and `default.aspx`: they are programs, which may
look at the address under which they were called.
"""

_AMP_BY_SITE: Final = (
    ("indiatimes.com", re.compile(r"^(?:amp_)+(?=articleshow|liveblog|photostory|videoshow)")),
    ("spiegel.de", re.compile(r"(?<=[A-Za-z0-9])(?<!-amp)(?:-amp)+$")),
    ("manager-magazin.de", re.compile(r"(?<=[A-Za-z0-9])(?<!-amp)(?:-amp)+$")),
)
"""Publishers that mark their AMP pages in a way that is a plain word elsewhere."""


def spelt(text: str) -> str:
    """One spelling (RFC 3986, 6.2.2): upper-case escapes, none for unreserved characters, one for all others."""
    if _PLAIN.fullmatch(text):
        return text
    escaped = _TO_QUOTE.sub(lambda match: "".join(f"%{octet:02X}" for octet in match[0].encode()), text)
    return _ESCAPE.sub(_respelt, escaped)


def _respelt(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def page_path(path: str, site: str) -> str:
    """The path in one spelling, without session ids, AMP marks, `index.html`, and a slash at its end.

    Dot segments are resolved (RFC 3986, 5.2.4) and runs of slashes are one, as web servers take them by default
    (nginx, `merge_slashes`); only the two slashes of an address inside the path stay.
    """
    path = spelt(path)
    if not _WORK.search(path):
        return path or "/"
    segments = _resolved(_SESSION.sub("", path))
    if not site.startswith("google.") and site != "bing.com":  # there /amp/ leads to another site's page
        segments = _without_amp(segments, site)
    elif segments and segments[-1].lower() in _INDEX:
        segments = _resolved("/".join(segments[:-1]))
    return "/" + "/".join(segments)


def _resolved(path: str) -> list[str]:
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            if kept:
                kept.pop()
        elif segment == ".":
            continue
        elif segment or (kept and kept[-1].endswith(":")):
            kept.append(segment)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _without_amp(segments: list[str], site: str) -> list[str]:
    """Without the segments and endings that make an article's address that of its AMP page, or its folder's."""
    mark = next((mark for host, mark in _AMP_BY_SITE if f".{site}".endswith(f".{host}")), None)
    segments = list(segments)
    while segments:
        last = segments[-1]
        if not last or last.lower() in _INDEX or (len(segments) > 1 and last.lower() == "amp"):
            segments.pop()
            continue
        segments[-1] = _AMP_ENDING.sub("", mark.sub("", last) if mark else last)
        if segments[-1] == last:
            break
    if segments and _STORY.search(segments[-1]):
        segments = [segment for segment in segments[:-1] if segment.lower() != "amp"] + segments[-1:]
    return [mark.sub("", segment) for segment in segments] if mark else segments
