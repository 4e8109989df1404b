"""Reads a rules file strictly: all that is wrong is told at once, each with its line and column."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.errors import Problem, RulesError
from bot.models import Feed
from bot.rules.definitions import (
    Alias,
    Channel,
    Defaults,
    Entity,
    Group,
    Item,
    Rule,
    RuleBook,
    RuleTest,
    Term,
    TestArticle,
)
from bot.rules.findings import START, Findings, Mistake, Place, Position, did_you_mean, listed, quoted
from bot.rules.references import check_ready_to_run, check_references
from bot.rules.scalars import EVERY_RULE, found
from bot.rules.schema import (
    EXAMPLES,
    ChannelSection,
    EntitySection,
    FeedSection,
    RuleSection,
    RulesFile,
    keys_at,
)
from bot.rules.yaml_nodes import ListNode, MapNode, Node, ScalarNode, compose, position_after

LARGEST: Final = 1024 * 1024
"""Bytes of a rules file."""

_KEY: Final = "[key]"
"""How pydantic's locations say that a mapping's key is meant, not its value."""


def load_rules(path: Path, *, require_running: bool = False) -> RuleBook:
    """Read a rules file from disk; `require_running` as in `parse_rules`. Raises RulesError."""
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        what, remedy = _unreadable(error)
        raise RulesError((Problem(file=str(path), line=1, column=1, what=what, remedy=remedy),)) from error
    return parse_rules(data, file=str(path), require_running=require_running)


def parse_rules(data: bytes, *, file: str, require_running: bool = False) -> RuleBook:
    """Read the bytes of a rules file; `file` is its name in problems.

    `require_running` also demands what a running bot needs: a feed, a rule and a channel.
    Raises RulesError with every problem that could be found, by position.
    """
    findings = Findings(file)
    text = _decode(data, findings)
    root = compose(text, findings) if text is not None else None
    root = _as_mapping(root, findings)
    rules_file = _validate(root, findings) if root else None
    if root and require_running:
        check_ready_to_run(root, findings)
    if root is None or rules_file is None or findings:
        raise RulesError(findings.in_order())
    return _book(rules_file, root, file)


def _unreadable(error: OSError | ValueError) -> tuple[str, str]:
    match error:
        case FileNotFoundError():
            return "the rules file does not exist", "create it, or name another one"
        case IsADirectoryError():
            return "this is a folder, not a rules file", "name a file in it"
        case PermissionError():
            return "the rules file may not be read", "give this user the right to read it"
        case OSError():
            return f"the rules file cannot be read ({error.strerror})", "check its path and its disk"
        case _:
            return "the path of the rules file is malformed", "name another one"


def _decode(data: bytes, findings: Findings) -> str | None:
    if len(data) > LARGEST:
        place = Position(line=data.count(b"\n", 0, LARGEST) + 1, column=1)
        findings.add(
            place, "the file is larger than 1 MiB from here on", "split it or remove what is not needed"
        )
        return None
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = position_after(data[: error.start].decode("utf-8"))
        findings.add(
            place, f"the byte 0x{data[error.start]:02x} is not UTF-8", "save the file in the encoding UTF-8"
        )
        return None


def _as_mapping(root: Node | None, findings: Findings) -> MapNode | None:
    if isinstance(root, MapNode):
        return root
    if not findings:
        if root is None or (isinstance(root, ScalarNode) and root.value is None):
            findings.add(START, "the file is empty", "begin with `version: 1`")
        else:
            findings.add(
                root,
                f"{found(_plain(root))} stands where the whole file should be a mapping",
                "begin with `version: 1` in the first column",
            )
    return None


def _validate(root: MapNode, findings: Findings) -> RulesFile | None:
    """Structure and references; what was already told at a place is not told again."""
    rules_file = None
    found_so_far = Findings(findings.file)
    try:
        rules_file = RulesFile.model_validate(_plain(root))
    except ValidationError as error:
        for details in error.errors(include_url=False):
            found_so_far.add(*_explain(details, root))
    check_references(root, found_so_far)
    findings.add_new(found_so_far)
    return rules_file


def _plain(node: Node) -> object:
    """Mappings and lists as Python's own; scalars stay nodes, for their readers want to know how they are written."""
    match node:
        case MapNode():
            return {key: _plain(entry.value) for key, entry in node.entries.items()}
        case ListNode():
            return [_plain(item) for item in node.items]
        case ScalarNode():
            return node


