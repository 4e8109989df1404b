"""Draw docs/demo.png: run the demo, keep a few of its messages and its figures, and photograph them.

Needs Chromium and fonts of all the scripts in play; run it by `make screenshots`.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from bot.demo.show import show

TARGET: Final = Path(__file__).parents[1] / "docs" / "demo.png"
WIDTH: Final = 92
SHOWN: Final = (
    "Türkiye sends its energy minister to China",
    "Türkiye, BRICS",
    "土耳其擬在貝利科瓦",
    "احتياطي كبير",
)
FONTS: Final = "DejaVu Sans Mono, Noto Sans Mono CJK TC, Noto Sans Arabic, Noto Color Emoji, monospace"
SVG: Final = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code", FONTS
)
THEME: Final = TerminalTheme(
    (22, 24, 29),
    (215, 218, 224),
    [(90, 94, 104), (240, 113, 120), (127, 201, 127), (255, 203, 107), (130, 170, 255), (199, 146, 234),
     (110, 190, 230), (215, 218, 224)],
)  # fmt: skip
SCREEN: Final = 900
"""Width of the picture in pixels."""


class KeepingConsole(Console):
    """A console that remembers what was printed."""

    kept: list[Any]

    def print(self, *objects: Any, **options: Any) -> None:
        """Print and remember."""
        self.kept = [*getattr(self, "kept", []), *objects]
        super().print(*objects, **options)


def main() -> None:
    """Run the demo and photograph it."""
    console = KeepingConsole()
    if not asyncio.run(show(console)):
        sys.exit("the demo failed; there is nothing to show")
    picture = Console(record=True, width=WIDTH, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123 - for the process
    for renderable in chosen(console.kept):
        picture.print(renderable)
    svg = picture.export_svg(title="newsbell demo", code_format=SVG, theme=THEME)
    # rich would squeeze wide letters into the width of as many narrow ones.
    photograph(re.sub(r'textLength="[\d.]+"([^>]*>[^<]*[\u3000-\u9fff])', r"\1", svg))


def chosen(kept: list[Any]) -> list[RenderableType]:
    """The message of each story that is shown, the group's where it got it, and all of the figures."""
    panels: dict[str, Panel] = {}
    rest: list[RenderableType] = []
    for renderable in kept:
        if isinstance(renderable, Panel) and isinstance(renderable.renderable, Text):
            for start in SHOWN:
                if renderable.renderable.plain.startswith(start):
                    in_group = str(renderable.title).startswith("-")
                    panels[start] = renderable if in_group else panels.get(start, renderable)
        elif isinstance(renderable, Table) or (isinstance(renderable, str) and "✓" in renderable):
            rest.append(renderable)
    return [panels[start] for start in SHOWN] + rest


def photograph(svg: str) -> None:
    """Let Chromium draw a picture into the target."""
    width, height = (float(side) for side in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0])
    page_of = "<!DOCTYPE html><meta charset=utf-8><body style='margin:0'>{}</body>".format
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "demo.html"
        page.write_text(page_of(svg), encoding="utf-8")
        subprocess.run(  # noqa: S603 - our own page
            [  # noqa: S607 - whichever Chromium is there
                "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                "--no-first-run", "--disable-background-networking", "--disable-component-update",
                f"--user-data-dir={folder}/profile", "--force-device-scale-factor=1",
                f"--window-size={SCREEN},{round(SCREEN * height / width)}", f"--screenshot={TARGET}", page.as_uri(),
            ],
            check=True,
            capture_output=True,
        )  # fmt: skip


if __name__ == "__main__":
    main()
