"""The particles of Korean, which stand behind a noun without a space.

Which one may stand depends on whether the last syllable ends in a consonant. What makes another noun of a noun
(-인 a person, -어 a language, -산 a product) is no particle.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.text.inflection.forms import Form, Word, endings

_ANY: Final = endings(
    "의 에 에서 에게 에게서 께 께서 한테 한테서 도 만 까지 부터 마다 조차 마저 밖에 처럼 보다 보다는 만큼 대로 뿐 뿐만 "
    "에는 에도 에만 에의 에서는 에서도 에서의 에서만 에서부터 에게는 에게도 까지도 까지의 까지는 부터의 부터는 만의 만이 만을 "
    "만은 만으로 하고 하고는 씩 같은 같이 입니다 이라는 이라고 이라며 이지만"
)
_AFTER_VOWEL: Final = endings(
    "가 는 를 와 와의 와는 와도 와만 나 라도 든지 랑 야 여 다 며 고 라 라고 라는 라며 라면 란 였다 지만 서 엔 에선 "
    "로 로서 로써 로는 로도 로의 로만 로부터 로까지"
)
_AFTER_CONSONANT: Final = endings(
    "이 은 을 과 과의 과는 과도 과만 이나 이라도 이든지 이랑 아 이여 이다 이며 이고 이라 이라면 이란 이었다 엔 에선 "
    "으로 으로서 으로써 으로는 으로도 으로의 으로만 으로부터 으로까지"
)
_AFTER_RIEUL: Final = endings("로 로서 로써 로는 로도 로의 로만 로부터 로까지")
_PLURAL: Final = frozenset(
    "들" + particle
    for particle in (_ANY | _AFTER_CONSONANT | _AFTER_RIEUL | {""})
    if not particle.startswith("들")
)
_NONE: Final = frozenset({""})
ALL_PARTICLES: Final = _ANY | _AFTER_VOWEL | _AFTER_CONSONANT | _AFTER_RIEUL
"""For a word of another script, whose sound the spelling does not tell."""

_FINALS: Final = 28
_RIEUL: Final = 8


def korean(word: Word) -> Iterator[Form]:
    """The word with each particle that its last sound admits."""
    final = (ord(word.folded[-1]) - 0xAC00) % _FINALS
    if final == 0:
        fitting = _AFTER_VOWEL
    elif final == _RIEUL:
        fitting = _AFTER_CONSONANT | _AFTER_RIEUL
    else:
        fitting = _AFTER_CONSONANT
    yield word.folded, _NONE | _ANY | fitting | _PLURAL
