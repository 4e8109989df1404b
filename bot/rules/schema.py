"""The structure of a rules file: which keys there are, which must be there, and what each holds.

The readers behind `bot.rules.values` judge single values, pydantic the structure around them. What one part
says about another is the business of `bot.rules.references`, `bot.rules.channels` and `bot.rules.feasibility`. The
docstrings of sections and keys become the descriptions of the JSON Schema, which editors show. The sections of tests
are in `bot.rules.schema_tests`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Final

from pydantic import ConfigDict, Discriminator, Field, Tag

from bot.models import MessagePart, OnTopicClosed, OnUncertain
from bot.rules import patterns
from bot.rules.definitions import USUAL_TEMPLATE, Priority
from bot.rules.findings import Mistake
from bot.rules.schema_tests import TestSection
from bot.rules.section import Section
from bot.rules.values import (
    Amount,
    Chat,
    Count,
    Country,
    Duration,
    EditDelay,
    Edits,
    Expiry,
    FilePath,
    Flag,
    Language,
    LanguageCode,
    Name,
    OnePriority,
    OneScope,
    OneTerm,
    Positive,
    Rank,
    RuleId,
    RulesOfChannel,
    Silence,
    Template,
    Terms,
    Text,
    Texts,
    Thread,
    TimeZone,
    Url,
    Version,
    WhenTopicClosed,
    WhenUncertain,
)
from bot.rules.yaml_nodes import ScalarNode

TERM: Final = "\0term"
WEIGHTED: Final = "\0weighted"
GROUP: Final = "\0group"
LIST: Final = "\0list"
BY_LANGUAGE: Final = "\0by language"
TAGS: Final = frozenset({TERM, WEIGHTED, GROUP, LIST, BY_LANGUAGE})
"""What pydantic puts into a location where a value may be of several kinds; no key can hold a NUL."""


def _kind_of_item(value: object) -> str | None:
    """What an item is meant to be, even where it is wrong, so that the right keys are offered for it."""
    if isinstance(value, ScalarNode):
        return TERM
    if not isinstance(value, dict):
        return None
    if value.keys() & {"any", "all", "none"}:
        return GROUP
    if value.keys() & {"term", "weight"}:
        return WEIGHTED
    holds_items = any(isinstance(inner, list) for inner in value.values())
    return GROUP if holds_items or value.keys() & GroupSection.model_fields.keys() else None


def _kind_of_aliases(value: object) -> str:
    return BY_LANGUAGE if isinstance(value, dict) else LIST


Items = Annotated[
    list[
        Annotated[
            Annotated[OneTerm, Tag(TERM)]
            | Annotated["WeightedSection", Tag(WEIGHTED)]
            | Annotated["GroupSection", Tag(GROUP)],
            Discriminator(_kind_of_item),
        ]
    ],
    Field(min_length=1),
]
Aliases = Annotated[
    Annotated[Terms, Tag(LIST)] | Annotated[dict[LanguageCode, Terms], Field(min_length=1), Tag(BY_LANGUAGE)],
    Discriminator(_kind_of_aliases),
]


class DefaultsSection(Section):
    """What holds where a feed or channel says nothing."""

    # What is None here stays as bot.rules.definitions.Defaults has it.
    max_age: Duration | None = None
    """Articles published longer ago are stored, but nobody is told of them; without it 24h."""
    first_poll: Count | None = None
    """How many of the newest articles may be told when a feed is polled for the first time; without it 3."""
    timezone: TimeZone | None = None
    """The time zone of messages, an IANA name such as Europe/Istanbul; without it UTC."""
    keep: Duration | None = None
    """How long articles, stories and finished deliveries stay in the database; without it 90d."""
    edits: Edits | None = None
    """How often a message is edited while further sources tell its story; without it 3, and 0 is never."""
    edit_after: EditDelay | None = None
    """The time from a message to its first edit, 1s to 1d; later ones are further apart; without it 60s."""
    development_after: Duration | None = None
    """The least time from one development of a story to the next, which answers its message; without it 1h."""
    story_ends_after: Silence | None = None
    """The silence after which a story has ended, 1h to 14d; what comes later is a new story; without it 72h."""
    fold_events: Flag | None = None
    """Whether articles that tell one event in other words or languages are one story; without it true."""


class FeedSection(Section):
    """Where news comes from: a feed of RSS, RDF, Atom or JSON Feed."""

    url: Url
    """The address, which is also the feed's identity: another address is another feed."""
    name: Text | None = None
    """What messages call the feed; without it the feed's own title."""
    language: Language | None = None
    """The language of its texts, such as en, tr or zh-Hant; without it detected."""
    tags: Texts = Field(default_factory=list)
    """Labels, which rules can ask for."""
    owner: Text | None = None
    """Whose feed it is: feeds of one owner are one source for `min_sources`."""
    rank: Rank | None = None
    """How much it is trusted, 1 the most and 9 the least: of the sources of a story the lowest is shown."""
    paywall: Flag = False
    """Whether its pages are closed to most readers, so that a source that is open is shown first."""
    every: Duration | None = None
    """A fixed interval between polls; without it the feed's own rhythm, from 1 minute to 1 hour."""
    cap: Positive = 100
    """With how many stories an hour it may ring; the rest comes as one message when the hour is over; without it 100."""
    allow_private: Flag = False
    """Whether this feed and its redirects may lead to a private or loopback address."""


