"""How fast articles fold into stories, by how many are remembered, against two peers on the same articles.

Usage: python benchmarks/bench_stories.py [--quick] [--million]

A window is filled, then the next articles are timed: from a line of JSON to the story, as `newsbell stories` does it.
The peers only split a text into words and look for the nearest: exact search among TF-IDF centroids (which finds the
same event in other words, slowly), and, where rensa is installed, MinHash LSH (which finds near copies only). Made-up
articles, and those of Reuters from the data folder (NEWSBELL_DATA, default ../shared/data). CPU time, medians.
Each method runs in a process of its own; KB is what its resident memory has grown by since the first window, for each
article since then.

Ratios hold from machine to machine, articles per second do not.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import importlib
import importlib.util
import json
import math
import os
import random
import resource
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, Protocol

from benchmarks.made_up_news import Told, made_up_news
from bot.filters import BadLine, Line, Stories, read_lines, story
from bot.models import FoldReason, Sketched
from bot.stories.folding import StoryIndex
from evaluation.story_baselines import Vector, vector, weights, words

_WINDOWS: Final = (1_000, 10_000, 100_000)
_MILLION: Final = 1_000_000
_TIMED: Final = 2_000
_TIMED_PEER: Final = 200
_PARTS: Final = 5
_SAMPLE: Final = 2_000
"""Articles from which the centroids learn how telling a word is."""
_SEED: Final = 20
_FEEDS: Final = 200
_BEGIN: Final = datetime(2025, 1, 6, tzinfo=UTC)
_STEP: Final = timedelta(seconds=0.15)
"""Between two articles; a million take less than two days, so that no story ends meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """An article as a line of JSON and as bare text, and the story that it is known to tell."""

    line: bytes
    text: str
    story: int


class Method(Protocol):
    """A way to fold. `most` is the largest window that it can be asked to hold, `timed` the articles to time."""

    most: int
    timed: int

    def fill(self, text: Text) -> None:
        """Remember an article."""

    def place(self, text: Text) -> bool:
        """Find an article's story and remember it; whether there was one."""


class Newsbell:
    """`newsbell stories`, without the process around it."""

    most = _MILLION
    timed = _TIMED

    def __init__(self) -> None:
        self._stories = Stories(undated=_BEGIN)

    def fill(self, text: Text) -> None:
        """Remember an article."""
        self.place(text)

    def place(self, text: Text) -> bool:
        """Find an article's story and remember it; whether there was one."""
        return bool(story(_line(text), self._stories)["reason"] != FoldReason.NEW.value)


class Centroids:
    """Stories as the sums of their TF-IDF vectors behind an index from words to stories; the search is exact.

    Words that stand in more than a fifth of the articles are left out, or it would be slower still.
    """

    most = 100_000
    timed = _TIMED_PEER
    _least = 0.33

    def __init__(self, sample: Sequence[str]) -> None:
        telling = weights(sample)
        self._telling = {word: weight if weight > math.log(5) else 0.0 for word, weight in telling.items()}
        self._unseen = math.log(len(sample))
        self._holders: defaultdict[str, dict[int, float]] = defaultdict(dict)
        self._squares: defaultdict[int, float] = defaultdict(float)

    def fill(self, text: Text) -> None:
        """Remember an article under the story that it is known to tell, since to search for each would take hours."""
        self._add(self._vector(text), text.story)

    def place(self, text: Text) -> bool:
        """Find an article's story and remember it; whether there was one."""
        of = self._vector(text)
        sums: defaultdict[int, float] = defaultdict(float)
        for word, weight in of.items():
            for at, its_weight in self._holders[word].items():
                sums[at] += weight * its_weight
        nearest = max(sums, key=lambda at: sums[at] / math.sqrt(self._squares[at]), default=None)
        found = nearest is not None and sums[nearest] >= self._least * math.sqrt(self._squares[nearest])
        self._add(of, nearest if nearest is not None and found else text.story)
        return found

    def _add(self, of: Vector, story: int) -> None:
        for word, weight in of.items():
            holders = self._holders[word]
            before = holders.get(story, 0.0)
            holders[story] = before + weight
            self._squares[story] += (2 * before + weight) * weight

    def _vector(self, text: Text) -> Vector:
        return vector(text.text, self._telling, unseen=self._unseen)


