"""The page of the flow: in ten seconds one sees whether leads flow, what is wrong, and what to do."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from console_support import ADMIN, CONFIGURATION, READER, Shown, Visitor, settings_for
from valkeys import OwnValkey

from hookrouter.domain.circuit import Circuit
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.figures import LEADS, Figure, Kind, Tally
from hookrouter.domain.flow import Flow
from hookrouter.domain.health import Part
from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import INTAKE, Layout, Spread, outbox_of
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime, open_runtime
from hookrouter.runtime.desk import Desk
from hookrouter.runtime.overview import Overview
from hookrouter.store.figures import add_figures
from hookrouter.store.standing import keep_circuit
from hookrouter.store.turns import RedisTurns
from hookrouter.testing.builders import a_change, a_delivery, an_occasion
from hookrouter.web.app import create_app
from hookrouter.web.console.commands import in_console
from hookrouter.web.console.picture import BOX, MOST_ROUTES, OTHERS, ROW, TOP, WIDTH, picture_of
from hookrouter.wire.kept.layout import write_layout

MINUTE = timedelta(minutes=1)
MANY = """\
version: 1
receiver: {sources: {crm: {token: a-token-only-for-tests}}}
sinks:
"""


def words(text: str) -> str:
    """A text without what stands between its words: the page sets commands in type of their own."""
    return re.sub(r"[`\s]+", "", text)


def as_shown(part: Part) -> str:
    """What is to be done about a part, where links stand in the place of commands."""
    return "".join(piece.text for piece in in_console(part.advice, part.name))


def live(runtime: Runtime, *roles: str) -> None:
    for role in roles or ("receiver", "worker", "scheduler"):
        runtime.presence.beat(role, "one")


def flow(runtime: Runtime, minutes: int = 5, **counts: int) -> None:
    """Let leads flow for some minutes, as the samples tell it: so many of each kind a minute."""
    sample, now = runtime.sample_flow(), runtime.clock.now()
    sample.run(now - (minutes + 1) * MINUTE)
    for ago in range(minutes, 0, -1):
        tally = Tally(runtime.days.of(now))
        figures = {
            "leads": LEADS,
            "taken": Figure(Kind.TAKEN, "hot-lead"),
            "delivered": Figure(Kind.DELIVERED, "hot-lead", "log"),
            "dead": Figure(Kind.DEAD, "hot-lead", "billing"),
        }
        tally.counts.update(Counter({figures[name]: number for name, number in counts.items()}))
        for command in add_figures(runtime.keys, tally):
            runtime.server.call(*command)
        sample.run(now - ago * MINUTE)


def shut(runtime: Runtime, sink: str, waiting: int) -> None:
    """Open a sink's circuit while deliveries wait."""
    now = runtime.clock.now()
    runtime.backlog.know_sinks([SinkName(sink)])
    circuit = Circuit(failures=10, trips=1, opened_at=now - MINUTE, until=now + MINUTE, reason="network")
    runtime.server.call(*keep_circuit(runtime.keys, SinkName(sink), circuit))
    due = (now + MINUTE).timestamp() * 1000
    for number in range(waiting):
        runtime.server.call("ZADD", runtime.keys.retries(SinkName(sink)), due, f"d_{number}")


def test_it_says_that_leads_flow_and_how_many(visitor: Visitor) -> None:
    live(visitor.runtime)
    flow(visitor.runtime, leads=12, taken=12, delivered=11)
    page = Shown(visitor.get("/console/flow").text)

    assert "Leads flow 60 leads and 55 messages in the last 6 min" in page.text
    assert re.search(r"leads nothing waits|leads: nothing waits", page.text)
    assert re.search(r"\b(10|9\.9)(\.0)?/min", page.text), "ten leads a minute"


