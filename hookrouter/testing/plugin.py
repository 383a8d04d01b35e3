"""Fixtures for the tests of others: `pytest_plugins = ["hookrouter.testing.plugin"]` in a conftest.py.

It is no entry point: pytest would import it in every project that has hookrouter installed.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hookrouter.testing.crm import SimulatedCrm
from hookrouter.testing.crm import simulated_crm as running_crm


@pytest.fixture
def simulated_crm() -> Iterator[SimulatedCrm]:
    """A simulated CRM with twenty leads, new for each test."""
    with running_crm() as crm:
        yield crm
