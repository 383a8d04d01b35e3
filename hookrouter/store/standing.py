"""The state of sinks: circuits and pauses, as drains, operators and health see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hookrouter.domain.burst import LOW, Tide
from hookrouter.domain.circuit import CLOSED, Circuit
from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.pause import Pause
from hookrouter.ports.outbox import Standing
from hookrouter.store.commands import Command
from hookrouter.store.keys import Keys
from hookrouter.store.shard import Shard
from hookrouter.wire.kept.records import Unreadable
from hookrouter.wire.kept.standing import read_circuit, read_pause, read_tide, write_circuit, write_pause, write_tide

KEPT_FOR = timedelta(days=7)
"""A circuit that nobody asked for so long counts as closed."""
TIDE_KEPT_FOR = timedelta(days=1)
"""Longer than any time that a rate is of."""
SINK = "sink:"
ROUTE = "route:"


def keep_circuit(keys: Keys, sink: SinkName, circuit: Circuit) -> Command:
    """The command that remembers a circuit."""
    if circuit == CLOSED:
        return ("DEL", keys.circuit(sink))
    return ("SET", keys.circuit(sink), write_circuit(circuit), "EX", int(KEPT_FOR.total_seconds()))


def keep_pause(keys: Keys, name: str, pause: Pause) -> Command:
    """The command that pauses `sink:NAME` or `route:NAME`."""
    return ("HSET", keys.pauses(), name, write_pause(pause))


def circuit_of(record: bytes | None) -> Circuit:
    """The circuit in a record; one that cannot be read is closed, for it is only a guess at the far side."""
    if record is None:
        return CLOSED
    try:
        return read_circuit(record)
    except Unreadable:
        return CLOSED


def keep_tide(keys: Keys, sink: SinkName, tide: Tide) -> Command:
    """The command that remembers the flow of a sink's messages."""
    return ("SET", keys.tide(sink), write_tide(tide), "EX", int(TIDE_KEPT_FOR.total_seconds()))


def tide_of(record: bytes | None) -> Tide:
    """The flow in a record; one that cannot be read is low: at worst a few more messages go out one by one."""
    if record is None:
        return LOW
    try:
        return read_tide(record)
    except Unreadable:
        return LOW


def pauses_of(found: Mapping[bytes, bytes]) -> dict[str, Pause]:
    """The pauses by `sink:NAME` or `route:NAME`; one that cannot be read holds nothing."""
    pauses: dict[str, Pause] = {}
    for name, record in found.items():
        try:
            pauses[name.decode("utf-8", "replace")] = read_pause(record)
        except Unreadable:
            continue
    return pauses


def questions_of(shard: Shard, *others: Shard) -> list[Command]:
    """What `standing_of` wants the answers to, of one shard of a sink or of several."""
    return [
        ("GET", shard.keys.circuit(shard.sink)),
        ("HGETALL", shard.keys.pauses()),
        ("TIME",),
        *(("SMEMBERS", each.shut_routes) for each in (shard, *others)),
    ]


def standing_of(sink: SinkName, answers: Sequence[Any]) -> Standing:
    """How a sink stands, by the answers to `questions_of`."""
    circuit, found, time, *shut = answers
    pauses = pauses_of(found)
    return Standing(
        circuit=circuit_of(circuit),
        pause=pauses.get(f"{SINK}{sink}"),
        routes={RouteName(name.removeprefix(ROUTE)): pause for name, pause in pauses.items() if name.startswith(ROUTE)},
        now=moment_of(time),
        shut=frozenset(RouteName(name.decode("utf-8", "replace")) for routes in shut for name in routes),
    )


def moment_of(time: Sequence[bytes]) -> datetime:
    """The moment that Redis' TIME tells."""
    seconds, microseconds = map(int, time)
    return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=microseconds)