@pytest.mark.parametrize(
    ("roles", "says"),
    [
        (("receiver", "scheduler"), "Nothing flows: no worker lives"),
        (("worker", "scheduler"), "Nothing comes in: no receiver lives"),
    ],
)
def test_a_process_that_is_missing_is_told_first(visitor: Visitor, roles: tuple[str, ...], says: str) -> None:
    live(visitor.runtime, *roles)
    flow(visitor.runtime, leads=1)
    text = Shown(visitor.get("/console/flow").text).text

    assert says in text
    assert "start hookrouter" in text


def test_a_sink_that_stands_is_named_with_what_waits_and_what_to_do(visitor: Visitor) -> None:
    live(visitor.runtime)
    flow(visitor.runtime, leads=3, delivered=3)
    shut(visitor.runtime, "billing", 7)
    text = Shown(visitor.get("/console/flow").text).text

    assert "Leads flow, but not to billing" in text
    [part] = [part for part in visitor.runtime.examine().all() if part.name == "sink:billing"]
    assert part.advice
    told = words(f"sink billing 7 entries {as_shown(part)}")
    assert told in words(text)
    assert words(text).index(told) < words(text).index("SinksSinkHowitdoes"), "what is wrong stands first"
    assert "7 wait: circuit open: network" in text


def test_how_much_there_is_of_what_workers_share_and_who_serves_it(visitor: Visitor) -> None:
    runtime, billing = visitor.runtime, SinkName("billing")
    runtime.backlog.know_sinks([billing])
    layout = Layout({INTAKE: Spread(8), outbox_of(billing): Spread(4, 1)})
    runtime.server.call("SET", runtime.keys.layout(), write_layout(layout))
    for worker in ("ada", "ben"):
        RedisTurns(server=runtime.server, keys=runtime.keys, stage=Stage.DELIVER, worker=worker).look([], seeks=False)
    runtime.server.call("SET", runtime.keys.lease(runtime.keys.outbox(billing, 0, 1)), "ben_0123456789ab")

    text = Shown(visitor.get("/console/flow").text).text

    assert "billing http, 4 shards" in text
    assert "log stdout " in text
    assert "What comes in is spread over 8 partitions until it is routed." in text
    assert "Sinks and shards that workers serve now: 0 by ada, 1 by ben." in text


def test_what_is_wrong_is_what_health_tells(visitor: Visitor) -> None:
    shut(visitor.runtime, "billing", 7)
    parts = visitor.runtime.examine().all()
    text = Shown(visitor.get("/console/flow").text).text

    wrong = [part for part in parts if part.status != "pass"]

    assert {"receiver", "workers", "scheduler", "sink:billing"} <= {part.name for part in wrong}
    assert [part.name for part in wrong if words(as_shown(part)) not in words(text)] == []


def test_the_live_part_comes_alone_and_asks_again_unless_it_is_held_still(visitor: Visitor) -> None:
    alone, still = visitor.get("/console/flow/live").text, visitor.get("/console/flow?still=1").text

    assert alone.startswith('<section id="live"')
    assert 'hx-trigger="every 5s"' in alone
    assert "hx-trigger" not in still
    assert "Follow it again" in Shown(still).text


def test_the_course_is_told_as_a_chart_as_a_table_and_to_the_script(visitor: Visitor) -> None:
    flow(visitor.runtime, minutes=20, leads=6, delivered=5)
    page = visitor.get("/console/flow?hours=1").text
    times, leads, delivered, dead, waiting = json.loads(visitor.get("/console/flow/course?hours=1").text)

    assert 'class="line leads" d="M' in page
    assert "Hour from (UTC) Leads Messages Given up Waited at most" in Shown(page).text
    assert len(times) == len(leads) == len(delivered) == len(dead) == len(waiting) == 60
    assert leads[-3] == pytest.approx(6, abs=1)
    assert leads[0] is None, "nobody took samples then"
    assert 'aria-current="true">1 h' in page


