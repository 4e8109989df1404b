"""The commands. Imports stand inside them: `newsbell match` need not wait for what only `newsbell run` loads."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Final

FINDINGS: Final = 1
"""The exit code of a command that did its work and found something wrong."""

SECRETS: Final[list[str]] = []
"""What no line of output may hold, from the moment at which it is known."""


def drop_output() -> None:
    """Let what could not be written go, or Python would try again while it ends, and say so in its own words."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
