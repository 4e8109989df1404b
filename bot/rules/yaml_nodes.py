"""YAML as a tree of nodes that know their file, line and column.

Built from the parser's events alone: nothing is ever constructed. Of YAML only what a rules file needs is
let in: one document of mappings, lists and scalars. Scalars mean what YAML 1.2's core schema says
(https://yaml.org/spec/1.2.2/#103-core-schema), so that `no`, `on` and `1:30` are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import yaml

from bot.rules.findings import Findings, Position, quoted
from bot.rules.yaml_help import explain

DEEPEST: Final = 32
"""Levels of nesting; groups within groups need two each."""

MOST_REFUSALS: Final = 20
"""Anchors, aliases and tags that are told one by one before the rest of the file is left unread."""

PARSER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: it reads a file of 1 MB in 0.1 s, PyYAML's own scanner in 1.5 s."""

_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNUSABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,100}")
_OCTAL: Final = re.compile(r"0o[0-7]{1,100}")
_HEXADECIMAL: Final = re.compile(r"0x[0-9a-fA-F]{1,100}")
_FLOAT: Final = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_NULL: Final = ("", "~", "null", "Null", "NULL")
_TRUE: Final = ("true", "True", "TRUE")
_FALSE: Final = ("false", "False", "FALSE")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode:
    """One value; `text` is as written, without quotes and with escapes resolved."""

    text: str
    plain: bool
    file: str
    line: int
    column: int

    @property
    def value(self) -> str | int | float | bool | None:
        """What the core schema takes the text for."""
        if not self.plain:
            return self.text
        if self.text in _NULL:
            return None
        if self.text in _TRUE or self.text in _FALSE:
            return self.text in _TRUE
        return _number(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNode:
    """A list, in block or flow style."""

    items: tuple[Node, ...]
    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MapEntry:
    """A key with its value."""

    key: ScalarNode
    value: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class MapNode:
    """A mapping; its keys are unique texts."""

    entries: dict[str, MapEntry]
    file: str
    line: int
    column: int

    def get(self, key: str) -> Node | None:
        """The value of a key, None where it is absent."""
        entry = self.entries.get(key)
        return entry.value if entry else None


Node: TypeAlias = ScalarNode | ListNode | MapNode


def compose(text: str, file: str, findings: Findings) -> Node | None:
    """The tree of a file's document, None where it is empty or cannot be read; problems go to `findings`.

    What is refused but can be passed over (an anchor, a tag, a second use of a key) is noted, and the tree
    goes on without it.
    """
    unprintable = _UNPRINTABLE.search(text)
    if unprintable:
        place = position_after(text[: unprintable.start()], file)
        code = f"U+{ord(unprintable.group()):04X}"
        findings.add(place, f"a character that cannot be printed ({code}) stands here", "delete it")
        return None
    try:
        return _Composer(text, file, findings).document()
    except yaml.YAMLError as error:
        findings.add(*explain(error, text, file))
    except _TooMuch:
        pass
    return None


def position_after(text: str, file: str) -> Position:
    """The place that follows a text with which a file begins."""
    lines = re.split("\r\n|\r|\n", text)
    return Position(file=file, line=len(lines), column=len(lines[-1]) + 1)


class _TooMuch(Exception):
    """The document is not worth reading on; what is wrong with it is already noted."""


class _Composer:
    """Turns events into nodes."""

    def __init__(self, text: str, file: str, findings: Findings) -> None:
        self._file = file
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=PARSER)
        self._findings = findings
        self._refusals = 0

    def document(self) -> Node | None:
        """The only document of the stream."""
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        root = self._node(next(self._events), 1)
        next(self._events)
        after = next(self._events)
        if isinstance(after, yaml.DocumentStartEvent):
            self._findings.add(
                self._place(after),
                "a second document begins here",
                "keep one document to a file and remove the `---`",
            )
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        place = self._place(event)
        if depth > DEEPEST:
            self._findings.add(
                place,
                f"lists and mappings are nested deeper than {DEEPEST} levels",
                "nest them less deeply",
            )
            raise _TooMuch
        self._refuse_marks(event)
        match event:
            case yaml.SequenceStartEvent():
                return ListNode(
                    items=tuple(self._items(depth)), file=place.file, line=place.line, column=place.column
                )
            case yaml.MappingStartEvent():
                return MapNode(
                    entries=self._entries(depth), file=place.file, line=place.line, column=place.column
                )
            case yaml.ScalarEvent():
                return self._scalar(event, place)
            case _:
                # An alias, already refused: go on as if its text had been quoted, which is what most mean by it.
                name = getattr(event, "anchor", "")
                return ScalarNode(
                    text=f"*{name}", plain=False, file=place.file, line=place.line, column=place.column
                )

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _entries(self, depth: int) -> dict[str, MapEntry]:
        entries: dict[str, MapEntry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if not isinstance(key, ScalarNode):
                self._findings.add(key, "a key is a list or a mapping", "write a plain word as the key")
            elif self._may_enter(key, entries):
                entries[key.text] = MapEntry(key=key, value=_at_key_if_absent(value, key))
        return entries

    def _may_enter(self, key: ScalarNode, entries: dict[str, MapEntry]) -> bool:
        if key.plain and key.text == "<<":
            self._findings.add(key, "merge keys (`<<`) are not allowed", "write the keys out")
            return False
        if not key.text:
            self._findings.add(key, "a key is missing before the colon", "write the key")
            return False
        if key.text in entries:
            first = entries[key.text].key.line
            self._findings.add(
                key,
                f"{quoted(key.text)} is given twice, first in line {first}",
                "keep one and remove or rename the other",
            )
            return False
        return True

    def _scalar(self, event: yaml.ScalarEvent, place: Position) -> ScalarNode:
        unusable = _UNUSABLE.search(event.value)
        if unusable:
            code = f"U+{ord(unusable.group()):04X}"
            self._findings.add(
                place, f"the text holds a character that no article can hold ({code})", "remove its escape"
            )
        return ScalarNode(
            text=_UNUSABLE.sub("\ufffd", event.value) if unusable else event.value,
            plain=not event.style,
            file=place.file,
            line=place.line,
            column=place.column,
        )

    def _refuse_marks(self, event: yaml.Event) -> None:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            what = f"`*{anchor}` without quotes is a YAML alias, which is not allowed"
            self._refuse(event, what, f'put the text in quotes: "*{anchor}"')
        elif anchor is not None:
            what = f"`&{anchor}` without quotes is a YAML anchor, which is not allowed"
            self._refuse(event, what, "put the text in quotes, or write repeated parts out")
        elif tag is not None:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            what = f"{quoted(shown)} is a YAML tag, which is not allowed"
            self._refuse(event, what, "remove the tag, or put text that begins with `!` in quotes")

    def _refuse(self, event: yaml.Event, what: str, remedy: str) -> None:
        self._findings.add(self._place(event), what, remedy)
        self._refusals += 1
        if self._refusals == MOST_REFUSALS:
            raise _TooMuch

    def _place(self, event: yaml.Event) -> Position:
        mark = event.start_mark
        if not mark:
            return Position(file=self._file)
        return Position(file=self._file, line=mark.line + 1, column=mark.column + 1)


def _number(text: str) -> str | int | float:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text) or _HEXADECIMAL.fullmatch(text):
        return int(text, base=0)
    if _FLOAT.fullmatch(text):
        return float(text.replace(".", "", 1) if text.lower().endswith(("inf", "nan")) else text)
    return text


def _at_key_if_absent(value: Node, key: ScalarNode) -> Node:
    """A value that is not written has no place of its own; its key is where an editor should jump to."""
    if isinstance(value, ScalarNode) and value.plain and not value.text:
        return ScalarNode(text="", plain=True, file=key.file, line=key.line, column=key.column)
    return value
