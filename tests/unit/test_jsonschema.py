"""The JSON Schema of rules files says what the loader says, as far as a schema can."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from bot.errors import RulesError
from bot.rules.findings import Findings
from bot.rules.jsonschema import json_schema
from bot.rules.loader import parse_rules
from bot.rules.schema import RulesFile
from bot.rules.yaml_nodes import ListNode, MapNode, Node, compose

ROOT = Path(__file__).parents[2]
RIGHT = [
    *sorted((ROOT / "tests/rules/right").rglob("*.yaml")),
    ROOT / "rules.yaml",
    ROOT / "bot/demo/rules.yaml",
]
WRONG = ROOT / "tests/rules/wrong"
SCHEMA = json_schema()

RIGHT_TERMS = ("x", "=Y", "z*", "re:w", "$e", "title:x", 7, True)
WRONG_TERMS = ("re:[", "$nothing", "title:", "", None)
PARTS = ("title", "summary", "why", "sources", "time")
RIGHT_NUMBERS = (1, 2)
WRONG_NUMBERS = (0, -1, 1.5, "2", 10**7)


def documents(terms: tuple[object, ...], numbers: tuple[object, ...], least: int) -> st.SearchStrategy[Any]:
    """Rules files of these terms and numbers, with so many items in a list at least."""
    term, number = st.sampled_from(terms), st.sampled_from(numbers)
    names = st.lists(term.filter(lambda text: text != "$e"), min_size=least, max_size=3)
    rule_ids = st.lists(st.just("a"), min_size=least, max_size=1)
    weighted = st.fixed_dictionaries({"term": term}, optional={"weight": number})
    numbers_of_group = dict.fromkeys(("at_least", "threshold", "near"), number)

    def with_groups(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        parts = {
            "all": items,
            "none": items,
            "scope": st.sampled_from(["title", "article"]),
            "weight": number,
        }
        group = st.fixed_dictionaries({"any": items}, optional={**parts, **numbers_of_group})
        return st.lists(term | weighted | group, min_size=least, max_size=3)

    items = st.recursive(st.lists(term | weighted, min_size=least, max_size=3), with_groups, max_leaves=6)
    requires = st.fixed_dictionaries({"any": names}, optional={"near": number})
    aliases = names | st.dictionaries(st.sampled_from(["en", "zh"]), names, min_size=least)
    entity = st.fixed_dictionaries(
        {"aliases": aliases}, optional={"unless": names, "requires": requires, "cased": st.just(value=True)}
    )
    rule = st.fixed_dictionaries(
        {"id": st.just("a"), "any": items}, optional={"all": items, "none": items, **numbers_of_group}
    )
    article = st.fixed_dictionaries({"text": st.just("x")}, optional={"after": st.sampled_from(["0s", "1h"])})
    one = st.fixed_dictionaries(
        {"title": st.just("x"), "expect": rule_ids}, optional={"expect_not": rule_ids}
    )
    sequence = st.fixed_dictionaries(
        {"articles": st.lists(article, min_size=least, max_size=2), "alerts": st.lists(rule_ids, max_size=2)}
    )
    channel = st.fixed_dictionaries(
        {"chat": st.just(5), "rules": rule_ids},
        optional={
            "thread": number,
            "cap": number,
            "expires": st.sampled_from(["1m", "30d"] if least else ["59s", "31d", 7]),
            "on_uncertain": st.sampled_from(["resend", "drop"]),
            "on_topic_closed": st.sampled_from(["general", "hold", "drop"]),
            "silent": st.booleans(),
            "previews": st.booleans(),
            "template": st.lists(st.sampled_from(PARTS), min_size=least),
        },
    )
    operators = st.fixed_dictionaries({"chat": st.just(5)}, optional={"audit": st.sampled_from([5, 6])})
    return st.fixed_dictionaries(
        {
            "version": st.just(1),
            "channels": st.lists(channel, max_size=2),
            "operators": operators,
            "lists": st.fixed_dictionaries({"l": items}),
            "entities": st.fixed_dictionaries({"e": entity}),
            "rules": st.lists(rule, min_size=1, max_size=1),
            "tests": st.lists(one | sequence, max_size=2),
        }
    )


DOCUMENTS = documents(RIGHT_TERMS, RIGHT_NUMBERS, 1) | documents(
    RIGHT_TERMS + WRONG_TERMS, RIGHT_NUMBERS + WRONG_NUMBERS, 0
)
"""Documents that are now right and now wrong, in one way or another."""


def value_of(node: Node | None) -> object:
    """A document as an editor's YAML 1.2 parser gives it to a schema."""
    match node:
        case MapNode():
            return {key: value_of(entry.value) for key, entry in node.entries.items()}
        case ListNode():
            return [value_of(item) for item in node.items]
        case None:
            return None
        case _:
            return node.value


def errors_in(text: str) -> list[ValidationError]:
    document = value_of(compose(text, "rules.yaml", Findings("rules.yaml")))
    return list(Draft202012Validator(SCHEMA).iter_errors(document))


def test_it_is_a_schema_of_draft_2020_12() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_it_can_be_written_as_json() -> None:
    assert json.loads(json.dumps(SCHEMA, allow_nan=False)) == SCHEMA


