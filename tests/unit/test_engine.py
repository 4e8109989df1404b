"""Matching articles with compiled rules."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Article, Field, Match
from bot.rules.definitions import Alias, Entity, Group, Item, Rule, RuleBook, Term
from bot.rules.engine import RuleSet, check_regex, compile_rules
from bot.rules.hits import Hit
from bot.rules.near import near_hits
from bot.rules.syntax import parse_term


def terms(*texts: str) -> tuple[Term, ...]:
    return tuple(parse_term(text) for text in texts)


def items(*texts: str) -> tuple[Item, ...]:
    return tuple(Item(of=term) for term in terms(*texts))


def aliases(*texts: str) -> tuple[Alias, ...]:
    return tuple(Alias(term=term) for term in terms(*texts))


def article(title: str = "", summary: str = "", content: str = "", language: str | None = None) -> Article:
    return Article(
        feed_url="https://example.org/feed",
        source="Example",
        entry_id="1",
        url=None,
        canonical_url=None,
        title=title,
        summary=summary,
        content=content,
        language=language,
        published=None,
    )


def rule(
    *any_of: str,
    all_of: Sequence[str] = (),
    none_of: Sequence[str] = (),
    near: int | None = None,
    name: str = "rule",
) -> Rule:
    when = Group(any=items(*any_of), all=items(*all_of), none=items(*none_of), near=near)
    return Rule(id=name, title=name, when=when)


def rules(*listed: Rule, entities: Sequence[Entity] = ()) -> RuleSet:
    return compile_rules(RuleBook(rules=tuple(listed), entities=tuple(entities)))


def texts(matches: tuple[Match, ...]) -> list[str]:
    return [span.text for match in matches for span in match.evidence]


def found(term: str, text: str, language: str | None = None) -> list[str]:
    return texts(rules(rule(term)).match(article(text, language=language)))


@pytest.mark.parametrize(
    ("term", "language", "text", "evidence"),
    [
        ("salt mine", "en", "Two salt mines close", ["salt mines"]),
        ("salt mine", "en", "SALT-MINE reopens", ["SALT-MINE"]),
        ("salt mine", "en", "A salt\nmine, a salt&nbsp;mine", ["salt\nmine", "salt&nbsp;mine"]),
        ("salt mine", "en", "the salt mine’s owner", ["salt mine’s"]),
        ("Norway", "en", "Norway's coast", ["Norway's"]),
        ("Meyer App", "en", "Meyer's app is out", ["Meyer's app"]),
        ("tuz madeni", "tr", "Tuz madeninde göçük", ["Tuz madeninde"]),
        ("İzmir", "tr", "IZMIR’DE yağmur", ["IZMIR’DE"]),
        ("соляная шахта", "ru", "В соляной шахте пожар", ["соляной шахте"]),
        ("alte Brücke", "de", "Unter den alten Brücken", ["alten Brücken"]),
        ("centrale électrique", "fr", "les centrales électriques", ["centrales électriques"]),
        ("Oman", "fr", "la côte de l’Oman", ["Oman"]),
        ("usine électrique", "fr", "l’usine électrique", ["usine électrique"]),
        ("école primaire", "fr", "d'écoles primaires", ["écoles primaires"]),
        ("isola vulcanica", "it", "dell'Isola vulcanica", ["Isola vulcanica"]),
        ("illa volcànica", "ca", "l'illa volcànica", ["illa volcànica"]),
        ("اللاعبين", "ar", "جائزة للاعبين", ["للاعبين"]),
        ("ميناء", "ar", "وبالميناء سفن", ["وبالميناء"]),
        ("البنك الوطني", "ar", "قرار للبنك الوطني", ["للبنك الوطني"]),
        ("부산항", "ko", "부산항에서 화재", ["부산항에서"]),
        ("港口", "zh", "旧港口重开", ["港口"]),
        ("电车", "zh", "新電車通車", ["電車"]),
        ("バス", "ja", "市ﾊﾞｽの運賃", ["ﾊﾞｽ"]),
        ("S&P", "en", "the S&amp;P fell", ["S&amp;P"]),
        ("C++", "en", "code in C++, not C", ["C++"]),
        ("Côte d'Azur", "fr", "la Cote d’Azur", ["Cote d’Azur"]),
    ],
)
def test_a_phrase_is_found_with_the_inflection_that_it_carries(
    term: str, language: str, text: str, evidence: list[str]
) -> None:
    assert found(term, text, language) == evidence


@pytest.mark.parametrize(
    ("term", "language", "text"),
    [
        ("salt mine", "en", "Salt miners strike"),
        ("salt mine", "en", "Pass the salt, mine is empty"),
        ("salt mine", "en", "A mine of salt"),
        ("Oman", "en", "A woman waits"),
        ("Xi", "en", "Xi'an opens a museum"),
        ("Neill", "en", "O'Neill wins"),
        ("deniz", "tr", "Denizci kayboldu"),
        ("イラン", "ja", "ハイランドの牧場"),
        ("조선", "ko", "고조선 유물"),
        ("G7", "en", "the G77 meets"),
    ],
)
def test_a_phrase_is_not_found_in_other_words(term: str, language: str, text: str) -> None:
    assert found(term, text, language) == []


@pytest.mark.parametrize(
    ("term", "text", "evidence"),
    [
        ("=NATO", "NATO meets, nato does not", ["NATO"]),
        ("=NATO", "NATO'nun kararı", ["NATO'nun"]),
        ("=NATO", "NATO'lulara çağrı", ["NATO'lulara"]),
        ("=NATO", "NATO-Staaten", ["NATO"]),
        ("=NATO", "NATO는 결정", ["NATO는"]),
        ("=NATO", "l’NATO", ["NATO"]),
        ("=NATO", "NATOs ask", []),
        ("=Élan", "Elan und Élan", ["Élan"]),
        ("=$HBR", "buy $HBR, not HBR", ["$HBR"]),
        ("=New York", "New\u00a0York", ["New\u00a0York"]),
    ],
)
def test_an_exact_term_is_found_as_written_only(term: str, text: str, evidence: list[str]) -> None:
    assert found(term, text) == evidence


@pytest.mark.parametrize(
    ("term", "text", "evidence"),
    [
        ("ferr*", "Ferries and ferrymen, offerri", ["Ferries", "ferrymen"]),
        ("old ferr*", "the old ferries", ["old ferries"]),
        ("地震*", "大地震観測", ["地震"]),
        ("ميناء*", "والميناءان", ["والميناءان"]),
    ],
)
def test_a_prefix_is_found_at_the_start_of_words(term: str, text: str, evidence: list[str]) -> None:
    assert found(term, text) == evidence


@pytest.mark.parametrize(
    ("term", "text", "evidence"),
    [
        (r"re:AB-\d+", "AB-12, ab-13 and A\u200bB-14", ["AB-12", "A\u200bB-14"]),
        (r"re:(?i)ab-\d+", "AB-12, ab-13", ["AB-12", "ab-13"]),
        ("re:Café", "the Cafe\u0301", ["Cafe\u0301"]),
    ],
)
def test_a_regular_expression_runs_on_the_text_as_written(term: str, text: str, evidence: list[str]) -> None:
    assert found(term, text) == evidence


def test_evidence_holds_field_and_offsets_in_the_original_text() -> None:
    matches = rules(rule("harbour")).match(article("Old harbours", content="The har\u00adbour"))
    assert [(span.field, span.start, span.end) for span in matches[0].evidence] == [
        (Field.TITLE, 4, 12),
        (Field.CONTENT, 4, 12),
    ]


def test_of_overlapping_hits_the_longest_is_evidence() -> None:
    matches = rules(rule("harbour", "harbour wall", "old harbour")).match(article("The old harbour wall"))
    assert texts(matches) == ["harbour wall"]


def test_rules_ring_in_the_order_of_the_file() -> None:
    ruleset = rules(rule("wall", name="b"), rule("harbour", name="a"), rule("tower", name="c"))
    assert [match.rule for match in ruleset.match(article("harbour wall"))] == ["b", "a"]


@pytest.mark.parametrize(("text", "rings"), [("harbour and wall", True), ("harbour", False), ("wall", False)])
def test_all_terms_must_stand(text: str, *, rings: bool) -> None:
    assert bool(rules(rule(all_of=["harbour", "wall"])).match(article(text))) is rings


@pytest.mark.parametrize(("text", "rings"), [("harbour tower", True), ("harbour", False), ("tower", False)])
def test_one_of_any_must_stand_beside_all(text: str, *, rings: bool) -> None:
    assert bool(rules(rule("wall", "tower", all_of=["harbour"])).match(article(text))) is rings


def test_none_looks_at_the_whole_article() -> None:
    ruleset = rules(rule("harbour", none_of=["tower"]))
    assert ruleset.match(article("harbour", content="Far below, a tower")) == ()


def test_excluding_terms_are_no_evidence() -> None:
    matches = rules(rule("harbour", none_of=["tower"])).match(article("harbour wall"))
    assert texts(matches) == ["harbour"]


ENTITIES = (
    Entity(name="turkiye", country="TR", aliases=aliases("Ankara"), unless=terms("turkey sandwich")),
    Entity(name="norway", country="NO"),
    Entity(name="either", aliases=aliases("$turkiye", "$norway"), unless=terms("Norway spruce")),
)


@pytest.mark.parametrize(
    ("text", "language", "evidence"),
    [
        ("Turkey and Türkiye’s coast", "en", ["Turkey", "Türkiye’s"]),
        ("Die Türkei", "de", ["Türkei"]),
        ("в Турции", "ru", ["Турции"]),
        ("土耳其港口", "zh", ["土耳其"]),
        ("A turkey sandwich", "en", []),
        ("A turkey sandwich in Turkey", "en", ["Turkey"]),
        ("Norwegian", "en", []),
    ],
)
def test_a_country_is_found_by_its_names_but_not_where_they_are_cancelled(
    text: str, language: str, evidence: list[str]
) -> None:
    ruleset = rules(rule("$either"), entities=ENTITIES)
    assert texts(ruleset.match(article(text, language=language))) == evidence


def test_an_entity_of_entities_cancels_their_hits_too() -> None:
    ruleset = rules(rule("$either"), rule("$norway", name="inner"), entities=ENTITIES)
    matches = ruleset.match(article("A Norway spruce", language="en"))
    assert [match.rule for match in matches] == ["inner"]


@pytest.mark.parametrize(("language", "rings"), [("vi", True), ("es", False), (None, False)])
def test_a_short_name_of_a_country_counts_in_its_own_language_only(
    language: str | None, *, rings: bool
) -> None:
    ruleset = rules(rule("$russia"), entities=[Entity(name="russia", country="RU")])
    assert bool(ruleset.match(article("Nga", language=language))) is rings


@pytest.mark.parametrize(("language", "rings"), [("cy", True), (None, True), ("es", False)])
def test_a_name_of_a_country_counts_in_its_language_or_where_none_is_known(
    language: str | None, *, rings: bool
) -> None:
    ruleset = rules(rule("$germany"), entities=[Entity(name="germany", country="DE")])
    assert bool(ruleset.match(article("Yr Almaen", language=language))) is rings


def test_a_declared_language_that_the_script_contradicts_is_ignored() -> None:
    ruleset = rules(rule("$norway"), entities=ENTITIES)
    assert ruleset.match(article("Рыбаки вышли в море у берегов Норвегии", language="en"))


NEAR = rules(rule(all_of=["harbour", "tower"], near=3))


@pytest.mark.parametrize(
    ("text", "rings"),
    [
        ("harbour one two three tower", True),
        ("harbour one two three four tower", False),
        ("tower one. Two, three: harbour", True),
        ("harbour tower", True),
        ("harbour's one-two three towers", True),
    ],
)
def test_near_allows_so_many_words_between(text: str, *, rings: bool) -> None:
    assert bool(NEAR.match(article(text, language="en"))) is rings


def test_near_counts_on_from_the_title_into_the_text() -> None:
    near = NEAR.match(article("The harbour one", content="two three tower"))
    far = NEAR.match(article("The harbour one two", content="three four tower"))
    assert (bool(near), bool(far)) == (True, False)


@pytest.mark.parametrize(("between", "rings"), [(6, True), (8, False)])
def test_near_counts_two_chinese_characters_as_one_word(between: int, *, rings: bool) -> None:
    ruleset = rules(rule(all_of=["港口", "灯塔"], near=3))
    assert bool(ruleset.match(article(f"港口{'城' * between}灯塔"))) is rings


def test_only_hits_that_are_near_are_evidence() -> None:
    matches = NEAR.match(article(f"harbour tower {'filler ' * 9} harbour"))
    assert [span.start for span in matches[0].evidence] == [0, 8]


def test_near_holds_for_one_of_any_as_well() -> None:
    ruleset = rules(rule("wall", "gate", all_of=["harbour"], near=1))
    assert texts(ruleset.match(article("wall with no words in common, but harbour or gate"))) == [
        "harbour",
        "gate",
    ]


POSITIONS = st.lists(st.integers(0, 40), max_size=6, unique=True)


@given(st.lists(POSITIONS, min_size=1, max_size=3), st.integers(0, 8))
def test_near_hits_are_those_of_all_choices_that_are_near(groups: list[list[int]], words: int) -> None:
    hits: list[list[Hit]] = [[(0, start, start + 2) for start in group] for group in groups]
    expected: set[Hit] = set()
    for choice in itertools.product(*hits):
        if max(start for _, start, _ in choice) - min(end for _, _, end in choice) <= 2 * words:
            expected.update(choice)
    every = (1 << len(groups)) - 1
    found = near_hits(
        {1 << number: group for number, group in enumerate(hits)},
        words,
        lambda hit: (hit[1], hit[2]),
        lambda mask: every if mask == every else None,
    )
    assert (found or []) == sorted(expected)


WORDS = st.sampled_from(["iron", "ore", "iron ore", "port", "tin", "irony", "portal of", "x"])


@given(st.lists(WORDS, min_size=1, max_size=4, unique=True), st.lists(WORDS, max_size=12))
def test_phrases_are_found_where_a_plain_search_for_them_finds_them(
    phrases: list[str], parts: list[str]
) -> None:
    text = " ".join(parts)
    ruleset = rules(*(rule(phrase, name=phrase) for phrase in phrases))
    got = {
        match.rule: [(s.start, s.end) for s in match.evidence]
        for match in ruleset.match(article(text, language="eu"))
    }
    plain = {p: [m.span() for m in re.finditer(rf"\b{p}\b", text)] for p in phrases}
    assert got == {phrase: spans for phrase, spans in plain.items() if spans}


@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_any_text_can_be_matched(text: str) -> None:
    ruleset = rules(rule("a", "=B", "c*", "re:[d]", "稀", "$turkiye"), entities=ENTITIES)
    for match in ruleset.match(article(text, text, text)):
        assert all(text[span.start : span.end] == span.text for span in match.evidence)


def test_a_term_that_shows_nothing_is_never_found() -> None:
    assert found("\u00ad", "any text") == []


def test_signs_alone_can_be_a_term() -> None:
    assert found("€", "It costs €5") == ["€"]


def test_no_rules_match_nothing() -> None:
    assert rules().match(article("text")) == ()


@pytest.mark.parametrize("pattern", [r"(?i)CVE-\d{4}", "a|b", "[^x]y"])
def test_a_sound_regular_expression_has_no_problem(pattern: str) -> None:
    assert check_regex(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(", "does not compile"),
        (r"(a)\1", "does not compile"),
        ("((a{1,100}){1,100}){1,100}", "does not compile"),
        ("\ud800", "surrogate"),
        ("a*", "empty text"),
        ("^", "empty text"),
        (r"\b", "empty text"),
    ],
)
def test_a_regular_expression_that_cannot_be_used_has_a_problem(pattern: str, problem: str) -> None:
    assert problem in (check_regex(pattern) or "")


def test_a_wrong_regular_expression_is_reported_and_not_logged(capfd: pytest.CaptureFixture[str]) -> None:
    check_regex("(")
    assert capfd.readouterr() == ("", "")
