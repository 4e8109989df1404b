"""The plain ways to fold stories, as yardsticks: equal addresses, equal titles, shared shingles, TF-IDF centroids.

Each takes texts in the order of their coming and gives each text the number of its story, in that order.
"""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from operator import mul
from typing import Final, TypeAlias

Vector: TypeAlias = Mapping[str, float]
Similarities: TypeAlias = Sequence[Sequence[float]]
"""For each text its cosine to each text before it."""

_WORD: Final = re.compile(r"\w+")
_SHINGLE: Final = 3


def by_key(keys: Iterable[Hashable | None]) -> list[int]:
    """What has one key is one story; what has none is alone."""
    stories: dict[Hashable, int] = {}
    return [number if key is None else stories.setdefault(key, number) for number, key in enumerate(keys)]


def by_shingles(texts: Iterable[str], *, least: float) -> list[int]:
    """Texts whose sets of three words in a row have a Jaccard similarity of `least` are one story, and so on.

    The similarity is exact; MinHash estimates it.
    """
    stories: list[int] = []
    sizes: list[int] = []
    holders: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        shingles = _shingles(text)
        shared = Counter(earlier for shingle in shingles for earlier in holders[shingle])
        alike = {
            stories[earlier]
            for earlier, common in shared.items()
            if common >= least * (sizes[earlier] + len(shingles) - common)
        }
        story = min(alike, default=number)
        if len(alike) > 1:
            stories = [story if each in alike else each for each in stories]
        stories.append(story)
        sizes.append(len(shingles))
        for shingle in shingles:
            holders[shingle].append(number)
    return stories


def weights(texts: Sequence[str]) -> dict[str, float]:
    """How telling each word of some texts is: the inverse document frequency, 0 for what stands in all."""
    found_in = Counter(word for text in texts for word in set(words(text)))
    return {word: math.log(len(texts) / number) for word, number in found_in.items()}


def vector(text: str, telling: Mapping[str, float], *, unseen: float = 0.0) -> Vector:
    """A text as a vector of length 1 over the words that tell something: TF-IDF with sublinear TF.

    `unseen` is how telling a word is that `telling` does not know. A text that tells nothing has an empty vector.
    """
    counts = Counter(words(text))
    of = {
        word: (1 + math.log(number)) * weight
        for word, number in counts.items()
        if (weight := telling.get(word, unseen)) > 0
    }
    length = math.sqrt(sum(weight * weight for weight in of.values()))
    return {word: weight / length for word, weight in of.items()}


def similarities(vectors: Iterable[Vector]) -> Similarities:
    """The cosine of each two vectors of length 1, by an index from words to the vectors that hold them."""
    rows: list[array[float]] = []
    holders: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, of in enumerate(vectors):
        row = array("d", bytes(8 * number))
        for word, weight in of.items():
            for earlier, its_weight in holders[word]:
                row[earlier] += weight * its_weight
            holders[word].append((number, weight))
        rows.append(row)
    return rows


def by_centroid(cosines: Similarities, *, least: float) -> list[int]:
    """One pass: a text joins the story whose centroid is nearest, if its cosine is `least` or more, or founds one.

    A centroid is the sum of the story's vectors, so that the cosines between texts are all that is needed.
    """
    stories: list[int] = []
    squares: list[float] = []  # of the length of each centroid
    inverses: list[float] = []
    for row in cosines:
        sums = [0.0] * len(squares)
        for story, cosine in zip(stories, row, strict=True):
            sums[story] += cosine
        to_centroids = list(map(mul, sums, inverses))
        nearest = max(to_centroids, default=-1.0)
        if nearest >= least:
            story = to_centroids.index(nearest)
            squares[story] += 2 * sums[story] + 1
            inverses[story] = 1 / math.sqrt(squares[story])
        else:
            story = len(squares)
            squares.append(1.0)
            inverses.append(1.0)
        stories.append(story)
    return stories


def words(text: str) -> list[str]:
    """The words of a text, case-folded."""
    return _WORD.findall(text.casefold())


def _shingles(text: str) -> set[tuple[str, ...]]:
    listed = words(text)
    last = max(1, len(listed) - _SHINGLE + 1)
    return {tuple(listed[start : start + _SHINGLE]) for start in range(last)} if listed else set()
