"""What a rules file says, as frozen values: the language between the loader and the engine.

The loader has checked all of it, so that every entity named by a term exists, and no entity contains itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.models import Feed


class TermKind(StrEnum):
    """How a term is held against a text."""

    PHRASE = "phrase"
    EXACT = "exact"
    PREFIX = "prefix"
    REGEX = "regex"
    ENTITY = "entity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term; `text` is what follows the mark (`=`, `re:`, `$`) or precedes the `*`."""

    kind: TermKind
    text: str

    def __str__(self) -> str:
        match self.kind:
            case TermKind.PHRASE:
                return self.text
            case TermKind.EXACT:
                return f"={self.text}"
            case TermKind.PREFIX:
                return f"{self.text}*"
            case TermKind.REGEX:
                return f"re:{self.text}"
            case TermKind.ENTITY:
                return f"${self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A person, place, company or thing under all its names.

    `country` is an ISO 3166 code whose names in every language count as aliases.
    A hit that lies within a hit of an `unless` term does not count.
    """

    name: str
    aliases: tuple[Term, ...] = ()
    country: str | None = None
    unless: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What rings: one of `any`, each of `all`, nothing of `none`.

    `near` is the greatest number of words between the hits of `all` (and of one of `any`, where both stand).
    """

    id: str
    title: str
    any: tuple[Term, ...] = ()
    all: tuple[Term, ...] = ()
    none: tuple[Term, ...] = ()
    near: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A chat and the rules that it follows; `chat` is "@name" or a decimal id, `rules` all their ids in file order."""

    chat: str
    rules: tuple[str, ...]
    thread: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTest:
    """A text and the ids of exactly those rules that must ring on it; `line` and `column` are where it stands."""

    text: str
    expect: tuple[str, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What holds where a feed or channel says nothing."""

    max_age: timedelta = timedelta(hours=24)
    first_poll: int = 3
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    keep: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """A whole rules file."""

    defaults: Defaults = field(default_factory=Defaults)
    feeds: tuple[Feed, ...] = ()
    entities: tuple[Entity, ...] = ()
    rules: tuple[Rule, ...] = ()
    channels: tuple[Channel, ...] = ()
    tests: tuple[RuleTest, ...] = ()
