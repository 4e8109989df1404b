"""How long is waited after what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.waits import SETTLING, after_closing, after_doubt, after_refusal, spread

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def seen(doubts: int) -> timedelta:
    return after_doubt(doubts, settling=SETTLING)


def blind(doubts: int) -> timedelta:
    return after_doubt(doubts, settling=None)


@pytest.mark.parametrize("wait", [seen, blind, after_refusal, after_closing])
@given(tries=st.integers(min_value=0, max_value=100_000))
def test_waits_grow_and_have_an_end(wait: Callable[[int], timedelta], tries: int) -> None:
    assert timedelta() < wait(tries) <= wait(tries + 1) <= HOUR


def test_a_doubt_that_can_be_looked_into_settles_first() -> None:
    assert seen(0) == timedelta(seconds=15)


def test_where_nobody_can_look_a_first_doubt_waits_a_second() -> None:
    assert blind(0) == SECOND


def test_later_doubts_wait_from_a_minute_to_an_hour() -> None:
    assert [blind(doubts) // MINUTE for doubts in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_where_telegram_cannot_be_reached_it_is_tried_after_a_second_and_at_least_each_minute() -> None:
    assert [after_refusal(n) // SECOND for n in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_closed_chat_is_tried_after_ten_minutes_and_at_least_each_hour() -> None:
    assert [after_closing(tries) // MINUTE for tries in range(5)] == [10, 20, 40, 60, 60]


@given(st.floats(min_value=0, max_value=1))
def test_a_spread_wait_is_at_most_a_fifth_off(chance: float) -> None:
    assert 0.8 * MINUTE <= spread(MINUTE, chance) <= 1.2 * MINUTE


def test_half_a_chance_leaves_a_wait_as_it_is() -> None:
    assert spread(MINUTE, 0.5) == MINUTE