@pytest.mark.parametrize(("minutes", "spans"), [(20, (1, 6)), (90, (6, 1))])
def test_the_chart_is_no_longer_than_there_is_to_see(visitor: Visitor, minutes: int, spans: tuple[int, int]) -> None:
    flow(visitor.runtime, minutes=minutes, leads=6, delivered=5)
    shown, other = spans

    page = visitor.get("/console/flow").text
    assert f'aria-current="true">{shown} h' in page
    assert f"/console/flow/course?hours={shown}" in page, "what the script draws"
    assert f'aria-current="true">{other} h' in visitor.get(f"/console/flow?hours={other}").text, "it was asked for"


def test_a_course_without_samples_says_so(visitor: Visitor) -> None:
    assert "No samples yet" in Shown(visitor.get("/console/flow").text).text
    assert json.loads(visitor.get("/console/flow/course?hours=no").text)[1] == [None] * 180


def test_a_hundred_routes_and_thirty_sinks_fit(open_console: Callable[..., Visitor]) -> None:
    sinks = "".join(f"  desk-{number}: {{type: stdout}}\n" for number in range(30))
    routes = "".join(
        f"  - {{name: route-{number}-with-a-name-that-is-long-enough, to: [desk-{number % 30}]}}\n"
        for number in range(100)
    )
    visitor = open_console(text=f"{MANY}{sinks}routes:\n{routes}")
    shut(visitor.runtime, "desk-29", 3)
    picture = picture_of(_look(visitor.runtime))
    answer = visitor.get("/console/flow/live")

    assert picture.height == TOP + (MOST_ROUTES + 1) * ROW
    assert {box.name for box in picture.boxes} >= {"desk-29", f"90 {OTHERS}", f"20 {OTHERS}"}
    assert all(box.x + box.width <= WIDTH and box.y + BOX <= picture.height for box in picture.boxes)
    assert all(len(box.title) <= 30 for box in picture.boxes)
    assert "All 100 routes" in Shown(answer.text).text
    assert len(answer.data) < 60_000


def _look(runtime: Runtime) -> Flow:
    return Overview(runtime).flow().look()


def test_a_sink_is_paused_with_a_reason_and_goes_on_and_both_are_written_down(visitor: Visitor) -> None:
    runtime = visitor.runtime
    runtime.backlog.know_sinks([SinkName("log")])
    asked = visitor.get("/console/flow/pause?of=sink:log").text
    form = {"csrf": Shown(asked).csrf, "of": "sink:log", "reason": "moving <house>", "until": "2h"}
    told = visitor.post("/console/flow/pause", form)
    shown = Shown(visitor.get("/console/flow").text).text

    assert "Pause sink log What is for this sink waits" in Shown(asked).text
    assert told.status_code == 303
    assert "moving <house>" in shown
    assert "stopped paused by this machine until" in shown
    again = Shown(visitor.get("/console/flow/pause?of=sink:log").text)
    assert "Paused: sink log" in again.text
    visitor.post("/console/flow/resume", {"csrf": again.csrf, "of": "sink:log"})
    assert "moving <house>" not in Shown(visitor.get("/console/flow").text).text
    deeds = Desk(runtime).audit().list(limit=10).found
    assert [(deed.act, deed.of) for deed in deeds][:2] == [("resume", "sink:log"), ("pause", "sink:log")]


def test_a_sink_that_is_back_is_asked_at_once_and_that_is_written_down(visitor: Visitor) -> None:
    runtime = visitor.runtime
    shut(runtime, "billing", 7)
    page = Shown(visitor.get("/console/flow").text)
    [link] = [each["href"] for each in page.all("a") if "#retry" in (each["href"] or "")]
    told = visitor.post("/console/flow/retry", {"csrf": page.csrf, "of": "sink:billing"})

    assert link == "/console/flow#retry-billing"
    assert 'id="retry-billing"' in visitor.get("/console/flow").text
    assert told.status_code == 303
    assert runtime.census.depths(runtime.clock.now())[SinkName("billing")].due == 7
    [part] = [part for part in runtime.examine().all() if part.name == "sink:billing"]
    assert "the next delivery asks" in part.advice
    [deed] = Desk(runtime).audit().list(limit=1).found
    assert (deed.act, deed.of) == ("retry", "sink:billing")


