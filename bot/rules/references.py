"""What one part of a rules file says about another: names that must exist, and things that may stand only once.

Works on the nodes, so that a mistake elsewhere in the file hides none of these; what has the wrong form is
passed over here, for the schema tells it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from bot.rules.definitions import TermKind
from bot.rules.findings import START, Findings, Mistake, did_you_mean, quoted
from bot.rules.scalars import EVERY_RULE, read_url
from bot.rules.syntax import parse_term
from bot.rules.yaml_nodes import ListNode, MapNode, Node, ScalarNode

Mentions: TypeAlias = dict[str, list[tuple[str, ScalarNode]]]
"""For each entity those that it names, with the places where it does."""

MOST_HINTS: Final = 100
"""A file with more problems than this has another trouble than a slip of the pen, and hints cost time."""

LONGEST_CIRCLE: Final = 8
"""Entities of a circle that are told one by one."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def check_references(root: MapNode, findings: Findings) -> None:
    """Note unknown names, cycles and doubles."""
    _once((_scalar(rule, "id") for rule in _sections(root, "rules")), "the rule", findings)
    _once_by(((_same_feed(url.text), url) for url in _urls(root)), "the feed", findings)
    _once_by(_chats(root), "the chat", findings)
    _check_entities(root, findings)
    _check_rule_ids(root, findings)


def check_ready_to_run(root: MapNode, findings: Findings) -> None:
    """Note what a running bot cannot do without."""
    for key, example in (
        ("feeds", "- url: https://example.org/rss.xml"),
        ("rules", "- id: rare-earth"),
        ("channels", '- chat: "@my_channel"'),
    ):
        if not _sections(root, key):
            entry = root.entries.get(key)
            findings.add(
                entry.key if entry else START,
                f"there is nothing under `{key}`, which a running bot needs",
                f"list at least one, beginning with `{example}`",
            )


def _check_entities(root: MapNode, findings: Findings) -> None:
    entities = root.get("entities")
    sections = entities.entries if isinstance(entities, MapNode) else {}
    mentions: Mentions = {
        name: list(_mentions(entry.value, ("aliases", "unless"))) for name, entry in sections.items()
    }
    in_rules = [
        mention for rule in _sections(root, "rules") for mention in _mentions(rule, ("any", "all", "none"))
    ]
    for name, place in [*(pair for pairs in mentions.values() for pair in pairs), *in_rules]:
        if name not in sections:
            remedy = _hint(name, sections, findings) or (
                f"define it under `entities`, or write `=${name}` if the text itself is meant"
            )
            findings.add(place, f"the entity {quoted(name)} does not exist", remedy)
    _check_cycles(mentions, findings)


def _check_cycles(mentions: Mentions, findings: Findings) -> None:
    """Walk depth first with a stack of its own, for a chain of entities may be longer than Python's."""
    finished: set[str] = set()
    for start in mentions:
        path = {start: iter(mentions[start])} if start not in finished else {}
        while path:
            current = next(reversed(path))
            name, place = next(path[current], (None, None))
            if name is None or place is None:
                finished.add(current)
                del path[current]
            elif name in path:
                findings.add(
                    place,
                    f"the entity {quoted(name)} contains itself ({_circle(list(path), name)})",
                    "remove one of the steps",
                )
            elif name in mentions and name not in finished:
                path[name] = iter(mentions[name])


def _hint(name: str, names: Iterable[str], findings: Findings) -> str | None:
    return did_you_mean(name, names) if len(findings) < MOST_HINTS else None


def _circle(path: list[str], name: str) -> str:
    """The way from an entity back to it; the middle of a long one is left out."""
    steps = [*path[path.index(name) :], name]
    if len(steps) > LONGEST_CIRCLE:
        steps = [*steps[:2], "…", *steps[-2:]]
    return " → ".join(steps)


def _check_rule_ids(root: MapNode, findings: Findings) -> None:
    ids = [node.text for rule in _sections(root, "rules") if (node := _scalar(rule, "id"))]
    known = frozenset(ids)
    for section, key in (("channels", "rules"), ("tests", "expect")):
        for item in _sections(root, section):
            named = list(_scalars(item.get(key)))
            _once(named, "the rule", findings)
            for node in named:
                if node.text and node.text not in known:
                    remedy = _hint(node.text, ids, findings) or "use the `id` of a rule under `rules`"
                    if (section, node.text) == ("channels", EVERY_RULE):
                        remedy = "write `rules: all`, without brackets, for every rule"
                    findings.add(node, f"the rule {quoted(node.text)} does not exist", remedy)


def _once(nodes: Iterable[ScalarNode | None], subject: str, findings: Findings) -> None:
    _once_by(((node.text, node) for node in nodes if node), subject, findings)


def _once_by(keyed: Iterable[tuple[object, ScalarNode]], subject: str, findings: Findings) -> None:
    first: dict[object, ScalarNode] = {}
    for key, node in keyed:
        earlier = first.setdefault(key, node)
        if earlier is not node:
            where = f"first in line {earlier.line}" if earlier.line != node.line else "in this same line"
            findings.add(
                node, f"{subject} {quoted(node.text)} is given twice, {where}", "remove or rename one of them"
            )


def _urls(root: MapNode) -> Iterator[ScalarNode]:
    """Addresses in good form; one that holds a password must not be repeated in a sentence."""
    for feed in _sections(root, "feeds"):
        url = _scalar(feed, "url")
        if url and _is_readable(url):
            yield url


def _is_readable(url: ScalarNode) -> bool:
    try:
        read_url(url)
    except Mistake:
        return False
    return True


def _same_feed(url: str) -> str:
    """A feed's address without what makes no difference: case of scheme and host, default port, fragment."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.port is not None and parts.port != _DEFAULT_PORTS[parts.scheme]:
        host = f"{host}:{parts.port}"
    return parts._replace(netloc=host, path=parts.path or "/", fragment="").geturl()


def _chats(root: MapNode) -> Iterator[tuple[object, ScalarNode]]:
    for channel in _sections(root, "channels"):
        if chat := _scalar(channel, "chat"):
            thread = _scalar(channel, "thread")
            yield (chat.text.casefold(), thread.text if thread else None), chat


def _mentions(section: Node, keys: tuple[str, ...]) -> Iterator[tuple[str, ScalarNode]]:
    """The entities that the terms under some keys name."""
    if not isinstance(section, MapNode):
        return
    for key in keys:
        for node in _scalars(section.get(key)):
            try:
                term = parse_term(node.text)
            except ValueError:
                continue
            if term.kind is TermKind.ENTITY:
                yield term.text, node


def _sections(root: MapNode, key: str) -> list[MapNode]:
    node = root.get(key)
    return [item for item in node.items if isinstance(item, MapNode)] if isinstance(node, ListNode) else []


def _scalars(node: Node | None) -> Iterator[ScalarNode]:
    if isinstance(node, ListNode):
        yield from (item for item in node.items if isinstance(item, ScalarNode))


def _scalar(section: MapNode, key: str) -> ScalarNode | None:
    node = section.get(key)
    return node if isinstance(node, ScalarNode) and node.text else None
