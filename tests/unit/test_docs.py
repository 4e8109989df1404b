"""What the documents say is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.cli import EXIT_CODES, FINDINGS, INTERRUPTED, MISTAKE, cli
from bot.rules.loader import parse_rules

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_in_the_readme_and_has_help(name: str) -> None:
    assert f"`newsbell {name}" in README
    assert cli.commands[name].help


@pytest.mark.parametrize("code", [0, FINDINGS, 2, *(code for _, code in EXIT_CODES), MISTAKE, INTERRUPTED])
def test_every_exit_code_is_in_the_readme(code: int) -> None:
    assert f"\n| {code} | " in README


def test_every_variable_of_the_settings_is_in_the_readme() -> None:
    source = (ROOT / "bot/settings.py").read_text(encoding="utf-8")
    for variable in set(re.findall(r"(?:TELEGRAM|NEWSBELL)_[A-Z_]+", source)):
        assert f"`{variable}`" in README


def test_the_rules_of_the_readme_load() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", README, flags=re.DOTALL)
    assert len(parse_rules(example.encode(), file="README.md", require_running=True).rules) == 2


def test_the_rules_of_the_page_on_delivery_load() -> None:
    page = (ROOT / "docs" / "delivery.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    assert parse_rules(f"version: 1\n{example}".encode(), file="delivery.md").audit


@pytest.mark.parametrize(
    "document", ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
)
def test_every_file_that_a_document_links_to_is_there(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = [t for t in re.findall(r"\]\(([^)#]+)", text) if "://" not in t]
    assert [t for t in targets if not (ROOT / document).parent.joinpath(t).exists()] == []


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_every_module_that_a_document_names_is_there(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    modules = re.findall(r"`((?:bot/|tests/)?[a-z_]+(?:/[a-z_]+)*(?:/|\.py|\.yaml))`", text)
    missing = [m for m in modules if not any((ROOT / base / m).exists() for base in ("", "bot"))]
    assert missing == []


def test_every_make_target_that_a_document_names_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    texts = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", texts, flags=re.MULTILINE)) - {"and"}
    assert [target for target in named if f"\n{target}:" not in makefile] == []
