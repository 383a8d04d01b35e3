"""What is shown of a lead to those who need not know it."""

from __future__ import annotations

import pytest

from hookrouter.domain.lead import Json
from hookrouter.domain.personal import Mask

MASK = Mask(frozenset({"nickName"}))


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("emailAddress", "ada.brown@acme.example", "a***@acme.example"),
        ("emailAddress", "no address", "***ss"),
        ("e-mail", "a@b", "a***@b"),
        ("emailAddress", "@@", "***"),
        ("phoneNumber", "(999) 999-9912", "***12"),
        ("mobilePhoneNumber", 15551234567, "***67"),
        ("faxNumber", "123", "***"),
        ("phoneNumber", "", ""),
        ("phoneNumber", None, None),
        ("nickName", "Addie Brown", "***wn"),
        ("nickName", {"first": "Addie"}, {"first": "***"}),
        ("firstName", "Ada", "Ada"),
        ("firstName", "ada@acme.example", "a***@acme.example"),
        ("description", "call +49 (30) 123-4567 or x@y.io, z@y.io", "call ***67 or x***@y.io, z***@y.io"),
        ("createTimestamp", "2026-03-04 15:20:11", "2026-03-04 15:20:11"),
        ("id", "718281920514", "718281920514"),
        ("website", "https://acme.example/?to=ada@acme.example&x=1", "https://acme.example/?to=a***@acme.example&x=1"),
        ("custom", [{"phone": "5551234567"}, "a@b.c"], [{"phone": "***67"}, "a***@b.c"]),
        ("active", True, True),
        ("", "email:ada@acme.example", "email:a***@acme.example"),
    ],
)
def test_what_is_personal_is_masked(name: str, value: Json, shown: Json) -> None:
    assert MASK.value(value, name) == shown


def test_a_long_text_without_blanks_is_looked_through_once():
    """From each of its characters on, it would take minutes, in which a receiver took no push."""
    assert MASK.text("a" * 300_000 + " x@y.io") == "a" * 300_000 + " x***@y.io"
