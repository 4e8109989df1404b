from __future__ import annotations

from dataclasses import replace

from builders import FEED, NOON, make_article
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Article, FoldReason, KnownArticle
from bot.stories.fingerprint import text_key
from bot.stories.folding import Placement, StoryIndex
from bot.stories.keys import Keys, url_key

OTHER = "https://other.example/feed"


def other(**changes: object) -> Article:
    """The same news from another outlet, with nothing in common but what a test says."""
    return make_article(
        **{
            "feed_url": OTHER,
            "source": "Other",
            "entry_id": "9",
            "canonical_url": "https://other.example/9",
            "title": "Something else",
            "summary": "Another text altogether.",
            **changes,
        }
    )


class Folder:
    """An index of stories with the keys of their articles."""

    def __init__(self, *known: KnownArticle) -> None:
        self._index = StoryIndex()
        self._keys = Keys(known)

    def place(self, article: Article, *, id_repeats: bool = False) -> Placement:
        return self._index.place(
            article, at=NOON, keys=self._keys, text=text_key(article), id_repeats=id_repeats
        )


def place(folder: Folder, article: Article, *, id_repeats: bool = False) -> Placement:
    return folder.place(article, id_repeats=id_repeats)


def test_an_article_that_shares_nothing_is_a_new_story() -> None:
    folder = Folder()
    first, second = place(folder, make_article()), place(folder, other())
    assert (first.reason, second.reason) == (FoldReason.NEW, FoldReason.NEW)
    assert first.story_id != second.story_id


def test_the_same_canonical_url_is_the_same_story() -> None:
    folder = Folder()
    first = place(folder, make_article())
    second = place(folder, other(canonical_url="https://wire.example/1"))
    assert (second.story_id, second.reason) == (first.story_id, FoldReason.SAME_URL)


def test_the_same_id_within_a_feed_is_the_same_story() -> None:
    folder = Folder()
    first = place(folder, make_article())
    edited = make_article(
        canonical_url="https://wire.example/moved", title="Corrected", summary="All new words."
    )
    second = place(folder, edited)
    assert (second.story_id, second.reason) == (first.story_id, FoldReason.SAME_ID)


def test_the_same_id_in_another_feed_means_nothing() -> None:
    folder = Folder()
    place(folder, make_article(entry_id="1"))
    assert place(folder, other(entry_id="1")).reason is FoldReason.NEW


def test_where_a_feeds_ids_repeat_they_say_nothing() -> None:
    folder = Folder()
    place(folder, make_article(), id_repeats=True)
    second = make_article(canonical_url="https://wire.example/2", title="Another", summary="Other words.")
    assert place(folder, second, id_repeats=True).reason is FoldReason.NEW


def test_pages_under_one_id_and_title_are_stories_of_their_own() -> None:
    folder = Folder()
    briefing = make_article(title="Morning briefing", summary="")
    first = place(folder, briefing, id_repeats=True)
    second = place(folder, replace(briefing, canonical_url="https://wire.example/2"), id_repeats=True)
    assert first.story_id != second.story_id


def test_equal_title_and_body_are_the_same_story() -> None:
    folder = Folder()
    first = place(folder, make_article())
    copied = other(title=make_article().title.upper(), summary=f"  {make_article().summary}\n")
    assert place(folder, copied).story_id == first.story_id


def test_a_body_counts_the_same_as_summary_or_as_content() -> None:
    moved = make_article(summary="", content=make_article().summary)
    assert text_key(moved) == text_key(make_article())


def test_an_equal_title_alone_never_folds() -> None:
    folder = Folder()
    place(folder, make_article(title="Morning briefing", summary=""))
    assert place(folder, other(title="Morning briefing", summary="")).reason is FoldReason.NEW


def test_a_body_that_repeats_the_title_is_no_body() -> None:
    assert text_key(make_article(title="Morning briefing", summary="morning  briefing")) is None


def test_one_title_over_different_bodies_never_folds() -> None:
    folder = Folder()
    place(folder, make_article(title="Markets", summary="Shares rose 1 percent."))
    assert place(folder, other(title="Markets", summary="Shares rose 2 percent.")).reason is FoldReason.NEW


def test_the_front_page_of_a_site_is_no_identity() -> None:
    folder = Folder()
    place(folder, make_article(canonical_url="https://wire.example"))
    assert place(folder, other(canonical_url="https://wire.example")).reason is FoldReason.NEW


def test_a_page_named_by_its_query_is_an_identity() -> None:
    assert url_key("https://wire.example/?p=12") == "https://wire.example/?p=12"


def test_stored_articles_are_joined_like_fresh_ones() -> None:
    known = KnownArticle(story_id="old", canonical_url="https://wire.example/1", text_key=None)
    assert place(Folder(known), make_article()).story_id == "old"


def test_an_entry_founds_the_same_story_again() -> None:
    assert place(Folder(), make_article()).story_id == place(Folder(), make_article()).story_id


def test_articles_without_id_and_url_found_stories_of_their_own() -> None:
    folder = Folder()
    first = place(folder, make_article(entry_id=None, canonical_url=None))
    second = place(
        folder, make_article(entry_id=None, canonical_url=None, title="Another", summary="Other words.")
    )
    assert first.story_id != second.story_id


@given(
    st.lists(
        st.builds(
            lambda feed, number, url, text: make_article(
                feed_url=feed, entry_id=number, canonical_url=url, summary=text
            ),
            st.sampled_from([FEED, OTHER]),
            st.sampled_from([None, "1", "2", "3"]),
            st.sampled_from([None, "https://a.example/1", "https://a.example/2"]),
            st.sampled_from(["", "one text", "another text"]),
        ),
        max_size=12,
    )
)
def test_placing_everything_twice_makes_no_new_story(articles: list[Article]) -> None:
    folder = Folder()
    keyed = [a for a in articles if a.canonical_url or a.entry_id or text_key(a)]
    once = {place(folder, article).story_id for article in keyed}
    assert {place(folder, article).story_id for article in keyed} <= once
