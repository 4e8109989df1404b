"""What is materially new in an article of a story that has been told.

Later articles of a story mostly say what the first did, with other details in other words. One brings news when

* it was folded by its event: one with the story's address, id or text is the same report, edited or copied;
* it is later than all that the story had;
* it is a further entry of a feed that tells the story, or comes `REPORTING` after the story began: the first reports
  of others differ in detail and are no news to anybody;
* its title, or the first sentence of a further entry, tells a figure that the story has not told, or two new names.
  One name may be the reporter's, an expert's or another spelling. What others add is news where they make a headline
  of it; in their sentences everybody has other details. So are numbers in letters: "four ministers", "two weeks".

What was told are the titles and opening sentences of all articles so far, more of each than is asked of the new one,
so that in doubt nothing is new. Names are held only against names told in the same language, since they change with
it, and are none of the news before there are any. Which figures and names count is said where they are read.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.models import Article, FoldReason, Story
from bot.stories.figures import figures
from bot.stories.names import Name, is_known, names
from bot.stories.summary import opening

REPORTING: Final = timedelta(minutes=30)
"""How long after a story began others are still writing their first reports of it."""

NAMES: Final = 2
"""New names that make news."""

TOLD: Final = 3
"""Opening sentences of a body that count as told: what a message shows of it, and one more."""

FACTS: Final = 200
"""Facts that are remembered of a story. One with more has named everybody: its names are news no longer, and go
before its figures."""

_READ: Final = 600
"""Code points of a title or sentence that are looked at."""


def facts_of(article: Article) -> frozenset[str]:
    """What an article tells, in the form of `Story.facts`: figures by value, names by language and word."""
    body = _body(article)
    values = {
        value
        for sentence in (article.title[:_READ], *body)
        for value in figures(sentence, language=article.language)
    }
    words = {word for name in _names(article, body, body) for word in name.words}
    return frozenset(values | {_fact(article, word) for word in words})


def news(article: Article, *, at: datetime, reason: FoldReason, story: Story) -> tuple[str, ...]:
    """What is materially new in an article, as it is written there; empty where nothing is.

    `at` is when it was published, `reason` why it belongs to the story, `story` what was known before it.
    """
    if reason is not FoldReason.SAME_EVENT or at <= story.last_at:
        return ()
    tells_on = any(teller.feed_url == article.feed_url for teller in story.tellers)
    if not tells_on and at < story.began_at + REPORTING:
        return ()
    body = _body(article)
    told = body[:1] if tells_on else []
    found = figures(article.title[:_READ], language=article.language)
    for sentence in told:
        found = {**figures(sentence), **found}
    new = [written for value, written in found.items() if value not in story.facts]
    return (*new, *_new_names(_names(article, told, body), article, story))


def remembered(told: frozenset[str], more: frozenset[str]) -> frozenset[str]:
    """The facts of a story after more were told."""
    together = told | more
    if len(together) <= FACTS:
        return together
    return frozenset(
        sorted(together, key=lambda fact: (not _is_figure(fact), fact not in told, fact))[:FACTS]
    )


def _body(article: Article) -> list[str]:
    return [sentence[:_READ] for sentence in opening(article)[:TOLD]]


def _names(article: Article, told: list[str], body: list[str]) -> tuple[Name, ...]:
    return names(article.title[:_READ], told, body=body, source=article.source, language=article.language)


def _new_names(found: tuple[Name, ...], article: Article, story: Story) -> tuple[str, ...]:
    """The names that nobody told, where they are enough to be news."""
    prefix = _fact(article, "")
    known = [fact.removeprefix(prefix) for fact in story.facts if fact.startswith(prefix)]
    if not known or len(story.facts) >= FACTS:
        return ()
    new: list[Name] = []
    for name in found:
        if not is_known(name, known) and not is_known(name, (word for other in new for word in other.words)):
            new.append(name)
    return tuple(name.written for name in new) if len(new) >= NAMES else ()


def _fact(article: Article, word: str) -> str:
    return f"{article.language or ''}:{word}"


def _is_figure(fact: str) -> bool:
    return fact[:1].isdigit()
