"""`hookrouter deliveries` on a real server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cli_support import Shell

from hookrouter.domain.delivery import Delivery, Try
from hookrouter.testing.builders import RECEIVED_AT, a_change, a_delivery, a_lead

Bury = Callable[..., Delivery]


def test_attempts_are_listed_with_what_is_personal_masked(shell_at_work: Shell, bury: Bury) -> None:
    delivery = bury(a_delivery(change=a_change(lead=a_lead(id="")), sink="billing")).id
    bury(a_delivery(sink="log"))

    [row] = shell_at_work.run("deliveries", "--lead", "ada.brown@acme.example", "--since", "1h", "--json").json
    listed = shell_at_work.run("deliveries", "list", "--sink", "billing", "--outcome", "dead").out
    none = shell_at_work.run("deliveries", "list", "--outcome", "delivered", "--json").json

    assert none == []
    assert row == {
        "id": delivery,
        "push": "p_019500000000aabbccddeeff",
        "sink": "billing",
        "route": "hot-lead",
        "lead": "email:a***@acme.example",
        "attempts": 1,
        "at": "2026-03-04T15:20:11+00:00",
        "seconds": 0.1,
        "outcome": "dead",
        "reason": "refused",
        "status": 404,
        "answer": "no such lead",
        "revision": "",
    }
    assert [line.split()[:4] for line in listed.splitlines()] == [
        ["ID", "SINK", "ROUTE", "LEAD"],
        [delivery, "billing", "hot-lead", "email:a***@acme.example"],
    ]


def test_no_attempts_are_said_and_more_are_hinted_at(shell_at_work: Shell, bury: Bury) -> None:
    bury(a_delivery())
    bury(a_delivery(route="closed"))

    assert shell_at_work.run("deliveries", "--until", "1h").err == "no attempts\n"
    assert shell_at_work.run("deliveries", "--limit", "1").err == "the newest 1; --limit shows more\n"


def test_a_delivery_tells_its_story(shell_at_work: Shell, bury: Bury) -> None:
    failure = Try(at=RECEIVED_AT, seconds=0.25, outcome="retry", reason="server_error", status=503, text="")
    earlier = replace(failure, at=RECEIVED_AT.replace(hour=14))
    delivery = bury(a_delivery(tries=(earlier, failure))).id

    told = shell_at_work.run("deliveries", "show", delivery).out.splitlines()
    unknown = shell_at_work.run("deliveries", "show", "d_never")

    assert told[:7] == [
        f"id: {delivery}",
        "push: p_019500000000aabbccddeeff",
        "sink: sales",
        "route: hot-lead",
        "lead: 718281920514",
        "revision: -",
        "now: dead",
    ]
    assert [line.split()[2:5] for line in told[-2:]] == [
        ["retry", "server_error", "503"],
        ["dead", "refused", "404"],
    ]
    assert (unknown.code, unknown.out) == (1, "")
    assert unknown.err.startswith("nothing is known of a delivery d_never")
