"""Posts one lead."""

from __future__ import annotations

import os
from typing import Any

import requests


def post_lead(lead: dict[str, Any]) -> None:
    """Post it to the sink."""
    answer = requests.post(
        os.environ["TEXTBOOK_SINK_URL"], json=lead, headers={"webhook-id": str(lead["id"])}, timeout=10
    )
    answer.raise_for_status()
