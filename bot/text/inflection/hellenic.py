"""Greek."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.text.inflection.forms import Form, Word, endings

_MASCULINE: Final = endings("ος ου ο οι ους ων ε")
_NEUTER: Final = endings("ο ου α ων")
_NEUTER_I: Final = endings("ι ιου ια ιων")
_FEMININE: Final = endings("α ας ες ων η ης εις εων εως")
_TABLE: Final = (
    ("οσ", _MASCULINE | endings("η ης α ας ες")),
    ("ησ", endings("ης η ες ων")),
    ("ασ", endings("ας α ες ων")),
    ("εσ", _FEMININE),
    ("οι", _MASCULINE),
    ("ια", endings("ια ιας ιες ιων ι ιου")),
    ("ι", _NEUTER_I),
    ("α", _FEMININE),
    ("η", _FEMININE),
    ("ο", _NEUTER | endings("ος")),
)


def greek(word: Word) -> Iterator[Form]:
    """Cases by exchange of the ending."""
    for ending, others in _TABLE:
        if word.folded.endswith(ending) and len(word.folded) - len(ending) >= 3:
            yield word.folded[: -len(ending)], others
            return
