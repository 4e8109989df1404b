"""What a rules file says, as frozen values: the language between the loader and the engine.

The loader has checked all of it, so that every entity named by a term exists, and no entity contains itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from bot.models import Feed, MessagePart, OnTopicClosed, OnUncertain


class TermKind(StrEnum):
    """How a term is held against a text."""

    PHRASE = "phrase"
    EXACT = "exact"
    PREFIX = "prefix"
    REGEX = "regex"
    ENTITY = "entity"


class Scope(StrEnum):
    """How close together the hits of a group must stand; a title is a sentence and a paragraph of its own."""

    SENTENCE = "sentence"
    PARAGRAPH = "paragraph"
    TITLE = "title"
    ARTICLE = "article"


class Priority(StrEnum):
    """Who goes first, and who makes no sound."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term; `text` is what follows the mark (`=`, `re:`, `$`) or precedes the `*`.

    With `title` only hits in the title count.
    """

    kind: TermKind
    text: str
    title: bool = False

    def __str__(self) -> str:
        match self.kind:
            case TermKind.PHRASE:
                bare = self.text
            case TermKind.EXACT:
                bare = f"={self.text}"
            case TermKind.PREFIX:
                bare = f"{self.text}*"
            case TermKind.REGEX:
                bare = f"re:{self.text}"
            case TermKind.ENTITY:
                bare = f"${self.text}"
        return f"title:{bare}" if self.title else bare


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A name of an entity; with `languages` (ISO 639-1) it counts in articles of those or of no known language."""

    term: Term
    languages: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requires:
    """Context that a hit needs: a hit of one of `any`, with at most `near` words between (None: anywhere)."""

    any: tuple[Term, ...]
    near: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A person, place, company or thing under all its names.

    `country` is an ISO 3166 code whose names in every language count as aliases. A hit that overlaps a hit of an
    `unless` term does not count, nor does one without the context of `requires`. With `cased` a hit must start
    with a capital where its script has case.
    """

    name: str
    aliases: tuple[Alias, ...] = ()
    country: str | None = None
    unless: tuple[Term, ...] = ()
    requires: Requires | None = None
    cased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of a group's list: a term or a group, and what it adds to the group's `threshold`."""

    of: Term | Group
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A condition: each of `all`, enough of `any`, nothing of `none`.

    Enough of `any` is `at_least` different items (1 where both it and `threshold` are None), and items whose
    weights come to `threshold`; items that fold to the same text are one. `near` is the greatest number of
    words between the hits that satisfy `all` and `any` together; `scope` the part of the article that must hold
    them all. `none` looks at the whole article, whatever `near` and `scope` say.
    """

    any: tuple[Item, ...] = ()
    all: tuple[Item, ...] = ()
    none: tuple[Item, ...] = ()
    at_least: int | None = None
    threshold: float | None = None
    near: int | None = None
    scope: Scope | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What rings, where it may, and how the alert is to behave.

    `languages` (ISO 639-1), `feeds` (names or URLs of feeds) and `tags` restrict the articles that are looked
    at; empty ones restrict nothing. `min_sources` independent sources must tell the story first. After an alert
    of the rule in a chat, later stories wait for `cooldown` and come as one message. `cap` is how many stories an
    hour it may ring with; the rest waits and comes as one message too.
    """

    id: str
    title: str
    when: Group
    languages: frozenset[str] = frozenset()
    feeds: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    min_sources: int = 1
    priority: Priority = Priority.NORMAL
    cooldown: timedelta | None = None
    cap: int = 100


USUAL_TEMPLATE: Final = tuple(MessagePart)
"""What an alert shows, from top to bottom, where its channel does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A chat and the rules that it follows; `chat` is "@name" or a decimal id, `rules` all their ids in file order.

    An alert that has waited for `expires` becomes a line of a digest; beyond `cap` alerts an hour the rest comes as
    one message. `silent` ones make no sound, `previews` shows pictures of the pages, `template` is what an alert
    shows.
    """

    chat: str
    rules: tuple[str, ...]
    thread: int | None = None
    on_uncertain: OnUncertain = OnUncertain.RESEND
    on_topic_closed: OnTopicClosed = OnTopicClosed.GENERAL
    expires: timedelta = timedelta(hours=24)
    cap: int = 100
    silent: bool = False
    previews: bool = True
    template: tuple[MessagePart, ...] = USUAL_TEMPLATE


@dataclass(frozen=True, slots=True, kw_only=True)
class TestArticle:
    """An article of a test; `after` is its time from the first one, `feed` and `tags` are those of its feed."""

    __test__ = False  # no test of pytest's

    title: str = ""
    summary: str = ""
    content: str = ""
    language: str | None = None
    url: str | None = None
    feed: str | None = None
    tags: tuple[str, ...] = ()
    after: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTest:
    """Articles, and what must come of them; it stands at `file`, `line` and `column`.

    For one article `expect` holds exactly the rules that must ring (None: whatever does), `expect_not` those
    that must not. For a sequence, `alerts` holds for each alert that must come of it, in order, the rules that
    it names.
    """

    articles: tuple[TestArticle, ...]
    expect: tuple[str, ...] | None = None
    expect_not: tuple[str, ...] = ()
    alerts: tuple[tuple[str, ...], ...] | None = None
    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What holds where a feed or channel says nothing.

    While further sources tell a story its message is edited at most `edits` times, first after `edit_after`.
    At least `development_after` lies between two developments of a story, which has ended after `story_ends_after`
    of silence. Without `fold_events` a story is only what has one address, id or text.
    """

    max_age: timedelta = timedelta(hours=24)
    first_poll: int = 3
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    keep: timedelta = timedelta(days=90)
    edits: int = 3
    edit_after: timedelta = timedelta(seconds=60)
    development_after: timedelta = timedelta(hours=1)
    story_ends_after: timedelta = timedelta(hours=72)
    fold_events: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """A whole rules file, with all that it includes; `files` are those that it was read from.

    `operators` is the chat that hears of the bot's own conditions, `audit` the one to which messages are forwarded
    to find out whether they arrived.
    """

    defaults: Defaults = field(default_factory=Defaults)
    feeds: tuple[Feed, ...] = ()
    entities: tuple[Entity, ...] = ()
    rules: tuple[Rule, ...] = ()
    channels: tuple[Channel, ...] = ()
    tests: tuple[RuleTest, ...] = ()
    operators: str | None = None
    audit: str | None = None
    files: tuple[Path, ...] = ()
