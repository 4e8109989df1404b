"""The part of the contract of `Storage` about messages of which nobody knows whether they arrived."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import CHAT, NOON, make_alert, make_batch, make_delivery
from outbox_steps import (
    LEASE,
    NONE,
    UNDECIDED,
    attempt,
    claim,
    claimed,
    count,
    doubt,
    doubts,
    finish,
    resolve,
    send,
)

from bot.models import (
    ChatFacts,
    ChatKind,
    DeliveryKind,
    DeliveryState,
    Doubt,
    Failed,
    Found,
    Handling,
    Missing,
    OnUncertain,
    Outcome,
    RenderFault,
    Retry,
    Sent,
    Uncertain,
    Verdict,
)
from bot.storage import Storage

TIMEOUT = Uncertain(why="timeout")
USUAL = Handling()
LATE = LEASE.total_seconds() * 2


async def owe(storage: Storage, number: int = 1, handling: Handling = USUAL) -> None:
    """So many deliveries to one chat."""
    await storage.record(make_batch(*(make_delivery(str(n), handling=handling) for n in range(number))))


async def verdicts(storage: Storage) -> dict[str, int]:
    """How often doubts ended in which way."""
    return {verdict: number for verdict, number in (await storage.totals()).doubts.items() if number}


async def lost(storage: Storage) -> Doubt:
    """The doubt about the next delivery, whose sender does not come back before the lease has run out."""
    await claimed(storage)
    (found,) = await doubts(storage, LATE)
    return found


async def test_a_message_in_doubt_holds_its_chat(storage: Storage) -> None:
    await owe(storage, 2)
    await attempt(storage, TIMEOUT)
    assert await claim(storage, 3600) is None


async def test_a_doubt_waits_for_the_pause(storage: Storage) -> None:
    await owe(storage)
    await attempt(storage, TIMEOUT, pause=timedelta(seconds=9))
    assert await doubts(storage, 8) == ()
    assert len(await doubts(storage, 9)) == 1


async def test_a_doubt_names_its_delivery(storage: Storage) -> None:
    await owe(storage)
    delivery = await attempt(storage, TIMEOUT)
    (found,) = await doubts(storage)
    assert found.delivery == replace(delivery, doubts=1)


async def test_a_doubt_knows_the_newest_message_before_it(storage: Storage) -> None:
    await owe(storage, 2)
    await send(storage, 41)
    assert (await doubt(storage, 2)).delivery.previous == 41


async def test_where_nothing_was_sent_nothing_is_known_to_stand_before_a_doubt(storage: Storage) -> None:
    await owe(storage)
    assert (await doubt(storage)).delivery.previous is None


async def test_a_doubt_knows_the_kind_of_its_chat(storage: Storage) -> None:
    await owe(storage)
    await storage.learn_chat(CHAT, ChatFacts(id=-1001, kind=ChatKind.CHANNEL), NOON)
    assert (await doubt(storage)).kind is ChatKind.CHANNEL


async def test_of_a_chat_that_was_never_told_a_doubt_knows_no_kind(storage: Storage) -> None:
    await owe(storage)
    assert (await doubt(storage)).kind is None


async def test_a_doubt_can_be_postponed(storage: Storage) -> None:
    await owe(storage)
    await storage.postpone(await doubt(storage), NOON + timedelta(seconds=15))
    assert await doubts(storage, 14) == ()
    assert len(await doubts(storage, 15)) == 1


async def test_a_doubt_that_has_ended_is_not_postponed(storage: Storage) -> None:
    await owe(storage)
    found = await doubt(storage)
    await resolve(storage, found)
    await storage.postpone(found, NOON + timedelta(hours=1))
    assert await claim(storage, 1) is not None


# How doubts end.


async def test_a_message_that_is_found_was_sent(storage: Storage) -> None:
    await owe(storage, 2)
    assert await resolve(storage, await doubt(storage), Found(message_id=7)) is DeliveryState.SENT
    assert (await claimed(storage, 2)).message.text == "the alert 1"


async def test_the_next_message_is_looked_for_after_one_that_was_found(storage: Storage) -> None:
    await owe(storage, 2)
    await resolve(storage, await doubt(storage), Found(message_id=7))
    assert (await claimed(storage, 2)).previous == 7


async def test_an_id_that_was_found_late_takes_the_place_of_no_newer_one(storage: Storage) -> None:
    await owe(storage, 3)
    await send(storage, 9)
    await resolve(storage, await doubt(storage, 2), Found(message_id=8))
    assert (await claimed(storage, 4)).previous == 9


async def test_a_message_that_is_missing_is_sent_again_before_later_ones(storage: Storage) -> None:
    await owe(storage, 2)
    assert await resolve(storage, await doubt(storage), Missing()) is DeliveryState.PENDING
    again = await claimed(storage, 2)
    assert (again.message.text, again.doubts, again.attempt) == ("the alert 0", 1, 2)


@pytest.mark.parametrize(
    ("policy", "state"),
    [(OnUncertain.RESEND, DeliveryState.PENDING), (OnUncertain.DROP, DeliveryState.FAILED)],
)
async def test_what_cannot_be_found_out_is_done_as_the_channel_says(
    storage: Storage, policy: OnUncertain, state: DeliveryState
) -> None:
    await owe(storage, handling=Handling(on_uncertain=policy))
    assert await resolve(storage, await doubt(storage), UNDECIDED) is state
    assert await count(storage, state) == 1


async def test_a_message_that_is_missing_is_sent_again_also_where_doubtful_ones_are_dropped(
    storage: Storage,
) -> None:
    await owe(storage, handling=Handling(on_uncertain=OnUncertain.DROP))
    assert await resolve(storage, await doubt(storage), Missing()) is DeliveryState.PENDING


async def test_a_doubt_ends_once(storage: Storage) -> None:
    await owe(storage)
    found = await doubt(storage)
    await resolve(storage, found, Missing())
    assert await resolve(storage, found, Found(message_id=7)) is None
    assert await count(storage, DeliveryState.PENDING) == 1


async def test_the_verdict_on_an_earlier_attempt_ends_no_later_doubt(storage: Storage) -> None:
    await owe(storage)
    earlier = await doubt(storage)
    await resolve(storage, earlier, Missing())
    await doubt(storage, 2)
    assert await resolve(storage, earlier, Found(message_id=7)) is None


@pytest.mark.parametrize(
    ("verdict", "policy", "word"),
    [
        (Found(message_id=7), OnUncertain.RESEND, "present"),
        (Missing(), OnUncertain.RESEND, "absent"),
        (UNDECIDED, OnUncertain.RESEND, "resent"),
        (UNDECIDED, OnUncertain.DROP, "dropped"),
    ],
)
async def test_every_doubt_is_written_down_with_its_end(
    storage: Storage, verdict: Verdict, policy: OnUncertain, word: str
) -> None:
    await owe(storage, handling=Handling(on_uncertain=policy))
    found = await doubt(storage)
    assert await verdicts(storage) == {"open": 1}
    await resolve(storage, found, verdict)
    assert await verdicts(storage) == {word: 1}


async def test_doubts_about_one_message_are_written_down_each(storage: Storage) -> None:
    await owe(storage)
    for second, verdict in ((0, Missing()), (2, UNDECIDED), (4, Found(message_id=7))):
        await resolve(storage, await doubt(storage, second), verdict)
    assert await verdicts(storage) == {"absent": 1, "resent": 1, "present": 1}


async def test_doubts_are_forgotten_with_their_message(storage: Storage) -> None:
    await owe(storage)
    await resolve(storage, await doubt(storage), Found(message_id=7))
    await storage.prune(articles_before=NOON + timedelta(days=1), keys_before=NOON)
    assert await verdicts(storage) == {}


async def test_a_reply_answers_a_message_that_was_found(storage: Storage) -> None:
    reply = make_delivery("reply", replies_to="0")
    await storage.record(make_batch(make_delivery("0", alert=make_alert()), reply))
    await resolve(storage, await doubt(storage), Found(message_id=7))
    answer = await claimed(storage, 2)
    assert (answer.kind, answer.target) == (DeliveryKind.REPLY, 7)


async def test_a_reply_to_a_message_that_was_dropped_goes_alone(storage: Storage) -> None:
    message = make_delivery("0", handling=Handling(on_uncertain=OnUncertain.DROP))
    await storage.record(make_batch(message, make_delivery("reply", replies_to="0")))
    await resolve(storage, await doubt(storage))
    assert (await claimed(storage, 2)).target is None


# Senders that are slow.


async def test_a_lease_that_ran_out_becomes_a_doubt(storage: Storage) -> None:
    await owe(storage)
    await claimed(storage)
    assert await doubts(storage, LEASE.total_seconds()) == ()
    assert len(await doubts(storage, LATE)) == 1


async def test_what_outlived_its_lease_takes_its_turn_when_that_is_noticed(storage: Storage) -> None:
    await owe(storage)
    await resolve(storage, await lost(storage), Missing(), LATE)
    assert await claim(storage, LATE + 0.9) is None
    assert await claim(storage, LATE + 1) is not None


async def test_a_sender_that_comes_back_late_knows_that_its_message_was_sent(storage: Storage) -> None:
    await owe(storage)
    found = await lost(storage)
    await finish(storage, found.delivery, Sent(message_id=7), LATE + 1)
    assert await count(storage, DeliveryState.SENT) == 1
    assert await verdicts(storage) == {"present": 1}


async def test_a_sender_that_comes_back_late_knows_that_its_message_was_not_sent(storage: Storage) -> None:
    await owe(storage)
    found = await lost(storage)
    await finish(storage, found.delivery, Retry(after=NONE, why="flood"), LATE + 1)
    assert await count(storage, DeliveryState.PENDING) == 1
    assert await verdicts(storage) == {"absent": 1}


@pytest.mark.parametrize("outcome", [Failed(why="refused"), RenderFault(why="too long")])
async def test_a_sender_that_comes_back_late_knows_that_its_message_is_refused(
    storage: Storage, outcome: Outcome
) -> None:
    await owe(storage)
    found = await lost(storage)
    await finish(storage, found.delivery, outcome, LATE + 1)
    assert await count(storage, DeliveryState.FAILED) == 1


async def test_a_late_sender_that_does_not_know_either_changes_nothing(storage: Storage) -> None:
    await owe(storage)
    found = await lost(storage)
    await finish(storage, found.delivery, TIMEOUT, LATE + 1, pause=timedelta(hours=1))
    assert await doubts(storage, LATE + 1) == (found,)
    assert await verdicts(storage) == {"open": 1}


async def test_what_a_late_sender_knows_counts_until_the_message_is_tried_again(storage: Storage) -> None:
    await owe(storage)
    found = await lost(storage)
    await resolve(storage, found, UNDECIDED, LATE)
    await finish(storage, found.delivery, Sent(message_id=7), LATE + 1)
    assert await claim(storage, LATE + 60) is None
    assert await verdicts(storage) == {"resent": 1}


async def test_a_late_sender_leaves_alone_what_is_tried_again(storage: Storage) -> None:
    await owe(storage)
    found = await lost(storage)
    await resolve(storage, found, UNDECIDED, LATE)
    await claimed(storage, LATE + 2)
    later = NOON + timedelta(seconds=LATE + 3)
    assert not await storage.finish(found.delivery, Sent(message_id=7), later, pause=NONE)
    assert await count(storage, DeliveryState.SENDING) == 1


async def test_a_verdict_comes_too_late_for_what_its_sender_knows(storage: Storage) -> None:
    await owe(storage)
    found = await lost(storage)
    await finish(storage, found.delivery, Sent(message_id=7), LATE + 1)
    assert await resolve(storage, found, Missing(), LATE + 2) is None


async def test_an_attempt_ends_once(storage: Storage) -> None:
    await owe(storage)
    delivery = await send(storage, 7)
    assert not await storage.finish(delivery, Failed(why="refused"), NOON, pause=NONE)
    assert await count(storage, DeliveryState.SENT) == 1
