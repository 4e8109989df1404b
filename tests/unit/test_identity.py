from __future__ import annotations

from builders import make_article

from bot.feeds.identity import keyed, repeated_ids


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
