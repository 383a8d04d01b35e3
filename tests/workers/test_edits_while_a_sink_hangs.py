"""An edit of the configuration comes while one attempt of a sink hangs: the others do not wait until that times out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest

from hookrouter.clock import SystemClock
from hookrouter.config.settings import read_settings
from hookrouter.domain.ids import DeliveryId, SinkName
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime, open_runtime
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.wire.kept.records import write_delivery
from workers import background, tenure
from workers.background import Background
from workers.delivering import Delivering

API = SinkName("api")
PATIENCE = 15.0
CONFIG = """
version: 1
receiver: {{sources: {{crm: {{token: a-token-for-tests-0123456789}}}}}}
egress: {{allow: [127.0.0.0/8]}}
sinks: {{api: {{type: http, url: "{url}/{{{{ lead.id }}}}", timeout: 1m, concurrency: 4}}}}
routes: [{{name: all, to: [api]}}]
# {edit}
"""


class FarSide:
    """An API that hangs for one lead."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.is_over = Event()
        far = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                far.came.append(self.path)
                if self.path == "/1":
                    far.is_over.wait()
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.is_over.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def far() -> Iterator[FarSide]:
    made = FarSide()
    yield made
    made.close()


@pytest.fixture
def runtime(tmp_path: Path, valkey: Any, far: FarSide) -> Iterator[Runtime]:
    (tmp_path / "hookrouter.yaml").write_text(CONFIG.format(url=far.url, edit="as it was"))
    environment = {
        "HOOKROUTER_CONFIG": str(tmp_path / "hookrouter.yaml"),
        "HOOKROUTER_DATA_DIR": str(tmp_path),
        "HOOKROUTER_REDIS_URL": valkey.url,
        "HOOKROUTER_KEY_PREFIX": f"t{uuid4().hex[:12]}",
    }
    made = open_runtime(read_settings(environment), role="worker", quiet=True)
    made.backlog.know_sinks(made.config.sinks)
    yield made
    made.server.client.close()


def put(runtime: Runtime, lead: str) -> None:
    delivery = replace(a_delivery(change=a_change(lead=a_lead(id=lead))), id=DeliveryId(f"d_{lead:0>32}"), sink=API)
    runtime.server.call("XADD", runtime.keys.outbox(API), "*", "r", write_delivery(delivery))


def came(far: FarSide, path: str) -> bool:
    """Whether a request came, though nobody kicks."""
    clock = SystemClock()
    deadline = clock.monotonic() + PATIENCE
    while path not in far.came and clock.monotonic() < deadline:
        clock.sleep(0.1)
    return path in far.came


def test_what_comes_after_it_is_delivered(
    runtime: Runtime, tmp_path: Path, far: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (tenure, background):
        monkeypatch.setattr(module, "FINISH_WITHIN", 0.5)
    monkeypatch.setattr(background, "LOOK_EVERY", 0.1)
    worker = Background(runtime, lambda: None)
    worker.start(Delivering(runtime, worker.begin))
    put(runtime, "1")
    worker.poke(Stage.DELIVER)
    assert came(far, "/1")
    revision = runtime.config.revision

    (tmp_path / "hookrouter.yaml").write_text(CONFIG.format(url=far.url, edit="edited").replace("1m", "2m"))
    deadline = runtime.clock.monotonic() + PATIENCE
    while runtime.config.revision == revision and runtime.clock.monotonic() < deadline:
        runtime.clock.sleep(0.05)
    put(runtime, "2")

    assert came(far, "/2")
    worker.finish()
