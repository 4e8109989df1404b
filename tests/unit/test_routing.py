from __future__ import annotations

from bot.alerts.routing import Owed, route
from bot.rules.definitions import Channel

WIRE = Channel(chat="@wire", rules=("rare-earth", "brics"))
WATCH = Channel(chat="@watch", rules=("brics",))


def test_a_chat_hears_of_the_rules_that_it_follows() -> None:
    assert route(["brics", "byd"], [WIRE]) == (Owed(chat="@wire", thread=None, rules=("brics",)),)


def test_a_chat_that_follows_several_is_owed_once() -> None:
    assert route(["rare-earth", "brics"], [WIRE]) == (
        Owed(chat="@wire", thread=None, rules=("rare-earth", "brics")),
    )


def test_a_chat_that_follows_none_is_owed_nothing() -> None:
    assert route(["byd"], [WIRE, WATCH]) == ()


def test_every_chat_that_follows_is_owed() -> None:
    assert [owed.chat for owed in route(["brics"], [WIRE, WATCH])] == ["@wire", "@watch"]


def test_topics_of_one_chat_are_places_of_their_own() -> None:
    topics = [Channel(chat="-100", thread=thread, rules=("brics",)) for thread in (1, 2)]
    assert [owed.thread for owed in route(["brics"], topics)] == [1, 2]


def test_one_chat_in_two_spellings_is_owed_once_of_all() -> None:
    owed = route(["brics", "byd"], [WATCH, Channel(chat="@Watch", rules=("byd", "brics"))])
    assert owed == (Owed(chat="@watch", thread=None, rules=("brics", "byd")),)
