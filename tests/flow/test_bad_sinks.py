"""Sinks that fail in every way there is, all at once: each lead arrives once its sink is well, and never too early."""

from __future__ import annotations

import json
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from flow_stack import Stack, configuration, eventually, leads, prepare
from outside import WELL, Outside, Side, cuts_off, drips

from hookrouter.supervise.free_port import LOOPBACK
from hookrouter.testing.far_side import Answering, answers, hangs

LEADS = 3
REST = 6
"""Seconds that a sink asks for; more than the schedule would wait."""
NOWHERE = "nowhere.invalid"
LATER = {"Retry-After": str(REST)}
TROUBLES: dict[str, tuple[str, Answering]] = {
    "down": ("network", WELL),
    "hanging": ("timeout", hangs),
    "cut-off": ("network", cuts_off),
    "byte-by-byte": ("timeout", drips),
    "throttling": ("throttled", answers(429, "too many", LATER)),
    "unavailable": ("server_error", answers(503, "later", LATER)),
    "slack": ("server_error", answers(200, '{"ok": false, "error": "internal_error"}')),
    "wrong-certificate": ("tls", WELL),
    "no-such-name": ("network", WELL),
}
"""Why attempts fail, and how a far side answers each delivery's first one; where that is well, nobody gets so far."""
OBEYED = ("throttling", "unavailable")
WITHOUT_A_NAME = "slack"


@dataclass(slots=True)
class Story:
    """What became of leads that went to all these sinks, and to one that is well."""

    sides: dict[str, Side]
    attempts: dict[str, list[Any]] = field(default_factory=dict)
    mended: float = 0.0

    def read(self, stack: Stack) -> None:
        self.attempts = {name: [] for name in self.sides}
        for line in (stack.folder / "worker.log").read_text().splitlines():
            told = json.loads(line)
            if told["event"] == "delivery.attempted":
                self.attempts[told["sink"]].append(told)

    def names(self, sink: str, outcome: str) -> list[str]:
        return [told["delivery"] for told in self.attempts[sink] if told["outcome"] == outcome]


def sink_of(name: str, side: Side, authority: Path) -> str:
    port = side.server.port
    match name:
        case "slack":
            return f'  slack: {{type: slack, webhook_url: "{side.server.url}/services/T/B/x", rate_limit: 100/s}}'
        case "wrong-certificate":
            options = f'url: "https://{LOOPBACK}:{port}/", tls: {{ca: "{authority}"}}'
        case "no-such-name":
            options = f'url: "http://{NOWHERE}:{port}/"'
        case _:
            options = f'url: "{side.server.url}/"'
    return f"  {name}: {{type: http, {options}, timeout: 1s}}"


def certificate_of(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(LOOPBACK).configure_cert(context)
    return context


def make_due(stack: Stack, sinks: list[str]) -> None:
    """Let the next attempts of these sinks come now, not after the schedule's seconds and minutes."""
    for sink in sinks:
        waiting = stack.server.client.zrange(f"hr:retry:{sink}", 0, -1)
        if waiting:
            stack.server.client.zadd(f"hr:retry:{sink}", dict.fromkeys(waiting, 1), xx=True)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder, outside = tmp_path_factory.mktemp("bad-sinks"), Outside()
    told = Story({"well": Side(WELL), **{name: Side(trouble) for name, (_, trouble) in TROUBLES.items()}})
    ours, strange = trustme.CA(), trustme.CA()
    ours.cert_pem.write_to_path(str(folder / "ca.pem"))
    for name, side in told.sides.items():
        outside.open(side, certificate_of(strange) if name == "wrong-certificate" else None)
    outside.shut(told.sides["down"])
    sinks = "\n".join(sink_of(name, side, folder / "ca.pem") for name, side in told.sides.items())
    text = configuration(sinks=sinks, routes=f"  - {{name: every-lead, to: [{', '.join(told.sides)}]}}")
    stack = prepare(folder, text)
    try:
        stack.begin("web", "worker", "scheduler")
        stack.push(leads(1, LEADS))
        await_that(stack, told, lambda: all(len(set(told.names(name, "retry"))) == LEADS for name in TROUBLES))
        mend(stack, told, outside, certificate_of(ours))
        hasty = [name for name in TROUBLES if name not in OBEYED]
        await_that(
            stack,
            told,
            lambda: all(len(told.names(name, "delivered")) >= LEADS for name in told.sides),
            lambda: make_due(stack, hasty),
        )
        yield told
    finally:
        stack.close()
        outside.close()


def await_that(
    stack: Stack, told: Story, is_so: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None
) -> None:
    def look() -> bool:
        meanwhile()
        told.read(stack)
        return is_so()

    eventually(look, "every sink was attempted", 50.0)  # some of it is pauses between attempts, which load adds to


def mend(stack: Stack, told: Story, outside: Outside, tls: ssl.SSLContext) -> None:
    """Set right what does not come right by itself; a name that is wrong is set right in the configuration."""
    assert stack.end("worker") == 0
    file = stack.folder / "hookrouter.yaml"
    file.write_text(file.read_text().replace(NOWHERE, LOOPBACK))
    outside.open(told.sides["down"])
    outside.shut(told.sides["wrong-certificate"])
    outside.open(told.sides["wrong-certificate"], tls)
    told.mended = time.monotonic()
    stack.start("worker")


@pytest.mark.parametrize("name", TROUBLES)
def test_a_sink_in_trouble_gets_each_lead_once_it_is_well(
    story: Story, name: str, record_property: Callable[[str, object], None]
) -> None:
    failed = [told for told in story.attempts[name] if told["outcome"] == "retry"]
    reasons = Counter(told["reason"] for told in failed)
    taken = story.sides[name].taken
    waits = f", next attempt {min(story.sides[name].waited()):.2f} s after the first at least" if name in OBEYED else ""
    came_back = max(one.at for one in story.sides[name].came) - story.mended
    back = f" within {came_back:.2f} s of its mending" if TROUBLES[name][1] is WELL else ""
    record_property(
        "figures",
        f"Sink {name}: {LEADS} leads, {len(failed)} attempts failed "
        f"({', '.join(reasons)}, the longest took {max(told['seconds'] for told in failed):.2f} s){waits}; "
        f"{len(set(taken))} arrived{back}, {len(taken) - len(set(taken))} of them twice",
    )

    assert set(reasons) == {TROUBLES[name][0]}
    assert sorted(story.names(name, "delivered")) == sorted(set(story.names(name, "retry")))
    assert len(taken) == len(set(taken)) == LEADS
    if name != WITHOUT_A_NAME:
        assert set(taken) == set(story.names(name, "delivered"))


@pytest.mark.parametrize("name", OBEYED)
def test_a_sink_that_asks_for_rest_is_not_asked_before(story: Story, name: str) -> None:
    assert min(story.sides[name].waited()) >= REST


def test_a_sink_that_is_well_beside_them_gets_each_lead_at_the_first_attempt(
    story: Story, record_property: Callable[[str, object], None]
) -> None:
    attempts = story.attempts["well"]
    record_property(
        "figures",
        f"Sink well, beside {len(TROUBLES)} in trouble: {len(attempts)} leads at the first attempt, "
        f"the last {max(told['lead_seconds'] for told in attempts) * 1000:.0f} ms after its push",
    )

    assert [(told["attempt"], told["outcome"]) for told in attempts] == [(1, "delivered")] * LEADS
