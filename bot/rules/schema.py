"""The structure of a rules file: which keys there are, which must be there, and what each holds.

The readers of `bot.rules.scalars` judge single values, pydantic the structure around them. What one part
says about another is the business of `bot.rules.references`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, model_validator

from bot.rules import scalars
from bot.rules.definitions import Term
from bot.rules.findings import Mistake
from bot.rules.yaml_nodes import ScalarNode

EXAMPLES: Final = {
    "version": "version: 1",
    "url": "url: https://example.org/rss.xml",
    "id": "id: rare-earth",
    "chat": 'chat: "@my_channel"',
    "rules": "rules: all",
    "text": "text: A sentence as it might stand in an article",
    "expect": "expect: [rare-earth]",
}
"""How a key that must be there may look."""


def _all_as_list(value: object) -> object:
    """`rules: all` as a list, which is unambiguous because no rule can be called `all`."""
    is_all = isinstance(value, ScalarNode) and value.text == scalars.EVERY_RULE
    return [value] if is_all else value


Text = Annotated[str, PlainValidator(scalars.read_text)]
Passage = Annotated[str, PlainValidator(scalars.read_passage)]
Name = Annotated[str, PlainValidator(scalars.read_name)]
RuleId = Annotated[str, PlainValidator(scalars.read_rule_id)]
Duration = Annotated[timedelta, PlainValidator(scalars.read_duration)]
Count = Annotated[int, PlainValidator(scalars.read_count)]
Terms = Annotated[list[Annotated[Term, PlainValidator(scalars.read_term)]], Field(min_length=1)]


class Section(BaseModel):
    """A mapping with fixed keys."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DefaultsSection(Section):
    """`defaults:`; what is None here stays as `bot.rules.definitions.Defaults` has it."""

    max_age: Duration | None = None
    first_poll: Count | None = None
    timezone: Annotated[ZoneInfo | None, PlainValidator(scalars.read_timezone)] = None
    keep: Duration | None = None


class FeedSection(Section):
    """One item of `feeds:`."""

    url: Annotated[str, PlainValidator(scalars.read_url)]
    name: Text | None = None
    language: Annotated[str | None, PlainValidator(scalars.read_language)] = None
    tags: Annotated[list[Text], Field(min_length=1)] = Field(default_factory=list)
    every: Duration | None = None
    allow_private: Annotated[bool, PlainValidator(scalars.read_flag)] = False


class EntitySection(Section):
    """One value of `entities:`."""

    country: Annotated[str | None, PlainValidator(scalars.read_country)] = None
    aliases: Terms = Field(default_factory=list)
    unless: Terms = Field(default_factory=list)

    @model_validator(mode="after")
    def _has_a_name(self) -> Self:
        if not self.aliases and self.country is None:
            raise Mistake("the entity has no name to be found by", "give it `aliases` or a `country`")
        return self


class RuleSection(Section):
    """One item of `rules:`."""

    id: RuleId
    title: Text | None = None
    any: Terms = Field(default_factory=list)
    all: Terms = Field(default_factory=list)
    none: Terms = Field(default_factory=list)
    near: Count | None = None

    @model_validator(mode="after")
    def _can_ring(self) -> Self:
        if not self.any and not self.all:
            raise Mistake("the rule has nothing to ring on", "give it terms under `any` or `all`")
        if self.near is not None and len(self.all) + bool(self.any) < 2:
            raise Mistake(
                "`near` has only one thing to measure",
                "list two or more terms under `all`, or remove `near`",
                key="near",
            )
        return self


class ChannelSection(Section):
    """One item of `channels:`; `rules` is ["all"] where it follows every rule."""

    chat: Annotated[str, PlainValidator(scalars.read_chat)]
    rules: Annotated[list[Name], Field(min_length=1), BeforeValidator(_all_as_list)]
    thread: Annotated[int | None, PlainValidator(scalars.read_thread)] = None


class TestSection(Section):
    """One item of `tests:`; an empty `expect` says that nothing may ring."""

    text: Passage
    expect: list[Name]


class RulesFile(Section):
    """The whole file."""

    version: Annotated[int, PlainValidator(scalars.read_version)]
    defaults: DefaultsSection = Field(default_factory=DefaultsSection)
    feeds: list[FeedSection] = Field(default_factory=list)
    entities: dict[Name, EntitySection] = Field(default_factory=dict)
    rules: list[RuleSection] = Field(default_factory=list)
    channels: list[ChannelSection] = Field(default_factory=list)
    tests: list[TestSection] = Field(default_factory=list)


def keys_at(location: tuple[int | str, ...]) -> tuple[str, ...]:
    """The keys that the section at a location may have; a location is a path of keys and list indexes."""
    kind: Any = RulesFile
    for step in location:
        is_section = isinstance(kind, type) and issubclass(kind, Section)
        kind = kind.model_fields[str(step)].annotation if is_section else get_args(kind)[-1]
    return tuple(kind.model_fields)
