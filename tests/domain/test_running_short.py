"""What is said of the CRM's calls of the day when they run short."""

from __future__ import annotations

import pytest

from hookrouter.domain.crm_health import WHO_WAITS, calls_part, crm_part
from hookrouter.domain.quota import SPENT, Quota


@pytest.mark.parametrize(
    ("quota", "is_held_up"),
    [
        (Quota(used=91, limit=100), False),
        (Quota(used=96, limit=100), False),
        (Quota(used=100, limit=100), True),
        (Quota(used=3, limit=100, is_spent=True), True),
    ],
)
def test_it_says_that_leads_wait_once_nothing_is_asked_any_more(quota, is_held_up):
    part = calls_part(quota, None)

    assert part is not None
    assert quota.gives_way in part.advice
    assert (WHO_WAITS in part.advice) is is_held_up
    assert "anew each day" in part.advice


def test_of_a_day_that_is_spent_nothing_is_said_twice():
    calls, crm = calls_part(Quota(used=3, limit=100, is_spent=True), SPENT), crm_part(SPENT, is_configured=True)

    assert calls is not None
    said = [piece for part in (calls, crm) for piece in part.advice.split("; ")]
    assert "it is asked again every minute" in said
    assert {"calls are granted anew each day", *WHO_WAITS.split("; ")} <= set(said)
    assert len(said) == len(set(said))
