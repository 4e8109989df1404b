"""How the index stores texts: one record of fixed size each, so that a hundred thousand are one array.

A record is what goes into the database as well, followed there by the buckets of the words that were not chosen.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

TERMS: Final = 48
PHRASES: Final = 24
FIGURES: Final = 24
NEIGHBOURS: Final = 5
"""How many words, pairs of words, figures and neighbouring stories of a text are kept. Chosen on labelled news:
64 words and 48 pairs fold no better."""

VERSION: Final = 1
"""Of the record; another version in the database is passed over."""

NOTHING: Final = 0xFFFFFFFF
"""Fills places without a word, a pair or a figure."""

RECORD: Final = np.dtype(
    [
        ("version", "u1"),
        ("marks", "u1"),
        ("weekdays", "u1"),
        ("spare", "u1"),
        ("feed", "<u4"),
        ("language", "S4"),
        ("day", "<u4"),
        ("words", "<u2"),
        ("body", "<u2"),
        ("norms", "<f4", 6),
        ("head", "<f4"),
        ("crowd", "<f4", NEIGHBOURS),
        ("terms", "<u4", TERMS),
        ("counts", "u1", TERMS),
        ("flags", "u1", TERMS),
        ("phrases", "<u4", PHRASES),
        ("figures", "<u4", FIGURES),
    ]
)
"""`norms` are the lengths of the vectors that `bot.stories.likeness` compares, `head` the weight of the headline's
words; `feed` is the number of its feed; `crowd` how like the nearest other stories were when the text came, most like first. `marks` is TITLED and
CASED. A figure is the neighbour's bucket in its upper half and the number's in its lower."""

TITLED, CASED = 1, 2

Record = np.void
Rows = NDArray[np.void]


def pack(record: Rows, rest: NDArray[np.uint32]) -> bytes:
    """A record (an array of one) and the buckets of the other words, as stored."""
    return record.tobytes() + rest.astype("<u4").tobytes()


def is_current(sketch: bytes) -> bool:
    """Whether a stored sketch holds a record of this version; an empty one is that of a copy."""
    return len(sketch) >= RECORD.itemsize and sketch[0] == VERSION


def unpack(sketches: list[bytes]) -> tuple[Rows, list[NDArray[np.uint32]]]:
    """The records of stored sketches as one array, and the other words of each."""
    size = RECORD.itemsize
    records = np.frombuffer(b"".join(sketch[:size] for sketch in sketches), dtype=RECORD).copy()
    return records, [np.frombuffer(sketch, dtype="<u4", offset=size) for sketch in sketches]
