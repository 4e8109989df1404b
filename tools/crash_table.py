"""Write docs/crash-table.md from the lives that tests/crash/test_crash_points.py noted down.

Usage: python tools/crash_table.py FILE. `make crash-table` runs the tests and writes.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

TARGET: Final = Path(__file__).parents[1] / "docs" / "crash-table.md"

HEAD: Final = """# A crash at each point

Each cell is a life that ended by a crash at the point on its left while Telegram behaved as above, and the lives after it
until all was sent. It says how many of its messages were **lost**, and how many copies too many came: **with** an audit
chat, and **without** one where `on_uncertain` is `resend`. Each copy without belongs to a doubt, which the checker holds
against it. A dash stands where a doubt is needed to come to the point and none arises. `make crash-table` writes this
page.

"""


def main(source: str) -> None:
    """Sum the lives up, a row for each point."""
    lives: defaultdict[tuple[str, str], list[tuple[bool, bool, int, int]]] = defaultdict(list)
    points: dict[str, int] = {}
    behaviours: dict[str, None] = {}
    for line in Path(source).read_text(encoding="utf-8").splitlines():
        point, behaviour, looks, crashed, broken, repeated, _ = line.split("\t")
        points[point] = points.get(point, 0) + (crashed == "True")
        behaviours[behaviour] = None
        lives[point, behaviour].append((looks == "True", crashed == "True", int(broken), int(repeated)))
    names = list(behaviours)
    rows = [
        f"| point | crashes | {' | '.join(f'Telegram {name}' for name in names)} |",
        "|---|---|" + "---|" * len(names),
    ]
    for point, crashes in points.items():
        cells = [_cell(lives[point, name]) for name in names]
        rows.append(f"| {point.replace('_', ' ')} | {crashes} | {' | '.join(cells)} |")
    TARGET.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


def _cell(lives: list[tuple[bool, bool, int, int]]) -> str:
    if not any(crashed for _, crashed, _, _ in lives):
        return "–"
    lost = sum(broken for _, _, broken, _ in lives)
    with_look = sum(repeated for looks, _, _, repeated in lives if looks)
    blind = [repeated for looks, _, _, repeated in lives if not looks]
    without = f", {sum(blind)} without" if blind else ""
    return f"{lost} lost; {with_look} with{without}"


if __name__ == "__main__":
    main(sys.argv[1])
