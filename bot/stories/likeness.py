"""How like a text is to others, in several respects at once.

All are cosines between vectors of words, weighted by how rare the words are; each respect looks at other words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.stories.record import CASED, NOTHING, PHRASES, RECORD, TERMS, TITLED, VERSION, Rows
from bot.stories.sketch import HEAD, LEAD, NAME, NUMBER, Reading
from bot.stories.words import BUCKETS

Floats = NDArray[np.float64]
_Number = TypeVar("_Number", np.uint8, np.float64)

ALL, SHARP, NAMES, HEADS, NUMBERS, LEADS = range(6)
"""The vectors: all words; all words, the rarest counting more; names; the headline; numbers; the top."""

_POWER: Final = 1.5
"""Of the rarity in a word's weight. 1, as usual, lets common words weigh too much; 2 is about as good."""

_TOP_NAME: Final = NAME | LEAD

_NO_NAMES: Final = 0.5
"""The share of names that are held where there are none."""

_TIMES: Final = np.array([0.0, *(1.0 + np.log(np.arange(1, 256)))])
"""How much a word counts that stands so often in a text."""

_MOST_WORDS: Final = 65535
"""That a record can count."""

_MASKS: Final = np.array([NAME, HEAD, NUMBER, LEAD], np.uint8)
"""What the words of the last four vectors are, in their order."""


@dataclass(slots=True)
class Text:
    """A text that is compared with others: its record (an array of one) and its words' rarity, in the same order.

    `counted` are all its words, for the count of texts that hold them, and `rest` those that were not chosen.
    """

    record: Rows
    terms: NDArray[np.uint32]
    rarity: Floats
    weights: Floats
    flags: NDArray[np.uint8]
    phrases: NDArray[np.uint32]
    counted: NDArray[np.uint32]
    rest: NDArray[np.uint32]


