"""A busy run with all that can go wrong: no value that was pushed, no secret and no address is in any log or metric."""

from __future__ import annotations

import json
import re
import socketserver
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flow_crm import ACCOUNT, SECRET, Crm, crm_id
from flow_stack import SIGNING_SECRET, TOKEN, Arrival, HttpRecorder, Stack, configuration, eventually
from ports import free_ports

from hookrouter.supervise.free_port import LOOPBACK

StackOf = Callable[..., Stack]
FATES = ("well", "refused", "failing", "unmailable")
PERSON = {
    "firstName": "Zsuzsanna",
    "lastName": "Quixotewicz",
    "emailAddress": "zq-{fate}@people-of-the-test.example.com",
    "phoneNumber": "+36 30 555 7{number:03d}",
    "mobilePhoneNumber": "0036305558{number:03d}",
    "street": "Rózsabimbó utca {number:03d}",
    "city": "Hódmezővásárhely",
    "companyName": "Kft of {fate} <script>alert(1)</script>",
    "description": "line one\nline two: wants {fate}-quote",
    "customfield_5f2b": "bespoke-{fate}-value",
    "leadStatus": "qualified-{fate}",
}
BEARER = "bearer-0123456789abcdef"
SLACK_PATH, HOOK_PATH = "/services/T0LOG/B0LOG/slack-secret", "/hidden-path-of-the-api"
GUESS = "a-token-that-somebody-guesses"
SENDERS_KEY = "key-of-the-sender-42"
EDITED = "a-password-in-an-edit"


class RefusingMail(socketserver.StreamRequestHandler):
    """A mail server that takes nobody and names them when it says so."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"RCPT":
                self.wfile.write(b"550 5.1.1 nobody here: " + line.strip() + b"\r\n")
            else:
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")


@pytest.fixture
def mail_port() -> Iterator[int]:
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = allow_reuse_address = True

    with Server((LOOPBACK, 0), RefusingMail) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def configured(recorder: HttpRecorder, crm: Crm, mail: int, nobody: int) -> str:
    more = f"""
crm: {{account_id: {ACCOUNT}, secret_key: "{SECRET}", url: "{crm.api}", rate_limit: 50/s}}
smtp: {{host: {LOOPBACK}, port: {mail}, tls: none, from: router@example.com}}
"""
    sinks = f"""
  api: {{type: http, url: "{recorder.url}{HOOK_PATH}", token: {BEARER}, signing_secret: {SIGNING_SECRET}}}
  slack: {{type: slack, webhook_url: "{recorder.url}{SLACK_PATH}"}}
  mail: {{type: email, to: ["{{{{ lead.emailAddress }}}}"]}}
  nobody: {{type: http, url: "http://{LOOPBACK}:{nobody}{HOOK_PATH}"}}
  odd: {{type: http, url: "{recorder.url}/odd", body: {{x: "{{{{ 1 / (lead.firstName | length - 9) }}}}"}}}}
"""
    routes = """
  - {name: all, enrich: {timeline: {last: 30d}}, to: [api, mail]}
  - {name: at-once, to: [slack, nobody, odd]}
