"""What the checks share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    from chromium import chromium  # noqa: PLC0415 - the other checks have no playwright

    with chromium() as browser:
        yield browser
