"""Measures nine sinks alone, and the same nine beside a tenth that never answers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from statistics import median

from benchmarks import pushing
from benchmarks.figures import Figures
from benchmarks.scale import SLOW, USUAL, Scale
from benchmarks.servers import TOKEN, Stage, our_receiver, our_worker

NINE = [f"sink-{number}" for number in range(9)]
SILENT = "silent"
ALONE, BESIDE = "nine alone", "nine beside a silent one"
PLACES = 4
"""Attempts under way at once for each sink: few, so that slow sinks and not the machine set the pace."""
AT_ONCE = 5
"""Times as many leads for sinks that answer at once, so that a run lasts for seconds too."""
LONGEST = 90.0
"""Seconds after which a run counts as stuck."""

CONFIGURATION = """\
version: 1
receiver: {{sources: {{crm: {{token: {token}}}}}}}
egress: {{allow: [127.0.0.0/8]}}
sinks:
{sinks}
routes:
  - {{name: every, to: [{names}]}}
"""


def measure_isolation(stage: Stage, scale: Scale) -> Figures:
    """Deliveries a second of the nine, with and without the tenth taking turns."""
    rates: dict[str, list[float]] = defaultdict(list)
    for _ in range(scale.rounds):
        for delay, leads in ((0, AT_ONCE * scale.isolated), (SLOW, scale.isolated)):
            for title, sinks in ((ALONE, NINE), (BESIDE, [*NINE, SILENT])):
                rates[f"{title}, {delay} ms"].append(_rate(stage, sinks, delay, leads))
    return {title: {"leads_per_s": median(found)} for title, found in rates.items()}


def _rate(stage: Stage, sinks: list[str], delay: int, leads: int) -> float:
    stage.sink.reset(delay)
    with our_receiver(_configured(stage, sinks)) as (_, port):
        pushing.push_all(port, USUAL, pushes=leads // USUAL)
        with our_worker(_configured(stage, sinks)):
            deliveries = leads * len(NINE)
            figures = stage.sink.await_leads(deliveries, within=LONGEST)
    stage.forget()
    return (deliveries - 1) / (figures["last"] - figures["first"])


def _configured(stage: Stage, sinks: list[str]) -> Stage:
    """The stage with these sinks, each at a path of its own."""
    url = stage.sink.url.rpartition("/")[0]
    lines = [f'  {name}: {{type: http, url: "{url}/{name}", concurrency: {PLACES}}}' for name in sinks]
    text = CONFIGURATION.format(token=TOKEN, sinks="\n".join(lines), names=", ".join(sinks))
    (stage.folder / "isolation.yaml").write_text(text, encoding="utf-8")
    return replace(stage, configuration="isolation.yaml")