class RequiresSection(Section):
    """Context without which a hit does not count."""

    any: Terms
    """Terms one of which must be there."""
    near: Count | None = None
    """With at most so many words between it and the hit; without it anywhere in the article."""


class EntitySection(Section):
    """A person, place, company or thing under all its names; it needs `aliases` or a `country`."""

    model_config = ConfigDict(json_schema_extra=patterns.ENTITY)

    country: Country | None = None
    """The two capital letters of ISO 3166; the country's names in every language count as aliases."""
    aliases: Aliases = Field(default_factory=list)
    """Names for articles of every language, or a mapping: language to names."""
    unless: Terms = Field(default_factory=list)
    """A hit of the entity that overlaps a hit of one of these does not count."""
    requires: RequiresSection | None = None
    """Context without which a hit does not count, for ambiguous names."""
    cased: Flag = False
    """Whether a hit must start with a capital where its script has case."""

    def mistakes(self) -> Iterator[Mistake]:
        """An entity without a name."""
        if not self.aliases and self.country is None:
            yield Mistake("the entity has no name to be found by", "give it `aliases` or a `country`")


class WeightedSection(Section):
    """A term with a weight of its own."""

    term: OneTerm
    weight: Amount = 1.0
    """What the term adds to the group's `threshold`; without it 1."""


class Condition(Section):
    """What a group and a rule have in common."""

    any: Items = Field(default_factory=list)
    """Items one of which must be there, or `at_least` many of them, or enough for the `threshold`."""
    all: Items = Field(default_factory=list)
    """Items each of which must be there."""
    none: Items = Field(default_factory=list)
    """Items none of which may be anywhere in the article."""
    at_least: Positive | None = None
    """How many different items of `any` must be there."""
    threshold: Amount | None = None
    """What the weights of the items of `any` that are there must come to."""
    near: Count | None = None
    """The greatest number of words between the hits of `all` and `any`."""
    scope: OneScope | None = None
    """The part of the article that must hold the hits of `all` and `any` together."""

    def mistakes(self) -> Iterator[Mistake]:
        """A condition that nothing fulfils, or that counts what is not there."""
        if not self.any and not self.all:
            yield Mistake(
                f"the {self._subject()} has nothing to ring on", "give it terms under `any` or `all`"
            )
        elif not self.any:
            for key in ("at_least", "threshold"):
                if getattr(self, key) is not None:
                    yield Mistake(
                        f"`{key}` has no `any` to count", "list terms under `any`, or remove it", key=key
                    )

    def _subject(self) -> str:
        return "group"


class GroupSection(Condition):
    """A condition within a list; it needs `any` or `all`."""

    model_config = ConfigDict(json_schema_extra=patterns.CONDITION)

    weight: Amount = 1.0
    """What the group adds to the `threshold` of the group around it; without it 1."""


