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

Each part has a share of Telegram's 4,096 UTF-16 code units, so that the whole always fits.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.alerts.harmless import harmless, shorten, utf16_length
from bot.models import Alert, Earlier, EntityKind, Lead, Message, Reason, TextEntity

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
UNTITLED: Final = "(no title)"

_RIGHT_TO_LEFT: Final = ("R", "AL", "AN")
_ISOLATE, _POP = "\u2068", "\u2069"


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

    def build(self) -> Message:
        """The message so far."""
        return Message(text="".join(self._pieces), entities=tuple(self._entities))


def render(alert: Alert, timezone: ZoneInfo) -> Message:
    """The message of an alert, with its time in the operator's zone."""
    message = MessageBuilder()
    _add_story(message, alert.title, alert.url, alert.summary)
    message.add("\n")
    if alert.earlier is not None:
        _add_earlier(message, alert.earlier)
    message.add(f"\n🔔 {why(alert.reasons)}")
    message.add(f"\n📰 {told_by(alert.sources)} · {local_time(alert.published, timezone)}")
    return message.build()


def render_development(lead: Lead, new: tuple[str, ...], timezone: ZoneInfo) -> Message:
    """The message of an article that carries a story on; `new` is what it tells that was not told before."""
    message = MessageBuilder()
    message.add("🔄 ")
    _add_story(message, lead.title, lead.url, lead.summary)
    facts = [isolated(shorten(harmless(fact), FACT)) for fact in new]
    message.add(f"\n\nNew: {' · '.join(facts[:FACTS])}")
    if len(facts) > FACTS:
        message.add(f" · {len(facts) - FACTS} more")
    source = isolated(shorten(harmless(lead.source), SOURCE))
    message.add(f"\n📰 {source} · {local_time(lead.published, timezone)}")
    return message.build()


def why(reasons: tuple[Reason, ...]) -> str:
    """The rules that rang, each with the words that matched."""
    shown = [_reason(reason) for reason in reasons[:RULES]]
    if len(reasons) > RULES:
        shown.append(f"{len(reasons) - RULES} more")
    return " · ".join(shown)


def told_by(sources: tuple[str, ...]) -> str:
    """The names of the sources, and their number once it says more than the names do."""
    names = [isolated(shorten(harmless(source), SOURCE)) for source in sources]
    shown = " · ".join(names[:SOURCES])
    count = "1 source" if len(names) == 1 else f"{len(names)} sources"
    return f"{shown} · {count}"


def local_time(at: datetime, timezone: ZoneInfo) -> str:
    """A time as people of the zone write it down: 25 Nov 14:05 UTC+3."""
    local = at.astimezone(timezone)
    zone = local.tzname() or "UTC"
    if zone[0] in "+-":  # a zone without a name of its own: +03, +0545
        zone = f"UTC{zone[0]}{int(zone[1:3])}" + (f":{zone[3:5]}" if zone[3:5] else "")
    return f"{local.day} {local:%b %H:%M} {zone}"


def isolated(text: str) -> str:
    """A piece of text that cannot reorder what stands around it when it runs from right to left."""
    if any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in text):
        return f"{_ISOLATE}{text}{_POP}"
    return text


def _add_story(message: MessageBuilder, title: str, url: str | None, summary: str) -> None:
    title = shorten(harmless(title), TITLE) or UNTITLED
    if url is None:
        message.add(title, EntityKind.BOLD)
    else:
        message.add(title, EntityKind.BOLD, EntityKind.TEXT_LINK, url=url)
    summary = shorten(harmless(summary), SUMMARY)
    if summary:
        message.add(f"\n{summary}")


def _add_earlier(message: MessageBuilder, earlier: Earlier) -> None:
    message.add("\n↩️ Earlier: ")
    title = shorten(harmless(earlier.title), EARLIER) or UNTITLED
    message.add(title, *([EntityKind.TEXT_LINK] if earlier.url else []), url=earlier.url)


def _reason(reason: Reason) -> str:
    title = isolated(shorten(harmless(reason.title), RULE_TITLE))
    words = [isolated(f"“{shorten(harmless(word), WORD)}”") for word in reason.words[:WORDS]]
    return " ".join([title, ", ".join(words)]) if words else title
