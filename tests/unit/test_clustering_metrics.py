"""Agreement of two labellings: cases worked by hand, and what holds for all."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.clustering_metrics import Labels, Pairs, Score, adjusted_rand, b_cubed, common_pairs, pairwise


def labels(text: str) -> dict[str, str]:
    """The things 0, 1, 2 … under the letters of a text."""
    return {str(number): letter for number, letter in enumerate(text)}


def two_labellings() -> st.SearchStrategy[tuple[dict[str, str], dict[str, str]]]:
    letters = st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("vwxyz")), max_size=25)
    return letters.map(
        lambda drawn: (labels("".join(a for a, _ in drawn)), labels("".join(z for _, z in drawn)))
    )


def joined(labelling: dict[str, str]) -> set[tuple[str, str]]:
    return {(a, b) for a, b in combinations(sorted(labelling), 2) if labelling[a] == labelling[b]}


# Gold has groups of 3, 2 and 1: pairs 01, 02, 12, 34. Found has 012 less 2, which went to 34: 01, 23, 24, 34.
GOLD, FOUND = labels("aaabbc"), labels("xxyyyz")


def test_pairs_are_counted_on_both_sides_and_in_common() -> None:
    assert common_pairs(GOLD, FOUND) == Pairs(first=4, second=4, both=2, all=15)


def test_pairwise_precision_and_recall_are_shares_of_pairs() -> None:
    assert pairwise(labels("aaaab"), labels("xxyyy")) == Score(precision=2 / 4, recall=2 / 6)


def test_b_cubed_averages_over_the_things() -> None:
    # Precision of 0 and 1 is 1, of 2 1/3, of 3 and 4 2/3, of 5 1; recall 2/3, 2/3, 1/3, 1, 1, 1.
    score = b_cubed(GOLD, FOUND)
    assert (score.precision, score.recall) == pytest.approx(
        ((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3 + 1) / 6, (2 / 3 + 2 / 3 + 1 / 3 + 1 + 1 + 1) / 6)
    )


def test_the_adjusted_rand_index_is_agreement_beyond_chance() -> None:
    # 2 pairs in common, 4 * 4 / 15 expected, 4 at most.
    assert adjusted_rand(GOLD, FOUND) == pytest.approx((2 - 16 / 15) / (4 - 16 / 15))


def test_the_adjusted_rand_index_of_a_published_example() -> None:
    # The first example in scikit-learn's documentation of adjusted_rand_score that is neither 0 nor 1.
    assert adjusted_rand(labels("aabc"), labels("xxyy")) == pytest.approx(0.571, abs=0.001)


def test_the_adjusted_rand_index_falls_below_zero_where_chance_would_do_better() -> None:
    assert adjusted_rand(labels("aabb"), labels("xyxy")) == pytest.approx(-0.5)


def test_f1_is_the_harmonic_mean() -> None:
    assert Score(precision=0.5, recall=1.0).f1 == pytest.approx(2 / 3)


def test_f1_of_nothing_right_is_zero() -> None:
    assert Score(precision=0.0, recall=0.0).f1 == 0.0


def test_where_nothing_is_joined_nothing_is_joined_wrongly() -> None:
    assert pairwise(labels("aab"), labels("xyz")) == Score(precision=1.0, recall=0.0)


def test_where_nothing_belongs_together_nothing_is_missed() -> None:
    assert pairwise(labels("abc"), labels("xxz")) == Score(precision=0.0, recall=1.0)


def test_labellings_of_nothing_agree() -> None:
    assert (pairwise({}, {}).f1, b_cubed({}, {}).f1, adjusted_rand({}, {})) == (1.0, 1.0, 1.0)


def test_the_changed_pairs_are_those_that_one_labelling_joins_alone() -> None:
    assert common_pairs(GOLD, FOUND).changed == 4


def test_the_share_of_changed_pairs_is_of_those_that_either_joins() -> None:
    assert common_pairs(GOLD, FOUND).changed_of_joined == pytest.approx(4 / 6)


def test_the_share_of_changed_pairs_of_all_counts_those_apart_too() -> None:
    assert common_pairs(GOLD, FOUND).changed_of_all == pytest.approx(4 / 15)


def test_nothing_changes_between_labellings_that_join_nothing() -> None:
    pairs = common_pairs(labels("a"), labels("x"))
    assert (pairs.changed_of_joined, pairs.changed_of_all) == (0.0, 0.0)


@pytest.mark.parametrize("measure", [common_pairs, pairwise, b_cubed, adjusted_rand])
def test_labellings_of_different_things_are_refused(measure: Callable[[Labels, Labels], object]) -> None:
    with pytest.raises(ValueError, match="only one of the two labellings has '2'"):
        measure(labels("ab"), labels("abc"))


@given(two_labellings())
def test_pairs_are_those_that_listing_them_finds(both: tuple[dict[str, str], dict[str, str]]) -> None:
    gold, found = both
    counted = common_pairs(gold, found)
    assert (counted.first, counted.second, counted.both) == (
        len(joined(gold)),
        len(joined(found)),
        len(joined(gold) & joined(found)),
    )


@given(two_labellings())
def test_b_cubed_is_what_asking_each_thing_finds(both: tuple[dict[str, str], dict[str, str]]) -> None:
    gold, found = both
    shares = [
        sum(gold[other] == gold[one] for other in found if found[other] == found[one])
        / sum(found[other] == found[one] for other in found)
        for one in gold
    ]
    assert b_cubed(gold, found).precision == pytest.approx(sum(shares) / len(shares) if shares else 1.0)


@given(two_labellings())
def test_changing_sides_swaps_precision_and_recall(both: tuple[dict[str, str], dict[str, str]]) -> None:
    gold, found = both
    for measure in (pairwise, b_cubed):
        one, other = measure(gold, found), measure(found, gold)
        assert (one.precision, one.recall) == (other.recall, other.precision)


@given(two_labellings())
def test_the_adjusted_rand_index_knows_no_sides(both: tuple[dict[str, str], dict[str, str]]) -> None:
    gold, found = both
    assert adjusted_rand(gold, found) == pytest.approx(adjusted_rand(found, gold))


@given(two_labellings())
def test_the_names_of_labels_do_not_matter(both: tuple[dict[str, str], dict[str, str]]) -> None:
    gold, found = both
    renamed = {key: ("other", label) for key, label in reversed(found.items())}
    assert (pairwise(gold, renamed), adjusted_rand(gold, renamed)) == (
        pairwise(gold, found),
        adjusted_rand(gold, found),
    )


@given(two_labellings())
def test_equal_labellings_score_one_and_others_less(both: tuple[dict[str, str], dict[str, str]]) -> None:
    gold, found = both
    assert (adjusted_rand(gold, found) == 1.0) == (joined(gold) == joined(found))
    assert b_cubed(gold, gold) == Score(precision=1.0, recall=1.0)
