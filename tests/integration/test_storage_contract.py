"""The contract of `Storage`, held against every implementation."""

from __future__ import annotations

from datetime import timedelta

from builders import (
    CHAT,
    FEED,
    NOON,
    make_article,
    make_batch,
    make_delivery,
    make_folded,
    make_state,
    make_story,
)
from outbox_steps import NONE, claim, claimed, count

from bot.models import (
    Cooldown,
    DeliveryState,
    EntityKind,
    Failed,
    Feed,
    Held,
    Message,
    Place,
    Retry,
    Sent,
    TextEntity,
    Unreachable,
    Validators,
)
from bot.storage import Storage


async def test_a_feed_never_polled_is_due_now(storage: Storage) -> None:
    states = await storage.feed_states([Feed(url=FEED)], NOON)
    assert states[FEED].next_due_at == NOON
    assert states[FEED].first_polled_at is None


async def test_a_feeds_state_comes_back_as_it_was_stored(storage: Storage) -> None:
    state = make_state(
        title="Example Wire",
        validators=Validators(etag='W/"1"', last_modified="Sun, 01 Mar 2026 11:00:00 GMT"),
        moved_to="https://new.example/rss.xml",
        moved_since=NOON,
        moved_polls=1,
        failures=2,
        last_error="no answer",
        repeated_ids=frozenset({"1"}),
        published=(NOON,),
        listed_at=NOON,
    )
    await storage.record(make_batch(feed=state))
    assert (await storage.feed_states([Feed(url=FEED)], NOON))[FEED] == state


async def test_a_recorded_key_is_no_longer_unseen(storage: Storage) -> None:
    await storage.record(make_batch(seen=("id:1",)))
    assert await storage.unseen(FEED, ["id:1", "id:2"]) == {"id:2"}


async def test_keys_are_a_feeds_own(storage: Storage) -> None:
    await storage.record(make_batch(seen=("id:1",)))
    assert await storage.unseen("https://other.example/rss.xml", ["id:1"]) == {"id:1"}


async def test_marks_of_an_unchanged_document_are_renewed(storage: Storage) -> None:
    await storage.record(make_batch(seen=("id:1",)))
    later = NOON + timedelta(days=100)
    await storage.record(make_batch(at=later, relisted_since=NOON))
    await storage.prune(articles_before=NOON, keys_before=later - timedelta(days=1))
    assert await storage.unseen(FEED, ["id:1"]) == frozenset()


async def test_keys_that_are_listed_no_more_are_forgotten_in_the_end(storage: Storage) -> None:
    await storage.record(make_batch(seen=("id:1",)))
    await storage.prune(articles_before=NOON, keys_before=NOON + timedelta(days=1))
    assert await storage.unseen(FEED, ["id:1"]) == {"id:1"}


async def test_finished_deliveries_are_forgotten_in_the_end(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery("1"), make_delivery("2", suppressed="too old")))
    await storage.finish(await claimed(storage), Sent(message_id=1), NOON, pause=NONE)
    await storage.prune(articles_before=NOON + timedelta(days=1), keys_before=NOON)
    assert sum((await storage.totals()).deliveries.values()) == 0


async def test_pruning_says_when_nothing_old_is_left(storage: Storage) -> None:
    await storage.record(make_batch(seen=("id:1",)))
    later = NOON + timedelta(days=1)
    counts = [await storage.prune(articles_before=later, keys_before=later) for _ in range(2)]
    assert counts == [1, 0]


async def test_thousands_of_keys_can_be_asked_for_at_once(storage: Storage) -> None:
    keys = [f"id:{number}" for number in range(3000)]
    await storage.record(make_batch(seen=tuple(keys[:1500])))
    assert len(await storage.unseen(FEED, keys)) == 1500


async def test_an_article_is_known_by_its_canonical_url(storage: Storage) -> None:
    await storage.record(make_batch(articles=(make_folded(),)))
    known = await storage.known(urls=["https://wire.example/1"], text_keys=[])
    assert [article.story_id for article in known] == ["story-1"]


