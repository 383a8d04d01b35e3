"""What a form brings: read whole, in time, and not more than a form of ours has."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import g
from werkzeug.datastructures import MultiDict

from hookrouter.domain.errors import PushRefused
from hookrouter.web.body import BodyReader
from hookrouter.web.crowd import Readers

LARGEST = 1024 * 1024
"""Bytes of a form; a lead's fields, or the ids of a page of dead letters."""
SMALLEST = 4 * 1024
"""The same of one that anybody may send."""
WITHIN = 10.0
"""Seconds."""
AT_ONCE = 16
MOST_FIELDS = 5_000

_READERS = Readers(AT_ONCE)


def form(largest: int = LARGEST) -> MultiDict[str, str]:
    """The fields of the form that the request brings; read once.

    Raises:
        PushRefused: it is no form, too large or too slow.
    """
    if "form" not in g:
        with _READERS.place():
            body = BodyReader(largest, WITHIN).read()
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        except ValueError:
            raise PushRefused(400, "form broken", "this is no form of the console") from None
        g.form = MultiDict(pairs)
    found: MultiDict[str, str] = g.form
    return found
