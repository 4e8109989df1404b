"""Where the parts of definitions stand in the files that they were read from.

Definitions carry no positions, for the engine has no use for them; whoever wants to point at a part looks it up
here among the nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

from bot.rules.definitions import Entity, Rule, Term
from bot.rules.findings import Findings, Place, Position
from bot.rules.includes import gather
from bot.rules.loader import read_file
from bot.rules.outline import Roots, entries, scalar, sections
from bot.rules.syntax import parse_term
from bot.rules.yaml_nodes import ListNode, MapNode, Node, ScalarNode

_SECTIONS: Final = frozenset({"any", "all", "none", "aliases", "unless", "requires"})

Key: TypeAlias = tuple[str, str]
"""The key under which something stands, and its text."""


class Places:
    """The places of all definitions of some files; `roots` may be none, and then everything is the file as a whole."""

    def __init__(self, roots: Roots, file: str) -> None:
        self._whole: Place = Position(file=file)
        self._rules = {node.text: rule for rule in sections(roots, "rules") if (node := scalar(rule, "id"))}
        self._entities = {entry.key.text: entry for entry in entries(roots, "entities")}
        self._in_lists: dict[str, ScalarNode] = {}
        for entry in entries(roots, "lists"):
            for (_, text), node in _parts(entry.value, "any"):
                self._in_lists.setdefault(text, node)
        self._parts: dict[tuple[type, str], dict[Key, ScalarNode]] = {}

    def of(self, owner: Rule | Entity) -> Place:
        """Where a rule or an entity stands."""
        if isinstance(owner, Entity):
            entry = self._entities.get(owner.name)
            return entry.key if entry else self._whole
        rule = self._rules.get(owner.id)
        return (scalar(rule, "id") or rule) if rule else self._whole

    def of_term(self, owner: Rule | Entity, section: str, term: Term) -> Place:
        """Where a term stands in a section of its owner, or in a list that the owner shares."""
        key = str(term)
        found = self._parts_of(owner).get((section, key)) or self._in_lists.get(key)
        return found or self.of(owner)

    def of_key(self, owner: Rule | Entity, key: str, value: object = None) -> Place:
        """Where a key stands in its owner, or in a group of it; with `value` the one that has it."""
        parts = self._parts_of(owner)
        return parts.get((key, str(value))) or parts.get((key, "")) or self.of(owner)

    def _parts_of(self, owner: Rule | Entity) -> dict[Key, ScalarNode]:
        name = owner.name if isinstance(owner, Entity) else owner.id
        known = (type(owner), name)
        if known not in self._parts:
            found: dict[Key, ScalarNode] = {}
            for key, node in _parts(self._node(owner), ""):
                found.setdefault(key, node)
            self._parts[known] = found
        return self._parts[known]

    def _node(self, owner: Rule | Entity) -> Node | None:
        if isinstance(owner, Rule):
            return self._rules.get(owner.id)
        entry = self._entities.get(owner.name)
        return entry.value if entry else None


def _parts(node: Node | None, section: str) -> Iterator[tuple[Key, ScalarNode]]:
    """The terms with their sections, and the keys with and without their values; YAML's depth bounds the recursion."""
    match node:
        case MapNode():
            for name, entry in node.entries.items():
                yield (name, ""), entry.key
                if isinstance(entry.value, ScalarNode) and name != "term":
                    yield (name, entry.value.text), entry.key
                opens = name in _SECTIONS and section != "requires"
                yield from _parts(entry.value, name if opens else section)
        case ListNode():
            for item in node.items:
                yield from _parts(item, section)
        case ScalarNode():
            try:
                yield (section, str(parse_term(node.text))), node
            except ValueError:
                return
        case None:
            return


def places_in(path: Path) -> Places:
    """The places of a rules file that loads, and of those that it includes. Raises OSError."""
    return Places(gather(read_file(path), str(path), read_file, Findings(str(path))), str(path))