async def test_an_article_is_known_by_its_text(storage: Storage) -> None:
    await storage.record(make_batch(articles=(make_folded(),)))
    known = await storage.known(urls=[], text_keys=["text-1"])
    assert [article.story_id for article in known] == ["story-1"]


async def test_a_known_article_brings_no_others_of_its_story(storage: Storage) -> None:
    other = make_article(feed_url="https://other.example/rss.xml", canonical_url="https://o.example/9")
    await storage.record(make_batch(articles=(make_folded(), make_folded(article=other, text_key=None))))
    known = await storage.known(urls=["https://o.example/9"], text_keys=[])
    assert [article.canonical_url for article in known] == ["https://o.example/9"]


async def test_known_articles_come_once_each_in_the_order_of_recording(storage: Storage) -> None:
    addresses = [f"https://wire.example/{number}" for number in (3, 1, 2)]
    articles = tuple(
        make_folded(f"story {url}", article=make_article(canonical_url=url), keys=(url,), text_key=url)
        for url in addresses
    )
    await storage.record(make_batch(articles=articles))
    known = await storage.known(urls=addresses, text_keys=addresses)
    assert [article.canonical_url for article in known] == addresses


async def test_an_articles_sketch_comes_back_to_the_byte(storage: Storage) -> None:
    folded = make_folded(sketch=bytes(range(256)))
    await storage.record(make_batch(articles=(folded,)))
    (sketched,) = await storage.sketched(since=folded.at)
    assert (sketched.story_id, sketched.feed_url, sketched.at, sketched.sketch) == (
        folded.story_id,
        folded.article.feed_url,
        folded.at,
        folded.sketch,
    )


async def test_sketches_are_those_since_a_time_in_the_order_of_recording(storage: Storage) -> None:
    hours = (3, 0, 2, 1)
    articles = tuple(
        make_folded(f"story-{hour}", keys=(f"id:{hour}",), at=NOON + timedelta(hours=hour)) for hour in hours
    )
    await storage.record(make_batch(articles=articles))
    sketched = await storage.sketched(since=NOON + timedelta(hours=1))
    assert [sketch.story_id for sketch in sketched] == ["story-3", "story-2", "story-1"]


async def test_a_story_comes_back_as_it_was_stored(storage: Storage) -> None:
    story = make_story(
        words=(("rare-earth", ("rare earths", "稀土")), ("brics", ())),
        facts=frozenset({"1200 t", "Eskişehir"}),
        developed_at=NOON,
        follows="story-0",
    )
    await storage.record(make_batch(stories=(story,)))
    assert await storage.stories(["story-1", "absent"]) == (story,)


async def test_a_story_takes_the_place_of_what_was_known_of_it(storage: Storage) -> None:
    await storage.record(make_batch(articles=(make_folded(),)))
    later = make_story(last_at=NOON, facts=frozenset())
    await storage.record(make_batch(stories=(later,)))
    assert await storage.stories(["story-1"]) == (later,)
    assert len(await storage.known(urls=["https://wire.example/1"], text_keys=[])) == 1


async def test_recording_a_batch_again_changes_nothing(storage: Storage) -> None:
    batch = make_batch(make_delivery(), seen=("id:1",), articles=(make_folded(),))
    await storage.record(batch)
    before = await storage.totals()
    assert await storage.record(batch) == 0
    assert await storage.totals() == before


async def test_the_number_of_newly_pending_deliveries_is_returned(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery("1")))
    assert await storage.record(make_batch(make_delivery("1"), make_delivery("2"))) == 1


async def test_a_suppressed_delivery_is_kept_and_never_claimed(storage: Storage) -> None:
    assert await storage.record(make_batch(make_delivery(suppressed="too old"))) == 0
    assert await claim(storage) is None
    assert await count(storage, DeliveryState.SUPPRESSED) == 1


