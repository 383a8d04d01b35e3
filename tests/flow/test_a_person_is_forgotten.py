"""Real processes: a busy run fills all places with a person, she is erased, and nothing keeps her values."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flow_crm import ACCOUNT, SECRET, Crm
from flow_stack import TOKEN, HttpRecorder, Stack, configuration, eventually
from people import found_in_files, found_in_redis, words_of
from pressing import SIGNING_SECRET, button_of, press
from slack_workspace import TOKEN as SLACK_TOKEN
from slack_workspace import SlackMessage, Workspace

from hookrouter.domain.forgetting import Place
from hookrouter.domain.ids import PushId, SinkName, SourceName
from hookrouter.domain.push import Push, Receipt
from hookrouter.ports.stages import Stage
from hookrouter.spool.pushes import PushSpool
from hookrouter.store.keys import Keys
from hookrouter.store.wake import RqWake
from hookrouter.telemetry.observer import NoObserver

StackOf = Callable[..., Stack]
KEYS = Keys("hr")
PARTITIONS = range(4)
STAGES = (KEYS.intake, KEYS.pending, KEYS.enrich)
SINK_NAMES = [SinkName(name) for name in ("api", "broken", "dying", "gathered", "quiet", "sales", "writeback")]
STATUS = {"/broken": 500, "/gathered": 500, "/dying": 404}
MORE = """
crm: {{account_id: {account}, secret_key: "{secret}", url: "{url}", rate_limit: 200/s}}
slack: {{signing_secret: {signing}}}
teams:
  east:
    members:
      - {{owner: 313499604, name: Kim Fox, slack: U02ADA}}
      - {{owner: 313499605, name: Lou Gray, slack: U02BEN}}
"""
SINKS = """
  api: {{type: http, url: "{far}/api"}}
  broken: {{type: http, url: "{far}/broken", order: strict, retry: {{for: 3h}}}}
  dying: {{type: http, url: "{far}/dying"}}
  gathered: {{type: slack, webhook_url: "{far}/gathered", digest: {{every: 1s}}, retry: {{for: 3h}}}}
  quiet: {{type: http, url: "{far}/quiet"}}
  sales: {{type: slack, token: {slack}, channel: "#deals", url: "{workspace}", thread: lead, claim: true}}
  writeback: {{type: crm, action: update, fields: {{title: "seen {{{{ lead.leadScore }}}}"}}}}
"""
ROUTES = """
  - {name: all, to: [api, broken, dying, gathered, sales, writeback]}
  - {name: once, once: {per: lead, every: 1d}, to: [api]}
  - {name: team, assign: east, to: [api], follow_up: [{after: 1h, to: [api]}]}
  - {name: known, enrich: {timeline: {last: 365d}, lists: true}, to: [api]}
  - {name: eager, match_timeline: {formSubmit: {count: {gte: 0}}}, to: [api]}
  - {name: shut, to: [quiet]}
"""
HERS = {"firstName": "Zzyzxada", "lastName": "Qwertzson", "phoneNumber": "+15550100777", "companyName": "Xyzzyworks"}


def busy(recorder: HttpRecorder, crm: Crm, workspace: Workspace) -> str:
    recorder.script = lambda arrival: STATUS.get(arrival.path, 200)
    recorder.words = lambda arrival: arrival.body[:800]  # far sides repeat what they are told
    more = MORE.format(account=ACCOUNT, secret=SECRET, url=crm.api, signing=SIGNING_SECRET)
    sinks = SINKS.format(far=recorder.url, slack=SLACK_TOKEN, workspace=workspace.url)
    text = configuration(sinks=sinks, routes=ROUTES, more=more)
    return text.replace(f"{{token: {TOKEN}}}", f"{{token: {TOKEN}}}\n    shop: {{token: {TOKEN}, read_back: always}}")


def seen(number: int) -> str:
    """A time of the CRM's; what it says itself of the lead meanwhile is earlier."""
    return f"{datetime.now(UTC) + timedelta(seconds=60 + number):%Y-%m-%d %H:%M:%S}"


def hold(stack: Stack, *streams: str) -> None:
    """Keep workers from what waits there."""
    for stream in streams:
        lease = KEYS.lease(stream)
        eventually(lambda lease=lease: stack.server.call("SET", lease, "test", "NX", "EX", 600), f"{stream} is held")


def length(stack: Stack, *streams: str) -> int:
    return sum(stack.server.call("XLEN", stream) for stream in streams)


def fill(stack: Stack, crm: Crm, workspace: Workspace) -> tuple[dict[str, str], dict[str, str]]:
    """Have her go all ways, and somebody else with her."""
    lead, other = crm.call("getLeads", {"where": {}, "limit": 2, "offset": 0})["lead"]
    crm.call("updateLeads", {"objects": [{"id": lead["id"], **HERS}]})
    her, him = ({**each, "updateTimestamp": seen(0)} for each in ({**lead, **HERS}, other))
    without_id = {name: value for name, value in her.items() if name != "id"}
    stack.run("pause", "shut")
    stack.push([him, her])
    eventually(lambda: stack.server.call("EXISTS", KEYS.snapshot("crm", her["id"])), "she is known")
    stack.push([{**her, "leadScore": "1", "updateTimestamp": seen(1)}, him])
    stack.push([without_id, {**her, "leadScore": "no number"}])
    assert stack.post(f"mail={her['emailAddress']}&nothing=1".encode())[0] in {400, 422}
    [message, *_] = eventually(lambda: of_her(workspace), "sales are told of her")
    hold(stack, KEYS.clicks())
    assert press(stack, "U02ADA", message, button_of(message)) == 200
    words = {"dead", "retry-records", "shut", "claim", "given", "marks", "open", "clock", "living-message", "written"}
    eventually(lambda: words | {"timeline", "memberships", "rejected"} <= words_of(stack.server, KEYS), "all is there")
    eventually(lambda: length(stack, KEYS.decisions()) >= 3, "she was given to somebody")
    eventually(lambda: any(b"members" in record for record in retrying(stack)), "a digest waits")
    fill_streams(stack, her, him)
    return her, him


