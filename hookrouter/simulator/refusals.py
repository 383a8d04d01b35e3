"""How the simulated CRM says no."""

from __future__ import annotations

from typing import Any

from hookrouter.wire.crm.errors import TEXTS


class Refused(Exception):  # noqa: N818 - it reads as what happened
    """A call, or one object of a write, is refused with a code of the published table."""

    def __init__(self, code: int) -> None:
        super().__init__(TEXTS[code])
        self.code = code


def error_object(code: int) -> dict[str, Any]:
    """The error as it goes over the wire."""
    return {"code": code, "message": TEXTS[code], "data": []}
