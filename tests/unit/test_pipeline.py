"""What one poll decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from builders import FEED, NOON, make_article, make_match, make_state

from bot.feeds.identity import keyed
from bot.models import Article, Batch, Cooldown, Feed, FeedState, KnownArticle, Match, Place
from bot.pipeline import FIRST_POLL_BEYOND, FIRST_POLL_UNDATED, TOO_OLD, Candidate, decide
from bot.rules.definitions import Channel, Defaults, Group, Priority, Rule, RuleBook

RARE = Rule(id="rare-earth", title="Rare earths", when=Group())
BRICS = Rule(id="brics", title="BRICS", when=Group())
BOOK = RuleBook(
    defaults=Defaults(max_age=timedelta(hours=24), first_poll=3),
    rules=(RARE, BRICS),
    channels=(
        Channel(chat="@wire", rules=("rare-earth",)),
        Channel(chat="@all", rules=("rare-earth", "brics")),
    ),
)
POLLED_BEFORE = make_state()
NEVER_POLLED = make_state(first_polled_at=None)


def numbered(number: int, **changes: object) -> Article:
    """The wire's article of that number, published so many minutes before noon."""
    return make_article(
        **{
            "entry_id": str(number),
            "canonical_url": f"https://wire.example/{number}",
            "title": f"News of rare earths {number}",
            "summary": f"Text {number}.",
            "published": NOON - timedelta(minutes=number),
            **changes,
        }
    )


def decided(
    *articles: Article,
    matches: Sequence[Match] = (make_match(),),
    known: Sequence[KnownArticle] = (),
    cooling: Sequence[Cooldown] = (),
    before: FeedState = POLLED_BEFORE,
    book: RuleBook = BOOK,
) -> Batch:
    entries = keyed(articles)
    return decide(
        [Candidate(keyed=entry, matches=tuple(matches)) for entry in entries],
        seen=[entry.keys[0] for entry in entries],
        known=known,
        cooling=cooling,
        book=book,
        before=before,
        after=before,
        now=NOON,
    )


def owed(batch: Batch, chat: str = "@wire") -> list[str]:
    """The titles that a chat is to get, in order."""
    return [d.message.text.split("\n")[0] for d in batch.deliveries if d.chat == chat and not d.suppressed]


def known_elsewhere(*, matches: tuple[Match, ...] = (make_match(),)) -> KnownArticle:
    return KnownArticle(
        story_id="s",
        feed_url="https://other.example/feed",
        source="Other",
        canonical_url="https://wire.example/1",
        text_key=None,
        matches=matches,
    )


def spared(batch: Batch) -> set[str]:
    return {d.suppressed for d in batch.deliveries if d.suppressed}


def test_a_match_is_owed_to_every_chat_that_follows_the_rule() -> None:
    batch = decided(make_article())
    assert [d.chat for d in batch.deliveries] == ["@wire", "@all"]


def test_a_chat_that_follows_several_rules_gets_one_message_that_names_them() -> None:
    batch = decided(make_article(), matches=(make_match(), make_match("brics", "BRICS")))
    (delivery,) = (d for d in batch.deliveries if d.chat == "@all")
    assert "Rare earths “rare earths” · BRICS “BRICS”" in delivery.message.text


def test_an_article_that_rings_nothing_is_recorded_and_owed_to_nobody() -> None:
    batch = decided(make_article(), matches=())
    assert (len(batch.articles), batch.deliveries) == (1, ())


def test_alerts_come_in_the_order_of_publication() -> None:
    batch = decided(*(numbered(number) for number in (1, 3, 2)))
    assert owed(batch) == [f"News of rare earths {number}" for number in (3, 2, 1)]


def test_of_entries_of_one_date_the_first_listed_is_the_newest() -> None:
    entries = [numbered(number, published=NOON) for number in range(1, 7)]
    assert owed(decided(*entries, before=NEVER_POLLED)) == [f"News of rare earths {n}" for n in (3, 2, 1)]


def test_what_is_older_than_max_age_is_recorded_and_not_sent() -> None:
    batch = decided(make_article(published=NOON - timedelta(hours=25)))
    assert (owed(batch), spared(batch), len(batch.articles)) == ([], {TOO_OLD}, 1)


def test_the_undated_are_as_new_as_their_discovery() -> None:
    assert len(owed(decided(make_article(published=None)))) == 1


def test_on_a_first_poll_the_undated_are_not_sent() -> None:
    batch = decided(make_article(published=None), before=NEVER_POLLED)
    assert (owed(batch), spared(batch)) == ([], {FIRST_POLL_UNDATED})


def test_on_a_first_poll_only_the_newest_are_sent() -> None:
    batch = decided(*(numbered(number) for number in range(1, 9)), before=NEVER_POLLED)
    assert owed(batch) == [f"News of rare earths {number}" for number in (3, 2, 1)]
    assert (spared(batch), len(batch.articles)) == ({FIRST_POLL_BEYOND}, 8)


def test_on_a_first_poll_the_old_do_not_use_up_the_number() -> None:
    old = [numbered(number, published=NOON - timedelta(days=2)) for number in range(1, 6)]
    assert len(owed(decided(*old, numbered(7), numbered(8), before=NEVER_POLLED))) == 2


