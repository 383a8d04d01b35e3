"""Silences, as the operator API shows, begins and ends them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
from marshmallow import ValidationError

from hookrouter.domain.audit import Act
from hookrouter.domain.lead import Json
from hookrouter.domain.operator import Role
from hookrouter.domain.silence import Silence
from hookrouter.web.api.calls import Asked, Call
from hookrouter.web.api.standing import moment_ahead
from hookrouter.wire.api.questions import UnmaskQuery
from hookrouter.wire.api.standing import SilenceBody, SilenceSchema, SilencesSchema
from hookrouter.wire.config.faults import Faults
from hookrouter.wire.messages.plain_text import one_line
from hookrouter.wire.rules.language import read_match


def list_silences(asked: Asked) -> dict[str, Any]:
    """The silences."""
    now = asked.now
    return {"found": [_silence(asked, silence, count, now) for silence, count in asked.desk.silences().list()]}


def begin_silence(asked: Asked) -> dict[str, Any]:
    """Begin a silence, or have it last until another moment."""
    body = asked.body
    until, match, reason = moment_ahead(asked, body["until"]), _match(body["match"]), one_line(body["reason"])
    case = replace(asked.desk.silences(), new_id=lambda: _name_of(body, asked.operator.name))
    with asked.deed(Act.SILENCE, f"{len(match)} conditions, {', '.join(body['sinks']) or 'all sinks'}") as result:
        silence = case.begin(match, body["sinks"], by=asked.operator.name, reason=reason, until=until or asked.now)
        result.say(f"{silence.id} until {silence.until:%Y-%m-%d %H:%M:%S} UTC")
    return _silence(asked, silence, _count(asked, silence.id), asked.now)


def end_silence(asked: Asked, silence: str) -> dict[str, Any]:
    """End a silence."""
    known = {each.id: (each, count) for each, count in asked.desk.silences().list()}
    if silence in known and not known[silence][0].holds(asked.now):
        return _silence(asked, *known[silence], asked.now)  # it is what was asked for
    with asked.deed(Act.END_SILENCE, silence):
        ended = asked.desk.silences().end(silence)
    return _silence(asked, ended, _count(asked, silence), asked.now)


def _match(written: dict[str, Json]) -> dict[str, Json]:
    """What is written as the `match` of a route.

    Raises:
        ValidationError: with all that is wrong in it.
    """
    try:
        read_match(written, ("match",))
    except Faults as found:
        raise ValidationError(
            [f"{'.'.join(map(str, fault.path))}: {fault.message}" for fault in found.faults], "match"
        ) from None
    return written


def _name_of(body: Mapping[str, Any], by: str) -> str:
    """The same for the same wish, so that to ask twice makes one silence."""
    said = [body["match"], sorted(body["sinks"]), by, body["reason"]]
    return "s_" + hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def _count(asked: Asked, name: str) -> int:
    return next((count for silence, count in asked.desk.silences().list() if silence.id == name), 0)


def _silence(asked: Asked, silence: Silence, count: int, now: datetime) -> dict[str, Any]:
    """A silence; whom its condition names is as personal as in a lead."""
    return {**asked.shown(silence.summary()), "holds": silence.holds(now), "silenced": count}


CALLS = (
    Call(
        method="GET",
        path="/silences",
        does=list_silences,
        query=UnmaskQuery,
        answer=SilencesSchema,
        about="List silences, those of the last week too.",
    ),
    Call(
        method="POST",
        path="/silences",
        does=begin_silence,
        role=Role.OPERATE,
        body=SilenceBody,
        answer=SilenceSchema,
        about="Keep people from being told of some leads for a while.",
        notes="To ask twice makes one silence: the same wish has the same id, and lasts until what was said last.",
    ),
    Call(
        method="DELETE",
        path="/silences/<silence>",
        does=end_silence,
        role=Role.OPERATE,
        answer=SilenceSchema,
        about="End a silence now.",
        notes="To ask twice changes nothing more.",
        refusals=(404,),
    ),
)
