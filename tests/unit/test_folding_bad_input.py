"""What feeds bring that is hard to fold rightly, through the code of `newsbell stories`.

Each case holds on the first day, when nothing is known of how rare words are, and in the midst of other news.
"""

from __future__ import annotations

import copy
import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

import pytest

from bot.filters import Line, Stories, read_lines
from bot.stories.folding import Placement

MORNING: Final = datetime(2026, 3, 4, 6, tzinfo=UTC)
FEEDS: Final = [f"https://{name}.example/feed" for name in "abcdefghij"]

Told = dict[str, Any]
Fold = Callable[[Sequence[Told]], list[Placement]]


def told(title: str, body: str, *, feed: str = FEEDS[0], hours: float = 0, **more: str) -> Told:
    published = (MORNING + timedelta(hours=hours)).isoformat()
    return {"title": title, "summary": body, "feed": feed, "published": published, **more}


def lines(articles: Iterable[Told]) -> Iterator[Line]:
    encoded = (json.dumps({"id": number, **each}).encode() for number, each in enumerate(articles))
    for line in read_lines(encoded):
        assert isinstance(line, Line)
        yield line


def other_news(number: int) -> Iterator[Told]:
    """News that nobody wrote, with the common words of English in it."""
    chance = random.Random(5)  # noqa: S311 - the same each time, and no secret
    syllables = "ka lo mi ren dor sta vel nor bri tan os ul pe gri hal mon ser tu".split()
    names = ["".join(chance.choices(syllables, k=3)).capitalize() for _ in range(1500)]
    words = ["".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(4000)]
    common = (
        "the a of in on and said will was with by for from that people police company year city at it not to new"
    ).split()

    def sentence(own: list[str]) -> str:
        kinds = (lambda: chance.choice(common), lambda: chance.choice(own), lambda: chance.choice(words))
        return " ".join(chance.choices(kinds, weights=(6, 2, 4))[0]() for _ in range(14)).capitalize() + "."

    for minutes in range(number):
        own = chance.sample(names, 6)
        yield told(
            f"{own[0]} {chance.choice(words)} {own[1]} {chance.choice(words)}",
            " ".join(sentence(own) for _ in range(5)),
            feed=f"https://wire-{minutes % 7}.example/feed",
            hours=minutes / 60 - 12,
            language="en",
        )


@cache
def midst() -> Stories:
    stories = Stories(undated=MORNING)
    for line in lines(other_news(500)):
        stories.place(line.article)
    return stories


@pytest.fixture(params=["on the first day", "in the midst of news"])
def fold(request: pytest.FixtureRequest) -> Fold:
    """Places articles, in order."""
    stories = Stories(undated=MORNING) if request.param == "on the first day" else copy.deepcopy(midst())
    return lambda articles: [stories.place(line.article) for line in lines(articles)]


def groups(placements: Iterable[Placement]) -> str:
    """The stories as letters: "aba" says that the third article joined the first."""
    letters: dict[str, str] = {}
    return "".join(letters.setdefault(each.story_id, chr(97 + len(letters))) for each in placements)


def reasons(placements: Iterable[Placement]) -> set[str]:
    """Why all articles but the first belong to their stories."""
    return {each.reason.value for each in [*placements][1:]}


HEADLINES: Final = [
    "Harbour workers in Odrenburg walk out over pensions",
    "Chess prodigy Mira Castellan wins junior title at twelve",
    "Heavy snow shuts three passes in the Veltar range",
    "Bank Norland names Ilse Haverkamp as chief executive",
]

NOTICES: Final = {
    "nothing": "",
    "two words": "Read more",
    "a call": "Click here to continue reading the full story on our website",
    "an offer": "This article is for subscribers only. Sign in or start a free trial today to read this story and all "
    "our award-winning journalism on any device you like.",
    "an imprint": "The Odrenburg Courier is an independent newspaper funded by its readers. Support our reporters with a "
    "gift today. Follow us on every network, and sign up for our nightly letter with the best of the day from our "
    "newsroom in Odrenburg and around the Veltar valley.",
}


@pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES)
def test_a_notice_under_all_news_folds_none_of_it(fold: Fold, notice: str) -> None:
    assert groups(fold([told(title, notice) for title in HEADLINES])) == "abcd"


def test_a_notice_after_the_repeated_headline_folds_no_news(fold: Fold) -> None:
    articles = [told(title, f"{title}. {NOTICES['an offer']}") for title in HEADLINES]
    assert groups(fold(articles)) == "abcd"


