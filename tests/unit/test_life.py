"""How a story is told on by the articles that join it."""

from __future__ import annotations

from datetime import timedelta

from builders import FEED, NOON, make_article, make_match

from bot.models import Article, Feed, Match, Story
from bot.stories.life import WORDS, founded, owners, sources, told_on, words_of

OTHER = "https://other.example/feed"
MINUTE = timedelta(minutes=1)


def other(**changes: object) -> Article:
    return make_article(
        **{"feed_url": OTHER, "source": "Other", "title": "Another title", "url": "https://other.example/9"}
        | changes
    )


def story_of(*articles: Article, feeds: tuple[Feed, ...] = (), matches: tuple[Match, ...] = ()) -> Story:
    """The story of some articles, published a minute after one another from noon on."""
    listed = {feed.url: feed for feed in feeds}
    story = founded("s", articles[0], at=NOON, follows=None)
    for minutes, article in enumerate(articles):
        story = told_on(story, article, at=NOON + minutes * MINUTE, matches=matches, feeds=listed)
    return story


def test_a_story_is_led_by_its_first_article() -> None:
    lead = story_of(make_article(), other()).lead
    assert (lead.title, lead.published) == ("A refinery for rare earths", NOON)


def test_a_better_source_takes_the_lead_with_its_summary() -> None:
    feeds = (Feed(url=OTHER, rank=1),)
    lead = story_of(make_article(), other(summary="One sentence."), feeds=feeds).lead
    assert (lead.title, lead.summary, lead.url) == (
        "Another title",
        "One sentence.",
        "https://other.example/9",
    )


def test_a_story_lasts_from_its_earliest_to_its_latest_article() -> None:
    story = told_on(story_of(make_article(), other()), other(), at=NOON - MINUTE, matches=(), feeds={})
    assert (story.began_at, story.last_at) == (NOON - MINUTE, NOON + MINUTE)


def test_sources_stand_in_the_order_of_their_telling() -> None:
    assert sources(story_of(make_article(), other(), make_article()), {}) == ("Example Wire", "Other")


def test_the_linked_source_stands_first() -> None:
    feeds = (Feed(url=OTHER, rank=1),)
    story = story_of(make_article(), other(), feeds=feeds)
    assert sources(story, {OTHER: feeds[0]}) == ("Other", "Example Wire")


def test_feeds_of_one_owner_are_one_source() -> None:
    feeds = {url: Feed(url=url, owner="One House") for url in (FEED, OTHER)}
    story = story_of(make_article(), other())
    assert (sources(story, feeds), len(owners(story, feeds))) == (("Example Wire",), 1)


def test_words_are_kept_once_whatever_their_case() -> None:
    story = story_of(
        make_article(), matches=(make_match(text="rare  earths"), make_match(text="Rare Earths"))
    )
    assert story.words == (("rare-earth", ("rare earths",)),)


def test_words_are_bounded() -> None:
    story = story_of(make_article(), matches=tuple(make_match(text=f"word {n}") for n in range(99)))
    assert len(dict(story.words)["rare-earth"]) == WORDS


def test_words_are_told_by_rule() -> None:
    assert words_of([make_match("a", "x"), make_match("b", "y")]) == {"a": ("x",), "b": ("y",)}
