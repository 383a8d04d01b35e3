"""The page of the CRM: its calls, its pushes, what reconcile and the sweep found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from console_support import Shown, Visitor

from hookrouter.domain.reconciling import ReconcileTally
from hookrouter.domain.sweeping import Swept
from hookrouter.wire.kept.reconciled import write_run, write_swept

TEXT = """\
version: 1
receiver: {public_url: "https://hooks.example.com", sources: {crm: {token: a-token-only-for-tests}}}
crm:
  account_id: an-account
  secret_key: a-secret-only-for-tests
  canary: {lead: 718281920514}
  reconcile: {every: 15m, sweep: daily}
sinks: {log: {type: stdout}}
routes: [{name: all, to: [log]}]
"""


def test_it_tells_what_is_known_of_it(open_console: Callable[..., Visitor]) -> None:
    visitor = open_console(text=TEXT)
    runtime, now = visitor.runtime, visitor.runtime.clock.now()
    server, keys = runtime.server, runtime.keys
    for ago, missed in ((30, 1), (15, 4)):
        tally = ReconcileTally(since=now, until=now, known=96, missed=missed, lags=(7.0,), is_whole=True, calls=3)
        server.call("LPUSH", keys.reconciled("crm"), write_run(tally, now - timedelta(minutes=ago)))  # type: ignore[arg-type]
    swept = write_swept(Swept(at=now - timedelta(hours=5), known=5210, gone=3))
    due, sweep = (now + timedelta(minutes=9, seconds=9)).timestamp(), (now + timedelta(hours=19)).timestamp()
    fields = ("mark", now.timestamp(), "due", due, "sweep", sweep, "swept", swept, "doubt", "it lacks many")
    server.call("HSET", keys.reconcile("crm"), *fields)  # type: ignore[arg-type]
    answer = visitor.get("/console/crm")
    text = Shown(answer.text).text.replace("\N{NARROW NO-BREAK SPACE}", " ")

    assert "0 of 50 000 (0.0 %)" in text
    assert "2.54 % : 5 of 197 changes" in text
    assert "half within 7 s" in text
    assert "lead 718281920514: unknown" in text
    assert "Every 15 min of the source crm" in text
    assert "the next run is due in 9 min" in text
    assert "100 4 7 s 3 yes" in text
    assert "found 3 of 5 210 known leads gone" in text
    assert "it lacks many" in text
    assert "warn pushes missed 5 of 197 changes" in text, "what is wrong stands first"
    assert "a-secret-only-for-tests" not in answer.text


def test_before_anything_happened_it_says_so(open_console: Callable[..., Visitor]) -> None:
    text = Shown(open_console(text=TEXT).get("/console/crm").text).text

    assert "No run yet." in text
    assert "None came to its end yet." in text
    assert "the next run is due now" in text


def test_without_a_crm_there_is_nothing_to_see(visitor: Visitor) -> None:
    assert "has no crm section" in Shown(visitor.get("/console/crm").text).text
