"""`run`, `demo` and `health`: the bot itself."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import click

from bot.commands import FINDINGS
from bot.telemetry import configure_log


@click.command()
@click.option(
    "--dry-run", is_flag=True, help="Print alerts instead of sending; needs no token, changes nothing."
)
def run(*, dry_run: bool) -> None:
    """Run the bot until SIGTERM or Ctrl-C. Settings come from the environment; see the README."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the loop takes over
    from bot.settings import read_settings

    settings = read_settings(os.environ, need_token=not dry_run)
    secret = () if settings.token is None else (settings.token.get_secret_value(),)
    configure_log(settings.log_level, secrets=secret)
    from bot import app
    from bot.rules.loader import load_rules

    book = load_rules(settings.rules, require_running=True)
    asyncio.run(app.run(settings, book, dry_run=dry_run))


@click.command()
def demo() -> None:
    """Show the whole bot at work on a newsroom and a Bot API server of its own; no token, no internet."""
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
