"""How explanations and test runs look in a terminal, and without colours where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from bot.errors import Problem
from bot.models import Field
from bot.rules.cases import Verdict
from bot.rules.explain import Explanation, Mark, Node, Passage, Piece, Reasoning
from bot.rules.mutation import Coverage
from bot.telemetry import escaped

PLAIN_WIDTH: Final = 100_000
"""Columns where nobody looks: whatever reads a pipe shall find each line whole."""

MOST_SILENT: Final = 10
"""Rules without a hit that are named."""

STYLES: Final = {
    Mark.PLAIN: "",
    Mark.CANCELLED: "strike dim",
    Mark.STOOD: "black on cyan",
    Mark.RANG: "bold black on yellow",
}
BRACKETS: Final = {
    Mark.PLAIN: ("", ""),
    Mark.CANCELLED: ("{", "}"),
    Mark.STOOD: ("[", "]"),
    Mark.RANG: ("[[", "]]"),
}
"""What stands around a marked text where there are no colours."""

_MEANINGS: Final = {
    Mark.RANG: "made a rule ring",
    Mark.STOOD: "stands, but its rule did not ring",
    Mark.CANCELLED: "does not count",
}
_JOINERS: Final = "\u200c\u200d"
"""Invisible, but they shape letters and emoji."""


def stdout() -> Console:
    """Standard output; not a terminal, it is as wide as need be."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PLAIN_WIDTH)


def show_explanation(console: Console, explanation: Explanation) -> None:
    """The article with its marks, each rule as a tree, and a line for the rules of which nothing stands."""
    _show_passages(console, explanation.passages)
    _show_legend(console, explanation.passages)
    for told in explanation.reasonings:
        console.print()
        console.print(tree(told))
    if explanation.silent:
        console.print()
        console.print(Text(_silence(explanation), style="dim"))


def tree(reasoning: Reasoning) -> Tree:
    """One rule: whether it rang, what kept it from ringing, and its expression."""
    head = Text.assemble(
        _sign(good=reasoning.rang),
        (visible(reasoning.rule), "bold"),
        " rang" if reasoning.rang else " did not ring",
    )
    for note in reasoning.notes:
        head.append(f"\n  {visible(note)}", "yellow")
    root = Tree(head, guide_style="dim")
    for node in reasoning.tree:
        _grow(root, node)
    return root


def show_verdicts(console: Console, file: str, verdicts: Sequence[Verdict]) -> None:
    """A file and a dot for each of its tests, an F for one that failed."""
    line = Text(f"{visible(file)} ")
    for verdict in verdicts:
        line.append(".", "green") if verdict.passed else line.append("F", "bold red")
    console.print(line if verdicts else Text(f"{visible(file)}: no tests", "yellow"), overflow="fold")


def show_failure(console: Console, verdict: Verdict, explanations: Iterable[Explanation]) -> None:
    """A test that failed, and what became of the rules that it is about on each of its articles."""
    console.print()
    console.print(Text(visible(str(verdict.problem)), "red"), soft_wrap=True)
    for explanation in explanations:
        _show_passages(console, explanation.passages)
        for told in explanation.reasonings:
            console.print(tree(told))


def show_sum(console: Console, passed: int, failed: int) -> None:
    """The last line of a run."""
    style = "bold red" if failed else "bold green"
    console.print()
    console.print(Text(f"{passed} passed, {failed} failed", style))


def show_coverage(console: Console, coverage: Coverage, unmissed: Iterable[Problem]) -> None:
    """The parts that no test misses, each with its place, and the share of the others."""
    console.print()
    for problem in unmissed:
        console.print(Text(visible(str(problem)), "yellow"), soft_wrap=True)
    missed = coverage.parts - len(coverage.unmissed)
    console.print(
        f"{missed} of {coverage.parts} parts of the rules would be missed by a test: {coverage.percentage:.0f} %"
    )


def as_warning(problem: Problem) -> str:
    """A problem that need not be mended, on one line."""
    place = f"{problem.file}:{problem.line}:{problem.column}"
    return visible(f"{place}: warning: {problem.what}; {problem.remedy}")


def visible(text: str) -> str:
    """A text that cannot steer a terminal, on as many lines as it has."""
    return escaped(text, keep="\n" + _JOINERS)


def _show_passages(console: Console, passages: Iterable[Passage]) -> None:
    for passage in passages:
        text = Text(style="bold" if passage.field is Field.TITLE else "")
        for piece in passage.pieces:
            text.append_text(_piece(piece, coloured=console.color_system is not None))
        console.print(text)
        console.print()


def _piece(piece: Piece, *, coloured: bool) -> Text:
    if piece.left_out:
        return Text(f" … {len(piece.text):,} characters … ", "dim")
    before, after = ("", "") if coloured else BRACKETS[piece.mark]
    return Text(f"{before}{visible(piece.text)}{after}", STYLES[piece.mark])


def _show_legend(console: Console, passages: Iterable[Passage]) -> None:
    used = {piece.mark for passage in passages for piece in passage.pieces}
    coloured = console.color_system is not None
    legend = [
        _piece(Piece(text=meaning, mark=mark), coloured=coloured)
        for mark, meaning in _MEANINGS.items()
        if mark in used
    ]
    if legend:
        console.print(Text("   ").join(legend))


def _grow(tree: Tree, node: Node) -> None:
    label = Text.assemble(_sign(good=node.good), visible(node.name))
    if node.found:
        label.append(f"  {visible(node.found)}", "dim")
    branch = tree.add(label)
    for child in node.children:
        _grow(branch, child)


def _sign(*, good: bool | None) -> tuple[str, str]:
    if good is None:
        return ("· ", "dim")
    return ("✓ ", "bold green") if good else ("✗ ", "bold red")


def _silence(explanation: Explanation) -> str:
    silent = explanation.silent
    named = ", ".join(silent[:MOST_SILENT])
    more = f" and {len(silent) - MOST_SILENT} more" if len(silent) > MOST_SILENT else ""
    return visible(f"Without any hit: {named}{more}")
