"""What became of a rule on an article, part by part: the values that explanations are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.models import Span


class TraceKind(StrEnum):
    """What a node of an expression is."""

    TERM = "term"
    ANY = "any"
    ALL = "all"
    NONE = "none"
    GROUP = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A node of a rule's expression, with what came of it on one article.

    A GROUP holds a node for each of its lists that is not empty, in the order ALL, ANY, NONE; each of these holds
    its items, which are TERMs and GROUPs. `text` is a term as written (`$byd`, `title:=WHO`), the key of a list,
    or a group in short (`near: 30, scope: sentence`; empty where the group asks for nothing more than its lists).
    `held` says of a term and of a group that it stands, of a list that enough of its items do, or, of NONE, that
    none does. `hits` are the places that count, in reading order; `cancelled` those of a term that stand but do
    not count, for the reason in `note`. `note` is what else there is to say, a sentence without a full stop.
    """

    kind: TraceKind
    text: str
    held: bool
    hits: tuple[Span, ...] = ()
    cancelled: tuple[Span, ...] = ()
    note: str | None = None
    children: tuple[Trace, ...] = ()

    def walk(self) -> Iterator[Trace]:
        """Give the node and all below it, each before its children."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTrace:
    """A rule on an article: whether it rang, its expression, and why it did not or nearly did.

    `notes` are sentences without a full stop, the most telling first: restrictions of the rule that the article
    does not meet, then the notes of all nodes. Where a restriction is not met, `root` says what would have come of
    the expression.
    """

    rule: str
    rang: bool
    root: Trace
    notes: tuple[str, ...] = ()
