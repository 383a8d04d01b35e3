"""Filters for people: `ago`, `money`, `phone` and `initials`; what they cannot read they leave as it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from jinja2 import pass_context
from jinja2.runtime import Context

from hookrouter.domain.lead import crm_time, number_of, text_of

MOMENT = "moment of the push"
"""Where the context keeps it; no template can speak of a name with spaces in it."""

UNITS = (
    ("year", timedelta(days=365)),
    ("month", timedelta(days=30)),
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
)
"""Months and years are of an even length here: who reads `3 months ago` does not count the days."""

MOST_INITIALS = 3
MOST_MONEY = 1e15
CENT = Decimal("0.01")
_NUMBER_OF_NORTH_AMERICA = re.compile(r"(\+?1)?([2-9]\d{2})([2-9]\d{2})(\d{4})")
_BETWEEN_DIGITS = re.compile(r"[\s().\-/]+")


@pass_context
def ago(context: Context, value: object) -> object:
    """A time as `3 days ago` or `in 2 hours`, seen from the push: so each attempt says the same."""
    time, moment = crm_time(value if isinstance(value, str) else None), context.get(MOMENT)
    if time is None or not isinstance(moment, datetime):
        return value
    apart = abs(moment - time)
    for name, unit in UNITS:
        count = apart // unit
        if count:
            span = f"{count} {name}{'' if count == 1 else 's'}"
            return f"in {span}" if time > moment else f"{span} ago"
    return "just now"


def money(value: object, currency: str = "") -> object:
    """A number as `12,500` or `1,234.50`; a sign stands before it (`$12,500`), a code behind it (`12,500 EUR`)."""
    text = text_of(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    number = number_of(text)
    if number is None or abs(number) >= MOST_MONEY:
        return value
    amount = Decimal(text).quantize(CENT, ROUND_HALF_UP)
    shown = f"{abs(amount):,.2f}".removesuffix(".00")
    sign = "-" if amount < 0 else ""
    if currency.isalpha():
        return f"{sign}{shown} {currency}"
    return f"{sign}{currency}{shown}"


def phone(value: object) -> object:
    """A number of North America as `(415) 555-0123`; how others are grouped, only their countries know."""
    digits = _BETWEEN_DIGITS.sub("", str(value)) if isinstance(value, str | int) else ""
    found = _NUMBER_OF_NORTH_AMERICA.fullmatch(digits)
    if found is None:
        return value
    country, area, exchange, line = found.groups()
    return f"{'+1 ' if country else ''}({area}) {exchange}-{line}"


def initials(value: object) -> str:
    """The first letters of a name, or of a list of its parts: `AB` for `Ada Brown`."""
    parts = value if isinstance(value, list | tuple) else [value]
    words = [word for part in parts if isinstance(part, str) for word in part.split()]
    letters = [next((letter for letter in word if letter.isalnum()), "") for word in words]
    return "".join(filter(None, letters))[:MOST_INITIALS].upper()


PEOPLE_FILTERS: dict[str, Callable[..., object]] = {"ago": ago, "initials": initials, "money": money, "phone": phone}
