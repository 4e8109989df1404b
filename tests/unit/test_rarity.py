from __future__ import annotations

import math
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.stories.rarity import UNSEEN, Rarity
from bot.stories.words import BUCKETS

WORDS: Final = np.array([3, 70, 500, BUCKETS - 1], np.uint32)
TEXTS: Final = st.lists(
    st.tuples(st.integers(0, 3), st.sets(st.sampled_from(WORDS.tolist()), min_size=1)), max_size=12
)


def buckets(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    return np.array(numbers, np.uint32)


def weights(rarity: Rarity) -> list[float]:
    return list(rarity.weigh(WORDS).tolist())


def filled(texts: list[tuple[int, set[int]]]) -> Rarity:
    rarity = Rarity()
    for span, words in texts:
        rarity.add(span, buckets(*sorted(words)))
    return rarity


def test_before_any_text_all_words_are_equally_rare() -> None:
    assert weights(Rarity()) == pytest.approx([math.log(UNSEEN / 0.5)] * 4)


def test_a_word_that_more_texts_hold_tells_less() -> None:
    rarity = filled([(0, {3, 70}), (0, {3})])
    often, once, never, _ = weights(rarity)
    assert often < once < never


def test_a_word_of_all_texts_tells_something_only_while_they_are_few() -> None:
    rarity = Rarity()
    rarity.add(0, buckets(*[3] * 10_000), texts=10_000)
    assert weights(rarity)[0] == pytest.approx(math.log(10_051 / 10_000.5))


def test_many_texts_at_once_count_like_one_by_one() -> None:
    together = Rarity()
    together.add(0, buckets(3, 70, 3), texts=2)
    assert weights(together) == weights(filled([(0, {3, 70}), (0, {3})]))
    assert together.texts == 2


def test_what_was_left_out_can_be_counted_again() -> None:
    rarity = filled([(0, {3}), (1, {70})])
    before = weights(rarity)
    rarity.keep_since(1)
    assert rarity.texts == 1
    rarity.keep_since(0)
    assert (weights(rarity), rarity.texts) == (before, 2)


def test_what_is_settled_stays_out() -> None:
    rarity = filled([(0, {3}), (1, {70})])
    rarity.keep_since(1)
    rarity.settle()
    rarity.keep_since(0)
    assert weights(rarity) == weights(filled([(1, {70})]))


@settings(max_examples=15, deadline=None)
@given(TEXTS, st.integers(0, 4))
def test_leaving_out_is_as_if_the_texts_had_never_been(texts: list[tuple[int, set[int]]], span: int) -> None:
    rarity = filled(texts)
    rarity.keep_since(span)
    kept = [(at, words) for at, words in texts if at >= span]
    assert weights(rarity) == weights(filled(kept))
    assert rarity.texts == len(kept)


@settings(max_examples=15, deadline=None)
@given(TEXTS, st.sets(st.sampled_from(WORDS.tolist()), min_size=1))
def test_taking_back_undoes_adding(texts: list[tuple[int, set[int]]], words: set[int]) -> None:
    rarity = filled(texts)
    before = weights(rarity), rarity.texts
    rarity.add(2, buckets(*sorted(words)))
    rarity.take_back(2, buckets(*sorted(words)))
    assert (weights(rarity), rarity.texts) == before
