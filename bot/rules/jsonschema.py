"""The JSON Schema of rules files, so that editors complete and check them; from the model that the loader uses."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from bot.rules.schema import RulesFile

TITLE = "Rules file of Newsbell"


class _Generator(GenerateJsonSchema):
    """Says of each key what may be written: an absent key is None to us, yet nobody may write null for it."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 (names need no repetition)
        return False


def json_schema() -> dict[str, Any]:
    """The schema by draft 2020-12 (https://json-schema.org/draft/2020-12)."""
    made = RulesFile.model_json_schema(schema_generator=_Generator)
    return {"$schema": GenerateJsonSchema.schema_dialect, **made, "title": TITLE}
