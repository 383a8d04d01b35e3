"""The demo's numbers, from what the parts say."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from hookrouter.demo.arrivals import Arrivals, Kind
from hookrouter.demo.figures import take_figures
from hookrouter.demo.readings import Counted, Pushed, read_metrics, read_status
from hookrouter.demo.summary import progress_line, summary_table

METRICS = """\
# TYPE hookrouter_leads counter
hookrouter_leads_total{source="crm",result="accepted"} 9.0
hookrouter_leads_total{source="crm",result="rejected"} 1.0
# TYPE hookrouter_routed counter
hookrouter_routed_total{source="crm",happened="created"} 2.0
hookrouter_routed_total{source="crm",happened="updated"} 5.0
hookrouter_routed_total{source="crm",happened="stale"} 2.0
# TYPE hookrouter_deliveries counter
hookrouter_deliveries_total{sink="sales",outcome="delivered",reason=""} 3.0
hookrouter_deliveries_total{sink="sales",outcome="retry",reason="timeout"} 1.0
hookrouter_deliveries_total{sink="billing",outcome="dead",reason="refused"} 1.0
"""


def test_metrics_are_read() -> None:
    counted = read_metrics(METRICS)

    assert counted == Counted(
        rejected=1,
        judged={"created": 2, "updated": 5, "stale": 2},
        deliveries={("sales", "delivered"): 3, ("sales", "retry"): 1, ("billing", "dead"): 1},
    )
    assert (counted.skipped, counted.dead) == (3, 1)


def test_the_status_of_the_simulator_is_read() -> None:
    status = {"pushes_sent": 4, "leads_pushed": 10, "leads_acked": 8, "leads_waiting": 2, "more": "of it"}

    assert read_status(status) == Pushed(pushes=4, leads=10, leads_acked=8, leads_waiting=2)


def settled() -> tuple[Arrivals, Pushed, Counted]:
    """Ten leads pushed, two of them stale, eight at the API."""
    arrivals = Arrivals(every_change=8)
    arrivals.due[Kind.HTTP] = arrivals.received[Kind.HTTP] = 8
    return arrivals, Pushed(pushes=4, leads=10, leads_acked=10), Counted(judged={"updated": 8, "stale": 2})


def test_all_has_arrived_when_nothing_is_due() -> None:
    figures = take_figures(*settled())

    assert figures.all_arrived
    assert (figures.routed, figures.waiting) == (10, 0)


@pytest.mark.parametrize("fault", ["a lead", "a mail", "an answer", "a dead letter", "a refusal"])
def test_not_all_has_arrived_while_something_is_missing(fault: str) -> None:
    arrivals, pushed, counted = settled()
    match fault:
        case "a lead":
            arrivals.every_change -= 1
        case "a mail":
            arrivals.due[Kind.MAIL] += 1
        case "an answer":
            pushed = replace(pushed, leads_acked=9)
        case "a dead letter":
            counted = replace(counted, deliveries={("billing", "dead"): 1})
        case _:
            arrivals.refused[Kind.HTTP] = 1

    assert not take_figures(arrivals, pushed, counted).all_arrived


def test_the_numbers_are_said_on_a_terminal_in_words() -> None:
    arrivals, pushed, counted = settled()
    arrivals.latencies.extend([0.1, 0.2, 1.5])
    figures = take_figures(arrivals, pushed, counted)
    console = Console(file=StringIO(), width=100)

    console.print(summary_table(figures, title="What the demo did"))

    assert isinstance(console.file, StringIO)
    assert "200 ms / 1.5 s" in console.file.getvalue()
    assert progress_line(figures) == ("10 leads pushed, 10 routed, 0 to Slack, 0 to mail, 8 to the HTTP API, 0 waiting")


def test_every_file_of_the_page_is_shipped() -> None:
    static = Path(__file__).parents[2] / "hookrouter" / "demo" / "static"

    assert {file.name for file in static.iterdir()} == {"page.html", "page.js", "page.css", "icon.svg"}
