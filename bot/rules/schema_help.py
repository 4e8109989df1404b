"""What pydantic's errors mean to someone who edits a rules file, and where in it they are."""

from __future__ import annotations

from collections.abc import Iterator
from types import NoneType
from typing import Any, Final, TypeAlias, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.rules.findings import Mistake, Mistakes, Place, did_you_mean, listed, quoted
from bot.rules.scalars import found
from bot.rules.schema import GROUP, TAGS, WEIGHTED, GroupSection, RulesFile, WeightedSection
from bot.rules.section import Section
from bot.rules.yaml_nodes import ListNode, MapNode, Node, ScalarNode

Location: TypeAlias = tuple[int | str, ...]
"""The way from the top of a file to a value: keys and list indexes, and tags that say of which kind a value is."""

EXAMPLES: Final = {
    "version": "version: 1",
    "url": "url: https://example.org/rss.xml",
    "id": "id: rare-earth",
    "chat": 'chat: "@my_channel"',
    "rules": "rules: all",
    "any": "any: [a name, another]",
    "term": "term: a name",
}
"""How a key that must be there may look."""

MOST_EXPLAINED: Final = 10_000
"""Errors of one file that are looked at; far fewer are ever told."""

_KEY: Final = "[key]"
"""How pydantic's locations say that a mapping's key is meant, not its value."""

_MARKS: Final = ("title", "re")
"""What stands before a colon in terms; with a space behind it YAML reads a mapping."""


def plain(node: Node) -> object:
    """Mappings and lists as Python's own; scalars stay nodes, for their readers want to know how they are written."""
    match node:
        case MapNode():
            return {key: plain(entry.value) for key, entry in node.entries.items()}
        case ListNode():
            return [plain(item) for item in node.items]
        case ScalarNode():
            return node


def explain(error: ValidationError, root: MapNode) -> Iterator[tuple[Place, str, str]]:
    """Each error of pydantic's in a file as a place and our sentence."""
    for details in error.errors(include_url=False)[:MOST_EXPLAINED]:
        location = tuple(step for step in details["loc"] if step not in TAGS)
        mistake = details.get("ctx", {}).get("error")
        if isinstance(mistake, Mistakes):
            for one in mistake.mistakes:
                yield _told(one, location, root)
        elif isinstance(mistake, Mistake):
            yield _told(mistake, location, root)
        else:
            yield _of_structure(details, location, root)


def _told(mistake: Mistake, location: Location, root: MapNode) -> tuple[Place, str, str]:
    at = (*location, mistake.key) if mistake.key else location
    return _place(root, at), mistake.what, mistake.remedy


def _of_structure(details: ErrorDetails, location: Location, root: MapNode) -> tuple[Place, str, str]:
    value = details["input"]
    key = str(location[-1]) if location else ""
    match details["type"]:
        case "extra_forbidden":
            allowed = keys_at(details["loc"][:-1])
            remedy = did_you_mean(key, allowed) or f"allowed here are {listed(allowed)}"
            return _place(root, (*location, _KEY)), f"unknown key {quoted(key)}", remedy
        case "missing":
            return _place(root, location[:-1]), f"the key {quoted(key)} is missing", f"add `{EXAMPLES[key]}`"
        case "too_short":
            kind = "mapping" if isinstance(value, dict) else "list"
            return _place(root, location), f"the {kind} is empty", "fill it, or remove its key"
        case "list_type":
            return _place(root, location), f"{found(value)} stands where a list is wanted", _as_list(value)
        case "union_tag_not_found":
            return _place(root, location), f"{found(value)} stands where a term is wanted", _as_item(value)
        case _:
            what = f"{found(value)} stands where a mapping is wanted"
            return _place(root, location), what, "write `key: value` lines, as in docs/rules.md"


def _as_list(value: object) -> str:
    if isinstance(value, ScalarNode) and value.value is not None and value.text.strip():
        return f"put it in brackets: `[{quoted(value.text).strip('`')}]`"
    return "write a list, each item on a line that begins with `- `, or remove the key"


def _as_item(value: object) -> str:
    """What may have been meant by a list or a mapping that is neither a group nor a term with a weight."""
    if isinstance(value, dict) and len(value) == 1:
        ((mark, text),) = value.items()
        if mark in _MARKS and isinstance(text, ScalarNode):
            return f"write no space behind the colon: {quoted(f'{mark}:{text.text}')}"
    return "write a term, in quotes if it holds any of `[ ] { } :`, or a group with `any` or `all`"


def keys_at(location: Location) -> tuple[str, ...]:
    """The keys that the section at a location, its tags included, may have."""
    kind: Any = RulesFile
    for step in location:
        if step == GROUP:
            kind = GroupSection
        elif step == WEIGHTED:
            kind = WeightedSection
        elif isinstance(kind, type) and issubclass(kind, Section):
            kind = _without_none(kind.model_fields[str(step)].annotation)
        elif step not in TAGS:
            kind = get_args(kind)[-1]
    return tuple(kind.model_fields)


def _without_none(annotation: Any) -> Any:
    kinds = get_args(annotation)
    if NoneType not in kinds:
        return annotation
    return next(kind for kind in kinds if kind is not NoneType)


def _place(root: MapNode, location: Location) -> Place:
    """Where a location lies: its node, or the last one on the way that exists."""
    node: Node = root
    for step in location:
        if isinstance(node, MapNode) and step in node.entries:
            entry = node.entries[str(step)]
            if location[-1] == _KEY and step == location[-2]:
                return entry.key
            node = entry.value
        elif isinstance(node, ListNode) and isinstance(step, int):
            node = node.items[step]
    return node
