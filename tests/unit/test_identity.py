from __future__ import annotations

import pytest
from builders import make_article

from bot.feeds.identity import Keyed, keyed, repeated_ids
from bot.models import Article


def test_an_entry_is_known_by_its_id() -> None:
    (entry,) = keyed([make_article(entry_id="1")])
    assert entry.keys[0] == "id:1"


def test_a_new_link_or_title_under_an_old_id_is_the_old_entry() -> None:
    edited = make_article(canonical_url="https://wire.example/new", title="Corrected")
    assert keyed([edited])[0].keys[0] == keyed([make_article()])[0].keys[0]


def test_without_an_id_the_link_is_the_key() -> None:
    (entry,) = keyed([make_article(entry_id=None)])
    assert entry.keys == ("url:https://wire.example/1",)


def test_without_id_and_link_the_text_is_the_key() -> None:
    bare = make_article(entry_id=None, canonical_url=None)
    edited = make_article(entry_id=None, canonical_url=None, title="Other")
    entries = keyed([bare, edited])
    assert len({entry.keys[0] for entry in entries}) == 2


def test_an_entry_listed_twice_counts_once() -> None:
    assert len(keyed([make_article(), make_article()])) == 1


def test_one_id_on_two_pages_is_noticed() -> None:
    assert repeated_ids([make_article(), make_article(canonical_url="https://wire.example/2")])


def test_one_id_on_one_page_is_no_repeat() -> None:
    assert not repeated_ids([make_article(), make_article(title="Corrected")])


def test_where_repeated_ids_both_pages_are_kept() -> None:
    pages = [make_article(), make_article(canonical_url="https://wire.example/2")]
    assert len(keyed(pages, repeated=repeated_ids(pages))) == 2


def test_an_id_that_repeats_costs_the_others_nothing() -> None:
    (entry,) = keyed([make_article(entry_id="2")], repeated=frozenset({"1"}))
    assert entry.keys[0] == "id:2"


def test_a_feed_whose_ids_begin_to_repeat_is_still_known_by_what_was_stored() -> None:
    before = keyed([make_article()])[0].keys
    assert keyed([make_article()], repeated=frozenset({"tag:wire.example,2026:1"}))[0].keys[0] in before


def test_a_long_id_is_kept_as_its_digest() -> None:
    (entry,) = keyed([make_article(entry_id="x" * 10_000)])
    assert len(entry.keys[0]) < 100


PAGE = "https://wire.example/news.html"


def on_page(place: str, **changes: object) -> Article:
    """An item of a page that lists its news by fragment."""
    return make_article(
        **{
            "entry_id": None,
            "url": f"{PAGE}#{place}",
            "canonical_url": PAGE,
            "title": f"News {place}",
            **changes,
        }
    )


def entries(*articles: Article, before: frozenset[str] = frozenset()) -> tuple[Keyed, ...]:
    """The entries of a document, where `before` is what the feed was known to repeat."""
    return keyed(articles, repeated=before | repeated_ids(articles))


def test_items_of_one_page_that_differ_by_fragment_and_title_are_kept_apart() -> None:
    both = entries(on_page("a1"), on_page("a2"))
    assert [entry.article.canonical_url for entry in both] == [f"{PAGE}#a1", f"{PAGE}#a2"]


def test_items_of_one_page_are_kept_apart_whatever_their_ids() -> None:
    both = entries(on_page("a1", entry_id="1"), on_page("a2", entry_id="2"))
    assert len({entry.article.canonical_url for entry in both}) == 2


def test_items_of_one_page_under_one_id_are_kept_apart() -> None:
    assert len(entries(on_page("a1", entry_id="1"), on_page("a2", entry_id="1"))) == 2


def test_an_item_alone_on_its_page_is_the_page() -> None:
    (entry,) = entries(on_page("a1"))
    assert entry.article.canonical_url == PAGE


def test_one_title_under_two_fragments_is_one_item() -> None:
    assert len(entries(on_page("top", title="One"), on_page("xtor=RSS-1", title="ONE"))) == 1


def test_a_page_that_several_items_shared_stays_shared() -> None:
    shared = repeated_ids([on_page("a1"), on_page("a2")])
    (entry,) = entries(on_page("a3"), before=shared)
    assert entry.article.canonical_url == f"{PAGE}#a3"


@pytest.mark.parametrize("entry_id", [None, "1"])
def test_a_page_that_begins_to_be_shared_brings_nothing_anew(entry_id: str | None) -> None:
    first = entries(on_page("a1", entry_id=entry_id))[0].keys
    again = entries(on_page("a1", entry_id=entry_id), on_page("a2", entry_id=entry_id))[0].keys
    assert again[0] in first


def test_a_second_item_of_a_page_is_none_that_was_stored() -> None:
    first = entries(on_page("a1"))[0].keys
    assert entries(on_page("a1"), on_page("a2"))[1].keys[0] not in first


def test_a_route_in_the_fragment_is_a_page_of_its_own() -> None:
    (entry,) = entries(on_page("!/1", canonical_url=f"{PAGE}#!/1"))
    assert entry.keys == (f"url:{PAGE}#!/1",)
