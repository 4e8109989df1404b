"""What the channels of rules files say of one another, and of the chat that the operators look for messages with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydantic import ValidationError

from bot.models import MessagePart
from bot.rules.findings import Findings, listed, quoted, where
from bot.rules.outline import Roots, scalar, scalars, sections
from bot.rules.schema import ChannelSection
from bot.rules.schema_help import plain
from bot.rules.yaml_nodes import MapNode, ScalarNode

_IDENTITY: Final = frozenset({"chat", "thread", "rules"})
"""Where a channel is and what it follows. The rules of its listings are joined; all other keys are settings."""

_SETTINGS: Final = tuple(key for key in ChannelSection.model_fields if key not in _IDENTITY)
_PARTS: Final = frozenset(MessagePart)


def check_channels(roots: Roots, findings: Findings) -> None:
    """Note listings of one chat that contradict each other, templates that repeat a part, and a shared audit chat."""
    for channel in sections(roots, "channels"):
        _check_parts(channel, findings)
    _check_settings(roots, findings)
    _check_audit(roots, findings)


def _check_parts(channel: MapNode, findings: Findings) -> None:
    first: dict[str, ScalarNode] = {}
    for node in scalars(channel.get("template")):
        earlier = first.setdefault(node.text, node)
        if earlier is not node and node.text in _PARTS:
            what = f"the part {quoted(node.text)} is given twice, {_first(earlier, node)}"
            findings.add(node, what, "remove one of them")


def _check_settings(roots: Roots, findings: Findings) -> None:
    """A chat, or a topic of it, that is listed several times must be treated alike each time."""
    first: dict[tuple[str, int | None], tuple[ScalarNode, ChannelSection]] = {}
    for node, chat, channel in _readable(roots):
        earlier, before = first.setdefault((channel.chat.casefold(), channel.thread), (chat, channel))
        different = [key for key in _SETTINGS if getattr(channel, key) != getattr(before, key)]
        if different:
            written = next((node.entries[key].key for key in different if key in node.entries), chat)
            findings.add(
                written,
                f"the chat {quoted(chat.text)} is given {where(earlier, written)} "
                f"with {'another' if len(different) == 1 else 'other'} {listed(different)}",
                "write the same in both places, or list the chat once",
            )


def _readable(roots: Roots) -> Iterator[tuple[MapNode, ScalarNode, ChannelSection]]:
    """Channels in good form, each with the place of its chat."""
    for node in sections(roots, "channels"):
        chat = scalar(node, "chat")
        try:
            section = ChannelSection.model_validate(plain(node))
        except ValidationError:
            continue
        if chat:
            yield node, chat, section


def _check_audit(roots: Roots, findings: Findings) -> None:
    """What is forwarded to the audit chat would be read by those who follow a channel there."""
    operators = roots[0].get("operators")
    audit = scalar(operators, "audit") if isinstance(operators, MapNode) else None
    if audit is None:
        return
    for channel in sections(roots, "channels"):
        chat = scalar(channel, "chat")
        if chat and chat.text.casefold() == audit.text.casefold():
            findings.add(
                audit,
                f"the chat {quoted(audit.text)} is the one of a channel too, {where(chat, audit)}",
                "give `audit` a chat of its own, for the bot posts there to look for messages, or remove it",
            )
            return


def _first(earlier: ScalarNode, later: ScalarNode) -> str:
    place = where(earlier, later)
    return place if place == "in this same line" else f"first {place}"
