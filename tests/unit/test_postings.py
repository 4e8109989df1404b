from __future__ import annotations

from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.stories.postings import LINKS, LONGEST, Postings
from bot.stories.record import NOTHING

Texts = list[tuple[list[int], int]]

TEXTS: Final = st.lists(
    st.tuples(st.lists(st.integers(0, 5), unique=True, max_size=4), st.integers(0, 3)), max_size=30
)
EACH: Final = np.array([1.0, 0.5, 0.25, 2.0, 4.0, 8.0])


def found(postings: Postings) -> dict[int, float]:
    numbers, sums = postings.find(range(6), EACH)
    return dict(zip(numbers.tolist(), sums.tolist(), strict=True))


def one_by_one(texts: Texts) -> Postings:
    postings = Postings()
    for words, span in texts:
        postings.add(words, span)
    return postings


def at_once(texts: Texts) -> Postings:
    rows = np.full((len(texts), LINKS), NOTHING, np.uint32)
    for row, (words, _) in zip(rows, texts, strict=True):
        row[: len(words)] = words
    return Postings.of(rows, [span for _, span in texts])


def state(postings: Postings) -> tuple[bytes, bytes, bytes]:
    return postings._heads.tobytes(), postings._next.tobytes(), postings._spans.tobytes()


def test_nothing_is_found_among_nothing() -> None:
    assert found(Postings()) == {}


def test_a_text_is_found_with_the_sum_of_its_words_weights() -> None:
    assert found(one_by_one([([0, 2], 0), ([1], 0), ([], 0)])) == {0: 1.25, 1: 0.5}


def test_only_the_latest_texts_of_a_word_are_found() -> None:
    postings = one_by_one([([3], 0)] * (LONGEST + 10))
    assert list(found(postings)) == list(range(10, LONGEST + 10))


def test_texts_of_earlier_spans_are_passed_over() -> None:
    postings = one_by_one([([3], 0), ([3], 2), ([3], 1)])
    postings.keep_since(1)
    assert list(found(postings)) == [1, 2]


def test_those_passed_over_do_not_count_towards_the_latest() -> None:
    postings = one_by_one([([3], 1)] * LONGEST + [([3], 0)] * 5)
    postings.keep_since(1)
    assert len(found(postings)) == LONGEST


def test_texts_are_found_again_when_they_are_kept_again() -> None:
    postings = one_by_one([([3], 0), ([3], 2)])
    postings.keep_since(1)
    postings.keep_since(0)
    assert list(found(postings)) == [0, 1]


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_adding_at_once_is_adding_one_by_one(texts: Texts) -> None:
    assert state(at_once(texts)) == state(one_by_one(texts))


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.integers(0, 3))
def test_what_is_found_is_what_a_plain_search_finds(texts: Texts, span: int) -> None:
    postings = one_by_one(texts)
    postings.keep_since(span)
    plain = {
        number: sum(EACH[word] for word in words)
        for number, (words, at) in enumerate(texts)
        if words and at >= span
    }
    assert found(postings) == pytest.approx(plain)


@settings(max_examples=40, deadline=None)
@given(TEXTS, TEXTS)
def test_taking_back_undoes_adding(texts: Texts, more: Texts) -> None:
    postings = one_by_one(texts)
    before = state(postings)
    for words, span in more:
        postings.add(words, span)
    for words, _ in reversed(more):
        postings.take_back(words)
    assert state(postings) == before
