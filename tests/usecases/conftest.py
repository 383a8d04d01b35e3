"""What tests of drains share."""

from __future__ import annotations

from datetime import timedelta

import pytest
from drain_support import Scene

from hookrouter.store import crm_calls
from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys


@pytest.fixture(autouse=True)
def days_calls_soon_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a CRM that says that the day's calls are spent be asked again at once."""
    monkeypatch.setattr(crm_calls, "SPENT_FOR", timedelta(milliseconds=1))


@pytest.fixture
def scene(async_server: AsyncRedisServer, keys: Keys) -> Scene:
    return Scene(async_server, keys)