async def test_a_claimed_delivery_is_sending(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery()))
    await claimed(storage)
    assert await count(storage, DeliveryState.SENDING) == 1


async def test_a_message_comes_back_to_the_letter(storage: Storage) -> None:
    link = TextEntity(kind=EntityKind.TEXT_LINK, offset=2, length=7, url="https://wire.example/1")
    message = Message(text="🔔 Türkiye 稀土", entities=(link,))
    await storage.record(make_batch(make_delivery(message=message)))
    assert (await claimed(storage)).message == message


async def test_a_message_without_sound_or_preview_comes_back_as_such(storage: Storage) -> None:
    message = Message(text="the alert", silent=True, preview=False)
    await storage.record(make_batch(make_delivery(message=message)))
    assert (await claimed(storage)).message == message


async def test_one_delivery_a_chat_is_in_flight(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery("1"), make_delivery("2")))
    await claimed(storage)
    assert await claim(storage, 60) is None


async def test_chats_do_not_wait_for_each_other(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery("1"), make_delivery("2", chat="@brics_watch")))
    assert {(await claimed(storage)).chat, (await claimed(storage)).chat} == {CHAT, "@brics_watch"}


async def test_a_chat_is_sent_to_in_the_order_of_recording(storage: Storage) -> None:
    await storage.record(make_batch(*(make_delivery(str(number)) for number in range(4))))
    texts = []
    for number in range(4):
        delivery = await claimed(storage, number * 2)
        texts.append(delivery.message.text)
        await storage.finish(delivery, Sent(message_id=number), NOON, pause=NONE)
    assert texts == [f"the alert {number}" for number in range(4)]


async def test_a_chats_next_turn_comes_after_the_pace(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery("1"), make_delivery("2")))
    await storage.finish(await claimed(storage), Sent(message_id=1), NOON, pause=NONE)
    assert await claim(storage, 0.5) is None
    assert await claim(storage, 1.5) is not None


async def test_a_sent_delivery_is_never_claimed_again(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery()))
    await storage.finish(await claimed(storage), Sent(message_id=1), NOON, pause=NONE)
    assert await claim(storage, 3600) is None


async def test_a_failed_delivery_is_never_claimed_again(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery()))
    await storage.finish(await claimed(storage), Failed(why="refused"), NOON, pause=NONE)
    assert await claim(storage, 3600) is None


async def test_a_retry_holds_its_chat_for_the_pause(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery()))
    retry = Retry(after=timedelta(seconds=30), why="flood")
    await storage.finish(await claimed(storage), retry, NOON, pause=retry.after)
    assert await claim(storage, 29) is None
    assert await claim(storage, 31) is not None


async def test_what_telegram_never_saw_is_pending_at_once(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery()))
    await storage.finish(await claimed(storage), Unreachable(why="refused"), NOON, pause=NONE)
    assert await claim(storage, 2) is not None


async def test_a_flood_wait_of_days_is_kept_for_a_day(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery()))
    retry = Retry(after=timedelta(days=2), why="flood")
    await storage.finish(await claimed(storage), retry, NOON, pause=retry.after)
    assert await claim(storage, 86_000) is None
    assert await claim(storage, 86_401) is not None


async def test_the_heartbeat_can_be_taken_back(storage: Storage) -> None:
    await storage.beat(NOON)
    await storage.forget_beat()
    assert await storage.heartbeat() is None


PLACE = Place(chat=CHAT)
HOUR = timedelta(hours=1)
COOLING = Cooldown(place=PLACE, rule="rare-earth", until=NOON + HOUR)


def held(key: str = "held-1") -> Held:
    return Held(
        dedupe_key=key,
        place=PLACE,
        rule="rare-earth",
        story_id="story-1",
        title=f"Title {key}",
        url="https://wire.example/1",
        source="Example Wire",
        message=Message(text=f"the alert {key}"),
    )


async def test_a_delivery_begins_its_cooldown(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery(cooldowns=(COOLING,))))
    assert await storage.cooling(NOON) == (COOLING,)
    assert await storage.cooling(NOON + HOUR) == ()


