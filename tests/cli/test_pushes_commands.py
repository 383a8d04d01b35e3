"""`hookrouter pushes` and `rejected replay` on a real server."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cli_support import Shell
from click import unstyle

from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.push import Push
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.pushes import MOST_REFUSED, MOST_REFUSED_BYTES, RedisPushLog
from hookrouter.store.server import RedisServer
from hookrouter.testing.builders import RECEIVED_AT
from hookrouter.wire.kept.records import read_intake
from hookrouter.wire.pushes.lead_schema import read_batch

BODY = b'[{"id": "1", "leadScore": "many"}, {"id": "2"}]'


@pytest.fixture
def log(server: RedisServer, keys: Keys) -> RedisPushLog:
    kept = timedelta(days=1)
    return RedisPushLog(
        server=server, keys=keys, layouts=Layouts(keys, 4), dedup_window=kept, keep_pushes=kept, keep_rejected=kept
    )


def push(name: str, body: bytes) -> Push:
    headers = {"Content-Type": "text/plain", "X-From": "ada@example.com"}
    return Push(id=PushId(name), source=SourceName("crm"), received_at=RECEIVED_AT, body=body, headers=headers)


def routed(server: RedisServer, keys: Keys) -> list[str]:
    """The leads that wait in the intake."""
    entries = [entry for number in range(4) for entry in server.call("XRANGE", keys.intake(number), "-", "+")]
    return [lead.key for _, fields in entries for lead in read_intake(fields[b"r"])[1]]


def test_pushes_are_listed_and_shown_to_the_byte(shell_at_work: Shell, log: RedisPushLog) -> None:
    log.accept(push("p_1", BODY), read_batch([{"id": "1", "leadScore": "many"}, {"id": "2"}]))
    log.keep_refused(push("p_2", b"\xff no leads"), "400 not JSON")

    rows = shell_at_work.run("pushes", "list", "--json").json

    assert [(row["id"], row["leads"], row["accepted"], row["rejected"], row["refused"]) for row in rows] == [
        ("p_2", None, None, None, "400 not JSON"),
        ("p_1", 2, 1, 1, None),
    ]
    assert "p_1" in shell_at_work.run("pushes", "list").out
    shown = shell_at_work.run("pushes", "show", "p_1").out
    assert "Content-Type: text/plain" in shown
    assert "ada@example.com" not in shown
    assert shell_at_work.run("pushes", "show", "p_1", "--raw").out == BODY.decode()


def test_pushes_are_narrowed_by_what_came_of_them_and_by_time(shell_at_work: Shell, log: RedisPushLog) -> None:
    log.accept(push("p_1", BODY), read_batch([{"id": "1", "leadScore": "many"}, {"id": "2"}]))
    log.accept(push("p_2", b'[{"id": "2"}]'), read_batch([{"id": "2"}]))
    log.keep_refused(push("p_3", b"no leads"), "400 not JSON")

    def listed(*narrowed: str) -> list[str]:
        return [row["id"] for row in shell_at_work.run("pushes", "list", "--json", *narrowed).json]

    assert [listed("--came", came) for came in ("in-part", "taken", "refused")] == [["p_1"], ["p_2"], ["p_3"]]
    assert listed("--until", "2026-03-04T15:20:11") == []
    assert listed("--since", "2026-03-04T15:20:11", "--source", "crm") == ["p_3", "p_2", "p_1"]
    assert shell_at_work.run("pushes", "list", "--source", "nobody").code == 1


def test_where_a_terminal_is_too_narrow_for_the_table_each_push_is_a_block(
    shell_at_work: Shell, log: RedisPushLog
) -> None:
    log.accept(push("p_019500000000aabbccddeeff", BODY), read_batch([{"id": "1"}, {"id": "2"}]))
    log.keep_refused(push("p_2", b"none"), "400 not JSON")

    narrow = unstyle(shell_at_work.on_terminal("pushes", "list", columns=40)).splitlines()
    wide = unstyle(shell_at_work.on_terminal("pushes", "list", columns=120)).splitlines()

    assert narrow[:8] == [
        "id: p_2",
        "source: crm",
        f"at: {RECEIVED_AT.isoformat()}",
        "bytes: 4",
        "leads: -",
        "accepted: -",
        "rejected: -",
        "refused: 400 not JSON",
    ]
    assert narrow[8:10] == ["", "id: p_019500000000aabbccddeeff"]
    assert [line.split()[0] for line in wide] == ["ID", "p_2", "p_019500000000aabbccddeeff"]


def test_a_refused_push_is_taken_again_by_a_version_that_can_read_it(
    shell_at_work: Shell, log: RedisPushLog, server: RedisServer, keys: Keys
) -> None:
    log.keep_refused(push("p_1", BODY), "400 not JSON")

    replayed = shell_at_work.run("pushes", "replay", "p_1")
    again = shell_at_work.run("pushes", "replay", "p_1")

    assert replayed.out == "p_1: 2 leads, 1 accepted, 1 rejected\n"
    assert routed(server, keys) == ["2"]
    assert (again.code, again.out) == (1, "")
    assert "was taken" in again.err


def test_one_that_still_cannot_be_read_stays(shell_at_work: Shell, log: RedisPushLog) -> None:
    log.keep_refused(push("p_1", b"hello"), "400 not JSON")

    assert shell_at_work.run("pushes", "replay", "p_1").code == 1
    assert shell_at_work.run("pushes", "show", "p_1", "--raw").out == "hello"


def test_an_unknown_push_is_said_to_be_unknown(shell_at_work: Shell) -> None:
    for command in ("show", "replay"):
        ended = shell_at_work.run("pushes", command, "p_9")
        assert (ended.code, ended.err) == (1, "there is no push p_9; `hookrouter pushes list` shows those there are\n")


def test_refused_pushes_are_bounded_in_number_and_size(log: RedisPushLog, server: RedisServer, keys: Keys) -> None:
    for number in range(MOST_REFUSED + 5):
        log.keep_refused(push(f"p_{number}", b"x"), "400 not JSON")

    assert server.call("LLEN", keys.refused_pushes()) == MOST_REFUSED
    assert server.call("EXISTS", keys.push(PushId("p_4")), keys.push(PushId("p_5"))) == 1

    half = MOST_REFUSED_BYTES // 2
    for name in ("p_a", "p_b", "p_c"):
        log.keep_refused(push(name, b"x" * half), "400 not JSON")

    assert server.call("LRANGE", keys.refused_pushes(), 0, -1) == [b"p_c", b"p_b"]
    assert server.call("EXISTS", keys.push(PushId("p_a")), keys.push(PushId("p_204"))) == 0


def test_a_refused_push_that_was_taken_since_is_not_forgotten_with_the_others(
    log: RedisPushLog, server: RedisServer, keys: Keys
) -> None:
    log.keep_refused(push("p_taken", BODY), "400 not JSON")
    log.accept(push("p_taken", BODY), read_batch([{"id": "1"}]))

    for number in range(MOST_REFUSED):
        log.keep_refused(push(f"p_{number}", b"x"), "400 not JSON")

    assert server.call("HEXISTS", keys.push(PushId("p_taken")), "receipt")
    assert server.call("LLEN", keys.refused_pushes()) == MOST_REFUSED


def test_a_rejected_lead_is_mended_and_goes_on(
    shell_at_work: Shell, log: RedisPushLog, server: RedisServer, keys: Keys
) -> None:
    log.accept(push("p_1", BODY), read_batch([{"id": "1", "leadScore": "many"}]))

    unmended = shell_at_work.run("rejected", "replay", "p_1-0")
    mended = shell_at_work.run("rejected", "replay", "p_1-0", "--set", "leadScore=91")

    assert unmended.code == 1
    assert "leadScore: not a number" in unmended.err
    assert mended.out.startswith("p_1-0 goes on as push p_")
    assert routed(server, keys) == ["1"]
    assert shell_at_work.run("rejected", "--json").json == []
    assert shell_at_work.run("rejected", "replay", "p_1-0").code == 1


def test_rejected_leads_that_nobody_wants_are_dropped(shell_at_work: Shell, log: RedisPushLog) -> None:
    log.accept(push("p_1", BODY), read_batch([{"id": str(number), "leadScore": "many"} for number in range(4)]))

    asked = shell_at_work.run("rejected", "drop", "p_1-0")
    some = shell_at_work.run("rejected", "drop", "p_1-0", "p_1-9", "--yes")
    kept = [each["id"] for each in shell_at_work.run("rejected", "--json").json]
    rest = shell_at_work.run("rejected", "drop", "--all", "--yes")

    assert (asked.code, "nothing is dropped" in asked.err) == (1, True)
    assert (some.code, some.out) == (1, "1 rejected lead dropped\n")
    assert "not among the rejected leads: p_1-9" in some.err
    assert sorted(kept) == ["p_1-1", "p_1-2", "p_1-3"]
    assert (rest.code, rest.out) == (0, "3 rejected leads dropped\n")
    assert shell_at_work.run("rejected", "--json").json == []
    assert shell_at_work.run("rejected", "drop").code == 2
    deeds = shell_at_work.run("audit", "--json").json
    assert [(deed["act"], deed["of"]) for deed in deeds][:2] == [
        ("drop rejected", "all"),
        ("drop rejected", "p_1-0, p_1-9"),
    ]


@pytest.mark.parametrize("repair", ["leadScore", "=1", ""])
def test_a_repair_without_a_field_and_a_value_is_wrong_usage(shell_at_work: Shell, repair: str) -> None:
    assert shell_at_work.run("rejected", "replay", "p_1-0", "--set", repair).code == 2
