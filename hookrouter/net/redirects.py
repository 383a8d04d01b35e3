"""Redirects: followed only for a sink that asks for it, and each only after it was judged anew."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp
from yarl import URL

from hookrouter.net.terms import Terms

REDIRECTS = frozenset({301, 302, 303, 307, 308})
KEEPING = frozenset({307, 308})
"""They keep method and body (RFC 9110 15.4.8, 15.4.9). The others let a POST become a GET, which delivers nothing."""

SENT_ELSEWHERE = frozenset({"content-type", "webhook-id", "webhook-timestamp"})
"""All that another host is sent of the headers: any other may be a secret, and a signature is one for a time."""

LONGEST_LOCATION = 8000


class NotFollowed(Exception):  # noqa: N818 - it reads as what happened
    """A redirect that must not be followed; the text says why."""


async def follow(
    session: aiohttp.ClientSession,
    response: aiohttp.ClientResponse,
    *,
    headers: Mapping[str, str],
    body: bytes,
    terms: Terms,
) -> aiohttp.ClientResponse:
    """Follow the redirects that an answer begins; gives the first answer that leads no further."""
    elsewhere = False
    for _ in range(terms.redirects):
        try:
            target = redirect_target(response)
        except NotFollowed:
            return response
        response.release()
        if not elsewhere and not _is_same_host(response.url, target):
            elsewhere = True  # for good: who comes back from another host may have been sent by it
            headers = {name: text for name, text in headers.items() if name.lower() in SENT_ELSEWHERE}
        settings = terms.settings(elsewhere=elsewhere)
        response = await session.request(
            response.method, target, data=body, headers=headers, allow_redirects=False, **settings
        )
    return response


def redirect_target(response: aiohttp.ClientResponse) -> URL:
    """Where a redirect leads.

    Raises:
        NotFollowed: it is none, or leads where it must not.
    """
    location = response.headers.get("Location")
    if response.status not in REDIRECTS or not location:
        raise NotFollowed("it names no other address")
    if response.method != "GET" and response.status not in KEEPING:
        raise NotFollowed(f"{response.status} does not keep a {response.method}, 307 and 308 do")
    try:
        target = response.url.join(URL(location[:LONGEST_LOCATION]))
        target.origin()
    except ValueError:
        raise NotFollowed("its address is no URL") from None
    if len(location) > LONGEST_LOCATION:
        raise NotFollowed("its address is too long")
    if target.scheme not in {"http", "https"} or (response.url.scheme, target.scheme) == ("https", "http"):
        raise NotFollowed(f"it leads from {response.url.scheme} to {target.scheme}")
    if target.raw_user is not None or target.raw_password is not None:
        raise NotFollowed("its address has a name or password in it")
    return target


def redirect_note(response: aiohttp.ClientResponse, most: int) -> str:
    """Why a redirect was not followed, for the operator: where it leads, without path and query; '' if nowhere."""
    if not response.headers.get("Location"):
        return ""
    try:
        target = redirect_target(response)
    except NotFollowed as reason:
        return f"(a redirect, not followed: {reason})"
    if not most:
        return f"(redirects to {target.origin()}: change the sink's `url`, or allow `redirects`)"
    return f"(redirects to {target.origin()}, beyond the {most} allowed)"


def _is_same_host(here: URL, there: URL) -> bool:
    if here.origin() == there.origin():
        return True
    usual_ports = here.is_default_port() and there.is_default_port()
    return here.raw_host == there.raw_host and usual_ports and there.scheme == "https"
