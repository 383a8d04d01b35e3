"""The console of one process on a real server, asked as a browser asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from addresses import compile_once
from console_support import CONFIGURATION, Visitor, settings_for

from hookrouter.runtime import Runtime, open_runtime
from hookrouter.store.keys import Keys
from hookrouter.web.app import create_app

compile_once()
Open = Callable[..., Visitor]


@pytest.fixture
def open_console(valkey, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens the console by tokens and a configuration; gives who visits it."""
    opened: list[Runtime] = []

    def open_it(*, admin: str = "", read: str = "", links: str = "", text: str = CONFIGURATION) -> Visitor:
        (tmp_path / "hookrouter.yaml").write_text(text, encoding="utf-8")
        monkeypatch.setenv("HOOKROUTER_DATA_DIR", str(tmp_path / "data"))
        given = {
            "HOOKROUTER_ADMIN_TOKEN": admin,
            "HOOKROUTER_READ_TOKEN": read,
            "HOOKROUTER_CONSOLE_LINKS": links,
        }
        runtime = open_runtime(settings_for(tmp_path, valkey.url, keys.prefix, **given), role="web", quiet=True)
        opened.append(runtime)
        return Visitor(runtime=runtime, client=create_app(runtime).test_client())

    yield open_it
    for runtime in opened:
        runtime.server.client.close()


@pytest.fixture
def visitor(open_console: Open) -> Visitor:
    """Somebody at this machine, while there is no token."""
    return open_console()
