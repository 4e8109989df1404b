"""How the tests inside a rules file are judged."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from builders import make_article, make_match

from bot.junit import junit
from bot.models import Field, Match, Span
from bot.rules.cases import Verdict, judge, judge_alerts, name_of
from bot.rules.definitions import RuleTest, TestArticle

ORDER = ("brics", "rare-earth", "quake")


def a_test(
    text: str = "some text",
    *,
    expect: tuple[str, ...] | None = None,
    expect_not: tuple[str, ...] = (),
    alerts: tuple[tuple[str, ...], ...] | None = None,
) -> RuleTest:
    return RuleTest(
        articles=(TestArticle(content=text),),
        expect=expect,
        expect_not=expect_not,
        alerts=alerts,
        file="rules.yaml",
        line=6,
        column=5,
    )


def judged(test: RuleTest, *rang: str, words: tuple[str, ...] = ("word",)) -> Verdict:
    matches = [
        Match(
            rule=rule,
            evidence=tuple(Span(field=Field.CONTENT, start=0, end=len(word), text=word) for word in words),
        )
        for rule in rang
    ]
    return judge(test, make_article(), matches, ORDER)


def alerted(wanted: tuple[tuple[str, ...], ...], *alerts: tuple[str, ...]) -> Verdict:
    return judge_alerts(a_test(alerts=wanted), (make_article(),), alerts)


def test_a_test_holds_where_exactly_the_expected_rules_ring() -> None:
    assert judged(a_test(expect=("rare-earth", "brics")), "brics", "rare-earth").passed


def test_a_test_that_expects_silence_holds_where_nothing_rings() -> None:
    assert judged(a_test(expect=())).passed


def test_a_rule_that_stays_silent_is_told_at_the_place_of_its_test() -> None:
    assert str(judged(a_test(expect=("brics",))).problem) == (
        "rules.yaml:6:5: the test `some text` fails: `brics` did not ring; "
        "change the rules, or the test's `expect: [brics]`"
    )


def test_a_rule_that_should_not_ring_is_told_with_what_made_it_ring() -> None:
    verdict = judged(a_test(expect=()), "brics", words=("bricks", "brics"))
    assert verdict.faults == ("`brics` rang, on `bricks`, `brics`, and was not expected",)


def test_both_faults_of_one_test_are_told_in_the_order_of_the_file() -> None:
    verdict = judged(a_test(expect=("quake",)), "brics")
    assert verdict.rules == ("brics", "quake")


def test_repeated_and_many_words_are_told_in_short() -> None:
    verdict = judged(a_test(expect=()), "brics", words=("a", "a", "b", "c", "d", "e"))
    assert "rang, on `a`, `b`, `c` and 2 more, and" in verdict.faults[0]


def test_without_expect_other_rules_may_ring() -> None:
    assert judged(a_test(expect_not=("brics",)), "quake").passed


def test_a_rule_that_must_not_ring_is_told() -> None:
    verdict = judged(a_test(expect_not=("brics",)), "brics")
    assert verdict.faults == ("`brics` rang, on `word`, and must not",)


def test_what_to_change_is_what_the_test_says() -> None:
    assert "`expect_not: [brics]`" in judged(a_test(expect_not=("brics",)), "brics").problem.remedy


def test_alerts_hold_in_their_order_whatever_the_order_of_the_rules_in_each() -> None:
    assert alerted((("brics", "quake"), ("brics",)), ("quake", "brics"), ("brics",)).passed


@pytest.mark.parametrize(
    ("alerts", "told"),
    [
        ((), "it makes no alert and should make 1 alert (`brics`)"),
        ((("quake",),), "it makes 1 alert (`quake`) and should make 1 alert (`brics`)"),
        (
            (("brics",), ("brics", "quake")),
            "it makes 2 alerts (`brics`, then `brics`, `quake`) and should make 1 alert (`brics`)",
        ),
    ],
)
def test_other_alerts_are_told(alerts: tuple[tuple[str, ...], ...], told: str) -> None:
    assert alerted((("brics",),), *alerts).faults == (told,)


def test_a_failed_sequence_is_about_every_rule_that_it_names() -> None:
    assert alerted((("brics",),), ("quake",)).rules == ("brics", "quake")


def test_a_test_is_called_by_the_first_line_of_its_first_article() -> None:
    assert name_of(a_test("First line\nsecond line")) == "First line"


def test_a_sequence_tells_how_many_articles_follow() -> None:
    test = RuleTest(
        articles=(TestArticle(title="One"), TestArticle(title="Two")), file="f", line=1, column=1, alerts=()
    )
    assert name_of(test) == "One (and 1 more)"


def suite(*verdicts: Verdict) -> ElementTree.Element:
    report = ElementTree.fromstring(junit({"rules.yaml": verdicts}))  # noqa: S314 - written by ourselves
    found = report.find("testsuite")
    assert found is not None
    return found


def test_a_report_counts_tests_and_failures() -> None:
    counted = suite(judged(a_test(expect=())), judged(a_test(expect=("brics",))))
    assert (counted.get("tests"), counted.get("failures")) == ("2", "1")


def test_a_report_names_file_and_line_of_a_failure() -> None:
    case = suite(judged(a_test(expect=("brics",)))).find("testcase")
    assert case is not None
    failure = case.find("failure")
    assert failure is not None
    assert (case.get("file"), case.get("line"), failure.get("message")) == (
        "rules.yaml",
        "6",
        "`brics` did not ring",
    )


def test_a_test_that_passed_has_no_failure_in_the_report() -> None:
    case = suite(judged(a_test(expect=()))).find("testcase")
    assert case is not None
    assert case.find("failure") is None


def test_what_xml_cannot_hold_is_replaced_in_a_report() -> None:
    test = a_test("nul", expect=())
    verdict = judge(test, make_article(), [make_match("brics", "a\x00\ud800b")], ORDER)
    assert suite(verdict).find("testcase/failure") is not None


def test_the_text_of_a_report_survives_markup() -> None:
    case = suite(judged(a_test('<&"> 稀土', expect=()))).find("testcase")
    assert case is not None
    assert case.get("name") == 'line 6: <&"> 稀土'
