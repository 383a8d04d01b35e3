import asyncio
import os
import sys
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from hookrouter.domain.digest import digest_id
from hookrouter.domain.outcome import Delivered, Reason, Retry
from hookrouter.ports.last_word import STILL_OURS, PassedOn
from hookrouter.sinks.stdout import SINK
from hookrouter.testing.builders import a_change, a_delivery, a_lead, an_occasion
from hookrouter.testing.sinks import a_sink, deliver, sink_tools


def test_a_delivery_is_one_line(capsys):
    delivery = a_delivery(change=a_change(lead=a_lead(firstName="a\nb")))

    outcome = asyncio.run(deliver(SINK, delivery))

    written = capsys.readouterr().out
    assert outcome == Delivered()
    assert written.count("\n") == 1
    assert orjson.loads(written) == a_sink(SINK).render(delivery).preview()


def test_a_line_names_its_delivery_and_its_sink():
    delivery = a_delivery()

    line = a_sink(SINK).render(delivery).preview()

    assert (line["delivery"], line["sink"], line["type"]) == (delivery.id, "sales", "lead.updated")


def test_several_leads_are_one_line():
    leads = [a_delivery(occasion=an_occasion(place=place)) for place in range(2)]
    leads[1] = replace(leads[1], late="network")

    line = a_sink(SINK).render_digest(leads).preview()

    assert (line["delivery"], line["type"], line["title"]) == (
        digest_id(leads),
        "digest",
        "2 more messages about 1 lead at once: 1 hot-lead, 1 missed",
    )
    assert [each["delivery"] for each in line["deliveries"]] == [each.id for each in leads]
    assert line["missed"] == [leads[1].id]


def test_a_closed_output_is_tried_again(monkeypatch, tmp_path):
    with (tmp_path / "out").open("w") as closed:
        pass
    monkeypatch.setattr(sys, "stdout", closed)

    outcome = asyncio.run(deliver(SINK, a_delivery()))

    assert (type(outcome), outcome.reason) == (Retry, Reason.NETWORK)


def test_a_line_that_another_worker_may_have_written_is_not(capsys):
    async def writing():
        STILL_OURS.set(lambda: False)
        await deliver(SINK, a_delivery())

    with pytest.raises(PassedOn):
        asyncio.run(writing())

    assert capsys.readouterr().out == ""


def test_a_pipe_that_nobody_empties_holds_up_nothing_else_and_gets_no_line_of_those_who_gave_up(monkeypatch):
    there, here = os.pipe()
    os.set_blocking(here, False)
    while True:
        try:
            os.write(here, b"." * 65536)
        except BlockingIOError:
            break
    os.set_blocking(here, True)
    delivery, soon = a_delivery(), timedelta(milliseconds=200)

    async def delivering():
        sink = a_sink(SINK, sink_tools(timeout=soon))
        outcomes = await asyncio.gather(*(sink.send(delivery, sink.render(delivery)) for _ in range(40)))
        return outcomes, await asyncio.wait_for(asyncio.to_thread(lambda: "served"), 10)

    with os.fdopen(here, "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        outcomes, other = asyncio.run(delivering())
        monkeypatch.undo()
        lines = read_until_a_line(there)

    assert {outcome.reason for outcome in outcomes} == {Reason.TIMEOUT}
    assert other == "served"
    assert lines.count(b"\n") == 1


def read_until_a_line(there):
    """All that is in a pipe until a line ended in it."""
    text = b""
    while not text.endswith(b"\n"):
        text += os.read(there, 65536)
    return text
