"""What a rules file of the whole language means."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import RulesError
from bot.models import Feed, MessagePart, OnTopicClosed, OnUncertain
from bot.rules.definitions import (
    Alias,
    Channel,
    Defaults,
    Entity,
    Group,
    Item,
    Priority,
    Requires,
    Rule,
    RuleBook,
    RuleTest,
    Scope,
    Term,
    TestArticle,
)
from bot.rules.loader import load_rules, parse_rules
from bot.rules.syntax import parse_term

FILE = Path(__file__).parents[1] / "rules" / "right" / "every-key.yaml"
FILE_OF_MORE = str(FILE.parent / "included" / "more.yaml")

TOPIC = Channel(
    chat="-1001234567890",
    rules=(),
    thread=17,
    on_uncertain=OnUncertain.DROP,
    on_topic_closed=OnTopicClosed.HOLD,
    expires=timedelta(days=30),
    cap=1_000_000,
    silent=True,
    previews=False,
    template=(MessagePart.TITLE, MessagePart.TIME, MessagePart.SOURCES),
)
"""A topic with every setting that a channel can have."""


def terms(*written: str) -> tuple[Term, ...]:
    return tuple(parse_term(text) for text in written)


def items(*written: str, weight: float = 1.0) -> tuple[Item, ...]:
    return tuple(Item(of=term, weight=weight) for term in terms(*written))


def deal(*written: str) -> Item:
    return Item(of=Group(all=items(*written), near=3))


def book_of(body: str) -> RuleBook:
    return parse_rules(f"version: 1\n{body}".encode(), file="rules.yaml")


def when(lists: str, any_of: str) -> tuple[Item, ...]:
    """What a rule with this `any` rings on, beside these lists."""
    return book_of(f"lists: {lists}\nrules: [{{id: a, any: {any_of}}}]").rules[0].when.any


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return load_rules(FILE, require_running=True)


def test_every_key_of_defaults_is_read(book: RuleBook) -> None:
    assert book.defaults == Defaults(
        max_age=timedelta(hours=36),
        first_poll=0,
        timezone=ZoneInfo("Europe/Istanbul"),
        keep=timedelta(days=56),
        edits=0,
        edit_after=timedelta(seconds=1),
        development_after=timedelta(minutes=90),
        story_ends_after=timedelta(days=14),
        fold_events=False,
    )


def test_every_key_of_a_feed_is_read(book: RuleBook) -> None:
    assert book.feeds == (
        Feed(
            url="https://example.org/rss.xml",
            name="Example News",
            language="zh-Hant",
            tags=("turkiye", "energy"),
            owner="Example Holding",
            rank=9,
            paywall=True,
            every=timedelta(seconds=1),
            allow_private=True,
            cap=12,
        ),
        Feed(url="http://127.0.0.1:8080"),
        Feed(url="https://example.net/rss.xml"),
    )


def test_every_key_of_an_entity_is_read(book: RuleBook) -> None:
    names = terms("Hormuz", "Hormus")
    assert book.entities == (
        Entity(
            name="turkiye",
            country="TR",
            aliases=tuple(Alias(term=term) for term in terms("Turkey", "Ankara")),
            unless=terms("turkey breast"),
        ),
        Entity(name="region", aliases=(Alias(term=parse_term("$turkiye")),)),
        Entity(
            name="hormuz",
            aliases=(
                Alias(term=names[0], languages=frozenset({"en", "de"})),
                Alias(term=names[1], languages=frozenset({"de"})),
            ),
            cased=True,
        ),
        Entity(
            name="apple",
            aliases=tuple(Alias(term=term) for term in terms("Apple", "title:$hormuz", "title:Bosporus")),
            requires=Requires(any=terms("iPhone", "$region"), near=15),
        ),
        Entity(name="steel", aliases=(Alias(term=parse_term("Stahl")),)),
    )


def test_a_rule_of_plain_lists_is_read(book: RuleBook) -> None:
    assert book.rules[0] == Rule(
        id="byd-turkiye",
        title="BYD in Türkiye",
        when=Group(
            any=items("=BYD", "re:B[Yy]D", "Build Your*"),
            all=items("$region", "=$100"),
            none=items("byd stock price"),
            near=0,
        ),
    )


def test_every_key_of_a_rule_is_read(book: RuleBook) -> None:
    assert book.rules[2] == Rule(
        id="deals",
        title="deals",
        when=Group(
            any=(
                *items("title:signs"),
                *items("title:agrees to", weight=2),
                deal("title:deal", "title:done"),
                *items("signs"),
                *items("agrees to", weight=2),
                deal("deal", "done"),
                *items("contract", weight=0.5),
                Item(of=Group(any=items("merger", "takeover"), at_least=2, scope=Scope.SENTENCE), weight=3),
            ),
            none=(Item(of=Group(any=items("rumour"), none=items("denied"))),),
            at_least=2,
            threshold=1.5,
            near=30,
            scope=Scope.PARAGRAPH,
        ),
        languages=frozenset({"en", "zh"}),
        feeds=frozenset({"Example News", "http://127.0.0.1:8080"}),
        tags=frozenset({"energy"}),
        min_sources=2,
        priority=Priority.HIGH,
        cooldown=timedelta(hours=1),
        cap=1,
    )


def test_rules_of_included_files_come_behind(book: RuleBook) -> None:
    assert [rule.id for rule in book.rules] == ["byd-turkiye", "untitled", "deals", "minerals"]


def test_a_channel_of_all_rules_follows_those_of_every_file(book: RuleBook) -> None:
    assert book.channels == (
        Channel(chat="@my_channel", rules=("byd-turkiye", "untitled", "deals", "minerals")),
        replace(TOPIC, rules=("byd-turkiye",)),
        replace(TOPIC, rules=("untitled",)),
        Channel(chat="-1001234567890", rules=("untitled",)),
        Channel(chat="@metals", rules=("minerals",)),
    )


def test_the_rules_of_a_channel_stand_in_the_order_of_the_file() -> None:
    book = book_of("rules: [{id: a, any: [x]}, {id: b, any: [y]}]\nchannels: [{chat: 5, rules: [b, a]}]")

    assert book.channels == (Channel(chat="5", rules=("a", "b")),)


def test_a_feed_and_a_rule_that_say_little_are_as_their_definitions_have_them() -> None:
    book = book_of("feeds: [{url: https://example.org/}]\nrules: [{id: a, any: [x]}]")

    assert book.feeds == (Feed(url="https://example.org/"),)
    assert book.rules == (Rule(id="a", title="a", when=Group(any=items("x"))),)


@pytest.mark.parametrize("word", OnTopicClosed)
def test_a_channel_says_where_the_messages_of_a_closed_topic_go(word: OnTopicClosed) -> None:
    channel = f"{{chat: 5, rules: all, thread: 2, on_topic_closed: {word}}}"
    book = book_of(f"rules: [{{id: a, any: [x]}}]\nchannels: [{channel}]")

    assert book.channels[0].on_topic_closed is word


@pytest.mark.parametrize("word", OnUncertain)
def test_a_channel_says_what_becomes_of_a_message_in_doubt(word: OnUncertain) -> None:
    book = book_of(f"rules: [{{id: a, any: [x]}}]\nchannels: [{{chat: 5, rules: all, on_uncertain: {word}}}]")

    assert book.channels[0].on_uncertain is word


def test_a_template_keeps_the_order_of_its_parts() -> None:
    channel = "{chat: 5, rules: all, template: [why, time, title]}"
    book = book_of(f"rules: [{{id: a, any: [x]}}]\nchannels: [{channel}]")

    assert book.channels[0].template == (MessagePart.WHY, MessagePart.TIME, MessagePart.TITLE)


def test_the_chat_of_the_operators_is_read(book: RuleBook) -> None:
    assert book.operators == "@desk"


def test_the_chat_that_messages_are_looked_for_with_is_read(book: RuleBook) -> None:
    assert book.audit == "-1009876543210"


def test_without_an_audit_chat_there_is_none() -> None:
    assert book_of("operators: {chat: 5}").audit is None


def test_the_book_names_the_files_that_it_was_read_from(book: RuleBook) -> None:
    assert book.files == (FILE, FILE.parent / "included" / "minerals.yaml", Path(FILE_OF_MORE))


def test_a_test_of_a_text_reads_it_as_the_content(book: RuleBook) -> None:
    assert book.tests[0] == RuleTest(
        articles=(TestArticle(content="BYD pays $100 in Ankara"),),
        expect=("byd-turkiye",),
        file=str(FILE),
        line=97,
        column=5,
    )


def test_every_key_of_a_test_of_one_article_is_read(book: RuleBook) -> None:
    assert book.tests[2] == RuleTest(
        articles=(
            TestArticle(
                title="A title",
                summary="A summary",
                content="A text",
                language="en",
                url="https://example.org/a",
                feed="Example News",
                tags=("energy",),
            ),
        ),
        expect_not=("untitled", "deals"),
        file=str(FILE),
        line=101,
        column=5,
    )


def test_a_sequence_of_articles_is_read_with_its_alerts(book: RuleBook) -> None:
    assert book.tests[3] == RuleTest(
        articles=(
            TestArticle(content="One", feed="http://127.0.0.1:8080"),
            TestArticle(title="One", after=timedelta(minutes=10)),
            TestArticle(title="Two", after=timedelta(minutes=10)),
        ),
        alerts=(("untitled",), ("untitled", "deals")),
        file=str(FILE),
        line=109,
        column=5,
    )


def test_a_test_of_an_included_file_knows_its_place(book: RuleBook) -> None:
    assert (book.tests[-1].file, book.tests[-1].line, book.tests[-1].column) == (FILE_OF_MORE, 12, 5)


def test_a_list_stands_in_its_place_item_by_item() -> None:
    assert when("{l: [x, y]}", "[w, $l, z]") == items("w", "x", "y", "z")


def test_lists_may_name_lists_that_follow() -> None:
    assert when("{a: [$b, $c], b: [$c, x], c: [y]}", "[$a]") == items("y", "x", "y")


def test_a_weight_on_a_list_multiplies_those_of_its_items() -> None:
    assert when("{l: [x, {term: y, weight: 3}]}", "[{term: $l, weight: 2}]") == (
        *items("x", weight=2),
        *items("y", weight=6),
    )


def test_a_list_for_the_title_reaches_into_its_groups() -> None:
    (item,) = when("{l: [{any: [x], none: [{all: [$m]}]}], m: [y]}", "[title:$l]")

    inner = Item(of=Group(all=items("title:y")))
    assert item == Item(of=Group(any=items("title:x"), none=(inner,)))


def test_a_term_with_a_weight_is_a_plain_alias() -> None:
    book = book_of("lists: {l: [{term: x, weight: 3}]}\nentities: {e: {aliases: [$l]}}")

    assert book.entities[0].aliases == (Alias(term=parse_term("x")),)


def test_items_of_a_list_count_singly_for_at_least() -> None:
    book = book_of("lists: {l: [x, y, z]}\nrules: [{id: a, any: [$l], at_least: 3}]")

    assert book.rules[0].when.at_least == 3


def test_weights_that_come_to_the_threshold_but_for_rounding_are_enough() -> None:
    book = book_of("rules: [{id: a, threshold: 0.8, any: [{term: x, weight: 0.1}, {term: y, weight: 0.7}]}]")

    assert book.rules[0].when.threshold == 0.8


@pytest.mark.parametrize(
    "condition",
    [
        "all: [x, y]",
        "all: [x], any: [y]",
        "any: [x, y, z], at_least: 2",
        "any: [x, y], threshold: 1.5",
        "any: [{all: [x, y]}, z]",
        "all: [{any: [{all: [x, y]}, z]}]",
        "all: [$l]",
    ],
)
def test_near_measures_whatever_needs_two_hits(condition: str) -> None:
    book = book_of(f"lists: {{l: [x, y]}}\nrules: [{{id: a, near: 5, {condition}}}]")

    assert book.rules[0].when.near == 5


@pytest.mark.parametrize("scope", Scope)
def test_a_scope_may_hold_a_single_hit(scope: Scope) -> None:
    assert book_of(f"rules: [{{id: a, any: [x], scope: {scope}}}]").rules[0].when.scope is scope


def test_feeds_and_tags_are_free_where_the_file_lists_no_feeds() -> None:
    book = book_of("rules: [{id: a, any: [x], feeds: [Somewhere], tags: [sports]}]")

    assert [*book.rules[0].feeds, *book.rules[0].tags] == ["Somewhere", "sports"]


def test_an_article_of_a_test_without_a_time_comes_with_the_one_before() -> None:
    book = book_of(
        "rules: [{id: a, any: [x]}]\n"
        "tests: [{articles: [{text: x}, {text: y, after: 1h}, {text: z}, {text: w, after: 1h}], alerts: []}]"
    )

    hour = timedelta(hours=1)
    assert [article.after for article in book.tests[0].articles] == [timedelta(), hour, hour, hour]


def test_no_alert_at_all_can_be_expected() -> None:
    book = book_of("rules: [{id: a, any: [x]}]\ntests: [{articles: [{text: y}], alerts: []}]")

    assert book.tests[0].alerts == ()


@pytest.mark.parametrize(
    ("written", "read"),
    [("title:WHO", "title:WHO"), ("title: =WHO", "title:=WHO"), ("title:re:W H", "title:re:W H")],
)
def test_a_term_for_the_title_may_be_of_any_kind(written: str, read: str) -> None:
    (item,) = when("{l: [x]}", f'["{written}"]')

    assert isinstance(item.of, Term)
    assert (item.of.title, str(item.of)) == (True, read)


def test_a_title_mark_behind_an_equals_sign_is_text() -> None:
    assert when("{l: [x]}", '["=title:X"]')[0].of == Term(kind=parse_term("=X").kind, text="title:X")


def chain_of(length: int) -> RuleBook:
    """Entities of which each names the next one, and a rule that names the first."""
    chain = "".join(f"  e{number}: {{aliases: [$e{number + 1}]}}\n" for number in range(length - 1))
    return book_of(
        f"entities:\n{chain}  e{length - 1}: {{aliases: [gold]}}\nrules:\n  - id: a\n    any: [$e0]"
    )


def test_a_chain_of_entities_may_be_fifty_long() -> None:
    assert len(chain_of(50).entities) == 50


def test_a_longer_chain_of_entities_is_refused_where_a_rule_names_it() -> None:
    with pytest.raises(RulesError) as refused:
        chain_of(5_001)
    assert str(refused.value).startswith("rules.yaml:5006:11: `e0` leads through a chain of 5,001 entities")
