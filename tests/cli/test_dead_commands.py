"""`hookrouter dead`, `rejected` and `status` on a real server."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cli_support import PATIENCE, Shell

from hookrouter.domain.delivery import Delivery, Try
from hookrouter.domain.ids import PushId, RouteName, SinkName, SourceName
from hookrouter.domain.layout import INTAKE, Layout, Spread, outbox_of
from hookrouter.domain.lead import Json
from hookrouter.domain.push import Push
from hookrouter.ports.stages import Stage
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.store.pushes import RedisPushLog
from hookrouter.store.server import RedisServer
from hookrouter.testing.builders import RECEIVED_AT, a_change, a_delivery, a_lead, an_occasion
from hookrouter.wire.kept.layout import write_layout
from hookrouter.wire.kept.records import read_delivery
from hookrouter.wire.pushes.lead_schema import read_batch

Bury = Callable[..., Delivery]


def dead(bury: Bury, count: int, *, sink: str = "billing", route: str = "hot-lead", **fields: str) -> list[str]:
    """Ids of deliveries that died one after another, the newest first."""
    change = a_change(lead=a_lead(**fields))
    made = [
        bury(
            a_delivery(change=change, occasion=an_occasion(place=place), sink=sink, route=route),
            at=RECEIVED_AT + timedelta(seconds=place),
        )
        for place in range(count)
    ]
    return [delivery.id for delivery in reversed(made)]


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_dead_letters_as_json_have_the_promised_fields(shell_at_work: Shell, bury: Bury) -> None:
    [delivery] = dead(bury, 1)

    ended = shell_at_work.run("dead", "--json")

    assert ended.code == 0
    assert ended.json == [
        {
            "id": delivery,
            "sink": "billing",
            "route": "hot-lead",
            "lead": "718281920514",
            "reason": "refused",
            "status": 404,
            "attempts": 1,
            "first_at": "2026-03-04T15:20:11+00:00",
            "last_at": "2026-03-04T15:20:11+00:00",
        }
    ]


def test_the_list_is_narrowed_and_cut(shell_at_work: Shell, bury: Bury) -> None:
    ids = dead(bury, 3)
    dead(bury, 2, sink="log")

    ended = shell_at_work.run("dead", "list", "--sink", "billing", "--limit", "2")

    title, *rows = ended.out.splitlines()
    assert title.split() == ["ID", "SINK", "ROUTE", "LEAD", "REASON", "STATUS", "ATTEMPTS", "LAST_AT"]
    assert [row.split()[0] for row in rows] == ids[:2]
    assert ended.err == "the newest 2; --limit shows more\n"


def test_nothing_dead_is_said(shell_at_work: Shell) -> None:
    assert shell_at_work.run("dead").err == "no dead letters\n"
    assert shell_at_work.run("dead", "--json").json == []


def test_a_letter_is_shown_with_what_is_personal_masked(shell_at_work: Shell, bury: Bury) -> None:
    fields = {"phoneNumber": "+1 555 123 4567", "nickName": "Addie Brown", "description": "ask ada@acme.example"}
    [delivery] = dead(bury, 1, **fields)

    shown = shell_at_work.run("dead", "show", delivery, "--json").json["fields"]

    assert shown["emailAddress"] == "a***@acme.example"
    assert shown["phoneNumber"] == "***67"
    assert shown["nickName"] == "***wn"
    assert shown["description"] == "ask a***@acme.example"
    assert shown["firstName"] == "Ada"
    assert shell_at_work.run("dead", "show", delivery, "--json", "--reveal").json["fields"] == a_lead(**fields).fields


def test_what_a_letter_leaves_to_do_is_shown_without_addresses(shell_at_work: Shell, bury: Bury) -> None:
    remainder: Json = {"taken": ["ada@acme.example"], "refused": [{"address": "ben@acme.example", "status": 550}]}
    delivery = bury(a_delivery(remainder=remainder)).id

    shown = shell_at_work.run("dead", "show", delivery, "--json").json["remainder"]

    assert shown == {"taken": ["a***@acme.example"], "refused": [{"address": "b***@acme.example", "status": 550}]}


def test_a_lead_known_by_its_address_is_masked_in_lists(shell_at_work: Shell, bury: Bury) -> None:
    dead(bury, 1, id="")

    assert "email:a***@acme.example" in shell_at_work.run("dead").out
    assert shell_at_work.run("dead", "--json", "--reveal").json[0]["lead"] == "email:ada.brown@acme.example"


def test_a_letter_is_shown_with_every_attempt(shell_at_work: Shell, bury: Bury) -> None:
    failure = Try(
        at=RECEIVED_AT, seconds=0.25, outcome="retry", reason="server_error", status=503, text="ask ada@a.example"
    )
    tries = (failure, replace(failure, outcome="dead", reason="refused", status=404, text=""))
    delivery = bury(a_delivery(tries=tries)).id

    *_, blank, title, first, second = shell_at_work.run("dead", "show", delivery).out.splitlines()

    assert (blank, title.split()) == ("", ["AT", "SECONDS", "OUTCOME", "REASON", "STATUS", "ANSWER"])
    assert first.split() == [RECEIVED_AT.isoformat(), "0.25", "retry", "server_error", "503", "ask", "a***@a.example"]
    assert second.split() == [RECEIVED_AT.isoformat(), "0.25", "dead", "refused", "404", "-"]


def test_people_read_a_letter_that_cannot_command_their_terminal(shell_at_work: Shell, bury: Bury) -> None:
    [delivery] = dead(bury, 1, companyName="\x1b]0;owned\x07Acme [red]")

    out = shell_at_work.run("dead", "show", delivery).out

    assert "answer: no such lead\n" in out
    assert "Acme [red]" in out
    assert not {"\x1b", "\x07"} & set(out)


@pytest.mark.parametrize("command", [("dead", "show"), ("rejected", "show")])
def test_an_id_that_names_nothing_is_one_line_and_1(shell_at_work: Shell, command: tuple[str, str]) -> None:
    ended = shell_at_work.run(*command, "nothing")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("there is no ")
    assert f"`hookrouter {command[0]} list`" in ended.err


@pytest.mark.parametrize(
    "choice",
    [(["--sink", "log"], 3), (["--route", "closed"], 4), (["--all"], 0)],
    ids=["sink", "route", "all"],
)
def test_letters_are_replayed_by_what_they_have_in_common(
    shell_at_work: Shell, server: RedisServer, keys: Keys, bury: Bury, choice: tuple[list[str], int]
) -> None:
    chosen, left = choice
    dead(bury, 3)
    dead(bury, 1, sink="log")
    dead(bury, 1, sink="log", route="closed")

    ended = shell_at_work.run("dead", "replay", *chosen)

    plural = "" if left == 4 else "s"
    assert (ended.code, ended.out, ended.err) == (0, f"{5 - left} dead letter{plural} replayed\n", "")
    assert server.call("ZCARD", keys.dead_letters()) == left
    waiting = sum(server.call("XLEN", keys.outbox(SinkName(sink))) for sink in ("log", "billing"))
    assert waiting == 5 - left
    assert server.call("EXISTS", keys.wake(Stage.DELIVER)) == 1


def test_letters_are_listed_and_replayed_by_the_time_of_their_death(shell_at_work: Shell, bury: Bury) -> None:
    ids = dead(bury, 4)
    span = ["--since", "2026-03-04T15:20:12", "--until", "2026-03-04T16:20:14+01:00"]

    listed = shell_at_work.run("dead", "list", *span, "--json").json
    replayed = shell_at_work.run("dead", "replay", *span, "--json").json

    assert [row["id"] for row in listed] == ids[1:3]
    assert replayed == {"replayed": [ids[2], ids[1]], "gone": [], "no_such_sink": []}
    assert shell_at_work.run("dead", "drop", "--since", "2h", "--yes").out == "0 dead letters dropped\n"
    assert shell_at_work.run("dead", "drop", "--until", "2h", "--yes").out == "2 dead letters dropped\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--since", "lately"), "'lately' is neither a duration such as 2h nor a time"),
        (("--since", "2h", "--until", "3h"), "--since must lie before --until"),
        (("--all", "--rate", "fast"), "give a number a second, minute or hour"),
    ],
)
def test_a_span_or_a_rate_that_is_none_is_refused(shell_at_work: Shell, arguments: tuple[str, ...], said: str) -> None:
    ended = shell_at_work.run("dead", "replay", *arguments)

    assert ended.code == 2
    assert said in ended.err


def test_a_replay_that_is_interrupted_says_what_is_left_and_goes_on_by_the_same_command(
    shell_at_work: Shell, server: RedisServer, keys: Keys, bury: Bury
) -> None:
    ids, outbox = dead(bury, 12), keys.outbox(SinkName("billing"))

    with shell_at_work.start("dead", "replay", "--all", "--rate", "1/s") as process:
        wait_until(lambda: server.call("XLEN", outbox) >= 2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    went = server.call("XLEN", outbox)

    assert (process.returncode, err) == (130, "")
    assert out == f"{went} dead letters replayed, {12 - went} left: the same command goes on with them\n"
    assert shell_at_work.run("dead", "replay", "--all", "--rate", "1000/s").out.startswith(f"{12 - went} dead letter")
    replayed = [read_delivery(fields[b"r"]).id for _, fields in server.call("XRANGE", outbox, "-", "+")]
    assert replayed == ids[::-1]


def test_letters_are_replayed_by_id_and_what_is_gone_is_told(shell_at_work: Shell, bury: Bury) -> None:
    first, second, _ = dead(bury, 3)
    shell_at_work.run("dead", "drop", second, "--yes")

    ended = shell_at_work.run("dead", "replay", first, second, "d_never", "--json")

    assert ended.code == 1
    assert ended.json == {"replayed": [first], "gone": [second, "d_never"], "no_such_sink": []}


def test_a_letter_whose_sink_is_configured_no_more_is_left(shell_at_work: Shell, bury: Bury) -> None:
    dead(bury, 1, sink="closed-down")

    ended = shell_at_work.run("dead", "replay", "--all")

    assert ended.code == 1
    assert ended.out == "0 dead letters replayed\n"
    assert ended.err == "1 dead letter left: the configuration has no sink of that name any more\n"
    assert len(shell_at_work.run("dead", "--json").json) == 1


@pytest.mark.parametrize("arguments", [(), ("d_1", "--all")], ids=["nothing", "both"])
@pytest.mark.parametrize("verb", ["replay", "drop"])
def test_an_unclear_choice_is_refused(shell_at_work: Shell, verb: str, arguments: tuple[str, ...]) -> None:
    ended = shell_at_work.run("dead", verb, *arguments)

    assert ended.code == 2
    assert "name letters by ID, or say --sink, --route, --since, --until or --all" in ended.err


@pytest.mark.parametrize(
    "command", [("dead", "replay"), ("dead", "drop"), ("dead", "list"), ("deliveries", "list")], ids=" ".join
)
@pytest.mark.parametrize(("option", "what", "meant"), [("--sink", "sink", "biling"), ("--route", "route", "hot-led")])
def test_a_name_that_nobody_knows_is_refused(
    shell_at_work: Shell, command: tuple[str, str], option: str, what: str, meant: str
) -> None:
    ended = shell_at_work.run(*command, option, meant)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"there is no {what} {meant} (did you mean ")


def test_lines_of_a_value_cannot_be_taken_for_values(shell_at_work: Shell, bury: Bury) -> None:
    [delivery] = dead(bury, 1, lastName="Brown\r\nreason: none")

    shown = shell_at_work.run("dead", "show", delivery).out

    assert [line for line in shown.splitlines() if line.lstrip().startswith("reason:")] == [
        "reason: refused",
        "    reason: none",
    ]


def test_dropping_asks_first(shell_at_work: Shell, bury: Bury) -> None:
    dead(bury, 2)

    refused = shell_at_work.run("dead", "drop", "--all", given="n\n")
    unanswered = shell_at_work.run("dead", "drop", "--all", given="")
    dropped = shell_at_work.run("dead", "drop", "--all", given="y\n")

    assert "Forget 2 dead letters for good?" in refused.err
    assert refused.err.endswith("nothing is dropped; --yes drops without asking\n")
    assert refused.code == unanswered.code == 1
    assert (dropped.code, dropped.out) == (0, "2 dead letters dropped\n")
    assert shell_at_work.run("dead", "drop", "--all", "--yes").out == "0 dead letters dropped\n"


def test_rejected_leads_are_listed_and_shown(shell_at_work: Shell, server: RedisServer, keys: Keys) -> None:
    kept = timedelta(days=1)
    log = RedisPushLog(
        server=server, keys=keys, layouts=Layouts(keys, 4), dedup_window=kept, keep_pushes=kept, keep_rejected=kept
    )
    lead = {"leadScore": "many", "id": "1", "phoneNumber": "+49 30 1234567"}
    push = Push(id=PushId("p_1"), source=SourceName("crm"), received_at=RECEIVED_AT, body=b"", headers={})
    log.accept(push, read_batch([lead]))  # type: ignore[list-item]  # every value of it is text

    [row] = shell_at_work.run("rejected", "--json").json
    shown = shell_at_work.run("rejected", "show", row["id"]).out.splitlines()

    assert row == {
        "id": "p_1-0",
        "source": "crm",
        "push": "p_1",
        "place": 0,
        "at": "2026-03-04T15:20:11+00:00",
        "errors": {"leadScore": "not a number"},
    }
    assert shell_at_work.run("rejected", "list").out.splitlines()[1].rstrip().endswith("leadScore: not a number")
    assert shown[-4:] == ["lead:", "  leadScore: many", "  id: 1", "  phoneNumber: ***67"]
    assert shell_at_work.run("rejected", "show", "p_1-0", "--json", "--reveal").json["lead"] == lead


def test_status_tells_what_waits_and_what_to_do(
    shell_at_work: Shell, server: RedisServer, keys: Keys, bury: Bury
) -> None:
    dead(bury, 2)
    server.call("SADD", keys.outboxes(), "billing")
    server.call("ZADD", keys.retries(SinkName("billing")), 1, "d_1")

    ended = shell_at_work.run("status")
    told = shell_at_work.run("status", "--json").json

    assert ended.code == 0
    assert "start `hookrouter worker`" in ended.out
    assert "0 waiting, 1 retrying" in ended.out
    assert told["status"] == "fail"
    assert told["sinks"] == [
        {
            "sink": "billing",
            "shards": 1,
            "waiting": 0,
            "retrying": 1,
            "due": 1,
            "held": [],
            "circuit": "closed",
            "paused": None,
        }
    ]
    values = {part["name"]: part["value"] for part in told["parts"]}
    assert (values["dead"], values["last_push"]) == (2, None)


def test_status_tells_partitions_and_shards_in_force(shell_at_work: Shell, server: RedisServer, keys: Keys) -> None:
    server.call("SADD", keys.outboxes(), "billing", "log")
    layout = Layout({INTAKE: Spread(8), outbox_of(SinkName("billing")): Spread(4, 1)})
    server.call("SET", keys.layout(), write_layout(layout))

    lines = [line.split() for line in shell_at_work.run("status").out.splitlines()]

    told = {line[1]: " ".join(line[2:]) for line in lines}
    assert told["stream:route"] == "0 entries in 8 partitions"
    assert told["sink:billing"] == "0 waiting, 0 retrying in 4 shards"
    assert told["sink:log"] == "0 waiting, 0 retrying"


def test_status_warns_of_what_waits_for_a_sink_that_is_gone(
    shell_at_work: Shell, server: RedisServer, keys: Keys
) -> None:
    gone, route = SinkName("gone"), RouteName("of-hours")
    server.call("SADD", keys.outboxes(), gone)
    server.call("SADD", keys.shut_routes(gone), route)
    server.call("XADD", keys.shut(gone, route), "*", "r", "x")

    told = {part["name"]: part for part in shell_at_work.run("status", "--json").json["parts"]}

    assert (told["sink:gone"]["status"], told["sink:gone"]["value"]) == ("warn", 1)
    assert "no such sink any more" in told["sink:gone"]["advice"]


def test_status_tells_nothing_of_the_configuration_that_cannot_be_read_but_that(
    shell_at_work: Shell, server: RedisServer, keys: Keys
) -> None:
    billing = SinkName("billing")
    server.call("SADD", keys.outboxes(), billing)
    server.call("ZADD", keys.retries(billing), 1, "d_1")
    shell_at_work.configure("version: 2\n")

    told = {part["name"]: part for part in shell_at_work.run("status", "--json").json["parts"]}

    assert told["crm"]["value"] == "not known while the file cannot be read"
    assert "no such sink any more" not in told["sink:billing"]["advice"]
    assert "hookrouter.yaml:1:1: " in told["configuration"]["advice"]


def test_status_without_redis_is_a_failure(shell: Shell) -> None:
    shell.environment["REDIS_URL"] = "redis://127.0.0.1:1/0"

    ended = shell.run("status", "--json")

    assert ended.code == 1
    states = [(part["name"], part["status"]) for part in ended.json["parts"]]
    assert states == [("redis", "fail"), ("spool", "pass"), ("metrics", "pass"), ("configuration", "pass")]
