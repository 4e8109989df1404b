"""Draw docs/drain.png from the times that `benchmarks/bench_delivery.py --curve FILE` wrote.

Usage: python tools/drain_curve.py FILE. `make drain-curve` measures and draws.
"""

from __future__ import annotations

import json
import sys
from itertools import accumulate
from pathlib import Path
from typing import Final

import matplotlib as mpl

mpl.use("agg")
from matplotlib import pyplot as plt

TARGET: Final = Path(__file__).parents[1] / "docs" / "drain.png"


def main(source: str) -> None:
    """Draw the messages that the server accepted over time, and the bound beside them."""
    measured = json.loads(Path(source).read_text(encoding="utf-8"))
    times, bound = measured["times"], measured["bound"]
    figure, axes = plt.subplots(figsize=(9, 4.5), dpi=110, layout="constrained")
    axes.plot(
        [0, bound], [0, len(times)], "--", color="#8a8f98", label=f"bound: {bound:.1f} s at 28 a second"
    )
    axes.step(
        times,
        list(accumulate(1 for _ in times)),
        where="post",
        color="#1f6feb",
        label=f"accepted: {times[-1]:.1f} s",
    )
    axes.set(
        xlabel="seconds since the first message",
        ylabel="messages accepted",
        title=f"{len(times):,} alerts to {measured['chats']} channels, {measured['floods']} of them refused for flooding",
        xlim=(0, None),
        ylim=(0, None),
    )
    axes.grid(color="#e6e8eb")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right", frameon=False)
    figure.savefig(TARGET)


if __name__ == "__main__":
    main(sys.argv[1])
