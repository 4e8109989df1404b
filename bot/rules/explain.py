"""Why rules rang or did not, as values for showing: the article with its marks, each rule as a tree.

Nothing here knows of a terminal; whoever shows it chooses colours and lines.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from bot.models import Article, Field, Span
from bot.rules.trace import RuleTrace, Trace, TraceKind

MOST_QUOTED: Final = 4
"""Different words of one term that are quoted."""

MOST_NAMED: Final = 6
"""Terms that are named one by one where a line sums up those without a hit."""

LONGEST_PASSAGE: Final = 1_500
"""Characters of a field up to which it is shown whole."""

AROUND: Final = 200
"""Characters shown before and after each mark of a longer field."""

LONGEST_WORD: Final = 30
"""How far a cut is moved so that it falls between words."""

_GAP: Final = re.compile(r"\s+")
_HEADINGS: Final = {TraceKind.ANY: "any", TraceKind.ALL: "all", TraceKind.NONE: "none"}


class Mark(IntEnum):
    """What a part of the article is to the rules; where several hold, the greatest counts."""

    PLAIN = 0
    CANCELLED = 1
    STOOD = 2
    RANG = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a text with one mark; `left_out` is text that is not shown."""

    text: str
    mark: Mark = Mark.PLAIN
    left_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A field of the article, cut where a mark begins or ends."""

    field: Field
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A line of a rule's tree: a name, what was found, and what is below it.

    `good` says whether it is as the rule wants it; None of an alternative that is missing beside others that do.
    """

    good: bool | None
    name: str
    found: str = ""
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoning:
    """A rule, whether it rang, its tree, and what kept it or parts of it from ringing, the most telling first."""

    rule: str
    rang: bool
    tree: tuple[Node, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An article before some rules; `silent` are those of which nothing stands in it."""

    article: Article
    passages: tuple[Passage, ...]
    reasonings: tuple[Reasoning, ...]
    silent: tuple[str, ...]


def explain(
    article: Article, traces: Iterable[RuleTrace], *, everything: bool = False, silent: bool = True
) -> Explanation:
    """Sort what became of the rules.

    With `everything` nothing is left out or summed up; without `silent` no rule is.
    """
    told: list[RuleTrace] = []
    summed_up: list[RuleTrace] = []
    for trace in traces:
        (told if everything or not silent or _is_telling(trace) else summed_up).append(trace)
    return Explanation(
        article=article,
        passages=tuple(_passages(article, told, whole=everything)),
        reasonings=tuple(reasoning(trace, everything=everything) for trace in told),
        silent=tuple(trace.rule for trace in summed_up),
    )


def reasoning(trace: RuleTrace, *, everything: bool = False) -> Reasoning:
    """One rule as a tree; the terms of an alternative that do not stand are one line, but with `everything`."""
    root = trace.root
    idle = _idle_notes(root)
    lists = (root,) if root.kind is not TraceKind.GROUP or root.text else root.children
    return Reasoning(
        rule=trace.rule,
        rang=trace.rang,
        tree=tuple(_node(part, everything=everything) for part in lists),
        notes=tuple(note for note in trace.notes if note not in idle),
    )


def _idle_notes(root: Trace) -> frozenset[str | None]:
    """What is said of terms of which every place counts after all, by another of their names."""
    return frozenset(node.note for node in root.walk() if node.cancelled and not _cancelled(node))


def _cancelled(term: Trace) -> tuple[Span, ...]:
    """The places that stand and do not count, unless they overlap one that does, by another name of the same term."""
    if not term.cancelled:
        return ()
    reach: dict[Field, tuple[list[int], list[int]]] = {}
    for hit in term.hits:
        starts, ends = reach.setdefault(hit.field, ([], []))
        starts.append(hit.start)
        ends.append(max(hit.end, ends[-1] if ends else 0))
    return tuple(span for span in term.cancelled if not _is_reached(span, *reach.get(span.field, ([], []))))


def _is_reached(span: Span, starts: Sequence[int], ends: Sequence[int]) -> bool:
    """Whether a span overlaps one of those that begin at `starts`; `ends` are how far they reach, each and all before."""
    before = bisect_left(starts, span.end)
    return before > 0 and ends[before - 1] > span.start


def _is_telling(trace: RuleTrace) -> bool:
    return trace.rang or any(node.hits or _cancelled(node) for node in trace.root.walk())


def _node(trace: Trace, *, everything: bool) -> Node:
    match trace.kind:
        case TraceKind.TERM:
            return Node(good=trace.held, name=trace.text, found=_found(trace))
        case TraceKind.GROUP:
            lists = trace.children
            if len(lists) == 1 and not trace.text:
                return _node(lists[0], everything=everything)
            children = tuple(_node(part, everything=everything) for part in lists)
            return Node(good=trace.held, name=trace.text or "together", children=children)
        case TraceKind.NONE:
            children = tuple(_reversed(_node(item, everything=everything)) for item in trace.children)
        case TraceKind.ANY if trace.held:
            children = tuple(_dispensable(_node(item, everything=everything)) for item in trace.children)
        case TraceKind.ANY | TraceKind.ALL:
            children = tuple(_node(item, everything=everything) for item in trace.children)
    shown = children if everything or trace.kind is TraceKind.ALL else tuple(_summed_up(trace, children))
    return Node(good=trace.held, name=_HEADINGS[trace.kind], children=shown)


def _reversed(node: Node) -> Node:
    """An item that must not stand is good where it does not."""
    return replace(node, good=not node.good)


def _dispensable(node: Node) -> Node:
    """An item of a list of which enough stand."""
    return node if node.good else replace(node, good=None)


def _summed_up(trace: Trace, children: Sequence[Node]) -> Iterator[Node]:
    """The items that stand or are groups, then those that do not on one line."""
    absent = []
    for item, child in zip(trace.children, children, strict=True):
        if item.kind is TraceKind.TERM and not item.hits and not item.cancelled:
            absent.append(child)
        else:
            yield child
    if len(absent) == 1:
        yield absent[0]
    elif absent:
        named = ", ".join(node.name for node in absent[:MOST_NAMED])
        more = f" and {len(absent) - MOST_NAMED} more" if len(absent) > MOST_NAMED else ""
        yield Node(good=absent[0].good, name=named + more, found=_NOWHERE)


_NOWHERE: Final = "nowhere"


def _found(term: Trace) -> str:
    """What stands for a term, as a few words."""
    parts = []
    if term.hits:
        parts.append(_words(term.hits))
    if cancelled := _cancelled(term):
        parts.append(f"not counted: {_words(cancelled)}")
    return "; ".join(parts) or _NOWHERE


def _words(spans: Sequence[Span]) -> str:
    """Each different text once, with the number of times where it is more, and the fields."""
    counts: dict[str, int] = {}
    for span in spans:
        text = " ".join(span.text.split())
        counts[text] = counts.get(text, 0) + 1
    quoted = [f"“{text}”" + (f" ×{number}" if number > 1 else "") for text, number in counts.items()]
    more = f" and {len(quoted) - MOST_QUOTED} more" if len(quoted) > MOST_QUOTED else ""
    fields = ", ".join(dict.fromkeys(span.field.value for span in spans))
    return f"{', '.join(quoted[:MOST_QUOTED])}{more} in {fields}"


def _passages(article: Article, traces: Sequence[RuleTrace], *, whole: bool) -> Iterator[Passage]:
    marked = list(_marks(traces))
    for field in Field:
        text = article.text_of(field)
        if text:
            pieces = _cut(text, [(mark, span) for mark, span in marked if span.field is field])
            shown = pieces if whole or len(text) <= LONGEST_PASSAGE else _shortened(pieces)
            yield Passage(field=field, pieces=tuple(shown))


def _marks(traces: Iterable[RuleTrace]) -> Iterator[tuple[Mark, Span]]:
    for trace in traces:
        for span in trace.root.hits if trace.rang else ():
            yield Mark.RANG, span
        for node in trace.root.walk():
            if node.kind is TraceKind.TERM:
                yield from ((Mark.STOOD, span) for span in node.hits)
                yield from ((Mark.CANCELLED, span) for span in _cancelled(node))


def _cut(text: str, marked: Iterable[tuple[Mark, Span]]) -> list[Piece]:
    """The text in pieces, each with the greatest of its marks; one sweep over the ends of the spans."""
    events: list[tuple[int, int, Mark]] = []
    for mark, span in dict.fromkeys(marked):
        events += [(span.start, 1, mark), (span.end, -1, mark)]
    open_marks = dict.fromkeys(Mark, 0)
    pieces: list[Piece] = []
    position = 0
    for place, change, mark in sorted(events):
        _append(pieces, text[position:place], open_marks)
        position = place
        open_marks[mark] += change
    _append(pieces, text[position:], open_marks)
    return pieces


def _append(pieces: list[Piece], text: str, open_marks: dict[Mark, int]) -> None:
    mark = max((mark for mark, number in open_marks.items() if number), default=Mark.PLAIN)
    if not text:
        return
    if pieces and pieces[-1].mark is mark:
        text = pieces.pop().text + text
    pieces.append(Piece(text=text, mark=mark))


def _shortened(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces with what is far from every mark left out."""
    if len(pieces) == 1:
        yield from _hollowed(pieces[0].text, before=LONGEST_PASSAGE, after=0)
        return
    for number, piece in enumerate(pieces):
        if piece.mark is not Mark.PLAIN:
            yield piece
            continue
        before = AROUND if number else 0
        after = AROUND if number + 1 < len(pieces) else 0
        yield from _hollowed(piece.text, before=before, after=after)


def _hollowed(text: str, *, before: int, after: int) -> Iterator[Piece]:
    """A text of which about so much is shown at its beginning and its end, cut between words where there are any."""
    gap = _GAP.search(text, max(0, before - LONGEST_WORD), before) if before else None
    start = gap.end() if gap else before
    end = len(text) - after
    gap = _GAP.search(text, end, end + LONGEST_WORD) if after else None
    end = gap.start() if gap else end
    if end - start <= AROUND:
        yield Piece(text=text)
        return
    if start:
        yield Piece(text=text[:start])
    yield Piece(text=text[start:end], left_out=True)
    if end < len(text):
        yield Piece(text=text[end:])
