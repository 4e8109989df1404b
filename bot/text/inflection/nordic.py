"""Swedish, Norwegian, Danish."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.text.inflection.forms import Form, Word, endings

_NAME: Final = endings("- s")
_NOUN: Final = endings(
    "- s en ens et ets n ns t ts er ers ar ars or ors r rs erna ernas arna arnas orna ornas na nas ne nes ene enes "
    "erne ernes e es a as"
)
_AFTER_VOWEL: Final = endings(
    "r rs n ns t ts rna rnas rne rnes ne nes ene enes or ors orna ornas ar ars arna arnas"
)


def nordic(word: Word) -> Iterator[Form]:
    """Definite and plural forms with the genitive; a name takes the genitive alone."""
    text = word.folded
    if word.capital and word.first and word.last:
        yield text, _NAME
        return
    yield text, _NOUN
    if text[-1] in "ae" and len(text) > 3:
        yield text[:-1], _AFTER_VOWEL | endings("- a e")