class RuleSection(Condition):
    """What rings, where it may, and how the alert behaves; it needs `any` or `all`."""

    model_config = ConfigDict(json_schema_extra=patterns.CONDITION)

    id: RuleId
    """The rule's name, of a-z, 0-9 and -."""
    title: Text | None = None
    """What messages call the rule; without it the id."""
    languages: Annotated[list[LanguageCode], Field(min_length=1)] = Field(default_factory=list)
    """Only articles in these languages, by ISO 639-1, are looked at."""
    feeds: Texts = Field(default_factory=list)
    """Only articles of these feeds, by name or address, are looked at."""
    tags: Texts = Field(default_factory=list)
    """Only articles of feeds that bear one of these tags are looked at."""
    min_sources: Positive = 1
    """How many independent sources must tell the story before the rule rings; without it 1."""
    priority: OnePriority = Priority.NORMAL
    """high goes first, low makes no sound; without it normal."""
    cooldown: Duration | None = None
    """After an alert of the rule, later stories wait for so long and come as one message."""
    cap: Positive = 100
    """With how many stories an hour it may ring; the rest comes as one message when the hour is over; without it 100."""

    def _subject(self) -> str:
        return "rule"


class ChannelSection(Section):
    """A chat, or a topic of it, the rules that it follows, and how it is told."""

    model_config = ConfigDict(json_schema_extra=patterns.CHANNEL)

    # `rules` is ["all"] where the chat follows every rule.
    chat: Chat
    """The chat: @name in quotes, or a numeric id."""
    rules: RulesOfChannel
    """A list of ids of rules, or `all`."""
    thread: Thread | None = None
    """The number of a forum topic, which ends the topic's link; without it the chat itself."""
    silent: Flag = False
    """Whether its messages make no sound, whatever the priority of the rules."""
    previews: Flag = True
    """Whether an alert shows a picture of the page that its title leads to; without it true."""
    template: Template = Field(default_factory=lambda: list(USUAL_TEMPLATE))
    """The parts of an alert from top to bottom, `title` among them; without it [title, summary, why, sources, time]."""
    cap: Positive = 100
    """How many alerts an hour it gets; the rest comes as one message when the hour is over; without it 100."""
    expires: Expiry = timedelta(hours=24)
    """After so long an unsent alert is old news and becomes a line of one digest, 1m to 30d; without it 24h."""
    on_uncertain: WhenUncertain = OnUncertain.RESEND
    """Whether a message that may have arrived, and may not, is sent again or given up; without it resend."""
    on_topic_closed: WhenTopicClosed = OnTopicClosed.GENERAL
    """Where messages go while the topic is closed: to General, nowhere yet, or nowhere ever; without it general."""

    def mistakes(self) -> Iterator[Mistake]:
        """An alert without its title, and a word on a topic that there is none of."""
        if MessagePart.TITLE not in self.template:
            yield Mistake(
                "the template leaves out `title`", "add it, for readers know a story by it", key="template"
            )
        if self.thread is None and "on_topic_closed" in self.model_fields_set:
            yield Mistake(
                "`on_topic_closed` stands without a `thread`",
                "add the `thread` of the topic, or remove it",
                key="on_topic_closed",
            )


class OperatorsSection(Section):
    """Who hears of the bot's own conditions, and where it looks for messages that may have arrived."""

    chat: Chat
    """The chat: @name in quotes, or a numeric id."""
    audit: Chat | None = None
    """A chat of yours that is no channel's: messages are forwarded there to see whether they arrived, and deleted."""


class RulesFile(Section):
    """A rules file of Newsbell: what it follows, and whom it tells."""

    version: Version
    """The version of this format: 1."""
    include: Annotated[list[FilePath], Field(min_length=1)] = Field(default_factory=list)
    """Further rules files whose parts join; paths are relative to this file."""
    defaults: DefaultsSection = Field(default_factory=DefaultsSection)
    """What holds where a feed or channel says nothing."""
    feeds: list[FeedSection] = Field(default_factory=list)
    """Where the news comes from."""
    lists: dict[Name, Items] = Field(default_factory=dict)
    """Lists of terms by name, which stand wherever $name does in another list."""
    entities: dict[Name, EntitySection] = Field(default_factory=dict)
    """Persons, places, companies and things by name; a rule writes $name for any of its names."""
    rules: list[RuleSection] = Field(default_factory=list)
    """What rings."""
    channels: list[ChannelSection] = Field(default_factory=list)
    """Who is told, and of what."""
    operators: OperatorsSection | None = None
    """Who hears of the bot's own conditions, such as rules that are wrong after a change."""
    tests: list[TestSection] = Field(default_factory=list)
    """Proof that the rules do what is meant."""
