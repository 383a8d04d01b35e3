"""What a soak came to, as Markdown and as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from statistics import mean

from benchmarks.figures import percentile

MOST_LAG = 30.0
"""Seconds: a killed worker's leases run out after 10, and what waited meanwhile is to be caught up."""
MOST_GROWTH, SLACK = 1.10, 4.0
"""From the second quarter of the run to the last, and MiB that do not count."""
LEAST_MINUTES = 8.0
"""Before, all that is kept for a minute or two, or up to so many, has not been filled."""
WIDTH, HEIGHT, MARGIN = 860, 200, 56
COLOURS = ("#2563eb", "#d97706", "#059669", "#7c3aed", "#dc2626")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look: MiB by who uses them, and for how long the oldest entry waits."""

    at: float
    memory: Mapping[str, float]
    lag: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Soaked:
    """A whole run; `posts` are the deliveries that the sink got, `arrived` the different ones."""

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

    @property
    def lost(self) -> int:
        return self.leads - self.arrived

    @property
    def most_lag(self) -> float:
        return max(each.lag for each in self.samples)

    @property
    def growth(self) -> dict[str, tuple[float, float]]:
        """The mean of each in the second quarter and in the last, in MiB."""
        quarter = max(1, len(self.samples) // 4)
        second, last = self.samples[quarter : 2 * quarter] or self.samples, self.samples[-quarter:]
        return {name: (_mean(second, name), _mean(last, name)) for name in self.samples[-1].memory}

    @property
    def is_judged(self) -> bool:
        return self.minutes >= LEAST_MINUTES

    def is_flat(self, name: str) -> bool:
        before, after = self.growth[name]
        return after <= before * MOST_GROWTH + SLACK

    @property
    def is_well(self) -> bool:
        is_flat = not self.is_judged or all(map(self.is_flat, self.growth))
        return not self.lost and not self.fault and self.most_lag <= MOST_LAG and is_flat


def _mean(samples: Sequence[Sample], name: str) -> float:
    return mean([each.memory[name] for each in samples if name in each.memory] or [0.0])


def write_soaked(found: Soaked, machine: str) -> str:
    """The report."""
    rows = [
        ("leads pushed and acknowledged", f"{found.leads:,}", ""),
        ("of these lost", f"{found.lost:,}", _word(not found.lost)),
        ("delivered more than once, under their one `webhook-id`", f"{found.posts - found.arrived:,}", ""),
        ("workers killed (-9)", f"{len(found.kills)}", ""),
        ("longest wait of an entry, seconds", f"{found.most_lag:.1f}", _word(found.most_lag <= MOST_LAG)),
        ("answers to pushes, p50 and p99, ms", _answers(found.seconds), ""),
        ("drained after the last push, seconds", f"{found.drained:.1f}", ""),
    ]
    for name, (before, after) in sorted(found.growth.items()):
        word = _word(found.is_flat(name)) if found.is_judged else "too short to judge"
        rows.append((f"memory of {name}, second and last quarter, MiB", f"{before:.1f} → {after:.1f}", word))
    table = "\n".join(f"| {what} | {value} | {word} |" for what, value, word in rows)
    fault = f"\n**It ended early**: {found.fault}\n" if found.fault else ""
    return f"""# A soak

`python -m benchmarks.soak --minutes {found.minutes:g}` pushes at half of the top rate that it measured before, to one
receiver (two processes), two workers and a scheduler, and kills a worker each minute; another takes its place at once.
What is kept on purpose is kept for a minute, so that whatever grows shows. It wrote this page.

{machine} Everything shares these cores: the sink, who pushes, the store.
Top rate {found.top:,.0f} leads/s; soaked at {found.rate:,.0f} leads/s for {found.minutes:g} minutes.
{fault}
| what | measured | |
| --- | --- | --- |
{table}

Bounds: nothing lost; no entry waits longer than {MOST_LAG:.0f} s (a killed worker's leases run out after 10); no memory
grows by more than a tenth, and {SLACK:.0f} MiB, from the second quarter of the run to the last. Memory is that of one
process of its kind with its children, what they share counted once (PSS).

![memory and lag over time; each mark is a killed worker](images/soak.svg)
"""


def _word(is_kept: object) -> str:
    return "kept" if is_kept else "**missed**"


def _answers(seconds: Sequence[float]) -> str:
    if not seconds:
        return "-"
    return f"{percentile(seconds, 50) * 1e3:.1f}, {percentile(seconds, 99) * 1e3:.1f}"


def write_chart(found: Soaked) -> str:
    """Memory above, lag below, with a mark for each kill."""
    names = sorted(found.samples[-1].memory)
    memory = {name: [(each.at, each.memory.get(name, 0.0)) for each in found.samples] for name in names}
    lag = {"oldest entry": [(each.at, each.lag) for each in found.samples]}
    last = max(found.samples[-1].at, 1.0)
    panels = [_panel(memory, "MiB", 0, last, found.kills), _panel(lag, "seconds", HEIGHT + MARGIN, last, found.kills)]
    height = 2 * (HEIGHT + MARGIN)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="12">'
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>{"".join(panels)}</svg>\n'
    )


def _panel(
    lines: Mapping[str, Sequence[tuple[float, float]]], unit: str, top: float, last: float, kills: Sequence[float]
) -> str:
    most = max([value for line in lines.values() for _, value in line] + [1.0]) * 1.1
    foot, right = top + HEIGHT, WIDTH - 150

    def across(at: float) -> float:
        return MARGIN + (right - MARGIN) * at / last

    def up(value: float) -> float:
        return foot - (HEIGHT - 24) * value / most

    drawn = [f'<path d="M{MARGIN} {top + 16}V{foot}H{right}" fill="none" stroke="#555"/>']
    drawn += [f'<path d="M{across(at):.1f} {foot}v6" stroke="#dc2626"/>' for at in kills]
    for share in (0.5, 1.0):
        value = most / 1.1 * share
        drawn.append(f'<text x="{MARGIN - 6}" y="{up(value) + 4:.1f}" text-anchor="end">{value:.0f}</text>')
        drawn.append(f'<path d="M{MARGIN} {up(value):.1f}H{right}" stroke="#ddd"/>')
    drawn.append(f'<text x="{MARGIN}" y="{top + 12}">{unit}</text>')
    drawn.append(f'<text x="{right}" y="{foot + 20}" text-anchor="end">{last / 60:.0f} min</text>')
    for number, (name, line) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(f"{across(at):.1f},{up(value):.1f}" for at, value in line)
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        drawn.append(f'<text x="{right + 10}" y="{top + 30 + 18 * number}" fill="{colour}">{escape(name)}</text>')
    return "".join(drawn)
