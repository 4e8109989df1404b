"""How like a text is to others, in several respects at once.

All are cosines between vectors of words, weighted by how rare the words are; each respect looks at other words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.stories.record import CASED, FIGURES, NOTHING, PHRASES, RECORD, TERMS, TITLED, VERSION, Rows
from bot.stories.sketch import HEAD, LEAD, NAME, NUMBER, Reading
from bot.stories.words import BUCKETS

Floats = NDArray[np.float64]

ALL, SHARP, NAMES, HEADS, NUMBERS, LEADS = range(6)
"""The vectors: all words; all words, the rarest counting more; names; the headline; numbers; the top."""

_POWER: Final = 1.5
"""Of the rarity in a word's weight. 1, as usual, lets common words weigh too much; 2 is about as good."""

_TIMES: Final = np.array([0.0, *(1.0 + np.log(np.arange(1, 256)))])
"""How much a word counts that stands so often in a text."""

_MASKS: Final = ((NAMES, NAME), (HEADS, HEAD), (NUMBERS, NUMBER), (LEADS, LEAD))


@dataclass(slots=True)
class Text:
    """A text that is compared with others: its record (an array of one) and its words' rarity, in the same order.

    `counted` are all its words, for the count of texts that hold them.
    """

    record: Rows
    terms: NDArray[np.uint32]
    rarity: Floats
    weights: Floats
    flags: NDArray[np.uint8]
    phrases: NDArray[np.uint32]
    counted: NDArray[np.uint32]


@dataclass(slots=True)
class Likeness:
    """How like each of some texts is to one: arrays of one length.

    `covered` is the share of its headline that they hold, `covering` the share of theirs that it holds; both by
    rarity. `told` is the number of its telling words beside its headline that they hold, `named` that of its names.
    """

    all: Floats
    sharp: Floats
    names: Floats
    heads: Floats
    numbers: Floats
    leads: Floats
    phrases: Floats
    covered: Floats
    covering: Floats
    told: Floats
    named: Floats


def choose(reading: Reading, rarity: Floats) -> Text:
    """A text by its most telling words; `rarity` is that of `reading.counts`, in order."""
    buckets = np.fromiter(reading.counts, np.uint32, len(reading.counts))
    counts = np.fromiter((min(n, 255) for n in reading.counts.values()), np.uint8, len(buckets))
    flags = np.fromiter(reading.flags.values(), np.uint8, len(buckets))
    weights = rarity**_POWER * _TIMES[counts]
    merit = weights * (1.0 + 0.5 * (flags & HEAD))
    best = np.argsort(-merit, kind="stable")[:TERMS]
    best = best[weights[best] > 0]
    record = np.zeros(1, RECORD)
    row = record[0]
    row["version"] = VERSION
    row["marks"] = (TITLED if reading.titled else 0) | (CASED if reading.cased else 0)
    row["weekdays"] = reading.weekdays
    row["language"] = reading.language.encode()[:4]
    row["day"] = reading.day
    row["words"] = min(reading.words, 65535)
    row["body"] = min(reading.body, 65535)
    text = Text(
        record=record,
        terms=buckets[best],
        rarity=rarity[best],
        weights=weights[best],
        flags=flags[best],
        phrases=_phrases(reading, dict(zip(buckets.tolist(), rarity.tolist(), strict=True))),
        counted=buckets,
    )
    row["norms"] = _norms(text)
    row["head"] = text.rarity[text.flags & HEAD > 0].sum()
    for name, values in (("terms", text.terms), ("phrases", text.phrases), ("figures", _figures(reading))):
        row[name] = NOTHING
        row[name][: len(values)] = values
    row["counts"][: len(best)] = counts[best]
    row["flags"][: len(best)] = text.flags
    return text


