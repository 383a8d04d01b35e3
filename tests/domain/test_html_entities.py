"""Values as people mean them, whatever the CRM made of them."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.html_entities import decoded, decoded_value

READ_AS = {
    "Smith &amp; Sons": "Smith & Sons",
    "&quot;Ada&quot; O&#039;Brien": '"Ada" O\'Brien',
    "a &lt; b &gt; c": "a < b > c",
    "&amp;gt;": "&gt;",
    "O&#039;Neil &amp; &amp;lt;Sons&gt;": "O'Neil & <Sons>",
    "&amp;amp;": "&amp;",
    "/search?a=1&copy=2&lt=3": "/search?a=1&copy=2&lt=3",
    "&eacute; &#233; &nbsp;": "&eacute; &#233; &nbsp;",
    "AT&T": "AT&T",
    "": "",
}


@pytest.mark.parametrize(("written", "meant"), READ_AS.items())
def test_a_value_is_decoded_once_and_only_where_the_crm_encodes(written, meant):
    assert decoded_value(written) == meant


@given(st.text().filter(lambda typed: "&lt;" not in typed))
def test_what_php_encodes_reads_as_it_was_typed(typed):
    assert decoded_value(html.escape(typed).replace("&#x27;", "&#039;")) == typed


def test_values_within_values_are_decoded_too():
    assert decoded({"tags": ["a &amp; b", {"name": "&lt;c&gt;"}], "leadScore": 80}) == {
        "tags": ["a & b", {"name": "<c>"}],
        "leadScore": 80,
    }


def test_fields_without_entities_are_not_copied():
    fields = {"companyName": "Acme", "leadScore": 80, "state": None}

    assert decoded(fields) is fields
