"""What the YAML parser's errors mean to someone who edits a rules file.

PyYAML's own scanner and libyaml word their errors differently, so they are told apart by what both have in
common: the construct that was being read, a few words, and the character at the place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeAlias

import yaml

from bot.rules.findings import LONGEST_QUOTE, Place, Position, quoted

QUOTE_IT: Final = "put the text in quotes"
Explanation: TypeAlias = tuple[Place, str, str]
"""Where, what is wrong, what to do."""

_INDENT: Final = "indent the keys of one section alike, with spaces"

_BY_CONSTRUCT: Final[tuple[tuple[str, str, str], ...]] = (
    ("an alias", "text that begins with `*` is read as a YAML alias", QUOTE_IT),
    ("an anchor", "text that begins with `&` is read as a YAML anchor", QUOTE_IT),
    ("a tag", "text that begins with `!` is read as a YAML tag", QUOTE_IT),
    ("a node", "text that begins with `!` is read as a YAML tag", QUOTE_IT),
    ("a directive", "a line that begins with `%` is read as a YAML directive", QUOTE_IT),
    ("a block scalar", "text that begins with `|` or `>` is read as a YAML block", QUOTE_IT),
    (
        "flow sequence",
        "the list that begins here is not closed, or one of its items needs quotes",
        "close it with `]`, separate its items by commas, and quote an item that holds any of `[ ] { } , : #`",
    ),
    (
        "flow mapping",
        "the mapping that begins here is not closed, or one of its values needs quotes",
        "close it with `}`, and quote text that begins with `{`",
    ),
)
"""Errors that are told at the beginning of the construct: its name, what is wrong, what to do."""

_BY_WORDS: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "mapping values are not allowed",
        "a key cannot begin here",
        f"mend the line above (has it a colon?), and {_INDENT}",
    ),
    (
        "sequence entries are not allowed",
        "a list item cannot begin here",
        "begin `- ` on a line of its own, or quote it",
    ),
    (
        "could not find expected ':'",
        "this line has no colon after its key",
        "write `key: value`, or indent the line",
    ),
    ("unexpected ':'", "a colon cannot stand in this text as it is", QUOTE_IT),
    (
        "document start",
        "the document has ended, yet something follows",
        "remove the `...` or `---` before it",
    ),
    (
        "nesting depth",
        "lists and mappings are nested far too deeply",
        "nest them less deeply",
    ),
    (
        "incompatible YAML",
        "the file asks for another version of YAML",
        "remove the line that begins with `%YAML`",
    ),
    ("node content", "a value should stand here", "write one, or put text that begins with a mark in quotes"),
)
"""Errors that are told where the parser stopped: words of its message, what is wrong, what to do."""


def explain(error: yaml.YAMLError, text: str, file: str) -> Explanation:
    """Where in a file a parser's error is, what is wrong there and what to do."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Position(file=file), "this is no valid YAML", "compare it with the examples in docs/rules.md"
    lines = text.splitlines() or [""]
    stopped, begun = (
        Position(file=file, line=mark.line + 1, column=mark.column + 1)
        for mark in (error.problem_mark, error.context_mark or error.problem_mark)
    )
    context, problem = error.context or "", error.problem or ""
    line = lines[stopped.line - 1] if stopped.line <= len(lines) else ""
    return (
        _by_character(stopped, line, context, problem)
        or _of_quotes(begun, stopped, line, context, problem)
        or _by_construct(begun, context)
        or _of_colons(stopped, line, problem)
        or _by_words(stopped, problem)
        or _of_blocks(stopped, line, context)
        or (stopped, f"this is no valid YAML ({problem})", "compare it with the examples in docs/rules.md")
    )


def _by_character(stopped: Position, line: str, context: str, problem: str) -> Explanation | None:
    char = line[stopped.column - 1 : stopped.column]
    if "tab character" in problem or ("next token" in context and char == "\t"):
        return stopped, "a tab stands where the line is indented", "indent with spaces"
    if "next token" in context and char:
        shown = "a backtick" if char == "`" else quoted(char)
        return stopped, f"text cannot begin with {shown}", f"{QUOTE_IT}: {_in_quotes(line, stopped)}"
    return None


def _in_quotes(line: str, place: Position) -> str:
    """The word at a place, as it should be written."""
    word = line[place.column - 1 :].split(" #")[0].strip()
    inside_list = "[" in line[: place.column - 1]
    word = word.split(",")[0].split("]")[0].strip() if inside_list else word
    return '"…"' if set('"\\') & set(word) or len(word) > LONGEST_QUOTE else f'"{word}"'


def _of_quotes(
    begun: Position, stopped: Position, line: str, context: str, problem: str
) -> Explanation | None:
    if "quoted scalar" not in context:
        return None
    if "escape" in problem:
        backslash = replace(stopped, column=line.rfind("\\", 0, stopped.column) + 1)
        return (
            backslash,
            "a backslash in double quotes begins an escape",
            "use single quotes, which keep it as it is",
        )
    return begun, "the quotes that begin here are not closed", "close them with the same quote"


def _by_construct(begun: Position, context: str) -> Explanation | None:
    for construct, what, remedy in _BY_CONSTRUCT:
        if construct in context:
            return begun, what, remedy
    return None


def _of_colons(stopped: Position, line: str, problem: str) -> Explanation | None:
    """Text such as `title: BYD: a new plant`, where the second colon would begin a mapping within the value."""
    if "mapping values are not allowed" in problem and ": " in line[: stopped.column - 1]:
        return stopped, "a colon followed by a space cannot stand in text without quotes", QUOTE_IT
    return None


def _by_words(stopped: Position, problem: str) -> Explanation | None:
    for words, what, remedy in _BY_WORDS:
        if words in problem:
            return stopped, what, remedy
    return None


def _of_blocks(stopped: Position, line: str, context: str) -> Explanation | None:
    """A block collection ended early: by a line that is indented wrongly, or by text behind a finished value."""
    if "block" not in context:
        return None
    if line[: stopped.column - 1].strip():
        return (
            stopped,
            "text goes on behind a value that has ended",
            "put the whole text in one pair of quotes",
        )
    return stopped, "this line is indented unlike the lines that it belongs to", _INDENT
