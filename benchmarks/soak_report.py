"""What a soak came to, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean
from typing import Self

from benchmarks.figures import percentile
from hookrouter.store.lease import LEASE_LIFE
from hookrouter.store.settling import CONFIRMED_FOR

MOST_LAG = 30.0
"""Seconds: a killed worker's leases must run out, and what waited meanwhile is to be caught up."""
MOST_GROWTH, SLACK = 1.10, 4.0
"""From the second quarter of the run to the last, and MiB that do not count."""
LEAST_MINUTES = 12.0
"""Before, the second quarter begins while what is kept for a minute or two is still being filled."""
FILLED_AFTER = 2 * CONFIRMED_FOR.total_seconds()
"""Seconds until the notes of what was delivered are at their most. Valkey's process is judged from then on, its first
half against its second: an allocator keeps what was needed once."""
LEAST_MINUTES_FILLED = 4.0
LOOK_WITHIN = 30.0
"""Seconds between two samples at the most."""
OURS = ("receiver", "scheduler", "worker that lives on", "worker that is killed")
VALKEY, VALKEY_PROCESS = "Valkey's data", "Valkey's process"
LEAST_TOLD = 0.05
"""MiB; what takes less is not told of."""
KEPT = "notes of what was delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look: MiB by who uses them, and for how long the oldest entry waited at most since the look before.

    Attributes:
        kept: MiB of the notes by which no delivery is made twice, which are not counted as Valkey's data; `noted`, how
            many there are.
    """

    at: float
    memory: Mapping[str, float]
    kept: float
    noted: int
    lag: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Seconds of CPU by what runs, while so many leads were pushed in so many seconds."""

    leads: int
    seconds: float
    cpu: Mapping[str, float]

    @classmethod
    def between(cls, before: Mapping[str, float], after: Mapping[str, float], *, leads: int, seconds: float) -> Self:
        """From two looks."""
        return cls(
            leads=leads, seconds=seconds, cpu={name: after[name] - before.get(name, 0.0) for name in sorted(after)}
        )

    def cores(self, *names: str) -> float:
        """How many cores these used; all, where none is named."""
        return sum(self.cpu[name] for name in names or self.cpu) / max(self.seconds, 1e-9)

    def a_lead(self, *names: str) -> float:
        """Microseconds for each lead of these; of all, where none is named."""
        return sum(self.cpu[name] for name in names or self.cpu) / max(self.leads, 1) * 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Soaked:
    """A whole run; `posts` are the deliveries that the sink got, `arrived` the different ones.

    Attributes:
        standing: bytes in Valkey at the end by the first words of the keys.
        at_top: CPU while the top rate was measured; `used`, while it soaked.
    """

    minutes: float
    top: float
    rate: float
    leads: int
    arrived: int
    posts: int
    seconds: Sequence[float] = field(repr=False)
    fault: str
    kills: Sequence[float]
    samples: Sequence[Sample] = field(repr=False)
    drained: float
    standing: Mapping[str, float]
    at_top: Used
    used: Used

    @property
    def lost(self) -> int:
        return max(0, self.leads - self.arrived)

    @property
    def unasked(self) -> int:
        """Deliveries under ids of their own beyond the leads that were pushed, which would hide as many lost ones."""
        return max(0, self.arrived - self.leads)

    @property
    def most_lag(self) -> float:
        return max(each.lag for each in self.samples)

    @property
    def growth(self) -> dict[str, tuple[float, float]]:
        """The mean of each in the second quarter and in the last, in MiB; Valkey's process as `FILLED_AFTER` says."""
        return {name: self._means(name) for name in self.samples[-1].memory}

    @property
    def kept(self) -> tuple[float, float]:
        """The same of the notes of what was delivered."""
        second, last = self._second_and_last
        return mean(each.kept for each in second), mean(each.kept for each in last)

    def is_judged(self, name: str) -> bool:
        """Whether it lasted long enough for that."""
        least = FILLED_AFTER + LEAST_MINUTES_FILLED * 60 if name == VALKEY_PROCESS else LEAST_MINUTES * 60
        return self.samples[-1].at >= least - LOOK_WITHIN

    def is_flat(self, name: str) -> bool:
        before, after = self.growth[name]
        return after <= before * MOST_GROWTH + SLACK

    @property
    def is_well(self) -> bool:
        is_flat = all(self.is_flat(name) for name in self.growth if self.is_judged(name))
        return not self.lost and not self.unasked and not self.fault and self.most_lag <= MOST_LAG and is_flat

    @property
    def _second_and_last(self) -> tuple[Sequence[Sample], Sequence[Sample]]:
        quarter = max(1, len(self.samples) // 4)
        return self.samples[quarter : 2 * quarter] or self.samples, self.samples[-quarter:]

    @property
    def _halves_when_filled(self) -> tuple[Sequence[Sample], Sequence[Sample]]:
        filled = [each for each in self.samples if each.at >= FILLED_AFTER] or self.samples
        half = len(filled) // 2
        return filled[:half] or filled, filled[half:]

    def _means(self, name: str) -> tuple[float, float]:
        before, after = (
            mean([each.memory[name] for each in samples if name in each.memory] or [0.0])
            for samples in (self._halves_when_filled if name == VALKEY_PROCESS else self._second_and_last)
        )
        return before, after


def write_soaked(found: Soaked, machine: str) -> str:
    """The report."""
    fault = f"\n**It ended early**: {found.fault}\n" if found.fault else ""
    ours = found.at_top.a_lead(*_ours()) / max(found.at_top.a_lead(), 1e-9)
    return f"""# A soak

`python -m benchmarks.soak --minutes {found.minutes:g}` pushes at half of the top rate that it measured before, to one
receiver (two processes), three workers and a scheduler, which tell a sink of three shards. Each minute it kills one of
two workers, in turn, and starts another in its place at once; the third lives on. What is kept on purpose is kept for a
minute, so that whatever grows shows. It wrote this page.

{machine} Everything shares these cores: the sink, who pushes, the store.
Top rate {found.top:,.0f} leads/s; soaked at {found.rate:,.0f} leads/s for {found.used.seconds / 60:.0f} minutes.
{fault}
| what | measured | |
| --- | --- | --- |
{_table(_outcome(found))}

Bounds: nothing lost; no entry waits longer than {MOST_LAG:.0f} s (a killed worker's leases run out after
{LEASE_LIFE.total_seconds():.0f}; it was looked at each second).

## Memory

| MiB, means | second quarter | last quarter | |
| --- | --- | --- | --- |
{_table(_memory(found))}

Flat is what grows by no more than a tenth, and {SLACK:.0f} MiB, from the second quarter of the run to the last;
Valkey's process, from the first half of what comes after minute {_minutes(2)} to the second.

- A process is counted with its children, what they share once (PSS): a receiver's two processes, a worker's router,
  Valkey's copy of itself while it writes its append-only file anew.
- Valkey's data is its own count, without the notes by which no delivery is made twice. A note takes
  {_a_note(found):.0f} bytes and goes {_minutes(1)} to {_minutes(2)} minutes after its delivery: so they grow
  for {_minutes(2)} minutes, then rise and fall, and Valkey's process keeps the room that they had at their most.
- All else is there for each lead of the last minute or two and goes with it: no new lead leaves anything.
- At the end Valkey held, in MiB: {_standing(found)}.

![memory and lag over time; each mark is a killed worker](images/soak.svg)

## What used the cores

| | at the top rate, µs a lead | soaking, µs a lead | soaking, cores |
| --- | --- | --- | --- |
{_table(_cores(found))}

At the top rate {found.at_top.cores():.2f} cores were in use in the mean, from the start of who pushes to the last
delivery. Of a lead's CPU {ours:.0%} was hookrouter's and Valkey's, which alone [capacity](capacity.md) reckons with;
the rest pushes, takes and watches. While it soaks a lead costs more: pushes come one by one, so less is written at
once, and killed workers are started anew.
"""


def _outcome(found: Soaked) -> Iterator[tuple[str, ...]]:
    yield "leads pushed and acknowledged", f"{found.leads:,}", ""
    yield "of these lost", f"{found.lost:,}", _word(not found.lost)
    if found.unasked:
        yield "delivered under an id of their own beyond these", f"{found.unasked:,}", _word(found.fault)
    yield "delivered more than once, under their one `webhook-id`", f"{found.posts - found.arrived:,}", ""
    yield "workers killed (-9)", f"{len(found.kills)}", ""
    yield "longest wait of an entry, seconds", f"{found.most_lag:.1f}", _word(found.most_lag <= MOST_LAG)
    yield "answers to pushes, p50 and p99, ms", _answers(found.seconds), ""
    yield "drained after the last push, seconds", f"{found.drained:.1f}", ""


def _memory(found: Soaked) -> Iterator[tuple[str, ...]]:
    for name, (before, after) in sorted(found.growth.items()):
        word = ("flat" if found.is_flat(name) else "**grows**") if found.is_judged(name) else "too short to judge"
        yield (
            f"{name}, from minute {_minutes(2)} on" if name == VALKEY_PROCESS else name,
            f"{before:.1f}",
            f"{after:.1f}",
            word,
        )
    before, after = found.kept
    yield KEPT, f"{before:.1f}", f"{after:.1f}", f"bounded: {_minutes(2)} minutes"


def _cores(found: Soaked) -> Iterator[tuple[str, ...]]:
    for name in found.used.cpu:
        yield _used(name, found, name)
    yield _used("hookrouter and Valkey", found, *_ours())
    yield _used("all", found)


def _used(title: str, found: Soaked, *names: str) -> tuple[str, ...]:
    at_top, soaking = (f"{each.a_lead(*names):,.0f}" for each in (found.at_top, found.used))
    return title, at_top, soaking, f"{found.used.cores(*names):.2f}"


def _ours() -> tuple[str, ...]:
    return (*OURS, VALKEY_PROCESS)


def _a_note(found: Soaked) -> float:
    """Bytes for each delivery."""
    last = found.samples[-1]
    return last.kept * (1 << 20) / max(last.noted, 1)


def _standing(found: Soaked) -> str:
    sizes = sorted(((size / (1 << 20), word) for word, size in found.standing.items()), reverse=True)
    return ", ".join(f"`{word}` {size:.1f}" for size, word in sizes if size >= LEAST_TOLD)


def _minutes(times: int) -> str:
    return f"{times * CONFIRMED_FOR.total_seconds() / 60:.0f}"


def _table(rows: Iterator[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _word(is_kept: object) -> str:
    return "kept" if is_kept else "**missed**"


def _answers(seconds: Sequence[float]) -> str:
    if not seconds:
        return "-"
    return f"{percentile(seconds, 50) * 1e3:.1f}, {percentile(seconds, 99) * 1e3:.1f}"
