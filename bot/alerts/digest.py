"""Stories that waited, as one message.

Rare earths: 3 more stories
• A refinery for rare earths (Example Wire)
• …
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.alerts.harmless import harmless, shorten
from bot.alerts.rendering import RULE_TITLE, SOURCE, UNTITLED, MessageBuilder, isolated
from bot.models import EntityKind, Held, Message

LISTED: Final = 15
"""Stories that are named; the rest is counted. With their limits below they fit into one message."""

TITLE: Final = 160


def gathered(title: str, held: Sequence[Held]) -> Message:
    """The stories that waited for one rule, under its title; a single one as the alert that it would have been."""
    if len(held) == 1:
        return held[0].message
    message = MessageBuilder()
    message.add(
        f"{isolated(shorten(harmless(title), RULE_TITLE))}: {len(held)} more stories", EntityKind.BOLD
    )
    for story in held[:LISTED]:
        message.add("\n• ")
        name = shorten(harmless(story.title), TITLE) or UNTITLED
        message.add(name, *([EntityKind.TEXT_LINK] if story.url else []), url=story.url)
        message.add(f" ({isolated(shorten(harmless(story.source), SOURCE))})")
    if len(held) > LISTED:
        message.add(f"\n… and {len(held) - LISTED} more")
    return message.build()
