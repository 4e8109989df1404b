"""The figures that a sentence tells: tolls, sums, shares; not its years, dates, times, ages and ordinals.

A figure is compared by its value, however it is written: 1,200, 1.200, 1 200, ١٬٢００ and 1.2 thousand are one.
Numbers in letters count from two to twelve, which is as far as headlines spell them out.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Final

import regex

_MONTHS: Final = (
    "january february april june july august september october november december jan feb apr jun jul aug sept? oct "
    "nov dec januar jänner februar märz mai juni juli oktober dezember janvier février mars avril juin juillet août "
    "septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre octubre "
    "noviembre diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre janeiro fevereiro "
    "março maio junho julho setembro outubro novembro dezembro januari februari maart mei augustus ocak şubat mart "
    "nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık января февраля марта апреля мая июня июля августа "
    "сентября октября ноября декабря січня лютого березня квітня травня червня липня серпня вересня жовтня листопада "
    "грудня stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia يناير "
    "فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر شباط آذار نيسان أيار حزيران تموز آب أيلول"
).split()
_MONTH: Final = rf"(?:(?-i:May|MAY|March|MARCH)|(?:{'|'.join(_MONTHS)}))\b"

_NO_FIGURE: Final = regex.compile(
    rf"""\d{{1,4}}([-/.])\d{{1,2}}\1\d{{1,4}}(?!\d)                  # a date: 2026-03-01, 1.3.2026
      | (?<!\d)(?:19|20)\d\d[-–/]\d\d(?!\d)                          # a season: 2025-26
      | (?<![\d.,])(?:19|20)\d\d(?!\d|[.,'\ ]\d\d\d(?!\d))           # a year
      | \d{{1,2}}\.?(?:er|st|nd|rd|th)?\ (?:(?:de|of)\ )?{_MONTH}    # 25 November, 25. Mai, 12 de mayo
      | {_MONTH}\.?\ \d{{1,2}}(?!\d)(?:st|nd|rd|th)?                 # November 25
      | (?<!\d)\d{{1,4}}\s?(?:[年月日号號]|[時时](?:\d{{1,2}}分)?|[년월일시](?!\p{{L}}))  # 2026年3月1日, 14時30分
      | (?<!\d)\d{{1,2}}:\d\d(?::\d\d)?(?!\d)                        # 14:30
      | (?<!\d)\d{{1,2}}(?:[.:]\d\d)?\s?(?:[ap]\.?m\b|uhr\b|o'clock) # 5 p.m., 14.30 Uhr
      | (?<!\d)\d{{1,2}}h(?:\d\d)?(?!\w)                             # 14h30
      | \bsaat\ \d{{1,2}}[.:]\d\d
      | (?<!\d)\d{{1,2}}/\d{{1,2}}(?!\d)                             # 24/7
      | \d{{1,3}}[-\ ]?(?:years?|months?|weeks?|days?)[-\ ]olds?\b   # ages
      | (?:\bag(?:e|ed)|\bâgée?s?\ de|\bим[ея]|العمر)\ \d{{1,3}}(?!\d)
      | \d{{1,3}}[-\ ]?(?:yaşında|jährig|jahre\ alt|летн|річн|jarige|letni)\w*
      | \bd[ei]\ \d{{1,3}}\ (?:ans|años|anni|anos)\b
      | \d{{1,3}}\s?[岁歲歳才세]
      | (?<=,\ )\d{{1,3}}(?=,)                                       # Jane Doe, 88, said
      | \(\d{{1,3}}\)
      | (?:\b(?:no|nr|núm)\.|[№\#第])\s?\d{{1,15}}                          # numbers that name something
      | (?<=[\p{{Lu}}\p{{Ll}}][-‐‑–]?)\d{{1,15}}(?:[.,]\d{{1,15}})?                # G20, F-16, COVID-19
      | (?<!\d)\d[DGK]\b
      | (?<!\d)\d{{1,5}}(?:st|nd|rd|th|er|ère|e|ème|º|ª|°|-?(?:й|я|е|го|ый|ой))\b # ordinals
      | (?<![\d.,])\d{{1,3}}[.)](?=\s)
      """,
    regex.VERBOSE | regex.IGNORECASE,
)
_NUMBER: Final = regex.compile(
    r"""(?<![\d.,])(?:
        (?P<grouped>[1-9]\d{0,2}([.,'\ ])\d{3}(?:\2\d{3}){0,3})(?:[.,](?P<rest>\d{1,2}))?(?![\d]|[.,']\d)
      | (?P<lakhs>[1-9]\d?(?:,\d\d){1,4},\d{3})(?![\d]|[.,]\d)
      | (?P<plain>\d{1,15})(?:[.,](?P<part>\d{1,15}))?(?![\d]|[.,]\d)
      )(?:[\ -]?(?P<times>[^\W\d_]+))?""",
    regex.VERBOSE,
)
"""One number. Digits joined in any other way (versions, addresses) are none."""

_TIMES: Final = {
    word: Decimal(10) ** power
    for power, words in {
        3: "thousand thousands tausend mille mila mil bin tys тысяч тысячи тысячу тыс тис ألف آلاف 千",
        4: "万 萬 만",
        6: "million millions millionen mio mn mln millones millón milioni milione milhões milhão milyon miljoen "
        "milionów miliony миллион миллиона миллионов млн مليون ملايين",
        8: "亿 億 억",
        9: "billion billions bn milliarde milliarden milliard milliards mrd miliardi miliardo milyar miljard miliardów "
        "миллиард миллиарда миллиардов млрд مليار مليارات",
    }.items()
    for word in words.split()
}

_SPELLED: Final = {
    language: {word: number for number, words in enumerate(row.split(), start=2) for word in words.split("/")}
    for language, row in {
        "en": "two three four five six seven eight nine ten eleven twelve",
        "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
        "fr": "deux trois quatre cinq six sept huit neuf dix onze douze",
        "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce",
        "it": "due tre quattro cinque sei sette otto nove dieci undici dodici",
        "pt": "dois/duas três quatro cinco seis sete oito nove dez onze doze",
        "nl": "twee drie vier vijf zes zeven acht negen tien elf twaalf",
        "tr": "iki üç dört beş altı yedi sekiz dokuz on",
        "ru": "два/две/двое/двух три/трое/трёх/трех четыре/четверо/четырёх/четырех пять/пяти/пятеро шесть/шести "
        "семь/семи восемь/восьми девять/девяти десять/десяти",
    }.items()
}
_WORD: Final = regex.compile(r"(?<![^\W_])[^\W\d_]+(?![^\W_]|[- ](?:years?|months?|weeks?|days?)[- ]old)")
_SEPARATORS: Final = {
    **dict.fromkeys("\u00a0\u202f\u2009\u2007", " "),
    **dict.fromkeys("٬，", ","),
    **dict.fromkeys("٫．", "."),
    **dict.fromkeys("’＇", "'"),
    **dict.fromkeys("：", ":"),
}


def figures(sentence: str, *, language: str | None = None) -> dict[str, str]:
    """The figures of a sentence by their value, each as it is written there; the first spelling of a value counts.

    `language` (ISO 639-1) is what numbers in letters are read in.
    """
    # Character by character, so that a place in the one text is the same place in the other.
    plain = sentence if sentence.isascii() else "".join(map(_plain, sentence))
    plain = _NO_FIGURE.sub(lambda match: "\x00" * len(match[0]), plain)
    found: list[tuple[int, str, str]] = []
    for number in _NUMBER.finditer(plain):
        value, end = _value(number)
        found.append((number.start(), value, sentence[number.start() : end]))
    spelled = _SPELLED.get(language or "", {})
    for word in _WORD.finditer(plain) if spelled else ():
        count = spelled.get(word[0].lower())
        if count is not None:
            found.append((word.start(), str(count), sentence[word.start() : word.end()]))
    told: dict[str, str] = {}
    for _, value, written in sorted(found):
        told.setdefault(value, " ".join(written.split()))
    return told


def _value(number: regex.Match[str]) -> tuple[str, int]:
    """The value of a number in plain decimal digits, and where what was read of it ends."""
    whole, part = number["plain"], number["part"]
    if whole is None:
        whole = "".join(filter(str.isdigit, number["grouped"] or number["lakhs"]))
        part = number["rest"]
    value = Decimal(f"{whole}.{part or 0}")
    end = max(number.end(name) for name in ("grouped", "rest", "lakhs", "plain", "part"))
    word = (number["times"] or "").lower()
    # Chinese and its neighbours write on without a space: 120万元.
    for read in (word, word[:1]):
        if read in _TIMES:
            value, end = value * _TIMES[read], number.start("times") + len(read)
            break
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text), end


def _plain(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return str(digit) if digit is not None else _SEPARATORS.get(character, character)
