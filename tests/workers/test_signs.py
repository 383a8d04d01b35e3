"""Signs of life over an outage of Redis: nobody is to look dead for long once it is back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from valkeys import OwnValkey

from hookrouter.config.settings import read_settings
from hookrouter.domain.events import Event, NeighbourFailed
from hookrouter.runtime import open_runtime
from hookrouter.store.presence import BEAT_AGAIN, BEAT_EVERY
from hookrouter.telemetry.observer import NoObserver
from workers.pulse import Loop, Pulse
from workers.signs import SignsOfLife

CONFIGURATION = """\
version: 1
receiver: {sources: {crm: {token: a-token-only-for-tests}}}
sinks: {log: {type: stdout}}
routes: [{name: all, to: [log]}]
"""


@dataclass
class Heard(NoObserver):
    """What was reported."""

    events: list[Event] = field(default_factory=list)

    def report(self, event: Event) -> None:
        self.events.append(event)


def test_while_redis_is_away_signs_are_given_more_often_and_told_as_rarely_as_before(
    own_valkey: OwnValkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOKROUTER_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "hookrouter.yaml").write_text(CONFIGURATION, encoding="utf-8")
    said = {"HOOKROUTER_CONFIG": str(tmp_path / "hookrouter.yaml"), "HOOKROUTER_DATA_DIR": str(tmp_path / "data")}
    runtime = open_runtime(read_settings({**said, "HOOKROUTER_REDIS_URL": own_valkey.url}), quiet=True)
    runtime.observer = heard = Heard()
    signs = SignsOfLife(runtime, Pulse(runtime.clock, Loop.MAIN))
    assert signs.give() == BEAT_EVERY
    own_valkey.kill()

    pauses = [signs.give() for _ in range(BEAT_EVERY // BEAT_AGAIN + 1)]

    assert set(pauses) == {BEAT_AGAIN}
    assert sum(isinstance(event, NeighbourFailed) for event in heard.events) == 2
    again = OwnValkey.start(tmp_path / "valkey", port=own_valkey.port)
    try:
        assert signs.give() == BEAT_EVERY
        assert runtime.presence.alive() == {"worker": 1}
    finally:
        runtime.server.client.close()
        again.kill()
