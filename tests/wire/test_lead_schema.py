"""Sound leads are not shown to the schema: it would have nothing to say of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.lead import Json
from hookrouter.domain.push import RejectedLead
from hookrouter.wire.pushes.lead_schema import _SCHEMA, _SOUND, LeadSchema, _is_sound, read_batch, read_lead

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["", "0", "1", "true", "FALSE", "718281920000", "not an id", "x" * 65, "80", "-1.5", "1_0", "nan"]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)


@given(st.dictionaries(st.sampled_from(sorted(LeadSchema().fields)), VALUES))
def test_the_schema_neither_changes_nor_refuses_what_is_found_sound(value: dict[str, Json]) -> None:
    changed = None if (faults := _SCHEMA.validate(value)) else _SCHEMA.load(value)

    assert _is_sound(value) == (
        not faults and [*map(repr, changed.values())] == [*map(repr, changed_as(value, changed))]
    )


def changed_as(value: dict[str, Json], changed: dict[str, Json]) -> list[Json]:
    return [value[name] for name in changed]


def test_every_field_of_the_schema_can_be_tested_without_it() -> None:
    assert _SOUND.keys() == LeadSchema().fields.keys()


@pytest.mark.parametrize(
    ("fields", "read"),
    [
        ({"id": 718281920000}, {"id": "718281920000"}),
        ({"id": "1", "leadScore": 80, "active": True}, {"id": "1", "leadScore": 80, "active": True}),
        ({"id": "1", "ownerID": 7, "field_1": [1]}, {"id": "1", "ownerID": "7", "field_1": [1]}),
    ],
    ids=["an id as a number", "values kept as they came", "one odd field among sound ones"],
)
def test_ids_become_text_and_all_else_stays(fields: dict[str, Json], read: dict[str, Json]) -> None:
    assert read_lead(fields).fields == read


def test_every_fault_of_a_lead_is_told() -> None:
    lead: Json = {"id": "no id", "leadScore": "many", "active": "perhaps", "leadStatus": 3, "isContact": "1"}

    faults = {"id": "an id is digits or letters, 64 at most", "leadScore": "not a number", "active": "neither 0 nor 1"}
    assert read_batch([lead]).rejected == [
        RejectedLead(place=0, value=lead, errors={**faults, "leadStatus": "not text"})
    ]
