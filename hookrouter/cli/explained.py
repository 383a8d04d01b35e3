"""An explanation as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import indent

import orjson
from rich.text import Text

from hookrouter.cli.screen import faults, screen
from hookrouter.domain.change import telling
from hookrouter.domain.judgement import Judgement
from hookrouter.domain.push import RejectedLead
from hookrouter.usecases.explaining.explain import ExplainedDelivery, ExplainedRoute, Explanation
from hookrouter.wire.plain_text import printable

INDENT = "    "


def show_explanation(explanation: Explanation) -> None:
    """Print what would become of one lead."""
    console = screen()
    names = telling(explanation.changed)
    changed = f" ({', '.join(names)})" if names else ""
    console.print(Text.assemble((f"lead {explanation.lead}", "bold"), printable(f" is {explanation.event}{changed}")))
    for route in explanation.routes:
        console.print(_verdict(route, explanation))
        for part in route.judgement.parts:
            _show_judgement(part, INDENT)
        if route.otherwise:
            wanted = " and ".join(map(str, route.otherwise))
            console.print(Text(printable(f"{INDENT}would have matched {route.route} if {wanted}"), "yellow"))
    for delivery in explanation.deliveries:
        not_sent = " (a shadow: not sent)" if delivery.shadow else ""
        console.print(Text.assemble(f"  by {delivery.route} to ", (delivery.sink, "bold"), f"{not_sent}:"))
        console.print(Text(indent(_content(delivery), INDENT)))
    console.print()


def show_rejected(leads: Iterable[RejectedLead]) -> None:
    """Print which leads a push could not bring."""
    for lead in leads:
        screen().print(
            Text.assemble((f"lead number {lead.place + 1} would be rejected", "red"), f": {faults(lead.errors)}")
        )


def _verdict(route: ExplainedRoute, explanation: Explanation) -> Text:
    if route.failed is not None:
        return Text.assemble(("  ✗ ", "red"), f"{route.route}: {printable(route.failed)}")
    sinks = [delivery.sink for delivery in explanation.deliveries if delivery.route == route.route]
    where = ", ".join(sinks) or "nowhere, on purpose"
    if route.shadow:
        return Text.assemble(("  ◌ ", "cyan"), f"{route.route} → {where} (a shadow: nothing is sent)")
    return Text.assemble(("  ✓ ", "green"), f"{route.route} → {where}")


def _show_judgement(judgement: Judgement, margin: str) -> None:
    mark = ("✓ ", "green") if judgement.held else ("✗ ", "red")
    if not judgement.parts:
        found = f" ({judgement.found})" if judgement.found else ""
        screen().print(Text.assemble(margin, mark, printable(f"{judgement.label}{found}")))
        return
    name = f"{judgement.label}: " if judgement.is_named else ""
    screen().print(Text.assemble(margin, mark, printable(f"{name}{judgement.needs} of")))
    for part in judgement.parts:
        _show_judgement(part, margin + INDENT)


def _content(delivery: ExplainedDelivery) -> str:
    content = delivery.content
    return printable(
        content if isinstance(content, str) else orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()
    )
