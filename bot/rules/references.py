"""What one part of the rules files says about another: names that must exist, and things that may stand only once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from bot.rules import outline
from bot.rules.findings import Findings, Mistake, Position, did_you_mean, quoted, where
from bot.rules.outline import Roots, scalar, scalars, sections
from bot.rules.scalars import EVERY_RULE, read_url
from bot.rules.yaml_nodes import MapEntry, MapNode, ScalarNode

Mentions: TypeAlias = dict[str, list[tuple[str, ScalarNode]]]
"""For each entity and list those that it names, with the places where it does."""

MOST_HINTS: Final = 100
"""A file with more problems than this has another trouble than a slip of the pen, and hints cost time."""

DEEPEST_CHAIN: Final = 50
"""Entities of which each names the next one; matching follows them by recursion."""

LONGEST_CIRCLE: Final = 8
"""Entities of a circle that are told one by one."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def check_references(roots: Roots, findings: Findings) -> tuple[str, ...]:
    """Note unknown names, cycles and doubles.

    Gives the names of all entities and lists, each after those that it names itself (where there is no cycle).
    """
    _once((scalar(rule, "id") for rule in sections(roots, "rules")), "the rule", findings)
    _once_by(((same_feed(url.text), url) for url in _urls(roots)), "the feed", findings)
    _check_first_file_only(roots, findings)
    _check_rule_ids(roots, findings)
    _check_feeds(roots, findings)
    return _check_names(roots, findings)


def check_ready_to_run(roots: Roots, findings: Findings) -> None:
    """Note what a running bot cannot do without."""
    for key, example in (
        ("feeds", "- url: https://example.org/rss.xml"),
        ("rules", "- id: rare-earth"),
        ("channels", '- chat: "@my_channel"'),
    ):
        if not sections(roots, key):
            entry = roots[0].entries.get(key)
            findings.add(
                entry.key if entry else Position(file=findings.file),
                f"there is nothing under `{key}`, which a running bot needs",
                f"list at least one, beginning with `{example}`",
            )


def same_feed(url: str) -> str:
    """A feed's address without what makes no difference: case of scheme and host, default port, fragment."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.port is not None and parts.port != _DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{parts.port}"
    return parts._replace(netloc=host, path=parts.path or "/", fragment="").geturl()


def _check_first_file_only(roots: Roots, findings: Findings) -> None:
    for root in roots[1:]:
        for key in ("defaults", "operators"):
            entry = root.entries.get(key)
            if entry:
                findings.add(
                    entry.key, f"`{key}` stands in an included file", f"move it to {quoted(roots[0].file)}"
                )


def _check_names(roots: Roots, findings: Findings) -> tuple[str, ...]:
    entities, lists = outline.entries(roots, "entities"), outline.entries(roots, "lists")
    _once((entry.key for entry in entities), "the entity", findings)
    _once((entry.key for entry in lists), "the list", findings)
    _check_one_namespace(entities, lists, findings)
    mentions: Mentions = {
        **{entry.key.text: list(_mentions(outline.terms_of_entity(entry.value))) for entry in entities},
        **{entry.key.text: list(_mentions(outline.all_terms(entry.value))) for entry in lists},
    }
    in_rules = [
        mention
        for rule in sections(roots, "rules")
        for terms in (outline.all_terms(rule.get(key)) for key in outline.GROUP_LISTS)
        for mention in _mentions(terms)
    ]
    for name, place in [*(pair for pairs in mentions.values() for pair in pairs), *in_rules]:
        if name not in mentions:
            remedy = _hint(name, mentions, findings) or (
                f"define it under `entities` or `lists`, or write `=${name}` if the text itself is meant"
            )
            findings.add(place, f"there is no entity and no list {quoted(name)}", remedy)
    kinds = {entry.key.text: "list" for entry in lists}
    order = _in_order(mentions, kinds, findings)
    _check_chains(in_rules, _depths(order, mentions, kinds), findings)
    return order


def _check_one_namespace(entities: Iterable[MapEntry], lists: Iterable[MapEntry], findings: Findings) -> None:
    first = {entry.key.text: entry.key for entry in entities}
    for entry in lists:
        namesake = first.get(entry.key.text)
        if namesake:
            findings.add(
                entry.key,
                f"an entity is called {quoted(entry.key.text)} as well, {where(namesake, entry.key)}",
                "rename one of them, for `$` names both",
            )


def _in_order(mentions: Mentions, kinds: Mapping[str, str], findings: Findings) -> tuple[str, ...]:
    """Each name after those that it mentions; a name that mentions itself is noted.

    Walks depth first with a stack of its own, for a chain of entities may be longer than Python's.
    """
    finished: dict[str, None] = {}
    for start in mentions:
        path = {start: iter(mentions[start])} if start not in finished else {}
        while path:
            current = next(reversed(path))
            name, place = next(path[current], (None, None))
            if name is None or place is None:
                finished[current] = None
                del path[current]
            elif name in path:
                findings.add(
                    place,
                    f"the {kinds.get(name, 'entity')} {quoted(name)} contains itself ({_circle(list(path), name)})",
                    "remove one of the steps",
                )
            elif name in mentions and name not in finished:
                path[name] = iter(mentions[name])
    return tuple(finished)


def _depths(order: Iterable[str], mentions: Mentions, kinds: Mapping[str, str]) -> dict[str, int]:
    """How many entities stand in the longest chain from each name on; lists are put in their places and count none."""
    depths: dict[str, int] = {}
    for name in order:
        deepest = max((depths.get(other, 0) for other, _ in mentions[name]), default=0)
        depths[name] = deepest if name in kinds else deepest + 1
    return depths


def _check_chains(
    in_rules: Iterable[tuple[str, ScalarNode]], depths: Mapping[str, int], findings: Findings
) -> None:
    """Rules may lead to no longer chain of entities than matching can follow."""
    for name, place in in_rules:
        if depths.get(name, 0) > DEEPEST_CHAIN:
            findings.add(
                place,
                f"{quoted(name)} leads through a chain of {depths[name]:,} entities, of which each names the next one, "
                f"and only {DEEPEST_CHAIN} may follow each other",
                "let the first entities name those at the end directly",
            )


def _hint(name: str, names: Iterable[str], findings: Findings) -> str | None:
    return did_you_mean(name, names) if len(findings) < MOST_HINTS else None


def _circle(path: list[str], name: str) -> str:
    """The way from a name back to it; the middle of a long one is left out."""
    steps = [*path[path.index(name) :], name]
    if len(steps) > LONGEST_CIRCLE:
        steps = [*steps[:2], "…", *steps[-2:]]
    return " → ".join(steps)


def _check_rule_ids(roots: Roots, findings: Findings) -> None:
    ids = [node.text for rule in sections(roots, "rules") if (node := scalar(rule, "id"))]
    known = frozenset(ids)
    for in_channel, named in _lists_of_rule_ids(roots):
        _once(named, "the rule", findings)
        for node in named:
            if node.text and node.text not in known:
                remedy = _hint(node.text, ids, findings) or "use the `id` of a rule under `rules`"
                if in_channel and node.text == EVERY_RULE:
                    remedy = "write `rules: all`, without brackets, for every rule"
                findings.add(node, f"the rule {quoted(node.text)} does not exist", remedy)


def _lists_of_rule_ids(roots: Roots) -> Iterator[tuple[bool, list[ScalarNode]]]:
    """Each list that names rules, and whether it is a channel's."""
    for channel in sections(roots, "channels"):
        yield True, list(scalars(channel.get("rules")))
    for test in sections(roots, "tests"):
        alerts = outline.items(test.get("alerts"))
        for node in (test.get("expect"), test.get("expect_not"), *alerts):
            yield False, list(scalars(node))


