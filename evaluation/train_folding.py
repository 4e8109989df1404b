"""Learns the weights of folding from labelled news, and writes them where the bot reads them.

Usage: python evaluation/train_folding.py [--dry-run]

Reads the sets in stories/ of the data folder (NEWSBELL_DATA, default ../shared/data), and multilingual.jsonl.gz as
news that has nothing to do with them. Each text is looked at as the bot would, by the index that the texts before
it made; for each story that it might join, the evidence is written down, and whether it belongs there. A logistic
regression makes weights of that. It is fitted twice more, to what an index does that folds by the weights so far,
since its own mistakes are what it has to live with.

The table that is printed is honest: each half of the events is folded by weights learned from the other half. The
weights that are written come from both.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

import bot.stories
from bot.filters import Line, read_lines
from bot.models import Article
from bot.stories.events import Candidate, Events
from bot.stories.evidence import FEATURES

SETS: Final = (
    "ecb",
    "wikinews",
    "basil",
    "pac",
    "allsides",
    "multinews",
    "tg-ru",
    "tg-en",
    "roundup",
    "meantime",
    "near",
)

ACROSS: Final = "meantime"
"""The set whose events are told in several languages."""

COPIES: Final = "near"
COPIES_WEIGHT: Final = 0.3
"""The set of copies, and of reports in one template that are none. Copies are told by rules, so that it counts less,
for what it says of templates: without it a wire's notes on different companies fold."""

ORDERS: Final = 4
"""How many orders of a set are learned from."""

VARIANTS: Final = ("short", "untitled", "bare")
"""Feeds cut texts, leave out headlines, and lose capitals; a variant counts VARIANT_WEIGHT of the text as it is."""

VARIANT_WEIGHT: Final = 0.4
LARGE: Final = 2000
"""Sets beyond this size are learned from once, whole and in their own order."""

SHORT_WORDS: Final = 90
PENALTY: Final = 3.3
"""Of the squares of the standardised weights."""

THRESHOLD: Final = 2.0
ACROSS_THRESHOLD: Final = 1.0
"""Chosen from the table for a pairwise precision of 0.95; see docs/stories.md."""

LOOSE: Final = 1.5
"""The threshold at which an index folds while it is learned from, a little lower than in use, so that the stories
on the edge are seen."""

CURVE: Final = (1.0, 1.5, 2.0, 2.5, 3.0)
DAYS: Final = 3.0
"""More days between two texts than this, and they tell two events, whatever the weights say."""

Floats: TypeAlias = NDArray[np.float64]
Labelled: TypeAlias = tuple[Article, str]


@dataclass(frozen=True, slots=True)
class Weights:
    """A linear model."""

    bias: float
    of: Floats

    def score(self, features: Sequence[float]) -> float:
        """The logarithm of the odds."""
        return self.bias + float(self.of @ np.array(features))


@dataclass(slots=True)
class Cases:
    """Evidence on texts and stories: a row a case, whether they belong together, and which half the text is of."""

    rows: list[list[float]] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    across: list[bool] = field(default_factory=list)
    halves: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def arrays(self, *, across: bool, half: int | None = None) -> tuple[Floats, Floats, Floats]:
        """The cases within a language or across, of one half of the events or of both."""
        chosen = [
            number
            for number in range(len(self.rows))
            if self.across[number] == across and half in (None, self.halves[number])
        ]
        weights = np.array([self.weights[number] for number in chosen])
        return (
            np.array([self.rows[number] for number in chosen]).reshape(-1, len(FEATURES)),
            np.array([float(self.right[number]) for number in chosen]),
            weights / weights.mean(),
        )

    def extend(self, other: Cases) -> None:
        """Add other cases to these."""
        self.rows += other.rows
        self.right += other.right
        self.across += other.across
        self.halves += other.halves
        self.weights += other.weights


@dataclass(frozen=True, slots=True)
class Stream:
    """Articles with their labels, in an order, and how much a case of theirs counts."""

    articles: list[Labelled]
    weight: float


