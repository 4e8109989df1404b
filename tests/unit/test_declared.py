import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.declared import believed_url

PAGE = "https://news.example/2026/pier?page=2"


@pytest.mark.parametrize(
    ("page", "declared"),
    [
        ("https://news.example/p?id=7", "https://news.example/2026/pier"),
        ("https://news.example/p?id=7", "/2026/pier"),
        ("https://amp.news.example/p?id=7", "https://www.news.example/2026/pier"),
        ("https://edition.news.example/2026/pier", "https://news.example/2026/pier"),
        ("https://news.example/2026/pier?x=1", " https://news.example/2026/pier?utm_source=head\n"),
    ],
)
def test_a_page_speaks_for_its_own_site(page: str, declared: str) -> None:
    assert believed_url(page, [declared]) == "https://news.example/2026/pier"


def test_a_page_may_name_an_address_below_its_site() -> None:
    assert believed_url(PAGE, ["https://sport.news.example/pier"]) == "https://sport.news.example/pier"


def test_a_copy_in_an_amp_cache_speaks_for_the_site_that_it_copies() -> None:
    page = "https://news-example.cdn.ampproject.org/c/s/news.example/2026/pier?page=2"
    assert believed_url(page, ["https://news.example/pier"]) == "https://news.example/pier"


@pytest.mark.parametrize(
    "declared",
    [
        "https://other.example/2026/pier",
        "https://news.example.evil.example/2026/pier",
        "https://evilnews.example/2026/pier",
        "https://www.google.com/url?q=https://other.example/2026/pier",
        "https://news.example/",
        "/",
        "javascript:alert(1)",
        "https://[::1",
        "",
        "https://news.example/" + "a" * 9_000,
    ],
)
def test_what_a_page_may_not_say_is_ignored(declared: str) -> None:
    assert believed_url(PAGE, [declared]) == PAGE


@pytest.mark.parametrize(
    ("page", "declared"),
    [
        ("https://mallory.blogspot.com/x", "https://alice.blogspot.com/x1"),
        ("https://mallory.co.uk/x", "https://co.uk/x1"),
        ("https://mallory.com.tr/x", "https://alice.com.tr/x1"),
    ],
)
def test_neighbours_under_one_suffix_do_not_speak_for_each_other(page: str, declared: str) -> None:
    assert believed_url(page, [declared]) == page


def test_a_page_that_names_two_addresses_names_none() -> None:
    assert believed_url(PAGE, ["/2026/pier", "/2026/port"]) == PAGE


def test_the_same_address_named_twice_counts() -> None:
    named = ["/2026/pier", "http://www.news.example/2026/pier/"]
    assert believed_url(PAGE, named) == "https://news.example/2026/pier"


def test_a_page_without_an_address_has_none() -> None:
    assert believed_url("ftp://news.example/x", ["https://news.example/x"]) is None


@given(st.lists(st.text(max_size=60), max_size=3))
def test_no_declaration_takes_a_page_to_another_site(declared: list[str]) -> None:
    believed = believed_url(PAGE, declared)
    assert believed is not None
    host = believed.removeprefix("https://").partition("/")[0]
    assert host == "news.example" or host.endswith(".news.example") or host.startswith("news.example:")
