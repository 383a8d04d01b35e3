"""Writes docs/capacity.md: what leads cost, the formula, and what comes of it.

python -m benchmarks.capacity_page [--into docs/capacity.md]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import ceil, isinf
from pathlib import Path

from benchmarks.capacity_costs import BACKLOG, LIVE, Costs, live
from benchmarks.capacity_model import (
    DAY,
    LOADS,
    QUOTA,
    Setup,
    burst,
    calls_of,
    caught_up_after,
    look_ahead,
    received_a_second,
    sized,
)

GIB = 1 << 30
HOUR = 3_600.0
MINUTES, HOURS, DAYS = 120, 2 * HOUR, 48 * HOUR
"""Seconds from which a time is told in these."""
BURST_SETUPS = ((1, 1), (1, 4), (2, 8), (4, 16))
"""Workers and shards."""
ASKED = {
    "only what was missed": (False, 0.0),
    "each push read back": (True, 0.0),
    "and histories and lists": (True, 2.0),
}
"""What the CRM is asked for, with the calls for each lead."""
SHOP = 50_000
"""Pushes a day of the worked example."""
FASTEST_FIRST = sorted(LIVE, reverse=True)
TEMPLATE = Path(__file__).with_name("capacity_page.txt")


def write_page(costs: Costs) -> str:
    """All of it."""
    return TEMPLATE.read_text(encoding="utf-8").format(
        **_constants(costs),
        **_formula(costs),
        **_shop(costs),
        loads_table=loads_table(costs),
        calls_table=calls_table(costs),
        burst_table=burst_table(costs),
        burst_calls_table=burst_calls_table(costs),
    )


def _constants(costs: Costs) -> dict[str, str]:
    names = ("push", "snapshot", "attempt", "confirmed", "intake", "hydrate", "enrich", "outbox", "retry", "delivered")
    alone = costs.in_pushes_of(1)
    left, left_alone = (each.push + each.snapshot + each.attempt + each.confirmed for each in (costs, alone))
    return {
        **{name: f"{getattr(costs, name):,.0f}" for name in names},
        **{f"{name}_alone": f"{size:,.0f}" for name, size in costs.alone.items()},
        "left": f"{left:,.0f}",
        "left_alone": f"{left_alone:,.0f}",
        "idle": f"{costs.idle:.1%}",
        "quota": f"{QUOTA:,}",
        "live_pushes": ", ".join(f"{rate:,} leads/s in pushes of {LIVE[rate]}" for rate in FASTEST_FIRST),
        "cpu_table": cpu_table(costs),
    }


def cpu_table(costs: Costs) -> str:
    """CPU for one lead by process, and by how fast they come."""
    paces = [costs.cpu[BACKLOG], *(costs.cpu[live(rate)] for rate in FASTEST_FIRST)]
    figures = {
        "a receiver's processes": [each.receiver for each in paces],
        "a worker's router, which judges it": [each.router for each in paces],
        "a worker itself, for each sink": [each.worker for each in paces],
        "Redis, a flush for each write": [each.valkey for each in paces],
        "all, for one sink": [each.a_lead() for each in paces],
    }
    head = ("CPU for one lead, microseconds", "from a backlog", *(f"{rate:,} leads/s" for rate in FASTEST_FIRST))
    return _table(head, [(name, *(f"{each:,.0f}" for each in row)) for name, row in figures.items()])


def _formula(costs: Costs) -> dict[str, str]:
    cpu, usual = costs.cpu[BACKLOG], Setup()
    enriched = look_ahead(costs, Setup(workers=2, shards=8, enriched=2.0), burst(costs))
    return {
        "places": f"{usual.places}",
        "cores_live": f"{1_000 * costs.cpu_at(1_000).a_lead() / 1e6:.2f}",
        "cores_backlog": f"{1_000 * cpu.a_lead() / 1e6:.2f}",
        "received": f"{received_a_second(costs):,.0f}",
        "routed": f"{1e6 / cpu.router:,.0f}",
        "worked": f"{1e6 / cpu.worker:,.0f}",
        "placed": f"{usual.places / usual.latency:,.0f}",
        "placed_few": f"{16 / usual.latency:,.0f}",
        "sunk": f"{usual.concurrency / usual.latency:,.0f}",
        "stored": f"{1e6 / cpu.valkey:,.0f}",
        "shards_a_worker": f"{usual.places // usual.concurrency}",
        "enriched_days": f"{enriched.days:,.0f}",
        "enriched_drained": _told(enriched.drained),
    }


def _shop(costs: Costs) -> dict[str, str]:
    mean, busiest = SHOP / DAY, 4 * SHOP / DAY
    cpu, alone = costs.cpu_at(busiest), costs.in_pushes_of(1)
    pushes, leads = mean * 7 * DAY * alone.push / 1e9, 200_000 * costs.snapshot / 1e9
    log, away = costs.attempt * 100_000 / 1e9, 2 * SHOP * costs.outbox / 1e9
    histories, changed = SHOP // 20, SHOP // 500
    told = (cpu.receiver, cpu.router, cpu.worker, cpu.valkey)
    return {
        "shop": f"{SHOP:,}",
        "shop_mean": f"{mean:.2f}",
        "shop_busiest": f"{busiest:.1f}",
        "shop_pushes": f"{pushes:.2f}",
        "shop_leads": f"{leads:.2f}",
        "shop_log": f"{log:.2f}",
        "shop_kept": f"{pushes + leads + log:.1f}",
        "shop_away": f"{away:.2f}",
        "shop_memory": f"{ceil(2 * (pushes + leads + log + away))}",
        "shop_cpu": "{:,.0f} + {:,.0f} + 2 \N{MULTIPLICATION SIGN} {:,.0f} + {:,.0f}".format(*told),
        "shop_cores": f"{busiest * cpu.a_lead(2) / 1e6:.1%}",
        "shop_histories": f"{histories:,}",
        "shop_changed": f"{changed}",
        "shop_calls": f"{histories + 192 + changed:,}",
    }


def loads_table(costs: Costs) -> str:
    """What steady loads take, as Markdown."""
    rows = []
    for load in LOADS:
        setup = sized(costs, Setup(), load)
        found = look_ahead(costs, setup, load)
        sizes = [look_ahead(costs, replace(setup, keep_pushes=days * DAY), load).peak for days in (7, 1)]
        gibibytes = (f"{size / GIB:,.1f} GiB" for size in sizes)
        caught_up = _told(caught_up_after(costs, setup, load, HOUR))
        rows.append((load.name, f"{setup.workers}, {setup.shards}", f"{found.cores:.2f}", *gibibytes, caught_up))
    head = ("load", "workers, shards", "cores in use", *(f"Redis, pushes kept {d} d" for d in (7, 1)))
    return _table((*head, "after an hour without the sink, caught up in"), rows)


def calls_table(costs: Costs) -> str:
    """Calls of the CRM a day by steady loads."""
    rows = []
    for load in LOADS:
        setups = (replace(sized(costs, Setup(), load), read_back=back, enriched=each) for back, each in ASKED.values())
        rows.append((load.name, *(_calls(calls_of(setup, load)) for setup in setups)))
    return _table(("CRM calls a day, and days' quota they are", *ASKED), rows)


def burst_table(costs: Costs) -> str:
    """A million leads at once, by how many workers and shards there are."""
    rows = []
    for workers, shards in BURST_SETUPS:
        found = look_ahead(costs, Setup(workers=workers, shards=shards), burst(costs))
        half = found.moments[len(found.moments) // 2]
        sizes = (f"{size / GIB:.1f} GiB" for size in (found.peak, half.bytes, found.moments[-1].bytes))
        cpu = (f"{found.cpu:,.0f} s", f"{found.cores:.2f}")
        rows.append((f"{workers}, {shards}", _told(found.drained), *sizes, *cpu, _calls(found.calls)))
    head = (
        "workers, shards",
        "drained after the last push",
        "Redis, most",
        "at half the time",
        "when all is delivered",
    )
    return _table((*head, "CPU, of one core", "cores meanwhile", "CRM calls"), rows)


def burst_calls_table(costs: Costs) -> str:
    """The same by what the CRM is asked."""
    rows = []
    for asked, (back, each) in ASKED.items():
        setup = Setup(workers=2, shards=8, read_back=back, enriched=each)
        found = look_ahead(costs, setup, burst(costs))
        rows.append((asked, _calls(found.calls), _told(found.drained), f"{found.peak / GIB:.1f} GiB"))
    return _table(("asked", "CRM calls", "drained after the last push", "Redis, most"), rows)


def _calls(calls: float) -> str:
    told = f"{calls:,.0f}"
    return told if calls <= QUOTA else f"**{told}**: {calls / QUOTA:,.1f} days'"


def _told(seconds: float) -> str:
    if isinf(seconds):
        return "never"
    for least, size, unit in ((DAYS, DAY, "days"), (HOURS, HOUR, "h"), (MINUTES, 60, "min")):
        if seconds >= least:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:,.0f} s"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity_page", description=__doc__)
    parser.add_argument("--into", type=Path, metavar="FILE", help="write it there")
    given = parser.parse_args()
    page = write_page(Costs.read())
    if given.into:
        given.into.write_text(page, encoding="utf-8")
    else:
        sys.stdout.write(page)


if __name__ == "__main__":
    main()