def of_her(workspace: Workspace) -> list[SlackMessage]:
    return [message for message in workspace.first if HERS["firstName"] in json.dumps(message.blocks)]


def retrying(stack: Stack) -> list[bytes]:
    return list(stack.server.call("HVALS", KEYS.retry_records("gathered")))


def fill_streams(stack: Stack, her: dict[str, str], him: dict[str, str]) -> None:
    """Nobody goes on from where she waits by now."""
    behind = [KEYS.assign(), *map(KEYS.enrich, PARTITIONS), *map(KEYS.pending, PARTITIONS), KEYS.outbox("api")]
    hold(stack, *behind)
    stack.push([{**her, "leadScore": "2", "updateTimestamp": seen(2)}, him])
    for some in (behind[:1], behind[1:5], behind[5:9], behind[9:]):
        eventually(lambda some=some: length(stack, *some), f"it waits in {some[0]}")
    before = [KEYS.hydrate(), *map(KEYS.intake, PARTITIONS)]
    hold(stack, *before)
    stack.push([him, {**her, "leadScore": "3", "updateTimestamp": seen(3)}])
    body = json.dumps([him, her]).encode()
    assert stack.post(body, stack.hook.replace("/crm/", "/shop/"))[0] == 200
    eventually(lambda: length(stack, *before[:1]) and length(stack, *before[1:]), "it waits further ahead")
    stack.server.call("XADD", KEYS.unreadable(), "*", "r", json.dumps({"v": 99, "lead": her}))


def waiting(stack: Stack) -> int:
    before_sinks = [KEYS.hydrate(), KEYS.assign(), *(place(n) for place in STAGES for n in PARTITIONS)]
    return length(stack, *before_sinks, *map(KEYS.outbox, SINK_NAMES), *map(KEYS.again, SINK_NAMES))


def let_go(stack: Stack) -> None:
    for lease in stack.server.client.scan_iter("hr:*:lease"):
        if stack.server.call("GET", lease) == b"test":
            stack.server.client.delete(lease)


def values_of(lead: dict[str, str]) -> list[str]:
    return [*HERS.values(), lead["emailAddress"]]


def test_she_is_gone_from_all_places_and_files_and_others_go_on(
    stack_of: StackOf, recorder: HttpRecorder, crm: Crm, workspace: Workspace
) -> None:
    stack = stack_of(busy(recorder, crm, workspace))
    stack.server.call("CONFIG", "SET", "rdbcompression", "no")  # or files would hide what they hold
    her, him = fill(stack, crm, workspace)
    stack.kill("worker")
    let_go(stack)
    stack.kill("web")
    spooled(stack, her, him)
    shown = json.loads(stack.run("forget", her["emailAddress"], "--json", check=False))
    assert set(shown["erased"]) == {place.value for place in Place}
    assert found_in_redis(stack.server, values_of(her))

    told = json.loads(stack.run("forget", her["emailAddress"], "--yes", "--json"))

    assert told["erased"] == shown["erased"]
    assert told["ids"] == [her["id"]]
    assert told["files"] == "written anew"
    assert found_in_redis(stack.server, [*values_of(her), her["id"]]) == {}
    assert found_in_files(stack.folder, [*values_of(her), her["id"]]) == {}
    assert json.loads(stack.run("forget", her["id"], "--source", "crm", "--yes", "--json"))["total"] == 0
    assert his_is_whole(stack, recorder, him)

    stack.start("web")
    eventually(stack.is_ready, "the receiver is ready")
    for number in range(20):
        stack.push([{**her, "leadScore": str(number), "updateTimestamp": seen(100 + number)}, him])
        if number == 10:
            stack.run("forget", her["id"], "--source", "crm", "--yes", check=False)
    eventually(lambda: not waiting(stack), "nothing is under way")
    stack.run("forget", her["emailAddress"], "--yes")
    assert found_in_redis(stack.server, [*values_of(her), her["id"]]) == {}
    assert found_in_files(stack.folder, [*values_of(her), her["id"]]) == {}


def spooled(stack: Stack, her: dict[str, str], him: dict[str, str]) -> None:
    """A push that came while Redis was away, as the receiver's machine keeps it."""
    spool = PushSpool(stack.folder / "data" / "spool", 1_000_000)
    body, at = json.dumps([him, her]).encode(), datetime.now(UTC)
    push = Push(id=PushId("p_spooled"), source=SourceName("crm"), received_at=at, body=body, headers={})
    spool.keep(push, Receipt(push=push.id, leads=2, accepted=2, rejected=0))
    spool.close()


def his_is_whole(stack: Stack, recorder: HttpRecorder, him: dict[str, str]) -> bool:
    """Whether the other lead of each push goes on to where it went."""
    recorder.arrivals.clear()
    stack.start_heir()
    for stage in Stage:
        RqWake(stack.server, KEYS, NoObserver()).send(stage)
    eventually(lambda: [each for each in recorder.at("/api") if each.json["data"]["lead"]["id"] == him["id"]], "his")
    return all(her_value not in str(recorder.arrivals) for her_value in HERS.values())
