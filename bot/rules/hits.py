"""Places where terms stand, and what can be said of them without knowing the terms."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import TypeAlias

Hit: TypeAlias = tuple[int, int, int]
"""The number of a field in reading order, start and end in the original text; hits sort in reading order."""
Hits: TypeAlias = list[Hit]


def longest(hits: Iterable[Hit]) -> Hits:
    """In reading order, of hits that overlap the longest, of equally long ones the first."""
    distinct = set(hits)
    if len(distinct) <= 1:
        return list(distinct)
    kept: Hits = []
    for hit in sorted(distinct, key=lambda hit: (hit[0], hit[1], -hit[2])):
        if kept and kept[-1][0] == hit[0] and hit[1] < kept[-1][2]:
            if hit[2] - hit[1] > kept[-1][2] - kept[-1][1]:
                kept[-1] = hit
            continue
        kept.append(hit)
    return kept


def outside(hits: Hits, cancelled: Hits) -> Hits:
    """The hits that overlap none of the cancelling ones."""
    if not cancelled or not hits:
        return hits
    merged: Hits = []
    for number, start, end in sorted(cancelled):
        if merged and merged[-1][0] == number and start <= merged[-1][2]:
            merged[-1] = (number, merged[-1][1], max(end, merged[-1][2]))
        else:
            merged.append((number, start, end))
    starts = [(number, start) for number, start, _ in merged]
    kept = []
    for number, start, end in hits:
        before = bisect_right(starts, (number, end - 1)) - 1
        if before < 0 or merged[before][0] != number or merged[before][2] <= start:
            kept.append((number, start, end))
    return kept
