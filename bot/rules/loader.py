"""Reads a rules file strictly: all that is wrong with it, and with those that it includes, is told at once."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from bot.errors import Problem, RulesError
from bot.rules.book import build
from bot.rules.channels import check_channels
from bot.rules.definitions import RuleBook
from bot.rules.feasibility import check_feasibility
from bot.rules.findings import Findings
from bot.rules.includes import LARGEST, Reader, gather, unreadable
from bot.rules.references import check_ready_to_run, check_references
from bot.rules.schema import RulesFile
from bot.rules.schema_help import explain, plain
from bot.rules.yaml_nodes import MapNode


def load_rules(path: Path, *, require_running: bool = False) -> RuleBook:
    """Read a rules file and those that it includes from disk; `require_running` as in `parse_rules`.

    Raises RulesError.
    """
    try:
        data = read_file(path)
    except (OSError, ValueError) as error:
        what, remedy = unreadable(error, "the rules file")
        raise RulesError((Problem(file=str(path), line=1, column=1, what=what, remedy=remedy),)) from error
    return parse_rules(data, file=str(path), require_running=require_running, read=read_file)


def read_file(path: Path) -> bytes:
    """As much of a file as the loader looks at. Raises OSError, and ValueError for a malformed path."""
    with path.open("rb") as stream:
        return stream.read(LARGEST + 1)


def parse_rules(
    data: bytes, *, file: str, require_running: bool = False, read: Reader | None = None
) -> RuleBook:
    """Read the bytes of a rules file; `file` is its name in problems, and where the paths it includes begin.

    `read` gives the bytes of the files that it includes; without it there may be none.
    `require_running` also demands what a running bot needs: a feed, a rule and a channel.
    Raises RulesError with every problem that could be found, by position.
    """
    findings = Findings(file)
    roots = gather(data, file, read, findings)
    if not roots or roots[0].file != file:
        raise RulesError(findings.in_order())
    # What was already told at a place is not told again.
    in_structure = Findings(file)
    validated = [_validated(root, in_structure) for root in roots]
    order = check_references(roots, in_structure)
    check_channels(roots, in_structure)
    check_feasibility(roots, order, in_structure)
    findings.add_new(in_structure)
    if require_running:
        check_ready_to_run(roots, findings)
    files = [(root, section) for root, section in zip(roots, validated, strict=True) if section]
    if findings:
        raise RulesError(findings.in_order())
    return build(files, order)


def _validated(root: MapNode, findings: Findings) -> RulesFile | None:
    try:
        return RulesFile.model_validate(plain(root))
    except ValidationError as error:
        for place, what, remedy in explain(error, root):
            findings.add(place, what, remedy)
    return None