@pytest.mark.parametrize(
    ("text", "of", "shown"),
    [
        ("`hookrouter dead show d_1` tells", "dead", [("the letter's page", "dead/d_1"), (" tells", "")]),
        ("`hookrouter dead replay --sink a b`", "dead", [("hookrouter dead replay --sink a b", "")]),
        ("then `hookrouter dead replay --sink sales`", "dead", [("then ", ""), ("replaying", "dead?sink=sales")]),
        ("`hookrouter resume hot`", "route:hot", [("resuming it", "flow/pause?of=route%3Ahot")]),
        ("`hookrouter resume hot`", "sink:other", [("hookrouter resume hot", "")]),
        ("ask `hookrouter status`", "stream:route", [("ask ", ""), ("the flow", "flow")]),
        ("ask `hookrouter status`", "stream:enrich", [("ask ", ""), ("its page", "crm")]),
        (
            "start `hookrouter worker`, `so",
            "workers",
            [("start ", ""), ("hookrouter worker", ""), (", ", ""), ("so", "")],
        ),
    ],
)
def test_what_the_console_does_itself_is_a_link(text: str, of: str, shown: list[tuple[str, str]]) -> None:
    assert [(piece.text, piece.page) for piece in in_console(text, of)] == shown


def test_the_headline_tells_what_did_not_arrive(visitor: Visitor, bury: Callable[..., Delivery]) -> None:
    live(visitor.runtime)
    flow(visitor.runtime, leads=3, delivered=3)
    bury(a_delivery(change=a_change(), occasion=an_occasion()))
    page = Shown(visitor.get("/console/flow").text)

    assert "Leads flow, but 1 message was given up" in page.text


@pytest.mark.parametrize("until", ["soon", "2020-01-01", "-2h"])
def test_a_pause_that_is_over_is_told_beside_its_field(visitor: Visitor, until: str) -> None:
    csrf = visitor.csrf("/console/flow/pause?of=route:hot-lead")
    form = {"csrf": csrf, "of": "route:hot-lead", "reason": "a while", "until": until}
    page = Shown(visitor.post("/console/flow/pause", form).text)

    assert "write how long, such as 2h" in page.text
    assert Desk(visitor.runtime).pauses().pauses.all() == {}


def test_what_there_is_not_cannot_be_paused_and_who_only_looks_pauses_nothing(
    open_console: Callable[..., Visitor],
) -> None:
    visitor = open_console(admin=ADMIN, read=READER)
    visitor.sign_in(READER)
    page = visitor.get("/console/flow/pause?of=sink:log").text
    form = {"csrf": Shown(page).csrf or visitor.csrf("/console/rules/try"), "of": "sink:log", "reason": "no"}

    assert visitor.get("/console/flow/pause?of=sink:nothing").status_code == 404
    assert visitor.post("/console/flow/pause", form).status_code == 403
    assert 'id="pause-' not in visitor.get("/console/flow").text
    assert Desk(visitor.runtime).pauses().pauses.all() == {}


def test_while_redis_is_away_the_page_says_so_and_what_to_do(
    own_valkey: OwnValkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hookrouter.yaml").write_text(CONFIGURATION, encoding="utf-8")
    monkeypatch.setenv("HOOKROUTER_DATA_DIR", str(tmp_path / "data"))
    runtime = open_runtime(settings_for(tmp_path, own_valkey.url, "away"), role="web", quiet=True)
    visitor = Visitor(runtime=runtime, client=create_app(runtime).test_client())
    assert "Redis is away" not in visitor.get("/console/flow").text
    own_valkey.kill()
    answer = visitor.get("/console/flow")
    text = Shown(answer.text).text

    assert answer.status_code == 200
    assert "Nothing flows: Redis is away" in text
    assert "see that Redis runs" in text
    assert "Every part is well" not in text
    assert "Not known while Redis is away" in text
    assert "Redis is away" in visitor.get("/console/flow/live").text
    assert json.loads(visitor.get("/console/flow/course").text) == []
    runtime.server.client.close()
