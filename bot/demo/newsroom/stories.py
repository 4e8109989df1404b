"""The entries of all outlets, with what they must and must not ring, read from the files of texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from bot.demo.newsroom.outlets import OUTLETS, Outlet

LANGUAGES: Final = ("en", "tr", "ru", "zh", "ar")

_UNDATED: Final = "undated"
_OFFSET: Final = re.compile(r"([+-])([0-9]+)([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Silence(StrEnum):
    """Why an entry on which a rule rings is told to no chat."""

    OLD = "old"
    """Older than max_age when it is first seen."""
    UNDATED = "undated"
    """Undated on the feed's first poll."""
    BEYOND = "beyond"
    """Not among the newest of the feed's first poll."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A new title under the old id, at a time from the start."""

    at: timedelta
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One entry of one outlet.

    `published` is its date, from the newsroom's start: negative for what stood there before, None for what
    has no date. `summary` and `content` are HTML. `rings` are the rules that it must ring, in the order of
    the rules file. `tells` is the id of the piece that began the story which it joins, if another did, and
    `develops` says that it carries that story on. `says` stands only in what this piece has to say, where others
    bear its title.
    """

    outlet: Outlet
    id: str
    link: str
    published: timedelta | None
    title: str
    summary: str
    content: str = ""
    rings: tuple[str, ...] = ()
    silent: Silence | None = None
    tells: str | None = None
    develops: bool = False
    says: str = ""
    edit: Edit | None = None

    @property
    def breaks_at(self) -> timedelta:
        """When it can first be read, from the newsroom's start."""
        return max(self.published or timedelta(), timedelta())


@cache
def pieces() -> tuple[Piece, ...]:
    """Every entry, in the order of the files."""
    outlets = {outlet.slug: outlet for outlet in OUTLETS}
    folder = files("bot.demo.newsroom") / "texts"
    told: list[Piece] = []
    for language in LANGUAGES:
        document = yaml.safe_load((folder / f"{language}.yaml").read_text(encoding="utf-8"))
        told += [_piece(outlets[slug], entry) for slug, entries in document.items() for entry in entries]
    return tuple(told)


def _piece(outlet: Outlet, entry: Mapping[str, Any]) -> Piece:
    edit = entry.get("edited")
    return Piece(
        outlet=outlet,
        id=str(entry["id"]),
        link=entry.get("link", f"{outlet.site}{entry['id']}"),
        published=None if entry["when"] == _UNDATED else _offset(entry["when"]),
        title=entry["title"],
        summary=entry["summary"],
        content=entry.get("content", ""),
        rings=tuple(entry.get("rings", ())),
        silent=Silence(entry["silent"]) if "silent" in entry else None,
        tells=entry.get("tells"),
        develops=entry.get("develops", False),
        says=entry.get("says", ""),
        edit=Edit(at=_offset(edit["when"]), title=edit["title"]) if edit else None,
    )


def _offset(text: str) -> timedelta:
    """A time from the start such as +4s or -5m; raises ValueError for any other text."""
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no time from the start; write one such as +4s, -5m, -30h or -2d")
    sign, number, unit = match.groups()
    offset = timedelta(**{_UNITS[unit]: int(number)})
    return -offset if sign == "-" else offset
