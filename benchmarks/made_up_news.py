"""News that nobody wrote, with the statistics of feeds: for measuring at sizes of which there is no real material.

Words follow Zipf's law. Titles have six to twelve words; bodies a median of 32 and a long tail, as the entries of
news feeds do. Of ten articles six tell a story that others told before: with its names, its figures and some of its
words, or, one in ten of them, word for word but for a few. Half of the six say enough to be known by it.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, count
from typing import Final

_SYLLABLES: Final = [a + b + c for a in "bcdfghklmnprstvwz" for b in "aeiou" for c in ("", "n", "r", "s")]
_WORDS: Final = 60_000
_NAMES: Final = 20_000
_BODY: Final = (math.log(32), 1.9)
"""Mean and deviation of the logarithm of the number of words, fitted to the quartiles of entries of real feeds."""
_LONGEST: Final = 1_500
_TITLE: Final = (6, 12)
_RETOLD: Final = 0.6
_COPIED: Final = 1 / 10
_CHANGED: Final = 0.05
_OWN_WORDS: Final = 0.55
_RUNNING: Final = 500
"""How many stories are told at a time; a newer one is told more often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article, and the number of the story that it tells."""

    title: str
    content: str
    story: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Story:
    number: int
    words: tuple[str, ...]
    told: list[str]


def made_up_news(chance: random.Random) -> Iterator[Told]:
    """Articles without end."""
    vocabulary = ["".join(chance.choices(_SYLLABLES, k=1 + int(rank**0.12))) for rank in range(_WORDS)]
    names = [" ".join(_name(chance) for _ in range(chance.randint(1, 2))) for _ in range(_NAMES)]
    zipf = list(accumulate(1 / rank for rank in range(1, _WORDS + 1)))
    running: deque[_Story] = deque(maxlen=_RUNNING)

    def subject() -> tuple[str, ...]:
        figures = [str(chance.randint(2, 9_999)) for _ in range(4)]
        return (*chance.choices(names, k=6), *figures, *chance.choices(vocabulary, k=30))

    def sentence(own: tuple[str, ...], size: int) -> list[str]:
        common = chance.choices(vocabulary, cum_weights=zipf, k=size)
        return [chance.choice(own) if chance.random() < _OWN_WORDS else word for word in common]

    def title(own: tuple[str, ...]) -> str:
        return " ".join(sentence(own, chance.randint(*_TITLE))).capitalize()

    for number in count():
        retold = running and chance.random() < _RETOLD
        story = _recent(chance, running) if retold else _Story(number=number, words=subject(), told=[])
        if story.told and chance.random() < _COPIED:
            body = [chance.choice(vocabulary) if chance.random() < _CHANGED else word for word in story.told]
        else:
            body = sentence(story.words, min(_LONGEST, 4 + int(chance.lognormvariate(*_BODY))))
        if not retold:
            running.append(story)
            story.told.extend(body)
        yield Told(title=title(story.words), content=" ".join(body), story=story.number)


def _recent(chance: random.Random, running: deque[_Story]) -> _Story:
    return running[-min(len(running), 1 + int(chance.expovariate(3 / _RUNNING)))]


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 3))).title()
