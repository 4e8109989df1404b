"""Reads a rules file and all that it includes into trees of nodes."""

from __future__ import annotations

import os.path
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from bot.rules.findings import Findings, Place, Position, quoted
from bot.rules.outline import scalars
from bot.rules.scalars import found
from bot.rules.yaml_nodes import ListNode, MapNode, Node, ScalarNode, compose, position_after

LARGEST: Final = 1024 * 1024
"""Bytes of one rules file."""

MOST_BYTES: Final = 16 * LARGEST
"""Bytes of a rules file and all that it includes."""

MOST_FILES: Final = 100
DEEPEST: Final = 20
"""Files that may include each other in a row."""

Reader: TypeAlias = Callable[[Path], bytes]
"""Gives the bytes of a file, of one that is longer than LARGEST any longer beginning; raises OSError or ValueError."""


def gather(data: bytes, file: str, read: Reader | None, findings: Findings) -> tuple[MapNode, ...]:
    """The trees of a file, whose bytes are `data`, and of those that it includes, each after the one that names it.

    A file that cannot be used is noted and left out. One that is included in several places is read once.
    """
    gathering = _Gathering(read, findings)
    gathering.add(data, os.path.normpath(file), shown=file, path=())
    return tuple(gathering.roots)


def unreadable(error: OSError | ValueError, subject: str) -> tuple[str, str]:
    """Why a file cannot be read, and what to do."""
    match error:
        case FileNotFoundError():
            return f"{subject} does not exist", "create it, or name another one"
        case IsADirectoryError():
            return f"{subject} is a folder", "name a file in it"
        case PermissionError():
            return f"{subject} may not be read", "give this user the right to read it"
        case OSError():
            return f"{subject} cannot be read ({error.strerror})", "check its path and its disk"
        case _:
            return f"the path of {subject} is malformed", "name another one"


class _Gathering:
    """The walk from file to file."""

    def __init__(self, read: Reader | None, findings: Findings) -> None:
        self.roots: list[MapNode] = []
        self._read = read
        self._findings = findings
        self._known: set[str] = set()
        self._bytes = 0
        self._full = False

    def add(self, data: bytes, file: str, *, shown: str, path: tuple[str, ...]) -> None:
        """Take in one file, and then those that it includes; `path` are the files that lead to it."""
        self._known.add(file)
        self._bytes += len(data)
        root = _tree(data, shown, self._findings)
        if root is None:
            return
        self.roots.append(root)
        listed: dict[str, ScalarNode] = {}
        for node in scalars(root.get("include")):
            if node.value is not None and node.text.strip():
                target = os.path.normpath(Path(file).parent / node.text.strip())
                if listed.setdefault(target, node) is not node:
                    self._findings.add(
                        node,
                        f"the file {quoted(node.text)} is included twice, first in line {listed[target].line}",
                        "remove one of them",
                    )
                else:
                    self._include(node, target, (*path, file))

    def _include(self, node: ScalarNode, target: str, path: tuple[str, ...]) -> None:
        if target in path:
            circle = " → ".join((*path[path.index(target) :], target))
            self._findings.add(node, f"the file includes itself ({circle})", "remove one of the steps")
        elif target not in self._known and self._is_allowed(node, path):
            self._known.add(target)
            data = self._bytes_of(node, target)
            if data is not None:
                self.add(data, target, shown=target, path=path)

    def _is_allowed(self, node: Place, path: tuple[str, ...]) -> bool:
        if self._full:
            return False
        if self._read is None:
            self._refuse(node, "files cannot be included here", "write what they hold into this one")
        elif len(path) > DEEPEST:
            self._findings.add(
                node,
                f"more than {DEEPEST} files include each other in a row",
                "include the last ones from the first one",
            )
            return False
        elif len(self._known) >= MOST_FILES:
            self._refuse(node, f"more than {MOST_FILES} files are included", "join some of them")
        elif self._bytes > MOST_BYTES:
            megabytes = MOST_BYTES // LARGEST
            self._refuse(
                node,
                f"the included files are larger than {megabytes} MiB together",
                "remove what is not needed",
            )
        return not self._full

    def _refuse(self, node: Place, what: str, remedy: str) -> None:
        self._findings.add(node, what, remedy)
        self._full = True

    def _bytes_of(self, node: Place, target: str) -> bytes | None:
        if self._read is None:
            return None
        try:
            return self._read(Path(target))
        except (OSError, ValueError) as error:
            self._findings.add(node, *unreadable(error, f"the included file {quoted(target)}"))
            return None


def _tree(data: bytes, file: str, findings: Findings) -> MapNode | None:
    before = len(findings)
    text = _decode(data, file, findings)
    root = compose(text, file, findings) if text is not None else None
    if isinstance(root, MapNode):
        return root
    if len(findings) == before:
        _tell_no_mapping(root, file, findings)
    return None


def _decode(data: bytes, file: str, findings: Findings) -> str | None:
    if len(data) > LARGEST:
        place = Position(file=file, line=data.count(b"\n", 0, LARGEST) + 1)
        findings.add(
            place,
            "the file is larger than 1 MiB from here on",
            "remove what is not needed, or move a part to another file under `include`",
        )
        return None
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = position_after(data[: error.start].decode("utf-8"), file)
        findings.add(
            place, f"the byte 0x{data[error.start]:02x} is not UTF-8", "save the file in the encoding UTF-8"
        )
        return None


def _tell_no_mapping(root: Node | None, file: str, findings: Findings) -> None:
    if root is None or (isinstance(root, ScalarNode) and root.value is None):
        findings.add(Position(file=file), "the file is empty", "begin with `version: 1`")
        return
    what = "a list" if isinstance(root, ListNode) else found(root)
    findings.add(
        root,
        f"{what} stands where the whole file should be a mapping",
        "begin with `version: 1` in the first column",
    )
