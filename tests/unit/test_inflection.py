"""Which forms of a word count as the word, language by language; derivation does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.text.fold import fold_key
from bot.text.inflection import Word, all_stems, forms, start_of_stems
from bot.text.tokens import script_of_word


def word_of(text: str, *, first: bool = True, last: bool = True) -> Word:
    folded = fold_key(text)
    return Word(folded=folded, written=text, script=script_of_word(folded), first=first, last=last)


def covers(word: Word, other: str, language: str | None) -> bool:
    key = fold_key(other)
    return any(key.startswith(stem) and key[len(stem) :] in ends for stem, ends in forms(word, language))


INFLECTED = [
    (
        "en",
        "bridge",
        "bridges ferry:ferries church:churches spokesman:spokesmen crisis:crises wolf:wolves potato:potatoes",
    ),
    (
        "de",
        "Vertrag",
        "Vertrags Vertrages Verträge Verträgen Zeitung:Zeitungen Buch:Bücher Museum:Museen Bombe:Bomben",
    ),
    ("nl", "boot", "boten school:scholen bom:bommen"),
    ("sv", "bro", "bron broar"),
    ("fr", "pont", "ponts cheval:chevaux gâteau:gâteaux jeu:jeux"),
    ("es", "puente", "puentes luz:luces estación:estaciones"),
    ("pt", "ponte", "pontes nação:nações animal:animais"),
    ("es", "alemán", "alemana alemanes español:española español:españolas finlandés:finlandesas"),
    ("fr", "canadienne", "canadiennes canadien canadiens"),
    ("it", "ponte", "ponti barca:barche porto:porti"),
    (
        "tr",
        "köprü",
        "köprüler köprüyü köprünün köprülerinden köprüde kanat:kanadı orman:ormanlarda ağız:ağzı renk:rengi",
    ),
    ("tr", "hak", "hakkı hakları hakkında hat:hattı üs:üssünde ret:reddi tıp:tıbbın su:suyunun su:suya"),
    (
        "ru",
        "мост",
        "моста мосту мостом мосты мостов улица:улицы улица:улиц кусок:куска песня:песен музей:музеев",
    ),
    ("uk", "міст", "моста мосту вулиця:вулиці"),
    ("pl", "most", "mostu mosty mostów rzeka:rzece"),
    ("ar", "جسر", "جسرا مدرسة:مدارسات:x شركة:شركات مهندس:مهندسون"),
    ("ko", "다리", "다리가 다리를 다리에서 다리로 다리들이 강:강은 강:강을 길:길로"),
    ("hi", "पुल", "पुलों नदी:नदियों"),
    ("el", "δρόμος", "δρόμου δρόμοι δρόμους"),
    ("fi", "silta", "sillan sillalla:x siltaa pankki:pankin"),
    ("hu", "híd", "hidat:x hídban hídnak"),
    ("id", "jembatan", "jembatannya"),
]


def inflected_pairs() -> list[tuple[str, str, str]]:
    pairs = []
    for language, word, others in INFLECTED:
        for other in others.split():
            if other.endswith(":x"):
                continue
            base, _, form = other.rpartition(":")
            pairs.append((language, base or word, form))
    return pairs


@pytest.mark.parametrize(("language", "word", "form"), inflected_pairs())
def test_a_word_covers_its_inflected_forms(language: str, word: str, form: str) -> None:
    assert covers(word_of(word), form, language)


@pytest.mark.parametrize(
    ("language", "word", "other"),
    [
        ("en", "paint", "painter"),
        ("en", "Norway", "Norwegian"),
        ("en", "Athens", "Athen"),
        ("en", "goods", "good"),
        ("en", "bridge", "bridgehead"),
        ("de", "Norwegen", "norwegisch"),
        ("de", "Krieg", "Krieger"),
        ("de", "Boot", "Bootshaus"),
        ("de", "Warnstreik", "warnstreiken"),
        ("de", "Bar", "Bären"),
        ("es", "Irland", "irlandés"),
        ("pl", "Polska", "polskie"),
        ("ar", "ليبي", "ليبيا"),
        ("fr", "rare", "rarement"),
        ("fr", "Brésil", "brésilien"),
        ("es", "raro", "raramente"),
        ("es", "México", "mexicano"),
        ("it", "Roma", "romano"),
        ("tr", "deniz", "denizci"),
        ("tr", "istifa", "istifade"),
        ("tr", "seyrek", "seyrekçe"),
        ("ru", "море", "морской"),
        ("ru", "Китай", "китаец"),
        ("ru", "Париж", "парижский"),
        ("ar", "لبنان", "لبناني"),
        ("ko", "미국", "미국인"),
        ("ko", "다리", "다리이"),
        ("ko", "강", "강를"),
    ],
)
def test_a_word_does_not_cover_what_is_derived_from_it(language: str, word: str, other: str) -> None:
    assert not covers(word_of(word), other, language)


@pytest.mark.parametrize(
    ("language", "word", "other"),
    [("de", "alte", "alten"), ("de", "altes", "alter"), ("ru", "новая", "новых"), ("pl", "nowy", "nowego")],
)
def test_an_adjective_before_its_noun_covers_its_cases(language: str, word: str, other: str) -> None:
    assert covers(word_of(word, last=False), other, language)


@pytest.mark.parametrize(
    ("language", "word", "other"),
    [
        ("fr", "centrale", "centraux"),
        ("fr", "européenne", "européen"),
        ("fr", "européennes", "européens"),
        ("fr", "active", "actifs"),
        ("fr", "dangereux", "dangereuses"),
        ("fr", "dangereuses", "dangereux"),
        ("es", "rojo", "rojas"),
        ("it", "vecchio", "vecchi"),
        ("ar", "مركزي", "مركزية"),
    ],
)
def test_an_adjective_behind_its_noun_covers_its_genders(language: str, word: str, other: str) -> None:
    assert covers(word_of(word, first=False), other, language)


def test_a_turkish_compound_takes_cases_behind_its_possessive() -> None:
    assert covers(word_of("Bankası", first=False), "Bankasından", "tr")


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("uçağı", "uçakları"),
        ("hakkı", "haklarının"),
        ("üssü", "üsleri"),
        ("suyu", "sularında"),
        ("bankası", "bankalarınca"),
    ],
)
def test_a_turkish_compound_covers_its_plural(word: str, form: str) -> None:
    assert covers(word_of(word, first=False), form, "tr")


def test_the_name_of_a_polish_country_keeps_its_cases() -> None:
    assert all(covers(word_of("Polska"), form, "pl") for form in ("Polski", "Polsce", "Polskę", "Polską"))


def test_a_turkish_suffix_keeps_vowel_harmony() -> None:
    words = [word_of("kural"), word_of("kural")]
    assert (covers(words[0], "kurallar", "tr"), covers(word_of("orman"), "ormanler", "tr")) == (True, False)


def test_a_latin_word_in_a_russian_text_takes_the_endings_of_english() -> None:
    assert covers(word_of("startup"), "startups", "ru")


def test_a_word_in_a_text_of_unknown_language_takes_the_endings_of_any_common_one() -> None:
    assert covers(word_of("Vertrag"), "Verträgen", None)


def test_a_latin_word_may_be_english_in_any_language() -> None:
    assert covers(word_of("bridge"), "bridges", "eu")
    assert covers(word_of("bridge"), "bridges", "tr")


def test_a_word_in_a_language_without_a_table_takes_no_other_endings() -> None:
    assert not covers(word_of("bridge"), "bridgenin", "eu")


@pytest.mark.parametrize(("language", "word", "form"), inflected_pairs())
def test_every_form_starts_with_one_of_the_stems(language: str, word: str, form: str) -> None:
    assert any(fold_key(form).startswith(stem) for stem in all_stems(word_of(word))), language


WORDS_OF_ANY_KIND = st.builds(
    lambda head, tail, capital, first, last: word_of(
        (head + tail).capitalize() if capital else head + tail, first=first, last=last
    ),
    st.text("abcdeghiklmnoprstuz", min_size=3, max_size=8),
    st.sampled_from(
        "ista ales mans lles nnes ttes enne ives uses eux if ies lar ler nen ces cia gia che chi oes asi usu ungen akil nomas eau ail al en es us z q".split()
    ),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=500)
@given(WORDS_OF_ANY_KIND)
def test_every_stem_of_a_long_word_starts_as_is_told_without_the_stems(word: Word) -> None:
    start = start_of_stems(word)
    assert start is None or all(stem.startswith(start) for stem in all_stems(word))


@given(WORDS_OF_ANY_KIND, st.sampled_from([None, "en", "de", "fr", "es", "it", "tr", "pl", "fi", "hu", "ro"]))
def test_every_form_starts_with_a_stem(word: Word, language: str | None) -> None:
    stems = tuple(all_stems(word))
    assert all(stem.startswith(stems) for stem, _ in forms(word, language))
