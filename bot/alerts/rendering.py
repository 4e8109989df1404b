"""An alert as a message: text and entities, so that nothing in it can be taken for markup.

    Türkiye eyes rare earth partnership with China          the title, bold, linked to its source
    The energy minister travels in October. Talks ...       two sentences

    ↩️ Earlier: Talks on rare earths end without a deal      the ended story that it returns to, if any
    🔔 Rare earths “rare earth” · BRICS “BRICS”             why it rang
    📰 Daily Sabah · Ankara Wire · 2 sources · 25 Nov 14:05 UTC

A development of it, which answers the message:

    🔄 Rare earth deal signed in Beijing
    The two ministers put their names to it. ...

    New: 40 · Beijing
    📰 Ankara Wire · 25 Nov 16:20 UTC

A channel's template may order the parts otherwise and leave some out. Title and summary are the story, and a blank
line parts them from what is said about it.

Each part has a share of Telegram's 4,096 UTF-16 code units, so that the whole always fits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.alerts.fitting import UNTITLED, fitted
from bot.alerts.harmless import harmless, is_blank, shorten, utf16_length
from bot.models import Alert, Earlier, EntityKind, Lead, Message, MessagePart, Reason, TextEntity
from bot.rules.definitions import USUAL_TEMPLATE

TITLE: Final = 300
SUMMARY: Final = 700
RULES: Final = 12
RULE_TITLE: Final = 60
WORDS: Final = 3
WORD: Final = 40
SOURCES: Final = 5
SOURCE: Final = 60
EARLIER: Final = 160
FACTS: Final = 6
FACT: Final = 60

_STORY: Final = (MessagePart.TITLE, MessagePart.SUMMARY)
_MARKS: Final = {MessagePart.WHY: "🔔 ", MessagePart.SOURCES: "📰 ", MessagePart.TIME: "🕒 "}
_MARKS_OF_A_DEVELOPMENT: Final = {**_MARKS, MessagePart.TITLE: "🔄 ", MessagePart.WHY: "New: "}
_ON_ONE_LINE: Final = frozenset((MessagePart.SOURCES, MessagePart.TIME))

_RIGHT_TO_LEFT: Final = ("R", "AL", "AN")
_ISOLATE, _POP = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a channel wants its alerts to look: the zone of their times, their parts from top to bottom, their noise."""

    timezone: ZoneInfo
    template: tuple[MessagePart, ...] = USUAL_TEMPLATE
    silent: bool = False
    preview: bool = True