async def test_a_delivery_that_is_there_already_begins_no_cooldown(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery()))
    await storage.record(make_batch(make_delivery(cooldowns=(COOLING,))))
    assert await storage.cooling(NOON) == ()


async def test_a_held_story_is_due_when_its_rule_has_cooled_down(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery(cooldowns=(COOLING,)), held=(held(),)))
    assert await storage.due_held(NOON + HOUR / 2) == ()
    assert await storage.due_held(NOON + HOUR) == (held(),)


async def test_what_was_delivered_is_not_held(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery("key")))
    await storage.record(make_batch(held=(held("key"),)))
    assert await storage.due_held(NOON) == ()


async def test_what_is_held_is_not_delivered_as_well(storage: Storage) -> None:
    await storage.record(make_batch(held=(held("key"),)))
    assert await storage.record(make_batch(make_delivery("key"))) == 0


async def test_held_stories_are_released_once_as_one_delivery(storage: Storage) -> None:
    await storage.record(make_batch(held=(held("1"), held("2"))))
    due = await storage.due_held(NOON)
    assert await storage.release(due, make_delivery("both", cooldowns=(COOLING,)), NOON) == 1
    assert await storage.release(due, make_delivery("again"), NOON) == 0
    assert (await storage.due_held(NOON), await storage.cooling(NOON)) == ((), (COOLING,))


async def test_a_released_story_is_not_owed_again(storage: Storage) -> None:
    await storage.record(make_batch(held=(held("key"),)))
    await storage.release(await storage.due_held(NOON), make_delivery("both"), NOON)
    assert await storage.record(make_batch(make_delivery("key"), held=(held("key"),))) == 0
    assert await storage.due_held(NOON) == ()


async def test_what_is_owed_apart_from_any_poll_is_claimed_like_the_rest(storage: Storage) -> None:
    assert await storage.owe(make_delivery("notice"), NOON) == 1
    assert await storage.owe(make_delivery("notice"), NOON) == 0
    assert (await claimed(storage)).message.text == "the alert notice"


async def test_the_urgent_overtake(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery("1"), make_delivery("2", priority=1)))
    first = await claimed(storage)
    assert (first.message.text, first.priority) == ("the alert 2", 1)


async def test_the_heartbeat_is_the_last_one_written(storage: Storage) -> None:
    assert await storage.heartbeat() is None
    await storage.beat(NOON)
    await storage.beat(NOON + timedelta(seconds=10))
    assert await storage.heartbeat() == NOON + timedelta(seconds=10)


async def test_pruning_forgets_old_stories_and_keeps_keys(storage: Storage) -> None:
    await storage.record(make_batch(seen=("id:1",), articles=(make_folded(),)))
    later = NOON + timedelta(days=1)
    await storage.prune(articles_before=later, keys_before=NOON - timedelta(days=1))
    assert (await storage.totals()).stories == 0
    assert await storage.known(urls=["https://wire.example/1"], text_keys=[]) == ()
    assert await storage.sketched(since=NOON) == ()
    assert await storage.unseen(FEED, ["id:1"]) == frozenset()


async def test_pruning_keeps_what_is_still_owed(storage: Storage) -> None:
    await storage.record(make_batch(make_delivery(), articles=(make_folded(),)))
    later = NOON + timedelta(days=1)
    await storage.prune(articles_before=later, keys_before=later)
    assert (await storage.totals()).stories == 1
    assert await claim(storage, 86_400) is not None


async def test_totals_count_what_people_ask_for(storage: Storage) -> None:
    unmatched = make_folded("story-2", article=make_article(), keys=("id:2",), text_key=None, matches=())
    await storage.record(make_batch(make_delivery(), articles=(make_folded(), unmatched)))
    totals = await storage.totals()
    assert (totals.feeds_polled, totals.entries_seen, totals.articles_matched, totals.stories) == (1, 2, 1, 2)
