from __future__ import annotations

from bot.models import Article, Field, Match, Span
from bot.rules.cases import failures
from bot.rules.definitions import RuleBook
from bot.rules.loader import parse_rules

RULES = """\
version: 1
rules:
  - {id: brics, any: [BRICS]}
  - {id: rare-earth, any: [rare earth]}
tests:
"""


def book(test: str) -> RuleBook:
    return parse_rules(f"{RULES}  - {test}\n".encode(), file="rules.yaml")


def match_by_content(article: Article) -> tuple[Match, ...]:
    """Rings a rule where the words of its id stand in the text, comma-separated words being evidence."""
    return tuple(
        Match(
            rule=rule,
            evidence=tuple(
                Span(field=Field.CONTENT, start=0, end=len(word), text=word)
                for word in article.content.split(", ")
            ),
        )
        for rule in ("brics", "rare-earth")
        if rule in article.content
    )


def told(test: str) -> list[str]:
    return [str(problem) for problem in failures(book(test), "rules.yaml", match_by_content)]


def test_a_test_that_holds_is_silent() -> None:
    assert told("{text: brics, expect: [brics]}") == []


def test_a_test_that_expects_silence_holds_where_nothing_rings() -> None:
    assert told("{text: nothing, expect: []}") == []


def test_the_order_of_expected_rules_does_not_matter() -> None:
    assert told("{text: brics rare-earth, expect: [rare-earth, brics]}") == []


def test_a_rule_that_stays_silent_is_told_at_the_place_of_its_test() -> None:
    assert told("{text: nothing, expect: [brics]}") == [
        "rules.yaml:6:5: the test `nothing` fails: `brics` did not ring; change the terms of the rules, or the test's `expect: [brics]`"
    ]


def test_a_rule_that_should_not_ring_is_told_with_what_made_it_ring() -> None:
    assert told('{text: "brics, bricks", expect: []}') == [
        "rules.yaml:6:5: the test `brics, bricks` fails: `brics` rang, on `brics`, `bricks`, and was not expected; change the terms of the rules, or the test's `expect: []`"
    ]


def test_both_faults_of_one_test_are_told_together() -> None:
    assert (
        "fails: `rare-earth` did not ring, `brics` rang, on `brics`"
        in told("{text: brics, expect: [rare-earth]}")[0]
    )


def test_repeated_and_many_words_are_told_in_short() -> None:
    sentence = told('{text: "brics, brics, b, c, d, e", expect: []}')[0]

    assert "rang, on `brics`, `b`, `c` and 2 more, and" in sentence


def test_every_failing_test_is_told() -> None:
    rules = parse_rules(
        f"{RULES}  - {{text: a, expect: [brics]}}\n  - {{text: b, expect: [brics]}}\n".encode(),
        file="rules.yaml",
    )

    assert [problem.line for problem in failures(rules, "rules.yaml", match_by_content)] == [6, 7]


def test_the_text_is_matched_as_content_of_unknown_language() -> None:
    seen: list[Article] = []

    def remember(article: Article) -> tuple[Match, ...]:
        seen.append(article)
        return ()

    failures(book("{text: brics, expect: []}"), "rules.yaml", remember)

    assert [(article.title, article.content, article.language) for article in seen] == [("", "brics", None)]
