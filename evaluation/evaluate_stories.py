"""How well articles fold into stories, against labelled sets and plain methods, and whether their order matters.

Usage: python evaluation/evaluate_stories.py [--sets near,ecb] [--no-baselines] [--orders 3] [--twice] [--wrong 5]

Reads stories/NAME.jsonl from the data folder (NEWSBELL_DATA, default ../shared/data): one article a line, with `id`,
`title`, `content`, perhaps `url`, `published` and `language`, and its label `event` or `group`. The articles without
their labels go to `newsbell stories` in the order of the file. stories/pairs/NAME.jsonl holds pairs that people judged.

The thresholds of TF-IDF are chosen on the set itself, so that its rows are the best that the method can do there.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias

from bot.stories.urls import canonical_url
from evaluation import story_baselines as baselines
from evaluation.clustering_metrics import (
    Labels,
    Pairs,
    Score,
    adjusted_rand,
    b_cubed,
    common_pairs,
    pairwise,
)

Row: TypeAlias = dict[str, Any]
_GOLD: Final = ("event", "group", "edit")
_OURS: Final = "newsbell"
_JACCARD: Final = 0.5
_THRESHOLDS: Final = tuple(hundredths / 100 for hundredths in range(12, 79, 3))
_MOST_CHANGED: Final = 0.01
"""The share of pairs that another order of the same articles may change."""
_SECONDS: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The pairwise recall to reach on a set, and the precision below which it does not count."""

    recall: float
    precision: float = 0.95


