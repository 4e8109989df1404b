from __future__ import annotations

from datetime import timedelta

from builders import NOON

from bot.alerts.routing import Cooldowns, Owed, rank, route
from bot.models import Cooldown, Place
from bot.rules.definitions import Channel, Group, Priority, Rule

WIRE = Channel(chat="@wire", rules=("rare-earth", "brics"))
WATCH = Channel(chat="@watch", rules=("brics",))
PLACE = Place(chat="@wire")
HOUR = timedelta(hours=1)
HOURLY = Rule(id="brics", title="BRICS", when=Group(), cooldown=HOUR)
ALWAYS = Rule(id="rare-earth", title="Rare earths", when=Group())
RULES = {rule.id: rule for rule in (HOURLY, ALWAYS)}


def owed(*rules: str) -> Owed:
    return Owed(place=PLACE, rules=rules)


def test_a_chat_hears_of_the_rules_that_it_follows() -> None:
    assert route(["brics", "byd"], [WIRE]) == (owed("brics"),)


def test_a_chat_that_follows_several_is_owed_once() -> None:
    assert route(["rare-earth", "brics"], [WIRE]) == (owed("rare-earth", "brics"),)


def test_a_chat_that_follows_none_is_owed_nothing() -> None:
    assert route(["byd"], [WIRE, WATCH]) == ()


def test_every_chat_that_follows_is_owed() -> None:
    assert [each.place.chat for each in route(["brics"], [WIRE, WATCH])] == ["@wire", "@watch"]


def test_topics_of_one_chat_are_places_of_their_own() -> None:
    topics = [Channel(chat="-100", thread=thread, rules=("brics",)) for thread in (1, 2)]
    assert [each.place.thread for each in route(["brics"], topics)] == [1, 2]


def test_one_chat_in_two_spellings_is_owed_once_of_all() -> None:
    both = route(["brics", "byd"], [WATCH, Channel(chat="@Watch", rules=("byd", "brics"))])
    assert both == (Owed(place=Place(chat="@watch"), rules=("brics", "byd")),)


def test_an_alert_is_as_urgent_as_its_most_urgent_rule() -> None:
    rules = [Rule(id=p.value, title="", when=Group(), priority=p) for p in Priority]
    assert (rank(rules), rank(rules[1:]), rank(rules[2:])) == (1, 0, -1)


def test_an_alert_waits_while_its_rule_cools_down() -> None:
    running = Cooldown(place=PLACE, rule="brics", until=NOON + HOUR)
    assert Cooldowns([running], NOON).holding(owed("brics")) == "brics"


def test_a_cooldown_that_has_passed_holds_nothing() -> None:
    running = Cooldown(place=PLACE, rule="brics", until=NOON)
    assert Cooldowns([running], NOON).holding(owed("brics")) is None


def test_a_rule_that_is_free_lets_the_alert_through() -> None:
    running = Cooldown(place=PLACE, rule="brics", until=NOON + HOUR)
    assert Cooldowns([running], NOON).holding(owed("brics", "rare-earth")) is None


def test_a_cooldown_is_a_places_own() -> None:
    running = Cooldown(place=Place(chat="@watch"), rule="brics", until=NOON + HOUR)
    assert Cooldowns([running], NOON).holding(owed("brics")) is None


def test_of_several_cooldowns_the_first_to_end_is_waited_for() -> None:
    running = [
        Cooldown(place=PLACE, rule="brics", until=NOON + HOUR),
        Cooldown(place=PLACE, rule="byd", until=NOON + HOUR / 2),
    ]
    assert Cooldowns(running, NOON).holding(owed("brics", "byd")) == "byd"


def test_an_alert_begins_the_cooldowns_of_its_rules() -> None:
    cooldowns = Cooldowns([], NOON)
    started = cooldowns.start(owed("brics", "rare-earth"), RULES)
    assert started == (Cooldown(place=PLACE, rule="brics", until=NOON + HOUR),)
    assert cooldowns.holding(owed("brics")) == "brics"
