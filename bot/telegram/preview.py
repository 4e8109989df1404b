"""Messages as a terminal shows them: for `--dry-run` and the demo."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot.models import (
    ChatFacts,
    Delivery,
    DeliveryKind,
    EntityKind,
    Message,
    Outcome,
    Sent,
    Sight,
    Stopped,
    Unreachable,
    Unseen,
)

STYLES: Final = {EntityKind.BOLD: "bold", EntityKind.ITALIC: "italic", EntityKind.TEXT_LINK: "cyan"}

NOTES: Final = {
    DeliveryKind.MESSAGE: "",
    DeliveryKind.REPLY: "answers message",
    DeliveryKind.EDIT: "instead of message",
}


class PreviewSender:
    """`Sender` that prints instead of sending, under message ids of its own."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._sent = 0

    async def check(self) -> Stopped | Unreachable | None:
        """There is no token to be refused."""
        return None

    async def send(self, delivery: Delivery) -> Outcome:
        """Print the message under its chat's name, and the message that it changes or answers at its foot."""
        thread = "" if delivery.thread is None else f" · topic {delivery.thread}"
        note = "" if delivery.target is None else f"{NOTES[delivery.kind]} {delivery.target}"
        self._console.print(panel(delivery.message, f"{delivery.chat}{thread}", note))
        if delivery.kind is DeliveryKind.EDIT and delivery.target is not None:
            return Sent(message_id=delivery.target)
        self._sent += 1
        return Sent(message_id=self._sent)

    async def peek(self, chat: str, message_id: int, *, audit: str) -> Sight:  # noqa: ARG002 - the protocol's
        """There is no chat to look into."""
        return Unseen(why="nothing is sent, so that there is nothing to see", final=True)

    async def identify(self, chat: str) -> ChatFacts | None:  # noqa: ARG002 - the protocol's
        """Nobody is there to be asked."""
        return None

    async def close(self) -> None:
        """Nothing is open."""


def panel(message: Message, title: str, note: str = "") -> Panel:
    """A message in a frame that bears its chat's name, and a note at its foot."""
    return Panel(
        styled(message),
        title=Text(title),
        title_align="left",
        subtitle=Text(note) if note else None,
        subtitle_align="right",
        border_style="dim",
        padding=(0, 1),
    )


def styled(message: Message) -> Text:
    """A message as terminal text, its entities as styles, its links as links."""
    text = Text(message.text)
    for entity in message.entities:
        style = STYLES[entity.kind]
        if entity.url is not None:
            style = f"{style} link {entity.url}"
        start, end = (
            _code_points(message.text, units) for units in (entity.offset, entity.offset + entity.length)
        )
        text.stylize(style, start, end)
    return text


def _code_points(text: str, units: int) -> int:
    """How many code points stand within the first UTF-16 units of a text."""
    return len(text.encode("utf-16-le", "surrogatepass")[: units * 2].decode("utf-16-le", "surrogatepass"))
