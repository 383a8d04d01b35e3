"""What the release before this one left is read to the same meaning, and what this one writes that one can read.

`previous.json` was made by that release's own processes; `record.py` tells how, and how to make it for the next one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from kinds import meaning, read_all, word_of

from hookrouter.spool.pushes import PushSpool
from hookrouter.wire.kept import (
    assigning,
    claims,
    enriching,
    pending,
    records,
    remembered,
    sessions,
    silences,
    standing,
)

PREVIOUS = json.loads(Path(__file__).with_name("previous.json").read_text())
KEYS, MEANS = PREVIOUS["keys"], PREVIOUS["means"]
READ = dict(read_all(KEYS))

WRITERS: Mapping[str, Callable[[Any], bytes]] = {
    "again": records.write_delivery,
    "assign": assigning.write_assigning,
    "before": remembered.write_before,
    "circuit": standing.write_circuit,
    "claim": claims.write_claim,
    "clicks": claims.write_work,
    "decisions": assigning.write_decision,
    "enrich": lambda read: enriching.write_enriching(*read),
    "given": assigning.write_given,
    "hydrate": lambda read: records.write_hydrating(*_pushed(read), prove=read[2], asked=read[3]),
    "intake": lambda read: records.write_intake(*_pushed(read)),
    "memberships": pending.write_memberships,
    "outbox": records.write_delivery,
    "pauses": standing.write_pause,
    "pending": pending.write_pending,
    "retry-records": records.write_delivery,
    "session": sessions.write_session,
    "shut": records.write_delivery,
    "silences": silences.write_silence,
    "snapshot": remembered.write_snapshot,
    "team": assigning.write_team_state,
    "tide": standing.write_tide,
    "timeline": lambda read: pending.write_timeline(*read),
}


def _pushed(read: Any) -> tuple[Any, ...]:
    occasions, leads = read[:2]
    first = occasions[0]
    numbered = [(occasion.place, lead) for occasion, lead in zip(occasions, leads, strict=True)]
    return first.push, first.source, first.received_at, numbered


def lacking(told: Any, wanted: Any, place: str = "") -> list[str]:
    """Where something does not say all that is wanted; what it says besides is its own affair."""
    if isinstance(wanted, dict) and isinstance(told, dict):
        return [each for name in wanted for each in lacking(told.get(name), wanted[name], f"{place}.{name}")]
    if isinstance(wanted, list) and isinstance(told, list) and len(told) == len(wanted):
        return [
            each for n, pair in enumerate(zip(told, wanted, strict=True)) for each in lacking(*pair, f"{place}.{n}")
        ]
    return [] if told == wanted else [f"{place}: {told!r} instead of {wanted!r}"]


@pytest.mark.parametrize("name", MEANS)
def test_each_record_means_what_it_meant(name: str) -> None:
    assert lacking(meaning(READ[name]()), MEANS[name]) == []


def test_no_kind_of_record_is_left_out() -> None:
    with_records = {word_of(key) for key, found in KEYS.items() if '\\"v\\":' in json.dumps(found)}

    assert with_records - {word_of(name) for name in MEANS} == set()
    assert len(with_records) > 25


@pytest.mark.parametrize("name", [name for name in MEANS if word_of(name) in WRITERS])
def test_what_this_version_writes_is_what_the_previous_one_wrote(name: str) -> None:
    """So that one can read it: readers take no notice of what is told besides."""
    written = orjson.loads(WRITERS[word_of(name)](READ[name]()))

    assert lacking(written, _record(name)) == []


def _record(name: str) -> Any:
    key, _, rest = name.partition(" ")
    held = KEYS[key]["holds"]
    match KEYS[key]["type"]:
        case "stream":
            return orjson.loads(dict(held)[rest]["r"])
        case "hash":
            return orjson.loads(held[rest])
    return orjson.loads(held)


def test_its_spool_is_fed(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "pushes.sqlite3")) as connection:
        connection.executescript("\n".join(PREVIOUS["spool"]))
    spool = PushSpool(tmp_path, 1_000_000)

    [spooled] = spool.oldest(10)

    assert (spooled.push.id, spooled.push.source, len(json.loads(spooled.push.body))) == ("p_spooled", "crm", 2)
    spool.remove([spooled])
    assert spool.depth().pushes == 0
    spool.close()
