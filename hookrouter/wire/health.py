"""The answer of `/health` (application/health+json, draft-inadarei-api-health-check-06)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hookrouter.domain.health import Part, Status, badness, worst
from hookrouter.domain.lead import Json

HEALTH_TYPE = "application/health+json"
VERSION = "1"
"""Of what is answered here; hookrouter's own is the `releaseId`."""
DESCRIPTION = "hookrouter: takes lead updates from the CRM and routes each to where people act on it"
DATASTORE, SYSTEM, COMPONENT = "datastore", "system", "component"
KINDS = {"redis": DATASTORE, "replicas": DATASTORE, "spool": DATASTORE, "stream": DATASTORE, "metrics": SYSTEM}
"""The types of components, where they are not parts of hookrouter or its neighbours."""


def health_values(
    parts: Sequence[Part], now: datetime, *, release: str, service: str, shows_details: bool
) -> dict[str, Json]:
    """What is answered; without details how well the whole does, and nothing else.

    Args:
        parts: each as it was found.
        now: when that was.
        release: hookrouter's version.
        service: what tells this installation from others.
        shows_details: whether whoever asks may see them.
    """
    status = worst(parts)
    if not shows_details:
        return {"status": status.value}
    report: dict[str, Json] = {
        "status": status.value,
        "version": VERSION,
        "releaseId": release,
        "serviceId": service,
        "description": DESCRIPTION,
    }
    if wrong := [part for part in parts if part.status is not Status.PASS]:
        wrong.sort(key=lambda part: -badness(part.status))
        report["output"] = "; ".join(map(_in_words, wrong))
    return {**report, "checks": {part.name: [_check(part, now)] for part in parts}}


def _in_words(part: Part) -> str:
    value = "" if part.value is None else f"{part.value} {part.unit}".strip()
    return f"{part.name}: {', '.join(filter(None, [value, part.advice]))}"


def _check(part: Part, now: datetime) -> dict[str, Json]:
    kind, _, one = part.name.partition(":")
    check: dict[str, Json] = {
        "componentId": one or kind,
        "componentType": KINDS.get(kind, COMPONENT),
        "status": part.status.value,
        "time": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if part.value is not None:
        check["observedValue"] = part.value
    if part.unit:
        check["observedUnit"] = part.unit
    if part.streams is not None:  # a key of our own, as the draft allows
        check["streams"] = part.streams
    if part.advice:  # the draft has an `output` of what is not well alone
        check["note" if part.status is Status.PASS else "output"] = part.advice
    return check
