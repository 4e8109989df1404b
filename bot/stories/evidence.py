"""What speaks for and against a text's belonging to a story, as numbers with names, and what they come to.

The weights stand in weights.json beside this file; `make train` learns them anew from labelled news.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.stories.likeness import Likeness
from bot.stories.record import CASED, NEIGHBOURS, TITLED, Rows

NEAREST: Final = 0.08
"""How like unrelated news is at least taken to be, before there was any."""

_TOLD_PARTS: Final = 6
_SMALL: Final = 0.04
_ENOUGH_SEEN: Final = 7.0
"""The logarithm of the number of texts, about 1,100, from which on more make the picture no surer."""

_RESPECTS: Final = ("all", "names", "heads", "phrases", "numbers", "sharp", "leads")
_COMPARED: Final = (*_RESPECTS, "covered", "covering")

FEATURES: Final = (
    *(f"{kind}_{respect}" for respect in _RESPECTS for kind in ("mean", "most")),
    "covered_most",
    "covered_mean",
    "covering_mean",
    "covering_most",
    "crowd",
    "crowd_of_story",
    "rival",
    "rival_of_story",
    "nearest",
    "ahead",
    "size",
    "shorter",
    "longer",
    "same_day",
    "days_apart",
    "weekdays",
    "titled",
    "cased",
    "seen",
    "candidates",
    "over_rival",
    "over_crowd",
    "over_crowd_of_story",
    "over_rival_of_story",
    "least_all",
    "shared_names",
    "names_covered",
    "names_covering",
    "agree",
    "differ",
)
"""The evidence, in order.

`mean_` and `most_` are over the story's latest texts, in each respect of `Likeness`. `crowd` is how like the
text is to the nearest other stories, `rival` to the very nearest, and `_of_story` the same for the story's texts
when they came; `nearest` is how like the story's nearest text is, `ahead` twice that less both crowds (the
cross-domain similarity local scaling of Conneau et al. 2018), `over_` its logarithm over each. `size` is the logarithm of
the story's number of texts, `shorter` and `longer` those of the lengths, `days_apart` the days beyond the first,
at most 7, `weekdays` how well the named days agree; `seen` is the logarithm of the number of texts in the index,
`candidates` that of those that are at all like the text. `least_all` is how like the least like of the story's texts
is; the others are the most, or for `names_` and `differ` the mean, over the story's texts of what `Likeness` says.
"""


@dataclass(frozen=True, slots=True)
class Around:
    """What else there is: how like the nearest text of the story is, and those of the nearest other stories.

    `size` is the story's number of texts, `seen` that of all, `candidates` that of those that are at all like the text.
    """

    nearest: float
    others: tuple[float, ...]
    size: int
    seen: int
    candidates: int


@dataclass(frozen=True, slots=True)
class Model:
    """A linear model: the logarithm of the odds that a text belongs to a story is `bias` and a weight for each feature."""

    bias: float
    weights: NDArray[np.float64]
    threshold: float

    def score(self, features: list[float]) -> float:
        """The logarithm of the odds."""
        return self.bias + float(self.weights @ np.array(features))


def features(text: Rows, rows: Rows, likeness: Likeness, around: Around) -> list[float]:
    """The evidence on a text (an array of one record) and a story, of which `rows` are the latest texts."""
    found: list[float] = []
    values = np.array([getattr(likeness, name) for name in _COMPARED])
    means, most = (values.sum(1) / len(rows)).tolist(), values.max(1).tolist()
    for mean, greatest in zip(means[:-2], most[:-2], strict=True):
        found += (mean, greatest)
    found += (most[-2], means[-2], means[-1], most[-1])
    of_story = rows["crowd"].ravel().tolist()
    crowd, crowd_of_story = _mean_of_nearest(around.others), _mean_of_nearest(of_story)
    rival, rival_of_story = max((NEAREST, *around.others)), max((NEAREST, *of_story))
    nearest = around.nearest
    found += (crowd, crowd_of_story, rival, rival_of_story, nearest, 2 * nearest - crowd - crowd_of_story)
    found.append(math.log(around.size))
    length = math.log1p(float(text["body"][0]))
    lengths = sum(map(math.log1p, rows["body"].tolist())) / len(rows)
    found += (min(length, lengths), max(length, lengths))
    found += _days(text, rows)
    marks, theirs = int(text["marks"][0]), rows["marks"].tolist()
    found += [sum(each & marks & mask > 0 for each in theirs) / len(rows) for mask in (TITLED, CASED)]
    found += (min(math.log1p(around.seen), _ENOUGH_SEEN), math.log1p(around.candidates))
    found += [
        math.log((nearest + _SMALL) / (other + _SMALL))
        for other in (rival, crowd, crowd_of_story, rival_of_story)
    ]
    found += (
        float(likeness.all.min()),
        float(likeness.shared_names.max()),
        float(likeness.names_covered.mean()),
        float(likeness.names_covering.mean()),
        float(likeness.agree.max()),
        float(likeness.differ.mean()),
    )
    return found


def explain(likeness: Likeness, found: list[float], model: Model) -> tuple[str, ...]:
    """What a score is made of: what the texts share, and the parts that weigh most, each with its share of the score."""
    shares = model.weights * np.array(found)
    order = np.argsort(-np.abs(shares))[:_TOLD_PARTS]
    return (
        f"score {model.score(found):.1f} of {model.threshold:.1f}",
        f"{int(likeness.told.max())} telling words beside the headline",
        f"{int(likeness.named.max())} names",
        *(f"{FEATURES[number]} {found[number]:.2f} ({shares[number]:+.1f})" for number in order),
    )


def _mean_of_nearest(others: Sequence[float]) -> float:
    nearest = sorted(others, reverse=True)[:NEIGHBOURS]
    padded = [max(other, NEAREST) for other in nearest] + [NEAREST] * (NEIGHBOURS - len(nearest))
    return sum(padded) / NEIGHBOURS


def _days(text: Rows, rows: Rows) -> list[float]:
    """Whether the texts are of one day, how many days apart, and whether they name the same days of the week."""
    same_day = days_apart = 0.0
    gap = days_between(text, rows)
    if gap is not None:
        same_day, days_apart = float(gap <= 1), float(min(max(gap - 1, 0), 7))
    own = int(text["weekdays"][0])
    theirs = [days for days in rows["weekdays"].tolist() if days]
    weekdays = 0.0
    if own and theirs:
        shares = [(own & days).bit_count() / (own | days).bit_count() for days in theirs]
        weekdays = sum(shares) / len(shares) - 0.3
    return [same_day, days_apart, weekdays]


def days_between(text: Rows, rows: Rows) -> int | None:
    """The least number of days between a text and others, where their days are known."""
    own = int(text["day"][0])
    if not own:
        return None
    return min((abs(day - own) for day in rows["day"].tolist() if day), default=None)


@cache
def model(name: str) -> Model:
    """A model by its name in the file."""
    source = resources.files(__package__).joinpath("weights.json").read_text(encoding="utf-8")
    stored = json.loads(source)[name]
    return Model(
        bias=stored["bias"],
        weights=np.array([stored["weights"].get(feature, 0.0) for feature in FEATURES]),
        threshold=stored["threshold"],
    )
