import asyncio
import sys

import orjson

from hookrouter.domain.outcome import Delivered, Reason, Retry
from hookrouter.sinks.stdout import SINK
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.testing.sinks import a_sink, deliver


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


def test_a_closed_output_is_tried_again(monkeypatch, tmp_path):
    with (tmp_path / "out").open("w") as closed:
        pass
    monkeypatch.setattr(sys, "stdout", closed)

    outcome = asyncio.run(deliver(SINK, a_delivery()))

    assert (type(outcome), outcome.reason) == (Retry, Reason.NETWORK)
