"""Draw the pictures in docs: the demo's messages and figures, an article explained, and each kind of message.

Needs Chromium and fonts of all the scripts in play; run it by `make screenshots`.
"""

from __future__ import annotations

import asyncio
import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from bot.demo.show import show
from bot.models import Article
from bot.rules.engine import compile_rules
from bot.rules.explain import explain
from bot.rules.loader import load_rules
from bot.telegram.preview import panel
from bot.terminal import show_explanation
from tools.specimens import specimens

ROOT: Final = Path(__file__).parents[1]
WIDTH: Final = 92
SHOWN: Final = (
    ("100000001", "BYD signs for a car factory in Manisa"),
    ("100000001", "🔄 BYD raises its investment"),
    ("-1002000000001", "Türkiye sends its energy minister to China"),
    ("@rare_earth_wire", "土耳其擬在貝利科瓦"),
    ("@rare_earth_wire", "إسكي شهير"),
)
"""The messages of the picture: chats, and how the texts begin."""

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


ARTICLE: Final = Article(
    feed_url="",
    source="",
    entry_id=None,
    url=None,
    canonical_url=None,
    title="Turkey weighs a partner for its rare earths",
    summary=(
        "Ankara has applied to join BRICS and looks to Beijing for help with a refinery. Talks go on while the "
        "price of turkey breast rises, the ministry said, and nobody can say yet who will build what, where, "
        "and with whose money; that is for the autumn. BYD, which makes batteries, gave no comment."
    ),
    content="",
    language="en",
    published=None,
)


def main() -> None:
    """Draw all."""
    photograph(demo(), "newsbell demo", ROOT / "docs" / "demo.png")
    photograph(explained(), "newsbell explain", ROOT / "docs" / "explain.png")
    photograph(kinds_of_messages(), "what chats are told", ROOT / "docs" / "messages.png")


def demo() -> Console:
    """The demo, run anew, and some of what it printed."""
    console = KeepingConsole()
    if not asyncio.run(show(console)):
        sys.exit("the demo failed; there is nothing to show")
    picture = recorder()
    for renderable in chosen(console.kept):
        picture.print(renderable)
    return picture


def explained() -> Console:
    """An article held against the shipped rules."""
    picture = recorder()
    traces = compile_rules(load_rules(ROOT / "rules.yaml")).explain(ARTICLE)
    show_explanation(picture, explain(ARTICLE, traces))
    return picture


def kinds_of_messages() -> Console:
    """One message of each kind, as the preview shows it."""
    picture = recorder()
    for message, chat, note in specimens():
        picture.print(panel(message, chat, note))
    return picture


def recorder() -> Console:
    """A console that records and shows nothing."""
    return Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="standard")


def chosen(kept: list[Any]) -> list[RenderableType]:
    """The messages that are shown, and all of the figures."""
    panels: dict[tuple[str, str], RenderableType] = {}
    rest: list[RenderableType] = []
    for renderable in kept:
        framed = renderable.renderable if isinstance(renderable, Padding) else renderable
        if isinstance(framed, Panel) and isinstance(framed.renderable, Text):
            for chat, start in SHOWN:
                if str(framed.title) == chat and framed.renderable.plain.startswith(start):
                    panels[chat, start] = renderable
        elif isinstance(renderable, Table) or (isinstance(renderable, str) and "✓" in renderable):
            rest.append(renderable)
    return [panels[each] for each in SHOWN] + rest


def photograph(console: Console, title: str, target: Path) -> None:
    """Let Chromium draw what a console recorded into a file."""
    svg = console.export_svg(title=title, code_format=SVG, theme=THEME)
    # rich would squeeze wide letters into the width of as many narrow ones.
    svg = re.sub(r'textLength="[\d.]+"([^>]*>[^<]*[\u3000-\u9fff])', r"\1", svg)
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
                f"--window-size={SCREEN},{round(SCREEN * height / width)}", f"--screenshot={target}", page.as_uri(),
            ],
            check=True,
            capture_output=True,
        )  # fmt: skip


if __name__ == "__main__":
    main()
