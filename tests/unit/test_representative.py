"""Which article of a story readers are shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import reduce
from typing import Any

import pytest
from builders import NOON
from hypothesis import example, given
from hypothesis import strategies as st

from bot.models import Feed, Lead
from bot.stories.representative import Access, better, standing

WIRE = "https://wire.example/rss.xml"
COURIER = "https://courier.example/rss.xml"
GLEANER = "https://news.google.com/rss/search?q=rare+earth"


def lead(feed_url: str = WIRE, url: str | None = "https://wire.example/1", *, minutes: int = 0) -> Lead:
    """An article that was published so many minutes after noon."""
    return Lead(
        feed_url=feed_url,
        source="Somebody",
        title="A refinery for rare earths",
        url=url,
        summary="",
        published=NOON + timedelta(minutes=minutes),
    )


def feeds(**changes: Any) -> dict[str, Feed]:
    """The feeds of these tests; the keywords are what the operator says of the courier."""
    listed = (Feed(url=WIRE), replace(Feed(url=COURIER), **changes), Feed(url=GLEANER))
    return {feed.url: feed for feed in listed}


def of_courier(url: str | None = "https://courier.example/1", *, minutes: int = 5) -> Lead:
    return lead(COURIER, url, minutes=minutes)


def access_of(url: str | None, *, feed: str = WIRE) -> Access:
    return standing(lead(feed, url), Feed(url=feed)).access


# The operator's rank


def test_the_better_ranked_source_is_shown_though_it_came_later() -> None:
    assert better(of_courier(minutes=300), lead(), feeds(rank=1))


def test_a_source_of_a_low_rank_gives_way_to_one_without_a_rank() -> None:
    assert better(lead(minutes=300), of_courier(), feeds(rank=9))


@pytest.mark.parametrize("rank", range(1, 5))
def test_a_rank_up_to_four_is_better_than_none(rank: int) -> None:
    assert better(of_courier(), lead(), feeds(rank=rank))


@pytest.mark.parametrize("rank", range(6, 10))
def test_a_rank_from_six_on_is_worse_than_none(rank: int) -> None:
    assert better(lead(minutes=10), of_courier(), feeds(rank=rank))


def test_a_rank_of_five_is_as_good_as_none() -> None:
    assert standing(of_courier(), Feed(url=COURIER, rank=5)) == standing(of_courier(), Feed(url=COURIER))


def test_a_rank_outweighs_a_paywall() -> None:
    assert better(of_courier(), lead(), feeds(rank=4, paywall=True))


def test_a_rank_outweighs_what_is_known_of_an_aggregator() -> None:
    assert better(of_courier("https://www.msn.com/en-us/news/1"), lead(), feeds(rank=4))


def test_an_original_of_the_last_rank_but_one_goes_before_an_aggregator_without_a_rank() -> None:
    assert better(of_courier(), lead(GLEANER, "https://news.google.com/rss/articles/1"), feeds(rank=8))


def test_of_two_sources_of_one_rank_the_open_one_is_shown() -> None:
    ranked = {WIRE: Feed(url=WIRE, rank=2, paywall=True), COURIER: Feed(url=COURIER, rank=2)}

    assert better(of_courier(), lead(), ranked)


# What is known of a link


def test_an_open_page_is_shown_in_place_of_one_behind_a_paywall() -> None:
    assert better(lead(minutes=10), of_courier(), feeds(paywall=True))


def test_a_page_behind_a_paywall_is_shown_in_place_of_an_aggregators_copy() -> None:
    assert better(
        of_courier(minutes=10), lead(GLEANER, "https://news.google.com/rss/articles/1"), feeds(paywall=True)
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://news.google.com/rss/articles/CBMi",
        "https://www.msn.com/en-us/news/world/1",
        "https://news.yahoo.com/refinery-1.html",
        "https://finance.yahoo.com/news/refinery-1.html",
        "https://news.yahoo.co.jp/articles/1",
        "https://flipboard.com/article/1",
        "https://www.smartnews.com/article/1",
        "https://www.newsbreak.com/news/1",
        "https://m.dailyhunt.in/news/india/1",
        "https://www.toutiao.com/article/1",
        "https://dzen.ru/a/1",
        "https://n.news.naver.com/article/1",
        "https://news.ycombinator.com/item?id=1",
        "HTTPS://News.Google.COM./articles/1",
    ],
)
def test_an_aggregator_is_known_by_its_host(url: str) -> None:
    assert access_of(url) is Access.AGGREGATED


@pytest.mark.parametrize(
    "url",
    [
        "https://www.wsj.com/articles/1",
        "https://cn.wsj.com/articles/1",
        "https://www.ft.com/content/1",
        "https://www.nytimes.com/1",
        "https://www.bloomberg.com/news/1",
        "https://www.economist.com/1",
        "https://www.washingtonpost.com/1",
        "https://www.thetimes.co.uk/article/1",
        "https://asia.nikkei.com/1",
    ],
)
def test_a_newspaper_that_is_closed_is_known_by_its_host(url: str) -> None:
    assert access_of(url) is Access.PAYWALLED


@pytest.mark.parametrize(
    "url",
    [
        "https://notmsn.com/1",
        "https://msn.com.example/1",
        "https://left.com/1",
        "https://ft.com.example/1",
        "https://google.com/1",
        "https://blog.google.com/1",
        "https://nikkei.com/1",
        "https://wire.example/?from=news.google.com",
        "https://wire.example/www.ft.com/1",
        "https://xn--msn-5na.com/1",
        "https://ｗire.example/msn.com",
    ],
)
def test_a_host_that_only_resembles_one_of_them_is_open(url: str) -> None:
    assert access_of(url) is Access.OPEN


def test_an_aggregators_feed_that_links_to_the_original_is_as_good_as_the_publishers() -> None:
    assert access_of("https://wire.example/1", feed="https://news.ycombinator.com/rss") is Access.OPEN


def test_a_newspapers_feed_that_links_to_an_aggregator_gives_a_copy() -> None:
    assert access_of("https://www.msn.com/en-us/1", feed=COURIER) is Access.AGGREGATED


def test_a_closed_newspaper_is_known_through_an_aggregators_link_to_it() -> None:
    assert access_of("https://www.wsj.com/1", feed="https://news.ycombinator.com/rss") is Access.PAYWALLED


def test_a_copy_stays_a_copy_though_its_feed_is_said_to_be_closed() -> None:
    copy = lead(COURIER, "https://www.msn.com/en-us/1")

    assert standing(copy, Feed(url=COURIER, paywall=True)).access is Access.AGGREGATED


def test_a_feed_that_is_no_longer_listed_is_judged_by_its_links() -> None:
    gone = lead("https://gone.example/rss.xml", "https://www.ft.com/content/1", minutes=-10)

    assert better(lead(), gone, feeds())


# Articles without a link


@pytest.mark.parametrize("url", [None, "", "mailto:desk@wire.example", "https://[", "https://:80/1"])
def test_an_article_without_a_usable_link_is_the_worst_of_its_kind(url: str | None) -> None:
    assert better(lead(minutes=10), of_courier(url), feeds())


def test_an_article_without_a_link_goes_before_one_behind_a_paywall() -> None:
    assert better(lead(url=None, minutes=10), of_courier(), feeds(paywall=True))


def test_without_a_link_an_aggregator_is_known_by_its_feed() -> None:
    assert access_of(None, feed=GLEANER) is Access.AGGREGATED


# Equals


def test_of_equal_sources_the_one_that_published_first_is_shown() -> None:
    assert better(lead(minutes=-1), of_courier(), feeds())


def test_of_equal_sources_a_later_one_changes_nothing() -> None:
    assert not better(of_courier(), lead(), feeds())


def test_of_equal_sources_that_published_at_once_the_one_that_is_shown_stays() -> None:
    assert not better(of_courier(minutes=0), lead(minutes=0), feeds())


def test_of_two_articles_of_one_source_the_earlier_is_shown() -> None:
    assert better(of_courier(minutes=1), of_courier("https://courier.example/2", minutes=7), feeds(rank=1))


LINKS = st.sampled_from(
    [None, "https://wire.example/1", "https://www.ft.com/1", "https://www.msn.com/1", "https://dzen.ru/1"]
)
LISTED = st.builds(Feed, url=st.just(WIRE), rank=st.none() | st.integers(1, 9), paywall=st.booleans())


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[Lead], dict[str, Feed]]:
    """Articles that were all published at different times, in some order of arrival, and their feeds."""
    times = draw(st.lists(st.integers(-60, 60), min_size=2, max_size=8, unique=True))
    urls = [f"https://paper-{number}.example/rss.xml" for number in range(len(times))]
    listed = {url: replace(draw(LISTED), url=url) for url in urls}
    return [lead(url, draw(LINKS), minutes=time) for url, time in zip(urls, times, strict=True)], listed


def shown(articles: list[Lead], listed: dict[str, Feed]) -> Lead:
    """The article that is left after all have come in this order."""
    return reduce(
        lambda current, candidate: candidate if better(candidate, current, listed) else current, articles
    )


@given(stories(), st.data())
def test_the_order_in_which_articles_come_decides_nothing(
    story: tuple[list[Lead], dict[str, Feed]], data: st.DataObject
) -> None:
    articles, listed = story
    in_another_order = data.draw(st.permutations(articles))

    assert shown(in_another_order, listed) == shown(articles, listed)


@given(stories())
def test_no_two_articles_are_each_better_than_the_other(story: tuple[list[Lead], dict[str, Feed]]) -> None:
    (first, second, *_), listed = story

    assert better(first, second, listed) is not better(second, first, listed)


@given(st.text(max_size=80).map(lambda text: f"https://{text}") | st.text(max_size=80))
@example("https://\ud800.example/")
@example("https://msn.com\0/")
@example("https://" + "a." * 5_000 + "msn.com/")
@example("https://İstanbul.example/")
def test_a_link_that_names_no_host_says_nothing_against_its_article(url: str) -> None:
    judged = standing(lead(url=url), feeds()[WIRE])

    assert judged.access is Access.OPEN or not judged.unlinked
