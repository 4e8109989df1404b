"""The JSON Schema of rules files, so that editors complete and check them; from the model that the loader uses."""

from __future__ import annotations

from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from bot.rules import patterns
from bot.rules.schema import RulesFile

TITLE: Final = "Rules file of Newsbell"

_TERM: Final = {"$ref": "#/$defs/Term"}


class _Generator(GenerateJsonSchema):
    """Says of each key what may be written: an absent key is None to us, yet nobody may write null for it."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made: JsonSchemaValue = {
            "type": "object",
            "propertyNames": self.generate_inner(schema["keys_schema"]),
            "additionalProperties": self.generate_inner(schema["values_schema"]),
        }
        if schema.get("min_length"):
            made["minProperties"] = schema["min_length"]
        return made

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 (names need no repetition)
        return False


def json_schema() -> dict[str, Any]:
    """The schema by draft 2020-12 (https://json-schema.org/draft/2020-12)."""
    made = _with_one_term(RulesFile.model_json_schema(schema_generator=_Generator))
    made["$defs"]["Term"] = patterns.TERM
    return {"$schema": GenerateJsonSchema.schema_dialect, **made, "title": TITLE}


def _with_one_term(part: Any) -> Any:
    """Terms stand in many places; all of them refer to one definition."""
    if part == patterns.TERM:
        return _TERM
    if isinstance(part, dict):
        return {key: _with_one_term(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_with_one_term(value) for value in part]
    return part
