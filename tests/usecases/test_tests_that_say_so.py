"""A test that is sent through a sink says so, also where templates and `only` leave nothing of its lead."""

from __future__ import annotations

import asyncio
import json
from typing import cast

import pytest

from hookrouter.clock import SystemClock
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.echo import Discretion
from hookrouter.domain.ids import SinkName, SourceName
from hookrouter.domain.outcome import Delivered, Outcome, Reason
from hookrouter.domain.policy import SinkPolicy
from hookrouter.net.smtp_server import SmtpServer
from hookrouter.ports.sinks import Message, Sink, Sinks
from hookrouter.sinks import crm, email, http, slack, stdout
from hookrouter.sinks.kinds import SinkType
from hookrouter.testing.sinks import a_sink, sink_tools
from hookrouter.usecases.send_test import NOTE, SendTest

SERVER = SmtpServer(host="127.0.0.1", port=25, sender="crm@example.com")
FULL = [{"type": "divider"}] * 50
WEBHOOK = "http://127.0.0.1/services/x"


class Kept:
    """A sink that keeps the message which it would send."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.message: Message | None = None

    def find(self, _sink: SinkName, _route: str) -> Kept:
        return self

    def render(self, delivery: Delivery) -> Message:
        return self.sink.render(delivery)

    async def send(self, _delivery: Delivery, message: Message) -> Outcome:
        self.message = message
        return Delivered()


class FoundSink:
    """Finds one sink, whatever it is asked for."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink

    def find(self, _sink: SinkName, _route: str) -> Sink:
        return self.sink


class Broken(Kept):
    """A plug-in with a defect."""

    async def send(self, _delivery: Delivery, _message: Message) -> Outcome:
        raise ZeroDivisionError


def send_test_of(sink: Kept | FoundSink, only: tuple[str, ...] | None = None) -> SendTest:
    return SendTest(
        sinks=cast("Sinks", sink),
        policies=lambda _: SinkPolicy(only=only),
        source=SourceName("crm"),
        clock=SystemClock(),
        discretion=Discretion(),
    )


def test_a_plug_in_that_fails_is_told_of_as_such() -> None:
    test = send_test_of(Broken(a_sink(stdout.SINK)))

    summary = asyncio.run(test.run(SinkName("sales"), None)).summary()

    assert (summary["reason"], summary["answer"]) == (Reason.BROKEN, "the sink failed with ZeroDivisionError")


def test_nothing_is_written_to_the_crm_and_no_test_says_that_it_was() -> None:
    sink = a_sink(crm.SINK, action="update", fields={"ownerID": "{{ assigned.owner }}"})

    tested = asyncio.run(send_test_of(FoundSink(sink)).run(SinkName("writeback"), None))

    assert not tested.arrived
    assert tested.outcome.answer.text == crm.ONLY_READ


@pytest.mark.parametrize("options", [{}, {"text": "Hello"}], ids=["default text", "own text"])
def test_nobody_can_claim_its_lead(options: dict[str, str]) -> None:
    way = {"token": "xoxb-1-canary", "channel": "#deals", "claim": True}
    kept = Kept(a_sink(slack.SINK, **way, **options))

    asyncio.run(send_test_of(kept).run(SinkName("sales"), None))

    assert kept.message is not None
    assert "hookrouter_claim" not in json.dumps(kept.message.preview())


@pytest.mark.parametrize(
    ("kind", "options", "only"),
    [
        pytest.param(slack.SINK, {"webhook_url": WEBHOOK, "text": "Hello"}, None, id="slack"),
        pytest.param(slack.SINK, {"webhook_url": WEBHOOK, "blocks": FULL}, ("city",), id="slack, full"),
        pytest.param(email.SINK, {"to": ["a@b.example"], "subject": "Hi", "text": "Hello"}, None, id="email"),
        pytest.param(
            email.SINK, {"to": ["a@b.example"], "subject": "Hi", "html": "Hello"}, ("city",), id="email, HTML"
        ),
        pytest.param(http.SINK, {"url": "http://127.0.0.1/", "body": "Hello"}, None, id="http"),
        pytest.param(stdout.SINK, {}, ("city",), id="stdout"),
    ],
)
def test_it_says_so_itself(kind: SinkType, options: dict[str, object], only: tuple[str, ...] | None) -> None:
    kept = Kept(a_sink(kind, sink_tools(smtp=SERVER), **options))
    test = send_test_of(kept, only)

    tested = asyncio.run(test.run(SinkName("sales"), None))

    assert tested.arrived
    assert kept.message is not None
    shown = kept.message.preview()
    assert NOTE in json.dumps(shown)
    if kind is slack.SINK:
        assert isinstance(shown, dict)
        blocks = shown["blocks"]
        assert isinstance(blocks, list)
        assert len(blocks) <= 50