def _check_feeds(roots: Roots, findings: Findings) -> None:
    """Feeds and tags that a rule or a test asks for must be there, where the files list any feeds at all."""
    feeds = sections(roots, "feeds")
    if not feeds:
        return
    names = [node.text for feed in feeds if (node := scalar(feed, "name"))]
    known = {_plain(name) for name in names} | {same_feed(url.text) for url in _urls(roots)}
    tags = [node.text for feed in feeds for node in scalars(feed.get("tags"))]
    known_tags = {_plain(tag) for tag in tags}
    for section in (*sections(roots, "rules"), *_samples(roots)):
        one = scalar(section, "feed")
        _once(scalars(section.get("feeds")), "the feed", findings)
        for node in (*scalars(section.get("feeds")), *([one] if one else [])):
            if node.text and _plain(node.text) not in known and not _is_known_url(node, known):
                remedy = _hint(node.text, names, findings) or "use a `name` or `url` under `feeds`"
                findings.add(node, f"the feed {quoted(node.text)} does not exist", remedy)
        for node in scalars(section.get("tags")):
            if node.text and _plain(node.text) not in known_tags:
                remedy = _hint(node.text, tags, findings) or "use one of the `tags` under `feeds`"
                findings.add(node, f"no feed bears the tag {quoted(node.text)}", remedy)


def _plain(text: str) -> str:
    """Text as `bot.rules.scalars.read_text` gives it."""
    return " ".join(text.split())


def _is_known_url(node: ScalarNode, known: set[str]) -> bool:
    return _is_readable(node) and same_feed(node.text) in known


def _samples(roots: Roots) -> Iterator[MapNode]:
    for test in sections(roots, "tests"):
        yield test
        yield from (item for item in outline.items(test.get("articles")) if isinstance(item, MapNode))


def _once(nodes: Iterable[ScalarNode | None], subject: str, findings: Findings) -> None:
    _once_by(((node.text, node) for node in nodes if node), subject, findings)


def _once_by(keyed: Iterable[tuple[object, ScalarNode]], subject: str, findings: Findings) -> None:
    first: dict[object, ScalarNode] = {}
    for key, node in keyed:
        earlier = first.setdefault(key, node)
        if earlier is not node:
            place = where(earlier, node)
            place = place if place == "in this same line" else f"first {place}"
            findings.add(
                node, f"{subject} {quoted(node.text)} is given twice, {place}", "remove or rename one of them"
            )


def _urls(roots: Roots) -> Iterator[ScalarNode]:
    """Addresses in good form; one that holds a password must not be repeated in a sentence."""
    for feed in sections(roots, "feeds"):
        url = scalar(feed, "url")
        if url and _is_readable(url):
            yield url


def _is_readable(url: ScalarNode) -> bool:
    try:
        read_url(url)
    except Mistake:
        return False
    return True


def _mentions(terms: Iterable[ScalarNode]) -> Iterator[tuple[str, ScalarNode]]:
    """The entities and lists that terms name."""
    for node in terms:
        name = outline.mentioned(node)
        if name is not None:
            yield name, node