def _explain(details: ErrorDetails, root: MapNode) -> tuple[Place, str, str]:
    """An error of pydantic's as a place and our sentence."""
    location, value = details["loc"], details["input"]
    mistake = details.get("ctx", {}).get("error")
    if isinstance(mistake, Mistake):
        at = (*location, mistake.key) if mistake.key else location
        return _place(root, at), mistake.what, mistake.remedy
    key = str(location[-1]) if location else ""
    match details["type"]:
        case "extra_forbidden":
            allowed = keys_at(location[:-1])
            remedy = did_you_mean(key, allowed) or f"allowed here are {listed(allowed)}"
            return _place(root, (*location, _KEY)), f"unknown key {quoted(key)}", remedy
        case "missing":
            return _place(root, location[:-1]), f"the key {quoted(key)} is missing", f"add `{EXAMPLES[key]}`"
        case "too_short":
            return _place(root, location), "the list is empty", "fill it, or remove its key"
        case "list_type":
            return _place(root, location), f"{found(value)} stands where a list is wanted", _as_list(value)
        case _:
            what = f"{found(value)} stands where a mapping is wanted"
            return _place(root, location), what, "write `key: value` lines, as in docs/rules.md"


def _as_list(value: object) -> str:
    if isinstance(value, ScalarNode) and value.value is not None and value.text.strip():
        return f"put it in brackets: `[{quoted(value.text).strip('`')}]`"
    return "write a list, each item on a line that begins with `- `, or remove the key"


def _place(root: MapNode, location: tuple[int | str, ...]) -> Place:
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


def _book(rules_file: RulesFile, root: MapNode, file: str) -> RuleBook:
    ids = tuple(rule.id for rule in rules_file.rules)
    tests = root.get("tests")
    places = tests.items if isinstance(tests, ListNode) else ()
    return RuleBook(
        defaults=Defaults(**{key: value for key, value in rules_file.defaults if value is not None}),
        feeds=tuple(_feed(feed) for feed in rules_file.feeds),
        entities=tuple(_entity(name, entity) for name, entity in rules_file.entities.items()),
        rules=tuple(_rule(rule) for rule in rules_file.rules),
        channels=tuple(_channel(channel, ids) for channel in rules_file.channels),
        tests=tuple(
            RuleTest(
                articles=(TestArticle(content=test.text),),
                expect=tuple(test.expect),
                file=file,
                line=place.line,
                column=place.column,
            )
            for test, place in zip(rules_file.tests, places, strict=True)
        ),
    )


def _feed(feed: FeedSection) -> Feed:
    return Feed(
        url=feed.url,
        name=feed.name,
        language=feed.language,
        tags=tuple(feed.tags),
        every=feed.every,
        allow_private=feed.allow_private,
    )


def _entity(name: str, entity: EntitySection) -> Entity:
    return Entity(
        name=name,
        aliases=tuple(Alias(term=term) for term in entity.aliases),
        country=entity.country,
        unless=tuple(entity.unless),
    )


def _rule(rule: RuleSection) -> Rule:
    return Rule(
        id=rule.id,
        title=rule.title or rule.id,
        when=Group(any=_items(rule.any), all=_items(rule.all), none=_items(rule.none), near=rule.near),
    )


def _items(terms: list[Term]) -> tuple[Item, ...]:
    return tuple(Item(of=term) for term in terms)


def _channel(channel: ChannelSection, ids: tuple[str, ...]) -> Channel:
    chosen = frozenset(ids if channel.rules == [EVERY_RULE] else channel.rules)
    in_order = tuple(rule for rule in ids if rule in chosen)
    return Channel(chat=channel.chat, rules=in_order, thread=channel.thread)
