"""Spans of time, what a changed lead turns out to be, and what runs add up to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.ids import LeadKey, PushId
from hookrouter.domain.lead import Json, Lead
from hookrouter.domain.reconciling import Finding, Judged, Kind, PushTrust, ReconcileTally, Span
from hookrouter.domain.remembered import Snapshot

NOON = datetime(2026, 3, 4, 12, 0, 0, tzinfo=UTC)
SETTLED = NOON - timedelta(minutes=1)


def seconds(count: int) -> timedelta:
    return timedelta(seconds=count)


def of(span: Span) -> list[int]:
    """The seconds of a span, counted from noon."""
    first, last = (int((end - NOON).total_seconds()) for end in (span.start, span.end))
    return list(range(first, last + 1))


@given(st.integers(1, 5000))
def test_halves_hold_each_second_once(length: int) -> None:
    earlier, later = Span(NOON, NOON + seconds(length)).halves()

    assert of(earlier) + of(later) == list(range(length + 1))
    assert of(earlier)
    assert of(later)


@given(st.integers(0, 5000), st.integers(1, 900))
def test_pieces_hold_each_second_once(length: int, piece: int) -> None:
    rest: Span | None = Span(NOON, NOON + seconds(length))
    held: list[int] = []
    while rest is not None:
        first, rest = rest.split(seconds(piece))
        assert 1 <= len(of(first)) <= piece + 1
        held += of(first)

    assert held == list(range(length + 1))


def lead(**fields: Json) -> Lead:
    return Lead(key=LeadKey("1"), fields={"id": "1", "updateTimestamp": "2026-03-04 11:00:00", **fields})


@pytest.mark.parametrize(
    ("copy", "seen", "found"),
    [
        (lead(city="Ulm"), None, Finding.MISSED),
        (lead(city="Ulm"), lead(city="Ulm"), Finding.KNOWN),
        (lead(city="Ulm"), lead(city="Bonn"), Finding.MISSED),
        (lead(city="Ulm"), lead(city="Bonn", updateTimestamp="2026-03-04 11:00:01"), Finding.KNOWN),
        (lead(city="Ulm"), lead(city="Ulm", updateTimestamp="2026-03-04 10:00:00"), Finding.KNOWN),
        (lead(city=None), lead(city=""), Finding.KNOWN),
        (lead(city="Ulm", updateTimestamp="2026-03-04 11:59:01"), None, Finding.RECENT),
        (lead(city="Ulm", updateTimestamp="2026-03-04 11:59:00"), None, Finding.MISSED),
    ],
    ids=[
        "never seen",
        "the same",
        "another content of the same second",
        "a push brought a newer one",
        "a change that changed nothing",
        "empty either way",
        "its push may be under way",
        "settled",
    ],
)
def test_content_decides_what_pushes_missed(copy: Lead, seen: Lead | None, found: Finding) -> None:
    snapshot = None if seen is None else Snapshot(fields=seen.fields, push=PushId("p_1"))

    assert Judged.of(copy, snapshot, SETTLED).finding is found


def test_a_lag_is_what_lies_between_a_change_and_its_push() -> None:
    judged = Judged.of(lead(), Snapshot(fields=lead().fields, push=PushId("p_1")), SETTLED)

    assert judged.lag(datetime(2026, 3, 4, 11, 0, 3, tzinfo=UTC)) == 3.0
    assert judged.lag(datetime(2026, 3, 4, 10, 59, 58, tzinfo=UTC)) == 0.0
    assert judged.changed_after(datetime(2026, 3, 4, 10, 0, 0, tzinfo=UTC), Kind.UPDATE)
    assert not judged.changed_after(datetime(2026, 3, 4, 11, 0, 0, tzinfo=UTC), Kind.UPDATE)
    assert not judged.changed_after(datetime(2026, 3, 4, 10, 0, 0, tzinfo=UTC), Kind.CREATE), "nobody knows"


def test_a_tally_tells_the_middle_of_its_lags() -> None:
    tally = ReconcileTally(since=NOON, until=NOON).plus((), lags=[9.0, 1.0, 2.0])

    assert (tally.lag, ReconcileTally(since=NOON, until=NOON).lag) == (2.0, None)


@pytest.mark.parametrize(
    ("changes", "missed", "share", "is_broken"),
    [(0, 0, None, False), (1000, 9, 0.009, False), (1000, 10, 0.01, True), (2, 2, 1.0, False)],
)
def test_an_operator_is_told_of_what_is_no_accident(
    changes: int, missed: int, share: float | None, *, is_broken: bool
) -> None:
    trust = PushTrust(changes=changes, missed=missed)

    assert (trust.share_missed, trust.is_broken) == (share, is_broken)
