"""Deliveries: what was attempted, searched; and one of them, attempt by attempt."""

from __future__ import annotations

from flask import Response, request

from hookrouter.domain.logged_attempt import Result, Story
from hookrouter.runtime.stories import Stories
from hookrouter.web.console.asked import Asked, one_of
from hookrouter.web.console.shell import Console
from hookrouter.web.discreet import Discreet

PAGE = 50
OF_EACH_SINK = 5
"""Deliveries that wait, shown of each sink; all are shown of one."""
NO_ADDRESS = "an address must not stand in a URL: write it into the field for one lead's story"


def add_deliveries(console: Console) -> None:
    """Add the pages of the deliveries."""

    @console.page("deliveries")
    def deliveries() -> Response:
        asked = Asked.of_request(console)
        lead, outcome = request.args.get("lead", "").strip(), one_of(request.args.get("outcome", ""), Result)
        is_address = "@" in lead
        page = console.desk.deliveries().list(
            asked.wanted,
            lead=lead if lead and not is_address else None,
            outcome=outcome or None,
            limit=PAGE,
            after=asked.after,
        )
        return console.show(
            "deliveries.html",
            asked=asked,
            page=page,
            lead="" if is_address else lead,
            fault=NO_ADDRESS if is_address else "",
            outcome=outcome,
            outcomes=[each.value for each in Result],
        )

    @console.page("deliveries/waiting")
    def waiting() -> Response:
        return _waiting(console)

    @console.page("deliveries/<name>", unmaskable=True)
    def delivery(name: str) -> Response:
        push = request.args.get("push", "")
        story = console.desk.deliveries().show_on_a_page(name, push)
        return console.show(
            "delivery.html", name=name, story=story, push=_push(story), telling=_discreet(console, story)
        )


def _waiting(console: Console) -> Response:
    """A little of what waits at each sink, or a page of all at one."""
    asked = Asked.of_request(console)
    sink, route = asked.wanted.sink, asked.wanted.route
    limit = OF_EACH_SINK if sink is None else PAGE
    waits = Stories(console.runtime).waiting().list(sink, route, limit=limit, after=asked.after)
    return console.show("waiting.html", asked=asked, waits=waits, is_one=sink is not None)


def _push(story: Story) -> str:
    return story.logged[-1].push if story.found is None else story.found.delivery.push


def _discreet(console: Console, story: Story) -> Discreet:
    if story.found is None:
        return Discreet(shown=console.masked())
    delivery = story.found.delivery
    return Discreet(shown=console.masked(), lead=delivery.lead, previous=delivery.previous)
