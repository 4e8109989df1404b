"""The kinds of single values in a rules file: what Python makes of each, who reads it, and how an editor sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from bot.models import MessagePart, OnTopicClosed, OnUncertain
from bot.rules import patterns, scalars
from bot.rules.definitions import Priority, Scope, Term
from bot.rules.yaml_nodes import ScalarNode


def _all_as_list(value: object) -> object:
    """`rules: all` as a list, which is unambiguous because no rule can be called `all`."""
    is_all = isinstance(value, ScalarNode) and value.text == scalars.EVERY_RULE
    return [value] if is_all else value


Text = Annotated[str, PlainValidator(scalars.read_text), WithJsonSchema(patterns.TEXT)]
Passage = Annotated[str, PlainValidator(scalars.read_passage), WithJsonSchema(patterns.TEXT)]
Name = Annotated[str, PlainValidator(scalars.read_name), WithJsonSchema(patterns.NAME)]
RuleId = Annotated[str, PlainValidator(scalars.read_rule_id), WithJsonSchema(patterns.RULE_ID)]
Duration = Annotated[timedelta, PlainValidator(scalars.read_duration), WithJsonSchema(patterns.DURATION)]
Count = Annotated[int, PlainValidator(scalars.read_count), WithJsonSchema(patterns.COUNT)]
Positive = Annotated[int, PlainValidator(scalars.read_positive), WithJsonSchema(patterns.POSITIVE)]
Amount = Annotated[float, PlainValidator(scalars.read_amount), WithJsonSchema(patterns.AMOUNT)]
Language = Annotated[str, PlainValidator(scalars.read_language), WithJsonSchema(patterns.LANGUAGE)]
LanguageCode = Annotated[
    str, PlainValidator(scalars.read_language_code), WithJsonSchema(patterns.LANGUAGE_CODE)
]
Url = Annotated[str, PlainValidator(scalars.read_url), WithJsonSchema(patterns.URL)]
OneTerm = Annotated[Term, PlainValidator(scalars.read_term), WithJsonSchema(patterns.TERM)]
Terms = Annotated[list[OneTerm], Field(min_length=1)]
Texts = Annotated[list[Text], Field(min_length=1)]
Names = Annotated[list[Name], Field(min_length=1)]
Flag = Annotated[bool, PlainValidator(scalars.read_flag), WithJsonSchema(patterns.FLAG)]
Chat = Annotated[str, PlainValidator(scalars.read_chat), WithJsonSchema(patterns.CHAT)]
Country = Annotated[str, PlainValidator(scalars.read_country), WithJsonSchema(patterns.COUNTRY)]
Delay = Annotated[timedelta, PlainValidator(scalars.read_delay), WithJsonSchema(patterns.DELAY)]
Edits = Annotated[int, PlainValidator(scalars.read_edits), WithJsonSchema(patterns.EDITS)]
EditDelay = Annotated[timedelta, PlainValidator(scalars.read_edit_delay), WithJsonSchema(patterns.DURATION)]
Expiry = Annotated[timedelta, PlainValidator(scalars.read_expiry), WithJsonSchema(patterns.EXPIRY)]
FilePath = Annotated[str, PlainValidator(scalars.read_path), WithJsonSchema(patterns.TEXT)]
Rank = Annotated[int, PlainValidator(scalars.read_rank), WithJsonSchema(patterns.RANK)]
Silence = Annotated[timedelta, PlainValidator(scalars.read_silence), WithJsonSchema(patterns.DURATION)]
Thread = Annotated[int, PlainValidator(scalars.read_thread), WithJsonSchema(patterns.THREAD)]
TimeZone = Annotated[ZoneInfo, PlainValidator(scalars.read_timezone), WithJsonSchema(patterns.TIMEZONE)]
Version = Annotated[int, PlainValidator(scalars.read_version), WithJsonSchema(patterns.VERSION)]
OneScope = Annotated[Scope, PlainValidator(scalars.choice_of(Scope)), WithJsonSchema(patterns.one_of(Scope))]
OnePriority = Annotated[
    Priority, PlainValidator(scalars.choice_of(Priority)), WithJsonSchema(patterns.one_of(Priority))
]
WhenUncertain = Annotated[
    OnUncertain, PlainValidator(scalars.choice_of(OnUncertain)), WithJsonSchema(patterns.one_of(OnUncertain))
]
WhenTopicClosed = Annotated[
    OnTopicClosed,
    PlainValidator(scalars.choice_of(OnTopicClosed)),
    WithJsonSchema(patterns.one_of(OnTopicClosed)),
]
Template = Annotated[
    list[Annotated[MessagePart, PlainValidator(scalars.choice_of(MessagePart))]],
    Field(min_length=1),
    WithJsonSchema(patterns.TEMPLATE),
]
RulesOfChannel = Annotated[Names, BeforeValidator(_all_as_list), WithJsonSchema(patterns.RULES_OF_CHANNEL)]
