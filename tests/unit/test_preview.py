"""Messages that are shown instead of sent."""

from __future__ import annotations

import io

import pytest
from builders import NOON
from rich.console import Console

from bot.models import Delivery, DeliveryKind, Message, Sent, Unseen
from bot.telegram import Sender, is_audit_chats_fault
from bot.telegram.preview import PreviewSender


def delivery(kind: DeliveryKind, target: int | None) -> Delivery:
    return Delivery(
        id=1,
        token=1,
        chat="@rare_earth_wire",
        thread=None,
        message=Message(text="the alert"),
        attempt=1,
        doubts=0,
        created_at=NOON,
        kind=kind,
        target=target,
    )


@pytest.mark.parametrize(
    ("kind", "target", "note"),
    [
        (DeliveryKind.REPLY, 7, "answers message 7"),
        (DeliveryKind.EDIT, 7, "instead of message 7"),
    ],
)
async def test_a_preview_names_the_message_that_is_answered_or_changed(
    kind: DeliveryKind, target: int, note: str
) -> None:
    shown = io.StringIO()
    await PreviewSender(Console(file=shown, width=80)).send(delivery(kind, target))
    assert note in shown.getvalue()


async def test_only_what_is_new_in_its_chat_gets_a_number_of_its_own() -> None:
    sender = PreviewSender(Console(file=io.StringIO()))
    kinds = [DeliveryKind.MESSAGE, DeliveryKind.EDIT, DeliveryKind.REPLY]
    outcomes = [await sender.send(delivery(kind, None if kind is kinds[0] else 1)) for kind in kinds]
    assert outcomes == [Sent(message_id=1), Sent(message_id=1), Sent(message_id=2)]


async def test_a_preview_shows_nothing_of_chats() -> None:
    sender = PreviewSender(Console(file=io.StringIO()))
    sight = await sender.peek("@rare_earth_wire", 1, audit="-1")
    assert isinstance(sight, Unseen)
    assert (sight.final, is_audit_chats_fault(sight)) == (True, False)
    assert await sender.identify("@rare_earth_wire") is None


def test_the_preview_of_messages_can_do_all_that_a_sender_can() -> None:
    sender: Sender = PreviewSender(Console(file=io.StringIO()))
    assert {name for name in vars(Sender) if not name.startswith("_")} <= set(dir(sender))
