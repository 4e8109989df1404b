from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from builders import make_article
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.stories.likeness import Comparer, Likeness, Text, choose
from bot.stories.record import NOTHING, PHRASES, TERMS
from bot.stories.sketch import Reader

TITLE = "Quake shakes Odense"
BODY = "The quake killed 17 people in Denmark. Rescuers led by Hansen searched the ruins of the old harbour on Monday."
OTHER = "Shares at Globex fell 4 percent after weak sales"
READER = Reader()
COMPARER = Comparer()
WORDS = st.sampled_from(
    "quake storm harbour ferry minister vote rain 17 40 Hansen Odense Germany market bank".split()
)


def text(title: str = TITLE, body: str = BODY) -> Text:
    reading = READER.read(make_article(title=title, summary="", content=body))
    # Common words are the short ones, near enough.
    return choose(reading, np.linspace(2.0, 5.0, len(reading.buckets)))


def even(title: str, body: str) -> Text:
    reading = READER.read(make_article(title=title, summary="", content=body))
    return choose(reading, np.full(len(reading.buckets), 3.0))


def likeness(one: Text, *others: Text) -> Likeness:
    return COMPARER.likeness(one, np.concatenate([other.record for other in others]))


def values(found: Likeness) -> dict[str, list[float]]:
    return {each.name: getattr(found, each.name).tolist() for each in fields(found)}


@pytest.mark.parametrize(
    "respect", ["all", "sharp", "names", "heads", "numbers", "leads", "phrases", "covered", "covering"]
)
def test_identical_texts_are_alike_in_every_respect(respect: str) -> None:
    assert values(likeness(text(), text()))[respect] == pytest.approx([1.0], abs=1e-6)


@pytest.mark.parametrize(
    "respect",
    ["all", "sharp", "names", "heads", "numbers", "leads", "phrases", "covered", "covering", "told", "named"],
)
def test_texts_without_a_common_word_are_alike_in_none(respect: str) -> None:
    assert values(likeness(text(), text("Shares fall", OTHER)))[respect] == [0.0]


def test_an_empty_text_is_like_nothing() -> None:
    empty = text("", "")
    assert likeness(empty, text()).all.tolist() == likeness(text(), empty).all.tolist() == [0.0]


def test_the_cosine_over_all_words_is_the_one_among_the_respects() -> None:
    rows = np.concatenate([text().record, text("Storm", BODY).record, text("Shares", OTHER).record])
    one = text("Quake in Denmark", "Hansen spoke of 17 dead")
    assert COMPARER.all_words(one, rows).tolist() == pytest.approx(COMPARER.likeness(one, rows).all.tolist())


def test_every_row_is_compared_by_itself() -> None:
    others = [text(), text("Storm", BODY), text("Shares", OTHER)]
    one = text("Quake in Denmark", "Hansen spoke of 17 dead")
    together = values(likeness(one, *others))
    for number, other in enumerate(others):
        assert values(likeness(one, other)) == {
            name: [pytest.approx(found[number])] for name, found in together.items()
        }


def test_a_part_is_the_likeness_of_some_rows() -> None:
    found = likeness(text(), text(), text("Storm", BODY), text("Shares", OTHER))
    assert values(found.part(slice(1, 3))) == {name: each[1:3] for name, each in values(found).items()}


def test_comparing_leaves_nothing_behind() -> None:
    one, other = text("Shares", OTHER), text()
    first = values(likeness(one, other))
    likeness(other, one)
    assert values(likeness(one, other)) == first


def test_a_headline_that_is_held_in_a_body_is_covered() -> None:
    found = likeness(text("Quake shakes harbour", ""), text("Storm", "A quake shakes the harbour of Odense"))
    assert found.covered.tolist() == pytest.approx([1.0])
    assert found.heads.tolist() == [0.0]


def test_common_words_beside_the_headline_are_counted() -> None:
    assert likeness(text("Quake", "ferry sinks harbour"), text("Storm", "ferry sinks")).told.tolist() == [2.0]


def test_common_names_are_counted() -> None:
    one, other = text("", "met Hansen in Odense"), text("", "said Hansen of Odense")
    assert likeness(one, other).named.tolist() == [2.0]


def test_phrases_go_by_the_order_of_their_words() -> None:
    assert likeness(text("", "red green"), text("", "red green")).phrases.tolist() == [1.0]
    assert likeness(text("", "red green"), text("", "green red")).phrases.tolist() == [0.0]


def test_figures_beside_the_same_word_agree_or_differ() -> None:
    found = likeness(text("", "killed 17 and injured 40"), text("", "killed 17 or injured 50"))
    # Beside "killed" the same, beside "injured" not, and beside "and" and "or" none in common.
    assert np.expm1(found.agree).round().tolist() == [1.0]
    assert np.expm1(found.differ).round().tolist() == [1.0]


def test_only_the_most_telling_words_and_phrases_are_kept() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    chosen = text("", " ".join(a + b for a in letters[:10] for b in letters[:10]))
    assert (len(chosen.terms), len(chosen.phrases)) == (TERMS, PHRASES)
    assert len(chosen.rest) == 100 - TERMS
    assert sorted([*chosen.terms.tolist(), *chosen.rest.tolist()]) == sorted(chosen.counted.tolist())


def test_words_are_kept_the_most_telling_first() -> None:
    chosen = text("", BODY)
    assert chosen.weights[chosen.flags & 1 == 0].tolist() == sorted(
        chosen.weights[chosen.flags & 1 == 0], reverse=True
    )


def test_a_word_of_no_weight_is_not_kept() -> None:
    reading = READER.read(make_article(title="", summary="", content="red green"))
    assert choose(reading, np.array([0.0, 1.0])).record["terms"][0, 1:].tolist() == [NOTHING] * (TERMS - 1)


@settings(max_examples=50, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=12), st.lists(WORDS, min_size=1, max_size=12))
def test_cosines_are_the_same_either_way(one: list[str], other: list[str]) -> None:
    first, second = even(" ".join(one[:4]), " ".join(one)), even(" ".join(other[:4]), " ".join(other))
    there, back = values(likeness(first, second)), values(likeness(second, first))
    for respect in (
        "all",
        "sharp",
        "names",
        "heads",
        "numbers",
        "leads",
        "phrases",
        "named",
        "agree",
        "differ",
    ):
        assert there[respect] == pytest.approx(back[respect])
    assert there["covered"] == pytest.approx(back["covering"])


@settings(max_examples=50, deadline=None)
@given(st.lists(WORDS, max_size=12), st.lists(WORDS, max_size=12))
def test_cosines_lie_between_nothing_and_one(one: list[str], other: list[str]) -> None:
    found = values(likeness(even("", " ".join(one)), even("", " ".join(other))))
    for respect in ("all", "sharp", "names", "heads", "numbers", "leads", "phrases", "covered", "covering"):
        assert -1e-6 <= found[respect][0] <= 1 + 1e-6
