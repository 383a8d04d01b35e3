"""The one HTTP session a process uses for its sinks."""

from __future__ import annotations

import aiohttp

from hookrouter import __version__
from hookrouter.net.asked_request import AskedRequest
from hookrouter.net.egress import EgressGuard, guarded_connector

HEADERS = {"User-Agent": f"hookrouter/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
"""`identity`: an answer is only ever read for its first kilobyte, and a packed one could be a bomb."""


def open_session(guard: EgressGuard) -> aiohttp.ClientSession:
    """Open a session; call it on the event loop.

    It keeps no cookies (one lead's answer must not colour the next), reads no proxy or netrc from the
    environment, unpacks nothing, and sets no time limit of its own: each exchange brings one.
    A request of an attempt asks before its bytes leave whether the delivery is still this process' to make.
    """
    return aiohttp.ClientSession(
        connector=guarded_connector(guard),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=HEADERS,
        request_class=AskedRequest,
        trust_env=False,
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
    )
