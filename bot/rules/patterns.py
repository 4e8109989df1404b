"""What the values that `bot.rules.scalars` reads look like in JSON Schema.

The readers know more than a pattern can say (whether a country or a time zone exists); a pattern never refuses
what a reader takes. Where text is wanted, numbers and truth values are let in, for a rules file takes them as
they are written.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic.config import JsonDict

from bot.models import MessagePart
from bot.rules.languages import CODES
from bot.rules.scalars import EVERY_RULE, GREATEST_COUNT, GREATEST_THREAD, LONGEST_URL, MOST_EDITS, WORST_RANK

_WRITTEN: Final = ["string", "number", "boolean"]
_UNITS: Final = "([0-9]{1,9}w)?([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?"
_NAME: Final = "^[a-z0-9-]+$"

VERSION: Final[JsonDict] = {"const": 1}
FLAG: Final[JsonDict] = {"type": "boolean"}
TEXT: Final[JsonDict] = {"type": [*_WRITTEN], "pattern": r"\S"}
NAME: Final[JsonDict] = {"type": [*_WRITTEN], "pattern": _NAME}
RULE_ID: Final[JsonDict] = {**NAME, "not": {"const": EVERY_RULE}}
DURATION: Final[JsonDict] = {
    "type": "string",
    "pattern": f"^(?=.*[1-9]){_UNITS}$",
    "examples": ["30s", "5m", "24h", "90d"],
}
EXPIRY: Final[JsonDict] = {**DURATION, "examples": ["30m", "6h", "24h", "7d"]}
DELAY: Final[JsonDict] = {"type": "string", "pattern": f"^(?=.){_UNITS}$", "examples": ["0s", "10m"]}
COUNT: Final[JsonDict] = {"type": "integer", "minimum": 0, "maximum": GREATEST_COUNT}
POSITIVE: Final[JsonDict] = {"type": "integer", "minimum": 1, "maximum": GREATEST_COUNT}
RANK: Final[JsonDict] = {"type": "integer", "minimum": 1, "maximum": WORST_RANK}
EDITS: Final[JsonDict] = {"type": "integer", "minimum": 0, "maximum": MOST_EDITS}
AMOUNT: Final[JsonDict] = {"type": "number", "exclusiveMinimum": 0, "maximum": GREATEST_COUNT}
LANGUAGE: Final[JsonDict] = {"type": "string", "pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"}
LANGUAGE_CODE: Final[JsonDict] = {"enum": [*sorted(CODES)]}
URL: Final[JsonDict] = {
    "type": "string",
    "pattern": r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s\\@/?#]+([/?#][^\s\\]*)?$",
    "maxLength": LONGEST_URL,
}
TIMEZONE: Final[JsonDict] = {"type": "string", "minLength": 1, "examples": ["UTC", "Europe/Istanbul"]}
COUNTRY: Final[JsonDict] = {"type": "string", "pattern": "^[A-Z]{2}$"}
THREAD: Final[JsonDict] = {"type": "integer", "minimum": 1, "maximum": GREATEST_THREAD}
CHAT: Final[JsonDict] = {
    "type": ["string", "integer"],
    "pattern": "^(@[A-Za-z][A-Za-z0-9_]{3,31}|-?[1-9][0-9]{0,18})$",
    "not": {"const": 0},
}
TERM: Final[JsonDict] = {
    "type": [*_WRITTEN],
    "pattern": r"\S",
    "title": "a term",
    "description": (
        "A phrase; `=X` exactly so; `X*` what begins so; `re:X` a regular expression; `$x` an entity or a list; "
        "`title:` before any of these, in the title alone."
    ),
}
RULES_OF_CHANNEL: Final[JsonDict] = {
    "oneOf": [{"const": EVERY_RULE}, {"type": "array", "items": NAME, "minItems": 1}]
}
TEMPLATE: Final[JsonDict] = {
    "type": "array",
    "items": {"enum": [part.value for part in MessagePart]},
    "minItems": 1,
    "uniqueItems": True,
    "contains": {"const": MessagePart.TITLE.value},
}

_FIELDS: Final = ("title", "summary", "content")
_HAS_A_FIELD: Final[list[JsonDict]] = [{"required": [field]} for field in _FIELDS]
ONE_TEXT: Final[JsonDict] = {
    "oneOf": [{"required": ["text"]}, {"anyOf": [*_HAS_A_FIELD]}],
}
"""Either the text as a whole or some of its fields."""

TEST: Final[JsonDict] = {
    "oneOf": [
        {
            "allOf": [ONE_TEXT, {"anyOf": [{"required": ["expect"]}, {"required": ["expect_not"]}]}],
            "not": {"anyOf": [{"required": ["articles"]}, {"required": ["alerts"]}]},
        },
        {
            "required": ["articles", "alerts"],
            "properties": {"articles": True, "alerts": True},
            "maxProperties": 2,
        },
    ]
}
"""Either one article or a sequence of them."""

CONDITION: Final[JsonDict] = {
    "anyOf": [{"required": ["any"]}, {"required": ["all"]}],
    "dependentRequired": {"at_least": ["any"], "threshold": ["any"]},
}
CHANNEL: Final[JsonDict] = {"dependentRequired": {"on_topic_closed": ["thread"]}}
ENTITY: Final[JsonDict] = {"anyOf": [{"required": ["aliases"]}, {"required": ["country"]}]}


def one_of(choices: type[StrEnum]) -> JsonDict:
    """One of a few words."""
    return {"enum": [choice.value for choice in choices]}
