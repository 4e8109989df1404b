"""What comes of the tests inside a rules file."""

from __future__ import annotations

import re
from pathlib import Path

from bot.models import Article, Field, Match, Span
from bot.rehearsal import articles_of, run_tests
from bot.rules.definitions import RuleBook
from bot.rules.engine import compile_rules
from bot.rules.loader import parse_rules

RULES = """\
version: 1
feeds:
  - {url: "https://coast.example/rss", name: Coast News, language: tr, tags: [coast]}
  - {url: "https://island.example/rss", name: Island News, owner: Isles}
  - {url: "https://reef.example/rss", name: Reef News, owner: Isles}
rules:
  - {id: quake, any: [quake]}
  - {id: slow, any: [harvest], cooldown: 1h}
  - {id: sure, any: [outage], min_sources: 2}
tests:
"""


def book(test: str) -> RuleBook:
    return parse_rules(f"{RULES}  - {test}\n".encode(), file="rules.yaml")


def by_word(article: Article) -> tuple[Match, ...]:
    """Rings each rule of the file on its one word."""
    words = {"quake": "quake", "slow": "harvest", "sure": "outage"}
    return tuple(
        Match(rule=rule, evidence=(Span(field=Field.CONTENT, start=0, end=len(word), text=word),))
        for rule, word in words.items()
        if word in f"{article.title} {article.content}"
    )


def faults(test: str) -> tuple[str, ...]:
    (verdict,) = run_tests(book(test), by_word)
    return verdict.faults


def sequence(*articles: str, alerts: str) -> tuple[str, ...]:
    return faults(f"{{articles: [{', '.join(articles)}], alerts: {alerts}}}")


def article_of(test: str) -> Article:
    rules = book(test)
    return articles_of(rules.tests[0], rules.feeds)[0]


def test_a_single_article_is_held_against_the_rules() -> None:
    assert faults("{text: a quake, expect: [quake]}") == ()


def test_a_failure_tells_what_did_not_ring() -> None:
    assert faults("{text: calm, expect: [quake]}") == ("`quake` did not ring",)


def test_the_text_of_a_test_is_the_content_of_an_article() -> None:
    article = article_of("{text: quake, expect: []}")
    assert (article.title, article.content) == ("", "quake")


def test_the_language_of_a_test_is_detected_as_a_poll_would() -> None:
    assert article_of("{text: 中国收紧稀土出口管制, expect: []}").language == "zh"


def test_the_language_of_the_feed_goes_before_detection() -> None:
    assert article_of("{text: a quake, feed: Coast News, expect: []}").language == "tr"


def test_the_language_of_the_test_goes_before_that_of_the_feed() -> None:
    assert article_of("{text: a quake, feed: Coast News, language: en, expect: []}").language == "en"


def test_a_feed_of_the_file_lends_its_address_and_tags() -> None:
    article = article_of("{text: a quake, feed: Coast News, tags: [coast], expect: []}")
    assert (article.feed_url, article.source, article.tags) == (
        "https://coast.example/rss",
        "Coast News",
        ("coast",),
    )


def test_one_article_that_rings_makes_one_alert() -> None:
    assert sequence("{title: A quake}", alerts="[[quake]]") == ()


def test_an_alert_names_every_rule_that_rang() -> None:
    assert sequence("{title: A quake after the harvest}", alerts="[[slow, quake]]") == ()


def test_articles_on_which_nothing_rings_make_no_alert() -> None:
    assert sequence("{title: Calm}", "{title: Still calm}", alerts="[]") == ()


def test_different_stories_make_an_alert_each() -> None:
    assert sequence("{title: A quake}", "{title: Another quake}", alerts="[[quake], [quake]]") == ()


def test_a_story_that_another_feed_tells_as_well_makes_one_alert() -> None:
    assert (
        sequence(
            '{title: A quake, url: "https://coast.example/1", feed: Coast News}',
            '{title: Quake!, url: "https://coast.example/1", feed: Island News, after: 5m}',
            alerts="[[quake]]",
        )
        == ()
    )


def test_the_same_feed_rings_once_with_one_article() -> None:
    assert sequence("{text: quake}", "{text: quake, after: 2m}", alerts="[[quake]]") == ()


def outage(feed: str, after: str = "0s") -> str:
    return f'{{title: outage, url: "https://coast.example/2", feed: {feed}, after: {after}}}'


def test_a_rule_for_sure_news_waits_for_the_second_source() -> None:
    assert sequence(outage("Coast News"), alerts="[]") == ()


def test_a_rule_for_sure_news_rings_with_the_second_source() -> None:
    assert sequence(outage("Coast News"), outage("Reef News", "5m"), alerts="[[sure]]") == ()


def test_feeds_of_one_owner_are_one_source() -> None:
    assert sequence(outage("Island News"), outage("Reef News", "5m"), alerts="[]") == ()


def test_feeds_that_the_file_does_not_list_are_sources_of_their_own() -> None:
    rules = RULES.replace(RULES[RULES.index("feeds:") : RULES.index("rules:")], "")
    text = f"{rules}  - {{articles: [{outage('A')}, {outage('B', '5m')}], alerts: [[sure]]}}\n"
    (verdict,) = run_tests(parse_rules(text.encode(), file="rules.yaml"), by_word)
    assert verdict.passed


def test_stories_during_a_cooldown_come_as_one_alert_at_its_end() -> None:
    assert (
        sequence(
            "{title: harvest one}",
            "{title: harvest two, after: 10m}",
            "{title: harvest three, after: 20m}",
            alerts="[[slow], [slow]]",
        )
        == ()
    )


def test_the_alert_of_a_cooldown_comes_before_what_happens_later() -> None:
    assert (
        sequence(
            "{title: harvest one}",
            "{title: harvest two, after: 10m}",
            "{title: a quake, after: 2h}",
            alerts="[[slow], [slow], [quake]]",
        )
        == ()
    )


def test_no_cap_holds_an_alert_of_a_sequence() -> None:
    capped = f"{RULES}  - {{articles: [{{text: quake one}}, {{text: quake far off}}], alerts: [[quake], [quake]]}}\n"
    limited = parse_rules(
        capped.replace("any: [quake]}", "any: [quake], cap: 1}").encode(), file="rules.yaml"
    )
    assert run_tests(limited, by_word)[0].faults == ()


def test_another_rule_does_not_wait_for_a_cooldown() -> None:
    assert sequence("{title: harvest}", "{title: a quake, after: 1m}", alerts="[[slow], [quake]]") == ()


def test_after_its_cooldown_a_rule_rings_at_once() -> None:
    assert (
        sequence(
            "{title: harvest one}",
            "{title: harvest two, after: 61m}",
            "{title: a quake, after: 62m}",
            alerts="[[slow], [slow], [quake]]",
        )
        == ()
    )


def test_the_example_of_the_document_passes() -> None:
    document = (Path(__file__).parents[2] / "docs/testing-rules.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", document, flags=re.DOTALL)
    rules = parse_rules(example.encode(), file="testing-rules.md")
    assert [verdict.faults for verdict in run_tests(rules, compile_rules(rules).match)] == [()] * 4
