"""What is made of traces for people to read."""

from __future__ import annotations

from dataclasses import replace

from builders import make_article
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Article, Field, Span
from bot.rules.explain import AROUND, LONGEST_PASSAGE, Explanation, Mark, Node, Passage, explain, reasoning
from bot.rules.trace import RuleTrace, Trace, TraceKind

TITLE = "BYD to build cars in Turkey"
ARTICLE = make_article(title=TITLE, summary="", content="")


def span(text: str, *, within: str = TITLE, field: Field = Field.TITLE) -> Span:
    start = within.index(text)
    return Span(field=field, start=start, end=start + len(text), text=text)


def term(text: str, *hits: Span, cancelled: tuple[Span, ...] = ()) -> Trace:
    return Trace(kind=TraceKind.TERM, text=text, held=bool(hits), hits=hits, cancelled=cancelled)


def listed(kind: TraceKind, *items: Trace) -> Trace:
    held = {
        TraceKind.ANY: any(item.held for item in items),
        TraceKind.ALL: all(item.held for item in items),
        TraceKind.NONE: not any(item.held for item in items),
    }
    hits = tuple(hit for item in items for hit in item.hits) if kind is not TraceKind.NONE else ()
    return Trace(kind=kind, text=kind.value, held=held[kind], hits=hits, children=items)


def group(*lists: Trace, text: str = "", held: bool | None = None) -> Trace:
    stands = all(part.held for part in lists) if held is None else held
    hits = tuple(hit for part in lists for hit in part.hits) if stands else ()
    return Trace(kind=TraceKind.GROUP, text=text, held=stands, hits=hits, children=lists)


def traced(
    root: Trace, *, rule: str = "byd", notes: tuple[str, ...] = (), rang: bool | None = None
) -> RuleTrace:
    return RuleTrace(rule=rule, rang=root.held if rang is None else rang, root=root, notes=notes)


def any_of(*items: Trace, rule: str = "byd") -> RuleTrace:
    return traced(group(listed(TraceKind.ANY, *items)), rule=rule)


def names(nodes: tuple[Node, ...]) -> list[str]:
    return [node.name for node in nodes]


def marked(explanation: Explanation, mark: Mark) -> list[str]:
    return [piece.text for passage in explanation.passages for piece in passage.pieces if piece.mark is mark]


def text_of(passage: Passage) -> str:
    return "".join(piece.text for piece in passage.pieces)


def test_what_made_a_rule_ring_is_marked() -> None:
    explanation = explain(ARTICLE, [any_of(term("=BYD", span("BYD")))])
    assert marked(explanation, Mark.RANG) == ["BYD"]


def test_a_hit_of_a_rule_that_did_not_ring_is_marked_otherwise() -> None:
    root = group(listed(TraceKind.ALL, term("=BYD", span("BYD")), term("Hungary")))
    assert marked(explain(ARTICLE, [traced(root)]), Mark.STOOD) == ["BYD"]


def test_a_hit_that_does_not_count_has_a_mark_of_its_own() -> None:
    root = group(listed(TraceKind.ANY, term("$turkiye", cancelled=(span("Turkey"),))))
    assert marked(explain(ARTICLE, [traced(root)]), Mark.CANCELLED) == ["Turkey"]


def test_where_hits_overlap_the_ring_counts_most() -> None:
    rings = any_of(term("cars in", span("cars in")))
    stays = traced(
        group(listed(TraceKind.ALL, term("in Turkey", span("in Turkey")), term("x"))), rule="other"
    )
    explanation = explain(ARTICLE, [stays, rings])
    assert (marked(explanation, Mark.RANG), marked(explanation, Mark.STOOD)) == (["cars in"], [" Turkey"])


def test_an_empty_field_is_no_passage() -> None:
    assert [passage.field for passage in explain(ARTICLE, []).passages] == [Field.TITLE]


