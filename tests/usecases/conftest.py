"""What tests of drains share."""

from __future__ import annotations

import pytest
from drain_support import Scene

from hookrouter.store.async_server import AsyncRedisServer
from hookrouter.store.keys import Keys


@pytest.fixture
def scene(async_server: AsyncRedisServer, keys: Keys) -> Scene:
    return Scene(async_server, keys)