@pytest.mark.parametrize("title", ["", "Markets"])
def test_a_title_over_nothing_folds_nothing(fold: Fold, title: str) -> None:
    assert groups(fold([told(title, "", feed=feed) for feed in FEEDS[:3]])) == "abc"


COLUMNS: Final = [
    (
        "Good morning. Parliament debates the fishing bill today, the central bank publishes its minutes, and Odrenburg "
        "expects sleet. Our reporter Lena Voss looks at why ferries run late."
    ),
    (
        "Good morning. The trial of the former harbour master begins, teachers in Marsk return to class after the strike, "
        "and a comet can be seen before dawn. Jan Ottwell explains the new rail fares."
    ),
    (
        "Good morning. Farmers drive tractors to the capital, the cup final is sold out, and the national gallery shows "
        "forty drawings by Tessa Lund. Petra Hale asks who pays for the airport."
    ),
]


@pytest.mark.parametrize("hours", [1, 24])
def test_a_column_of_one_title_is_new_each_time(fold: Fold, hours: int) -> None:
    articles = [told("Morning briefing", body, hours=hours * n) for n, body in enumerate(COLUMNS)]
    assert groups(fold(articles)) == "abc"


def test_one_title_over_other_facts_is_another_story(fold: Fold) -> None:
    articles = [
        told(
            "Man arrested after robbery",
            "Police in Marsk arrested a 34-year-old man on Tuesday after an armed robbery at a petrol station on Halden "
            "Road, where four hundred crowns were taken.",
        ),
        told(
            "Man arrested after robbery",
            "Officers in Odrenburg detained a 52-year-old suspect on Wednesday who is said to have held up a jeweller in "
            "the Sorrel arcade and fled with watches by tram.",
            feed=FEEDS[1],
            hours=2,
        ),
    ]
    assert groups(fold(articles)) == "ab"


SHORT_REPORT: Final = (
    "The Odrenburg share index closed at {} points on Wednesday, traders at the exchange said."
)
LONG_REPORT: Final = (
    "Gold for delivery in April stood at {} crowns an ounce in Odrenburg. Silver cost {} crowns, platinum {} and palladium "
    "{}. Copper was quoted at {} a tonne, nickel at {}, zinc at {} and tin at {}. The index of ten metals read {} points, "
    "and {} lots changed hands, the exchange said in its daily note to members."
)
LONG_FIGURES: Final = ("2104", "24", "911", "1022", "8412", "17650", "2480", "26310", "311", "4120")

REPORTS: Final[dict[str, tuple[str, list[tuple[str, ...]], str]]] = {
    "short": (SHORT_REPORT, [("4210",), ("4385",), ("4402",)], "en"),
    "long": (
        LONG_REPORT,
        [LONG_FIGURES, ("2111", *LONG_FIGURES[1:]), ("2117", *LONG_FIGURES[1:])],
        "en",
    ),
    "long, all other": (
        LONG_REPORT,
        [tuple(str(int(figure) + 7 * day) for figure in LONG_FIGURES) for day in range(3)],
        "en",
    ),
    "Turkish": (
        (
            "Merkez Bankası verilerine göre dolar kuru çarşamba günü {} lira seviyesinden kapandı, avro ise {} liraya "
            "yükseldi. Borsa endeksi günü {} puanla tamamladı, gram altın {} liradan işlem gördü. Uzmanlar yatırımcıların "
            "enflasyon verisini beklediğini söyledi."
        ),
        [
            ("41,20", "47,85", "11.240", "5.310"),
            ("41,35", "47,85", "11.240", "5.310"),
            ("41,90", "48,20", "11.402", "5.365"),
        ],
        "tr",
    ),
    "Russian": (
        (
            "По данным биржи, курс доллара в среду составил {} рубля, евро подорожал до {} рубля. Индекс закрылся на отметке "
            "{} пункта, нефть торговалась по {} доллара за баррель. Аналитики объяснили движение ожиданием решения регулятора."
        ),
        [
            ("81,20", "94,15", "2710", "68,4"),
            ("81,75", "94,15", "2710", "68,4"),
            ("82,10", "95,02", "2744", "69,9"),
        ],
        "ru",
    ),
    "Chinese": (
        "证券交易所数据显示，综合指数周三收于{}点，成交额{}亿元。黄金每克{}元，原油每桶{}美元。分析师表示，投资者正在等待通胀数据公布。",
        [("3412", "8120", "771", "68"), ("3419", "8120", "771", "68"), ("3455", "9044", "780", "70")],
        "zh",
    ),
    "Arabic digits": (
        (
            "قالت البورصة إن المؤشر العام أغلق يوم الأربعاء عند {} نقطة بينما بلغ سعر الذهب {} دينارا للغرام وارتفع النفط إلى {} "
            "دولارا للبرميل. وأوضح محللون أن المستثمرين ينتظرون بيانات التضخم الجديدة من المصرف المركزي هذا الأسبوع."
        ),
        [("٤٢١٠", "٨٧", "٦٨"), ("٤٢١٥", "٨٧", "٦٨"), ("٤٣٠٠", "٨٩", "٧١")],
        "ar",
    ),
}


