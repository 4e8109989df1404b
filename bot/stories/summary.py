"""The two sentences that say what happened."""

from __future__ import annotations

from typing import Final

from bot.models import Article
from bot.text.fold import fold_key
from bot.text.sentences import sentences

SENTENCES: Final = 2
READ: Final = 4000
"""Code points of a body that are looked at; a lead stands at the top."""


def summarise(article: Article) -> str:
    """The first two sentences that the title has not said already; empty where there are none.

    News is written with the weight at the top, so that the lead is hard to beat as a summary.
    """
    return _joined(opening(article)[:SENTENCES])


def opening(article: Article) -> list[str]:
    """The sentences with which the body begins, without those that the title has said already."""
    title = fold_key(article.title)
    for text in (article.summary, article.content):
        told = [
            sentence
            for sentence in sentences(text[:READ], language=article.language)
            if fold_key(sentence).rstrip(". ") != title.rstrip(". ")
        ]
        if told:
            return told
    return []


def _joined(lead: list[str]) -> str:
    """Sentences side by side, with a space where their script has spaces."""
    return "".join(
        sentence if number == len(lead) or sentence[-1] in "。！？」』" else f"{sentence} "
        for number, sentence in enumerate(lead, start=1)
    )
