"""Hindi, and what Marathi and Nepali share with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.text.inflection.forms import Form, Word, endings

_PLAIN: Final = endings("- ों ें ो")
_IN_AA: Final = endings("ा े ों ो")
_IN_II: Final = endings("ी ियों ियां ियाँ ि यों")


def hindi(word: Word) -> Iterator[Form]:
    """Plurals and the oblique case."""
    text = word.folded
    yield text, _PLAIN
    if len(text) > 2 and text[-1] == "ा":
        yield text[:-1], _IN_AA
    elif len(text) > 2 and text[-1] == "ी":
        yield text[:-1], _IN_II