class MessageBuilder:
    """Text that grows by pieces, with the entities that cover them."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._entities: list[TextEntity] = []

    def add(self, text: str, *kinds: EntityKind, url: str | None = None) -> None:
        """Append a piece under any number of kinds of formatting; `url` goes with TEXT_LINK."""
        length = utf16_length(text)
        for kind in kinds if length else ():
            link = url if kind is EntityKind.TEXT_LINK else None
            self._entities.append(TextEntity(kind=kind, offset=self._length, length=length, url=link))
        self._pieces.append(text)
        self._length += length

    def build(self, *, silent: bool = False, preview: bool = True) -> Message:
        """The message so far, as Telegram takes it."""
        text, entities = "".join(self._pieces), tuple(self._entities)
        return fitted(Message(text=text, entities=entities, silent=silent, preview=preview))


def render(alert: Alert, style: Style) -> Message:
    """The message of an alert."""
    parts = {
        MessagePart.TITLE: _title(alert.title, alert.url),
        MessagePart.SUMMARY: _Piece(shorten(harmless(alert.summary), SUMMARY)),
        MessagePart.WHY: _Piece(why(alert.reasons)),
        MessagePart.SOURCES: _Piece(told_by(alert.sources)),
        MessagePart.TIME: _Piece(local_time(alert.published, style.timezone)),
    }
    lines = _lines(parts, style.template, _MARKS)
    if alert.earlier is not None:
        lines.insert(_first_detail(lines), _earlier(alert.earlier))
    return _composed(lines, style)


def render_development(lead: Lead, new: tuple[str, ...], style: Style) -> Message:
    """The message of an article that carries a story on; `new` is what it tells that was not told before."""
    parts = {
        MessagePart.TITLE: _title(lead.title, lead.url),
        MessagePart.SUMMARY: _Piece(shorten(harmless(lead.summary), SUMMARY)),
        MessagePart.WHY: _Piece(_facts(new)),
        MessagePart.SOURCES: _Piece(_name(lead.source)),
        MessagePart.TIME: _Piece(local_time(lead.published, style.timezone)),
    }
    return _composed(_lines(parts, style.template, _MARKS_OF_A_DEVELOPMENT), style)


def why(reasons: tuple[Reason, ...]) -> str:
    """The rules that rang, each with the words that matched."""
    shown = [_reason(reason) for reason in reasons[:RULES]]
    if len(reasons) > RULES:
        shown.append(f"{len(reasons) - RULES} more")
    return " · ".join(shown)


def told_by(sources: tuple[str, ...]) -> str:
    """The names of the sources, and their number once it says more than the names do; of no source, nothing."""
    if not sources:
        return ""
    shown = " · ".join(_name(source) for source in sources[:SOURCES])
    count = "1 source" if len(sources) == 1 else f"{len(sources)} sources"
    return f"{shown} · {count}"


def local_time(at: datetime, timezone: ZoneInfo) -> str:
    """A time as people of the zone write it down: 25 Nov 14:05 UTC+3."""
    local = at.astimezone(timezone)
    zone = local.tzname() or "UTC"
    if zone[0] in "+-":  # a zone without a name of its own: +03, +0545
        zone = f"UTC{zone[0]}{int(zone[1:3])}" + (f":{zone[3:5]}" if zone[3:5] else "")
    return f"{local.day} {local:%b %H:%M} {zone}"


def headline(title: str, limit: int) -> str:
    """A title as it is shown, in at most so many UTF-16 code units; what says nothing is called untitled."""
    shown = shorten(harmless(title), limit)
    return UNTITLED if is_blank(shown) else shown


def isolated(text: str) -> str:
    """A piece of text that cannot reorder what stands around it when it runs from right to left."""
    if any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in text):
        return f"{_ISOLATE}{text}{_POP}"
    return text


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text under some formatting; without text it leaves no trace."""

    text: str
    kinds: tuple[EntityKind, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """Pieces that share a line, of the story itself or of what is said about it."""

    pieces: tuple[_Piece, ...]
    of_story: bool = False


def _lines(
    parts: Mapping[MessagePart, _Piece], template: Iterable[MessagePart], marks: Mapping[MessagePart, str]
) -> list[_Line]:
    """The parts in the order of the template, each behind its mark; those that are empty leave no trace."""
    lines: list[_Line] = []
    last: MessagePart | None = None
    for part in template:
        if not parts[part].text:
            continue
        if {last, part} == _ON_ONE_LINE:
            lines[-1] = replace(lines[-1], pieces=(*lines[-1].pieces, _Piece(" · "), parts[part]))
        else:
            lines.append(_Line((_Piece(marks.get(part, "")), parts[part]), of_story=part in _STORY))
        last = part
    return lines


def _first_detail(lines: Sequence[_Line]) -> int:
    """Where the first line after the story stands, or would stand."""
    told = next((place for place, line in enumerate(lines) if line.of_story), 0)
    return next((place for place in range(told, len(lines)) if not lines[place].of_story), len(lines))


def _composed(lines: Sequence[_Line], style: Style) -> Message:
    message = MessageBuilder()
    above: _Line | None = None
    for line in lines:
        if above is not None:
            message.add("\n" if line.of_story == above.of_story else "\n\n")
        for piece in line.pieces:
            message.add(piece.text, *piece.kinds, url=piece.url)
        above = line
    return message.build(silent=style.silent, preview=style.preview)


def _title(title: str, url: str | None) -> _Piece:
    kinds = (EntityKind.BOLD,) if url is None else (EntityKind.BOLD, EntityKind.TEXT_LINK)
    return _Piece(headline(title, TITLE), kinds, url)


def _earlier(earlier: Earlier) -> _Line:
    kinds = () if earlier.url is None else (EntityKind.TEXT_LINK,)
    title = isolated(headline(earlier.title, EARLIER))
    return _Line((_Piece("↩️ Earlier: "), _Piece(title, kinds, earlier.url)))


def _facts(new: Sequence[str]) -> str:
    facts = [isolated(shorten(harmless(fact), FACT)) for fact in new[:FACTS]]
    if len(new) > FACTS:
        facts.append(f"{len(new) - FACTS} more")
    return " · ".join(facts)


def _name(source: str) -> str:
    return isolated(shorten(harmless(source), SOURCE))


def _reason(reason: Reason) -> str:
    title = isolated(shorten(harmless(reason.title), RULE_TITLE))
    words = [isolated(f"“{shorten(harmless(word), WORD)}”") for word in reason.words[:WORDS]]
    return " ".join([title, ", ".join(words)]) if words else title
