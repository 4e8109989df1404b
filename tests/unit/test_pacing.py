"""The pace that Telegram allows, kept to the second, however the moments fall."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.pacing import GAP, MINUTE, PER_MINUTE, PER_SECOND, SLACK, Gate, is_broad, next_turn
from bot.models import ChatKind

BOT_LIMIT = 30
"""What Telegram takes of one bot in a second."""

lateness = st.lists(st.floats(min_value=0, max_value=0.03), min_size=50, max_size=100)


def run(gate: Gate, delays: list[float], start: float = 1000.0) -> list[float]:
    """The times of messages, each of which sets out so much later than it may."""
    now, times = start, []
    for delay in delays:
        now += gate.wait(now) + delay
        gate.take(now)
        times.append(now)
    return times


def most_within(times: list[float], seconds: float) -> int:
    return max(sum(at <= other < at + seconds for other in times) for at in times)


def sends(number: int, *, broad: bool, dawdling: list[float]) -> list[float]:
    """The times of so many messages to one chat, each of which sets out so much later than it may."""
    times: list[float] = []
    for n in range(number):
        times.append(next_turn(times[-PER_MINUTE:], broad=broad) + dawdling[n % len(dawdling)])
    return times


# The whole bot.


def test_a_first_message_goes_at_once() -> None:
    assert Gate().wait(1000.0) == 0.0


@given(lateness)
def test_calls_that_are_bunched_on_their_way_by_fifty_milliseconds_are_no_more_than_thirty(
    delays: list[float],
) -> None:
    assert most_within(run(Gate(), delays), 1.05) <= BOT_LIMIT


@given(lateness)
def test_never_more_than_thirty_set_out_within_a_second(delays: list[float]) -> None:
    assert most_within(run(Gate(), delays), 1.0) <= BOT_LIMIT


def test_a_rest_saves_up_no_burst() -> None:
    gate = Gate()
    run(gate, [0.0] * 10, start=0.0)
    assert most_within(run(gate, [0.0] * 100, start=3600.0), 1.0) <= BOT_LIMIT


@given(st.lists(st.floats(min_value=0, max_value=SLACK / PER_SECOND), min_size=50, max_size=100))
def test_timers_that_wake_a_little_late_cost_no_throughput(delays: list[float]) -> None:
    times = run(Gate(), delays)
    assert times[-1] - times[0] <= len(delays) / PER_SECOND + max(delays)


def test_a_question_takes_no_turn() -> None:
    gate = Gate()
    for _ in range(100):
        gate.wait(5.0)
    assert gate.wait(5.0) == 0.0


def test_a_gate_can_be_held_for_a_time() -> None:
    gate = Gate()
    gate.hold(1001.0)
    assert gate.wait(1000.0) == pytest.approx(1.0)
    assert gate.wait(1001.0) == pytest.approx(0.0)


def test_holding_a_gate_makes_no_wait_shorter() -> None:
    gate = Gate()
    gate.hold(1002.0)
    gate.hold(1001.0)
    assert gate.wait(1000.0) == pytest.approx(2.0)


# A chat.


def test_a_chat_that_got_nothing_has_its_turn() -> None:
    assert next_turn((), broad=True) == 0.0


@given(st.lists(st.floats(min_value=0, max_value=40), min_size=1, max_size=20))
def test_a_second_lies_between_two_messages(dawdling: list[float]) -> None:
    times = sends(60, broad=False, dawdling=dawdling)
    assert min(b - a for a, b in pairwise(times)) >= GAP * (1 - 1e-9)


@given(st.lists(st.floats(min_value=0, max_value=40), min_size=1, max_size=20))
def test_a_group_gets_no_more_than_twenty_in_any_minute(dawdling: list[float]) -> None:
    assert most_within(sends(60, broad=True, dawdling=dawdling), MINUTE - 1e-6) <= PER_MINUTE


def test_a_group_gets_twenty_a_minute_and_not_fewer() -> None:
    assert sends(41, broad=True, dawdling=[0.0])[-1] == 2 * MINUTE


def test_a_private_chat_has_no_limit_a_minute() -> None:
    assert sends(41, broad=False, dawdling=[0.0])[-1] == 40 * GAP


@pytest.mark.parametrize(
    ("chat", "kind", "broad"),
    [
        ("4711", None, False),
        ("-4711", None, True),
        ("-1001234567890", None, True),
        ("@brics_watch", None, True),
        ("@brics_watch", ChatKind.PRIVATE, False),
        ("4711", ChatKind.GROUP, True),
    ],
)
def test_groups_and_channels_are_told_by_their_kind_or_else_by_their_address(
    chat: str, kind: ChatKind | None, *, broad: bool
) -> None:
    assert is_broad(chat, kind) is broad
