"""What `explain` tells of a lead is what the router would do with it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.burst import Burst
from hookrouter.domain.calendar import OpenTime
from hookrouter.domain.change import compare
from hookrouter.domain.conditions.during import During
from hookrouter.domain.delivery import Occasion, delivery_id
from hookrouter.domain.ids import LeadKey, PushId, RouteName, SinkName, SourceName
from hookrouter.domain.lead import Lead
from hookrouter.domain.policy import Digest, SinkPolicy
from hookrouter.domain.routing import USUAL_EVENTS, Enrichment, Route, RouteTable, Target
from hookrouter.sinks.stdout import StdoutSink
from hookrouter.testing.builders import a_case
from hookrouter.usecases.explaining.explain import Explain
from hookrouter.wire.messages.template import RenderingFailed
from hookrouter.wire.rules.language import read_match
from hookrouter.wire.rules.names import NamedConditions

CRM = SourceName("crm")
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
OCCASION = Occasion(push=PushId("p_1"), source=CRM, place=0, received_at=NOON)
LEAD = Lead(key=LeadKey("7"), fields={"id": "7", "leadStatus": "qualified", "leadScore": "91"})
BEFORE = {"id": "7", "leadStatus": "open", "leadScore": "91", "companyName": "Acme"}


@dataclass(frozen=True)
class BrokenSink:
    def render(self, delivery):
        raise RenderingFailed("the subject, line 1: no such field")

    async def send(self, delivery, message):
        raise AssertionError("nothing is sent")


class Sinks:
    """`gone` names no sink, `broken` one whose template cannot be filled."""

    def find(self, sink, route):
        if sink == "gone":
            return None
        return BrokenSink() if sink == "broken" else StdoutSink(name=sink, patience=timedelta(seconds=10))


def a_route(name, match=None, to=("sales",), **options):
    conditions, events = read_match(match or {}, ())
    targets = tuple(Target(sink=SinkName(sink)) for sink in to)
    return Route(name=RouteName(name), conditions=conditions, to=targets, events=events or USUAL_EVENTS, **options)


def explained(*routes, lead=LEAD, snapshot=BEFORE, policies=None, timeline=None):
    explain = Explain(table=RouteTable(routes), sinks=Sinks(), policies=policies)
    return explain.lead(lead, snapshot, OCCASION, timeline).as_json()


def promised(told):
    """Of each route what the contract promises; its tree has tests of its own."""
    return [{name: route[name] for name in ("route", "matched", "failed")} for route in told["routes"]]


def test_it_is_printed_in_the_shape_that_is_promised():
    hot = a_route("hot-lead", {"changed": ["leadStatus"]}, to=("sales", "billing"))
    cold = a_route("cold-lead", {"leadScore": {"lt": 20}})

    told = explained(cold, hot)

    contents = [delivery.pop("content") for delivery in told["deliveries"]]
    told["routes"] = promised(told)
    assert told == {
        "lead": "7",
        "event": "updated",
        "changed": ["leadStatus"],
        "routes": [
            {"route": "cold-lead", "matched": False, "failed": "leadScore lt 20 (was 91)"},
            {"route": "hot-lead", "matched": True, "failed": None},
        ],
        "deliveries": [{"route": "hot-lead", "sink": "sales"}, {"route": "hot-lead", "sink": "billing"}],
    }
    assert [content["sink"] for content in contents] == ["sales", "billing"]


def test_a_delivery_has_the_name_and_the_lead_of_the_real_one():
    (delivery,) = explained(a_route("hot-lead"))["deliveries"]

    content = delivery["content"]
    assert content["delivery"] == delivery_id(OCCASION, LEAD.key, RouteName("hot-lead"), SinkName("sales"))
    assert content["data"]["lead"] == {**BEFORE, **LEAD.fields}
    assert content["data"]["previous"] == {"leadStatus": "open"}


def test_what_cannot_be_rendered_says_why_and_the_others_are_shown():
    told = explained(a_route("hot-lead", to=("broken", "gone", "sales")))

    broken, gone, sales = (delivery["content"] for delivery in told["deliveries"])
    assert broken == {"error": "the subject, line 1: no such field"}
    assert gone == {"error": "there is no sink gone"}
    assert sales["data"]["route"] == "hot-lead"


def test_nothing_is_said_to_help_a_lead_that_others_took():
    rest = a_route("unmatched", for_unmatched=True)

    told = explained(a_route("hot-lead"), rest)

    assert [route["would_match_if"] for route in told["routes"]] == [[], []]


def test_a_route_without_sinks_holds_nothing():
    monday = During(time=OpenTime(timezone=ZoneInfo("UTC"), days=frozenset({0})), name="monday")

    told = explained(a_route("ours", stop=True, to=(), held_outside=monday))

    assert "held" not in told["routes"][0]


def test_a_stopping_route_is_named_by_those_it_stops():
    told = explained(a_route("our-own-tests", to=(), stop=True), a_route("hot-lead"))

    assert promised(told)[1] == {"route": "hot-lead", "matched": False, "failed": "stopped by our-own-tests"}
    assert told["deliveries"] == []


@pytest.mark.parametrize(
    ("route", "failed"),
    [
        (a_route("other", sources={SourceName("form")}), "source form (was crm)"),
        (a_route("new", {"event": "created"}), "event created (was updated)"),
    ],
    ids=["source", "event"],
)
def test_a_route_for_others_says_for_whom(route, failed):
    assert promised(explained(route)) == [{"route": route.name, "matched": False, "failed": failed}]


def test_a_named_condition_is_told_with_its_name_and_what_it_found():
    names = NamedConditions({"cold": {"leadScore": {"lt": 20}}, "dead": {"all": ["cold", {"leadStatus": "open"}]}})
    conditions, _ = read_match({"not": "cold", "any": ["dead"]}, (), names)
    route = Route(name=RouteName("lost"), conditions=conditions, to=())

    [told] = explained(route)["routes"]

    assert told["failed"] == "any of: dead: cold: leadScore lt 20 (was 91)"
    _, cold, dead = told["tree"]["parts"]
    assert (cold["label"], cold["held"]) == ("none of: cold", True)
    assert [part["label"] for part in dead["parts"]] == ["dead"]
    assert [part["label"] for part in dead["parts"][0]["parts"]] == ["cold", "leadStatus is open"]
    assert told["would_match_if"] == ["leadScore lt 20 (was 91)", "leadStatus is open (was qualified)"]


@pytest.mark.parametrize("event", ["unchanged", "stale"])
def test_an_unchanged_or_stale_lead_goes_only_where_its_event_is_named(event):
    stamp = "2026-03-04 11:00:00" if event == "stale" else "2026-03-04 12:00:00"
    lead = Lead(key=LeadKey("7"), fields={"id": "7", "updateTimestamp": stamp})
    snapshot = {"id": "7", "updateTimestamp": "2026-03-04 12:00:00"}

    told = explained(a_route("usual"), a_route("asked", {"event": event}), lead=lead, snapshot=snapshot)

    assert told["event"] == event
    assert [route["matched"] for route in told["routes"]] == [False, True]


def test_a_snapshot_from_days_ahead_makes_nothing_stale_here_either():
    lead = Lead(key=LeadKey("7"), fields={"id": "7", "leadScore": "5", "updateTimestamp": "2026-03-04 11:00:00"})
    snapshot = {"id": "7", "leadScore": "4", "updateTimestamp": "2126-03-04 12:00:00"}

    assert explained(a_route("usual"), lead=lead, snapshot=snapshot)["event"] == "updated"


def test_only_a_route_that_asks_gets_the_history_it_asks_for():
    events = [
        {"eventSource": "formSubmit", "createTimestamp": "2026-03-01 10:00:00"},
        {"eventSource": "pageVisit", "createTimestamp": "2026-03-03 10:00:00"},
        {"eventSource": "formSubmit", "createTimestamp": "2026-03-04 11:00:00"},
        {"eventSource": "formSubmit", "createTimestamp": "2025-03-04 11:00:00"},
    ]
    asks = Enrichment(sources=("formSubmit",), last=timedelta(days=30))

    told = explained(a_route("asks", enrichment=asks), a_route("does-not"), timeline=events)

    timelines = [delivery["content"]["data"]["timeline"] for delivery in told["deliveries"]]
    assert timelines == [[events[2], events[0]], []]


@pytest.mark.parametrize(
    ("policy", "gathered"),
    [
        (SinkPolicy(), None),
        (
            SinkPolicy(digest=Digest(every=timedelta(minutes=15), most=50, by="companyName")),
            "would be part of a digest for companyName Acme, sent 15m after its first lead or when it has 50",
        ),
        (
            SinkPolicy(burst=Burst(over=20, per=timedelta(minutes=1)), expire_after=timedelta(hours=4)),
            (
                "would be part of a digest if more than 20 come in 1m; "
                "would be a line of a digest if it came more than 4h late"
            ),
        ),
    ],
)
def test_a_delivery_says_who_would_share_its_message(policy, gathered):
    [delivery] = explained(a_route("hot"), policies=lambda _: policy)["deliveries"]

    assert delivery.get("gathered") == gathered


def test_a_sink_is_shown_with_the_fields_it_may_see():
    told = explained(a_route("hot-lead"), policies=lambda _: SinkPolicy(only=("leadScore",)))

    (delivery,) = told["deliveries"]
    data = delivery["content"]["data"]
    assert (data["lead"], data["previous"], data["changed"]) == ({"id": "7", "leadScore": "91"}, {}, [])


@given(
    st.lists(
        st.tuples(
            st.sampled_from([{"leadScore": {"gt": 50}}, {"state": "CA"}, {"changed": ["leadScore"]}, {}]), st.booleans()
        ),
        max_size=5,
    ),
    st.fixed_dictionaries({}, optional={"leadScore": st.integers(0, 100), "state": st.sampled_from(["CA", "TX", ""])}),
    st.none() | st.just(BEFORE),
)
def test_it_agrees_with_the_router(rules, fields, snapshot):
    routes = [a_route(f"route-{number}", match, stop=stop) for number, (match, stop) in enumerate(rules)]
    lead = Lead(key=LeadKey("7"), fields=fields)

    told = explained(*routes, lead=lead, snapshot=snapshot)

    case = a_case(compare(lead, snapshot))
    verdicts = RouteTable(tuple(routes)).verdicts(case)
    assert [(route["route"], route["failed"]) for route in told["routes"]] == [
        (verdict.route.name, verdict.failed) for verdict in verdicts
    ]
    assert [delivery["route"] for delivery in told["deliveries"]] == [
        route.name for route in RouteTable(tuple(routes)).matching(case)
    ]
