"""Makes `previous.json`: what a release leaves in Redis, filled by its own processes, and what it takes that to mean.

To be run by that release, in a checkout of it:

    cp tests/upgrade/record.py THERE/tests/flow/test_record.py; cp tests/upgrade/kinds.py THERE/tests/flow/
    cd THERE && UPGRADE_INTO=previous.json pytest -n 0 tests/flow/test_record.py
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flow_crm import Crm
from flow_stack import HttpRecorder
from kinds import meaning, read_all
from slack_workspace import Workspace
from test_a_person_is_forgotten import KEYS, StackOf, busy, fill, spooled

from hookrouter.domain.alert import Alert, AlertKind, News
from hookrouter.domain.burst import Tide
from hookrouter.domain.ids import EntryId, SinkName
from hookrouter.domain.operator import Role
from hookrouter.domain.report import DayRow, Report, Totals
from hookrouter.domain.session import Session
from hookrouter.domain.silence import Silence
from hookrouter.domain.subscription import Subscription
from hookrouter.domain.watched import Watched
from hookrouter.testing.builders import a_delivery
from hookrouter.wire.kept.alert_memory import NOTHING, write_alert_memory
from hookrouter.wire.kept.records import write_delivery
from hookrouter.wire.kept.sessions import write_session
from hookrouter.wire.kept.silences import write_silence
from hookrouter.wire.kept.standing import write_tide
from hookrouter.wire.kept.watched import write_subscription, write_watched

OF_A_RUN = re.compile(
    r"(rq:|hr:(alive|heartbeats|wake|permits|writable|replicated|crm-calls)|.*:(lease|lease-before)$)"
)
"""Keys that are over with the processes that wrote them."""
AT = datetime(2026, 3, 4, 15, 20, 11, tzinfo=UTC)
LATER = datetime(2126, 3, 4, tzinfo=UTC)
WAYS: dict[str, tuple[str, ...]] = {
    "string": ("GET",),
    "hash": ("HGETALL",),
    "list": ("LRANGE", "0", "-1"),
    "set": ("SMEMBERS",),
    "zset": ("ZRANGE", "0", "-1", "WITHSCORES"),
    "stream": ("XRANGE", "-", "+"),
}


def test_record(stack_of: StackOf, recorder: HttpRecorder, crm: Crm, workspace: Workspace) -> None:
    stack = stack_of(busy(recorder, crm, workspace))
    her, him = fill(stack, crm, workspace)
    stack.kill("worker")
    stack.kill("web")
    stack.kill("scheduler")
    spooled(stack, her, him)
    stack.server.call("DEL", KEYS.unreadable())
    for command in others():
        stack.server.call(*command)
    keys = {}
    for name in sorted(stack.server.client.scan_iter(count=1000)):
        if not OF_A_RUN.match(name.decode()):
            kind = stack.server.call("TYPE", name).decode()
            command, *rest = WAYS[kind]
            keys[name.decode()] = {"type": kind, "holds": _text(stack.server.call(command, name, *rest))}
    means = {name: meaning(read()) for name, read in read_all(keys)}
    into = Path(os.environ["UPGRADE_INTO"])
    kept = {"keys": keys, "means": means, "spool": spool_of(stack.folder / "data" / "spool" / "pushes.sqlite3")}
    text = json.dumps(kept, indent=0, sort_keys=True)
    for place, stands in (
        (recorder.url, "http://127.0.0.1:1"),
        (workspace.url, "http://127.0.0.1:2"),
        (crm.api, "http://127.0.0.1:3"),
    ):
        text = text.replace(place, stands)
    into.write_text(text + "\n", encoding="utf-8")


def spool_of(file: Path) -> list[str]:
    """The statements that make such a file."""
    with closing(sqlite3.connect(file)) as connection:
        [version] = connection.execute("PRAGMA user_version").fetchone()
        return [*connection.iterdump(), f"PRAGMA user_version = {version};"]


def others() -> list[tuple[Any, ...]]:
    """Kinds of records that no push leads to, as the code of the release writes them."""
    alert = Alert(
        kind=next(iter(AlertKind)), about="api", news=next(iter(News)), title="t", wrong="w", todo="d", since=AT, at=AT
    )
    report = Report(
        first=date(2026, 3, 2),
        last=date(2026, 3, 8),
        totals=Totals(),
        before=Totals(),
        days=(DayRow(day=date(2026, 3, 2), leads=3, delivered=2),),
        routes=(),
        people=(),
    )
    session = Session(name="ada", role=next(iter(Role)), csrf="c", family="f", proof="p", made_at=AT, until=LATER)
    silence = Silence(
        id="s_1", match={"leadStatus": "nobody"}, sinks=(SinkName("api"),), by="ada", reason="r", since=AT, until=LATER
    )
    deliveries = [a_delivery(sink="api", alert=alert), a_delivery(sink="api", report=report, late="2h")]
    return [
        *(("XADD", KEYS.outbox(SinkName("api")), "*", "r", write_delivery(each)) for each in deliveries),
        ("SET", KEYS.session("digest"), write_session(session)),
        ("HSET", KEYS.silences(), "s_1", write_silence(silence)),
        ("SET", "hr:tide:api", write_tide(Tide(names=(EntryId("1-1"),), imports=("i",), window_from=AT))),
        ("SET", "hr:watched:crm", write_watched(Watched())),
        ("SET", "hr:alerts", write_alert_memory(NOTHING)),
        ("SET", "hr:subscription:crm", write_subscription(Subscription(address="https://x.example", at=AT))),
    ]


def _text(value: Any) -> Any:
    match value:
        case bytes():
            return value.decode("utf-8", "surrogateescape")
        case dict():
            return {_text(name): _text(each) for name, each in value.items()}
        case list() | tuple():
            return [_text(each) for each in value]
        case set() | frozenset():
            return sorted(map(_text, value))
    return value
