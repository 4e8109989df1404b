"""The search for a doubtful message among what stands in its chat."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.probing import BLIND, FARTHEST, Search, counts_ids
from bot.models import ChatKind, Found, Missing, Standing, Undecided, Vacant, Verdict

OURS = "Nadir toprak rafinerisi"
LAST = 41


def search(
    chat: Mapping[int, str],
    *,
    previous: int | None = LAST,
    kind: ChatKind | None = ChatKind.CHANNEL,
    text: str = OURS,
) -> tuple[Verdict, int]:
    """The verdict over a chat, and how many looks it took."""
    searching = Search(previous=previous, kind=kind, texts=(text,))
    looks = 0
    while searching.verdict is None:
        here = chat.get(searching.message_id)
        searching.see(Vacant() if here is None else Standing(text=here))
        looks += 1
    return searching.verdict, looks


def found_as(standing: str, text: str) -> bool:
    verdict, _ = search({LAST + 1: standing}, text=text)
    return verdict == Found(message_id=LAST + 1)


def test_the_next_id_is_looked_at_first() -> None:
    assert search({LAST + 1: OURS}) == (Found(message_id=LAST + 1), 1)


def test_a_message_behind_those_of_others_is_found() -> None:
    chat = {LAST + n: f"from somebody else {n}" for n in range(1, 30)} | {LAST + 30: OURS}
    assert search(chat) == (Found(message_id=LAST + 30), 30)


def test_in_a_channel_three_ids_without_a_message_are_the_end() -> None:
    assert search({}) == (Missing(), 3)
    assert search({LAST + 4: OURS}) == (Missing(), 3)
    assert search({LAST + 3: OURS}) == (Found(message_id=LAST + 3), 3)


@pytest.mark.parametrize("kind", [ChatKind.SUPERGROUP, None])
def test_in_a_supergroup_and_where_the_kind_is_not_known_ten_are(kind: ChatKind | None) -> None:
    assert search({}, kind=kind) == (Missing(), 10)
    assert search({LAST + 10: OURS}, kind=kind) == (Found(message_id=LAST + 10), 10)


def test_a_message_of_others_begins_the_count_of_empty_ids_anew() -> None:
    assert search({LAST + 3: "from somebody else", LAST + 6: OURS}) == (Found(message_id=LAST + 6), 6)


def test_after_fifty_ids_nobody_knows() -> None:
    verdict, looks = search({LAST + n: "from somebody else" for n in range(1, 100)})
    assert isinstance(verdict, Undecided)
    assert looks == FARTHEST


def test_what_stood_there_before_is_not_looked_at() -> None:
    assert search({LAST: OURS}) == (Missing(), 3)


def test_where_no_message_of_ours_is_known_a_hit_counts() -> None:
    assert search({1: "channel created", 2: OURS}, previous=None) == (Found(message_id=2), 2)


def test_where_no_message_of_ours_is_known_no_hit_proves_nothing() -> None:
    verdict, _ = search({}, previous=None)
    assert isinstance(verdict, Undecided)


def test_where_no_message_of_ours_is_known_an_old_chat_is_not_read_through() -> None:
    verdict, looks = search(dict.fromkeys(range(1, 100), "from somebody else"), previous=None)
    assert isinstance(verdict, Undecided)
    assert looks == BLIND


@pytest.mark.parametrize(
    "standing",
    [
        "Nadir  toprak\n\n rafinerisi",
        " Nadir toprak rafinerisi\n",
        "Nadir\u00a0toprak\u2028rafinerisi",
        "Nadir\x00 toprak\u200c rafinerisi",
    ],
)
def test_a_message_is_known_again_though_its_white_space_is_not(standing: str) -> None:
    assert found_as(standing, OURS)


def test_a_message_is_known_again_in_another_form_of_unicode() -> None:
    assert found_as("re\u0301fineries", "réfineries")


def test_marks_that_telegram_takes_away_are_not_missed() -> None:
    assert found_as("A rafineri", "A\u030a rafi\u0333neri")


@pytest.mark.parametrize(
    "standing", ["", "nadir toprak rafinerisi", "Nadır toprak rafinerisi", "Nadir toprak"]
)
def test_another_text_is_another_message(standing: str) -> None:
    assert not found_as(standing, OURS)


@given(st.text(max_size=60))
def test_every_text_is_known_again(text: str) -> None:
    assert found_as(text, text)


@given(st.dictionaries(st.integers(LAST + 1, LAST + 120), st.sampled_from(["", "another", OURS])))
def test_a_find_is_ours_and_every_search_ends(chat: dict[int, str]) -> None:
    verdict, looks = search(chat, kind=ChatKind.SUPERGROUP)
    assert looks <= FARTHEST
    assert not isinstance(verdict, Found) or chat[verdict.message_id] == OURS


@pytest.mark.parametrize(
    ("chat", "kind", "counts"),
    [
        ("@brics_watch", None, True),
        ("-1001234567890", None, True),
        ("-1000000000055", None, True),
        ("-1005", None, False),
        ("4711", None, False),
        ("@brics_watch", ChatKind.GROUP, False),
        ("4711", ChatKind.SUPERGROUP, True),
        ("4711", ChatKind.CHANNEL, True),
        ("-1001234567890", ChatKind.PRIVATE, False),
        ("", None, False),
        ("٤٧١١", None, False),
    ],
)
def test_channels_and_supergroups_have_ids_of_their_own(
    chat: str, kind: ChatKind | None, *, counts: bool
) -> None:
    assert counts_ids(chat, kind) is counts
