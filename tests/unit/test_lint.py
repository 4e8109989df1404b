"""What a rules file may say and hardly means."""

from __future__ import annotations

import pytest

from bot.rules.findings import Findings
from bot.rules.includes import gather
from bot.rules.lint import lint
from bot.rules.loader import parse_rules
from bot.rules.places import Places

AROUND = """\
channels:
  - {chat: "@wire", rules: all}
"""


def warnings(text: str, *, around: str = AROUND) -> list[str]:
    """The warnings on a file of which every rule has a channel and a test, without the file's name."""
    whole = f"version: 1\n{text}\n{around}"
    book = parse_rules(whole.encode(), file="rules.yaml")
    if around == AROUND and book.rules:
        named = ", ".join(rule.id for rule in book.rules)
        whole += f"tests:\n  - {{text: x, expect: [{named}]}}\n"
        book = parse_rules(whole.encode(), file="rules.yaml")
    roots = gather(whole.encode(), "rules.yaml", None, Findings("rules.yaml"))
    return [str(problem).removeprefix("rules.yaml:") for problem in lint(book, Places(roots, "rules.yaml"))]


def on_rule(*lines: str) -> list[str]:
    return warnings("rules:\n  - id: a\n" + "\n".join(f"    {line}" for line in lines))


def on_entity(*lines: str) -> list[str]:
    body = "\n".join(f"    {line}" for line in lines)
    return warnings(f"entities:\n  thing:\n{body}\nrules:\n  - {{id: a, any: [$thing]}}")


def test_a_file_without_a_blemish_has_no_warning() -> None:
    assert on_rule("any: [rare earth, terres rares, =BYD, lithium*, 're:NdFeB']", "none: [rock band]") == []


@pytest.mark.parametrize(
    ("terms", "needless", "by"),
    [
        ("rare earth, rare earth metals", "rare earth metals", "rare earth"),
        ("rare earth, rare earths", "rare earths", "rare earth"),
        ("lithium*, lithium-ion", "lithium-ion", "lithium*"),
        ("lith*, lithium*", "lithium*", "lith*"),
        ("byd, =BYD", "=BYD", "byd"),
        ("=BYD, =BYD Auto", "=BYD Auto", "=BYD"),
        ("稀土, 稀土永磁", "稀土永磁", "稀土"),
        ("Turkiye, Türkiye", "Türkiye", "Turkiye"),
        ("quake, 'title:quake'", "title:quake", "quake"),
    ],
)
def test_a_term_that_another_makes_needless_is_told(terms: str, needless: str, by: str) -> None:
    (warning,) = on_rule(f"any: [{terms}]")
    assert f"`{needless}` adds nothing, since `{by}` stands wherever it does; remove it" in warning


@pytest.mark.parametrize(
    "terms",
    [
        "rare earth, earth metals",
        "=BYD, byd auto",
        "strike, striker",
        "'title:quake', quake zone",
        "lithium, lithiums*",
        "japan, japanese",
        "'re:rare', rare earth",
        "minen, mine",
    ],
)
def test_terms_that_differ_are_let_be(terms: str) -> None:
    assert on_rule(f"any: [{terms}]") == []


def test_a_term_that_is_listed_twice_is_told() -> None:
    (warning,) = on_rule("any: [quake, flood, quake]")
    assert "`quake` adds nothing, since it is listed twice" in warning


def test_a_warning_stands_where_the_term_does() -> None:
    (warning,) = on_rule("any:", "  - rare earth", "  - rare earth metals")
    assert warning.startswith("6:9: ")


def test_the_exclusions_of_a_rule_are_looked_at_too() -> None:
    (warning,) = on_rule("any: [quake]", "none: [rock band, rock bands]")
    assert "`rock bands` adds nothing" in warning


def test_terms_that_are_counted_shadow_nothing() -> None:
    assert on_rule("any: [rare earth, rare earth metals, magnet]", "at_least: 2") == []


def test_a_condition_that_another_fulfils_is_told() -> None:
    (warning,) = on_rule("all: [earth, rare earth]")
    assert "`earth` adds nothing, since it stands wherever `rare earth` does" in warning


def test_a_term_beside_an_entity_that_has_it_as_a_name_is_told() -> None:
    (warning,) = warnings(
        "entities:\n  byd: {aliases: [Build Your Dreams]}\n"
        "rules:\n  - {id: a, any: [$byd, Build Your Dreams]}"
    )
    assert "`Build Your Dreams` adds nothing, since `$byd`" in warning


def test_an_entity_beside_one_that_includes_it_is_told() -> None:
    (warning,) = warnings(
        "entities:\n  byd: {aliases: [=BYD]}\n  makers: {aliases: [$byd, Stellantis]}\n"
        "rules:\n  - {id: a, any: [$makers, $byd]}"
    )
    assert "`$byd` adds nothing, since `$makers`" in warning


