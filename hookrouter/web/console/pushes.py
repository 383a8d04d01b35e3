"""Pushes as they came: searched, and looked at one by one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import orjson
from flask import Response, request

from hookrouter.domain.errors import HookrouterError
from hookrouter.domain.ids import SourceName
from hookrouter.domain.lead import Json
from hookrouter.domain.push import KeptPush
from hookrouter.ports.desk import Came, WantedPushes
from hookrouter.usecases.explaining.recall import Recalled
from hookrouter.web.console.asked import Asked, one_of
from hookrouter.web.console.shell import Console
from hookrouter.web.discreet import Discreet
from hookrouter.web.masks import Masked

PAGE = 50
MOST_LEADS = 200
"""Leads of a push that are listed."""
LARGEST_READ = 1024 * 1024
"""Bytes of a body that is read for its leads: a larger one would keep the receiver busy for tenths of a second."""
LARGEST_SHOWN = 64 * 1024


def add_pushes(console: Console) -> None:
    """Add the pages of the pushes."""

    @console.page("pushes")
    def pushes() -> Response:
        asked = Asked.of_request(console)
        source, came = request.args.get("source", ""), one_of(request.args.get("came", ""), Came)
        wanted = WantedPushes(
            source=SourceName(source) if source else None,
            came=Came(came) if came else None,
            since=asked.wanted.since,
            until=asked.wanted.until,
        )
        page = console.desk.pushes().list(wanted, limit=PAGE, after=asked.after)
        return console.show(
            "pushes.html",
            asked=asked,
            page=page,
            source=source,
            came=came,
            sources=list(console.runtime.config.receiver.sources),
            comings=[each.value for each in Came],
        )

    @console.page("pushes/<name>", unmaskable=True)
    def push(name: str) -> Response:
        kept = console.desk.pushes().show(name)
        leads, fault = _leads(console, kept)
        return console.show(
            "push.html",
            kept=kept,
            leads=leads[:MOST_LEADS],
            more=max(0, len(leads) - MOST_LEADS),
            fault=fault,
            body=_body(kept, console.masked()),
            telling=Discreet(shown=console.masked()),
        )


def _leads(console: Console, kept: KeptPush) -> tuple[Sequence[Recalled], str]:
    """The leads of a push, or why they are not shown."""
    if kept.receipt is None:
        return [], ""
    if len(kept.push.body) > LARGEST_READ:
        return [], "The push is too large for its leads to be listed here: look for one of them by its id or address."
    try:
        return console.desk.recall().push(kept.push.id), ""
    except HookrouterError as fault:
        return [], f"Its leads cannot be read any more: {fault}"


def _body(kept: KeptPush, shown: Masked) -> tuple[str, Json]:
    """What kind of body it is: `json`, `text` or, not to be shown, `large`; with what may be shown of it."""
    body = kept.push.body
    if len(body) > LARGEST_SHOWN:
        return "large", None
    with suppress(ValueError):
        return "json", _each_by_itself(orjson.loads(body), shown)
    return "text", body.decode("utf-8", "replace")


def _each_by_itself(value: Json, shown: Masked) -> Json:
    """What was pushed, each lead without its own telephone numbers wherever they stand in it."""
    match value:
        case list():
            return [_each_by_itself(inner, shown) for inner in value]
        case dict() if not any(shown.mask.is_personal(name) for name in value):  # no lead, but perhaps around some
            whole = Discreet(shown=shown)
            return {
                name: _each_by_itself(inner, shown) if isinstance(inner, dict | list) else whole.value(inner, name)
                for name, inner in value.items()
            }
        case dict():
            return Discreet(shown=shown, lead=value).value(value)
        case _:
            return Discreet(shown=shown).value(value)
