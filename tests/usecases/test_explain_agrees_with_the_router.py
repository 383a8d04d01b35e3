"""What `explain` tells of stored pushes is what the running router did with them: random rules, a real server."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from enrich_support import desk_at

from hookrouter.runtime.desk import Desk as OperatorsDesk

FIELDS = ("leadScore", "leadStatus", "state", "tags", "firstName")
VALUES: tuple[Any, ...] = ("open", "qualified", "CA", "TX", "A,CA", "80", 80, 12, 79.5, True, "", None, "a&amp;b")
ROUTES, LEADS, PUSHES = 40, 6, 30


def a_test(dice: Random) -> Any:
    return dice.choice(
        [
            lambda: dice.choice([value for value in VALUES if value not in {None, ""}]),
            lambda: {"gte": dice.choice([12, 79.5, 80])},
            lambda: {"in": ["open", "CA", 80]},
            lambda: {"not": a_test(dice)},
            lambda: {"exists": dice.choice([True, False])},
            lambda: {"prefix": ["o", "C"]},
            lambda: {"has": "CA"},
        ]
    )()


def a_condition(dice: Random, depth: int = 2) -> dict[str, Any]:
    kinds = [
        lambda: {dice.choice(FIELDS): a_test(dice)},
        lambda: {"changed": dice.sample(FIELDS, 2)},
        lambda: {"crossed": {"leadScore": {"above": dice.choice([12, 79, 80])}}},
    ]
    if depth:
        kinds += [
            lambda: {dice.choice(["any", "all", "none"]): [a_condition(dice, depth - 1) for _ in range(2)]},
            lambda: {"not": a_condition(dice, depth - 1)},
        ]
    return dice.choice(kinds)()


def a_route(dice: Random, number: int) -> str:
    route: dict[str, Any] = {"name": f"route-{number}", "match": a_condition(dice), "to": ["some"]}
    if dice.random() < 0.3:
        route["match"] = {"event": dice.choice(["created", "updated", "unchanged", "stale"]), **route["match"]}
    route |= {"stop": True} if dice.random() < 0.03 else {}
    return f"  - {json.dumps(route)}\n"


def a_lead(dice: Random) -> dict[str, Any]:
    fields = {name: dice.choice(VALUES) for name in dice.sample(FIELDS, dice.randint(0, len(FIELDS)))}
    fields |= {} if "leadScore" not in fields else {"leadScore": dice.choice(["12", 79.5, 80, "95", None])}
    stamps = {"createTimestamp": "2026-03-04 12:00:00", "updateTimestamp": f"2026-03-04 12:0{dice.randint(0, 3)}:00"}
    return {"id": str(dice.randint(1, LEADS)), **fields, **(stamps if dice.random() < 0.7 else {})}


@pytest.mark.parametrize("seed", range(4))
async def test_it_tells_what_the_router_did(tmp_path: Path, valkey: Any, seed: int) -> None:
    dice = Random(seed)
    async with desk_at(tmp_path, valkey.url) as stage:
        stage.configure("".join(a_route(dice, number) for number in range(ROUTES)) + "unmatched: {to: [some]}\n")
        for _ in range(PUSHES):
            stage.push(*(a_lead(dice) for _ in range(dice.randint(1, 4))))
            await stage.route()
        recall, explain = OperatorsDesk(stage.runtime).recall(), stage.runtime.explain()
        told: list[tuple[str, str, str, str]] = []
        for kept in [*recall.newest(PUSHES)][::-1]:
            for each in recall.leads_of(kept.push):
                assert each.doubt == ""
                explanation = explain.lead(each.lead, each.snapshot, each.occasion)
                sent = explain.sent(each.lead, each.snapshot, each.occasion)
                assert explanation.deliveries == sent
                told += [(kept.push.id, each.lead.key, explanation.event, delivery.route) for delivery in sent]

        handed = [
            (each.push, each.lead_key, each.event, each.route) for each in await stage.deliveries("some", most=10_000)
        ]

    assert sorted(told) == sorted(handed)
    assert len({route for *_, route in told}) > ROUTES / 4
