"""The body of a request, whole or refused.

werkzeug would cut a chunked one at its limit, and take a short one as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import gevent
from flask import request
from gunicorn.http.errors import ParseException

from hookrouter.domain.errors import PushRefused


@dataclass(frozen=True, slots=True)
class BodyReader:
    """Reads bodies of at most `limit` bytes that come in within so many seconds."""

    limit: int
    within: float

    def read(self) -> bytes:
        """The body of the request at hand.

        Raises:
            PushRefused: 413 for one that is too large, 408 for one that is too slow, 400 for one that is not whole.
        """
        declared = request.content_length
        if declared is not None and declared > self.limit:
            raise self._too_large()
        refusal = PushRefused(408, "too slow", f"the body did not come in whole within {self.within:g} seconds")
        try:
            with gevent.Timeout(self.within, refusal):
                body: bytes = request.environ["wsgi.input"].read(self.limit + 1 if declared is None else declared)
        except (ParseException, OSError):
            raise PushRefused(
                400, "body broken", "the body's chunks are malformed, or the connection broke off"
            ) from None
        if len(body) > self.limit:
            raise self._too_large()
        if declared is not None and len(body) < declared:
            raise PushRefused(400, "body cut short", f"{declared} bytes were announced, {len(body)} came")
        return body

    def _too_large(self) -> PushRefused:
        return PushRefused(413, "body too large", f"a body may hold {self.limit} bytes at most")
