"""Each list of the API is read to its end by `next`: whole, and nothing twice, also while more comes in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from api_support import Caller

from hookrouter.domain.assignment import Assigned, Decision
from hookrouter.domain.delivery import Occasion
from hookrouter.domain.ids import LeadKey, PushId, RouteName, SourceName, TeamName
from hookrouter.domain.lead_clock import Begun, LeadClock
from hookrouter.store.clocks import write_news
from hookrouter.testing.builders import RECEIVED_AT, a_change, a_delivery, a_lead
from hookrouter.web.api.table import CALLS
from hookrouter.wire.kept.assigning import write_decision

PAGE, FIRST, MEANWHILE = 3, 10, 2
CRM, EAST = SourceName("crm"), TeamName("east")
IS_APART = {"/deliveries/waiting"}
"""A page of each sink, by that sink's own `next`; `test_calls` has it."""


@pytest.fixture
def more(api: Caller, bury: Callable[..., object]) -> Callable[[int], None]:
    """Lets so much more come into every list."""
    numbers, redis, keys = count(1), api.runtime.server, api.runtime.keys

    def decide(number: int) -> None:
        assigned = Assigned(owner="313499604", name="Ada Brown", team=EAST, reason="Ada next")
        decision = Decision(
            asked=EAST,
            assigned=assigned,
            route=RouteName("hot-lead"),
            push=PushId(f"p_{number}"),
            source=CRM,
            lead_key=LeadKey(str(number)),
            at=RECEIVED_AT,
            is_new=True,
        )
        redis.call("XADD", keys.decisions(), "*", "r", write_decision(decision))

    def wait_for(number: int) -> None:
        occasion = Occasion(push=PushId(f"p_{number}"), source=CRM, place=0, received_at=RECEIVED_AT)
        clock = LeadClock(
            route=RouteName("hot-lead"), occasion=occasion, key=LeadKey(str(number)), began=RECEIVED_AT, lead={}
        )
        due = RECEIVED_AT + timedelta(days=100_000, minutes=number // 4)  # some at once
        redis.call_all(write_news(keys, [Begun(clock=clock, due=due)]))

    def come(number_of: int) -> None:
        for number in [next(numbers) for _ in range(number_of)]:
            api.push({"id": f"{number}"}, {"firstName": "Nobody"})
            bury(a_delivery(change=a_change(lead=a_lead(id=str(number))), sink="billing"))
            api.get("rejected", unmask="true")  # a deed
            decide(number)
            wait_for(number)

    return come


def test_every_list_is_read_whole_and_nothing_twice_while_more_comes(api: Caller, more: Callable[[int], None]) -> None:
    more(FIRST)
    lists = [call for call in CALLS if "limit" in call.query().fields and call.path not in IS_APART]
    known = {call.path: [str(row) for row in api.get(call.path[1:], limit=200).json["found"]] for call in lists}
    read: dict[str, list[str]] = {path: [] for path in known}
    after: dict[str, dict[str, str]] = {path: {} for path in known}

    while after:
        for path, place in [*after.items()]:
            page = api.get(path[1:], limit=PAGE, **place)
            assert page.status_code == 200, page.text
            assert len(page.json["found"]) <= PAGE
            read[path] += map(str, page.json["found"])
            after[path] = {"after": page.json["next"]}
            if page.json["next"] is None:
                del after[path]
        if len(read["/pushes"]) < FIRST:
            more(MEANWHILE)

    assert min(map(len, known.values())) >= FIRST
    for path, rows in read.items():
        assert len(rows) == len(set(rows)), path
        assert [row for row in rows if row in known[path]] == known[path], path
