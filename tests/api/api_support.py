"""Who calls the operator API of one process on a real server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hookrouter.config.settings import Settings, read_settings
from hookrouter.domain.audit import Deed
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from hookrouter.runtime.desk import Desk

ADMIN = "an-admin-token-only-for-tests"
READER = "a-read-token-only-for-tests"
PUSH_TOKEN = "a-token-only-for-tests"
HERE = "http://localhost:8080"
ELSEWHERE = "203.0.113.9"
CONFIGURATION = f"""\
version: 1
receiver: {{sources: {{crm: {{token: {PUSH_TOKEN}}}}}}}
sinks:
  log: {{type: stdout}}
  billing:
    {{type: http, url: "http://127.0.0.1:9/leads", headers: {{X-Score: "{{{{ 100 // (lead.leadScore | int) }}}}"}}}}
egress: {{allow: [127.0.0.0/8]}}
redact: [nickName]
teams: {{east: {{members: [{{owner: 313499604, name: Ada Brown}}, {{owner: 313499605, name: Ben Cole}}]}}}}
routes:
  - name: hot-lead
    match: {{leadScore: {{gte: 80}}}}
    assign: east
    to: [log, billing]
    follow_up: [{{after: 15m, unless: {{changed: [leadStatus]}}, to: [log]}}]
  - {{name: closed, match: {{leadStatus: customer}}, to: [log]}}
"""


def settings_for(folder: Path, url: str, prefix: str, **more: str) -> Settings:
    """The settings of one process whose configuration lies in a folder."""
    said = {
        "HOOKROUTER_CONFIG": str(folder / "hookrouter.yaml"),
        "HOOKROUTER_REDIS_URL": url,
        "HOOKROUTER_DATA_DIR": str(folder / "data"),
        "HOOKROUTER_KEY_PREFIX": prefix,
        **more,
    }
    return read_settings(said)


class DeafWake:
    """Nobody to wake: the test routes by itself."""

    def ring(self, stage: Stage) -> None:
        """Let nobody hear it."""


@dataclass(kw_only=True)
class Caller:
    """Calls the API with a token, or without one."""

    runtime: Runtime
    client: FlaskClient
    token: str = ADMIN
    address: str = ELSEWHERE
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.ask("GET", path, query_string=query)

    def post(self, path: str, body: Any = None, **query: Any) -> TestResponse:
        said = {} if body is None else {"json": body}
        return self.ask("POST", path, query_string=query, **said)

    def put(self, path: str, body: Any = None) -> TestResponse:
        return self.ask("PUT", path, **({} if body is None else {"json": body}))

    def delete(self, path: str) -> TestResponse:
        return self.ask("DELETE", path)

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.client.open(
            path if path.startswith("/") else f"/api/v1/{path}",
            method=method,
            base_url=HERE,
            headers={**bearer, **self.headers, **more.pop("headers", {})},
            environ_base={"REMOTE_ADDR": self.address},
            **more,
        )

    def push(self, *leads: object) -> str:
        """Push leads as the CRM does; the push's name."""
        answer = self.ask("POST", f"/hooks/crm/{PUSH_TOKEN}", json=list(leads))
        assert answer.status_code == 200, answer.text
        name: str = answer.json["push"]
        return name

    def route(self) -> None:
        """Route what was pushed, as a worker does."""
        asyncio.run(self._route())

    async def _route(self) -> None:
        side = self.runtime.open_lead_side(DeafWake())
        for partition in range(self.runtime.settings.partitions):
            intake = await side.leases.intake(partition)
            assert intake is not None
            await side.route.drain(intake, f"intake:{partition}")
            await intake.release()
        await side.close()

    def deeds(self) -> list[Deed]:
        """What the audit log has, the newest first."""
        return list(Desk(self.runtime).audit().list(limit=100).found)