@pytest.mark.parametrize(
    "titles", [["Daily note"] * 3, ["Steady", "Edging up", "A quiet day"]], ids=["one", "own"]
)
@pytest.mark.parametrize("hours", [1, 24])
@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_of_another_number_is_another_story(
    fold: Fold, kind: str, hours: int, titles: list[str]
) -> None:
    template, days, language = REPORTS[kind]
    articles = [
        told(title, template.format(*figures), hours=hours * n, language=language)
        for n, (title, figures) in enumerate(zip(titles, days, strict=True))
    ]
    assert groups(fold(articles)) == "abc"


QUAKE: Final = (
    "An earthquake of magnitude {} struck near {} on Wednesday, the geological survey said. The quake was at a depth of {} "
    "kilometres. There were no immediate reports of casualties or damage, and no tsunami warning was issued."
)
ARREST: Final = (
    "{} police arrested two men aged {} and {} on Wednesday after finding {} kilograms of cocaine in a container of {} in "
    "the port of {}. The men were brought before a judge, prosecutors said."
)
RESULT: Final = (
    "{} reported net profit of {} million crowns for the third quarter, {} percent more than a year before, on revenue of "
    "{} million. The company kept its forecast for the year. Its shares {} {} percent in early trading in Odrenburg."
)
FORECAST: Final = (
    "Forecast for {}: cloudy with some rain, highs of {} degrees and lows of {} degrees, wind from the {} at {} kilometres "
    "an hour. Chance of rain {} percent. Sunrise is at {} and sunset at {}."
)

