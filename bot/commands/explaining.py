"""`explain`: why rules ring on an article, or do not."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands import FINDINGS

if TYPE_CHECKING:
    from bot.models import Article
    from bot.rules.definitions import RuleBook


@click.command()
@click.option(
    "--rules", "file", type=click.Path(path_type=Path), help="The rules file [default: NEWSBELL_RULES]."
)
@click.option("--text", help="What the article says, a title in the first of several lines; - reads it.")
@click.option("--url", help="The address of a page to fetch.")
@click.option(
    "--file",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with such a text, or with an article as JSON, as `newsbell match` reads it.",
)
@click.option("--rule", "only", multiple=True, help="Tell of this rule alone; may be given several times.")
@click.option("--language", help="The article's language, such as tr [default: detected].")
@click.option("--all", "everything", is_flag=True, help="Leave nothing out: every rule, term and character.")
@click.option("--allow-private", is_flag=True, help="Let --url lead to a private address.")
def explain(
    *,
    file: Path | None,
    text: str | None,
    url: str | None,
    source: Path | None,
    only: tuple[str, ...],
    language: str | None,
    everything: bool,
    allow_private: bool,
) -> None:
    """Show an article with what rings in it, and each rule as a tree of what held and what did not."""
    from bot.rules.engine import compile_rules
    from bot.rules.explain import explain as explanation_of
    from bot.rules.loader import load_rules
    from bot.settings import rules_path
    from bot.terminal import show_explanation, stdout

    if sum(given is not None for given in (text, url, source)) != 1:
        raise click.UsageError("name one article: --text, --url or --file")
    book = load_rules(file or rules_path(os.environ))
    _require_rules(only, book)
    if url is not None:
        article = _fetched(url, allow_private=allow_private)
    else:
        article = _read(source) if source else _written(_standard_input() if text == "-" else text or "")
    if language:
        article = replace(article, language=language)
    traces = [trace for trace in compile_rules(book).explain(article) if not only or trace.rule in only]
    # Whoever asks for rules wants to see them, though nothing of them stands in the article.
    show_explanation(stdout(), explanation_of(article, traces, everything=everything, silent=not only))


def _require_rules(only: tuple[str, ...], book: RuleBook) -> None:
    from bot.rules.findings import did_you_mean, quoted

    ids = [rule.id for rule in book.rules]
    for rule in only:
        if rule not in ids:
            hint = did_you_mean(rule, ids) or "name one of the file"
            raise click.UsageError(f"the rule {quoted(rule)} does not exist; {hint}")


def _read(path: Path) -> Article:
    from bot.filters import read_article

    try:
        data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        return read_article(data) if data.lstrip().startswith(b"{") else _written(data.decode("utf-8"))
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read ({error.strerror}); name another file") from error
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{path} is not UTF-8 (byte {error.start + 1}); save it in UTF-8") from error
    except ValueError as error:
        raise click.UsageError(f"{path}: {error}") from error


def _standard_input() -> str:
    return sys.stdin.buffer.read().decode("utf-8", "replace")


def _written(text: str) -> Article:
    """A text as an article; of several lines the first is its title."""
    from bot.filters import plain_article

    first, _, rest = text.strip().partition("\n")
    return plain_article(title=first, content=rest.strip()) if rest else plain_article(content=first)


def _fetched(url: str, *, allow_private: bool) -> Article:
    from bot.errors import AddressRefused, FetchError, ParseError
    from bot.pages import fetch_page
    from bot.telemetry import escaped

    try:
        return asyncio.run(fetch_page(url, allow_private=allow_private, now=datetime.now(UTC)))  # noqa: TID251
    except (FetchError, ParseError) as error:
        # What a poller would do about it is no advice here.
        what, _, remedy = str(error).partition("; ")
        if isinstance(error, FetchError):
            remedy = "check the address, or save the page and give it with --file"
        if isinstance(error, AddressRefused) and "public internet" in what:
            remedy = "give --allow-private if that is meant"
        click.echo(f"newsbell: {escaped(what)}; {escaped(remedy)}", err=True)
        sys.exit(FINDINGS)