def test_a_name_beside_an_entity_with_conditions_is_let_be() -> None:
    assert (
        warnings(
            "entities:\n  turkey: {aliases: [Turkey], unless: [roast turkey]}\n"
            "rules:\n  - {id: a, any: [$turkey, Turkey]}"
        )
        == []
    )


def test_a_count_that_different_items_cannot_reach_is_told() -> None:
    told = on_rule("any: [rare earth, Rare-Earth, magnet]", "at_least: 3")
    assert [w for w in told if "`at_least: 3` cannot be reached with the 2 different items" in w] == told


def test_a_threshold_that_different_items_cannot_reach_is_told() -> None:
    (warning,) = on_rule(
        "any: [{term: rare earth, weight: 2}, {term: Rare-Earth, weight: 2}, magnet]", "threshold: 4"
    )
    assert "the threshold 4 cannot be reached, since all weights come to 3" in warning


def test_a_weight_without_a_threshold_is_told() -> None:
    (warning,) = on_rule("any: [{term: magnet, weight: 2}, oxide]")
    assert "the weight of `magnet` has no effect" in warning


def test_a_rule_that_excludes_what_it_needs_is_told() -> None:
    (warning,) = on_rule("all: [rare earth metals, China]", "none: [rare earth]")
    assert "the rule `a` can never ring here, since `none` holds `rare earth`" in warning


def test_a_rule_that_excludes_all_its_alternatives_is_told() -> None:
    (warning,) = on_rule("any: [red magnet, blue magnet]", "none: [magnet]")
    assert "can never ring" in warning


def test_a_rule_that_excludes_one_alternative_of_two_is_let_be() -> None:
    assert on_rule("any: [red magnet, quake]", "none: [magnet]") == []


def test_a_distance_longer_than_any_article_is_told() -> None:
    (warning,) = on_rule("all: [quake, coast]", "near: 900000")
    assert "no article is long enough for `near: 900000` to matter" in warning


def test_a_distance_longer_than_any_title_is_told_where_only_titles_count() -> None:
    (warning,) = on_rule("all: [quake, coast]", "near: 900", "scope: title")
    assert "no title is long enough" in warning


def test_groups_within_groups_are_looked_at() -> None:
    (warning,) = on_rule("all:", "  - coast", "  - any: [quake, quakes]")
    assert "`quakes` adds nothing" in warning


def test_more_sources_than_feeds_are_told() -> None:
    (warning,) = warnings(
        "feeds:\n  - {url: 'https://a.example/', owner: X}\n  - {url: 'https://b.example/', owner: X}\n"
        "rules:\n  - {id: a, any: [quake], min_sources: 2}"
    )
    assert "the rule `a` can never ring, since there is only one independent feed;" in warning


@pytest.mark.parametrize("alias", ["BYD", "ab*", "ЕС", "نفط"])
def test_a_short_alias_that_is_not_exact_is_told(alias: str) -> None:
    (warning,) = on_entity(f"aliases: ['{alias}']")
    assert f"the alias `{alias}` has only" in warning


@pytest.mark.parametrize("alias", ["=BYD", "Apple", "比亚迪", "터키", "トルコ", "re:B[Yy]D"])
def test_an_alias_that_is_exact_or_long_enough_for_its_script_is_let_be(alias: str) -> None:
    assert on_entity(f"aliases: ['{alias}']") == []


def test_a_single_chinese_character_is_a_short_alias() -> None:
    (warning,) = on_entity("aliases: [土]")
    assert "has only one letter" in warning


def test_an_alias_that_another_makes_needless_is_told() -> None:
    (warning,) = on_entity("aliases: [Apple, Apple Computer]")
    assert "the alias `Apple Computer` adds nothing" in warning


def test_an_alias_of_one_language_beside_the_same_of_another_is_let_be() -> None:
    assert on_entity("aliases: {de: [Istanbul], fr: [Istanbul]}") == []


def test_an_alias_that_is_always_cancelled_is_told() -> None:
    (warning,) = on_entity("aliases: [roast turkey, Ankara]", "unless: [turkey]")
    assert "the alias `roast turkey` never counts, since `unless` holds `turkey`" in warning


def test_rules_on_the_same_terms_are_told() -> None:
    (warning,) = warnings("rules:\n  - {id: a, any: [quake, flood]}\n  - {id: b, any: [Flood, quake]}")
    assert warning.startswith("4:10: the rule `b` rings on the same terms as `a`")


def test_rules_on_the_same_terms_in_other_languages_are_let_be() -> None:
    assert (
        warnings(
            "rules:\n  - {id: a, any: [quake], languages: [en]}\n  - {id: b, any: [quake], languages: [fr]}"
        )
        == []
    )


