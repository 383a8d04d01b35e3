"""The health of streams and sinks, by what waits in them and since when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from hookrouter.domain.alert import USUAL_LAG
from hookrouter.domain.circuit import CIRCUIT_SAYS, Circuit, CircuitState
from hookrouter.domain.health import Part, Status
from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import LeftBehind, Spread, sink_of
from hookrouter.domain.reasons import means
from hookrouter.domain.silence import Silence
from hookrouter.domain.spans import ago, span_in_words
from hookrouter.domain.troubles import FarSide, sink_lag, stage_lag

LAG_WARNS = 1000
"""Entries in the streams of a stage beyond which a reader should look why."""
STANDSTILL = timedelta(minutes=1)
"""A minute in which none of what waits in former streams went on; workers move some thousand a second."""
MOST_WORKERS = 12
"""That are named in one line."""
MOVING = "workers move them, which tell the sink nothing before; see that some live, and what they log"
ROUTING = "workers route them; see that some live, and what they log"
TOO_SLOW = "it is drained more slowly than it fills; look at the workers and the sink"


def stage_part(stage: str, entries: int, oldest: datetime | None, now: datetime) -> Part:
    """How a stage does: how many entries wait, and since when."""
    trouble = stage_lag(stage, entries, oldest, USUAL_LAG, now)
    advice = "" if trouble is None or oldest is None else f"{_oldest(oldest, now)}: {_small(trouble.todo)}"
    return _lag(f"stream:{stage}", entries, entries, advice)


def sink_part(sink: SinkName, side: FarSide, ready: int, due_since: datetime | None, now: datetime) -> Part:
    """How a sink does: its lag, unless it is paused or its circuit is not closed; `ready` could go out now."""
    name, state = f"sink:{sink}", side.circuit.state(now)
    if side.pause is not None and side.pause.holds(now):
        advice = f"{side.pause}{side.elsewhere(now)}; `hookrouter resume {sink}` lets it go on"
        return Part(name=name, status=Status.WARN, value=side.waiting, unit="entries", advice=advice)
    if state is CircuitState.CLOSED:
        trouble = sink_lag(sink, side.waiting, due_since, USUAL_LAG, now)
        advice = "" if trouble is None or due_since is None else f"{_oldest(due_since, now)}: {_small(trouble.todo)}"
        return _lag(name, ready, side.waiting, advice)
    reason = side.circuit.reason
    until = _until(sink, side.circuit, now)
    advice = f"{CIRCUIT_SAYS[state]} ({reason}): {means(reason).todo}{until}{side.elsewhere(now)}"
    return Part(name=name, status=Status.WARN, value=side.waiting, unit="entries", advice=advice)


def lost_sink_part(sink: SinkName, waiting: int) -> Part:
    """How a sink does that the configuration does not name any more."""
    advice = "the configuration has no such sink any more: give it back, or what waits for it makes dead letters"
    status = Status.WARN if waiting else Status.PASS
    return Part(name=f"sink:{sink}", status=status, value=waiting, unit="entries", advice=advice if waiting else "")


def spread_part(name: str, spread: Spread, left: LeftBehind, now: datetime) -> Part:
    """Something that is being spread over another number of streams: it goes on by itself, and is told to be seen."""
    before = 1 if spread.former is None else spread.former.streams
    stands_still = now - left.since >= STANDSTILL
    goes_on = MOVING if sink_of(name) is not None else ROUTING
    since = f", as many as {ago(now - left.since)}: {goes_on}" if stands_still else ""
    return Part(
        name=f"spread:{name}",
        status=Status.WARN if stands_still else Status.PASS,
        value=f"from {before} to {spread.streams} streams",
        advice=f"{left.count} waiting in the former ones go first{since}",
    )


def sharing_part(what: str, served: Mapping[str, int]) -> Part | None:
    """How many streams each worker serves at this moment; None where they are not shared."""
    if len(served) <= 1:
        return None
    named = [f"{count} by {worker}" for worker, count in list(served.items())[:MOST_WORKERS]]
    others = [*served.values()][MOST_WORKERS:]
    rest = [f"{sum(others)} by {len(others)} more"] if others else []
    return Part(name=f"sharing:{what}", status=Status.PASS, value=", ".join([*named, *rest]))


def silence_part(silence: Silence) -> Part:
    """A silence that holds: nobody is to wonder why messages do not come."""
    said = f"{', '.join(silence.sinks)} kept silent {str(silence).partition(' ')[2]}"
    return Part(
        name=f"silence:{silence.id}",
        status=Status.WARN,
        value="silent",
        advice=f"{said}; `hookrouter silence end {silence.id}` ends it",
    )


def _lag(name: str, lag: int, shown: int, advice: str) -> Part:
    advice = advice or (TOO_SLOW if lag > LAG_WARNS else "")
    status = Status.WARN if advice else Status.PASS
    return Part(name=name, status=status, value=shown, unit="entries", advice=advice)


def _until(sink: SinkName, circuit: Circuit, now: datetime) -> str:
    if circuit.until is None:
        return ""
    if not circuit.waits(now):
        return "; the next delivery asks"
    return f"; asked again at {circuit.until:%H:%M:%S} UTC, or at once by `hookrouter retry {sink}`"


def _oldest(since: datetime, now: datetime) -> str:
    return f"the oldest waits for {span_in_words((now - since).total_seconds())}"


def _small(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")
