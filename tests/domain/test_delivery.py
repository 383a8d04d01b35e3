"""A delivery, and the name it keeps for ever."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hookrouter.domain.change import LeadEvent, compare
from hookrouter.domain.delivery import Delivery, Occasion, delivery_id, make_delivery
from hookrouter.domain.ids import LeadKey, PushId, RouteName, SinkName, SourceName
from hookrouter.domain.lead import Lead

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
OCCASION = Occasion(push=PushId("p_1"), source=SourceName("crm"), place=0, received_at=NOON)
LEAD = LeadKey("718281920514")
ROUTE, SINK = RouteName("hot-lead"), SinkName("sales")


def test_a_name_is_the_same_whenever_it_is_made():
    later = replace(OCCASION, received_at=NOON + timedelta(days=1))

    name = delivery_id(OCCASION, LEAD, ROUTE, SINK)

    assert name == delivery_id(later, LEAD, ROUTE, SINK)
    assert re.fullmatch("d_[0-9a-f]{32}", name)


def test_a_name_is_the_one_that_earlier_versions_gave():
    assert delivery_id(OCCASION, LEAD, ROUTE, SINK) == "d_e92e050161b50d59738072b37a983984"


@pytest.mark.parametrize(
    "other",
    [
        delivery_id(replace(OCCASION, push=PushId("p_2")), LEAD, ROUTE, SINK),
        delivery_id(replace(OCCASION, place=1), LEAD, ROUTE, SINK),
        delivery_id(replace(OCCASION, source=SourceName("form")), LEAD, ROUTE, SINK),
        delivery_id(OCCASION, LeadKey("718281920515"), ROUTE, SINK),
        delivery_id(OCCASION, LEAD, RouteName("cold-lead"), SINK),
        delivery_id(OCCASION, LEAD, ROUTE, SinkName("billing")),
        delivery_id(OCCASION, LEAD, RouteName("hot-leads"), SinkName("ales")),
    ],
    ids=["push", "place", "source", "lead", "route", "sink", "border"],
)
def test_another_lead_push_place_route_or_sink_has_another_name(other):
    assert other != delivery_id(OCCASION, LEAD, ROUTE, SINK)


def test_a_delivery_carries_the_lead_with_what_changed():
    change = compare(Lead(key=LEAD, fields={"leadScore": "80"}), {"leadScore": "12", "state": "CA"})

    delivery = make_delivery(OCCASION, change, ROUTE, SINK)

    assert delivery == Delivery(
        id=delivery_id(OCCASION, LEAD, ROUTE, SINK),
        sink=SINK,
        route=ROUTE,
        push=PushId("p_1"),
        source=SourceName("crm"),
        received_at=NOON,
        event=LeadEvent.UPDATED,
        lead_key=LEAD,
        lead={"leadScore": "80", "state": "CA"},
        changed=("leadScore",),
        previous={"leadScore": "12"},
    )


def test_an_attempt_is_counted_and_the_first_is_remembered():
    change = compare(Lead(key=LEAD, fields={}), None)
    delivery = make_delivery(OCCASION, change, ROUTE, SINK)

    twice = delivery.with_attempt(NOON).with_attempt(NOON + timedelta(minutes=1))

    assert twice == replace(delivery, attempts=2, first_attempt_at=NOON)
    assert (delivery.attempts, delivery.first_attempt_at) == (0, None)
