"""What is materially new in an article of a story that was told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import FEED, NOON, make_article, make_story

from bot.models import Article, FoldReason, Story, Teller
from bot.stories.development import FACTS, REPORTING, facts_of, news, remembered

OTHER = "https://other.example/feed"
HOUR = timedelta(hours=1)


def quake(title: str = "Quake kills 5 in Izmir", summary: str = "", **changes: object) -> Article:
    return make_article(title=title, summary=summary, **changes)


def story(*articles: Article) -> Story:
    """The wire's story that began an hour before noon with these articles."""
    told = frozenset[str]()
    for article in articles or (quake(),):
        told = remembered(told, facts_of(article))
    return make_story(
        facts=told,
        began_at=NOON - HOUR,
        last_at=NOON - HOUR,
        tellers=(Teller(feed_url=FEED, source="Example Wire"),),
    )


def new(
    article: Article, *told: Article, after: timedelta = HOUR, reason: FoldReason = FoldReason.SAME_EVENT
) -> tuple[str, ...]:
    known = story(*told)
    return news(article, at=known.began_at + after, reason=reason, story=known)


def elsewhere(title: str, summary: str = "", **changes: object) -> Article:
    return quake(title, summary, feed_url=OTHER, source="Other", **changes)


def test_a_figure_that_was_not_told_is_new() -> None:
    assert new(quake("Quake toll in Izmir rises to 23")) == ("23",)


def test_a_figure_that_was_told_is_not() -> None:
    assert new(quake("Toll in Izmir stays at five")) == ()


@pytest.mark.parametrize("same", ["1.200 Tote in Izmir", "伊兹密尔1200人死亡", "١٬٢٠٠ قتيل", "1 200 morts"])
def test_a_figure_is_the_same_in_every_script(same: str) -> None:
    assert new(quake(same, language=None), quake("1,200 dead in Izmir")) == ()


def test_in_scripts_without_case_a_figure_is_new_too() -> None:
    assert new(quake("伊兹密尔地震死亡人数升至23人", language="zh"), quake("伊兹密尔地震5人死亡")) == ("23",)


def test_what_the_opening_sentences_told_is_not_new() -> None:
    first = quake("Quake hits Izmir", "Five people died. Another 23 were hurt.")
    assert new(quake("23 hurt in Izmir"), first) == ()


def test_the_first_sentence_of_a_further_entry_tells_news() -> None:
    assert new(quake("Quake in Izmir: rescue goes on", "Rescuers now count 23 dead.")) == ("23",)


def test_the_sentences_of_others_do_not() -> None:
    assert new(elsewhere("Quake in Izmir: what we know", "It struck 16 km off the coast.")) == ()


def test_the_headlines_of_others_do() -> None:
    assert new(elsewhere("Izmir quake toll reaches 23")) == ("23",)


def test_the_first_reports_of_others_are_no_news() -> None:
    assert new(elsewhere("Izmir quake toll reaches 23"), after=REPORTING - timedelta(seconds=1)) == ()


def test_a_further_entry_of_the_feed_needs_no_wait() -> None:
    assert new(quake("Quake toll in Izmir rises to 23"), after=timedelta(minutes=5)) == ("23",)


def test_two_new_names_are_news() -> None:
    told = new(quake("Quake in Izmir: minister Kaya meets mayor Demir"))
    assert told == ("Kaya", "Demir")


def test_one_new_name_is_none() -> None:
    assert new(quake("Quake in Izmir: minister Kaya on the way")) == ()


def test_the_words_of_one_name_are_one_name() -> None:
    assert new(quake("Quake in Izmir: minister Ali Kaya on the way")) == ()


def test_a_story_without_names_in_a_language_learns_them_first() -> None:
    assert new(quake("Землетрясение: министр Кая и мэр Демир в Измире", language="ru")) == ()


@pytest.mark.parametrize(
    "reason", [FoldReason.SAME_URL, FoldReason.SAME_ID, FoldReason.SAME_TEXT, FoldReason.NEAR_TEXT]
)
def test_the_same_report_again_is_no_news(reason: FoldReason) -> None:
    assert new(quake("Quake toll in Izmir rises to 23"), reason=reason) == ()


def test_what_is_no_later_than_the_story_is_no_news() -> None:
    assert new(quake("Quake toll in Izmir rises to 23"), after=timedelta()) == ()


def test_the_facts_of_a_story_are_bounded_and_figures_stay_longest() -> None:
    names = frozenset(f"en:name{number}" for number in range(FACTS))
    kept = remembered(names, frozenset({"23", "5"}))
    assert (len(kept), kept >= {"23", "5"}) == (FACTS, True)


def test_a_story_that_told_so_much_has_no_new_names_but_new_figures() -> None:
    full = make_story(
        facts=frozenset(f"en:name{number}" for number in range(FACTS)),
        began_at=NOON - HOUR,
        last_at=NOON - HOUR,
    )
    article = quake("Quake in Izmir: minister Kaya counts 23 with mayor Demir")
    assert news(article, at=NOON, reason=FoldReason.SAME_EVENT, story=full) == ("23",)
