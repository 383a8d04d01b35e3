"""An explanation as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable

import orjson
from rich.text import Text

from hookrouter.cli.screen import faults, screen, show_line
from hookrouter.domain.change import telling
from hookrouter.domain.judgement import Judgement
from hookrouter.domain.push import RejectedLead
from hookrouter.usecases.explaining.explain import ExplainedDelivery, ExplainedRoute, Explanation
from hookrouter.usecases.explaining.steps import ExplainedStep
from hookrouter.wire.messages.plain_text import printable

INDENT = "    "
YES, NO, SHADOW = ("✓ ", "green"), ("✗ ", "red"), ("◌ ", "cyan")


def show_explanation(explanation: Explanation, *, of: str = "") -> None:
    """Print what would become of one lead; `of` says where it comes from."""
    names = telling(explanation.changed)
    changed = f" ({', '.join(names)})" if names else ""
    show_line("", Text.assemble((f"lead {explanation.lead}", "bold"), printable(f" is {explanation.event}{changed}")))
    if of:
        show_line("  ", Text(printable(of), "dim"))
    if explanation.is_canary:
        show_line("  ", Text("the canary's own change: no route is asked"))
    for route in explanation.routes:
        show_line("  ", _verdict(route, explanation))
        show_tree(route, INDENT)
        for step in route.follow_up:
            show_line(INDENT, Text(printable(_step(step)), "cyan"))
        if route.assigned is not None:
            show_line(INDENT, Text(printable(str(route.assigned)), "cyan"))
    for delivery in explanation.deliveries:
        not_sent = " (a shadow: not sent)" if delivery.shadow else ""
        show_line("  ", Text.assemble(f"by {delivery.route} to ", (delivery.sink, "bold"), f"{not_sent}:"))
        if delivery.gathered:
            show_line(INDENT, Text(printable(delivery.gathered), "yellow"))
        show_line(INDENT, Text(_content(delivery)))
    screen().print()


def show_tree(route: ExplainedRoute, margin: str) -> None:
    """Print what a route's conditions found, and what would have had to be otherwise."""
    for part in route.judgement.parts:
        _show_judgement(part, margin)
    if route.otherwise:
        wanted = " and ".join(map(str, route.otherwise))
        show_line(margin, Text(printable(f"would have matched {route.route} if {wanted}"), "yellow"))


def show_rejected(leads: Iterable[RejectedLead]) -> None:
    """Print which leads a push could not bring."""
    for lead in leads:
        screen().print(
            Text.assemble((f"lead number {lead.place + 1} would be rejected", "red"), f": {faults(lead.errors)}")
        )


def _step(step: ExplainedStep) -> str:
    """A follow-up step in words."""
    unless = f", unless {' and '.join(step.unless)}" if step.unless else ""
    sinks = ", ".join(step.to)
    happens = f"given to the next of {step.next_of}, {sinks} told" if step.next_of else f"{sinks} reminded"
    return f"after {step.step}, on {step.due_in_words}: {happens}{unless}"


def _verdict(route: ExplainedRoute, explanation: Explanation) -> Text:
    if route.failed is not None:
        return Text.assemble(NO, f"{route.route}: {printable(route.failed)}")
    sinks = [delivery.sink for delivery in explanation.deliveries if delivery.route == route.route]
    if route.told_by is not None:
        return Text.assemble(YES, f"{route.route} → nowhere again so soon: {route.told_by} told of it")
    where = ", ".join(sinks) or "nowhere, on purpose"
    if route.shadow:
        return Text.assemble(SHADOW, f"{route.route} → {where} (a shadow: nothing is sent)")
    held = f" ({route.held})" if route.held else ""
    return Text.assemble(YES, f"{route.route} → {where}{held}")


def _show_judgement(judgement: Judgement, margin: str) -> None:
    mark = YES if judgement.held else NO
    if not judgement.parts:
        found = f" ({judgement.found})" if judgement.found else ""
        show_line(margin, Text.assemble(mark, printable(f"{judgement.label}{found}")))
        return
    name = f"{judgement.label}: " if judgement.is_named else ""
    show_line(margin, Text.assemble(mark, printable(f"{name}{judgement.needs} of")))
    for part in judgement.parts:
        _show_judgement(part, margin + INDENT)


def _content(delivery: ExplainedDelivery) -> str:
    content = delivery.content
    return printable(
        content if isinstance(content, str) else orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()
    )
