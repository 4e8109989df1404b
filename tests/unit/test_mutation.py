"""Which parts of the rules no test would miss."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import RulesError
from bot.rehearsal import run_test, run_tests
from bot.rules.definitions import Entity, Rule, RuleBook
from bot.rules.engine import compile_rules
from bot.rules.loader import parse_rules
from bot.rules.mutants import Mutant, mutants
from bot.rules.mutation import Coverage, measure

ROOT = Path(__file__).parents[2]


def covered(text: str) -> Coverage:
    book = parse_rules(f"version: 1\n{text}\n".encode(), file="rules.yaml")
    match = compile_rules(book).match
    return measure(book, run_tests(book, match), match, run_test)


def unmissed(rules: str, *tests: str) -> list[str]:
    """The parts that no test misses, each as a sentence names it."""
    listed = "".join(f"\n  - {test}" for test in tests)
    return [str(part) for part in covered(f"{rules}\ntests:{listed}").unmissed]


def on_rule(rule: str, *tests: str) -> list[str]:
    found = unmissed(f"rules:\n  - {{id: a, {rule}}}", *tests)
    return [part.removesuffix(" of the rule `a`") for part in found]


def on_entity(entity: str, *tests: str) -> list[str]:
    found = unmissed(f"entities:\n  e: {{{entity}}}\nrules:\n  - {{id: a, any: [$e]}}", *tests)
    return [part.removesuffix(" of the entity `e`") for part in found if "rule" not in part]


def parts(text: str) -> list[str]:
    book = parse_rules(f"version: 1\n{text}\n".encode(), file="rules.yaml")
    return [mutant.part.what for mutant in mutants(book)]


def test_a_term_that_a_test_rings_on_is_missed() -> None:
    assert (
        on_rule("any: [quake, flood]", "{text: a quake, expect: [a]}", "{text: a flood, expect: [a]}") == []
    )


def test_a_term_that_no_test_rings_on_is_named() -> None:
    assert on_rule("any: [quake, flood]", "{text: a quake, expect: [a]}") == ["the term `flood`"]


def test_a_term_beside_another_in_the_same_test_is_not_missed() -> None:
    assert on_rule("any: [quake, flood]", "{text: a quake and a flood, expect: [a]}") == [
        "the term `quake`",
        "the term `flood`",
    ]


def test_a_condition_is_missed_where_a_test_expects_silence_without_it() -> None:
    assert (
        on_rule(
            "all: [quake, coast]",
            "{text: a quake, expect: []}",
            "{text: the coast, expect: []}",
            "{text: a quake at the coast, expect: [a]}",
        )
        == []
    )


def test_an_exclusion_that_no_test_needs_is_named() -> None:
    assert on_rule("any: [quake], none: [film]", "{text: a quake, expect: [a]}") == ["the term `film`"]


def test_an_exclusion_that_a_test_needs_is_missed() -> None:
    tests = ("{text: a quake, expect: [a]}", "{text: a quake in a film, expect_not: [a]}")
    assert on_rule("any: [quake], none: [film]", *tests) == []


@pytest.mark.parametrize(
    ("key", "needs"),
    [
        ("near: 2", "{text: a quake was felt far away from the coast, expect: []}"),
        ("scope: sentence", "{text: It was a quake. The coast is calm., expect: []}"),
    ],
)
def test_a_limit_is_missed_where_a_test_needs_it(key: str, needs: str) -> None:
    tests = ["{text: a quake, expect: []}", "{text: a coast, expect: []}", "{text: coast quake, expect: [a]}"]
    rule = f"all: [quake, coast], {key}"
    assert (on_rule(rule, *tests), on_rule(rule, *tests, needs)) == ([f"`{key}`"], [])


def test_a_count_is_missed_where_a_test_needs_it() -> None:
    tests = ["{text: quake flood, expect: [a]}"]
    rule = "any: [quake, flood], at_least: 2"
    assert on_rule(rule, *tests) == ["`at_least: 2`"]
    assert on_rule(rule, *tests, "{text: quake, expect: []}") == []


def test_parts_of_nested_groups_are_taken_away() -> None:
    assert on_rule(
        "all: [coast, {any: [quake, flood]}]",
        "{text: a quake at the coast, expect: [a]}",
        "{text: the coast, expect: []}",
        "{text: a quake, expect: []}",
    ) == ["the term `flood`"]


def test_an_alias_that_no_test_rings_on_is_named() -> None:
    assert on_entity("aliases: [=BYD, 比亚迪]", "{text: BYD grows, expect: [a]}") == ["the alias `比亚迪`"]


def test_an_exclusion_of_an_entity_is_missed_where_a_test_needs_it() -> None:
    entity = "aliases: [Turkey], unless: [roast turkey]"
    rings = "{text: news from Turkey, expect: [a]}"
    assert on_entity(entity, rings) == ["the exclusion `roast turkey`"]
    assert on_entity(entity, rings, "{text: we had roast turkey, expect: []}") == []


def test_the_context_of_an_entity_is_missed_where_a_test_needs_it() -> None:
    entity = "aliases: [Apple], requires: {any: [iPhone, iPad]}"
    tests = ["{text: Apple shows an iPhone, expect: [a]}", "{text: an apple a day, expect: []}"]
    assert on_entity(entity, *tests) == ["the context `iPad`"]


def test_a_capital_is_missed_where_a_test_needs_it() -> None:
    rings = "{text: Shell grows, expect: [a]}"
    assert on_entity("aliases: [Shell], cased: true", rings) == ["the key `cased`"]
    assert on_entity("aliases: [Shell], cased: true", rings, "{text: a shell, expect: []}") == []


def test_a_part_of_an_entity_within_an_entity_is_missed_by_the_rules_of_the_outer_one() -> None:
    rules = (
        "entities:\n  inner: {aliases: [Hormuz, Suez]}\n  outer: {aliases: [$inner]}\n"
        "rules:\n  - {id: a, any: [$outer]}"
    )
    assert unmissed(rules, "{text: through Hormuz, expect: [a]}") == [
        "the alias `Suez` of the entity `inner`"
    ]


def test_an_entity_that_no_rule_uses_is_not_missed() -> None:
    rules = "entities:\n  idle: {aliases: [Idle]}\nrules:\n  - {id: a, any: [quake]}"
    assert unmissed(rules, "{text: quake, expect: [a]}") == ["the alias `Idle` of the entity `idle`"]


def test_a_restriction_to_a_language_is_missed_where_a_test_needs_it() -> None:
    rings = "{text: quake, language: en, expect: [a]}"
    assert on_rule("any: [quake], languages: [en]", rings) == ["the key `languages`"]
    assert on_rule("any: [quake], languages: [en]", rings, "{text: quake, language: fr, expect: []}") == []


ONE = '{title: quake, url: "https://a.example/1", feed: A}'
TWO = '{title: quake!, url: "https://a.example/1", feed: B, after: 1m}'


def test_the_sources_of_a_rule_are_missed_by_a_sequence() -> None:
    rule = "any: [quake], min_sources: 2"
    both = f"{{articles: [{ONE}, {TWO}], alerts: [[a]]}}"
    assert on_rule(rule, both) == ["the key `min_sources`"]
    assert on_rule(rule, both, f"{{articles: [{ONE}], alerts: []}}") == []


def test_a_term_is_missed_by_a_sequence() -> None:
    assert on_rule("any: [quake]", f"{{articles: [{ONE}], alerts: [[a]]}}") == []


def test_a_test_that_fails_already_proves_nothing() -> None:
    assert on_rule("any: [quake]", "{text: quake, expect: []}") == ["the term `quake`"]


def test_the_share_of_parts_that_are_missed_is_told() -> None:
    coverage = covered("rules:\n  - {id: a, any: [w, x, y, z]}\ntests:\n  - {text: x, expect: [a]}")
    assert (coverage.parts, coverage.percentage) == (4, 25.0)


def changed(book: RuleBook, mutant: Mutant) -> RuleBook:
    """The book without a part, by hand."""
    owner, left = mutant.part.owner, mutant.left
    if isinstance(owner, Entity):
        entities = (left if entity is owner else entity for entity in book.entities)
        return replace(book, entities=tuple(e for e in entities if isinstance(e, Entity)))
    rules = (left if rule is owner else rule for rule in book.rules)
    return replace(book, rules=tuple(rule for rule in rules if isinstance(rule, Rule)))


@pytest.mark.parametrize("skipped", [2, 3])
def test_what_is_compiled_together_rings_as_each_by_itself(skipped: int) -> None:
    book = parse_rules((ROOT / "rules.yaml").read_bytes(), file="rules.yaml")
    book = replace(book, tests=book.tests[::skipped])
    match = compile_rules(book).match
    coverage = measure(book, run_tests(book, match), match, run_test)
    one_by_one = [
        mutant.part
        for mutant in mutants(book)
        for less in [changed(book, mutant)]
        if all(verdict.passed for verdict in run_tests(less, compile_rules(less).match))
    ]
    assert list(coverage.unmissed) == one_by_one


def test_a_file_without_rules_is_wholly_covered() -> None:
    assert covered("").percentage == 100.0


def test_every_kind_of_part_is_taken_away() -> None:
    assert parts(
        "entities:\n  e: {country: TR, aliases: [x], unless: [y], requires: {any: [v, w], near: 3}, cased: true}\n"
        "rules:\n  - {id: a, any: [b, c], all: [d, {all: [e, f], near: 7}], none: [g], at_least: 1, near: 5,\n"
        "     scope: sentence, languages: [en], feeds: [F], tags: [t], min_sources: 2}\n"
        "  - {id: h, any: [{term: i, weight: 2.5}], threshold: 2.5}"
    ) == [
        "the term `b`",
        "the term `c`",
        "the term `d`",
        "the term `e`",
        "the term `f`",
        "`near: 7`",
        "the term `g`",
        "`at_least: 1`",
        "`near: 5`",
        "`scope: sentence`",
        "the key `languages`",
        "the key `feeds`",
        "the key `tags`",
        "the key `min_sources`",
        "the term `i`",
        "`threshold: 2.5`",
        "the alias `x`",
        "the country `TR`",
        "the exclusion `y`",
        "the key `requires`",
        "the context `v`",
        "the context `w`",
        "`near: 3` in `requires`",
        "the key `cased`",
    ]


def test_sixty_tests_and_three_hundred_parts_take_no_time_to_speak_of() -> None:
    words = [f"{a}{b}word" for a in "abcdefghijklmno" for b in "abcdefghijklmnopqrst"]
    rules = "".join(
        f"\n  - {{id: r{number}, any: [{', '.join(words[number * 10 : number * 10 + 10])}]}}"
        for number in range(30)
    )
    tests = "".join(f"\n  - {{text: the {words[n * 5]} came, expect: [r{n * 5 // 10}]}}" for n in range(60))
    before = time.perf_counter()
    coverage = covered(f"rules:{rules}\ntests:{tests}")
    assert (coverage.parts, len(coverage.unmissed)) == (300, 240)
    assert time.perf_counter() - before < 5


def test_a_file_that_would_take_too_long_is_refused() -> None:
    terms = ", ".join(f"term{number}" for number in range(4_500))

    with pytest.raises(RulesError, match="more than 20,000,000 terms, too many to measure coverage"):
        covered(f"rules: [{{id: a, any: [{terms}]}}]")


def test_a_long_chain_of_entities_that_no_rule_reaches_costs_nothing() -> None:
    chain = "".join(f"  e{number}: {{aliases: [$e{number + 1}]}}\n" for number in range(2_000))

    assert covered(f"entities:\n{chain}  e2000: {{aliases: [gold]}}").parts == 2_001
