"""`run`, `demo` and `health`: the bot itself."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys

import click

from bot.commands import FINDINGS, SECRETS
from bot.telemetry import configure_log


@click.command()
@click.option(
    "--dry-run", is_flag=True, help="Print alerts instead of sending; needs no token, changes nothing."
)
@click.option(
    "--after-restore",
    is_flag=True,
    help="The database is a backup: what it owes may have been sent, and is looked for first.",
)
def run(*, dry_run: bool, after_restore: bool) -> None:
    """Run the bot until SIGTERM or Ctrl-C. Settings come from the environment; see the README."""
    _leave_on_signals()
    from bot.settings import read_settings

    settings = read_settings(os.environ, need_token=not dry_run)
    if settings.token is not None:
        SECRETS.append(settings.token.get_secret_value())
    configure_log(settings.log_level, secrets=tuple(SECRETS))
    from bot import app
    from bot.rules.loader import load_rules

    book = load_rules(settings.rules, require_running=True)

    async def run_and_leave() -> None:
        await app.run(settings, book, dry_run=dry_run, after_restore=after_restore)
        # All is closed. A name lookup that hangs sits in a thread for which Python would wait without end.
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)

    asyncio.run(run_and_leave())


@click.command()
def demo() -> None:
    """Show the whole bot at work on a newsroom and a Bot API server of its own; no token, no internet."""
    _end_on_signals()
    from rich.console import Console

    from bot.demo.show import show

    if not asyncio.run(show(Console())):
        sys.exit(FINDINGS)


@click.command()
def health() -> None:
    """Exit 0 while the bot that runs on this database gives signs of life."""
    from bot.app import is_healthy
    from bot.settings import database_path

    database = database_path(os.environ)
    if not asyncio.run(is_healthy(database)):
        click.echo(f"{database}: no fresh heartbeat; is `newsbell run` running on this database?", err=True)
        sys.exit(FINDINGS)
    click.echo("healthy")


def _leave_on_signals() -> None:
    """End with 0 on SIGTERM and Ctrl-C at once, until the event loop takes over; nothing is open before that.

    An exception would not do: one that is raised in the midst of an import may be swallowed there.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))


def _end_on_signals() -> None:
    """End with 0 on SIGTERM and Ctrl-C, and clean up."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
