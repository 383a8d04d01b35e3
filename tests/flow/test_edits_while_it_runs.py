"""The configuration is edited while leads flow: it takes effect everywhere, and nothing is lost or sent twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flow_stack import HttpRecorder, Stack, configuration, eventually, leads

StackOf = Callable[..., Stack]
BATCHES = 40
A_BATCH = 10


def to_path(recorder: HttpRecorder, path: str, *, sink: str = "api", more: str = "") -> str:
    return configuration(
        sinks=f'  {sink}: {{type: http, url: "{recorder.url}/{path}", concurrency: 4}}\n',
        routes=f"  - {{name: to-{path}, to: [{sink}]}}\n",
        more=more,
    )


def edit(stack: Stack, text: str) -> None:
    (stack.folder / "hookrouter.yaml").write_text(text)


def told(stack: Stack, event: str) -> list[Any]:
    lines = [line for line in stack.logs().splitlines() if line.startswith("{")]
    return [line for line in map(json.loads, lines) if line["event"] == event]


def roles(stack: Stack, event: str) -> Counter[str]:
    return Counter(line["role"] for line in told(stack, event))


EVERYWHERE = Counter({"web": 2, "worker": 1, "router": 1, "scheduler": 1})


@pytest.fixture
def stack_of(stack_of: StackOf) -> StackOf:
    """Begin when each process has read its configuration: one that is still starting would begin with the edit."""

    def start(text: str, *, processes: tuple[str, ...] = ("web", "worker", "scheduler"), **environment: str) -> Stack:
        stack = stack_of(text, processes=processes, **environment)
        all_of_them = Counter(processes) + Counter({"web": int(environment["WEB_CONCURRENCY"]) - 1})
        eventually(lambda: roles(stack, "process.started") == all_of_them, "every process has started")
        return stack

    return start


def lead_of(arrival: Any) -> str:
    return str(arrival.json["data"]["lead"]["id"])


def configuration_part(stack: Stack) -> Any:
    return json.loads(stack.get("/health")[1])["checks"]["configuration"][0]


def test_an_edit_takes_effect_in_every_process_while_leads_flow(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(to_path(recorder, "old"), WEB_CONCURRENCY="2")

    for batch in range(BATCHES):
        stack.push(leads(batch * A_BATCH, A_BATCH))
        if batch == BATCHES // 4:
            edit(stack, to_path(recorder, "new", sink="other"))
        if batch == BATCHES // 2:
            eventually(lambda: roles(stack, "config.adopted") == EVERYWHERE, "every process adopted the edit")

    eventually(lambda: len(recorder.arrivals) >= BATCHES * A_BATCH, "all leads arrived")
    arrived = Counter(map(lead_of, recorder.arrivals))
    assert arrived == Counter({lead["id"]: 1 for lead in leads(0, BATCHES * A_BATCH)})
    assert recorder.at("/old")
    assert recorder.at("/new")


def test_every_delivery_tells_the_revision_that_routed_it(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(to_path(recorder, "old"), WEB_CONCURRENCY="2")
    stack.push(leads(0, 1))
    eventually(lambda: recorder.at("/old"), "the first arrived")
    edit(stack, to_path(recorder, "new"))
    eventually(lambda: roles(stack, "config.adopted") == EVERYWHERE, "every process adopted the edit")

    stack.push(leads(1, 1))

    eventually(lambda: recorder.at("/new"), "the second arrived")
    attempts = eventually(lambda: len(found := told(stack, "delivery.attempted")) == 2 and found, "both are logged")
    [adopted] = {line["revision"] for line in told(stack, "config.adopted")}
    assert attempts[0]["revision"] != adopted
    assert attempts[1]["revision"] == adopted
    shown = json.loads(stack.run("deliveries", "show", attempts[1]["delivery"], "--json"))
    assert shown["revision"] == adopted
    part = configuration_part(stack)
    assert (part["status"], part["observedValue"], part.get("output")) == ("pass", adopted, None)


def test_a_broken_edit_is_refused_and_told_until_it_is_mended(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(to_path(recorder, "old"), WEB_CONCURRENCY="2")
    broken = to_path(recorder, "new").replace("to: [api]", "to: [nobody]")

    edit(stack, broken)

    eventually(lambda: roles(stack, "config.refused") == EVERYWHERE, "every process refused the edit")
    line = next(number for number, text in enumerate(broken.splitlines(), 1) if "nobody" in text)
    part = configuration_part(stack)
    assert part["status"] == "warn"
    assert f"hookrouter.yaml:{line}:" in part["output"]
    said = json.loads(stack.run("status", "--json", check=False))["parts"]
    [state] = [each for each in said if each["name"] == "configuration"]
    assert f"hookrouter.yaml:{line}:" in state["advice"]
    stack.push(leads(0, 3))
    eventually(lambda: len(recorder.at("/old")) == 3, "the last good configuration runs on")
    edit(stack, to_path(recorder, "new"))
    eventually(lambda: roles(stack, "config.adopted") == EVERYWHERE, "every process adopted what was mended")
    assert configuration_part(stack)["status"] == "pass"
    assert roles(stack, "config.refused") == EVERYWHERE


def test_a_mounted_folder_that_kubernetes_swaps_is_followed(
    stack_of: StackOf, recorder: HttpRecorder, tmp_path: Path
) -> None:
    """As kubelet does it: the file links into `..data`, which is a link to a folder and replaced by another."""
    mounted = tmp_path / "mounted"
    lay_down(mounted, "..first", to_path(recorder, "old"))
    (mounted / "hookrouter.yaml").symlink_to("..data/hookrouter.yaml")
    stack = stack_of(to_path(recorder, "old"), WEB_CONCURRENCY="2", HOOKROUTER_CONFIG=str(mounted / "hookrouter.yaml"))

    lay_down(mounted, "..broken", to_path(recorder, "new").replace("to: [api]", "to: [nobody]"))
    eventually(lambda: roles(stack, "config.refused") == EVERYWHERE, "every process refused the broken one")
    stack.push(leads(5, 1))
    eventually(lambda: recorder.at("/old"), "the last good one runs on")

    lay_down(mounted, "..second", to_path(recorder, "new"))

    eventually(lambda: roles(stack, "config.adopted") == EVERYWHERE, "every process adopted the edit")
    stack.push(leads(0, 1))
    eventually(lambda: recorder.at("/new"), "the new configuration is in force")


def lay_down(mounted: Path, version: str, text: str) -> None:
    (mounted / version).mkdir(parents=True, exist_ok=True)
    (mounted / version / "hookrouter.yaml").write_text(text)
    (mounted / "..next").symlink_to(version)
    (mounted / "..next").rename(mounted / "..data")


def including(recorder: HttpRecorder, path: str) -> str:
    return to_path(recorder, path).replace("version: 1\n", "version: 1\ninclude: ['routes/*.yaml']\n")


def more_routes(recorder: HttpRecorder, path: str) -> str:
    return f"routes: [{{name: by-{path}, to: [{{sink: api, url: '{recorder.url}/{path}'}}]}}]\n"


def arrived(recorder: HttpRecorder) -> dict[str, int]:
    return {path: len(recorder.at(f"/{path}")) for path in ("all", "a", "b")}


@pytest.mark.long
def test_included_files_are_followed_new_ones_and_those_that_go(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(to_path(recorder, "all"), WEB_CONCURRENCY="1")
    routes = stack.folder / "routes"
    routes.mkdir()
    (routes / "a.yaml").write_text("# nothing yet\n")
    everywhere = Counter({"web": 1, "worker": 1, "router": 1, "scheduler": 1})

    for times, edit_it in enumerate(
        (
            lambda: edit(stack, including(recorder, "all")),
            lambda: (routes / "a.yaml").write_text(more_routes(recorder, "a")),
            lambda: (routes / "b.yaml").write_text(more_routes(recorder, "b")),
            (routes / "b.yaml").unlink,
        ),
        start=1,
    ):
        edit_it()
        wanted = Counter({role: times * count for role, count in everywhere.items()})
        eventually(
            lambda wanted=wanted: roles(stack, "config.adopted") == wanted, "every process adopted the edit", 90.0
        )
        stack.push(leads(times, 1))

    eventually(lambda: arrived(recorder) == {"all": 4, "a": 3, "b": 1}, "each route took what came while it was there")
    (routes / "c.yaml").write_text("routes: [{name: by-c, to: [nobody]}]\n")
    eventually(lambda: roles(stack, "config.refused") == everywhere, "every process refused the new file")
    assert "routes/c.yaml:1:28: there is no sink `nobody`" in configuration_part(stack)["output"]
    assert roles(stack, "config.adopted") == wanted


def test_a_mounted_folder_of_several_files_is_swapped_as_one(
    stack_of: StackOf, recorder: HttpRecorder, tmp_path: Path
) -> None:
    mounted = tmp_path / "mounted"
    main = to_path(recorder, "all").replace("version: 1\n", "version: 1\ninclude: ['routes*.yaml']\n")
    lay_down(mounted, "..first", main)
    (mounted / "..first" / "routes-a.yaml").write_text("# nothing yet\n")
    for name in ("hookrouter.yaml", "routes-a.yaml"):
        (mounted / name).symlink_to(f"..data/{name}")
    stack = stack_of(main, WEB_CONCURRENCY="1", HOOKROUTER_CONFIG=str(mounted / "hookrouter.yaml"))

    (mounted / "..second").mkdir()
    (mounted / "..second" / "routes-a.yaml").write_text(more_routes(recorder, "a"))
    lay_down(mounted, "..second", main)

    everywhere = Counter({"web": 1, "worker": 1, "router": 1, "scheduler": 1})
    eventually(lambda: roles(stack, "config.adopted") == everywhere, "every process adopted the edit")
    stack.push(leads(0, 1))
    eventually(lambda: arrived(recorder) == {"all": 1, "a": 1, "b": 0}, "both routes are in force")


def test_what_only_a_restart_puts_in_force_is_named(stack_of: StackOf, recorder: HttpRecorder) -> None:
    stack = stack_of(to_path(recorder, "old"), processes=("web",), WEB_CONCURRENCY="1")
    limited = to_path(recorder, "old").replace("receiver:\n", "receiver:\n  limits: {headers: 32}\n")

    edit(stack, limited)

    [adopted] = eventually(lambda: told_by_web(stack), "the receiver adopted it")
    assert adopted["after_restart"] == ["receiver.limits.headers"]


def told_by_web(stack: Stack) -> list[Any]:
    lines = [json.loads(line) for line in (stack.folder / "web.log").read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == "config.adopted"]