@dataclass(slots=True)
class Likeness:
    """How like each of some texts is to one: arrays of one length.

    `covered` is the share of its headline that they hold, `covering` the share of theirs that it holds; both by
    rarity. `names_covered` and `names_covering` say so of the names at the top, by number in the other direction.
    `told` is the number of its telling words beside its headline that they hold, `named` that of its names, and
    `shared_names` the logarithm of the rarity of those. `agree` and `differ` are the logarithms of the numbers of
    figures beside the same word that are the same, and that are not.
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
    shared_names: Floats
    names_covered: Floats
    names_covering: Floats
    agree: Floats
    differ: Floats

    def part(self, which: slice) -> Likeness:
        """The same of some of the texts."""
        return Likeness(
            all=self.all[which],
            sharp=self.sharp[which],
            names=self.names[which],
            heads=self.heads[which],
            numbers=self.numbers[which],
            leads=self.leads[which],
            phrases=self.phrases[which],
            covered=self.covered[which],
            covering=self.covering[which],
            told=self.told[which],
            named=self.named[which],
            shared_names=self.shared_names[which],
            names_covered=self.names_covered[which],
            names_covering=self.names_covering[which],
            agree=self.agree[which],
            differ=self.differ[which],
        )


def choose(reading: Reading, rarity: Floats) -> Text:
    """A text by its most telling words; `rarity` is that of `reading.buckets`, in order."""
    weights = rarity**_POWER * _TIMES[reading.counts]
    merit = weights * (1.0 + 0.5 * (reading.flags & HEAD))
    best = (-merit).argsort(kind="stable")[:TERMS]
    best = best[weights[best] > 0]
    others = np.ones(len(weights), np.bool_)
    others[best] = False
    text = Text(
        record=np.zeros(1, RECORD),
        terms=reading.buckets[best],
        rarity=rarity[best],
        weights=weights[best],
        flags=reading.flags[best],
        phrases=_phrases(reading, rarity),
        counted=reading.buckets,
        rest=reading.buckets[others],
    )
    _write(text, reading, reading.counts[best])
    return text


class Comparer:
    """Compares texts. It owns the table in which the words of one of them are looked up."""

    def __init__(self) -> None:
        # One more for the words that are not there.
        self._place = np.zeros(BUCKETS + 1, np.uint8)

    def all_words(self, text: Text, rows: Rows) -> Floats:
        """The cosine over all words, to each row."""
        place = self._look_up(text, rows["terms"])
        product = _padded(text.weights * text.rarity**_POWER).take(place)
        product *= _TIMES.take(rows["counts"])
        return _divided(product.sum(1), text.record["norms"][0, ALL] * rows["norms"][:, ALL])

    def likeness(self, text: Text, rows: Rows) -> Likeness:
        """Every respect, to each row."""
        place = self._look_up(text, rows["terms"])
        flags = rows["flags"]
        # Many small arrays of one shape, so that each step is one call for all of them.
        of_text = _by_place(text).take(place, axis=1)
        weights, found, squares = of_text[:3]
        held = _MASKS[:, None, None] & (flags & _padded(text.flags).take(place)) > 0
        top_names = flags & _TOP_NAME == _TOP_NAME
        sums = np.empty((11, *place.shape))
        np.multiply(weights, _TIMES.take(rows["counts"]), out=sums[ALL])
        np.multiply(sums[ALL], squares, out=sums[SHARP])
        np.multiply(held, squares, out=sums[NAMES : LEADS + 1])
        np.multiply(found, flags & HEAD > 0, out=sums[6])
        np.multiply(found, held[0], out=sums[7])
        sums[8], sums[9] = held[0], top_names
        np.logical_and(top_names, place, out=sums[10])
        totals = sums.sum(2)
        covering, shared_names, named, top, top_held = totals[6:]
        covered, names_covered, told = of_text[3:].sum(2)
        cosines = _divided(totals[:6], text.record["norms"].T * rows["norms"].T)
        agree, differ = _figures(text, rows["figures"])
        total_names = float(text.rarity[text.flags & _TOP_NAME == _TOP_NAME].sum())
        return Likeness(
            all=cosines[ALL],
            sharp=cosines[SHARP],
            names=cosines[NAMES],
            heads=cosines[HEADS],
            numbers=cosines[NUMBERS],
            leads=cosines[LEADS],
            phrases=_phrase_cosine(text, rows["phrases"]),
            covered=covered / max(float(text.record["head"][0]), 1e-9),
            covering=covering / np.maximum(rows["head"], 1e-9),
            told=told,
            named=named,
            shared_names=np.log1p(shared_names),
            names_covered=names_covered / total_names if total_names else np.full(len(rows), _NO_NAMES),
            names_covering=np.where(top > 0, top_held / np.maximum(top, 1.0), _NO_NAMES),
            agree=np.log1p(agree),
            differ=np.log1p(differ),
        )

    def _look_up(self, text: Text, terms: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """Where each word of each row stands in the text, from 1 (0: nowhere)."""
        self._place[text.terms] = np.arange(1, len(text.terms) + 1, dtype=np.uint8)
        place = self._place.take(terms, mode="clip")
        self._place[text.terms] = 0
        return place


def _padded(values: NDArray[_Number]) -> NDArray[_Number]:
    """Values by place: 0 first, for the words that are not there."""
    padded = np.zeros(len(values) + 1, values.dtype)
    padded[1:] = values
    return padded


def _by_place(text: Text) -> Floats:
    """What the words of a text weigh, by place.

    Rows: the weight in a product, the rarity, its square, the rarity of what stands in the headline, of the names at
    the top, and 1 for what stands beside the headline.
    """
    table = np.zeros((6, len(text.terms) + 1))
    words = table[:, 1:]
    is_head = text.flags & HEAD > 0
    words[0] = text.weights * text.rarity**_POWER
    words[1] = text.rarity
    words[2] = text.rarity**2
    words[3] = text.rarity * is_head
    words[4] = text.rarity * (text.flags & _TOP_NAME == _TOP_NAME)
    words[5] = ~is_head
    return table


def _divided(product: Floats, length: NDArray[np.float32]) -> Floats:
    """Cosines from products and lengths; 0 where there is no length."""
    return np.asarray(np.divide(product, length, out=np.zeros(product.shape), where=length > 0))


def _write(text: Text, reading: Reading, counts: NDArray[np.uint8]) -> None:
    """Fill the record of a text."""
    record, size = text.record, len(text.terms)
    record["version"] = VERSION
    record["marks"] = (TITLED if reading.titled else 0) | (CASED if reading.cased else 0)
    record["weekdays"] = reading.weekdays
    record["language"] = reading.language.encode("utf-8", "surrogatepass")[:4]
    record["day"] = reading.day
    record["feed"] = reading.feed
    record["words"] = min(reading.words, _MOST_WORDS)
    record["body"] = min(reading.body, _MOST_WORDS)
    is_head = text.flags & HEAD > 0
    squares = text.rarity**2
    norms = np.empty(len(_MASKS) + 2)
    norms[ALL] = (text.weights**2).sum()
    norms[SHARP] = ((text.weights * text.rarity) ** 2).sum()
    norms[NAMES:] = (squares * (text.flags & _MASKS[:, None] > 0)).sum(1)
    record["norms"] = np.sqrt(norms)
    record["head"] = text.rarity[is_head].sum()
    record["terms"] = record["phrases"] = record["figures"] = NOTHING
    record["terms"][0, :size] = text.terms
    record["counts"][0, :size] = counts
    record["flags"][0, :size] = text.flags
    record["phrases"][0, : len(text.phrases)] = text.phrases
    if reading.figures:
        record["figures"][0, : len(reading.figures)] = [
            (((word * 40503) & 0xFFFF) << 16) | ((number * 40503) >> 4 & 0xFFFF)
            for word, number in reading.figures.items()
        ]


def _phrases(reading: Reading, rarity: Floats) -> NDArray[np.uint32]:
    """The pairs of neighbouring words that are rarest, by a number each."""
    merit = rarity[reading.before] + rarity[reading.after]
    order = (-merit).argsort(kind="stable")
    best = _distinct(reading, order[: 2 * PHRASES])
    if len(best) < PHRASES < len(order):
        best = _distinct(reading, order)
    pairs = np.array(best, np.int64)
    before = reading.buckets[pairs // BUCKETS].astype(np.uint64)
    after = reading.buckets[pairs % BUCKETS].astype(np.uint64)
    # Knuth's multiplicative hash; the order of the two words counts.
    return np.asarray((before * 2654435761 + after * 40503) % NOTHING, np.uint32)


def _distinct(reading: Reading, places: NDArray[np.intp]) -> list[int]:
    """The first pairs of neighbours, each once, by the places of both words in one number."""
    pairs = reading.before[places] * BUCKETS + reading.after[places]
    return list(dict.fromkeys(pairs.tolist()))[:PHRASES]


def _phrase_cosine(text: Text, theirs: NDArray[np.uint32]) -> Floats:
    if not len(text.phrases):
        return np.zeros(len(theirs))
    own = np.sort(text.phrases)
    shared = np.count_nonzero(own.take(own.searchsorted(theirs), mode="clip") == theirs, 1)
    number = np.count_nonzero(theirs != NOTHING, 1)
    return np.asarray(shared / np.sqrt(np.maximum(number, 1) * len(text.phrases)))


def _figures(text: Text, theirs: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many figures beside the same word are the same, and how many are not."""
    own = np.sort(text.record["figures"][0])
    own = own[own != NOTHING]
    if not len(own):
        return np.zeros(len(theirs), np.int64), np.zeros(len(theirs), np.int64)
    beside, words = own >> 16, theirs >> 16
    near = beside.searchsorted(words)
    common = (beside.take(near, mode="clip") == words) & (theirs != NOTHING)
    same = common & (own.take(near, mode="clip") == theirs)
    return np.count_nonzero(same, 1), np.count_nonzero(common & ~same, 1)
