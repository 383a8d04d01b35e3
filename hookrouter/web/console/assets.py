"""The files that pages need: style and scripts, ours and vendored, by names that change with what is in them."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

from flask import Response
from werkzeug.exceptions import NotFound

TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
KEPT_BY_BROWSERS = "public, max-age=31536000, immutable"


def asset(name: str) -> str:
    """The address of a file."""
    return f"/console/static/{name}?v={_file(name)[1]}"


def send_asset(name: str) -> Response:
    """A file; raises `NotFound` for what is none of ours."""
    if name not in _names():
        raise NotFound
    body, _ = _file(name)
    answer = Response(body, content_type=TYPES[name.rpartition(".")[2]])
    answer.headers["Cache-Control"] = KEPT_BY_BROWSERS
    return answer


@cache
def _names() -> frozenset[str]:
    folder = resources.files("hookrouter.web.console") / "static"
    return frozenset(file.name for file in folder.iterdir() if file.name.rpartition(".")[2] in TYPES)


@cache
def _file(name: str) -> tuple[bytes, str]:
    body = (resources.files("hookrouter.web.console") / "static" / name).read_bytes()
    return body, hashlib.sha256(body).hexdigest()[:12]
