from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest

from hookrouter.domain.change import LeadEvent
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.wire.messages.standard_body import rfc3339, standard_body


def test_the_body_is_the_contract_s():
    delivery = a_delivery(timeline=({"eventSource": "formSubmit"},))

    assert orjson.loads(standard_body(delivery)) == {
        "type": "lead.updated",
        "timestamp": "2026-03-04T15:20:11Z",
        "data": {
            "lead": dict(a_lead().fields),
            "previous": {"leadStatus": "open"},
            "changed": ["leadStatus"],
            "timeline": [{"eventSource": "formSubmit"}],
            "route": "hot-lead",
            "source": "crm",
            "push": "p_019500000000aabbccddeeff",
        },
    }


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (LeadEvent.CREATED, "lead.created"),
        (LeadEvent.UPDATED, "lead.updated"),
        (LeadEvent.UNCHANGED, "lead.updated"),
        (LeadEvent.STALE, "lead.updated"),
    ],
)
def test_the_type_says_what_happened(event, kind):
    assert orjson.loads(standard_body(a_delivery(change=a_change(event=event))))["type"] == kind


def test_a_missing_history_is_explained():
    body = orjson.loads(standard_body(a_delivery(timeline_missing="the CRM is away")))

    assert (body["data"]["timeline"], body["data"]["timeline_missing"]) == ([], "the CRM is away")


def test_a_moment_elsewhere_is_told_in_utc():
    assert (
        rfc3339(datetime(2026, 3, 4, 16, 20, 11, 5000, timezone(timedelta(hours=1)))) == "2026-03-04T15:20:11.005000Z"
    )
    assert rfc3339(datetime(2026, 3, 4, 15, 20, 11, tzinfo=UTC)) == "2026-03-04T15:20:11Z"
