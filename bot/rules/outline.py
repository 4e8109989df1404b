"""Ways through the nodes of rules files: to their sections, their terms, and the names that these mention.

Works on the nodes and not on what the schema makes of them, so that a mistake in one part of a file hides none
in another; what has the wrong form is passed over here, for the schema tells it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from bot.rules.definitions import TermKind
from bot.rules.syntax import parse_term
from bot.rules.yaml_nodes import ListNode, MapEntry, MapNode, Node, ScalarNode

Roots: TypeAlias = Sequence[MapNode]
"""A rules file and all that it includes, in the order in which they were read."""

GROUP_LISTS: Final = ("any", "all", "none")
"""The keys of a group that hold items."""


def sections(roots: Roots, key: str) -> list[MapNode]:
    """The items of a list that stands at the top of files."""
    return [item for root in roots for item in items(root.get(key)) if isinstance(item, MapNode)]


def entries(roots: Roots, key: str) -> list[MapEntry]:
    """The entries of a mapping that stands at the top of files."""
    found: list[MapEntry] = []
    for root in roots:
        node = root.get(key)
        if isinstance(node, MapNode):
            found.extend(node.entries.values())
    return found


def items(node: Node | None) -> tuple[Node, ...]:
    """The items of a list."""
    return node.items if isinstance(node, ListNode) else ()


def scalars(node: Node | None) -> Iterator[ScalarNode]:
    """The items of a list that are single values."""
    return (item for item in items(node) if isinstance(item, ScalarNode))


def scalar(section: MapNode, key: str) -> ScalarNode | None:
    """A single value that is not empty."""
    node = section.get(key)
    return node if isinstance(node, ScalarNode) and node.text else None


def groups(node: Node | None) -> Iterator[MapNode]:
    """The groups in a list of items, those within groups too; YAML's own depth bounds the recursion."""
    for item in items(node):
        if isinstance(item, MapNode) and "term" not in item.entries:
            yield item
            for key in GROUP_LISTS:
                yield from groups(item.get(key))


def terms(node: Node | None) -> Iterator[ScalarNode]:
    """The terms in a list of items, weighted ones too, but not those within its groups."""
    for item in items(node):
        term = item.get("term") if isinstance(item, MapNode) else item
        if isinstance(term, ScalarNode):
            yield term


def all_terms(node: Node | None) -> Iterator[ScalarNode]:
    """The terms in a list of items and in all of its groups."""
    yield from terms(node)
    for group in groups(node):
        yield from terms_of_group(group)


def terms_of_group(group: MapNode) -> Iterator[ScalarNode]:
    """The terms that stand in a group itself."""
    for key in GROUP_LISTS:
        yield from terms(group.get(key))


def terms_of_entity(section: Node) -> Iterator[ScalarNode]:
    """The terms of an entity: names, exclusions and context."""
    if not isinstance(section, MapNode):
        return
    aliases = section.get("aliases")
    by_language = [entry.value for entry in aliases.entries.values()] if isinstance(aliases, MapNode) else []
    requires = section.get("requires")
    context = requires.get("any") if isinstance(requires, MapNode) else None
    for node in (aliases, *by_language, section.get("unless"), context):
        yield from scalars(node)


def mentioned(term: ScalarNode) -> str | None:
    """The name of an entity or a list that a term is; None for a term of another kind."""
    if "$" not in term.text:
        return None
    try:
        parsed = parse_term(term.text)
    except ValueError:
        return None
    return parsed.text if parsed.kind is TermKind.ENTITY else None
