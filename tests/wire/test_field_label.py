"""What people call the fields of a lead."""

from __future__ import annotations

import pytest

from hookrouter.domain.crm_fields import SYSTEM_FIELDS
from hookrouter.wire.messages.field_label import field_label

COLOR, OTHER = "favorite_color_5a0dd86e6e290", "favorite_color_5a0dd86e6e291"


@pytest.mark.parametrize(
    ("name", "lead", "label"),
    [
        ("leadStatus", (), "Lead status"),
        ("officePhoneNumber", (), "Office phone"),
        ("isUnsubscribed", (), "Unsubscribed"),
        ("ownerID", (), "Owner"),
        (COLOR, (COLOR,), "Favorite color"),
        (COLOR, (COLOR, OTHER), COLOR),
        ("title_5a0dd86e6e290", ("title_5a0dd86e6e290",), "title_5a0dd86e6e290"),
        ("____5a0dd86e6e290", ("____5a0dd86e6e290",), "____5a0dd86e6e290"),
        ("someThing", (), "someThing"),
        ("", (), ""),
    ],
)
def test_a_field_is_called_as_people_do_if_that_is_one_field(name: str, lead: tuple[str, ...], label: str) -> None:
    assert field_label(name, lead) == label


def test_no_two_fields_of_the_crm_are_called_the_same() -> None:
    labels = {field_label(name, ()) for name in SYSTEM_FIELDS}

    assert len(labels) == len(SYSTEM_FIELDS)
    assert not {label for label in labels if not label[:1].isupper()}
