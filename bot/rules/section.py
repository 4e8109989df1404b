"""What all sections of a rules file have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from bot.rules.findings import Mistake, Mistakes


class Section(BaseModel):
    """A mapping with fixed keys."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        use_attribute_docstrings=True,
        model_title_generator=lambda section: section.__name__.removesuffix("Section").lower(),
    )

    @model_validator(mode="after")
    def _judge(self) -> Self:
        mistakes = tuple(self.mistakes())
        if mistakes:
            raise Mistakes(mistakes)
        return self

    def mistakes(self) -> Iterator[Mistake]:
        """What is wrong with the keys together, where each is right in itself."""
        return iter(())
