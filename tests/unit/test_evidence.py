from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from builders import NOON, make_article

from bot.stories.evidence import FEATURES, NEAREST, Around, Model, days_between, explain, features, model
from bot.stories.likeness import Comparer, Text, choose
from bot.stories.sketch import Reader

TITLE = "Quake shakes Odense"
BODY = "The quake killed 17 people in Denmark. Hansen searched the ruins of the harbour on Monday."
AROUND = Around(nearest=0.5, others=(0.3, 0.1), size=1, seen=100, candidates=7)


def text(title: str = TITLE, body: str = BODY, crowd: tuple[float, ...] = (), **changes: Any) -> Text:
    reading = Reader().read(make_article(title=title, summary="", content=body, **changes))
    chosen = choose(reading, np.full(len(reading.buckets), 3.0))
    chosen.record["crowd"][0, : len(crowd)] = crowd
    return chosen


def found(one: Text, *others: Text, around: Around = AROUND) -> dict[str, float]:
    rows = np.concatenate([other.record for other in others])
    taken = features(one.record, rows, Comparer().likeness(one, rows), around)
    return dict(zip(FEATURES, taken, strict=True))


def test_every_feature_has_a_name_of_its_own() -> None:
    assert len(set(FEATURES)) == len(FEATURES) == len(found(text(), text()))


def test_the_mean_and_the_most_are_over_the_storys_texts() -> None:
    evidence = found(text(), text(), text("Shares fall", "Globex lost much"))
    assert evidence["most_all"] == pytest.approx(1.0, abs=1e-6)
    assert evidence["mean_all"] == pytest.approx(0.5, abs=1e-6)


def test_the_crowd_is_the_mean_of_the_nearest_other_stories() -> None:
    assert found(text(), text())["crowd"] == pytest.approx((0.3 + 0.1 + 3 * NEAREST) / 5)


def test_the_rival_is_the_nearest_other_story() -> None:
    assert found(text(), text())["rival"] == 0.3


def test_without_rivals_one_is_taken_to_be_as_like_as_unrelated_news() -> None:
    alone = Around(nearest=0.5, others=(), size=1, seen=0, candidates=1)
    evidence = found(text(), text(), around=alone)
    assert evidence["rival"] == evidence["crowd"] == evidence["rival_of_story"] == pytest.approx(NEAREST)


def test_the_storys_own_crowd_is_that_of_its_texts_when_they_came() -> None:
    evidence = found(text(), text(crowd=(0.4,)), text(crowd=(0.25, 0.2)))
    assert evidence["rival_of_story"] == pytest.approx(0.4)
    assert evidence["crowd_of_story"] == pytest.approx((0.4 + 0.25 + 0.2 + 2 * NEAREST) / 5)


def test_ahead_is_twice_the_nearest_less_both_crowds() -> None:
    evidence = found(text(), text(crowd=(0.4,)))
    assert evidence["ahead"] == pytest.approx(1.0 - evidence["crowd"] - evidence["crowd_of_story"])


def test_sizes_count_by_their_logarithm() -> None:
    evidence = found(text(), text(), around=Around(nearest=0.5, others=(), size=8, seen=50, candidates=3))
    assert (evidence["size"], evidence["seen"], evidence["candidates"]) == (
        math.log(8),
        math.log(51),
        math.log(4),
    )


def test_from_some_number_of_texts_on_more_make_no_difference() -> None:
    many = [Around(nearest=0.5, others=(), size=1, seen=seen, candidates=3) for seen in (2_000, 2_000_000)]
    assert found(text(), text(), around=many[0]) == found(text(), text(), around=many[1])


def test_lengths_are_told_the_shorter_first() -> None:
    evidence = found(text(body="rain falls"), text(body="wind rises and rises"))
    assert (evidence["shorter"], evidence["longer"]) == pytest.approx((math.log(3), math.log(5)))


@pytest.mark.parametrize(("hours", "same_day", "apart"), [(2, 1, 0), (24, 1, 0), (72, 0, 2), (24 * 30, 0, 7)])
def test_days_apart_count_beyond_the_first_and_up_to_seven(hours: int, same_day: int, apart: int) -> None:
    earlier = NOON.timestamp() - hours * 3600
    evidence = found(text(published=NOON), text(published=NOON.fromtimestamp(earlier, NOON.tzinfo)))
    assert (evidence["same_day"], evidence["days_apart"]) == (same_day, apart)


def test_an_unknown_day_is_no_evidence() -> None:
    evidence = found(text(published=None), text())
    assert (evidence["same_day"], evidence["days_apart"]) == (0.0, 0.0)


def test_the_day_that_counts_is_the_nearest() -> None:
    later = NOON.replace(day=9)
    rows = np.concatenate(
        [text(published=None).record, text(published=NOON).record, text(published=later).record]
    )
    assert days_between(text(published=NOON.replace(day=4)).record, rows) == 3


def test_naming_the_same_weekday_speaks_for_a_story() -> None:
    assert found(text(), text())["weekdays"] == pytest.approx(0.7)
    assert found(text(), text(body="It was on Friday"))["weekdays"] == pytest.approx(-0.3)
    assert found(text(), text(body="It was then"))["weekdays"] == 0.0


def test_titled_and_cased_are_what_both_are() -> None:
    evidence = found(text(), text(), text("", "no capitals"))
    assert (evidence["titled"], evidence["cased"]) == (0.5, 0.5)
    assert found(text("", "none"), text())["titled"] == 0.0


def test_a_score_is_the_bias_and_the_weighted_evidence() -> None:
    plain = Model(bias=-1.0, weights=np.array([2.0, 0.5]), threshold=0.0)
    assert plain.score([1.0, 4.0]) == 3.0


@pytest.mark.parametrize("name", ["same_language", "across_languages"])
def test_the_stored_models_name_only_features_that_there_are(name: str) -> None:
    assert len(model(name).weights) == len(FEATURES)
    assert np.count_nonzero(model(name).weights) > 0


def test_an_explanation_names_what_weighs_most() -> None:
    weights = np.zeros(len(FEATURES))
    weights[FEATURES.index("rival")] = -8.0
    one = text()
    likeness = Comparer().likeness(one, one.record)
    taken = features(one.record, one.record, likeness, AROUND)
    score, *_, named = explain(likeness, taken, Model(bias=1.0, weights=weights, threshold=2.0))[:4]
    assert score == "score -1.4 of 2.0"
    assert named == "rival 0.30 (-2.4)"
