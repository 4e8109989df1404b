"""The language of a text and of a feed's declaration."""

from __future__ import annotations

import pytest

from bot.text.language import detect, language_of, normalise_language, plausible


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("tr-TR", "tr"),
        ("en_us", "en"),
        ("ZH-Hans-CN", "zh"),
        (" de ", "de"),
        ("eng", "en"),
        ("iw", "he"),
        ("nb-NO", "no"),
        ("und", None),
        ("", None),
        (None, None),
        ("english please", None),
        ("e", None),
        ("--", None),
    ],
)
def test_a_declared_language_is_reduced_to_its_code(tag: str | None, language: str | None) -> None:
    assert normalise_language(tag) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("港口昨日重新开放", "zh"),
        ("港は昨日再開した", "ja"),
        ("항구가 어제 다시 열렸다", "ko"),
        ("Το λιμάνι άνοιξε ξανά χθες", "el"),
        ("הנמל נפתח אתמול מחדש", "he"),
        ("The harbour was opened again yesterday after the long winter storms.", "en"),
        ("Liman uzun süren kış fırtınalarının ardından dün yeniden açıldı.", "tr"),
        ("Порт вчера снова открыли после долгих зимних штормов.", "ru"),
        ("Der Hafen wurde gestern nach den langen Winterstürmen wieder geöffnet.", "de"),
        ("أعيد فتح الميناء أمس بعد عواصف الشتاء الطويلة في المدينة.", "ar"),
    ],
)
def test_a_language_is_told_from_a_sentence(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("text", ["", "…", "OK", "123 456", "\ud800"])
def test_too_short_a_text_has_no_language(text: str) -> None:
    assert detect(text) is None


@pytest.mark.parametrize(
    ("language", "text", "admitted"),
    [
        ("en", "Порт вчера снова открыли после шторма", False),
        ("ru", "The harbour was opened again yesterday", False),
        ("ru", "Компания BYD построит завод в Турции", True),
        ("ja", "港口昨日重新开放港口昨日重新开放港口昨日重新开放", True),
        ("en", "BYD", True),
        ("xx", "Порт вчера снова открыли после шторма", True),
    ],
)
def test_a_declaration_is_implausible_where_the_script_contradicts_it(
    language: str, text: str, *, admitted: bool
) -> None:
    assert plausible(language, text) is admitted


def test_a_declaration_that_the_script_contradicts_gives_way_to_what_is_seen() -> None:
    assert language_of("铜矿价格上涨了，市场今天非常活跃，投资者纷纷买入，政府表示关注。", "en") == "zh"


def test_the_first_plausible_declaration_counts() -> None:
    assert language_of("Bakanlık açıkladı", None, "xx-nonsense-tag!", "tr-TR", "de") == "tr"
