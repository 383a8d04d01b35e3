"""Measures the console's pages at 100,000 deliveries in the store, and what they cost the answers to pushes.

The store is filled by the product itself: pushes of 25 leads to the receiver, delivered by a worker. One lead is pushed
eight times before all others, so that its story is the farthest back, and once more behind them. Some deliveries the
sink refuses, which makes dead letters of them; some leads of some pushes are none, and are rejected.
"""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import orjson

from benchmarks import pushing
from benchmarks.figures import Figures, percentile
from benchmarks.leads import PEOPLE, some_leads
from benchmarks.receiving import WARM_UP
from benchmarks.scale import PACE, USUAL, Scale
from benchmarks.servers import PUSH_PATH, Stage, our_receiver, our_worker
from hookrouter.simulator.leads import FIRST_ID
from hookrouter.supervise.free_port import LOOPBACK
from hookrouter.web.console.shell import HOME, NAVIGATION

CHANGES = 8
DEAD = REJECTED = 2_000
LONGEST = 300.0
LIMIT = 200
"""Milliseconds that a page may take."""
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
NOBODY, SOMEBODY, EMPTY = "nobody looks", "somebody looks without a pause", "nobody looks, the store empty"
PAGES = (
    *(entry.path.removeprefix(f"{HOME}/") for entry in NAVIGATION),
    *("flow/live", "flow/course", "rules/try", "leads/forget"),
)
"""Those that need no more than their names: all of the navigation, and what they load and lead to."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Asks one page after the other, over one connection."""

    port: int

    def get(self, path: str) -> tuple[int, str, float]:
        """The status, the page or where it went on, and how long it took in seconds."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=LONGEST)
        try:
            began = time.perf_counter()
            connection.request("GET", path, headers={"Host": f"localhost:{self.port}"})
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, answer.headers.get("Location") or text, time.perf_counter() - began
        finally:
            connection.close()

    def search(self, who: str) -> float:
        """How long it takes to look for a lead by its address, or to say that it is not among the newest."""
        host = f"localhost:{self.port}"
        headers = {"Host": host, "Origin": f"http://{host}", "Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=LONGEST)
        connection.request("GET", "/console/leads", headers={"Host": host})
        form = connection.getresponse()
        token = CSRF.search(form.read().decode())
        if token is None:
            raise SystemExit("there is no form to look for a lead")
        headers["Cookie"] = str(form.headers["Set-Cookie"]).partition(";")[0]
        began = time.perf_counter()
        connection.request("POST", "/console/leads/search", urlencode({"csrf": token[1], "who": who}), headers)
        answer = connection.getresponse()
        answer.read()
        took = time.perf_counter() - began
        connection.close()
        if answer.status not in {303, 404}:
            raise SystemExit(f"the search answered {answer.status}")
        return took

    def page(self, path: str) -> float:
        """How long a page took; none that is not shown may count as a quick one."""
        status, text, took = self.get(path)
        if status != 200:
            raise SystemExit(f"{path} answered {status}: {text[:500]}")
        return took


def measure_console(stage: Stage, scale: Scale) -> Figures:
    """Milliseconds a page, then those of an answer to a push."""
    stage.forget()
    stage.sink.reset()
    found: Figures = {}
    with our_receiver(stage) as (child, port):
        pushing.push_all(port, USUAL, pushes=WARM_UP)
        found[EMPTY] = _answers(pushing.pace(port, USUAL, rate=PACE, seconds=scale.paced))
        stage.forget()
        with our_worker(stage):
            first = _fill(stage, port, scale.logged)
        visitor = Visitor(port)
        pages = _pages(stage, first)
        for name, path in pages.items():
            found[name] = _times([visitor.page(path) for _ in range(scale.looks)])
        address = str(some_leads(PEOPLE)[-1]["emailAddress"])
        found["a search by address"] = _times([visitor.search(address) for _ in range(scale.looks)])
        cpu = child.cpu()
        found[NOBODY] = _answers(pushing.pace(port, USUAL, rate=PACE, seconds=scale.paced))
        found[NOBODY]["cpu_us_per_lead"] = (child.cpu() - cpu) / found[NOBODY]["pushes"] / USUAL * 1e6
        with _looking(visitor, list(pages.values())):
            found[SOMEBODY] = _answers(pushing.pace(port, USUAL, rate=PACE, seconds=scale.paced))
        found["store"] = {"deliveries": stage.store.xlen(_attempts(stage))}
    stage.forget()
    return found


def _fill(stage: Stage, port: int, deliveries: int) -> str:
    """Push until so many deliveries are made; the first push of the lead that came first."""
    lead = some_leads(1)[0] | {"id": str(FIRST_ID)}
    names = [_push(port, [lead | {"leadScore": str(score)}]) for score in range(CHANGES)]
    stage.sink.await_leads(1, within=LONGEST)
    stage.sink.refuse(DEAD)
    for first in range(0, REJECTED, USUAL):
        _push(port, [lead, *({"leadStatus": "open", "number": str(first + each)} for each in range(USUAL))])
    pushing.push_all(port, USUAL, pushes=deliveries // USUAL)
    stage.sink.await_leads(deliveries - DEAD, within=LONGEST)
    _push(port, [lead | {"leadScore": "99"}])
    time.sleep(1.0)
    return names[0]


def _push(port: int, leads: list[dict[str, object]]) -> str:
    connection = http.client.HTTPConnection(LOOPBACK, port)
    connection.request("POST", PUSH_PATH, orjson.dumps(leads), {"Content-Type": "application/json"})
    answer = orjson.loads(connection.getresponse().read())
    connection.close()
    return str(answer["push"])


def _pages(stage: Stage, first: str) -> dict[str, str]:
    """The pages, by what they are called."""
    newest, oldest = (read(_attempts(stage), count=1)[0] for read in (stage.store.xrevrange, stage.store.xrange))
    attempts = [orjson.loads(next(iter(fields.values()))) for _, fields in (newest, oldest)]
    of_pushes = stage.store.zrevrange(f"{_prefix(stage)}:pushes", 1, 1)
    dead, rejected = (
        stage.store.zrevrange(f"{_prefix(stage)}:{kind}", 0, 0)[0].decode() for kind in ("dead", "rejected")
    )
    pages = {
        "pushes": "pushes",
        "pushes, none is found": "pushes?came=refused",
        "a push of 25": f"pushes/{of_pushes[0].decode()}",
        "deliveries": "deliveries",
        "deliveries, none is found": "deliveries?outcome=silenced",
        "deliveries of one lead": "deliveries?lead=1",
        "what waits": "deliveries/waiting",
        "the newest delivery": f"deliveries/{attempts[0]['id']}?push={quote(attempts[0]['push'])}",
        "the oldest delivery": f"deliveries/{attempts[1]['id']}?push={quote(attempts[1]['push'])}",
        "a dead letter": f"dead/{dead}",
        "a rejected lead": f"rejected/{rejected}",
        "the story of a lead": f"leads/{first}/0",
        "the story of a lead, its beginning": f"leads/{first}/0?from={first}",
    }
    return {name: f"/console/{path}" for name, path in {**pages, **dict(zip(PAGES, PAGES, strict=True))}.items()}


def _times(taken: list[float]) -> dict[str, float]:
    return {"p50_ms": percentile(taken, 50) * 1e3, "worst_ms": max(taken[1:]) * 1e3, "first_ms": taken[0] * 1e3}


def _answers(load: pushing.Pushed) -> dict[str, float]:
    return {
        "p50_ms": percentile(load.seconds, 50) * 1e3,
        "p99_ms": percentile(load.seconds, 99) * 1e3,
        "pushes": load.pushes,
    }


@contextmanager
def _looking(visitor: Visitor, paths: list[str]) -> Iterator[None]:
    """Somebody asks for page after page meanwhile."""
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            for path in paths:
                visitor.page(path)

    looker = threading.Thread(target=look, daemon=True)
    looker.start()
    try:
        yield
    finally:
        over.set()
        looker.join(LONGEST)


def _prefix(stage: Stage) -> str:
    return str(next(stage.store.scan_iter(match="*:attempts"))).removeprefix("b'").removesuffix(":attempts'")


def _attempts(stage: Stage) -> str:
    return f"{_prefix(stage)}:attempts"