def test_rules_of_which_nothing_stands_are_summed_up() -> None:
    explanation = explain(ARTICLE, [any_of(term("=BYD", span("BYD"))), any_of(term("BRICS"), rule="brics")])
    assert ([told.rule for told in explanation.reasonings], explanation.silent) == (["byd"], ("brics",))


def test_a_rule_with_a_cancelled_hit_alone_is_told() -> None:
    explanation = explain(ARTICLE, [any_of(term("$turkiye", cancelled=(span("Turkey"),)))])
    assert explanation.silent == ()


def test_with_everything_no_rule_is_summed_up() -> None:
    explanation = explain(ARTICLE, [any_of(term("BRICS"), rule="brics")], everything=True)
    assert ([told.rule for told in explanation.reasonings], explanation.silent) == (["brics"], ())


def test_rules_that_were_asked_for_are_not_summed_up() -> None:
    assert explain(ARTICLE, [any_of(term("BRICS"), rule="brics")], silent=False).silent == ()


def test_a_list_is_a_branch_with_its_terms() -> None:
    root = group(listed(TraceKind.ALL, term("=BYD", span("BYD")), term("Hungary")))
    (node,) = reasoning(traced(root)).tree
    assert (node.name, node.good, names(node.children)) == ("all", False, ["=BYD", "Hungary"])


def test_a_term_tells_its_words_and_where_they_stand() -> None:
    body = "BYD and BYD Auto"
    hits = (
        span("BYD"),
        Span(field=Field.CONTENT, start=0, end=3, text="BYD"),
        Span(field=Field.CONTENT, start=8, end=16, text="BYD Auto"),
    )
    told = reasoning(any_of(term("BYD*", *hits)))
    assert body[8:16] == "BYD Auto"
    assert told.tree[0].children[0].found == "“BYD” ×2, “BYD Auto” in title, content"


def test_a_term_with_many_words_tells_the_first_of_them() -> None:
    hits = tuple(
        Span(field=Field.TITLE, start=number, end=number + 1, text=letter)
        for number, letter in enumerate("abcdef")
    )
    assert reasoning(any_of(term("x", *hits))).tree[0].children[0].found.endswith("“d” and 2 more in title")


def test_a_cancelled_hit_is_told_beside_the_term() -> None:
    told = reasoning(any_of(term("$turkiye", cancelled=(span("Turkey"),))))
    assert told.tree[0].children[0].found == "not counted: “Turkey” in title"


def test_a_place_that_counts_by_another_name_is_not_told_as_cancelled() -> None:
    both = term("$turkiye", span("Turkey"), cancelled=(span("Turkey"), span("cars")))
    assert (
        reasoning(any_of(both)).tree[0].children[0].found == "“Turkey” in title; not counted: “cars” in title"
    )


def test_what_is_said_of_places_that_count_by_another_name_is_left_out() -> None:
    named = replace(term("$turkiye", span("Turkey"), cancelled=(span("Turkey"),)), note="`Turquie` is French")
    root = group(listed(TraceKind.ANY, named))
    assert reasoning(traced(root, notes=("`Turquie` is French", "other"))).notes == ("other",)


def test_alternatives_that_do_not_stand_are_one_line() -> None:
    absent = [term(f"word-{number}") for number in range(9)]
    (node,) = reasoning(any_of(term("=BYD", span("BYD")), *absent)).tree
    assert names(node.children) == [
        "=BYD",
        "word-0, word-1, word-2, word-3, word-4, word-5 and 3 more",
    ]


def test_an_alternative_that_is_missing_beside_one_that_stands_is_neither_good_nor_bad() -> None:
    (node,) = reasoning(any_of(term("=BYD", span("BYD")), term("BRICS"))).tree
    assert [child.good for child in node.children] == [True, None]


def test_an_alternative_that_is_missing_is_bad_where_none_stands() -> None:
    assert [child.good for child in reasoning(any_of(term("BRICS"))).tree[0].children] == [False]


def test_with_everything_each_alternative_has_its_line() -> None:
    (node,) = reasoning(any_of(*(term(f"word-{number}") for number in range(9))), everything=True).tree
    assert len(node.children) == 9


