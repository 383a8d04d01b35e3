"""Measures what it costs to judge one lead by a hundred routes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figures
from benchmarks.leads import some_leads
from hookrouter.config.load import load_config
from hookrouter.domain.case import Case
from hookrouter.domain.change import compare
from hookrouter.domain.ids import SourceName
from hookrouter.domain.lead import Json, Lead, lead_key
from hookrouter.domain.routing import RouteTable
from hookrouter.sinks.registry import load_sink_types

ROUTES = 100
FEW, MANY = 10, 10_000
FIRST_OWNER = 313499600
LEADS = 50
SECONDS = 1.0
AT = datetime(2026, 3, 4, 16, tzinfo=UTC)

HEAD = """\
version: 1
receiver: {sources: {crm: {token: benchmark-token-0123456789}}}
sinks: {nowhere: {type: stdout}}
routes:
"""
MATCHES = (
    "{leadStatus: qualified}",
    "{leadStatus: [open, contact], state: [CA, NY, TX]}",
    "{leadScore: {gte: %d}}",
    "{changed: [leadScore, leadStatus]}",
    "{emailAddress: {suffix: '@example.org'}}",
    "{companyName: {contains: loom}}",
    "{companyName: {exists: true}, industry: {not: Retail}}",
    "{any: [{country: Germany}, {ownerID: '313499605'}]}",
    "{none: [{leadStatus: customer}], leadScore: {lt: %d}}",
    "{phoneNumber: {like: ['*555-01%d*', '+1*']}}",
)
"""A mixture of what routes ask; each is written ten times, with different numbers."""


def measure_rules(folder: Path) -> Figures:
    """Microseconds for one lead: by mixed routes, and by few and many that each ask for another owner."""
    mixed, matched = _judge(folder, [_route(number) for number in range(ROUTES)])
    few, _ = _judge(folder, [_owners_route(number) for number in range(FEW)])
    many, _ = _judge(folder, [_owners_route(number) for number in range(MANY)])
    return {
        "rules": {
            "us_per_lead": mixed,
            "routes": ROUTES,
            "matches_per_lead": matched,
            "us_of_few": few,
            "us_of_many": many,
            "many_of_few": many / few,
        }
    }


def _judge(folder: Path, routes: Sequence[str]) -> tuple[float, float]:
    """Microseconds a lead, and how many routes it takes."""
    path = folder / "rules.yaml"
    path.write_text(HEAD + "".join(routes), encoding="utf-8")
    config = load_config(path, {}, {name: kind.schema for name, kind in load_sink_types().items()})
    table, crm = RouteTable(config.routes), SourceName("crm")
    cases = [Case(change=compare(_lead(after), before), source=crm, at=AT) for before, after in _updates()]
    rounds, matched, began = 0, 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        matched = sum(len(table.matching(case)) for case in cases)
        rounds += 1
    return (time.perf_counter() - began) / rounds / LEADS * 1e6, matched / LEADS


def _route(number: int) -> str:
    match = MATCHES[number % len(MATCHES)]
    return f"  - {{name: route-{number}, match: {match.replace('%d', str(number))}, to: [nowhere]}}\n"


def _owners_route(number: int) -> str:
    return f"  - {{name: route-{number}, match: {{ownerID: '{FIRST_OWNER + number}'}}, to: [nowhere]}}\n"


def _updates() -> list[tuple[dict[str, Json], dict[str, Json]]]:
    changed: dict[str, Json] = {"leadScore": "77", "leadStatus": "qualified", "updateTimestamp": "2026-03-04 16:00:00"}
    return [(before, {**before, **changed}) for before in some_leads(LEADS)]


def _lead(fields: dict[str, Json]) -> Lead:
    key = lead_key(fields)
    assert key is not None  # an invented lead has an id
    return Lead(key=key, fields=fields)
