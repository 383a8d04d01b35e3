"""`hookrouter forget` on a real server."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from cli_support import Shell
from people import found_in_redis

from hookrouter.domain.ids import LeadKey, PushId, SourceName
from hookrouter.domain.push import Push
from hookrouter.domain.remembered import Snapshot
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.pushes import RedisPushLog
from hookrouter.store.server import RedisServer
from hookrouter.testing.builders import RECEIVED_AT
from hookrouter.wire.kept.remembered import write_snapshot
from hookrouter.wire.pushes.push import USUAL_READER

CRM = SourceName("crm")
ADA = {"id": "718281920514", "emailAddress": "ada.zzyzx@acme.example"}
BEN = {"id": "718281920515", "emailAddress": "ben@acme.example"}


@pytest.fixture
def kept(server: RedisServer, keys: Keys) -> None:
    life, body = timedelta(days=1), json.dumps([BEN, ADA]).encode()
    log = RedisPushLog(
        server=server, keys=keys, layouts=Layouts(keys, 4), dedup_window=life, keep_pushes=life, keep_rejected=life
    )
    push = Push(id=PushId("p_1"), source=CRM, received_at=RECEIVED_AT, body=body, headers={})
    log.accept(push, USUAL_READER.read(body, {}, RECEIVED_AT))
    server.call("SET", keys.snapshot(CRM, LeadKey(ADA["id"])), write_snapshot(Snapshot(fields=ADA)))


@pytest.mark.usefixtures("kept")
def test_it_shows_and_asks_and_erases_what_it_showed(shell_at_work: Shell, server: RedisServer, keys: Keys) -> None:
    shown = shell_at_work.run("forget", "Ada.Zzyzx@acme.example", "--json")
    refused = shell_at_work.run("forget", ADA["id"], given="n\n")
    assert (shown.code, shown.json["ids"], shown.json["erased"]) == (
        0,
        [ADA["id"]],
        {"intake": 1, "pushes": 1, "snapshots": 1},
    )
    assert refused.code == 1
    assert "Erase 3 records for good?" in refused.err
    assert "nothing is erased" in refused.err
    assert found_in_redis(server, ADA.values(), keys.prefix)

    erased = shell_at_work.run("forget", ADA["emailAddress"], given="y\n")

    assert erased.code == 0
    assert "erased 3 records" in erased.out
    assert "leads as last seen" in erased.out
    assert found_in_redis(server, ADA.values(), keys.prefix) == {}
    assert found_in_redis(server, [BEN["emailAddress"]], keys.prefix)
    again = shell_at_work.run("forget", ADA["id"])
    assert (again.code, again.err) == (0, "nothing is stored of such a lead\n")


@pytest.mark.usefixtures("kept")
def test_the_audit_log_has_who_and_how_many_and_never_whom(shell_at_work: Shell) -> None:
    shell_at_work.run("forget", ADA["emailAddress"], "--yes")

    [deed] = shell_at_work.run("audit", "--json").json
    assert {name: deed[name] for name in ("act", "of", "result")} == {
        "act": "forget",
        "of": "a lead",
        "result": "3 records erased from 3 places",
    }


def test_a_lead_must_be_said_with_its_source_where_there_are_several(shell_at_work: Shell) -> None:
    text = (shell_at_work.folder / "hookrouter.yaml").read_text()
    shell_at_work.configure(text.replace("sources:\n", "sources:\n    shop: {token: another-token-for-tests}\n"))

    refused = shell_at_work.run("forget", ADA["id"], "--yes")

    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "--source with one of crm, shop" in refused.err
