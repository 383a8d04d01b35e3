"""Ways in which the simulated API misbehaves when told to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web

from hookrouter.simulator.refusals import error_object
from hookrouter.simulator.shapes import php_json

HTML = "<!DOCTYPE html><html><body><h1>{title}</h1><p>Please try again in a few minutes.</p></body></html>"
LONGEST = 3600.0


class FaultMode(StrEnum):
    """What is wrong with the API."""

    NONE = "none"
    HTML_503 = "html503"  # a page of a proxy
    HTML_200 = "html200"  # a page, and all is well by its status
    THROTTLED = "429"
    QUOTA = "quota"  # the day's calls are spent: an error inside HTTP 200
    SLOW = "slow"


@dataclass(slots=True)
class Faults:
    """The fault that is on; `seconds` is how long a slow API holds each answer back."""

    mode: FaultMode = FaultMode.NONE
    seconds: float = 0.0

    def switch(self, mode: object, seconds: object = None) -> None:
        """Turn a fault on, or off with `none`.

        Raises:
            ValueError: for an unknown mode or seconds that are no number from 0 to 3600.
        """
        wanted = FaultMode(str(mode))
        held = float(str(1 if seconds is None else seconds))
        if not 0 <= held <= LONGEST:
            raise ValueError(f"seconds must be from 0 to {LONGEST:.0f}")
        self.mode, self.seconds = wanted, held

    async def strike(self) -> web.Response | None:
        """The answer that the fault puts in place of the right one; None lets the right one through."""
        match self.mode:
            case FaultMode.HTML_503:
                return _page(503, "Service temporarily unavailable")
            case FaultMode.HTML_200:
                return _page(200, "Lead Gen & CRM")
            case FaultMode.THROTTLED:
                return _page(429, "Too many requests")
            case FaultMode.QUOTA:
                envelope = {"result": [], "error": error_object(106), "id": ""}
                return web.Response(body=php_json(envelope), content_type="application/json")
            case FaultMode.SLOW:
                await asyncio.sleep(self.seconds)
        return None


def _page(status: int, title: str) -> web.Response:
    return web.Response(status=status, text=HTML.format(title=title), content_type="text/html")
