"""`check`, `test` and `schema`: whether a rules file is right, and does what is meant."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands import FINDINGS
from bot.errors import Problem, RulesError

if TYPE_CHECKING:
    from bot.rules.cases import Verdict
    from bot.rules.definitions import RuleBook
    from bot.rules.explain import Explanation
    from bot.rules.findings import Place
    from bot.rules.mutation import Coverage

FILES = click.argument("files", nargs=-1, type=click.Path(path_type=Path))


@click.command()
@FILES
@click.option("--strict", is_flag=True, help="Take warnings for mistakes.")
def check(*, files: tuple[Path, ...], strict: bool) -> None:
    """Check rules files and run the tests inside them. Without FILES, the one that the environment names."""
    bad = [file for file in _or_default(files) if not _is_good(file, strict=strict)]
    if bad:
        sys.exit(FINDINGS)


@click.command()
@FILES
@click.option("--junit", "report", type=click.Path(path_type=Path), help="Write a report as JUnit XML.")
@click.option(
    "--coverage",
    is_flag=True,
    help="Take away one term, alias, exclusion or limit at a time, and name those that no test misses.",
)
def test(*, files: tuple[Path, ...], report: Path | None, coverage: bool) -> None:
    """Run the tests inside rules files. Without FILES, the one that the environment names."""
    from bot.junit import junit
    from bot.rules.loader import load_rules
    from bot.terminal import show_coverage, show_failure, show_sum, show_verdicts, stdout

    console = stdout()
    runs = [_Run(file, load_rules(file)) for file in _or_default(files)]
    for run in runs:
        show_verdicts(console, str(run.file), run.verdicts)
    for run in runs:
        for verdict in run.failures:
            show_failure(console, verdict, run.explanations(verdict))
    if report is not None:
        _write(report, junit({str(run.file): run.verdicts for run in runs}))
    for run in runs if coverage else ():
        covered = run.coverage()
        show_coverage(console, covered, run.unmissed(covered))
    failed = sum(len(run.failures) for run in runs)
    show_sum(console, sum(len(run.verdicts) for run in runs) - failed, failed)
    if failed:
        sys.exit(FINDINGS)


@click.command()
def schema() -> None:
    """Print the JSON Schema of rules files, with which editors complete and check them."""
    from bot.rules.jsonschema import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


def _or_default(files: tuple[Path, ...]) -> tuple[Path, ...]:
    from bot.settings import rules_path

    return files or (rules_path(os.environ),)


class _Run:
    """The tests of one file, run."""

    def __init__(self, file: Path, book: RuleBook) -> None:
        from bot.rehearsal import run_tests
        from bot.rules.engine import compile_rules

        self.file = file
        self._book = book
        self._rules = compile_rules(book)
        self.verdicts = run_tests(book, self._rules.match)
        self.failures = [verdict for verdict in self.verdicts if not verdict.passed]

    def explanations(self, verdict: Verdict) -> Iterator[Explanation]:
        """What became of the rules that a failure is about, article by article."""
        from bot.rules.explain import explain

        for article in verdict.articles:
            traces = [trace for trace in self._rules.explain(article) if trace.rule in verdict.rules]
            yield explain(article, traces, silent=False)

    def coverage(self) -> Coverage:
        """What the tests that pass prove of the rules."""
        from bot.rehearsal import run_test
        from bot.rules.mutation import measure

        return measure(self._book, self.verdicts, self._rules.match, run_test)

    def unmissed(self, coverage: Coverage) -> list[Problem]:
        """The parts that no test misses, by their places."""
        from bot.rules.places import places_in

        places = places_in(self.file)
        return sorted(
            _problem_at(
                places.of_term(part.owner, part.section, part.term)
                if part.term
                else places.of_key(part.owner, part.section),
                f"no test would miss {part}",
            )
            for part in coverage.unmissed
        )


def _problem_at(place: Place, what: str) -> Problem:
    return Problem(
        file=place.file,
        line=place.line,
        column=place.column,
        what=what,
        remedy="add one that needs it, or remove it",
    )


def _is_good(file: Path, *, strict: bool) -> bool:
    """Tell what is wrong with a file, or that nothing is; with `strict` a warning is wrong too."""
    from bot.rehearsal import run_tests
    from bot.rules.engine import compile_rules
    from bot.rules.lint import lint
    from bot.rules.loader import load_rules
    from bot.rules.places import places_in
    from bot.terminal import as_warning, visible

    try:
        book = load_rules(file)
    except RulesError as error:
        click.echo(str(error))
        return False
    problems = [v.problem for v in run_tests(book, compile_rules(book).match) if not v.passed]
    warnings = lint(book, places_in(file))
    for problem in problems:
        click.echo(visible(str(problem)))
    for warning in warnings:
        click.echo(as_warning(warning))
    if not problems:
        click.echo(f"{file}: good: {_sizes(book, len(warnings))}")
    return not problems and not (strict and warnings)


def _sizes(book: RuleBook, warnings: int) -> str:
    counts = [
        (len(book.feeds), "feeds"),
        (len(book.entities), "entities"),
        (len(book.rules), "rules"),
        (len(book.channels), "channels"),
        (len(book.tests), "tests passed"),
        (warnings, "warnings"),
    ]
    return ", ".join(f"{count} {name}" for count, name in counts if count or name != "warnings")


def _write(path: Path, report: bytes) -> None:
    try:
        path.write_bytes(report)
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written ({error.strerror}); name another file") from error
