"""What of a canary's push is news to people."""

from __future__ import annotations

import pytest

from hookrouter.domain.canary import Canary
from hookrouter.domain.change import Change, LeadEvent, compare
from hookrouter.domain.ids import LeadKey, SourceName
from hookrouter.testing.builders import a_lead

MARK, EARLIER = "canary_0196f0e1d2c3a1b2c3d4e5f6", "canary_0196f0e1d2c2a1b2c3d4e5f6"
CANARY = Canary(source=SourceName("crm"), lead=LeadKey("718281920514"))


def pushed(before: dict[str, str] | None, **now: str) -> Change:
    earlier = None if before is None else a_lead(**before).fields
    return compare(a_lead(updateTimestamp="2026-03-04 16:00:00", **now), earlier)


@pytest.mark.parametrize(
    ("before", "now", "is_own", "event", "changed"),
    [
        pytest.param(
            {"description": EARLIER}, {"description": MARK}, True, LeadEvent.UNCHANGED, (), id="only the mark"
        ),
        pytest.param({"description": "x"}, {"description": MARK}, True, LeadEvent.UNCHANGED, (), id="the first mark"),
        pytest.param(None, {"description": MARK}, True, LeadEvent.UPDATED, (), id="never seen before"),
        pytest.param({"description": MARK}, {"description": MARK}, True, LeadEvent.UNCHANGED, (), id="pushed twice"),
        pytest.param(
            {"description": EARLIER},
            {"description": MARK, "state": "WA"},
            False,
            LeadEvent.UPDATED,
            ("state",),
            id="with a person's change",
        ),
        pytest.param(
            {"description": MARK},
            {"description": MARK, "state": "WA"},
            False,
            LeadEvent.UPDATED,
            ("state",),
            id="later",
        ),
        pytest.param(
            {"description": MARK}, {"description": "a person's"}, False, LeadEvent.UNCHANGED, (), id="the field itself"
        ),
    ],
)
def test_only_what_else_changed_is_for_people(
    before: dict[str, str] | None, now: dict[str, str], is_own: bool, event: LeadEvent, changed: tuple[str, ...]
) -> None:
    seen, own = CANARY.judge(pushed(before, **now))

    assert (own, seen.event, seen.changed, tuple(seen.previous)) == (is_own, event, changed, changed)


def test_a_mark_is_found_in_its_field_alone() -> None:
    assert CANARY.mark_in(pushed({}, description=MARK)) == MARK
    assert CANARY.mark_in(pushed({}, title=MARK)) == ""
    assert CANARY.mark_in(pushed({}, description=f"see {MARK}")) == ""