def test_a_number_of_zero_sends_nothing_on_a_first_poll() -> None:
    silent = RuleBook(defaults=Defaults(first_poll=0), rules=BOOK.rules, channels=BOOK.channels)
    assert owed(decided(make_article(), before=NEVER_POLLED, book=silent)) == []


def test_what_was_held_back_on_a_first_poll_is_not_sent_under_a_new_id() -> None:
    known = KnownArticle(
        story_id="s", feed_url=FEED, source="Wire", canonical_url="https://wire.example/1", text_key=None
    )
    assert owed(decided(numbered(1, entry_id="new-id"), known=[known])) == []


def test_what_one_feed_held_back_another_may_still_bring() -> None:
    known = known_elsewhere()
    assert len(owed(decided(numbered(1), known=[known]))) == 1


def test_a_story_told_by_two_feeds_is_one_debt() -> None:
    other = numbered(1, feed_url="https://other.example/feed", source="Other")
    known = known_elsewhere()
    keys = {d.dedupe_key for d in decided(numbered(1), known=[known]).deliveries}
    known_by_wire = KnownArticle(
        story_id="s", feed_url=FEED, source="Wire", canonical_url="https://wire.example/1", text_key=None
    )
    assert keys == {d.dedupe_key for d in decided(other, known=[known_by_wire]).deliveries}


def test_a_message_names_all_who_tell_the_story() -> None:
    known = known_elsewhere()
    assert (
        "Example Wire · Other · 2 sources" in decided(numbered(1), known=[known]).deliveries[0].message.text
    )


def test_two_entries_of_one_story_in_one_poll_are_one_message() -> None:
    batch = decided(numbered(1), numbered(1, entry_id="1b", title="Again"))
    assert (len(owed(batch)), len({a.story_id for a in batch.articles})) == (1, 1)


def test_deciding_again_owes_the_same_debts() -> None:
    articles = [numbered(number) for number in range(1, 5)]
    assert decided(*articles) == decided(*articles)


def test_the_order_of_entries_within_a_poll_changes_no_debt() -> None:
    articles = [numbered(number) for number in range(1, 5)]
    keys = {d.dedupe_key for d in decided(*articles).deliveries}
    assert keys == {d.dedupe_key for d in decided(*reversed(articles)).deliveries}


TWO_SOURCES = replace(RARE, min_sources=2)


def book_of(rule: Rule, *feeds: Feed) -> RuleBook:
    return replace(BOOK, rules=(rule,), feeds=feeds, channels=(Channel(chat="@wire", rules=(rule.id,)),))


def test_a_rule_for_several_sources_waits_for_the_second() -> None:
    assert owed(decided(numbered(1), book=book_of(TWO_SOURCES))) == []


def test_a_rule_for_several_sources_rings_when_the_second_tells_the_story() -> None:
    assert len(owed(decided(numbered(1), known=[known_elsewhere()], book=book_of(TWO_SOURCES)))) == 1


def test_it_is_enough_that_one_of_the_sources_rang() -> None:
    batch = decided(numbered(1), matches=(), known=[known_elsewhere()], book=book_of(TWO_SOURCES))
    assert "“rare earths”" in batch.deliveries[0].message.text


def test_feeds_of_one_owner_are_one_source() -> None:
    feeds = [Feed(url=url, owner="One House") for url in (FEED, "https://other.example/feed")]
    assert owed(decided(numbered(1), known=[known_elsewhere()], book=book_of(TWO_SOURCES, *feeds))) == []


def test_what_rang_under_a_rule_that_is_gone_rings_no_more() -> None:
    gone = known_elsewhere(matches=(make_match("gone"),))
    assert owed(decided(numbered(1), matches=(), known=[gone], book=book_of(TWO_SOURCES))) == []


HOURLY = replace(RARE, cooldown=timedelta(hours=1))


def test_after_an_alert_later_stories_of_the_rule_wait() -> None:
    batch = decided(numbered(2), numbered(1), book=book_of(HOURLY))
    assert owed(batch) == ["News of rare earths 2"]
    assert [held.title for held in batch.held] == ["News of rare earths 1"]


def test_an_alert_brings_along_the_cooldown_that_it_begins() -> None:
    (delivery,) = decided(numbered(1), book=book_of(HOURLY)).deliveries
    assert delivery.cooldowns == (
        Cooldown(place=Place(chat="@wire"), rule="rare-earth", until=NOON + timedelta(hours=1)),
    )


def test_while_a_rule_cools_down_a_story_waits() -> None:
    running = Cooldown(place=Place(chat="@wire"), rule="rare-earth", until=NOON + timedelta(minutes=1))
    batch = decided(numbered(1), cooling=[running], book=book_of(HOURLY))
    assert (batch.deliveries, len(batch.held)) == ((), 1)


def test_what_is_spared_begins_no_cooldown() -> None:
    batch = decided(make_article(published=NOON - timedelta(hours=25)), book=book_of(HOURLY))
    assert [delivery.cooldowns for delivery in batch.deliveries] == [()]


def test_an_alert_is_as_urgent_as_its_rule() -> None:
    urgent = replace(RARE, priority=Priority.HIGH)
    assert decided(numbered(1), book=book_of(urgent)).deliveries[0].priority == 1
