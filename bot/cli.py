"""`newsbell`: its commands, and what becomes of an error: a sentence and an exit code."""

from __future__ import annotations

import logging
import os
import sys
from typing import Final

import click

from bot import __version__
from bot.commands import FINDINGS, checking, explaining, running, streams
from bot.errors import (
    DatabaseHeld,
    NewsbellError,
    RulesError,
    SettingsError,
    StorageError,
    TokenRefused,
)
from bot.telemetry import escaped, masked

__all__ = ["EXIT_CODES", "FINDINGS", "MISTAKE", "cli", "main"]

EXIT_CODES: Final[tuple[tuple[type[NewsbellError], int], ...]] = (
    (SettingsError, 3),
    (RulesError, 4),
    (DatabaseHeld, 5),
    (TokenRefused, 6),
    (StorageError, 7),
)
MISTAKE: Final = 70
"""EX_SOFTWARE of sysexits.h: a mistake in Newsbell itself."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="newsbell")
def cli() -> None:
    """Watch news feeds and ring Telegram chats, once for each story that matters."""


for command in (
    running.run,
    running.demo,
    checking.check,
    checking.test,
    explaining.explain,
    checking.schema,
    streams.match,
    streams.stories,
    running.health,
):
    cli.add_command(command)


def main() -> None:
    """Run a command. Every exit code is one that the README lists."""
    try:
        cli(standalone_mode=True)
    except NewsbellError as error:
        _say(error)
        sys.exit(next((code for kind, code in EXIT_CODES if isinstance(error, kind)), MISTAKE))
    except BrokenPipeError:
        # Whoever read our output has enough of it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        logging.getLogger(__name__).debug("mistake", exc_info=True)
        _say(f"a mistake in Newsbell: {type(error).__name__}: {error}; please report it with what you did")
        sys.exit(MISTAKE)


def _say(error: object) -> None:
    for line in masked(str(error)).splitlines():
        click.echo(f"newsbell: {escaped(line)}", err=True)


if __name__ == "__main__":
    main()
