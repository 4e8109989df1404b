"""How explanations and test runs look."""

from __future__ import annotations

import io

import pytest
from builders import make_article
from rich.cells import cell_len
from rich.console import Console

from bot.rehearsal import run_tests
from bot.rules.engine import RuleSet, compile_rules
from bot.rules.explain import explain
from bot.rules.loader import parse_rules
from bot.terminal import show_explanation, show_failure, show_verdicts, visible

RULES = """\
version: 1
rules:
  - id: rare-earth
    any: [rare earth, nadir toprak, terres rares, tierras raras, seltene Erden]
    none: [rock band]
  - {id: coast, any: [quake]}
tests:
  - articles:
      - {title: A rare earth plant}
      - {title: A quake, after: 1m}
    alerts: [[rare-earth]]
"""


def rules() -> RuleSet:
    return compile_rules(parse_rules(RULES.encode(), file="rules.yaml"))


def shown(text: str, *, width: int = 100, terminal: bool = False) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=terminal, color_system="256" if terminal else None
    )
    article = make_article(title=text, summary="", content="")
    show_explanation(console, explain(article, rules().explain(article)))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_marks_are_brackets_where_there_are_no_colours() -> None:
    assert shown("A rare earth plant").startswith("A [[rare earth]] plant\n")


def test_marks_are_colours_in_a_terminal() -> None:
    told = shown("A rare earth plant", terminal=True)
    assert ("\x1b[" in told, "[[" in told) == (True, False)


def test_the_legend_names_the_marks_that_are_there() -> None:
    told = shown("A rare earth plant")
    assert ("[[made a rule ring]]" in told, "does not count" in told) == (True, False)


def test_without_a_mark_there_is_no_legend() -> None:
    assert "made a rule ring" not in shown("Nothing")


@pytest.mark.parametrize("width", [40, 60, 100])
def test_a_narrow_terminal_holds_every_line(width: int) -> None:
    told = shown("稀土 rare earth Türkiye " * 12, width=width)
    assert max(cell_len(line) for line in told.splitlines()) <= width


def test_rules_without_any_hit_share_a_line() -> None:
    assert shown("A rare earth plant").endswith("Without any hit: coast\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("plain", "plain"),
        ("two\nlines", "two\nlines"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\u202eb", "a\\u202eb"),
        ("\ud800", "\\ud800"),
        ("soft\xadhyphen", "soft\\xadhyphen"),
        ("می‌خواهم", "می‌خواهم"),
    ],
)
def test_what_does_not_print_is_told_as_an_escape(text: str, told: str) -> None:
    assert visible(text) == told


def test_a_failed_sequence_shows_each_of_its_articles() -> None:
    book = parse_rules(RULES.encode(), file="rules.yaml")
    compiled = compile_rules(book)
    (verdict,) = run_tests(book, compiled.match)
    console = Console(file=io.StringIO(), width=200)
    show_verdicts(console, "rules.yaml", [verdict])
    show_failure(
        console,
        verdict,
        [explain(article, compiled.explain(article), silent=False) for article in verdict.articles],
    )
    assert isinstance(console.file, io.StringIO)
    told = console.file.getvalue()
    assert told.startswith("rules.yaml F\n")
    assert "it makes 2 alerts (`rare-earth`, then `coast`) and should make 1 alert (`rare-earth`)" in told
    assert ("A [[rare earth]] plant" in told, "A [[quake]]" in told) == (True, True)