def main() -> int:
    """Learn, print the table, and write the weights."""
    parser = argparse.ArgumentParser(description="learn the weights of folding from labelled news")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    arguments = parser.parse_args()
    folder = Path(os.environ.get("NEWSBELL_DATA", "../shared/data"))
    if not (folder / "stories").is_dir():
        print(f"{folder / 'stories'} is not there; name the data folder in NEWSBELL_DATA", file=sys.stderr)
        return 0
    sets = {name: _read(folder / "stories" / f"{name}.jsonl") for name in SETS}
    streams = list(_streams(sets))
    cases = _gather(streams, _fit(*_gather(streams, None).arrays(across=False)))
    cases.extend(_gather(streams, _fit(*cases.arrays(across=False))))
    across = _gather(list(_mixed(sets, folder)), None)
    _print_curve(sets, cases, across)
    chosen = {
        "same_language": _stored(_fit(*cases.arrays(across=False)), THRESHOLD),
        "across_languages": _stored(_fit(*across.arrays(across=True)), ACROSS_THRESHOLD),
    }
    if not arguments.dry_run:
        path = Path(bot.stories.__path__[0]) / "weights.json"
        path.write_text(json.dumps(chosen, indent=1) + "\n", encoding="utf-8")
        print(f"\nwritten to {path.name}")
    return 0


def _read(path: Path) -> list[Labelled]:
    lines = path.read_bytes().splitlines()
    labels = [json.loads(line) for line in lines]
    articles = [line.article for line in read_lines(lines) if isinstance(line, Line)]
    return [
        (article, label.get("event") or label["group"])
        for article, label in zip(articles, labels, strict=True)
    ]


def _streams(sets: dict[str, list[Labelled]]) -> Iterator[Stream]:
    """The sets in several orders and variants."""
    for name, articles in sets.items():
        once = len(articles) > LARGE or name == COPIES
        for order in range(1 if once else ORDERS):
            shuffled = list(articles)
            if order:
                random.Random(order).shuffle(shuffled)
            yield Stream(shuffled, COPIES_WEIGHT if name == COPIES else 1.0)
        for variant in () if once or name == ACROSS else VARIANTS:
            yield Stream([(_varied(article, variant), label) for article, label in articles], VARIANT_WEIGHT)


def _mixed(sets: dict[str, list[Labelled]], folder: Path) -> Iterator[Stream]:
    """The events told in several languages among unrelated news in many, so that most neighbours are wrong."""
    with gzip.open(folder / "multilingual.jsonl.gz") as file:
        lines = file.readlines()
    unrelated = [
        (line.article, f"unrelated {number}")
        for number, line in enumerate(read_lines(lines))
        if isinstance(line, Line)
    ]
    others = [case for name, articles in sets.items() if name != ACROSS for case in articles]
    for seed in range(ORDERS):
        draw = random.Random(seed)
        articles = [*sets[ACROSS], *draw.sample(unrelated, 1200), *draw.sample(others, 800)]
        draw.shuffle(articles)
        # Their dates are of other decades, which would make the task too easy.
        yield Stream(
            [(replace(article, published=None, url=None), label) for article, label in articles], 1.0
        )
    yield Stream(sets[ACROSS], 1.0)


def _varied(article: Article, variant: str) -> Article:
    if variant == "short":
        return replace(article, content=" ".join(article.content.split(" ")[:SHORT_WORDS]))
    if variant == "untitled":
        return replace(article, title="")
    return replace(article, title="", content=article.content.lower())


def _gather(streams: list[Stream], learned: Weights | None) -> Cases:
    """The cases of all streams; without weights each text joins the story of its label."""
    cases = Cases()
    with get_context("spawn").Pool() as pool:
        for found in pool.imap(_watched, [(stream, learned) for stream in streams]):
            cases.extend(found)
    return cases


def _watched(work: tuple[Stream, Weights | None]) -> Cases:
    stream, learned = work
    cases = Cases()
    members: defaultdict[int, list[str]] = defaultdict(list)
    stories: dict[str, int] = {}
    events = Events()
    for article, label in stream.articles:
        looked = events.look(article)
        for candidate in looked.candidates:
            told = members[candidate.story]
            cases.rows.append(candidate.features)
            cases.right.append(2 * told.count(label) >= len(told))
            cases.across.append(candidate.across)
            cases.halves.append(_half(label))
            cases.weights.append(stream.weight)
        joined = stories.get(label) if learned is None else _best(looked.candidates, learned, None, LOOSE)
        story = len(members) if joined is None else joined
        stories.setdefault(label, story)
        members[story].append(label)
        events.add(looked, story, 0)
    return cases


