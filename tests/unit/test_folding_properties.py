"""What holds of folding whatever the articles are."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from builders import NOON, make_article
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.feeds.identity import keyed
from bot.models import Article, FoldReason
from bot.pipeline import fold, match_all
from bot.stories.fingerprint import text_key
from bot.stories.folding import Placement, StoryIndex, name_of
from bot.stories.keys import Keys

FEEDS: Final = [f"https://{name}.example/feed" for name in "abcd"]
REPEATED: Final = {FoldReason.SAME_ID, FoldReason.SAME_URL, FoldReason.SAME_TEXT, FoldReason.NEAR_TEXT}

_SYLLABLES: Final = "ka lo mi ren dor sta vel nor bri tan os ul pe gri hal mon ser tu".split()


def words(seed: int, number: int) -> list[str]:
    """Made-up words, the same each time."""
    chance = random.Random(seed)  # noqa: S311 - the same each time, and no secret
    return ["".join(chance.choices(_SYLLABLES, k=4)) for _ in range(number)]


def text_of(event: int, variant: int) -> str:
    """One of some texts of an event: most words are its own, and every text has some more."""
    common, own = words(event, 30), words(1000 * event + variant + 1, 8)
    chance = random.Random(variant)  # noqa: S311 - as above
    return " ".join(chance.sample(common, 24) + own).capitalize() + "."


def article_of(
    number: int, feed: str, event: int, variant: int, *, minutes: int, page: int | None
) -> Article:
    return make_article(
        feed_url=feed,
        entry_id=str(number),
        canonical_url=None if page is None else f"https://wire.example/{page}",
        title=" ".join(words(event, 3 + variant % 2)),
        summary=text_of(event, variant),
        published=NOON - timedelta(minutes=minutes),
    )


@st.composite
def news(draw: st.DrawFn, *, most: int = 14) -> list[Article]:
    """Articles of a few events in a few wordings, some at one time, some under one address."""
    drawn = st.tuples(
        st.sampled_from(FEEDS),
        st.integers(1, 4),
        st.integers(0, 5),
        st.integers(0, 3),
        st.one_of(st.none(), st.integers(1, 5)),
    )
    return [
        article_of(number, feed, event, variant, minutes=minutes, page=page)
        for number, (feed, event, variant, minutes, page) in enumerate(draw(st.lists(drawn, max_size=most)))
    ]


def poll(articles: Iterable[Article], index: StoryIndex, keys: Keys) -> dict[Article, Placement]:
    """The placements of one poll, by article."""
    placed = fold(match_all(keyed([*articles]), lambda _: ()), index, keys, NOON)
    return {each.candidate.keyed.article: each.place for each in placed}


def place(articles: Iterable[Article], index: StoryIndex, keys: Keys) -> list[Placement]:
    """The placements of articles that come one after the other."""
    return [
        index.place(article, at=article.published or NOON, keys=keys, text=text_key(article))
        for article in articles
    ]


def fresh(articles: Iterable[Article]) -> list[Placement]:
    return place(articles, StoryIndex(), Keys())


@settings(deadline=None, max_examples=40)
@given(news(), st.randoms(use_true_random=False))
def test_the_order_of_entries_within_a_poll_changes_nothing(
    articles: list[Article], chance: random.Random
) -> None:
    shuffled = chance.sample(articles, len(articles))
    assert poll(articles, StoryIndex(), Keys()) == poll(shuffled, StoryIndex(), Keys())


@settings(deadline=None, max_examples=40)
@given(news())
def test_articles_that_come_again_belong_where_they_did(articles: list[Article]) -> None:
    index, keys = StoryIndex(), Keys()
    first = place(articles, index, keys)
    again = place(articles, index, keys)
    assert [each.story_id for each in again] == [each.story_id for each in first]
    assert {each.reason for each in again} <= REPEATED


@settings(deadline=None, max_examples=40)
@given(news())
def test_articles_that_come_again_under_other_ids_found_no_story(articles: list[Article]) -> None:
    index, keys = StoryIndex(), Keys()
    stories = {each.story_id for each in place(articles, index, keys)}
    renamed = [
        make_article(
            feed_url=a.feed_url,
            entry_id=f"again-{a.entry_id}",
            canonical_url=None,
            title=a.title,
            summary=a.summary,
            published=a.published,
        )
        for a in articles
    ]
    again = place(renamed, index, keys)
    assert {each.story_id for each in again} <= stories
    assert {each.reason for each in again} <= REPEATED


@settings(deadline=None, max_examples=40)
@given(news())
def test_a_story_is_named_by_its_first_article(articles: list[Article]) -> None:
    founders: dict[str, Article] = {}
    for article, placement in zip(articles, fresh(articles), strict=True):
        founder = founders.setdefault(placement.story_id, article)
        assert (placement.reason is FoldReason.NEW) == (founder is article)
        assert placement.story_id == name_of(founder)


@settings(deadline=None, max_examples=40)
@given(news(), st.integers(100, 10_000))
def test_an_article_that_shares_no_word_founds_a_story(articles: list[Article], event: int) -> None:
    alone = article_of(99, FEEDS[0], event, 0, minutes=0, page=99)
    known = {word for article in articles for word in f"{article.title} {article.summary}".lower().split()}
    own = [word for word in words(event, 60) if word not in known and f"{word}." not in known]
    placed = fresh([*articles, make_article(**_parts(alone, " ".join(own[:4]), " ".join(own[4:])))])
    assert placed[-1].reason is FoldReason.NEW


def _parts(article: Article, title: str, body: str) -> dict[str, object]:
    return {
        "feed_url": article.feed_url,
        "entry_id": article.entry_id,
        "canonical_url": article.canonical_url,
        "title": title,
        "summary": body,
        "published": article.published,
    }


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.one_of(st.none(), st.integers(10, 10_000)),
        min_size=2,
        max_size=6,
        unique_by=lambda seed: seed or id,
    ),
    st.integers(1, 9),
    st.booleans(),
)
def test_a_title_alone_folds_nothing(bodies: Sequence[int | None], title: int, in_one_feed: bool) -> None:  # noqa: FBT001 - drawn
    said: set[str] = set()
    articles = []
    for number, seed in enumerate(bodies):
        body = [] if seed is None else [word for word in words(seed, 40) if word[:6] not in said]
        said |= {word[:6] for word in body}
        articles.append(
            make_article(
                feed_url=FEEDS[0 if in_one_feed else number % 4],
                entry_id=str(number),
                canonical_url=f"https://wire.example/{number}",
                title=" ".join(words(title, 5)),
                summary=" ".join(body),
            )
        )
    assert {each.reason for each in fresh(articles)} == {FoldReason.NEW}


@settings(deadline=None, max_examples=40)
@given(news(most=6), news(most=8), news(most=6))
def test_what_was_placed_and_taken_back_leaves_no_trace(
    before: list[Article], undone: list[Article], after: list[Article]
) -> None:
    index = StoryIndex()
    place(before, index, Keys())
    mark = index.mark()
    place(undone, index, Keys())
    index.rewind(mark)
    never = StoryIndex()
    place(before, never, Keys())
    never.mark()
    assert place(after, index, Keys()) == place(after, never, Keys())