class MinHash:
    """Near copies by rensa: 128 permutations in 32 bands over the words in threes."""

    most = _MILLION
    timed = _TIMED

    def __init__(self) -> None:
        self._rensa: Any = importlib.import_module("rensa")
        self._index = self._rensa.RMinHashLSH(0.5, 128, 32)
        self._keys = count()

    def fill(self, text: Text) -> None:
        """Remember an article."""
        self.place(text)

    def place(self, text: Text) -> bool:
        """Find near copies of an article and remember it; whether there were any."""
        listed = words(text.text)
        sketch = self._rensa.RMinHash(128, _SEED)
        sketch.update([" ".join(listed[start : start + 3]) for start in range(max(1, len(listed) - 2))])
        found = self._index.query(sketch)
        self._index.insert(next(self._keys), sketch)
        return bool(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """At one window: articles per second, the share that joined a story, KB for each article since the first window."""

    rate: float
    joined: float
    each: float | None

    def __str__(self) -> str:
        return f"{self.rate:>12,.0f}{self.joined:>8.0%}{'' if self.each is None else f'{self.each:.1f}':>8}"


def main() -> None:
    """Print a table for each kind of article."""
    parser = argparse.ArgumentParser(description="How fast articles fold into stories.")
    parser.add_argument("--quick", action="store_true", help="windows of 1,000 and 10,000 only")
    parser.add_argument("--million", action="store_true", help="a window of 1,000,000 as well")
    options = parser.parse_args()
    windows = _WINDOWS[:2] if options.quick else _WINDOWS
    _print_rebuild(windows[-1])
    _print_curve("made-up articles", _made_up, (*windows, _MILLION) if options.million else windows)
    source = _folder() / "reuters.jsonl.gz"
    if source.exists():
        _print_curve("Reuters", partial(_reuters, source), windows[:2])
    else:
        print(f"\n{source} is absent, so there are made-up articles only.")


def _print_rebuild(size: int) -> None:
    """Print how long a restart takes to build the index of so many articles, and what share tells of a known event."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        seconds, events = pool.submit(_rebuilt, size).result()
    print(
        f"the index of {size:,} stored articles, {events:.0%} of which tell a known event, is built in {seconds:.2f} s"
    )


def _rebuilt(size: int) -> tuple[float, float]:
    stories = Stories(undated=_BEGIN)
    sketched, events = [], 0
    for text in islice(_made_up(), size):
        article = _line(text).article
        place = stories.place(article)
        events += place.reason is FoldReason.SAME_EVENT
        sketched.append(
            Sketched(story_id=place.story_id, feed_url=article.feed_url, at=place.at, sketch=place.sketch)
        )
    return rebuild_seconds(StoryIndex.of, sketched), events / size


def _print_curve(title: str, texts: Callable[[], Iterator[Text]], windows: Sequence[int]) -> None:
    sample = [each.text for each in islice(texts(), _SAMPLE)]
    size = sum(len(words(text)) for text in sample) / len(sample)
    print(f"\n{title} of {size:.0f} words")
    print(
        f"{'window':>10}{'newsbell/s':>12}{'joined':>8}{'KB':>8}"
        + "".join(
            f"{peer:>12}{'joined':>8}{'KB':>8}{'ours to it':>12}" for peer in ("centroids/s", "MinHash/s")
        )
    )
    ours = _apart(Newsbell, texts, windows)
    exact = _apart(partial(Centroids, sample), texts, windows)
    near = _apart(MinHash, texts, windows) if importlib.util.find_spec("rensa") else []
    for number, (window, mine) in enumerate(zip(windows, ours, strict=True)):
        print(f"{window:>10,}{mine}{_beside(mine, exact, number)}{_beside(mine, near, number)}".rstrip())


def _beside(ours: Measured, peers: Sequence[Measured], number: int) -> str:
    if number >= len(peers):
        return " " * 40
    return f"{peers[number]}{ours.rate / peers[number].rate:>12.2f}"


def _apart(
    method: Callable[[], Method], texts: Callable[[], Iterator[Text]], windows: Sequence[int]
) -> list[Measured]:
    """Measure in a process of its own, so that its memory is its own too."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measured, method, texts, windows).result()


def _measured(
    make: Callable[[], Method], make_texts: Callable[[], Iterator[Text]], windows: Sequence[int]
) -> list[Measured]:
    """Fill each window in turn, and time the articles that come next."""
    method, texts = make(), make_texts()
    held, first_held, first_memory = 0, 0, 0
    measured: list[Measured] = []
    for window in windows:
        if window > method.most:
            break
        for text in islice(texts, window - held):
            method.fill(text)
        timed = list(islice(texts, method.timed))
        gc.collect()
        memory = _memory()
        rates, joined = [], 0
        for start in range(0, len(timed), len(timed) // _PARTS):
            part = timed[start : start + len(timed) // _PARTS]
            started = time.process_time()
            joined += sum(map(method.place, part))
            rates.append(len(part) / (time.process_time() - started))
        measured.append(
            Measured(
                rate=statistics.median(rates),
                joined=joined / len(timed),
                each=(memory - first_memory) / (window - first_held) if measured else None,
            )
        )
        if not first_held:
            first_held, first_memory = window, memory
        held = window + len(timed)
    return measured


def rebuild_seconds(
    rebuild: Callable[[Iterable[Sketched]], object], sketched: Sequence[Sketched], *, rounds: int = 3
) -> float:
    """The CPU time to build an index from stored sketches, as a restart does; the median of some rounds."""
    taken = []
    for _ in range(rounds):
        started = time.process_time()
        rebuild(sketched)
        taken.append(time.process_time() - started)
    return statistics.median(taken)


def _memory() -> int:
    """The memory that this process holds, in KB; where the system does not say, the most that it ever held."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _made_up() -> Iterator[Text]:
    chance = random.Random(_SEED)  # noqa: S311 -- the same articles in every run
    return (_text(number, told) for number, told in enumerate(made_up_news(chance)))


def _reuters(source: Path) -> Iterator[Text]:
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        for number, row in enumerate(map(json.loads, lines)):
            yield _text(number, Told(title=row["title"], content=row["content"], story=number))


def _text(number: int, told: Told) -> Text:
    article = {
        "id": number,
        "title": told.title,
        "content": told.content,
        "url": f"https://news.example/{number}",
        "published": (_BEGIN + number * _STEP).isoformat(timespec="seconds"),
        "language": "en",
        "feed": f"https://feeds.example/{number % _FEEDS}",
    }
    return Text(line=json.dumps(article).encode(), text=f"{told.title}\n{told.content}", story=told.story)


def _line(text: Text) -> Line:
    (line,) = read_lines([text.line])
    if isinstance(line, BadLine):
        raise TypeError(str(line))
    return line


def _folder() -> Path:
    return Path(os.environ.get("NEWSBELL_DATA", "../shared/data"))


if __name__ == "__main__":
    main()
