"""Stories that waited, as one message: for a cooldown or a cap, or for a chat that could not be reached.

Rare earths: 3 more stories
• A refinery for rare earths (Example Wire)
• …

⏳ 40 stories from while this chat could not be reached
• A refinery for rare earths (Example Wire)
• …
… and 25 more
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.alerts.harmless import harmless, shorten
from bot.alerts.rendering import RULE_TITLE, SOURCE, MessageBuilder, headline, isolated
from bot.models import Backlog, EntityKind, Headline, Held, Message

LISTED: Final = 15
"""Stories that are named; the rest is counted. With their limits below they fit into one message."""

TITLE: Final = 160


def gathered(
    title: str | None, held: Sequence[Held], *, silent: bool = False, preview: bool = False
) -> Message:
    """Stories that waited together; a single one as the alert that it would have been, whatever it is now to look like.

    `title` is what they waited for, a rule's or a feed's; None says nothing of it.
    """
    if len(held) == 1:
        return held[0].message
    stories = f"{len(held)} more stories"
    shown = shorten(harmless(title or ""), RULE_TITLE)
    headlines = [Headline(title=story.title, url=story.url, source=story.source) for story in held[:LISTED]]
    heading = f"{isolated(shown)}: {stories}" if shown else stories
    return _listed(heading, headlines, len(held)).build(silent=silent, preview=preview)


def backlog_digest(backlog: Backlog, *, silent: bool = False, preview: bool = False) -> Message:
    """What a place was not sent in time; it is told how much that was, and of the most urgent and newest."""
    stories = "1 story" if backlog.count == 1 else f"{backlog.count} stories"
    heading = f"⏳ {stories} from while this chat could not be reached"
    return _listed(heading, backlog.headlines[:LISTED], backlog.count).build(silent=silent, preview=preview)


def _listed(heading: str, headlines: Sequence[Headline], count: int) -> MessageBuilder:
    """A line for each headline, and how many more there are of `count`."""
    message = MessageBuilder()
    message.add(heading, EntityKind.BOLD)
    for story in headlines:
        message.add("\n• ")
        kinds = () if story.url is None else (EntityKind.TEXT_LINK,)
        message.add(isolated(headline(story.title, TITLE)), *kinds, url=story.url)
        message.add(f" ({isolated(shorten(harmless(story.source), SOURCE))})")
    if headlines and count > len(headlines):
        message.add(f"\n… and {count - len(headlines)} more")
    return message