_TARGETS: Final = {
    "near": Target(recall=0.97, precision=0.99),
    "ecb": Target(recall=0.60),
    "wikinews": Target(recall=0.45),
    "basil": Target(recall=0.85),
    "pac": Target(recall=0.60),
    "allsides": Target(recall=0.40),
    "multinews": Target(recall=0.88),
    "tg-ru": Target(recall=0.60),
    "tg-en": Target(recall=0.80),
    "meantime": Target(recall=0.50, precision=0.90),
    # The labels of this one split running stories, so that there is no precision to ask for.
    "roundup": None,
}
_NO_FLOOR: Final = Target(recall=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """A labelled set: its articles as they came, what is right, and the pairs that people judged."""

    name: str
    articles: tuple[Row, ...]
    gold: Labels
    judged: tuple[Row, ...] = ()

    @property
    def texts(self) -> list[str]:
        """Title and content of each article."""
        return [f"{article.get('title', '')}\n{article.get('content', '')}" for article in self.articles]

    def labelled(self, stories: Iterable[int]) -> Labels:
        """What a plain method found, by the ids of the articles."""
        return {article["id"]: story for article, story in zip(self.articles, stories, strict=True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a method made of a set; `note` says how it was set up."""

    method: str
    labels: Labels
    note: str = ""


class NewsbellFailed(Exception):
    """`newsbell stories` did not answer as it should."""


def main() -> int:
    """Print the tables."""
    options = _options()
    folder = options.data / "stories"
    names = options.sets.split(",") if options.sets else sorted(path.stem for path in folder.glob("*.jsonl"))
    absent = [name for name in names if not (folder / f"{name}.jsonl").exists()]
    if absent or not names:
        what = f"{folder / absent[0]}.jsonl" if absent else folder
        print(f"{what} is absent, so there is nothing to evaluate on; name the data folder in NEWSBELL_DATA.")
        return 0
    sets = [_read(folder, name) for name in names]
    try:
        _print_quality(sets, with_baselines=options.baselines)
        if options.orders:
            _print_orders(sets, options.orders)
        if options.twice:
            _print_twice(sets)
        if options.wrong:
            _print_wrong(sets, options.wrong)
    except NewsbellFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How well articles fold into stories, on labelled sets.")
    parser.add_argument("--sets", help="names with commas between them [default: all that are there]")
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("NEWSBELL_DATA", "../shared/data")), metavar="DIR"
    )
    parser.add_argument("--baselines", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--orders", type=int, default=0, metavar="N", help="fold in N other orders as well")
    parser.add_argument("--twice", action="store_true", help="feed each set again; nothing may be new")
    parser.add_argument("--wrong", type=int, default=0, metavar="N", help="show N wrong pairs of each kind")
    return parser.parse_args()


def _read(folder: Path, name: str) -> Set:
    articles = _rows(folder / f"{name}.jsonl")
    pairs = folder / "pairs" / f"{name}.jsonl"
    return Set(
        name=name,
        articles=tuple(articles),
        gold={article["id"]: article.get("event", article.get("group")) for article in articles},
        judged=tuple(_rows(pairs)) if pairs.exists() else (),
    )


def _rows(file: Path) -> list[Row]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]


def fold(articles: Sequence[Row]) -> list[Row]:
    """What `newsbell stories` answers to articles without their labels. Raises NewsbellFailed."""
    lines = [
        json.dumps({name: value for name, value in article.items() if name not in _GOLD}) + "\n"
        for article in articles
    ]
    done = subprocess.run(
        (sys.executable, "-m", "bot.cli", "stories"),
        input="".join(lines).encode(),
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        raise NewsbellFailed(f"newsbell stories ended with {done.returncode}: {done.stderr.decode()}")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if [answer["id"] for answer in answers] != [article["id"] for article in articles]:
        raise NewsbellFailed(
            f"newsbell stories answered {len(answers)} lines to {len(articles)}, or in another order"
        )
    return answers


def _labels(answers: Iterable[Row]) -> Labels:
    return {answer["id"]: answer["story"] for answer in answers}


def _print_quality(sets: Sequence[Set], *, with_baselines: bool) -> None:
    """A row for each set and method, then what our answers say of themselves."""
    print(
        f"{'set':<10}{'articles':>8}{'events':>7}{'pairs':>6}  {'method':<17}{'P':>6}{'R':>6}{'F1':>6}"
        f"{'B3 P':>7}{'B3 R':>6}{'B3 F1':>6}{'ARI':>7}  note"
    )
    told: list[str] = []
    for each in sets:
        started = time.perf_counter()
        answers = fold(each.articles)
        seconds = time.perf_counter() - started
        ours = Found(method=_OURS, labels=_labels(answers))
        found = [ours, *(_baselines(each) if with_baselines else ())]
        for number, one in enumerate(found):
            head = _counts(each) if not number else ""
            note = _verdict(each, pairwise(each.gold, one.labels)) if one is ours else one.note
            print(f"{head:<31}  {one.method:<17}{_figures(each.gold, one.labels)}  {note}", flush=True)
        reasons = Counter(answer["reason"] for answer in answers)
        told.append(
            f"{each.name:<10}{seconds:5.1f} s  "
            + ", ".join(f"{reason} {number}" for reason, number in reasons.most_common())
        )
        told += [f"{'':<10}  judged pairs told rightly: {_judged(each, found)}"] if each.judged else []
    print("\nreasons, and the seconds that the command took\n" + "\n".join(told))


def _counts(of: Set) -> str:
    pairs = common_pairs(of.gold, of.gold).both
    return f"{of.name:<10}{len(of.articles):>8,}{len(set(of.gold.values())):>7,}{pairs:>6,}"


def _figures(gold: Labels, found: Labels) -> str:
    pairs, things = pairwise(gold, found), b_cubed(gold, found)
    return (
        f"{pairs.precision:6.3f}{pairs.recall:6.3f}{pairs.f1:6.3f}"
        f"{things.precision:7.3f}{things.recall:6.3f}{things.f1:6.3f}{adjusted_rand(gold, found):7.3f}"
    )


def _verdict(of: Set, score: Score) -> str:
    target = _TARGETS.get(of.name)
    if target is None:
        return "no target"
    reached = score.recall >= target.recall and score.precision >= target.precision
    return f"{'reached' if reached else 'MISSED'}: R {target.recall:.2f} at P {target.precision:.2f}"


def _judged(of: Set, found: Iterable[Found]) -> str:
    shares = []
    for one in found:
        right = sum((one.labels[pair["a"]] == one.labels[pair["b"]]) is pair["same"] for pair in of.judged)
        shares.append(f"{one.method} {right / len(of.judged):.3f}")
    return f"{', '.join(shares)} of {len(of.judged)}"


def _baselines(of: Set) -> Iterator[Found]:
    """The plain methods. Each threshold of TF-IDF is the best one for this very set."""
    texts = of.texts
    urls = [article.get("url") for article in of.articles]
    by_url = baselines.by_key(canonical_url(url) if url else None for url in urls)
    yield Found(method="exact URL", labels=of.labelled(by_url), note="" if any(urls) else "no URLs here")
    titles = [article.get("title", "").casefold().strip() for article in of.articles]
    yield Found(method="exact title", labels=of.labelled(baselines.by_key(title or None for title in titles)))
    shingled = baselines.by_shingles(texts, least=_JACCARD)
    yield Found(method="MinHash", labels=of.labelled(shingled), note=f"exact Jaccard {_JACCARD}")
    telling = baselines.weights(texts)
    cosines = baselines.similarities(baselines.vector(text, telling) for text in texts)
    tried = [
        Found(
            method="TF-IDF, best F1",
            labels=of.labelled(baselines.by_centroid(cosines, least=least)),
            note=f"upper bound, cosine {least:.2f}",
        )
        for least in _THRESHOLDS
    ]
    scores = {one.note: pairwise(of.gold, one.labels) for one in tried}
    yield max(tried, key=lambda one: scores[one.note].f1)
    floor = (_TARGETS.get(of.name) or _NO_FLOOR).precision
    precise = [one for one in tried if scores[one.note].precision >= floor]
    if precise:
        best = max(precise, key=lambda one: scores[one.note].recall)
        yield Found(method=f"TF-IDF, P >= {floor:.2f}", labels=best.labels, note=best.note)


def _print_orders(sets: Sequence[Set], number: int) -> None:
    """How many pairs another order changes: of those that either order joins, and of all."""
    seeds = range(1, number + 1)
    print(f"\nother orders, seeds {', '.join(map(str, seeds))}: the mean, and the worst in brackets")
    print(f"{'set':<10}{'changed of joined':>20}{'changed of all':>20}{'least P':>9}{'least R':>9}  note")
    for each in sets:
        first = _labels(fold(each.articles))
        others = [_labels(fold(_shuffled(each.articles, seed))) for seed in seeds]
        pairs = [common_pairs(first, other) for other in others]
        scores = [pairwise(each.gold, other) for other in others]
        worst = max(pair.changed_of_all for pair in pairs)
        print(
            f"{each.name:<10}{_shares(pairs, lambda pair: pair.changed_of_joined):>20}"
            f"{_shares(pairs, lambda pair: pair.changed_of_all):>20}"
            f"{min(score.precision for score in scores):9.3f}{min(score.recall for score in scores):9.3f}"
            f"  {'reached' if worst <= _MOST_CHANGED else 'MISSED'}: {_MOST_CHANGED:.0%} of all",
            flush=True,
        )


def _shares(pairs: Sequence[Pairs], share: Callable[[Pairs], float]) -> str:
    shares = [share(pair) for pair in pairs]
    return f"{sum(shares) / len(shares):.2%} ({max(shares):.2%})"


def _shuffled(articles: Iterable[Row], seed: int) -> list[Row]:
    """The articles in an order that looks random and is the same in each run."""
    return sorted(articles, key=lambda article: blake2b(f"{seed}:{article['id']}".encode()).digest())


def _print_twice(sets: Sequence[Set]) -> None:
    """Each set, then the same again, then again under other ids: what has come before is no new story."""
    print("\nthe same again: articles that began a story, or came to another one")
    print(f"{'set':<10}{'same ids':>10}{'other ids':>10}")
    for each in sets:
        renamed = [{**article, "id": f"again-{article['id']}"} for article in each.articles]
        answers = fold((*each.articles, *each.articles, *renamed))
        size = len(each.articles)
        stories, *again = (
            [answer["story"] for answer in answers[at : at + size]] for at in (0, size, 2 * size)
        )
        strayed = [sum(a != b for a, b in zip(stories, other, strict=True)) for other in again]
        print(f"{each.name:<10}{strayed[0]:>10}{strayed[1]:>10}", flush=True)


def _print_wrong(sets: Sequence[Set], number: int) -> None:
    """Some pairs of titles that were joined wrongly, and some that were not joined."""
    for each in sets:
        found = _labels(fold(each.articles))
        for what, inside, across in (("joined wrongly", found, each.gold), ("missed", each.gold, found)):
            print(f"\n{each.name}: {what}")
            for one, other in islice(_split_pairs(each, inside, across), number):
                for article in (one, other):
                    print(f"  {article['id']} {article.get('edit', '')}  {article.get('title', '')}")
                print()


def _split_pairs(of: Set, inside: Labels, across: Labels) -> Iterator[tuple[Row, Row]]:
    """Articles of one group whose labels in the other labelling differ, each but the first of its group once."""
    groups: defaultdict[object, list[Row]] = defaultdict(list)
    for article in of.articles:
        group = groups[inside[article["id"]]]
        odd = next((other for other in group if across[other["id"]] != across[article["id"]]), None)
        group.append(article)
        if odd is not None:
            yield odd, article


if __name__ == "__main__":
    sys.exit(main())