class Comparer:
    """Compares texts. It owns the table in which the words of one of them are looked up."""

    def __init__(self) -> None:
        # One more for the words that are not there.
        self._place = np.zeros(BUCKETS + 1, np.uint8)

    def all_words(self, text: Text, rows: Rows) -> Floats:
        """The cosine over all words, to each row."""
        place, times = self._look_up(text, rows)
        product = _padded(text.weights * text.rarity**_POWER)[place] * times
        return _cosine(product.sum(1), text, rows, ALL)

    def likeness(self, text: Text, rows: Rows) -> Likeness:
        """Every respect, to each row."""
        place, times = self._look_up(text, rows)
        common = rows["flags"] & _padded(text.flags)[place]
        product = _padded(text.weights * text.rarity**_POWER)[place] * times
        squares = _padded(text.rarity**2)[place]
        found = _padded(text.rarity)[place]
        sharp = (product * squares).sum(1)
        masked = {
            vector: _cosine((squares * (common & mask > 0)).sum(1), text, rows, vector)
            for vector, mask in _MASKS
        }
        heads = _padded(text.rarity * (text.flags & HEAD > 0))[place].sum(1)
        of_rows = (found * (rows["flags"] & HEAD > 0)).sum(1)
        beside = (found > 0) & ~(_padded((text.flags & HEAD > 0).astype(np.uint8))[place] > 0)
        return Likeness(
            all=_cosine(product.sum(1), text, rows, ALL),
            sharp=_cosine(sharp, text, rows, SHARP),
            names=masked[NAMES],
            heads=masked[HEADS],
            numbers=masked[NUMBERS],
            leads=masked[LEADS],
            phrases=_phrase_cosine(text, rows),
            covered=heads / max(float(text.record["head"][0]), 1e-9),
            covering=of_rows / np.maximum(rows["head"], 1e-9),
            told=beside.sum(1).astype(np.float64),
            named=(common & NAME > 0).sum(1).astype(np.float64),
        )

    def _look_up(self, text: Text, rows: Rows) -> tuple[NDArray[np.uint8], Floats]:
        """Where each word of each row stands in the text, from 1 (0: nowhere), and how much its count weighs."""
        self._place[text.terms] = np.arange(1, len(text.terms) + 1, dtype=np.uint8)
        place = self._place[np.minimum(rows["terms"], BUCKETS)]
        self._place[text.terms] = 0
        return place, _TIMES[rows["counts"]]


def _padded(values: NDArray) -> NDArray:  # type: ignore[type-arg]
    """Values by place: 0 first, for the words that are not there."""
    return np.concatenate((np.zeros(1, values.dtype), values))


def _norms(text: Text) -> Floats:
    squares = text.rarity**2
    parts = [(text.weights**2).sum(), ((text.weights * text.rarity) ** 2).sum()]
    parts += [(squares * (text.flags & mask > 0)).sum() for _, mask in _MASKS]
    return np.sqrt(np.array(parts))


def _cosine(product: Floats, text: Text, rows: Rows, vector: int) -> Floats:
    length = float(text.record["norms"][0, vector]) * rows["norms"][:, vector]
    return np.asarray(np.divide(product, length, out=np.zeros(len(rows)), where=length > 0))


def _phrases(reading: Reading, rarity: dict[int, float]) -> NDArray[np.uint32]:
    """The pairs of neighbouring words that are rarest, by a number each."""
    pairs = np.array(list(reading.phrases), np.uint64).reshape(-1, 2)
    if not len(pairs):
        return np.zeros(0, np.uint32)
    merit = np.array([rarity[a] + rarity[b] for a, b in reading.phrases])
    best = np.argsort(-merit, kind="stable")[:PHRASES]
    # Knuth's multiplicative hash; the order of the two words counts.
    return np.asarray((pairs[best, 0] * 2654435761 + pairs[best, 1] * 40503) % NOTHING, np.uint32)


def _phrase_cosine(text: Text, rows: Rows) -> Floats:
    if not len(text.phrases):
        return np.zeros(len(rows))
    theirs = rows["phrases"]
    shared = (theirs[:, :, None] == text.phrases[None, None, :]).any(2).sum(1)
    number = (theirs != NOTHING).sum(1)
    return np.asarray(shared / np.sqrt(np.maximum(number, 1) * len(text.phrases)))


def _figures(reading: Reading) -> NDArray[np.uint32]:
    """The numbers of a text by the word beside them: 16 bits of either."""
    figures = list(reading.figures.items())[:FIGURES]
    return np.array(
        [(((word * 40503) & 0xFFFF) << 16) | ((number * 40503) >> 4 & 0xFFFF) for word, number in figures],
        np.uint32,
    )
