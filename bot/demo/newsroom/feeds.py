"""Editions as the bytes of RSS 2.0, RSS 1.0 (RDF), Atom 1.0 and JSON Feed 1.1."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from bot.demo.newsroom.outlets import Format, Outlet
from bot.demo.newsroom.timeline import Edition, Item

_MEDIA_TYPES: Final = {
    Format.RSS: "application/rss+xml",
    Format.RDF: "application/rdf+xml",
    Format.ATOM: "application/atom+xml",
    Format.JSON: "application/feed+json",
}
_CONTENT: Final = "http://purl.org/rss/1.0/modules/content/"
_DUBLIN_CORE: Final = "http://purl.org/dc/elements/1.1/"
_ATOM: Final = "http://www.w3.org/2005/Atom"

WEB_PAGE: Final = (
    b"<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8><title>Parked Gazette</title></head>\n"
    b"<body><h1>This domain is resting</h1><p>The newspaper has moved out. The kettle is still warm.</p>\n"
    b"</body></html>\n"
)


def content_type(outlet: Outlet) -> str:
    """The Content-Type under which an outlet serves its feed."""
    media_type = _MEDIA_TYPES[outlet.format]
    return f"{media_type}; charset={outlet.charset}" if outlet.charset_in_header else media_type


def render(edition: Edition) -> bytes:
    """The document of an edition, in the outlet's format and encoding, and as malformed as the outlet is."""
    match edition.outlet.format:
        case Format.RSS:
            document = _document(_rss(edition), edition.outlet)
        case Format.RDF:
            document = _document(_rdf(edition), edition.outlet)
        case Format.ATOM:
            document = _document(_atom(edition), edition.outlet)
        case Format.JSON:
            document = _json(edition)
    return _damaged(document) if edition.outlet.malformed else document


def _document(root: Element, outlet: Outlet) -> bytes:
    indent(root)
    return bytes(tostring(root, encoding=outlet.charset, xml_declaration=True))


def _damaged(document: bytes) -> bytes:
    """The document as careless templates write it: bare ampersands, and a tag in the head never closed."""
    return document.replace(b"&amp;", b"&").replace(b"</language>", b"", 1)


def _rss(edition: Edition) -> Element:
    root = Element("rss", {"version": "2.0", "xmlns:content": _CONTENT})
    channel = SubElement(root, "channel")
    _add(channel, "title", edition.outlet.name)
    _add(channel, "link", edition.outlet.site)
    _add(channel, "description", f"All that is new at {edition.outlet.name}")
    _add(channel, "language", edition.outlet.language)
    for item in edition.items:
        entry = SubElement(channel, "item")
        _add(entry, "title", item.title)
        _add(entry, "link", item.link)
        _add(entry, "guid", _global_id(edition.outlet, item), {"isPermaLink": "false"})
        _add(entry, "description", item.summary)
        _add(entry, "content:encoded", item.content)
        _add(entry, "pubDate", _mail_date(item.published))
    return root


def _rdf(edition: Edition) -> Element:
    root = Element(
        "rdf:RDF",
        {
            "xmlns": "http://purl.org/rss/1.0/",
            "xmlns:rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
            "xmlns:dc": _DUBLIN_CORE,
            "xmlns:content": _CONTENT,
        },
    )
    channel = SubElement(root, "channel", {"rdf:about": edition.outlet.site})
    _add(channel, "title", edition.outlet.name)
    _add(channel, "link", edition.outlet.site)
    _add(channel, "description", f"All that is new at {edition.outlet.name}")
    _add(channel, "dc:language", edition.outlet.language)
    contents = SubElement(SubElement(channel, "items"), "rdf:Seq")
    for item in edition.items:
        SubElement(contents, "rdf:li", {"rdf:resource": item.link})
        entry = SubElement(root, "item", {"rdf:about": item.link})
        _add(entry, "title", item.title)
        _add(entry, "link", item.link)
        _add(entry, "description", item.summary)
        _add(entry, "content:encoded", item.content)
        _add(entry, "dc:date", _internet_date(item.published))
    return root


def _atom(edition: Edition) -> Element:
    root = Element("feed", {"xmlns": _ATOM, "xml:lang": edition.outlet.language})
    _add(root, "id", edition.outlet.site)
    _add(root, "title", edition.outlet.name)
    _add(root, "updated", _internet_date(edition.changed))
    SubElement(root, "link", {"rel": "alternate", "href": edition.outlet.site})
    _add(SubElement(root, "author"), "name", edition.outlet.name)
    for item in edition.items:
        entry = SubElement(root, "entry")
        _add(entry, "id", _global_id(edition.outlet, item))
        _add(entry, "title", item.title)
        SubElement(entry, "link", {"rel": "alternate", "href": item.link})
        _add(entry, "published", _internet_date(item.published))
        _add(entry, "updated", _internet_date(item.updated or item.published))
        _add(entry, "summary", item.summary, {"type": "html"})
        _add(entry, "content", item.content, {"type": "html"})
    return root


def _json(edition: Edition) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": edition.outlet.name,
        "home_page_url": edition.outlet.site,
        "language": edition.outlet.language,
        "items": [_json_item(edition.outlet, item) for item in edition.items],
    }
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def _json_item(outlet: Outlet, item: Item) -> dict[str, str]:
    members = {
        "id": _global_id(outlet, item),
        "url": item.link,
        "title": item.title,
        "summary": item.summary if item.content else "",
        "content_html": item.content or f"<p>{item.summary}</p>",
        "date_published": _internet_date(item.published),
        "date_modified": _internet_date(item.updated),
    }
    return {name: value for name, value in members.items() if value}


def _add(parent: Element, name: str, text: str, attributes: Mapping[str, str] | None = None) -> None:
    """Append an element with a text; nothing where there is no text."""
    if text:
        SubElement(parent, name, dict(attributes or {})).text = text


def _global_id(outlet: Outlet, item: Item) -> str:
    return f"{outlet.slug}:{item.id}"


def _mail_date(moment: datetime | None) -> str:
    """RFC 5322, as RSS 2.0 has it, in whole seconds."""
    return format_datetime(moment.astimezone(UTC), usegmt=True) if moment else ""


def _internet_date(moment: datetime | None) -> str:
    """RFC 3339 in whole seconds."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat() if moment else ""
