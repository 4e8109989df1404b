"""The language of a text: by its script where that decides, else by a statistical model.

Codes are ISO 639-1, as in a feed's declaration without region and script.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Final

from bot.text.tokens import DIGIT, script_of

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_TAG: Final = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})*")
_TWO_LETTERS: Final = {
    "eng": "en", "tur": "tr", "rus": "ru", "zho": "zh", "chi": "zh", "cmn": "zh", "ara": "ar", "deu": "de",
    "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "jpn": "ja", "kor": "ko", "por": "pt", "ita": "it",
    "ukr": "uk", "fas": "fa", "per": "fa", "heb": "he", "hin": "hi", "pol": "pl", "nld": "nl", "dut": "nl",
}  # fmt: skip
_RENAMED: Final = {
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "nb": "no",
    "nn": "no",
    "yue": "zh",
    "zxx": None,
    "und": None,
}

_BY_SCRIPT: Final = {
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "GREEK": "el",
    "HEBREW": "he",
    "THAI": "th",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "TAMIL": "ta",
    "TELUGU": "te",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "SINHALA": "si",
    "KHMER": "km",
    "LAO": "lo",
    "MYANMAR": "my",
}
_SCRIPTS: Final = {
    **{language: frozenset({script}) for script, language in _BY_SCRIPT.items()},
    **dict.fromkeys(("ar", "fa", "ur", "ps", "ckb", "ug"), frozenset({"ARABIC"})),
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "ky", "tg", "mn"), frozenset({"CYRILLIC"})),
    **dict.fromkeys(("hi", "mr", "ne"), frozenset({"DEVANAGARI"})),
    **dict.fromkeys(
        ("en", "de", "fr", "es", "pt", "it", "tr", "nl", "pl", "cs", "sk", "sv", "no", "da", "fi", "hu", "ro", "hr",
         "sl", "ca", "gl", "eu", "id", "ms", "vi", "et", "lv", "lt", "sq", "is", "ga", "cy", "tl", "sw"),
        frozenset({"LATIN"}),
    ),
    "zh": frozenset({"HAN"}),
    "ja": frozenset({"HAN", "HIRAGANA", "KATAKANA"}),
    "ko": frozenset({"HANGUL", "HAN"}),
    "sr": frozenset({"CYRILLIC", "LATIN"}),
}  # fmt: skip
"""The scripts of languages; of a language that is not here nothing is known."""

_LETTERS: Final = {
    "CYRILLIC": (
        ("uk", "іїєґ"),
        ("be", "ў"),
        ("sr", "јљњђћџ"),
        ("mk", "ѓќѕ"),
        ("kk", "әғқңұһ"),
        ("mn", "өү"),
        ("ru", "ыэё"),
    ),
    "ARABIC": (("ur", "ٹڈڑےں"), ("fa", "پچژگک"), ("ar", "ةىأإ")),
}
"""Letters that only one language of a script writes often; the first language whose letters stand wins.

Belarusian writes і as well, hence its own letter is looked for in every text with the letters of Ukrainian.
"""

_LOOKED_AT: Final = 2000
_GLANCED_AT: Final = 600
_ENOUGH_LETTERS: Final = 20
_SURE: Final = 0.5
"""The least probability of a guess: the likeliest language is then likelier than all others together."""


def normalise_language(tag: str | None) -> str | None:
    """The bare language of a tag as feeds write it ("tr-TR", "en_us", "ZH-Hans-CN"); None for garbage."""
    match = _TAG.fullmatch((tag or "").strip())
    if match is None:
        return None
    code = match[1].lower()
    code = _TWO_LETTERS.get(code, code)
    return _RENAMED.get(code, code)


def plausible(language: str, text: str) -> bool:
    """Whether a text's script admits the language; a declaration that it does not admit is to be ignored.

    A text with too few letters contradicts nothing, nor does a language of which no script is known.
    """
    known = _SCRIPTS.get(language)
    if known is None or ("LATIN" in known and text.isascii()):
        return True
    counts = _scripts(text[:_GLANCED_AT])
    total = sum(counts.values())
    if total < _ENOUGH_LETTERS:
        return True
    fitting = sum(counts[script] for script in known)
    return fitting * 4 >= total


def language_of(text: str, *declared: str | None) -> str | None:
    """The first of the declarations, as ISO 639-1, that the text's script does not contradict; else the detected one."""
    for tag in declared:
        language = normalise_language(tag)
        if language is not None and plausible(language, text):
            return language
    return detect(text)


def detect(text: str) -> str | None:
    """The language of a text, or None where it is too short or the guess unsure.

    The model of py3langid is loaded at the first text that a script does not decide.
    """
    counts = _scripts(text)
    if not counts:
        return None
    kana = counts["HIRAGANA"] + counts["KATAKANA"]
    if kana and kana * 10 >= kana + counts["HAN"] and kana + counts["HAN"] > counts["LATIN"]:
        return "ja"
    script, number = counts.most_common(1)[0]
    if script == "HAN":
        return "zh" if number >= 2 else None
    if script in _BY_SCRIPT:
        return _BY_SCRIPT[script]
    if sum(counts.values()) < _ENOUGH_LETTERS:
        return None
    return _by_letters(text[:_LOOKED_AT], script) or _by_model(text[:_LOOKED_AT], script)


def _by_letters(text: str, script: str) -> str | None:
    letters = set(text.casefold())
    for language, own in _LETTERS.get(script, ()):
        if not letters.isdisjoint(own):
            return "be" if language == "uk" and "ў" in letters else language
    return None


def _by_model(text: str, script: str) -> str | None:
    # Encodable text only: the model reads UTF-8.
    code, probability = _model().classify(text.encode("utf-8", "replace").decode("utf-8"))
    language = normalise_language(str(code))
    if language is None or float(probability) < _SURE:
        return None
    known = _SCRIPTS.get(language)
    return language if known is None or script in known else None


def _scripts(text: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for character, number in Counter(text[:_LOOKED_AT]).items():
        counts[script_of(character)] += number
    del counts[""], counts[DIGIT]
    return counts


@cache
def _model() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # The small languages of the model take short headlines from the large ones.
    model.set_languages(sorted(set(model.labels) & set(_SCRIPTS)))
    return model
