"""Who visits the console: a browser without a screen, which keeps cookies and fills in forms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hookrouter.config.settings import Settings, read_settings
from hookrouter.runtime import Runtime
from hookrouter.runtime.desk import Desk
from hookrouter.web.console.shell import CSRF

ADMIN = "an-admin-token-only-for-tests"
READER = "a-read-token-only-for-tests"
HERE = "http://localhost:8080"
CONFIGURATION = """\
version: 1
receiver: {sources: {crm: {token: a-token-only-for-tests}}}
sinks:
  log: {type: stdout}
  billing: {type: http, url: "http://127.0.0.1:9/leads", headers: {X-Name: "{{ lead.firstName }}"}}
egress: {allow: [127.0.0.0/8]}
redact: [nickName]
routes:
  - {name: hot-lead, match: {leadScore: {gte: 80}}, to: [log, billing]}
  - {name: closed, match: {leadStatus: customer}, to: [log]}
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


class Shown(HTMLParser):
    """What a page says to its reader, and the forms on it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words)).strip()

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def csrf(self) -> str:
        return next((str(each["value"]) for each in self.all("input") if each.get("name") == "csrf"), "")


@dataclass(kw_only=True)
class Visitor:
    """Asks for pages and posts forms."""

    runtime: Runtime
    client: FlaskClient
    address: str = "127.0.0.1"
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self._ask("GET", path, **more)

    def post(self, path: str, fields: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Post a form as a page of ours does, with what the last page said that a form must bring."""
        headers = {"Origin": HERE, "Sec-Fetch-Site": "same-origin", **more.pop("headers", {})}
        said = {name: text for name, text in headers.items() if text}
        return self._ask("POST", path, data=fields or {}, headers=said, **more)

    def csrf(self, path: str = "/console/pushes") -> str:
        """What a page's forms bring along."""
        return Shown(self.get(path).text).csrf

    def send(self, path: str, fields: dict[str, Any] | None = None) -> TestResponse:
        """Post a form of this session."""
        return self.post(path, {CSRF: self.csrf(), **(fields or {})})

    def deeds(self) -> list[tuple[str, str, str]]:
        """What the audit log holds, the first at the front."""
        found = Desk(self.runtime).audit().list(limit=100).found
        return [(deed.act, deed.of, deed.result) for deed in reversed(found)]

    def sign_in(self, token: str) -> TestResponse:
        return self.post("/console/sign-in", {"token": token})

    def _ask(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {**self.headers, **more.pop("headers", {})}
        return self.client.open(
            path,
            method=method,
            base_url=HERE,
            headers=headers,
            environ_base={"REMOTE_ADDR": self.address},
            **more,
        )