KINDS: Final = {
    "quakes": [
        ("Earthquake of magnitude 5.8 strikes off Sumatra", QUAKE.format("5.8", "Sumatra", 35)),
        ("Earthquake of magnitude 6.1 strikes near Tonga", QUAKE.format("6.1", "Tonga", 12)),
    ],
    "arrests": [
        ("Two held over cocaine in Rotterdam", ARREST.format("Dutch", 24, 31, 410, "bananas", "Rotterdam")),
        ("Two held over cocaine in Antwerp", ARREST.format("Belgian", 27, 45, 780, "pineapples", "Antwerp")),
    ],
    "results": [
        ("Haldentech profit rises", RESULT.format("Haldentech", 214, 8, 1902, "rose", "2.1")),
        ("Norland Foods profit rises", RESULT.format("Norland Foods", 87, 3, 644, "fell", "1.4")),
    ],
    "forecasts of two towns": [
        ("Weather in Marsk", FORECAST.format("Marsk", 12, 4, "north", 15, 40, "06:41", "18:02")),
        ("Weather in Kest", FORECAST.format("Kest", 14, 6, "west", 22, 60, "06:38", "18:05")),
    ],
    "forecasts of two days": [
        ("Weather in Marsk", FORECAST.format("Marsk", 12, 4, "north", 15, 40, "06:41", "18:02")),
        ("Weather in Marsk", FORECAST.format("Marsk", 12, 5, "north", 15, 40, "06:40", "18:03")),
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_two_events_of_one_kind_on_one_day_are_two_stories(fold: Fold, kind: str) -> None:
    articles = [told(title, body, hours=n) for n, (title, body) in enumerate(KINDS[kind])]
    assert groups(fold(articles)) == "ab"


FIRE: Final = "Eleven hurt in fire at paint factory in Marsk"
FIRE_BODY: Final = (
    "Fire broke out in a paint factory at Lindqvist Quay in Marsk on Tuesday night and spread to two warehouses. Eleven "
    "workers were taken to the Halden hospital with burns, a spokeswoman for the fire brigade, Greta Solberg, said. Sixty "
    "firefighters fought the flames until dawn. The police have opened an inquiry into the cause. The company, Farben Ost, "
    "said that it would stop work at the site for the rest of the month and support the families. Neighbours had been told "
    "to keep their windows shut because of the smoke."
)

EDITIONS: Final = {
    "a typo in the title": ("Eleven hurt in fire at piant factory in Marsk", FIRE_BODY),
    "typos in the body": (FIRE, FIRE_BODY.replace("spokeswoman", "spokewoman").replace("flames", "flmaes")),
    "cut short": (FIRE, f"{FIRE_BODY[:260]}…"),
    "cut short under another headline": ("Marsk: blaze in warehouse district", f"{FIRE_BODY[:260]} […]"),
    "another byline and an imprint": (
        FIRE,
        f"By Tomas Rehn, Marsk. {FIRE_BODY} Read the full story on our site. Copyright The Valley Post.",
    ),
    "another headline": ("Flames tear through Lindqvist Quay", FIRE_BODY),
    "an agency's marks": ("Marsk: inquiry into blaze", f"MARSK (Nordpress) - {FIRE_BODY} (Nordpress/kl)"),
}


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("later", [0, 1])
def test_an_edited_copy_is_the_same_story(fold: Fold, edition: str, later: int) -> None:
    both = [told(FIRE, FIRE_BODY), told(*EDITIONS[edition], feed=FEEDS[1])]
    assert groups(fold([both[later], both[1 - later]])) == "aa"


@pytest.mark.parametrize("edition", ["a typo in the title", "typos in the body", "another headline"])
def test_an_edited_copy_is_told_from_another_report_of_the_event(edition: str) -> None:
    stories = copy.deepcopy(midst())
    both = [told(FIRE, FIRE_BODY), told(*EDITIONS[edition], feed=FEEDS[1])]
    assert reasons(stories.place(line.article) for line in lines(both)) == {"near_text"}


FLOOD: Final = (
    "The river Veltar burst its banks at Kestrel Bridge early on Wednesday and flooded four districts of Odrenburg. Mayor "
    "Anna Tolland ordered two thousand people to leave their homes."
)
UPDATES: Final = [
    "06:30 Trains between Odrenburg and Marsk do not run.",
    "07:30 The army sends forty boats from the Halden barracks.",
    "08:30 A school gymnasium in Upper Kest takes in families.",
    "09:30 Power has failed in nine hundred flats near the old mill.",
    "10:30 The gauge at the bridge reads five metres.",
    "11:30 Minister Hollis Brandt flies over the valley.",
    "12:30 Helicopters lift a farmer from a roof in Sorrel.",
    "13:30 The water begins to fall at the upper gauge.",
    "14:30 Two bridges stay shut until engineers have looked at them.",
    "15:30 Insurers expect claims for thirty million crowns.",
]


@pytest.mark.parametrize("order", ["newest first", "newest last"])
def test_a_live_blog_that_grows_under_new_ids_is_one_story(fold: Fold, order: str) -> None:
    articles = []
    for hours in range(len(UPDATES) + 1):
        so_far = UPDATES[:hours]
        parts = [*reversed(so_far), FLOOD] if order == "newest first" else [FLOOD, *so_far]
        articles.append(told("Flood on the Veltar: live", " ".join(parts), hours=hours))
    assert groups(fold(articles)) == "a" * 11


def test_a_live_blog_that_grows_under_one_address_is_one_story(fold: Fold) -> None:
    articles = [
        told(f"Veltar: {update}", update, hours=hours, url="https://a.example/live")
        for hours, update in enumerate(UPDATES)
    ]
    placements = fold(articles)
    assert (groups(placements), reasons(placements)) == ("a" * 10, {"same_url"})


FERRY: Final = {
    "en": (
        "Ferry with 214 people runs aground off Kalymnos",
        (
            "The ferry Aegean Star with 214 people on board ran aground near the island of Kalymnos on Tuesday evening. The "
            "Greek coast guard sent seven boats, spokesman Nikos Dimitriou said. Three passengers were slightly injured. Winds "
            "of 60 kilometres an hour made the rescue difficult. Captain Stavros Lekkas was questioned by prosecutors in Kos."
        ),
    ),
    "tr": (
        "Kalymnos açıklarında 214 kişilik feribot karaya oturdu",
        (
            "İçinde 214 kişi bulunan Aegean Star feribotu salı akşamı Kalymnos adası yakınlarında karaya oturdu. Yunan sahil "
            "güvenliği yedi tekne gönderdi, dedi sözcü Nikos Dimitriou. Üç yolcu hafif yaralandı. Saatte 60 kilometreyi bulan "
            "rüzgâr kurtarmayı güçleştirdi. Kaptan Stavros Lekkas, Kos'ta savcılar tarafından sorgulandı."
        ),
    ),
    "ru": (
        "Паром с 214 пассажирами сел на мель у Калимноса",
        (
            "Паром Aegean Star, на борту которого находились 214 человек, сел на мель у острова Калимнос во вторник вечером. "
            "Береговая охрана Греции направила семь катеров, сообщил представитель Никос Димитриу. Три пассажира получили "
            "лёгкие травмы. Ветер до 60 километров в час осложнял спасение. Капитана Ставроса Леккаса допросили на Косе."
        ),
    ),
    "es": (
        "Un ferri con 214 personas encalla frente a Kalymnos",
        (
            "El ferri Aegean Star, con 214 personas a bordo, encalló cerca de la isla de Kalymnos el martes por la noche. La "
            "guardia costera de Grecia envió siete lanchas, dijo el portavoz Nikos Dimitriou. Tres pasajeros resultaron heridos "
            "leves. Vientos de 60 kilómetros por hora dificultaron el rescate. El capitán Stavros Lekkas fue interrogado en Kos."
        ),
    ),
    "de": (
        "Fähre mit 214 Menschen vor Kalymnos auf Grund gelaufen",
        (
            "Die Fähre Aegean Star mit 214 Menschen an Bord ist am Dienstagabend nahe der Insel Kalymnos auf Grund gelaufen. "
            "Die griechische Küstenwache schickte sieben Boote, sagte Sprecher Nikos Dimitriou. Drei Passagiere wurden leicht "
            "verletzt. Wind von 60 Kilometern pro Stunde erschwerte die Rettung. Kapitän Stavros Lekkas wurde auf Kos befragt."
        ),
    ),
}


def test_translated_copies_are_one_story(fold: Fold) -> None:
    articles = [
        told(*text, feed=FEEDS[n], hours=n / 3, language=language)
        for n, (language, text) in enumerate(FERRY.items())
    ]
    assert groups(fold(articles)) == "aaaaa"


GARDEN: Final = (
    "Garden show opens in Kest",
    "The spring garden show in Kest opened its gates with four hundred kinds of tulip and a new glasshouse for orchids.",
)

SCRIPTS: Final = {
    "Japanese": (
        "港で火災、作業員けが",
        (
            "火曜日の夜、丸須港の塗料工場で火災が発生し、倉庫二棟に燃え広がった。消防によると作業員11人がやけどを負い、病院に運ばれた。"
            "消防士60人が明け方まで消火にあたった。"
        ),
        "将棋、藤見七段が優勝",
        "将棋の若葉杯決勝は水曜日、大阪で行われ、藤見七段が山岸八段を百四十二手で破り初優勝を果たした。賞金は被災地に寄付するという。",
    ),
    "Thai": (
        "ไฟไหม้โรงงานสี",
        "เกิดเหตุเพลิงไหม้โรงงานสีที่ท่าเรือมาร์สค์เมื่อคืนวันอังคาร ไฟลุกลามไปยังโกดังสองหลัง คนงานสิบเอ็ดคนถูกนำส่งโรงพยาบาล",
        "หมากรุกเยาวชน",
        "เด็กหญิงวัยเก้าขวบชนะเลิศการแข่งขันหมากรุกเยาวชนแห่งชาติ หลังเอาชนะแชมป์เก่าในรอบชิงด้วยเวลาเพียงครึ่งชั่วโมง",
    ),
    "Arabic": (
        "إصابة أحد عشر عاملا في حريق",
        (
            "اندلع حريق في مصنع للدهانات في ميناء مارسك مساء الثلاثاء وامتد إلى مستودعين. ونقل أحد عشر عاملا إلى مستشفى هالدن "
            "مصابين بحروق، وفق المتحدثة باسم الإطفاء غريتا سولبرغ."
        ),
        "افتتاح معرض الحدائق",
        "افتتح معرض الربيع للحدائق أبوابه في مدينة كيست مع أربعمئة نوع من زهور التوليب ودفيئة جديدة للأوركيد قرب المحطة القديمة.",
    ),
    "Hebrew": (
        "שריפה במפעל צבע",
        "שריפה פרצה ביום שלישי בלילה במפעל צבע בנמל מרסק והתפשטה לשני מחסנים. אחד עשר עובדים פונו לבית החולים עם כוויות.",
        "תערוכת פרחים נפתחה",
        "תערוכת הפרחים של האביב נפתחה בעיר קסט עם ארבע מאות סוגי צבעונים וחממה חדשה לסחלבים ליד תחנת הרכבת הישנה.",
    ),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_script_hinders_telling_copies_from_other_news(fold: Fold, script: str) -> None:
    title, body, other_title, other_body = SCRIPTS[script]
    articles = [
        told(title, body),
        told(other_title, other_body, feed=FEEDS[1], hours=1),
        told(f"{title}!", f"* {body}", feed=FEEDS[2], hours=2),
    ]
    assert groups(fold(articles)) == "aba"


@pytest.mark.parametrize("language", ["", "xx", "de", "zh", "x" * 5_000])
def test_a_wrong_or_unknown_language_hides_no_copy_and_joins_no_other_news(fold: Fold, language: str) -> None:
    articles = [
        told(FIRE, FIRE_BODY, language="en"),
        told("Flames tear through Lindqvist Quay", FIRE_BODY, feed=FEEDS[1], language=language),
        told(*GARDEN, feed=FEEDS[1], language=language),
    ]
    assert groups(fold(articles)) == "aab"


HOSTILE: Final = {
    "half a character": "\ud800 Fire \udfff",
    "NULs": "Fire\x00\x00 in\x00 Marsk \x00",
    "a megabyte of words": "up and down the same old stairs " * 32_000,
    "a megabyte of one word": "fire" * 260_000,
    "a megabyte of figures": "17 4 9 " * 150_000,
    "a megabyte without spaces": "港で火災" * 90_000,
    "marks only": "\u0301" * 10_000,
    "direction marks": "\u202e\u200f" * 5_000,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_text_founds_its_story_and_harms_no_other(fold: Fold, what: str) -> None:
    text = HOSTILE[what]
    articles = [
        told(FIRE, FIRE_BODY),
        told(text[:1_000], text, feed=FEEDS[1]),
        told(*GARDEN, feed=FEEDS[2]),
        told("Flames tear through Lindqvist Quay", FIRE_BODY, feed=FEEDS[3]),
    ]
    assert groups(fold(articles)) == "abca"


@pytest.mark.parametrize("year", ["1970", "1901", "2026-03-04T05:59:00Z"])
def test_a_date_of_the_past_keeps_no_later_copy_from_its_story(fold: Fold, year: str) -> None:
    old = year if "T" in year else f"{year}-01-01T00:00:00Z"
    articles = [
        {**told(*GARDEN), "published": old},
        told(FIRE, FIRE_BODY),
        told("Flames tear through Lindqvist Quay", FIRE_BODY, feed=FEEDS[1]),
    ]
    assert groups(fold(articles)) == "abb"


def test_articles_out_of_the_order_of_their_times_fold_as_well(fold: Fold) -> None:
    hours = [5, 0, 9, 2]
    articles = [
        told(FIRE if n % 2 else "Flames tear through Lindqvist Quay", FIRE_BODY, feed=FEEDS[n], hours=at)
        for n, at in enumerate(hours)
    ]
    assert groups(fold(articles)) == "aaaa"


def test_another_feeds_ids_hide_no_news(fold: Fold) -> None:
    articles = [
        {**told(FIRE, FIRE_BODY), "id": "n1"},
        {**told(*GARDEN, feed=FEEDS[1]), "id": "n1"},
    ]
    assert groups(fold(articles)) == "ab"


COPIES: Final = 1_000


@pytest.mark.parametrize("titled", ["one title", "own titles"])
def test_thousands_of_copies_are_one_story_at_once_and_crowd_out_no_other(fold: Fold, titled: str) -> None:
    fold([told(*GARDEN)])
    chance = random.Random(7)  # noqa: S311 - the same each time, and no secret
    own = [" ".join(chance.sample(FIRE_BODY.split(), 6)) for _ in range(COPIES)]
    copies = [
        told(title, FIRE_BODY, feed=f"https://{n}.example/feed", hours=n / 500)
        for n, title in enumerate(own if titled == "own titles" else [FIRE] * COPIES)
    ]
    began = time.process_time()
    placements = fold(copies)
    took = time.process_time() - began
    garden = fold([told("Tulips in Kest", GARDEN[1], feed=FEEDS[4], hours=7), told(*GARDEN, hours=7)])
    assert groups(placements) == "a" * COPIES
    assert groups(garden) == "aa"
    assert took < 60
