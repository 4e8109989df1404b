"""`match` and `stories`: JSON Lines in, JSON Lines out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bot.commands import FINDINGS, drop_output
from bot.telemetry import escaped


@click.command()
@click.option(
    "--rules", "file", type=click.Path(path_type=Path), help="The rules file [default: NEWSBELL_RULES]."
)
def match(*, file: Path | None) -> None:
    """Read articles as JSON Lines, and write which rules ring on each and where."""
    from bot import filters
    from bot.rules.engine import compile_rules
    from bot.rules.loader import load_rules
    from bot.settings import rules_path

    rules = compile_rules(load_rules(file or rules_path(os.environ)))
    _filter(lambda line: filters.matches(line, rules.match))


@click.command()
@click.option("--explain", is_flag=True, help="Say as well what spoke for and against each story.")
def stories(*, explain: bool) -> None:
    """Read articles as JSON Lines, and write which story each belongs to and why."""
    from bot import filters

    told = filters.Stories(undated=datetime.now(UTC))  # noqa: TID251 - the lines bring no clock
    _filter(lambda line: filters.story(line, told, explain=explain))


def _filter(answer: Callable[[Any], dict[str, Any]]) -> None:
    """Answer each good line of standard input as soon as it is there; exit 1 in the end if any was bad."""
    from bot import filters

    bad = False
    try:
        for line in filters.read_lines(_lines()):
            if isinstance(line, filters.BadLine):
                bad = True
                click.echo(escaped(str(line)), err=True)
            else:
                sys.stdout.buffer.write(filters.encode(answer(line)))
                sys.stdout.buffer.flush()
    except BrokenPipeError:
        drop_output()  # whoever read it has enough
    if bad:
        sys.exit(FINDINGS)


def _lines() -> Iterable[bytes]:
    return iter(sys.stdin.buffer.readline, b"")
