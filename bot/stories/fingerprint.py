"""Keys that two copies of one text share."""

from __future__ import annotations

import hashlib

from bot.models import Article
from bot.text.fold import fold_key


def text_key(article: Article) -> str | None:
    """The key of an article's title and body; None where the body says no more than the title.

    Two articles of one title are not one story: "Morning briefing" comes each day.
    """
    title = fold_key(article.title)
    body = fold_key(f"{article.summary}\n{article.content}")
    if not body or body == title:
        return None
    return digest(title, body)


def digest(*parts: str) -> str:
    """A key of 32 hexadecimal digits for a sequence of texts: 128 bits, so that no two will ever meet by chance."""
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:32]
