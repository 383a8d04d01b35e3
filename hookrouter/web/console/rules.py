"""Rules: the configuration in force with what each route did, and a place to try what would become of a lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import gevent
from flask import Response, request

from hookrouter.config.shown import ShownFile
from hookrouter.domain.errors import NotFound, PushRefused
from hookrouter.domain.ids import RouteName
from hookrouter.domain.lead import Json
from hookrouter.runtime.overview import Overview
from hookrouter.runtime.workshop import Workshop
from hookrouter.usecases.explaining.playground import Given, Told
from hookrouter.web.console.asked import MOMENTS_AGO
from hookrouter.web.console.flow import WORDS
from hookrouter.web.console.shell import Console
from hookrouter.web.discreet import Discreet
from hookrouter.web.masks import Masked
from hookrouter.wire.moments import read_said
from hookrouter.wire.strict_json import read_json

DAYS = (1, 7)
LONGEST_PASTED = 64 * 1024
"""Characters of a lead that is tried."""
FIELDS = ("lead", "previous", "at", "source")


def add_rules(console: Console) -> None:
    """Add the pages of the rules."""
    kept: dict[str, Sequence[ShownFile]] = {}

    @console.page("rules")
    def rules() -> Response:
        runtime = console.runtime
        days = 7 if request.args.get("days") == "7" else 1
        routes, files = Overview(runtime).flow().routes(days), _files(console, kept)
        return console.show(
            "rules.html",
            days=days,
            spans=DAYS,
            routes=routes,
            counts={route.name: route for route in routes},
            files=files,
            places=_places(files),
            revision=runtime.config.revision,
            refused=runtime.watch.refused,
            words=WORDS,
        )

    @console.page("rules/try")
    def ask() -> Response:
        return _show_tried(console, dict.fromkeys(FIELDS, ""))

    @console.question("rules/try")
    def try_out() -> Response:
        form = console.form()
        said = {name: form.get(name, "").strip() for name in FIELDS}
        faults: dict[str, str] = {}
        given = _given(said, console.runtime.clock.now(), faults)
        told: Told | None = None
        if not faults:
            try:
                told = Workshop(console.runtime).playground(rest=lambda: gevent.sleep(0)).given(given)
            except PushRefused as fault:
                faults["lead"] = fault.detail.replace("the body", "what you pasted")
            except NotFound as fault:
                faults["source"] = str(fault)
        return _show_tried(console, said, faults, told)


def _show_tried(
    console: Console, said: dict[str, str], faults: dict[str, str] | None = None, told: Told | None = None
) -> Response:
    # Whoever pasted a lead may see it: nothing in it was stored, or is anybody's who is known here.
    telling = Discreet(shown=Masked(console.desk.mask, is_open=True))
    values: dict[str, Any] = {"said": said, "faults": faults or {}, "tried": told, "telling": telling}
    return console.show("rules_try.html", sources=list(console.runtime.config.receiver.sources), **values)


def _files(console: Console, kept: dict[str, Sequence[ShownFile]]) -> Sequence[ShownFile]:
    """What may be shown of the files; to find their secrets takes a while, so it is done once for each edit."""
    revision = console.runtime.config.revision
    found = kept.get(revision)
    if found is None:
        found = Overview(console.runtime).rules(rest=lambda: gevent.sleep(0))
        kept.clear()
        kept[revision] = found
    return found


def _places(files: Sequence[ShownFile]) -> dict[RouteName, str]:
    """Where each route stands on the page."""
    return {
        route: f"f{number}-{line}"
        for number, file in enumerate(files, start=1)
        for line, route in file.routes.items()
        if line <= len(file.lines)
    }


def _given(said: dict[str, str], now: datetime, faults: dict[str, str]) -> Given:
    at: datetime | None = None
    if said["at"]:
        try:
            moment = read_said(said["at"])
            at = moment if isinstance(moment, datetime) else now - moment
        except (ValueError, OverflowError):
            faults["at"] = MOMENTS_AGO
    return Given(
        leads=_pasted(said["lead"], "lead", faults),
        previous=_pasted(said["previous"], "previous", faults) if said["previous"] else None,
        at=at,
        source=said["source"] or None,
    )


def _pasted(text: str, name: str, faults: dict[str, str]) -> Json:
    """What was pasted, as JSON; what is wrong is told beside it."""
    if len(text) > LONGEST_PASTED:
        faults[name] = f"this is longer than {LONGEST_PASTED // 1024} KiB: paste a lead or a few"
        return None
    try:
        value: Json = read_json(text.encode())
    except PushRefused as fault:
        faults[name] = fault.detail.replace("the body", "this").replace("send", "paste")
        return None
    return value