def test_it_has_every_section_of_the_file() -> None:
    assert list(SCHEMA["properties"]) == list(RulesFile.model_fields)


def test_it_describes_every_key() -> None:
    keys = [
        (key, SCHEMA["$defs"][value["$ref"].rpartition("/")[2]] if "$ref" in value else value)
        for part in (SCHEMA, *SCHEMA["$defs"].values())
        for key, value in part.get("properties", {}).items()
    ]

    assert len(keys) > 50
    assert [key for key, value in keys if not value.get("description")] == []


def test_it_lets_no_unknown_key_in() -> None:
    sections = [part for part in SCHEMA["$defs"].values() if part.get("type") == "object"]

    assert sections
    assert all(part["additionalProperties"] is False for part in (SCHEMA, *sections))


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_a_right_file_is_right_by_the_schema(path: Path) -> None:
    assert errors_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "name",
    [
        "alias-as-group",
        "alias-as-text",
        "alias-language-two-in-one",
        "alias-languages-empty",
        "audit-without-at-sign",
        "audit-without-chat",
        "at-least-of-zero",
        "at-least-without-any",
        "cap-of-zero",
        "cap-with-unit",
        "cased-as-text",
        "channel-of-no-rule",
        "chat-without-at-sign",
        "chat-zero",
        "country-in-small-letters",
        "development-after-of-zero",
        "duration-of-zero",
        "duration-with-unknown-unit",
        "duration-without-unit",
        "edit-after-of-half-a-second",
        "edits-as-flag",
        "edits-negative",
        "edits-too-many",
        "empty-list-of-terms",
        "empty-term",
        "entities-as-list",
        "entity-name-with-capitals",
        "entity-without-names",
        "expires-as-never",
        "feed-as-text",
        "first-poll-in-quotes",
        "fold-events-as-text",
        "group-empty",
        "group-with-title",
        "group-with-unknown-key",
        "group-without-terms",
        "include-as-text",
        "include-of-nothing",
        "keys-missing",
        "language-as-word",
        "language-of-a-country",
        "list-as-mapping",
        "list-as-term",
        "list-empty",
        "list-name-malformed",
        "mapping-as-term",
        "min-sources-of-zero",
        "near-negative",
        "null-as-term",
        "on-topic-closed-unknown",
        "on-topic-closed-without-thread",
        "on-uncertain-misspelled",
        "on-uncertain-unknown",
        "paywall-as-text",
        "previews-as-text",
        "priority-unknown",
        "rank-as-word",
        "rank-not-whole",
        "rank-of-zero",
        "rank-too-great",
        "requires-as-list",
        "requires-without-terms",
        "rule-called-all",
        "rule-without-terms",
        "scope-unknown",
        "silent-as-text",
        "template-as-mapping",
        "template-as-text",
        "template-empty",
        "template-with-a-part-twice",
        "template-with-unknown-parts",
        "template-without-title",
        "test-article-of-nothing",
        "test-article-with-unknown-key",
        "test-of-a-sequence-with-text",
        "test-of-a-sequence-without-alerts",
        "test-of-nothing",
        "test-of-text-and-title",
        "test-with-alerts-alone",
        "test-without-expectation",
        "thread-zero",
        "threshold-as-text",
        "threshold-of-zero",
        "threshold-without-any",
        "unknown-key-in-feed",
        "unknown-key-in-operators",
        "unknown-section",
        "url-of-another-scheme",
        "url-with-password",
        "version-missing",
        "version-unknown",
        "weight-negative",
        "weight-of-a-rule",
        "weighted-term-with-group",
    ],
)
def test_a_wrong_file_is_wrong_by_the_schema(name: str) -> None:
    assert errors_in((WRONG / f"{name}.yaml").read_text(encoding="utf-8"))


def test_an_error_points_at_its_place() -> None:
    (error,) = errors_in("version: 1\nrules: [{id: a, any: [x], priority: urgent}]")

    assert list(error.absolute_path) == ["rules", 0, "priority"]


def test_terms_that_yaml_reads_as_numbers_are_terms() -> None:
    assert errors_in("version: 1\nrules: [{id: a, any: [2024, true, 1.5, {term: 7, weight: 2}]}]") == []


def test_groups_may_stand_in_groups() -> None:
    nested = "x"
    for _ in range(5):
        nested = f"{{any: [{nested}], all: [y, {nested}]}}"

    assert errors_in(f"version: 1\nrules: [{{id: a, any: [{nested}]}}]") == []
    assert errors_in(f"version: 1\nrules: [{{id: a, any: [{nested.replace('y', '{}')}]}}]")


@settings(deadline=None, max_examples=300)
@given(DOCUMENTS)
def test_what_the_loader_takes_is_right_by_the_schema(document: dict[str, object]) -> None:
    text = json.dumps(document)
    try:
        parse_rules(text.encode(), file="rules.yaml")
    except RulesError as error:
        lines = [str(problem) for problem in error.problems]
        assert all(line.startswith("rules.yaml:1:") and "; " in line for line in lines)
    else:
        assert errors_in(text) == []
