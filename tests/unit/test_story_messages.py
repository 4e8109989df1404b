"""What becomes of a story's messages: told once in a place, revised, answered, and linked to what came before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from builders import FEED, NOON, make_article, make_match, make_state

from bot.alerts.desk import FIRST_POLL_UNDATED
from bot.feeds.identity import keyed
from bot.models import Article, Batch, Feed, FoldReason, Match, NewDelivery, Place, Story, Told
from bot.pipeline import Candidate, Placed, decide
from bot.rules.definitions import Channel, Defaults, Group, Priority, Rule, RuleBook
from bot.stories.folding import Placement

OTHER, THIRD = "https://other.example/feed", "https://third.example/feed"
HOUR = timedelta(hours=1)
QUAKE = Rule(id="quake", title="Quakes", when=Group(), priority=Priority.HIGH)
RESCUE = Rule(id="rescue", title="Rescues", when=Group())
RINGS = make_match("quake", "Quake")
BOOK = RuleBook(
    defaults=Defaults(development_after=HOUR),
    rules=(QUAKE, RESCUE),
    channels=(
        Channel(chat="@wire", rules=("quake", "rescue")),
        Channel(chat="-100", thread=7, rules=("quake",)),
        Channel(chat="@rescue", rules=("rescue",)),
    ),
)


class World:
    """One story as articles come in, each in a poll of its own, with a memory in place of the database."""

    def __init__(self, book: RuleBook = BOOK) -> None:
        self.book = book
        self.stories: dict[str, Story] = {}
        self.told: list[Told] = []

    def poll(
        self,
        *articles: Article,
        at: datetime = NOON,
        story: str = "s",
        reason: FoldReason = FoldReason.SAME_EVENT,
        follows: str | None = None,
        matches: Sequence[Match] = (RINGS,),
        first_poll: bool = False,
    ) -> Batch:
        state = make_state(articles[0].feed_url)
        if first_poll:
            state = replace(state, first_polled_at=None)
        known = self.stories.get(story)
        placed = [
            Placed(
                candidate=Candidate(keyed=entry, matches=tuple(matches)),
                place=Placement(
                    story_id=story,
                    reason=reason if known is not None else FoldReason.NEW,
                    at=entry.article.published or at,
                    sketch=b"",
                    follows=follows,
                ),
            )
            for entry in keyed(articles)
        ]
        batch = decide(
            placed,
            seen=(),
            stories=self.stories.values(),
            told=self.told,
            cooling=(),
            book=self.book,
            before=state,
            after=state,
            now=at,
        )
        self.stories |= {told.id: told for told in batch.stories}
        self.told += [first for delivery in batch.deliveries if (first := told_by(delivery))]
        return batch


def told_by(delivery: NewDelivery) -> Told | None:
    if delivery.alert is None or delivery.suppressed or delivery.replies_to:
        return None
    return Told(
        dedupe_key=delivery.dedupe_key,
        story_id=delivery.story_id,
        place=Place(chat=delivery.chat, thread=delivery.thread),
        rules=delivery.rules,
        priority=delivery.priority,
        alert=delivery.alert,
    )


def report(number: int = 1, title: str = "Quake kills 5 in Izmir", **changes: object) -> Article:
    """A report of the wire, so many hours after noon less one."""
    return make_article(
        **{
            "entry_id": str(number),
            "canonical_url": f"https://wire.example/{number}",
            "url": f"https://wire.example/{number}",
            "title": title,
            "summary": "A quake struck the coast.",
            "published": NOON + (number - 1) * HOUR,
            **changes,
        }
    )


def elsewhere(number: int = 2, title: str = "Strong quake shakes Izmir", **changes: object) -> Article:
    return report(number, title, **{"feed_url": OTHER, "source": "Other", **changes})


def at(number: int) -> datetime:
    """When the report of that number is found."""
    return NOON + (number - 1) * HOUR + timedelta(minutes=1)


def begun(book: RuleBook = BOOK) -> World:
    """A world in which the wire has told the story."""
    world = World(book)
    world.poll(report(), at=at(1))
    return world


def chats(batch: Batch) -> list[tuple[str, bool]]:
    """Whom a batch owes a message, and whether it is a reply."""
    return [(d.chat, d.replies_to is not None) for d in batch.deliveries if d.suppressed is None]


# One story, one message.


def test_a_place_that_was_told_is_not_told_again_by_another_feed() -> None:
    assert chats(begun().poll(elsewhere(), at=at(2))) == []


def test_a_place_that_was_told_is_not_told_again_for_another_rule() -> None:
    batch = begun().poll(elsewhere(), at=at(2), matches=[make_match("rescue", "rescue")])
    assert chats(batch) == [("@rescue", False)]


def test_a_place_in_another_spelling_is_the_same_place() -> None:
    world = begun()
    world.book = replace(BOOK, channels=(Channel(chat="@Wire", rules=("quake",)),))
    assert chats(world.poll(elsewhere(), at=at(2))) == []


def test_a_further_entry_of_a_feed_is_a_repeat() -> None:
    (folded,) = begun().poll(report(2, "Quake in Izmir, the latest"), at=at(2)).articles
    assert folded.repeats


def test_a_development_is_no_repeat() -> None:
    (folded,) = begun().poll(report(2, "Quake kills 23 in Izmir"), at=at(2)).articles
    assert not folded.repeats


def test_what_was_spared_on_a_first_poll_stays_quiet_though_it_develops() -> None:
    world = World()
    spared = world.poll(report(published=None), at=at(1), first_poll=True)
    assert {d.suppressed for d in spared.deliveries} == {FIRST_POLL_UNDATED}
    assert chats(world.poll(report(2, "Quake kills 23 in Izmir"), at=at(2))) == []


def test_a_rule_that_first_rings_on_a_development_is_told() -> None:
    world = World()
    world.poll(report(), at=at(1), matches=())
    assert ("@wire", False) in chats(world.poll(report(2, "Quake kills 23 in Izmir"), at=at(2)))


# Revisions.


def test_a_new_source_revises_every_message() -> None:
    world = begun()
    batch = world.poll(elsewhere(), at=at(2))
    assert [revision.dedupe_key for revision in batch.revisions] == [told.dedupe_key for told in world.told]
    assert "Example Wire · Other · 2 sources" in batch.revisions[0].message.text


def test_a_better_source_takes_over_the_message() -> None:
    world = begun(replace(BOOK, feeds=(Feed(url=OTHER, rank=1),)))
    text = world.poll(elsewhere(), at=at(2)).revisions[0].message.text
    assert text.startswith("Strong quake shakes Izmir\n")
    assert "Other · Example Wire · 2 sources" in text


def test_why_it_rang_and_when_stay_as_they_were_told() -> None:
    world = begun(replace(BOOK, feeds=(Feed(url=OTHER, rank=1),)))
    text = world.poll(elsewhere(), at=at(2)).revisions[0].message.text
    assert "🔔 Quakes “Quake”\n" in text
    assert text.endswith("1 Mar 12:00 UTC")


def test_a_source_of_the_same_owner_revises_nothing() -> None:
    house = tuple(Feed(url=url, owner="One House") for url in (FEED, OTHER))
    assert begun(replace(BOOK, feeds=house)).poll(elsewhere(), at=at(2)).revisions == ()


def test_a_repeat_revises_nothing() -> None:
    assert begun().poll(report(2, "Quake in Izmir, the latest"), at=at(2)).revisions == ()


def test_a_source_is_added_whether_or_not_a_rule_rings_on_it() -> None:
    assert len(begun().poll(elsewhere(), at=at(2), matches=()).revisions) == 2


# Developments.


def test_a_development_answers_the_first_message_in_each_place() -> None:
    world = begun()
    batch = world.poll(report(2, "Quake kills 23 in Izmir"), at=at(2))
    assert [(d.chat, d.thread, d.replies_to, d.priority) for d in batch.deliveries] == [
        (told.place.chat, told.place.thread, told.dedupe_key, told.priority) for told in world.told
    ]


def test_an_answer_says_what_is_new() -> None:
    batch = begun().poll(report(2, "Quake kills 23 in Izmir"), at=at(2))
    assert batch.deliveries[0].message.text == (
        "🔄 Quake kills 23 in Izmir\nA quake struck the coast.\n\nNew: 23\n📰 Example Wire · 1 Mar 13:00 UTC"
    )


def test_another_feed_may_bring_the_development() -> None:
    assert len(chats(begun().poll(elsewhere(2, "Izmir quake toll reaches 23"), at=at(2)))) == 2


def test_another_feeds_early_report_is_none() -> None:
    early = elsewhere(2, "Izmir quake toll reaches 23", published=NOON + timedelta(minutes=10))
    assert chats(begun().poll(early, at=NOON + timedelta(minutes=11))) == []


def test_an_answer_goes_only_where_a_rule_that_rings_is_followed() -> None:
    batch = begun().poll(
        report(2, "Quake kills 23 in Izmir"), at=at(2), matches=[make_match("rescue", "rescue")]
    )
    assert chats(batch) == [("@rescue", False), ("@wire", True)]


def test_a_development_on_which_nothing_rings_is_not_told() -> None:
    assert chats(begun().poll(report(2, "Quake kills 23 in Izmir"), at=at(2), matches=())) == []


def test_within_an_hour_of_a_development_there_is_no_other() -> None:
    world = begun()
    world.poll(report(2, "Quake kills 23 in Izmir"), at=at(2))
    soon = report(3, "Quake kills 40 in Izmir", published=at(2) + timedelta(minutes=1))
    assert chats(world.poll(soon, at=at(3) - timedelta(seconds=1))) == []


def test_what_came_too_soon_is_told_when_it_is_said_again() -> None:
    world = begun()
    world.poll(report(2, "Quake kills 23 in Izmir"), at=at(2))
    world.poll(report(3, "Quake kills 40 in Izmir"), at=at(3) - timedelta(seconds=1))
    batch = world.poll(report(4, "Quake: 40 are dead in Izmir"), at=at(4))
    assert len(chats(batch)) == 2


def test_what_was_told_as_a_development_is_no_other_one() -> None:
    world = begun()
    world.poll(report(2, "Quake kills 23 in Izmir"), at=at(2))
    assert chats(world.poll(report(4, "Izmir mourns the 23"), at=at(4))) == []


def test_of_two_developments_in_one_poll_the_first_is_told() -> None:
    world = begun()
    later = [
        report(2, "Quake kills 23 in Izmir"),
        report(3, "Quake kills 40 in Izmir", published=NOON + HOUR + timedelta(seconds=30)),
    ]
    texts = {d.message.text.split("\n")[0] for d in world.poll(*later, at=at(2)).deliveries}
    assert texts == {"🔄 Quake kills 23 in Izmir"}


def test_a_clock_that_went_back_mutes_no_development() -> None:
    world = begun()
    world.stories["s"] = replace(world.stories["s"], developed_at=at(2) + timedelta(days=9))
    assert len(chats(world.poll(report(2, "Quake kills 23 in Izmir"), at=at(2)))) == 2


def test_the_undated_of_a_first_poll_develop_nothing() -> None:
    undated = elsewhere(2, "Izmir quake toll reaches 23", published=None)
    assert chats(begun().poll(undated, at=at(2), first_poll=True)) == []


def test_a_development_that_is_too_old_is_not_told() -> None:
    assert chats(begun().poll(report(2, "Quake kills 23 in Izmir"), at=at(2) + timedelta(hours=25))) == []


def test_deciding_a_development_again_owes_the_same() -> None:
    article = report(2, "Quake kills 23 in Izmir")
    assert begun().poll(article, at=at(2)) == begun().poll(article, at=at(2))


# Returns.


def test_a_story_that_returns_links_to_the_one_before() -> None:
    batch = begun().poll(report(9, "Another quake in Izmir"), at=at(9), story="t", follows="s")
    assert "\n\n↩️ Earlier: Quake kills 5 in Izmir\n🔔" in batch.deliveries[0].message.text


def test_the_link_outlasts_the_poll_in_which_the_story_began() -> None:
    world = begun()
    world.poll(report(9, "Another quake in Izmir"), at=at(9), story="t", follows="s", matches=())
    batch = world.poll(elsewhere(10, "Izmir quake"), at=at(10), story="t")
    assert batch.deliveries[0].alert is not None
    assert batch.deliveries[0].alert.earlier is not None


def test_of_a_story_that_is_forgotten_nothing_is_shown() -> None:
    batch = World().poll(report(), at=at(1), follows="gone")
    assert "Earlier" not in batch.deliveries[0].message.text
