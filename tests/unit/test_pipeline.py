"""What one poll decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from builders import FEED, NOON, make_alert, make_article, make_match, make_state, make_story
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.desk import FIRST_POLL_BEYOND, FIRST_POLL_UNDATED, TOO_OLD
from bot.alerts.routing import NO_TWINS
from bot.feeds.identity import keyed
from bot.models import (
    Article,
    Batch,
    Cooldown,
    Feed,
    FeedState,
    FoldReason,
    Handling,
    KnownArticle,
    Match,
    MessagePart,
    OnUncertain,
    Place,
    Story,
    Teller,
    Told,
)
from bot.pipeline import Candidate, Placed, decide, fold
from bot.rules.definitions import Channel, Defaults, Group, Priority, Rule, RuleBook
from bot.stories.folding import Placement, StoryIndex
from bot.stories.keys import Keys

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
    stories: Sequence[Story] = (),
    told: Sequence[Told] = (),
    cooling: Sequence[Cooldown] = (),
    same: Mapping[str, str] = NO_TWINS,
    before: FeedState = POLLED_BEFORE,
    book: RuleBook = BOOK,
) -> Batch:
    """What comes of articles; those of the address .../1 belong to the story "s" where it is there."""
    entries = keyed(articles)
    known = [
        KnownArticle(story_id=story.id, canonical_url="https://wire.example/1", text_key=None)
        for story in stories
    ]
    candidates = [Candidate(keyed=entry, matches=tuple(matches)) for entry in entries]
    return decide(
        fold(candidates, StoryIndex(), Keys(known), NOON),
        seen=[entry.keys[0] for entry in entries],
        stories=stories,
        told=told,
        cooling=cooling,
        book=book,
        before=before,
        after=before,
        now=NOON,
        same=same,
    )


def owed(batch: Batch, chat: str = "@wire") -> list[str]:
    """The titles that a chat is to get, in order."""
    return [d.message.text.split("\n")[0] for d in batch.deliveries if d.chat == chat and not d.suppressed]


def told_by(feed_url: str, source: str, *rules: str) -> Story:
    """The story "s", which a feed has told and these rules rang on."""
    return make_story(
        "s",
        lead=replace(
            make_story().lead, feed_url=feed_url, source=source, published=NOON - timedelta(minutes=5)
        ),
        tellers=(Teller(feed_url=feed_url, source=source),),
        words=tuple((rule, ("rare earths",)) for rule in rules),
    )


def told_elsewhere(*rules: str) -> Story:
    return told_by("https://other.example/feed", "Other", *(rules or ("rare-earth",)))


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
    held_back = told_by(FEED, "Example Wire", "rare-earth")
    assert owed(decided(numbered(1, entry_id="new-id"), stories=[held_back])) == []


def test_what_one_feed_held_back_another_may_still_bring() -> None:
    assert len(owed(decided(numbered(1), stories=[told_elsewhere()]))) == 1


def test_a_story_told_by_two_feeds_is_one_debt() -> None:
    other = numbered(1, feed_url="https://other.example/feed", source="Other")
    keys = {d.dedupe_key for d in decided(numbered(1), stories=[told_elsewhere()]).deliveries}
    by_wire = told_by(FEED, "Example Wire", "rare-earth")
    assert keys == {d.dedupe_key for d in decided(other, stories=[by_wire]).deliveries}


def test_a_message_names_all_who_tell_the_story() -> None:
    batch = decided(numbered(1), stories=[told_elsewhere()])
    assert "Other · Example Wire · 2 sources" in batch.deliveries[0].message.text


def test_two_entries_of_one_story_in_one_poll_are_one_message() -> None:
    batch = decided(numbered(1), numbered(1, entry_id="1b", title="Again"))
    assert (len(owed(batch)), len({a.story_id for a in batch.articles})) == (1, 1)


def test_deciding_again_owes_the_same_debts() -> None:
    articles = [numbered(number) for number in range(1, 5)]
    assert decided(*articles) == decided(*articles)


@given(
    articles=st.lists(
        st.builds(
            lambda number, url, text, minutes: numbered(
                number,
                canonical_url=url and f"https://wire.example/{url}",
                summary=text,
                published=None if minutes is None else NOON + timedelta(minutes=minutes),
            ),
            st.integers(0, 20),
            st.sampled_from([None, 1, 2, 3]),
            st.sampled_from(["", "One text.", "Another text of 5 words."]),
            st.sampled_from([None, -3, -2, -1, 0, 5]),
        ),
        max_size=8,
        unique_by=lambda article: article.entry_id,
    ),
    data=st.data(),
    polled_before=st.booleans(),
)
def test_the_order_of_entries_within_a_poll_changes_nothing(
    articles: list[Article], data: st.DataObject, *, polled_before: bool
) -> None:
    before = POLLED_BEFORE if polled_before else NEVER_POLLED
    shuffled = data.draw(st.permutations(articles))
    as_listed = decided(*articles, before=before)
    assert replace(decided(*shuffled, before=before), seen=as_listed.seen) == as_listed


TWO_SOURCES = replace(RARE, min_sources=2)


def book_of(rule: Rule, *feeds: Feed) -> RuleBook:
    return replace(BOOK, rules=(rule,), feeds=feeds, channels=(Channel(chat="@wire", rules=(rule.id,)),))


def test_a_rule_for_several_sources_waits_for_the_second() -> None:
    assert owed(decided(numbered(1), book=book_of(TWO_SOURCES))) == []


def test_a_rule_for_several_sources_rings_when_the_second_tells_the_story() -> None:
    assert len(owed(decided(numbered(1), stories=[told_elsewhere()], book=book_of(TWO_SOURCES)))) == 1


def test_it_is_enough_that_one_of_the_sources_rang() -> None:
    batch = decided(numbered(1), matches=(), stories=[told_elsewhere()], book=book_of(TWO_SOURCES))
    assert "“rare earths”" in batch.deliveries[0].message.text


def test_feeds_of_one_owner_are_one_source() -> None:
    feeds = [Feed(url=url, owner="One House") for url in (FEED, "https://other.example/feed")]
    assert owed(decided(numbered(1), stories=[told_elsewhere()], book=book_of(TWO_SOURCES, *feeds))) == []


def test_what_rang_under_a_rule_that_is_gone_rings_no_more() -> None:
    gone = told_elsewhere("gone")
    assert owed(decided(numbered(1), matches=(), stories=[gone], book=book_of(TWO_SOURCES))) == []


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


def listed(*channels: Channel) -> RuleBook:
    return replace(BOOK, channels=channels)


def told_in(chat: str) -> Told:
    """The alert of the story "s", as a place was told it."""
    return Told(
        dedupe_key=chat,
        story_id="s",
        place=Place(chat=chat),
        rules=("rare-earth",),
        priority=0,
        alert=make_alert(),
    )


def test_an_alert_looks_as_its_channel_wants() -> None:
    channel = Channel(
        chat="@wire",
        rules=("rare-earth",),
        silent=True,
        previews=False,
        template=(MessagePart.WHY, MessagePart.TITLE),
    )
    message = decided(numbered(1), book=listed(channel)).deliveries[0].message
    assert (message.silent, message.preview) == (True, False)
    assert message.text == "🔔 Rare earths “rare earths”\n\nNews of rare earths 1"


def test_each_channel_has_its_own_look() -> None:
    channels = [
        Channel(chat=chat, rules=("rare-earth",), silent=chat == "@calm") for chat in ("@calm", "@loud")
    ]
    batch = decided(numbered(1), book=listed(*channels))
    assert [(d.chat, d.message.silent) for d in batch.deliveries] == [("@calm", True), ("@loud", False)]


def test_an_alert_is_handled_as_its_channel_wants() -> None:
    channel = Channel(
        chat="@wire", rules=("rare-earth",), expires=timedelta(hours=2), on_uncertain=OnUncertain.DROP
    )
    (delivery,) = decided(numbered(1), book=listed(channel)).deliveries
    assert delivery.handling == Handling(expires=timedelta(hours=2), on_uncertain=OnUncertain.DROP)


def test_a_place_that_is_listed_twice_goes_by_its_first_listing() -> None:
    twice = (Channel(chat="@wire", rules=(), silent=True), Channel(chat="@Wire", rules=("rare-earth",)))
    (delivery,) = decided(numbered(1), book=listed(*twice)).deliveries
    assert (delivery.chat, delivery.message.silent) == ("@wire", True)


def test_an_alert_says_which_feed_rang() -> None:
    assert decided(numbered(1)).deliveries[0].feed_url == FEED


def test_a_chat_under_two_addresses_is_told_once() -> None:
    batch = decided(numbered(1), same={"@wire": "-1007", "@all": "-1007"})
    assert [d.chat for d in batch.deliveries] == ["@wire"]


def test_a_chat_that_was_told_under_another_address_is_not_told_again() -> None:
    book = listed(Channel(chat="-1007", rules=("rare-earth",)))
    batch = decided(
        numbered(1), stories=[told_elsewhere()], told=[told_in("@wire")], book=book, same={"@wire": "-1007"}
    )
    assert batch.deliveries == ()


def development(told: Sequence[Told], book: RuleBook = BOOK, same: Mapping[str, str] = NO_TWINS) -> Batch:
    """What comes of the wire's news of the story "s", an hour after it was told in some places."""
    (entry,) = keyed([numbered(1, title="Refinery for rare earths: 23 hurt")])
    place = Placement(story_id="s", reason=FoldReason.SAME_EVENT, at=NOON + timedelta(hours=1), sketch=b"")
    return decide(
        [Placed(candidate=Candidate(keyed=entry, matches=(make_match(),)), place=place)],
        seen=(),
        stories=[told_elsewhere()],
        told=told,
        cooling=(),
        book=book,
        before=POLLED_BEFORE,
        after=POLLED_BEFORE,
        now=NOON + timedelta(hours=1),
        same=same,
    )


def test_an_answer_looks_and_is_handled_as_its_channel_wants() -> None:
    channel = Channel(chat="@wire", rules=("rare-earth",), silent=True, expires=timedelta(hours=2))
    (reply,) = development([told_in("@wire")], listed(channel)).deliveries
    assert (reply.replies_to, reply.message.silent) == ("@wire", True)
    assert reply.handling == Handling(expires=timedelta(hours=2))


def test_a_revision_looks_as_its_channel_wants() -> None:
    channel = Channel(chat="@wire", rules=("rare-earth",), template=(MessagePart.SOURCES,))
    (revision,) = development([told_in("@wire")], listed(channel)).revisions
    assert revision.message.text == "📰 Other · Example Wire · 2 sources"


def test_a_chat_that_was_told_under_two_addresses_is_answered_once() -> None:
    batch = development([told_in("@wire"), told_in("@all")], same={"@wire": "-1007", "@all": "-1007"})
    assert [reply.replies_to for reply in batch.deliveries] == ["@wire"]
