"""Filters for people say what people say, and leave alone what they cannot read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.wire.messages.sandbox import Escaping
from hookrouter.wire.messages.template import RenderingFailed, Template, template_context

PUSHED = "2026-03-04 15:20:11"


def filled(template: str, value: object = None, escaping: Escaping = Escaping.TEXT) -> str:
    delivery = a_delivery(change=a_change(lead=a_lead(value=value)))  # type: ignore[arg-type]  # whatever a lead may hold
    return Template(template, escaping).render(template_context(delivery, lambda _: None))


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (PUSHED, "just now"),
        ("2026-03-04 15:19:12", "just now"),
        ("2026-03-04 15:19:11", "1 minute ago"),
        ("2026-03-04 14:20:12", "59 minutes ago"),
        ("2026-03-04 14:20:11", "1 hour ago"),
        ("2026-03-03 15:20:12", "23 hours ago"),
        ("2026-03-03 15:20:11", "1 day ago"),
        ("2026-02-02 15:20:12", "29 days ago"),
        ("2026-02-02 15:20:11", "1 month ago"),
        ("2025-03-04 15:20:12", "12 months ago"),
        ("2025-03-04 15:20:11", "1 year ago"),
        ("2016-03-04", "10 years ago"),
        ("2026-03-04T16:20:11+02:00", "1 hour ago"),
        ("2026-03-04 17:25:11", "in 2 hours"),
        ("0000-00-00 00:00:00", "0000-00-00 00:00:00"),
        ("soon", "soon"),
        ("", ""),
        (None, ""),
        (17, "17"),
    ],
)
def test_ago(time: object, said: str) -> None:
    assert filled("{{ lead.value|ago }}", time) == said


@pytest.mark.parametrize(
    ("value", "currency", "said"),
    [
        ("12500", "", "12,500"),
        ("12500.00", "$", "$12,500"),
        (1234.5, "EUR", "1,234.50 EUR"),
        ("0.005", "$", "$0.01"),
        ("-3000", "$", "-$3,000"),
        ("-3000", "USD", "-3,000 USD"),
        (0, "€", "€0"),
        (" 7 ", "", "7"),
        ("1e3", "", "1,000"),
        ("about 10", "$", "about 10"),
        ("1,200", "$", "1,200"),
        ("1e300", "$", "1e300"),
        ("9" * 400, "$", "9" * 400),
        ("nan", "", "nan"),
        (True, "", "true"),
        ("", "$", ""),
        (None, "$", ""),
        (["1"], "$", '["1"]'),
    ],
)
def test_money(value: object, currency: str, said: str) -> None:
    assert filled(f"{{{{ lead.value|money('{currency}') }}}}", value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("4155550123", "(415) 555-0123"),
        (4155550123, "(415) 555-0123"),
        ("415.555.0123", "(415) 555-0123"),
        ("+1 (415) 555-0123", "+1 (415) 555-0123"),
        ("14155550123", "+1 (415) 555-0123"),
        ("0301234567", "0301234567"),
        ("1155550123", "1155550123"),
        ("+49 30 123456", "+49 30 123456"),
        ("415-555-0123 x12", "415-555-0123 x12"),
        ("415555012", "415555012"),
        ("call me", "call me"),
        ("", ""),
        (None, ""),
        (True, "true"),
    ],
)
def test_phone(value: object, said: str) -> None:
    assert filled("{{ lead.value|phone }}", value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("Ada Brown", "AB"),
        ("ada  king brown lovelace", "AKB"),
        ("  (Ada) ", "A"),
        ("Émile Zola", "ÉZ"),
        ("李 小龍", "李小"),
        (["Ada", None, "Brown Smith"], "ABS"),
        ("---", ""),
        ("", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_initials(value: object, said: str) -> None:
    assert filled("{{ lead.value|initials }}", value) == said


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(json_values | st.text("0123456789.+-e ()x", max_size=30), st.sampled_from(["ago", "money", "phone", "initials"]))
def test_whatever_a_field_holds_makes_a_message(value: object, name: str) -> None:
    filled(f"{{{{ lead.value|{name} }}}}", value)


def test_what_filters_make_is_escaped_like_all_else() -> None:
    assert filled("{{ lead.value|phone }}", "<!channel>", Escaping.MRKDWN) == "&lt;!channel&gt;"
    assert filled("{{ lead.value|initials }}", "<a> &b", Escaping.HTML) == "AB"
    assert filled("{{ lead.value|ago }}", "<b>soon</b>", Escaping.HTML) == "&lt;b&gt;soon&lt;/b&gt;"
    assert filled("{{ lead.value|money('$') }}", "1200", Escaping.URL) == "%241%2C200"


def test_a_currency_that_is_none_is_told() -> None:
    with pytest.raises(RenderingFailed):
        filled("{{ lead.value|money(3) }}", "1200")
