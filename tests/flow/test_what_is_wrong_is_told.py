"""Five faults in the demo, one at a time: `/health`, `status` and people are told what is wrong and what to do."""

from __future__ import annotations

import json
import os
import re
import signal
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flow_crm import ACCOUNT, SECRET, Crm
from flow_stack import HttpRecorder, Stack, eventually, leads, prepare

from hookrouter.clock import SystemClock
from hookrouter.demo.configuration import ACCOUNT_ID, SECRET_KEY, Surroundings, demo_configuration
from hookrouter.store.alert_book import RedisAlertBook
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts
from hookrouter.supervise.free_port import LOOPBACK

ALERTS = """
  ops: {type: http, url: "http://127.0.0.1:9/ops", fallback: {to: log}}
  log: {type: http, url: "%s/alerts"}
alerts: {to: [ops], on: [circuit_open, lag, dead, no_push_for: 2h, crm_quota]}
teams:"""
FAILING = 'text: "{{ 1 // (lead.leadScore | int - lead.leadScore | int) }}"'
NOWHERE = "http://127.0.0.1:9/"
PATIENCE = 50.0
AN_HOUR = timedelta(hours=1)
TOKEN = "demo-token-0123456789-0123456789"
pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]


@dataclass
class Demo:
    """The demo's own configuration at work, with alerts, a simulated CRM and a far side that may be broken."""

    stack: Stack
    crm: Crm
    far_side: HttpRecorder
    pushed: int = 0

    @property
    def configuration(self) -> Path:
        return self.stack.folder / "hookrouter.yaml"

    def push(self, count: int = 12, **fields: Any) -> None:
        """Push hot leads that nobody knows yet."""
        fresh = leads(self.pushed, count, **{"leadScore": "91", "leadStatus": "open", **fields})
        self.pushed += count
        hook = f"http://{LOOPBACK}:{self.stack.port}/hooks/crm/{TOKEN}"
        status, answer = self.stack.post(json.dumps(fresh).encode(), hook)
        assert status == 200, answer

    @contextmanager
    def edited(self, was: str, now: str) -> Iterator[None]:
        """For a while the configuration says something else."""
        text = self.configuration.read_text()
        assert was in text
        self.configuration.write_text(text.replace(was, now))
        yield
        self.configuration.write_text(text)

    def turn(self, path: str, **said: Any) -> None:
        body = json.dumps(said).encode()
        urllib.request.urlopen(urllib.request.Request(f"{self.crm.url}{path}", data=body), timeout=5).close()

    def wrong(self) -> dict[str, str]:
        """What `/health` says is not well, and what to do; `status` says the same."""
        status, answer = self.stack.get("/health")
        report = json.loads(answer)
        checks = {name: found for name, [found] in report["checks"].items()}
        assert (status == 503) == (report["status"] == "fail")
        return {
            name: f"{found.get('observedValue', '')}; {found.get('output', '')}"
            for name, found in checks.items()
            if found["status"] != "pass"
        }

    def says(self, part: str, *words: str) -> None:
        """Wait until `/health` says all of it of a part, and have `status` say so in the terminal."""

        def is_said() -> bool:
            told = self.wrong().get(part, "")
            return all(word in told for word in words)

        eventually(is_said, f"{part}: {', '.join(words)}; not {self.wrong()}", PATIENCE)
        shown = " ".join(self.stack.run("status", check=False).split())
        line = shown[shown.index(part) :]
        assert all(word in line for word in words)

    def told(self, kind: str, news: str) -> dict[str, str]:
        """The alert that people got; by the fallback, for the sink that is to tell them does not work either."""

        def found() -> list[dict[str, str]]:
            self.let_it_last()
            bodies = [arrival.json for arrival in self.far_side.at("/alerts")]
            return [body["data"] for body in bodies if body["type"] == f"alert.{news}" and body["data"]["kind"] == kind]

        [first, *_] = eventually(found, f"{kind} {news} is told", PATIENCE * 3)
        return first

    def let_it_last(self) -> None:
        """As if what is wrong, or well again, had been so for an hour: it need not be waited for to be told."""
        keys = Keys("hr")
        book = RedisAlertBook(server=self.stack.server, keys=keys, layouts=Layouts(keys, 4))
        was, memory = book.read()
        lately = SystemClock().now() - AN_HOUR
        known = [replace(each, seen_at=min(each.seen_at, lately)) for each in memory.known]
        known = [replace(each, well_since=each.well_since and min(each.well_since, lately)) for each in known]
        if known != memory.known:
            book.write(was, replace(memory, known=known), [])

    def ask_the_crm_again(self) -> None:
        """As if the minute were over for which the CRM is left alone when the day's calls are spent."""
        self.stack.server.client.hset(Keys("hr").crm_calls(), "spent", 1)

    def is_well(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        def is_mended() -> bool:
            meanwhile()
            return not self.wrong()

        eventually(is_mended, "all is well again", PATIENCE * 4)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    far_side, crm = HttpRecorder(), Crm()
    text = demo_configuration(
        Surroundings(
            receiver=f"http://{LOOPBACK}:1",
            simulator=crm.url,
            stand_ins=f"{far_side.url}/",
            mail_port=9,
            token=TOKEN,
            secret="whsec_c2VjcmV0",
        )
    )
    text = re.sub(r"\nalerts: [^\n]*", "", text)
    account = text.replace(ACCOUNT_ID, ACCOUNT).replace(SECRET_KEY, SECRET)
    text = account.replace("sales, manager, billing", "sales, billing")
    far_side.script = lambda _: 200
    stack = prepare(tmp_path, re.sub(r"\nteams:", lambda _: ALERTS % far_side.url, text, count=1))
    stack.begin("web", "worker", "scheduler")
    yield Demo(stack, crm, far_side)
    stack.close()
    crm.close()
    far_side.close()


def test_a_sink_that_is_down(demo: Demo) -> None:
    with demo.edited(f"{demo.far_side.url}/api/", f"{NOWHERE}api/"):
        eventually(lambda: demo.push(3) or "sink:billing" in demo.wrong(), "it fails", PATIENCE)
        demo.says("sink:billing", "its circuit is open", "(network)", "see that it runs", "asked again at")
        alert = demo.told("circuit_open", "raised")
    assert alert["title"] == "The sink billing takes no messages"
    assert "it cannot be reached" in alert["wrong"]
    assert "`hookrouter send-test billing` tries it. What waits is sent when it is back." in alert["todo"]
    demo.is_well()
    assert demo.told("circuit_open", "cleared")["title"] == "Over: the sink billing takes messages again"


def test_a_rule_that_is_wrong(demo: Demo) -> None:
    with demo.edited("to: [billing]", "to: [biling]"):
        demo.says(
            "configuration", "the file is refused", "hookrouter.yaml:", "no sink `biling`", "did you mean billing?"
        )
    demo.is_well()
    with demo.edited("sales: {", f"sales: {{{FAILING}, "):
        eventually(lambda: demo.push(1) or "dead" in demo.wrong(), "it cannot be filled", PATIENCE)
        demo.says("dead", "for sales by", "the rule's template cannot be filled", "`hookrouter dead show d_")
        alert = demo.told("dead", "raised")
    assert "the rule's template cannot be filled" in alert["wrong"]
    assert "mend the template in the rules; then `hookrouter dead replay --sink sales` sends them" in alert["todo"]
    demo.is_well(lambda: demo.stack.run("dead", "replay", "--sink", "sales", check=False))


def test_the_crms_calls_of_the_day_that_are_used_up(demo: Demo) -> None:
    demo.turn("/faults", mode="quota")
    demo.push()
    demo.says("crm", "the day's calls of the CRM are used up", "anew each day", "`crm.daily_limit` may say more")
    alert = demo.told("crm_quota", "raised")
    assert alert["title"] == "The CRM's calls of the day run out"
    demo.turn("/faults", mode="none")
    demo.is_well(lambda: demo.ask_the_crm_again() or demo.push(1))


def test_redis_that_is_away(demo: Demo) -> None:
    os.killpg(demo.stack.running["valkey"].pid, signal.SIGSTOP)
    demo.push()
    demo.says(
        "redis", "Redis does not answer in time", "wait in the spool", "see that Redis runs and can be written to"
    )
    assert json.loads(demo.stack.get("/readyz")[1])["mode"] == "spool"
    os.killpg(demo.stack.running["valkey"].pid, signal.SIGCONT)
    demo.is_well()


def test_a_lead_that_is_poison(demo: Demo) -> None:
    demo.far_side.script = lambda arrival: 422 if b"poison" in arrival.body else 200
    demo.push(1, firstName="poison")
    demo.says("dead", "it does not want what it was sent", "`hookrouter dead show d_", "mend the rule or the lead")
    demo.push(1, leadScore=[])
    demo.says(
        "rejected", "of the newest: not a number", "`hookrouter rejected show ", "--set FIELD=VALUE` sends it on mended"
    )
