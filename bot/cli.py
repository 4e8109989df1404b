"""The commands: read arguments, call, print, and turn every error into a sentence and an exit code."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import click

from bot import __version__
from bot.errors import (
    DatabaseHeld,
    NewsbellError,
    RulesError,
    SettingsError,
    StorageError,
    TokenRefused,
)
from bot.telemetry import configure_log, escaped, masked

FINDINGS: Final = 1
EXIT_CODES: Final[tuple[tuple[type[NewsbellError], int], ...]] = (
    (SettingsError, 3),
    (RulesError, 4),
    (DatabaseHeld, 5),
    (TokenRefused, 6),
    (StorageError, 7),
)
MISTAKE: Final = 70
"""EX_SOFTWARE of sysexits.h: a mistake in Newsbell itself."""

INTERRUPTED: Final = 130
"""What a shell reports of a command that Ctrl-C ended."""

SECRETS: Final[list[str]] = []
"""What no line of output may hold, from the moment at which it is known."""

# Imports stand inside the commands: `newsbell match` need not wait for what only `newsbell run` loads.


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="newsbell")
def cli() -> None:
    """Watch news feeds and ring Telegram chats, once for each story that matters."""


@cli.command()
@click.option(
    "--dry-run", is_flag=True, help="Print alerts instead of sending; needs no token, changes nothing."
)
def run(*, dry_run: bool) -> None:
    """Run the bot until SIGTERM or Ctrl-C. Settings come from the environment; see the README."""
    _end_on_signals()
    from bot.settings import read_settings

    settings = read_settings(os.environ, need_token=not dry_run)
    if settings.token is not None:
        SECRETS.append(settings.token.get_secret_value())
    configure_log(settings.log_level, secrets=tuple(SECRETS))
    from bot import app
    from bot.rules.loader import load_rules

    book = load_rules(settings.rules, require_running=True)

    async def run_and_leave() -> None:
        await app.run(settings, book, dry_run=dry_run)
        # All is closed. A name lookup that hangs sits in a thread for which Python would wait without end.
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)

    asyncio.run(run_and_leave())


@cli.command()
def demo() -> None:
    """Show the whole bot at work on a newsroom and a Bot API server of its own; no token, no internet."""
    _end_on_signals()
    from rich.console import Console

    from bot.demo.show import show

    if not asyncio.run(show(Console())):
        sys.exit(FINDINGS)


@cli.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def check(*, files: tuple[Path, ...]) -> None:
    """Check rules files and run the tests inside them. Without FILES, the one that the environment names."""
    from bot.settings import rules_path

    bad = [file for file in files or (rules_path(os.environ),) if not _check(file)]
    if bad:
        sys.exit(FINDINGS)


@cli.command()
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


@cli.command()
def stories() -> None:
    """Read articles as JSON Lines, and write which story each belongs to and why."""
    from bot import filters
    from bot.stories.folding import StoryIndex

    index = StoryIndex()
    _filter(lambda line: filters.story(line, index))


@cli.command()
def health() -> None:
    """Exit 0 while the bot that runs on this database gives signs of life."""
    from bot.app import is_healthy
    from bot.settings import database_path

    database = database_path(os.environ)
    if not asyncio.run(is_healthy(database)):
        click.echo(f"{database}: no fresh heartbeat; is `newsbell run` running on this database?", err=True)
        sys.exit(FINDINGS)
    click.echo("healthy")


def _check(file: Path) -> bool:
    from bot.rules.cases import failures
    from bot.rules.engine import compile_rules
    from bot.rules.loader import load_rules

    try:
        book = load_rules(file)
    except RulesError as error:
        click.echo(str(error))
        return False
    problems = failures(book, str(file), compile_rules(book).match)
    for problem in problems:
        click.echo(str(problem))
    if not problems:
        counts = (
            (len(book.feeds), "feeds"),
            (len(book.entities), "entities"),
            (len(book.rules), "rules"),
            (len(book.channels), "channels"),
            (len(book.tests), "tests passed"),
        )
        click.echo(f"{file}: good: " + ", ".join(f"{count} {name}" for count, name in counts))
    return not problems


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
        # Whoever read our output has enough of it; nothing more may be written while Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if bad:
        sys.exit(FINDINGS)


def _lines() -> Iterable[bytes]:
    return iter(sys.stdin.buffer.readline, b"")


def _end_on_signals() -> None:
    """End with 0 on SIGTERM and Ctrl-C, until the event loop takes over."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))


def main() -> None:
    """Run a command. Every exit code is one that the README lists."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no Chinese still shows the rest
    try:
        code = cli(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        code = end.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.Abort:
        code = INTERRUPTED
    except NewsbellError as error:
        _say(error)
        code = next((code for kind, code in EXIT_CODES if isinstance(error, kind)), MISTAKE)
    except OSError as error:
        _say(f"the output cannot be written or the input not be read ({error.strerror or error})")
        code = FINDINGS
    except Exception as error:
        logging.getLogger(__name__).debug("mistake", exc_info=True)
        _say(f"a mistake in Newsbell: {type(error).__name__}: {error}; please report it with what you did")
        code = MISTAKE
    sys.exit(code)


def _say(error: object) -> None:
    for line in masked(str(error), tuple(SECRETS)).splitlines():
        click.echo(f"newsbell: {escaped(line)}", err=True)


if __name__ == "__main__":
    main()
