"""The commands. Imports stand inside them: `newsbell match` need not wait for what only `newsbell run` loads."""

from __future__ import annotations

from typing import Final

FINDINGS: Final = 1
"""The exit code of a command that did its work and found something wrong."""

SECRETS: Final[list[str]] = []
"""What no line of output may hold, from the moment at which it is known."""
