"""Regular expressions of rules: google-re2, which takes linear time whatever the expression and the text."""

from __future__ import annotations

from typing import Final

import re2

_REGEX_MEMORY: Final = 8 << 20
"""What one regular expression may use, in bytes; RE2's own default. A larger one is refused."""
_PROBES: Final = ("", "a", "a 1-\nB")
"""Texts in which a regular expression that can match nothing does so."""


def check_regex(pattern: str) -> str | None:
    """What is wrong with a regular expression, as a sentence; None where nothing is."""
    try:
        compiled = compile_regex(pattern)
    except (re2.error, UnicodeEncodeError) as error:
        return f"the regular expression does not compile: {_reason(error)}"
    if any(match.start() == match.end() for probe in _PROBES for match in compiled.finditer(probe)):
        return "the regular expression matches the empty text, and so would ring everywhere"
    return None


def compile_regex(pattern: str) -> re2._Regexp:
    """Compile an expression; raises re2.error or UnicodeEncodeError where it is wrong."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _REGEX_MEMORY
    return re2.compile(pattern, options)


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "it holds half of a surrogate pair"
    reason = error.args[0] if error.args else "unknown"
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return "it is too large" if "too large" in text else text
