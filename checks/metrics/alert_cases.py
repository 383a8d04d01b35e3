"""For each alert the series, a sample a minute, by which it must fire, and those by which it must not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """Series by their names; `at` is when it is looked, in minutes.

    Attributes:
        well: how they go on once all is well again, if not as when it is quiet.
    """

    fires: dict[str, str]
    quiet: dict[str, str]
    at: int = 20
    firing: int = 1
    well: dict[str, str] | None = None

    def healing(self, minutes: int) -> dict[str, str]:
        """The series of one that fires, and is well again for so many minutes."""
        well = self.quiet if self.well is None else self.well
        return {name: " ".join(self._healing(name, well.get(name, "_"), minutes)) for name in {**self.fires, **well}}

    def _healing(self, name: str, well: str, minutes: int) -> list[str]:
        fired = [*samples(self.fires.get(name, "_")), *["_"] * self.at][: self.at + 1]
        then = samples(well)
        then = [*then, *then[-1:] * minutes][:minutes]
        if name.partition("{")[0].endswith(COUNTED) and fired[-1] != "_" != then[0]:
            then = [str(float(fired[-1]) + float(value) - float(then[0])) for value in then]
        return [*fired, *then]


COUNTED = ("_total", "_bucket")


def samples(notation: str) -> list[str]:
    """What promtool reads in its notation of series."""
    read: list[str] = []
    for word in notation.split():
        value, _, times = word.partition("x")
        first, _, step = value.partition("+")
        number = int(times or 0) + (value != "_" or not times)
        read += [value] * number if not step else [str(float(first) + place * float(step)) for place in range(number)]
    return read


def of(name: str, *labels: str) -> str:
    given = ",".join(('job="leads"', *labels))
    return f"{name}{{{given}}}"


def gauge(name: str, fires: str, quiet: str, *labels: str, at: int = 20) -> Case:
    return Case({of(name, *labels): fires}, {of(name, *labels): quiet}, at)


UP, WORKER = of("hookrouter_redis_up"), of("hookrouter_processes", 'role="worker"')
SCHEDULER = of("hookrouter_processes", 'role="scheduler"')
LAG = of("hookrouter_outbox_lag_seconds", 'sink="sales"')
FORMER_SALES = of("hookrouter_former_entries", 'what="outbox:sales"')
FORMER_INTAKE = of("hookrouter_former_entries", 'what="intake"')
MEMORY, MOST = of("hookrouter_redis_memory_bytes"), of("hookrouter_redis_memory_limit_bytes")
CALLS, LIMIT = of("hookrouter_crm_calls_today"), of("hookrouter_crm_calls_limit")


def histogram(name: str, fires_above: str, quiet_below: str, *labels: str) -> Case:
    """One whose observations all lie above one bucket, or all below another."""
    rising, none = "0+60x40", "0x40"
    quiet, slow = (
        of(f"{name}_bucket", *labels, f'le="{quiet_below}"'),
        of(f"{name}_bucket", *labels, f'le="{fires_above}"'),
    )
    every = of(f"{name}_bucket", *labels, 'le="+Inf"')
    return Case({quiet: none, slow: none, every: rising}, {quiet: rising, slow: rising, every: rising})


def grows(kind: str) -> Case:
    """What was set aside: one more among several receivers that say the same, or as many as ever."""
    one, other = (of("hookrouter_kept", f'kind="{kind}"', f'instance="{name}"') for name in "ab")
    return Case({one: "3x70 4x20", other: "3x70 4x20"}, {one: "3x90", other: "3x90"}, at=80)


CASES = {
    "HookrouterReceiverAway": Case({}, {UP: "1x40"}),
    "HookrouterRedisAway": gauge("hookrouter_redis_up", "1 0x40", "1x40"),
    "HookrouterRedisFills": Case({MEMORY: "850x40", MOST: "1000x40"}, {MEMORY: "750x40", MOST: "1000x40"}),
    "HookrouterNoWorker": Case({UP: "1x40", SCHEDULER: "1x40"}, {UP: "1x40", WORKER: "2x40"}),
    "HookrouterNoScheduler": Case({UP: "1x40", SCHEDULER: "0x40"}, {UP: "1x40", SCHEDULER: "1x40"}),
    "HookrouterPushesNotTaken": Case(
        # A burst between two scrapes, the first there ever was; receivers tell the series before it happens.
        {of("hookrouter_pushes_refused_total", 'status="503"', 'reason="not-kept"'): "0x17 9x23"},
        {
            of("hookrouter_pushes_refused_total", 'status="503"', 'reason="not-kept"'): "5x40",
            of("hookrouter_pushes_refused_total", 'status="429"', 'reason="too-many-guesses"'): "0+1x40",
            of("hookrouter_pushes_refused_total", 'status="404"', 'reason="no-such-hook"'): "0+1x40",
        },
    ),
    "HookrouterSpooled": gauge("hookrouter_spool_pushes", "12x40", "0x10 12 0x30"),
    "HookrouterSpoolLeftBehind": Case(
        {
            of("hookrouter_spool_pushes", 'pod="web-2"'): "3x5 _x40",
            of("hookrouter_spool_pushes", 'pod="web-0"'): "0x40",
        },
        {of("hookrouter_spool_pushes", 'pod="web-2"'): "3x5 0x40"},
        at=30,
    ),
    "HookrouterAcknowledgesSlowly": histogram("hookrouter_push_seconds", "2.5", "0.005"),
    "HookrouterStreamsFill": gauge("hookrouter_stream_entries", "2000x40", "900x40", 'stage="route"'),
    "HookrouterStreamsLag": gauge("hookrouter_stream_lag_seconds", "0+60x40", "200x40", 'stage="route"'),
    "HookrouterSpreadStandsStill": Case(
        {FORMER_SALES: "40x40", FORMER_INTAKE: "0x40"},
        {FORMER_SALES: " ".join(str(400 - 10 * minute) for minute in range(40)), FORMER_INTAKE: "0x40"},
        well={FORMER_SALES: "0"},
    ),
    "HookrouterSinkLags": Case(
        {LAG: "0+60x40", of("hookrouter_sink_state", 'sink="sales"', 'state="closed"'): "1x40"},
        {LAG: "0+60x40", of("hookrouter_sink_state", 'sink="sales"', 'state="open"'): "1x40"},
    ),
    "HookrouterDeliveriesLate": histogram("hookrouter_delivered_seconds", "3600", "1", 'sink="sales"'),
    "HookrouterObjectiveMissed": Case(
        {
            of("hookrouter_objective_total", 'route="hot"', 'result="late"'): "0+1x90",
            of("hookrouter_objective_total", 'route="hot"', 'result="met"'): "0+9x90",
        },
        {
            of("hookrouter_objective_total", 'route="hot"', 'result="late"'): "0+1x90",
            of("hookrouter_objective_total", 'route="hot"', 'result="met"'): "0+99x90",
        },
        at=90,
    ),
    "HookrouterCircuitOpen": Case(
        {  # a probe now and then does not make it well
            of("hookrouter_sink_state", 'sink="sales"', 'state="open"'): "1 1 1 _ 1 1 1 _ 1x40",
            of("hookrouter_sink_state", 'sink="sales"', 'state="probing"'): "_ _ _ 1 _ _ _ 1 _x40",
        },
        {of("hookrouter_sink_state", 'sink="sales"', 'state="closed"'): "1x40"},
    ),
    "HookrouterSinkPaused": gauge("hookrouter_sink_state", "1x800", "_x800", 'sink="sales"', 'state="paused"', at=790),
    "HookrouterDeadLetters": grows("dead"),
    "HookrouterLeadsRejected": grows("rejected"),
    "HookrouterUnreadable": grows("unreadable"),
    "HookrouterCrmAway": gauge("hookrouter_crm_up", "0x40", "1x40"),
    "HookrouterCrmCallsSpent": Case({CALLS: "46000x40", LIMIT: "50000x40"}, {CALLS: "44000x40", LIMIT: "50000x40"}),
    "HookrouterPushesMissed": gauge("hookrouter_push_missed_share", "0.2x60", "0.01x60", at=50),
    "HookrouterPushPathDown": gauge("hookrouter_push_path_up", "0x40", "1x40"),
    "HookrouterNoPush": Case(
        {of("hookrouter_last_push_timestamp_seconds"): "0x1500"},
        {of("hookrouter_last_push_timestamp_seconds"): "0x1400 84000x100"},
        at=1460,
        well={of("hookrouter_last_push_timestamp_seconds"): "87600"},
    ),
    "HookrouterConfigRefused": gauge("hookrouter_config_refused", "1x40", "0x40"),
    "HookrouterFaults": Case(
        {
            of("hookrouter_request_errors_total"): "0x10 1x30",
            of("hookrouter_drains_failed_total"): "0x40",
            of("hookrouter_clocks_failed_total"): "0x40",
        },
        {
            of("hookrouter_request_errors_total"): "7x40",
            of("hookrouter_drains_failed_total"): "0x40",
            of("hookrouter_clocks_failed_total"): "0x40",
        },
    ),
    "HookrouterRestarts": gauge("hookrouter_process_starts_total", "1+1x90", "9x90", 'role="worker"', at=80),
    "HookrouterWrongTokens": gauge("hookrouter_operators_refused_total", "0+3x40", "0+1x40", 'door="console"'),
    "HookrouterForeignJobs": gauge("hookrouter_jobs_refused_total", "0x10 1x30", "1x40"),
}
