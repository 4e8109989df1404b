"""The engine against a slow and plain matcher, on random rules and texts; and what must hold of any rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from slow_matching import Page, SlowMatcher

from bot.models import Field
from bot.rules.definitions import Alias, Entity, Group, Item, Requires, Rule, RuleBook, Scope, Term
from bot.rules.engine import compile_rules
from bot.rules.hits import longest
from bot.rules.syntax import parse_term
from bot.text.fold import fold_key

WORDS = st.sampled_from(["iron", "ore", "port", "portal", "tin"])
LITERALS = [
    "iron",
    "ore",
    "port",
    "iron ore",
    "port tin",
    "por*",
    "iron por*",
    "=Ore",
    "=iron",
    "IRON",
    "title:port",
]
TERMS = st.sampled_from([*LITERALS, "$metal", "$harbour", "title:$metal", "$both"]).map(parse_term)
FEW = st.none() | st.integers(0, 3)


def entities() -> st.SearchStrategy[tuple[Entity, ...]]:
    terms = st.lists(st.sampled_from(LITERALS).map(parse_term), max_size=2).map(tuple)
    requires = st.none() | st.builds(
        Requires, any=st.tuples(st.sampled_from(LITERALS).map(parse_term)), near=FEW
    )
    names = {
        "metal": st.sampled_from(["iron", "tin", "iron ore"]).map(parse_term),
        "harbour": st.sampled_from(["port", "por*"]).map(parse_term),
        "both": st.sampled_from(["$metal", "$harbour", "ore"]).map(parse_term),
    }
    return st.tuples(
        *(
            st.builds(
                Entity,
                name=st.just(name),
                aliases=st.lists(st.builds(Alias, term=alias), min_size=1, max_size=2).map(tuple),
                unless=terms,
                requires=requires,
                cased=st.booleans(),
            )
            for name, alias in names.items()
        )
    )


def groups(depth: int) -> st.SearchStrategy[Group]:
    of: st.SearchStrategy[Term | Group] = TERMS if depth == 0 else TERMS | TERMS | groups(depth - 1)
    items = st.builds(Item, of=of, weight=st.sampled_from([0.5, 1.0, 2.0]))

    def listed(least: int, most: int) -> st.SearchStrategy[tuple[Item, ...]]:
        return st.lists(items, min_size=least, max_size=most).map(tuple)

    rest: dict[str, Any] = {
        "near": FEW,
        "scope": st.none() | st.sampled_from(Scope),
        "none": st.just(()) | st.just(()) | listed(0, 1),
    }
    enough = {
        "at_least": st.none() | st.integers(1, 2),
        "threshold": st.none() | st.sampled_from([0.5, 1.5, 3.0]),
    }
    return st.builds(Group, all=listed(1, 2), any=listed(1, 3), **enough, **rest) | st.one_of(
        st.builds(Group, all=listed(1, 3), **rest), st.builds(Group, any=listed(1, 3), **enough, **rest)
    )


SENTENCES = st.lists(WORDS, min_size=1, max_size=4)
PAGES = st.builds(
    Page, SENTENCES, st.lists(st.lists(SENTENCES, min_size=1, max_size=2), min_size=0, max_size=2)
)


def book_of(group: Group, known: tuple[Entity, ...]) -> RuleBook:
    return RuleBook(rules=(Rule(id="rule", title="rule", when=group),), entities=known)


@settings(max_examples=300, deadline=None)
@given(groups(2), entities(), PAGES)
def test_the_engine_finds_what_a_slow_and_plain_matcher_finds(
    group: Group, known: tuple[Entity, ...], page: Page
) -> None:
    book = book_of(group, known)
    expected = SlowMatcher(book, page).evidence(group)
    matches = compile_rules(book).match(page.article)
    got = [(list(Field).index(s.field), s.start, s.end) for match in matches for s in match.evidence]
    assert got == longest(page.span(place) for place in expected or ())


@settings(max_examples=150, deadline=None)
@given(groups(1), entities(), PAGES)
def test_what_is_explained_is_what_matches(group: Group, known: tuple[Entity, ...], page: Page) -> None:
    ruleset = compile_rules(book_of(group, known))
    (trace,) = ruleset.explain(page.article)
    matches = ruleset.match(page.article)
    assert trace.rang == bool(matches)
    assert (trace.root.hits if trace.rang else ()) == (matches[0].evidence if matches else ())


@settings(max_examples=100, deadline=None)
@given(groups(1), entities(), PAGES, TERMS)
def test_an_exclusion_never_makes_a_rule_ring(
    group: Group, known: tuple[Entity, ...], page: Page, term: Term
) -> None:
    excluding = replace(group, none=(*group.none, Item(of=term)))
    rang = bool(compile_rules(book_of(group, known)).match(page.article))
    assert rang or not compile_rules(book_of(excluding, known)).match(page.article)


@settings(max_examples=100, deadline=None)
@given(st.lists(groups(1), min_size=2, max_size=4), entities(), PAGES, st.randoms(use_true_random=False))
def test_the_order_of_rules_and_of_terms_makes_no_difference(
    several: list[Group], known: tuple[Entity, ...], page: Page, chance: Any
) -> None:
    rules = [Rule(id=str(number), title="", when=group) for number, group in enumerate(several)]
    turned = [
        replace(rule, when=replace(rule.when, any=rule.when.any[::-1], all=rule.when.all[::-1]))
        for rule in rules
    ]
    chance.shuffle(turned)
    results = [
        {
            match.rule: match.evidence
            for match in compile_rules(RuleBook(rules=tuple(r), entities=e)).match(page.article)
        }
        for r, e in ((rules, known), (turned, known[::-1]))
    ]
    assert results[0] == results[1]


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["iron ore", "tin", "straße", "النفط", "İzmir limanı", "电车", "ガス"]),
    st.text(max_size=20),
)
def test_evidence_folds_to_its_term_where_no_inflection_is_known(term: str, around: str) -> None:
    book = book_of(Group(any=(Item(of=parse_term(term)),)), ())
    article = replace(Page(["x"], []).article, title=f"{around} {term} {around}", language=None)
    for match in compile_rules(book).match(article):
        for span in match.evidence:
            assert fold_key(term) in fold_key(span.text)
            assert article.title[span.start : span.end] == span.text
