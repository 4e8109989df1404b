"""Why rules rang or did not, part by part."""

from __future__ import annotations

import pytest

from bot.models import Article
from bot.rules.definitions import Alias, Entity, Group, Item, Requires, Rule, RuleBook, Scope
from bot.rules.engine import compile_rules
from bot.rules.syntax import parse_term
from bot.rules.trace import RuleTrace, Trace, TraceKind


def article(title: str, content: str = "", language: str | None = "en") -> Article:
    return Article(
        feed_url="https://example.org/feed",
        source="Example",
        entry_id="1",
        url=None,
        canonical_url=None,
        title=title,
        summary="",
        content=content,
        language=language,
        published=None,
    )


def items(*parts: str | Group | Item) -> tuple[Item, ...]:
    return tuple(
        part if isinstance(part, Item) else Item(of=parse_term(part) if isinstance(part, str) else part)
        for part in parts
    )


ENTITIES = (
    Entity(
        name="bird",
        aliases=tuple(Alias(term=parse_term(name)) for name in ("turkey", "hen")),
        unless=(parse_term("turkey breast"),),
    ),
    Entity(name="shell", aliases=(Alias(term=parse_term("Shell")),), cased=True),
    Entity(
        name="jaguar",
        aliases=(Alias(term=parse_term("Jaguar")),),
        requires=Requires(any=(parse_term("engine"),), near=3),
    ),
    Entity(name="brazil", aliases=(Alias(term=parse_term("Brésil"), languages=frozenset({"fr"})),)),
)


def explained(when: Group, looked_at: Article) -> RuleTrace:
    rules = (Rule(id="rule", title="rule", when=when),)
    (trace,) = compile_rules(RuleBook(rules=rules, entities=ENTITIES)).explain(looked_at)
    return trace


def outline(trace: Trace) -> str:
    """A trace in one line: what held without, what did not with an exclamation mark."""
    children = f"({', '.join(outline(child) for child in trace.children)})" if trace.children else ""
    return f"{'' if trace.held else '!'}{trace.text or trace.kind}{children}"


def test_an_expression_is_a_tree_of_what_held_and_what_did_not() -> None:
    when = Group(
        all=items("harbour", Group(any=items("tower", "wall"), near=5)),
        any=items("=NATO", "po*"),
        none=items("sky"),
    )
    trace = explained(when, article("harbour tower sky port"))
    assert outline(trace.root) == (
        "!group(all(harbour, near: 5(any(tower, !wall))), any(!=NATO, po*), !none(sky))"
    )


def test_a_term_shows_where_it_stands() -> None:
    trace = explained(Group(any=items("harbour")), article("Old harbours"))
    (term,) = trace.root.children[0].children
    assert [(span.start, span.end, span.text) for span in term.hits] == [(4, 12, "harbours")]
    assert (trace.rang, term.kind) == (True, TraceKind.TERM)


def test_cancelled_hits_are_shown_beside_those_that_count() -> None:
    trace = explained(Group(any=items("$bird")), article("turkey breast and hen"))
    (term,) = trace.root.children[0].children
    assert [span.text for span in term.hits] == ["hen"]
    assert [span.text for span in term.cancelled] == ["turkey"]


def test_a_weight_stands_behind_its_item() -> None:
    listed = (*items("harbour"), Item(of=parse_term("wall"), weight=2))
    assert outline(explained(Group(any=listed, threshold=2), article("wall")).root) == (
        "threshold: 2(any(!harbour, wall, weight: 2))"
    )


FAR = "filler " * 41


@pytest.mark.parametrize(
    ("when", "looked_at", "note"),
    [
        (
            Group(all=items("harbour", "tower"), near=30),
            article(f"harbour {FAR} tower"),
            "`tower` is 41 words from `harbour`, `near` is 30",
        ),
        (
            Group(all=items("$bird", "tower"), near=3),
            article(f"tower {FAR} hen"),
            "`$bird` is 41 words from `tower`, `near` is 3",
        ),
        (
            Group(all=items("harbour", "tower"), scope=Scope.SENTENCE),
            article("x", "harbour! Tower"),
            "not in one sentence",
        ),
        (
            Group(all=items("harbour", "tower"), scope=Scope.TITLE),
            article("harbour", "tower"),
            "not in the title",
        ),
        (Group(any=items("harbour", "tower"), at_least=2), article("harbour"), "only 1 of 2 (`at_least`)"),
        (
            Group(any=(Item(of=parse_term("harbour"), weight=2), *items("wall")), threshold=3),
            article("harbour"),
            "weights 2 of 3 (`threshold`)",
        ),
        (
            Group(any=items("harbour"), none=items("byd stock price")),
            article("harbour BYD stock prices"),
            "excluded by `byd stock price`",
        ),
        (Group(any=items("$bird")), article("turkey breast"), "cancelled by `turkey breast`"),
        (Group(any=items("$shell")), article("a shell"), "`shell` does not start with a capital"),
        (
            Group(any=items("$jaguar")),
            article("a Jaguar"),
            "`Jaguar` stands, but nothing of `requires` within 3 words",
        ),
        (
            Group(any=items("title:harbour")),
            article("x", "harbour"),
            "`harbour` stands, but not in the title",
        ),
        (Group(any=items("$brazil")), article("Bresil"), "`Brésil` counts in articles in fr only"),
    ],
)
def test_a_near_miss_is_told(when: Group, looked_at: Article, note: str) -> None:
    trace = explained(when, looked_at)
    assert not trace.rang
    assert trace.notes == (note,)


def test_a_restriction_that_is_not_met_is_told_first() -> None:
    rule = Rule(id="rule", title="rule", when=Group(any=items("harbour")), languages=frozenset({"de", "fr"}))
    (trace,) = compile_rules(RuleBook(rules=(rule,))).explain(article("harbour"))
    assert trace.notes == ("restricted to languages de, fr, and the article is in en",)
    assert (trace.rang, trace.root.held) == (False, True)


def test_every_rule_is_explained_in_the_order_of_the_file() -> None:
    rules = tuple(Rule(id=name, title=name, when=Group(any=items(name))) for name in ("b", "a", "c"))
    traces = compile_rules(RuleBook(rules=rules)).explain(article("a"))
    assert [(trace.rule, trace.rang) for trace in traces] == [("b", False), ("a", True), ("c", False)]


def test_a_trace_can_be_walked() -> None:
    trace = explained(Group(any=items("harbour", "wall")), article("wall"))
    assert [node.text for node in trace.root.walk()] == ["", "any", "harbour", "wall"]
