"""A soak as a picture: memory above, lag below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from benchmarks.soak_report import KEPT, Soaked

WIDTH, HEIGHT, MARGIN, NAMES = 960, 200, 56, 250
"""`NAMES` is the room to the right, in which each line's name stands."""
WHOLE = 10
"""Above, an axis needs no decimals."""
COLOURS = ("#2563eb", "#d97706", "#059669", "#7c3aed", "#dc2626", "#0891b2", "#4b5563")


def write_chart(found: Soaked) -> str:
    """Memory above, lag below, with a mark for each kill."""
    names = sorted(found.samples[-1].memory)
    memory = {name: [(each.at, each.memory.get(name, 0.0)) for each in found.samples] for name in names}
    memory[KEPT] = [(each.at, each.kept) for each in found.samples]
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
    foot, right = top + HEIGHT, WIDTH - NAMES

    def across(at: float) -> float:
        return MARGIN + (right - MARGIN) * at / last

    def up(value: float) -> float:
        return foot - (HEIGHT - 24) * value / most

    drawn = [f'<path d="M{MARGIN} {top + 16}V{foot}H{right}" fill="none" stroke="#555"/>']
    drawn += [f'<path d="M{across(at):.1f} {foot}v6" stroke="#dc2626"/>' for at in kills]
    for share in (0.5, 1.0):
        value = most / 1.1 * share
        told = f"{value:,.0f}" if most > WHOLE else f"{value:.1f}"
        drawn.append(f'<text x="{MARGIN - 6}" y="{up(value) + 4:.1f}" text-anchor="end">{told}</text>')
        drawn.append(f'<path d="M{MARGIN} {up(value):.1f}H{right}" stroke="#ddd"/>')
    drawn.append(f'<text x="{MARGIN}" y="{top + 12}">{unit}</text>')
    drawn.append(f'<text x="{right}" y="{foot + 20}" text-anchor="end">{last / 60:.0f} min</text>')
    for number, (name, line) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(f"{across(at):.1f},{up(value):.1f}" for at, value in line)
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        drawn.append(f'<text x="{right + 10}" y="{top + 30 + 18 * number}" fill="{colour}">{escape(name)}</text>')
    return "".join(drawn)
