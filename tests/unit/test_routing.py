from __future__ import annotations

from datetime import timedelta

from builders import NOON

from bot.alerts.routing import Cooldowns, Owed, handling, place_key, rank, route
from bot.models import Cooldown, Handling, OnTopicClosed, OnUncertain, Place
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


def test_a_chat_under_two_addresses_is_owed_once_of_all_under_the_first() -> None:
    by_id = Channel(chat="-1007", rules=("byd", "brics"))
    assert route(["brics", "byd"], [WATCH, by_id], {"@watch": "-1007"}) == (
        Owed(place=Place(chat="@watch"), rules=("brics", "byd")),
    )


def test_the_first_name_counts_even_where_only_the_second_follows() -> None:
    by_id = Channel(chat="-1007", rules=("byd",))
    (owed_once,) = route(["byd"], [WATCH, by_id], {"@watch": "-1007"})
    assert owed_once.place == Place(chat="@watch")


def test_topics_of_a_chat_under_two_addresses_stay_places_of_their_own() -> None:
    channels = [Channel(chat="-1007", thread=2, rules=("brics",)), WATCH]
    assert len(route(["brics"], channels, {"@watch": "-1007"})) == 2


def test_a_place_has_one_key_in_every_spelling_and_under_every_address() -> None:
    names = ("@Watch", "@WATCH", "-1007")
    assert {place_key(Place(chat=name, thread=2), {"@watch": "-1007"}) for name in names} == {("-1007", 2)}


def test_a_channel_says_how_its_deliveries_are_handled() -> None:
    channel = Channel(
        chat="@wire",
        rules=(),
        expires=HOUR,
        on_uncertain=OnUncertain.DROP,
        on_topic_closed=OnTopicClosed.HOLD,
    )
    assert handling(channel) == Handling(
        expires=HOUR, on_uncertain=OnUncertain.DROP, on_topic_closed=OnTopicClosed.HOLD
    )


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


def test_a_cap_that_is_reached_holds_an_alert_whose_rules_are_free() -> None:
    reached = Cooldown(place=PLACE, rule="*", until=NOON + HOUR)
    assert Cooldowns([reached], NOON).holding(owed("brics"), "*") == "*"


def test_a_cap_that_does_not_concern_an_alert_does_not_hold_it() -> None:
    reached = Cooldown(place=PLACE, rule="*", until=NOON + HOUR)
    assert Cooldowns([reached], NOON).holding(owed("brics")) is None


def test_a_rule_that_cools_down_is_waited_for_rather_than_a_cap() -> None:
    running = [Cooldown(place=PLACE, rule=name, until=NOON + HOUR) for name in ("*", "brics")]
    assert Cooldowns(running, NOON).holding(owed("brics"), "*") == "brics"


def test_a_paused_rule_cools_down_everywhere() -> None:
    cooldowns = Cooldowns([], NOON, {"brics": NOON + HOUR})
    assert cooldowns.holding(owed("brics")) == "brics"
    assert cooldowns.free(owed("brics", "rare-earth")) == ("rare-earth",)


def test_a_rule_may_be_paused_meanwhile() -> None:
    cooldowns = Cooldowns([], NOON)
    cooldowns.pause("brics", NOON + HOUR)
    assert cooldowns.holding(owed("brics")) == "brics"


def test_the_cooldown_of_a_pause_is_written_down_once_a_place() -> None:
    cooldowns = Cooldowns([], NOON, {"brics": NOON + HOUR})
    assert cooldowns.written(PLACE, "brics") == (Cooldown(place=PLACE, rule="brics", until=NOON + HOUR),)
    assert cooldowns.written(PLACE, "brics") == ()


def test_a_cooldown_that_is_written_down_stays_as_it_is_though_its_rule_is_paused() -> None:
    running = Cooldown(place=PLACE, rule="brics", until=NOON + 6 * HOUR)
    assert Cooldowns([running], NOON, {"brics": NOON + HOUR}).written(PLACE, "brics") == ()
