"""The operator API of one process on a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from addresses import compile_once
from api_support import ADMIN, CONFIGURATION, READER, Caller, settings_for

from hookrouter.runtime import Runtime, open_runtime
from hookrouter.store.keys import Keys
from hookrouter.web.app import create_app

compile_once()
Open = Callable[..., Caller]


@pytest.fixture
def open_api(valkey, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens the API by tokens and a configuration; gives who calls it with the admin token."""
    opened: list[Runtime] = []

    def open_it(*, admin: str = ADMIN, read: str = READER, text: str = CONFIGURATION) -> Caller:
        (tmp_path / "hookrouter.yaml").write_text(text, encoding="utf-8")
        monkeypatch.setenv("HOOKROUTER_DATA_DIR", str(tmp_path / "data"))
        tokens = {"HOOKROUTER_ADMIN_TOKEN": admin, "HOOKROUTER_READ_TOKEN": read}
        runtime = open_runtime(settings_for(tmp_path, valkey.url, keys.prefix, **tokens), role="web", quiet=True)
        opened.append(runtime)
        return Caller(runtime=runtime, client=create_app(runtime).test_client(), token=admin)

    yield open_it
    for runtime in opened:
        runtime.server.client.close()


@pytest.fixture
def api(open_api: Open) -> Caller:
    """An operator with the admin token, from another machine."""
    return open_api()


@pytest.fixture
def reader(api: Caller) -> Caller:
    """Somebody with the read token, at the same API."""
    return Caller(runtime=api.runtime, client=api.client, token=READER)
