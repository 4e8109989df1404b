"""Relative links made absolute."""

from __future__ import annotations

from urllib.parse import quote, urljoin, urlsplit


def resolve(link: str, base: str) -> str | None:
    """The link as seen from `base`; None where it is malformed or promises a host that it does not name."""
    # White space within an address is a mistake that every browser forgives.
    link = "".join(quote(c) if c.isspace() and c not in "\r\n\t" else c for c in link.strip())
    try:
        parts = urlsplit(link)
        if parts.scheme in ("http", "https") and not parts.netloc:
            return None
        return urljoin(base, link)
    except ValueError:
        return None
