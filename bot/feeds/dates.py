"""Dates that feedparser gives up on: without a zone, or with months in the publisher's own language."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_ENGLISH: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_ELSEWHERE: Final = (
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "oca şub mar nis may haz tem ağu eyl eki kas ara",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv févr mars avr mai juin juil août sept oct nov déc",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jan feb mär apr mai jun jul aug sep okt nov dez",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene feb mar abr may jun jul ago sep oct nov dic",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "jan fev mar abr mai jun jul ago set out nov dez",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "янв фев мар апр май июн июл авг сен окт ноя дек",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "sty lut mar kwi maj cze lip sie wrz paź lis gru",
)
"""Months as CLDR gives them, wide and abbreviated, for the languages in which publishers write them so."""

_MONTHS: Final = {
    name: english for names in _ELSEWHERE for name, english in zip(names.split(), _ENGLISH, strict=True)
}

_DATE: Final = re.compile(
    r"(?P<day>\d{1,2})\.?\s+(?P<month>[^\W\d_]{3,12})\.?,?\s+(?P<year>\d{4}),?\s+"
    r"(?P<time>\d{1,2}:\d{2}(?::\d{2})?)\s*(?P<zone>[+-]\d{2}:?\d{2}|[A-Z]{1,4})?"
)


_CALENDAR_DAY: Final = re.compile(r"\s*(\d{4,9})-(\d{1,2})-(\d{1,2})(?!\d)")


def names_no_day(text: str) -> bool:
    """Whether a date in ISO's shape names a day that no calendar has, which feedparser would roll over."""
    match = _CALENDAR_DAY.match(text)
    if match is None:
        return False
    try:
        date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return True
    return False


def read_date(text: str) -> datetime | None:
    """A date of RFC 5322's shape in UTC, months in many languages; one without a zone is taken for UTC."""
    match = _DATE.search(text[:100])
    if match is None:
        return None
    month = _MONTHS.get(match["month"].lower(), match["month"])
    zone = (match["zone"] or "+0000").replace(":", "")
    try:
        moment = parsedate_to_datetime(f"{match['day']} {month} {match['year']} {match['time']} {zone}")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