def _best(
    candidates: list[Candidate], learned: Weights, across: Weights | None, threshold: float
) -> int | None:
    """The story that is joined by these weights."""
    best: tuple[float, int] | None = None
    for candidate in candidates:
        model = across if candidate.across else learned
        if model is None or candidate.features[_DAYS_APART] >= DAYS:
            continue
        margin = model.score(candidate.features) - (ACROSS_THRESHOLD if candidate.across else threshold)
        if margin >= 0 and (best is None or margin > best[0]):
            best = (margin, candidate.story)
    return best[1] if best is not None else None


def _half(label: str) -> int:
    return zlib.crc32(label.encode()) % 2


def _fit(rows: Floats, right: Floats, weights: Floats) -> Weights:
    """A logistic regression with a ridge, by Newton's method."""
    mean, spread = rows.mean(0), rows.std(0)
    spread[spread < 1e-9] = 1.0
    inputs = np.hstack([(rows - mean) / spread, np.ones((len(rows), 1))])
    ridge = np.full(inputs.shape[1], PENALTY)
    ridge[-1] = 0.0
    of = np.zeros(inputs.shape[1])
    for _ in range(30):
        odds = 1.0 / (1.0 + np.exp(-np.clip(inputs @ of, -30.0, 30.0)))
        slope = inputs.T @ (weights * (odds - right)) + ridge * of
        bend = (inputs * (weights * odds * (1.0 - odds))[:, None]).T @ inputs + np.diag(ridge + 1e-9)
        step = np.linalg.solve(bend, slope)
        of = of - step
        if np.abs(step).max() < 1e-6:
            break
    scaled = of[:-1] / spread
    return Weights(bias=float(of[-1] - (scaled * mean).sum()), of=scaled)


def _print_curve(sets: dict[str, list[Labelled]], cases: Cases, across: Cases) -> None:
    """Precision and recall by threshold, each half of the events folded by weights learned from the other."""
    halves = tuple(
        (_fit(*cases.arrays(across=False, half=1 - half)), _fit(*across.arrays(across=True, half=1 - half)))
        for half in (0, 1)
    )
    work = [(name, articles, halves) for name, articles in sets.items()]
    with get_context("spawn").Pool() as pool:
        curves = dict(pool.imap_unordered(_curve, work))
    print("| set |", " | ".join(f"{threshold:.1f}" for threshold in CURVE), "|")
    print("|---|" + "---|" * len(CURVE))
    for name in sets:
        cells = (f"{precision:.3f} / {recall:.3f}" for precision, recall in curves[name])
        print(f"| {name} |", " | ".join(cells), "|")


def _curve(
    work: tuple[str, list[Labelled], tuple[tuple[Weights, Weights], ...]],
) -> tuple[str, list[tuple[float, float]]]:
    name, articles, halves = work
    points = []
    for threshold in CURVE:
        right = joined = wanted = 0
        for half, (learned, across) in enumerate(halves):
            events = Events()
            members: defaultdict[int, list[str]] = defaultdict(list)
            earlier: defaultdict[str, int] = defaultdict(int)
            for article, label in articles:
                looked = events.look(article)
                best = _best(looked.candidates, learned, across, threshold)
                story = len(members) if best is None else best
                if _half(label) == half:
                    right += members[story].count(label)
                    joined += len(members[story])
                    wanted += earlier[label]
                members[story].append(label)
                earlier[label] += 1
                events.add(looked, story, 0)
        points.append((right / joined if joined else 1.0, right / wanted if wanted else 1.0))
    return name, points


def _stored(weights: Weights, threshold: float) -> dict[str, object]:
    of = {name: round(float(weight), 4) for name, weight in zip(FEATURES, weights.of, strict=True)}
    return {"bias": round(weights.bias, 4), "threshold": threshold, "weights": of}


_DAYS_APART: Final = FEATURES.index("days_apart")

if __name__ == "__main__":
    raise SystemExit(main())
