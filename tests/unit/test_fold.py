"""Folding: what makes no difference, and the way back to the original text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.fold import as_written, exact_key, fold, fold_key

HOSTILE = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from("İIıi&;#ｱﾞ\u0301\u3099\u200b\u00ad\u1112\u1161\u11ab-\n\r 稀\ud800\x00ßﬁ"),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("STRASSE", "Straße"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Çeşme", "cesme"),
        ("Łódź", "lodz"),
        ("İZMİR", "izmir"),
        ("IZMIR", "ızmır"),
        ("ёлка", "елка"),
        ("Ｈａｒｂｏｕｒ", "harbour"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("か\u3099", "が"),
        ("\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국"),
        ("ﬁnance", "finance"),
        ("أخبار", "اخبار"),
        ("مدرسة", "مدرسه"),
        ("على", "علي"),
        ("كتـــاب", "كِتَاب"),
        ("ﻻ", "لا"),
        ("電話", "电话"),
        ("l’eau", "l'eau"),
        ("“so”", '"so"'),
        ("har\u00adbour", "harbour"),
        ("har\u200bbour", "harbour"),
        ("har\x00bour", "harbour"),
        ("harbour&nbsp;wall", "harbour wall"),
        ("K&ouml;ln &amp; Bonn", "Köln & Bonn"),
        ("harbour-wall", "harbour\u2011wall"),
        ("harbour \n wall", "harbour — wall"),
        ("har-\nbour", "harbour"),
        ("電\n話", "電話"),
        ("١٢٣", "123"),
    ],
)
def test_texts_that_read_the_same_fold_to_the_same_key(one: str, other: str) -> None:
    assert fold_key(one) == fold_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("ガラス", "カラス"), ("हिन्दी", "हन्द"), ("harbour", "harbor"), ("ab", "a b"), ("कि", "की")],
)
def test_texts_that_read_differently_keep_different_keys(one: str, other: str) -> None:
    assert fold_key(one) != fold_key(other)


@pytest.mark.parametrize(
    ("text", "part", "original"),
    [
        ("in T&uuml;bingen", "tubingen", "T&uuml;bingen"),
        ("the har\u00adbour\u00ad wall", "harbour", "har\u00adbour"),
        ("Cafe\u0301!", "cafe", "Cafe\u0301"),
        ("die Straße dort", "strasse", "Straße"),
        ("新ｶﾞﾗｽ工場", "ガラス", "ｶﾞﾗｽ"),
        ("旧電\n話局", "电话", "電\n話"),
        ("plain text", "text", "text"),
    ],
)
def test_a_place_in_the_folded_text_leads_back_to_the_original(text: str, part: str, original: str) -> None:
    folded = fold(text)
    start = folded.text.index(part)
    begin, end = folded.span(start, start + len(part))
    assert text[begin:end] == original


def test_a_lone_surrogate_folds_to_a_character_that_can_be_encoded() -> None:
    assert fold("a\ud800b").text.encode("utf-8")


@given(HOSTILE)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == once


@given(HOSTILE)
def test_the_map_back_never_runs_backwards_nor_out_of_the_text(text: str) -> None:
    folded = fold(text)
    places = [folded.span(place, place + 1) for place in range(len(folded.text))]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


@given(st.text(st.characters(codec="utf-8", categories=("Lu", "Ll", "Zs")), max_size=40))
def test_composed_and_decomposed_text_fold_alike(text: str) -> None:
    forms = (unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text))
    assert fold_key(forms[0]) == fold_key(forms[1])


def test_text_as_written_keeps_case_and_marks_but_nothing_invisible() -> None:
    assert as_written("Cafe\u0301 &amp; B\u200bAR").text == "Café & BAR"


def test_text_as_written_leads_back_to_the_original() -> None:
    text = "Cafe\u0301 B\u200bAR"
    written = as_written(text)
    begin, end = written.span(*(written.text.index("BAR") + offset for offset in (0, 3)))
    assert text[begin:end] == "B\u200bAR"


@pytest.mark.parametrize(
    ("text", "key"), [("  New\u00a0York ", "New York"), ("L’Été", "L'Été"), ("ＮＡＴＯ", "NATO")]
)
def test_the_exact_key_keeps_case_and_diacritics(text: str, key: str) -> None:
    assert exact_key(text) == key


@given(HOSTILE)
def test_case_makes_no_difference(text: str) -> None:
    assert fold_key(text.lower()) == fold_key(text)


def test_only_one_letter_has_a_longer_small_letter() -> None:
    assert [chr(code) for code in range(0x110000) if len(chr(code).lower()) > 1] == ["İ"]


@pytest.mark.parametrize("text", ["ẞtadt", "İİ stadt", "Æ\u00ad stadt", "…\u200bstadt", "ﷺ stadt"])
def test_letters_that_become_several_do_not_displace_what_follows(text: str) -> None:
    folded = fold(text)
    start = folded.text.index("tadt")
    begin, end = folded.span(start, start + 4)
    assert text[begin:end] == "tadt"


def test_an_entity_encoded_many_times_is_decoded_in_bounded_time() -> None:
    assert fold_key("a " + "&" + "amp;" * 9 + "ouml; b") == "a o b"
    assert fold("&" + "amp;" * 200_000).text