def test_conditions_are_never_summed_up() -> None:
    root = group(listed(TraceKind.ALL, *(term(f"word-{number}") for number in range(9))))
    assert len(reasoning(traced(root)).tree[0].children) == 9


def test_an_excluded_term_is_good_where_it_does_not_stand() -> None:
    root = group(listed(TraceKind.NONE, term("stock", span("cars")), term("share")))
    (node,) = reasoning(traced(root)).tree
    assert [(child.name, child.good) for child in node.children] == [("stock", False), ("share", True)]


def test_a_distance_is_a_branch_above_the_lists() -> None:
    root = group(listed(TraceKind.ALL, term("=BYD", span("BYD"))), text="near: 3", held=False)
    (node,) = reasoning(traced(root, rang=False)).tree
    assert (node.name, node.good, names(node.children)) == ("near: 3", False, ["all"])


def test_a_group_of_one_list_is_that_list() -> None:
    nested = group(listed(TraceKind.ALL, term("a"), term("b")))
    (node,) = reasoning(any_of(nested)).tree
    assert names(node.children) == ["all"]


def test_notes_stay_in_their_order() -> None:
    told = reasoning(traced(group(listed(TraceKind.ANY, term("a"))), notes=("first", "second")))
    assert told.notes == ("first", "second")


def long_article() -> Article:
    return make_article(title="", summary="", content="a" * 3_000 + "BYD" + "b" * 3_000)


def test_what_is_far_from_every_mark_of_a_long_text_is_left_out() -> None:
    hit = Span(field=Field.CONTENT, start=3_000, end=3_003, text="BYD")
    (passage,) = explain(long_article(), [any_of(term("=BYD", hit))]).passages
    shown = [piece.text for piece in passage.pieces if not piece.left_out]
    assert "".join(shown) == "a" * AROUND + "BYD" + "b" * AROUND


def test_a_long_text_is_cut_between_words() -> None:
    article = make_article(title="", summary="", content="word " * 600 + "BYD" + " word" * 600)
    hit = Span(field=Field.CONTENT, start=3_000, end=3_003, text="BYD")
    (passage,) = explain(article, [any_of(term("=BYD", hit))]).passages
    shown = [piece.text for piece in passage.pieces if not piece.left_out]
    assert {word for text in shown for word in text.split()} == {"word", "BYD"}


def test_a_long_text_without_a_mark_shows_its_beginning() -> None:
    (passage,) = explain(long_article(), []).passages
    assert [len(piece.text) for piece in passage.pieces if not piece.left_out] == [LONGEST_PASSAGE]


def test_with_everything_a_long_text_is_shown_whole() -> None:
    (passage,) = explain(long_article(), [], everything=True).passages
    assert not any(piece.left_out for piece in passage.pieces)


@given(
    text=st.text(min_size=1, max_size=60),
    places=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20), st.sampled_from(Mark)), max_size=8),
)
def test_the_pieces_are_the_text_whatever_the_hits(text: str, places: list[tuple[int, int, Mark]]) -> None:
    spans = [
        Span(
            field=Field.TITLE,
            start=start,
            end=min(start + length, len(text)),
            text=text[start : start + length],
        )
        for start, length, _ in places
        if start < len(text)
    ]
    traces = [any_of(term("x", *spans)), any_of(term("y", cancelled=tuple(spans)), rule="other")]
    (passage,) = explain(make_article(title=text, summary="", content=""), traces).passages
    assert text_of(passage) == text


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=6))
def test_exactly_the_hits_are_marked(places: list[tuple[int, int]]) -> None:
    text = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH"
    spans = [
        Span(field=Field.TITLE, start=start, end=start + length, text=text[start : start + length])
        for start, length in places
    ]
    explanation = explain(
        make_article(title=text, summary="", content=""), [any_of(term("x", *spans))] if spans else []
    )
    inside = {character for span in spans for character in span.text}
    assert set("".join(marked(explanation, Mark.RANG))) == inside
