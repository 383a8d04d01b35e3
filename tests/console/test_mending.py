"""Fields in a form: whoever changes nothing changes nothing, whatever a lead holds, masked or not."""

from __future__ import annotations

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from hookrouter.domain.personal import Mask
from hookrouter.web.console.mending import mendable, read_changes
from hookrouter.web.discreet import Discreet
from hookrouter.web.masks import Masked

ODD = ["+1 212 555 0134", "212 555 0134", "ada@example.com", "a\r\nb", "a\rb", "\nab", "a\0b", "***34", ""]
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(ODD)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
NAMES = TEXTS | st.sampled_from(["emailAddress", "phoneNumber", "nickName", "description", "new-name"])


def telling(lead, *, is_open):
    return Discreet(shown=Masked(Mask(frozenset({"nickName"})), is_open=is_open), lead=lead)


def sent(fields):
    """What a browser sends of a form that nobody touched: fields by their names, line breaks as it likes them."""
    return MultiDict((f"field.{each.name}", as_sent(each.text)) for each in fields)


def as_sent(text):
    return re.sub(r"\r\n|\r|\n", "\r\n", text).replace("\0", "\N{REPLACEMENT CHARACTER}")


@example(lead={"description": "a\r\nb", "title": "\nab"}, is_open=True)
@example(lead={"description": "a\rb", "title": "a\0b"}, is_open=True)
@example(lead={"description": "212 555 0134", "phoneNumber": "212 555 0134"}, is_open=False)
@settings(max_examples=50)
@given(lead=st.dictionaries(NAMES, VALUES, max_size=4), is_open=st.booleans())
def test_a_form_that_nobody_touched_changes_nothing(lead, is_open):
    tell = telling(lead, is_open=is_open)

    assert read_changes(sent(mendable(lead, {}, tell)), lead, tell) == {}


@settings(max_examples=30)
@given(lead=st.dictionaries(NAMES, VALUES, min_size=1, max_size=4), text=st.text("abc 1[]", min_size=1), data=st.data())
def test_a_field_that_is_written_anew_changes_that_one(lead, text, data):
    tell, name = telling(lead, is_open=False), data.draw(st.sampled_from(sorted(lead)))
    form = sent(mendable(lead, {}, tell))
    form[f"field.{name}"] = f"{text} anew"

    assert read_changes(form, lead, tell) == {name: f"{text} anew"}


def test_a_value_stays_of_its_kind_where_the_text_can_be_read_so():
    lead = {"leadScore": 80, "active": True, "tags": ["a"], "firstName": "Ada", "title": None}
    texts = {"leadScore": "95", "active": "false", "tags": '["b"]', "firstName": "7", "title": "8"}
    form = MultiDict((f"field.{name}", text) for name, text in texts.items())

    changes = read_changes(form, lead, telling(lead, is_open=True))

    assert changes == {"leadScore": 95, "active": False, "tags": ["b"], "firstName": "7", "title": "8"}
    assert read_changes(MultiDict({"field.leadScore": "many"}), lead, telling(lead, is_open=True)) == {
        "leadScore": "many"
    }


def test_what_is_masked_is_not_in_the_form_and_stays_when_nothing_is_written():
    lead = {"emailAddress": "ada@example.com", "note": "call 212 555 0134", "phoneNumber": "212 555 0134"}
    fields = {each.name: each for each in mendable(lead, {}, telling(lead, is_open=False))}

    assert {name: each.text for name, each in fields.items()} == dict.fromkeys(lead, "")
    assert "0134" not in "".join(each.hidden for each in fields.values())
    assert fields["emailAddress"].hidden == "a***@example.com"