"""
    source = f"crm: {{token: {TOKEN}}}"
    proven = f"{source}\n    proven: {{token: {TOKEN}-2, read_back: always}}"
    return configuration(sinks=sinks, routes=routes, more=more).replace(source, proven)


def person(number: int, fate: str) -> dict[str, Any]:
    lead = {name: value.format(fate=fate, number=number) for name, value in PERSON.items()}
    stamps = dict.fromkeys(("createTimestamp", "updateTimestamp"), "2026-03-04 15:20:11")
    return {"id": crm_id(number), **lead, **stamps}


def answer_of(arrival: Arrival) -> int:
    if b"refused" in arrival.body:
        return 400
    return 503 if b"failing" in arrival.body else 204


def push_all(stack: Stack, first: int) -> list[dict[str, Any]]:
    """Push what goes well and what does not; all that was pushed."""
    people = [person(first + number, fate) for number, fate in enumerate(FATES)]
    stack.push(people)
    stack.push(people)  # the same again
    bad = [{"emailAddress": "", "firstName": "Nameless-Ödön"}, {"id": {"deep": "Deep-Ubul"}, "lastName": "Wrong-Ubul"}]
    for odd in (json.dumps(bad), '{"leads": [{"firstName": "Torn-Vazul"', "not json but Words-Of-Somebody"):
        stack.post(odd.encode())
    stranger = {"id": "99", "firstName": "Stranger-Xénia", "emailAddress": "xenia@elsewhere.example.org"}
    stack.post(json.dumps([stranger]).encode(), stack.hook.replace(f"/crm/{TOKEN}", f"/proven/{TOKEN}-2"))
    stack.post(json.dumps(people).encode(), stack.hook.replace(TOKEN, GUESS))
    asked = urllib.request.Request(stack.hook, b"\xff\xfe Bytes-Of-Zeno", {"X-Api-Key": SENDERS_KEY}, method="POST")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(asked, timeout=15)
    return [*people, *bad, stranger]


def ask_around(stack: Stack, lead: dict[str, Any]) -> set[int]:
    """Look and try as operators do, by what is known of a person; which statuses that got."""
    mail = quote(lead["emailAddress"])
    paths = ("console/", f"console/deliveries?lead={mail}", "console/pushes", "console/dead", "console/rejected")
    paths += (f"api/v1/deliveries?lead={mail}", "api/v1/dead", "api/v1/rejected", f"api/v1/follow-ups?lead={mail}")
    asked = [stack.get(f"/{path}")[0] for path in paths]
    body = json.dumps({"leads": [lead]}).encode()
    return {*asked, stack.post(body, f"http://{LOOPBACK}:{stack.port}/api/v1/explain")[0]}


def values_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from values_in(inner)
    elif isinstance(value, str) and len(value) > 3:
        yield value


def ways_to_write(value: str) -> set[str]:
    """A value as it may stand in a line: as it is, as JSON writes it, and its lines each."""
    plain = {value, *value.splitlines()}
    return {way for each in plain for way in (each, json.dumps(each)[1:-1], each.encode("unicode_escape").decode())}


@pytest.mark.parametrize("style", ["json", pytest.param("console", marks=pytest.mark.long)])
def test_no_value_secret_or_address_is_logged_or_counted(
    stack_of: StackOf, recorder: HttpRecorder, crm: Crm, mail_port: int, style: str
) -> None:
    [nobody] = free_ports(1)
    recorder.script = answer_of
    recorder.words = lambda arrival: b"we do not like " + arrival.body  # answers may hold what was sent
    text = configured(recorder, crm, mail_port, nobody)
    stack = stack_of(text, HOOKROUTER_LOG_LEVEL="debug", HOOKROUTER_LOG_FORMAT=style)

    pushed = push_all(stack, 1)
    eventually(lambda: stack.server.client.zcard("hr:dead") >= 7, "what is refused is set aside")
    assert ask_around(stack, pushed[0]) == {200}
    eventually(lambda: "lead.unconfirmed" in stack.logs(), "the CRM does not know the stranger")
    crm.switch("html200")
    stack.kill("valkey")
    pushed += push_all_while_away(stack)
    stack.start("valkey")
    eventually(stack.has_redis, "Redis is back")
    broken = text.replace("routes:", f"  more: {{type: http, url: 'https://u:{EDITED}@h/', tiemout: 1s}}\nroutes:")
    (stack.folder / "hookrouter.yaml").write_text(broken)
    eventually(lambda: stack.logs().count("config.refused") >= 3, "the edit is refused")
    (stack.folder / "hookrouter.yaml").write_text(text)
    stack.kill("worker")
    stack.start("worker")
    eventually(lambda: "spool.fed" in stack.logs(), "what was spooled is fed")
    eventually(lambda: len(recorder.at(SLACK_PATH)) >= 8, "those are told of, too")
    crm.switch("none")
    _, metrics = stack.get("/metrics")
    for name in ("worker", "web", "scheduler"):
        assert stack.end(name) == 0
    logs = stack.logs()

    told = logs + metrics.decode()
    secrets = {TOKEN, SECRET, ACCOUNT, BEARER, SIGNING_SECRET, GUESS, SENDERS_KEY, EDITED}
    places = {SLACK_PATH, HOOK_PATH, recorder.url, crm.api, f"{LOOPBACK}:{nobody}", f":{mail_port}"}
    odd = {"Torn-Vazul", "Words-Of-Somebody", "Bytes-Of-Zeno", "Deep-Ubul", "script"}
    sought = secrets | places | odd | {value for lead in pushed for value in values_in(lead)} - STAMPS
    assert {value for value in sought if any(way in told for way in ways_to_write(value))} == set()
    assert {event for event in EXPECTED if event not in logs} == set()
    if style == "json":
        assert_each_line_names_what_it_is_about(logs)


STAMPS = {"2026-03-04 15:20:11"}
EXPECTED = {
    *("push.received", "push.refused", "lead.routed", "lead.unconfirmed", "timeline.fetched", "delivery.attempted"),
    *("neighbour.failed", "spool.fed", "config.refused", "server_error", "rendering", "network", "refused"),
}


def push_all_while_away(stack: Stack) -> list[dict[str, Any]]:
    people = [person(20 + number, fate) for number, fate in enumerate(FATES)]
    stack.push(people)
    return people


def assert_each_line_names_what_it_is_about(logs: str) -> None:
    for line in map(json.loads, logs.splitlines()):
        kind = line["event"].partition(".")[0]
        named = {name for name in ("push", "delivery", "place") if name in line}
        wanted = {"push": {"push"}, "lead": {"push", "place"}, "delivery": {"push", "delivery"}}.get(kind, set())
        assert wanted <= named, line
        assert re.fullmatch(r"p_[0-9a-f]{24}|", line.get("push", "")), line
