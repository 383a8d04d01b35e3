"""Draws ratios from the figures, and prints them beside what is promised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isinf

from benchmarks.console import EMPTY, LIMIT, NOBODY, SOMEBODY
from benchmarks.delivering import OURS, POSTERS
from benchmarks.figures import Figures
from benchmarks.isolation import ALONE, BESIDE
from benchmarks.scale import FULL, SLOW, USUAL
from benchmarks.workers import FEW, MANY, ONE, TWO

STACKS = ("textbook", *(f"{name} {way}" for name in OURS for way in ("backlog", "live")), *POSTERS)
RECEIVERS = ("textbook", "hookrouter", "bare")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A ratio or figure with its bound; `kept` compares the two."""

    name: str
    value: float
    bound: float
    at_least: bool
    unit: str = ""

    @property
    def kept(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def promises(results: dict[str, Figures]) -> list[Promise]:
    """What the figures say of each promise; a promise whose figures were not taken is left out."""
    drawn: list[Promise] = []
    for section, draw in _DRAWN.items():
        if section in results:
            drawn += draw(results[section])
    return drawn


def _of_delivered(found: Figures) -> list[Promise]:
    """The poster has its leads at hand before it begins, as the worker has from a backlog."""
    backlog, live = (found[f"hookrouter {way}, 0 ms"]["leads_per_s"] for way in ("backlog", "live"))
    textbook, bare = found["textbook, 0 ms"]["leads_per_s"], found["bare poster, 0 ms"]["leads_per_s"]
    return [
        Promise(name="delivered, backlog / textbook", value=backlog / textbook, bound=60, at_least=True, unit="x"),
        Promise(name="delivered, backlog / bare poster", value=backlog / bare, bound=0.4, at_least=True, unit="x"),
        Promise(name="delivered, live / textbook", value=live / textbook, bound=60, at_least=True, unit="x"),
    ]


def _of_saturated(found: Figures) -> list[Promise]:
    rate = found[f"hookrouter {USUAL}"]["leads_per_s"]
    return [Promise(name="received, 25 leads a push", value=rate, bound=12_000, at_least=True, unit="leads/s")]


def _of_paced(found: Figures) -> list[Promise]:
    ratio = found["hookrouter"]["p99_ms"] / found["bare"]["p99_ms"]
    return [Promise(name="p99 at 50 pushes/s / bare endpoint", value=ratio, bound=4, at_least=False, unit="x")]


def _of_idle(found: Figures) -> list[Promise]:
    return [
        Promise(
            name="one lead, idle system, median", value=found["idle"]["p50_ms"], bound=100, at_least=False, unit="ms"
        )
    ]


def _of_isolation(found: Figures) -> list[Promise]:
    return [
        Promise(
            name=f"nine sinks beside a silent one / alone, {delay} ms",
            value=found[f"{BESIDE}, {delay} ms"]["leads_per_s"] / found[f"{ALONE}, {delay} ms"]["leads_per_s"],
            bound=0.9,
            at_least=True,
            unit="x",
        )
        for delay in (0, SLOW)
    ]


def _of_workers(found: Figures) -> list[Promise]:
    name = f"two workers of {FEW} places / one, sink takes {SLOW} ms"
    return [Promise(name=name, value=_second_worker(found, FEW), bound=1.7, at_least=True, unit="x")]


def _second_worker(found: Figures, bound: int) -> float:
    return found[TWO][f"leads_per_s, {bound}"] / found[ONE][f"leads_per_s, {bound}"]


def _of_rules(found: Figures) -> list[Promise]:
    each = found["rules"]
    mixed, ratio = each["us_per_lead"], each["many_of_few"]
    return [
        Promise(name="judging a lead by 100 mixed routes", value=mixed, bound=100, at_least=False, unit="µs"),
        Promise(name="judging by 10,000 owners' routes / by 10", value=ratio, bound=3, at_least=False, unit="x"),
    ]


def _of_console(found: Figures) -> list[Promise]:
    slowest = max(each["worst_ms"] for each in found.values() if "worst_ms" in each)
    acks = found[SOMEBODY]["p50_ms"] / found[NOBODY]["p50_ms"]
    return [
        Promise(name="the console's slowest page", value=slowest, bound=LIMIT, at_least=False, unit="ms"),
        Promise(name="answers, somebody looks without a pause / nobody", value=acks, bound=3, at_least=False, unit="x"),
    ]


_DRAWN: dict[str, Callable[[Figures], list[Promise]]] = {
    "delivered": _of_delivered,
    "saturated": _of_saturated,
    "paced": _of_paced,
    "idle": _of_idle,
    "isolation": _of_isolation,
    "workers": _of_workers,
    "rules": _of_rules,
    "console": _of_console,
}


def write_report(results: dict[str, Figures]) -> str:
    """Everything that was measured, as Markdown tables."""
    parts = [_TABLES[section](found) for section, found in results.items()]
    rows = [
        (each.name, _number(each.value), each.unit, f"{'≥' if each.at_least else '≤'} {each.bound:,g}", _word(each))
        for each in promises(results)
    ]
    if rows:
        parts.append(_table("Promises", ("what", "measured", "unit", "promised", ""), rows))
    return "\n".join(parts)


def _saturated(found: Figures) -> str:
    rows = [(name, *(_answers(found.get(f"{name} {leads}")) for leads in FULL.sizes)) for name in RECEIVERS]
    head = ("pushes/s · p50 · p99 ms", *(f"{leads} leads" if leads > 1 else "1 lead" for leads in FULL.sizes))
    ours = found[f"hookrouter {USUAL}"]
    rate, cpu = _number(ours["leads_per_s"]), _number(ours["cpu_us_per_lead"])
    told = f"In pushes of {USUAL}, hookrouter takes {rate} leads/s, for {cpu} µs of CPU a lead.\n"
    return _table("Answered pushes, saturated by 16 connections", head, rows) + f"\n{told}"


def _answers(figures: dict[str, float] | None) -> str:
    if figures is None:
        return "-"
    return " · ".join(_number(figures[name]) for name in ("pushes_per_s", "p50_ms", "p99_ms"))


def _paced(found: Figures) -> str:
    rows = [(name, _number(each["p50_ms"]), _number(each["p99_ms"])) for name, each in found.items()]
    return _table("Answers at 50 pushes/s of 25 leads", ("", "p50 ms", "p99 ms"), rows)


def _durability(found: Figures) -> str:
    fsync = found["fsync"]["pushes_per_s"]
    names = ("p50_ms", "p99_ms", "cpu_us_per_lead", "in_redis_percent")
    rows = [
        (
            name,
            f"{_number(each['pushes_per_s'])} ({each['pushes_per_s'] / fsync:.2f})",
            *(_number(each[figure]) for figure in names),
        )
        for name, each in found.items()
    ]
    head = ("durability", "pushes/s (x fsync)", "p50 ms", "p99 ms", "CPU µs a lead", "not spooled, %")
    return _table(f"Answered pushes of {USUAL} leads, by durability", head, rows)


def _classes(found: Figures) -> str:
    names = ("leads_per_s", "p99_ms", "cpu_us_per_lead", "beside_dawdlers_ms")
    rows = [(title, *(_number(each[name]) for name in names)) for title, each in found.items()]
    head = (
        "gunicorn's class, processes x threads",
        "leads/s",
        "p99 ms",
        "CPU µs a lead",
        "one push beside dawdlers, ms",
    )
    return _table("The receiver under other worker classes", head, rows)


def _delivered(found: Figures) -> str:
    rows = [
        (name, *(_beside(found, found[f"{name}, {delay} ms"]["leads_per_s"], delay) for delay in (0, SLOW)))
        for name in STACKS
    ]
    head = ("leads/s (x textbook, x bare poster)", "sink answers at once", f"sink takes {SLOW} ms")
    cpu = _number(found["hookrouter backlog, 0 ms"]["cpu_us_per_lead"])
    told = f"From its backlog, hookrouter's worker uses {cpu} µs of CPU a lead.\n"
    return _table("Deliveries to a local HTTP sink, one worker", head, rows) + f"\n{told}"


def _beside(found: Figures, rate: float, delay: int) -> str:
    below = rate / found[f"textbook, {delay} ms"]["leads_per_s"]
    above = rate / found[f"bare poster, {delay} ms"]["leads_per_s"]
    return f"{_number(rate)} ({_number(below)}, {above:.2f})"


def _idle(found: Figures) -> str:
    each = found["idle"]
    row = tuple(_number(each[name]) for name in ("p50_ms", "p90_ms", "worst_ms"))
    return _table("One lead through an idle system", ("p50 ms", "p90 ms", "worst ms"), [row])


def _isolation(found: Figures) -> str:
    rows = [
        (name, *(_number(found[f"{name}, {delay} ms"]["leads_per_s"]) for delay in (0, SLOW)))
        for name in (ALONE, BESIDE)
    ]
    head = ("deliveries/s of all nine", "sinks answer at once", f"sinks take {SLOW} ms")
    return _table("Nine sinks, and a tenth that never answers", head, rows)


def _workers(found: Figures) -> str:
    places = (FEW, MANY)
    rows = [(name, *(_number(found[name][f"leads_per_s, {bound}"]) for bound in places)) for name in (ONE, TWO)]
    rows.append(("two / one", *(f"{_second_worker(found, bound):.2f}" for bound in places)))
    head = ("leads/s", *(f"{bound} places a worker" for bound in places))
    return _table(f"One sink of four shards that takes {SLOW} ms", head, rows)


def _streams(found: Figures) -> str:
    rows = [
        (name, _number(each["entries_per_s"]), _number(each["log_bytes_per_entry"])) for name, each in found.items()
    ]
    head = ("read and remove", "entries/s", "bytes written an entry")
    return _table("A stream read by a consumer group and by a lease", head, rows)


def _rules(found: Figures) -> str:
    each = found["rules"]
    mixed = (
        f"{_number(each['routes'])} mixed, {_number(each['matches_per_lead'])} match",
        _number(each["us_per_lead"]),
    )
    few, many = ("10, each for another owner", "us_of_few"), ("10,000, each for another owner", "us_of_many")
    rows = [mixed, *((name, _number(each[key])) for name, key in (few, many))]
    return _table("Judging one lead", ("routes", "µs a lead"), rows)


def _console(found: Figures) -> str:
    pages = [
        (name, *(_number(each[key]) for key in ("p50_ms", "worst_ms", "first_ms")))
        for name, each in found.items()
        if "worst_ms" in each
    ]
    acks = [(name, *(_number(found[name][key]) for key in ("p50_ms", "p99_ms"))) for name in (EMPTY, NOBODY, SOMEBODY)]
    stored, cpu = _number(found["store"]["deliveries"]), _number(found[NOBODY]["cpu_us_per_lead"])
    return "\n".join(
        (
            _table(f"The console's pages at {stored} deliveries", ("", "p50 ms", "worst ms", "first ms"), pages),
            _table("Answers at 50 pushes/s of 25 leads", ("", "p50 ms", "p99 ms"), acks),
            f"While nobody looks, a lead costs the receiver {cpu} µs of CPU.\n",
        )
    )


def _capacity(found: Figures) -> str:
    rows = [(what, name, _number(value)) for what, each in found.items() for name, value in each.items()]
    return _table("What one lead costs: bytes in Redis, microseconds of CPU", ("", "where", "a lead"), rows)


_TABLES: dict[str, Callable[[Figures], str]] = {
    "saturated": _saturated,
    "paced": _paced,
    "durability": _durability,
    "classes": _classes,
    "delivered": _delivered,
    "idle": _idle,
    "isolation": _isolation,
    "workers": _workers,
    "streams": _streams,
    "rules": _rules,
    "console": _console,
    "capacity": _capacity,
}


def _table(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [f"### {title}\n", _row(head), _row(("---",) * len(head)), *(_row(row) for row in rows)]
    return "\n".join(lines) + "\n"


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _word(promise: Promise) -> str:
    return "kept" if promise.kept else "**missed**"


def _number(value: float) -> str:
    if isinf(value):
        return "never"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