RULES = "rules:\n  - {id: a, any: [quake]}\n  - {id: b, any: [flood]}"


def test_a_rule_that_no_channel_follows_is_told() -> None:
    around = "channels:\n  - {chat: '@wire', rules: [a]}\ntests:\n  - {text: x, expect: [a, b]}\n"
    assert warnings(RULES, around=around) == [
        "4:10: no channel follows the rule `b`; name it under a channel's `rules`"
    ]


def test_a_file_without_channels_is_told_once() -> None:
    (warning,) = warnings(RULES, around="tests:\n  - {text: x, expect: [a, b]}\n")
    assert "nobody hears of `a`, `b`" in warning


def test_a_rule_that_no_test_expects_is_told() -> None:
    around = AROUND + "tests:\n  - {text: x, expect: [a]}\n  - {text: x, expect_not: [b]}\n"
    assert warnings(RULES, around=around) == [
        "4:10: no test expects the rule `b` to ring; add one under `tests`"
    ]


def test_a_sequence_is_a_test_of_the_rules_that_its_alerts_name() -> None:
    around = AROUND + "tests:\n  - {articles: [{text: x}], alerts: [[a], [b]]}\n"
    assert warnings(RULES, around=around) == []


def test_a_file_without_tests_is_told_once() -> None:
    (warning,) = warnings(RULES, around=AROUND + "tests: []\n")
    assert "nothing proves `a`, `b`" in warning


def test_a_term_of_a_shared_list_is_told_where_it_stands() -> None:
    (warning,) = warnings("lists:\n  l: [magnet, magnets]\nrules:\n  - {id: a, any: [$l]}")
    assert warning.startswith("3:15: ")


def test_a_rule_for_a_language_in_which_none_of_its_names_counts_is_told() -> None:
    (warning,) = warnings(
        "entities:\n  byd: {aliases: {zh: [比亚迪], ru: [Москвич]}}\n"
        "rules:\n  - {id: a, languages: [fr], any: [$byd]}"
    )
    assert "the rule `a` can never ring, since names that it needs count in other languages alone" in warning


@pytest.mark.parametrize("rule", ["languages: [ru], any: [$byd]", "languages: [fr], any: [$byd, quake]"])
def test_a_rule_for_a_language_in_which_one_of_its_names_counts_is_let_be(rule: str) -> None:
    entities = "entities:\n  byd: {aliases: {zh: [比亚迪], ru: [Москвич]}}\n"

    assert warnings(f"{entities}rules:\n  - {{id: a, {rule}}}") == []


def test_more_sources_than_a_rule_allows_are_told() -> None:
    (warning,) = warnings(
        "feeds:\n  - {url: 'https://a.example/', tags: [wire]}\n  - {url: 'https://b.example/'}\n"
        "rules:\n  - {id: a, any: [quake], tags: [wire], min_sources: 2}"
    )
    assert "there is only one independent feed that its `feeds` and `tags` allow" in warning


def test_the_weight_of_a_group_without_a_threshold_is_told() -> None:
    (warning,) = on_rule("any: [quake, {all: [magnet, oxide], weight: 2}]")
    assert "the weight of a group has no effect" in warning


def test_a_large_file_is_compared_term_by_term() -> None:
    rules = "".join(f"  - {{id: r{number}, any: [term{number}, item{number}]}}\n" for number in range(2_000))
    (warning,) = warnings(f"rules:\n{rules}  - {{id: a, any: [quake, quakes]}}")
    assert "`quakes` adds nothing, since `quake` stands wherever it does" in warning


def test_a_file_whose_entities_hold_too_much_of_each_other_is_told_once() -> None:
    chain = "".join(f"  e{number}: {{aliases: [$e{number + 1}]}}\n" for number in range(1_000))
    (warning,) = warnings(f"entities:\n{chain}  e1000: {{aliases: [gold]}}\nrules: [{{id: a, any: [quake]}}]")
    assert "so that no term was compared with another" in warning


def test_a_phrase_of_thousands_of_words_is_not_compared() -> None:
    assert on_rule(f"any: [{'ab ' * 5_000}, ab]") == []


def test_entities_that_no_rule_reaches_may_form_a_long_chain() -> None:
    chain = "".join(f"  e{number}: {{aliases: [$e{number + 1}]}}\n" for number in range(300))

    assert warnings(f"entities:\n{chain}  e300: {{aliases: [gold]}}\nrules: [{{id: a, any: [quake]}}]") == []


def test_a_name_that_an_entity_has_in_titles_alone_does_not_make_a_term_needless() -> None:
    assert (
        warnings("entities:\n  byd: {aliases: ['title:Dreams']}\nrules:\n  - {id: a, any: [$byd, Dreams]}")
        == []
    )
