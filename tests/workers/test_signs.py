"""Signs of life over an outage of Redis: nobody is to look dead for long once it is back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from valkeys import OwnValkey

from hookrouter.config.settings import read_settings
from hookrouter.domain.events import DrainFailed, Event, NeighbourFailed
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime, open_runtime
from hookrouter.store.presence import BEAT_AGAIN, BEAT_EVERY, FLUSH_EVERY
from hookrouter.telemetry.observer import NoObserver
from workers import background
from workers.background import Background, Serve
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


def a_runtime(folder: Path, url: str) -> Runtime:
    (folder / "hookrouter.yaml").write_text(CONFIGURATION, encoding="utf-8")
    said = {"HOOKROUTER_CONFIG": str(folder / "hookrouter.yaml"), "HOOKROUTER_DATA_DIR": str(folder / "data")}
    return open_runtime(read_settings({**said, "HOOKROUTER_REDIS_URL": url}), quiet=True)


def test_while_redis_is_away_signs_are_given_more_often_and_told_as_rarely_as_before(
    own_valkey: OwnValkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOKROUTER_DATA_DIR", str(tmp_path / "data"))
    runtime = a_runtime(tmp_path, own_valkey.url)
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


class NothingToDo:
    """A half of a worker that serves no stage."""

    looks: Mapping[Stage, Serve] = {}

    async def look_around(self) -> None:
        """See nobody."""

    renew = close = look_around

    def open(self) -> None:
        """Open nothing."""

    def hurry(self) -> None:
        """Wait for nothing."""


class Stumbling:
    """Signs of which the first meets a fault that nobody thought of."""

    given = 0

    def give(self) -> timedelta:
        self.given += 1
        if self.given == 1:
            raise RuntimeError
        return FLUSH_EVERY

    def end(self) -> None:
        """Say nothing."""


def test_a_fault_of_one_is_told_and_the_next_is_given(
    valkey: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "BEAT_EVERY", FLUSH_EVERY)
    runtime, signs = a_runtime(tmp_path, valkey.url), Stumbling()
    runtime.observer = heard = Heard()
    worker = Background(runtime, lambda: None, signs)  # type: ignore[arg-type]  # it has what is asked for
    worker.start(NothingToDo())

    deadline = runtime.clock.monotonic() + 10
    while signs.given < 2 and runtime.clock.monotonic() < deadline:
        runtime.clock.sleep(0.05)
    worker.finish()

    assert signs.given >= 2
    [told] = heard.events
    assert isinstance(told, DrainFailed)
    assert (told.stream, told.kind) == ("presence", "RuntimeError")
