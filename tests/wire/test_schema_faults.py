"""What is said of values that are too long or too short."""

from __future__ import annotations

import pytest
from marshmallow import Schema, fields, validate

from hookrouter.sinks.email import EmailSchema
from hookrouter.sinks.http_options import HttpSchema
from hookrouter.wire.config.faults import Faults
from hookrouter.wire.config.schema_faults import load_by


class Tags(Schema):
    tags = fields.List(fields.String(validate=validate.Length(1, 5)))


TO = [f"a{number}@example.com" for number in range(52)]
HEADERS = {f"X-{number}": "1" for number in range(51)}


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        (EmailSchema, {"type": "email", "to": []}, "`to` is empty: give 1 to 50 entries"),
        (EmailSchema, {"type": "email", "to": TO}, "`to` has 52 entries, and 50 are the most: take out 2"),
        (
            HttpSchema,
            {"type": "http", "url": "https://example.com", "headers": HEADERS},
            "`headers` has 51 entries, and 50 are the most: take out 1",
        ),
        (Tags, {"tags": ["a", "bcdefg"]}, "an entry of `tags` has 6 characters, and 5 are the most: shorten it"),
    ],
    ids=["empty list", "long list", "long map", "long text in a list"],
)
def test_a_wrong_length_is_told_with_what_how_much_and_what_to_do(schema, value, said):
    with pytest.raises(Faults) as raised:
        load_by(schema(), value)

    assert [fault.message for fault in raised.value.faults] == [said]
