"""`newsbell`: its commands, and what becomes of an error: a sentence and an exit code."""

from __future__ import annotations

import io
import logging
import sys
from typing import Final

import click

from bot import __version__
from bot.commands import FINDINGS, SECRETS, checking, drop_output, explaining, outbox, running, streams
from bot.errors import (
    DatabaseHeld,
    NewsbellError,
    RulesError,
    SettingsError,
    StorageError,
    TokenRefused,
)
from bot.telemetry import escaped, masked

__all__ = ["EXIT_CODES", "FINDINGS", "INTERRUPTED", "MISTAKE", "cli", "main"]

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
    outbox.outbox,
    running.health,
):
    cli.add_command(command)


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
        drop_output()
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
