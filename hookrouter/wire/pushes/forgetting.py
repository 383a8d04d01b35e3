"""Pushes without a person: what is left of a body when their leads are taken out of it.

Each lead has its number in its push, by which other records speak of it. So `{}` stands where one was; and whatever
the body's shape was, what is left of it is a JSON list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from hookrouter.domain.bounds import USUAL, Bounds
from hookrouter.domain.errors import PushRefused
from hookrouter.domain.person import Whom
from hookrouter.wire.kept.forgetting import is_theirs
from hookrouter.wire.pushes.inflate import inflate
from hookrouter.wire.pushes.push_body import Label, read_push_body

PLAIN_JSON = (b"{", b"[")
ESCAPE = b"\\u"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushLeft:
    """What is left of a push.

    Attributes:
        body: None when nothing is.
        places: of the leads that were taken out; none of a body that could not be read and named the person.
        leads: how many it had.
    """

    body: bytes | None
    headers: Mapping[str, str]
    places: frozenset[int]
    leads: int


def push_without(
    source: str, body: bytes, headers: Mapping[str, str], whom: Whom, bounds: Bounds = USUAL
) -> PushLeft | None:
    """What is left of a push without somebody; None when it has nothing of them."""
    label = Label.of(headers)
    is_plain = body.lstrip().startswith(PLAIN_JSON) and ESCAPE not in body
    if is_plain and not whom.may_be_in(body):
        return None
    try:
        leads = read_push_body(body, label, bounds)
    except PushRefused:
        gone = PushLeft(body=None, headers=headers, places=frozenset(), leads=0)
        return gone if whom.is_named_in(_unpacked(body, label, bounds)) else None
    places = frozenset(place for place, lead in enumerate(leads) if is_theirs(source, lead, whom))
    if not places:
        return None
    if len(places) == len(leads):
        return PushLeft(body=None, headers=headers, places=places, leads=len(leads))
    left = json.dumps([{} if place in places else lead for place, lead in enumerate(leads)]).encode()
    plain = {name: value for name, value in headers.items() if name.lower() not in {"content-encoding", "content-type"}}
    written = {**plain, "Content-Type": "application/json"}
    return PushLeft(body=left, headers=written, places=places, leads=len(leads))


def _unpacked(body: bytes, label: Label, bounds: Bounds) -> bytes:
    try:
        return inflate(body, label.content_encoding, bounds.body)
    except PushRefused:
        return body
