"""Makes bot/rules/countries.json from the CLDR's JSON packages cldr-core and cldr-localenames-full (npm).

Usage: python tools/build_countries.py PATH/TO/cldr-core PATH/TO/cldr-localenames-full

Taken are the locales that the CLDR covers fully ("modern"), each country's name and its alternative names
(TR-alt-variant: Turkey). Dropped are regions that are no countries, and forms that never stand in news, as
"Congo - Kinshasa" or "Falkland Islands (Islas Malvinas)".
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

_KEY = re.compile(r"(?P<code>[A-Z]{2})(-alt-\w+)?")
_NO_COUNTRY = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
_TWO_NAMES = frozenset({"MM", "CI", "TL", "NZ"})
"""Where "A (B)" is the country's two names, as Myanmar (Burma), and not a name with a remark."""
_DASHED = frozenset({"PG", "BA"})
"""Where a dash between spaces belongs to the name."""
_BRACKETS = re.compile(r"\s*[()（）]\s*")
_NOT_A_NAME = frozenset({"RU", "R.-U.", "A.S"})
"""Abbreviations that mean something else to every reader."""


def main(core: str, names: str) -> None:
    """Write the table: country code to name to the languages that use it."""
    levels = json.loads((Path(core) / "coverageLevels.json").read_text(encoding="utf-8"))["coverageLevels"]
    table: dict[str, dict[str, set[str]]] = {}
    for locale in sorted(name for name, level in levels.items() if level == "modern"):
        source = Path(names) / "main" / locale / "territories.json"
        document = json.loads(source.read_text(encoding="utf-8"))
        territories = document["main"][locale]["localeDisplayNames"]["territories"]
        for key, name in territories.items():
            if re.match(r"[A-Z]{2}-", name):
                continue  # some locales hold the key in place of a name
            match = _KEY.fullmatch(key)
            if match is None or match["code"] in _NO_COUNTRY:
                continue
            for clean in _clean(match["code"], name):
                table.setdefault(match["code"], {}).setdefault(clean, set()).add(locale.split("-")[0])
    lines = [
        f"{json.dumps(code)}: {json.dumps({n: ' '.join(sorted(found)) for n, found in sorted(entry.items())}, ensure_ascii=False)}"
        for code, entry in sorted(table.items())
    ]
    target = Path(__file__).parent.parent / "bot" / "rules" / "countries.json"
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _clean(code: str, name: str) -> list[str]:
    if name in _NOT_A_NAME:
        return []
    if _BRACKETS.search(name):
        return [part for part in _BRACKETS.split(name) if part] if code in _TWO_NAMES else []
    if re.search(r" [-–—] ", name) and code not in _DASHED:
        return []
    return [name]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
