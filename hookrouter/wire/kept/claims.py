"""The records of claims, and of clicks that wait for what they lead to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hookrouter.domain.claim import Claim, Claimant, ClaimWork, Click, Duty
from hookrouter.domain.ids import LeadKey, SinkName, SourceName
from hookrouter.wire.kept.records import Reading, read_record, write_values


def write_claim(claim: Claim) -> bytes:
    """A claim as it is kept."""
    return write_values(
        {"click": claim.click, "owner": claim.owner, "name": claim.name, "by": claim.by, "at": claim.at.isoformat()}
    )


def read_claim(record: bytes) -> Claim:
    """The claim that was kept. Raises `Unreadable`."""
    values = read_record(record)
    with Reading("claim"):
        return Claim(
            click=values["click"],
            owner=values["owner"],
            name=values["name"],
            by=values["by"],
            at=datetime.fromisoformat(values["at"]),
        )


def write_work(work: ClaimWork) -> bytes:
    """A click as it waits."""
    click, known = work.click, work.click.claimant
    return write_values(
        {
            "id": click.id,
            "at": click.at.isoformat(),
            "user": click.user,
            "claimant": None if known is None else {"owner": known.owner, "name": known.name},
            "sink": click.sink,
            "source": click.source,
            "lead": click.lead,
            "place": click.place,
            "channel": click.channel,
            "ts": click.ts,
            "thread_ts": click.thread_ts,
            "text": click.text,
            "blocks": list(click.blocks),
            "duties": None if work.duties is None else [duty.value for duty in work.duties],
            "attempts": work.attempts,
            "due": None if work.due is None else work.due.isoformat(),
            "refused": work.refused,
        }
    )


def read_work(record: bytes) -> ClaimWork:
    """The click that waits. Raises `Unreadable`."""
    values = read_record(record)
    with Reading("click"):
        duties, due = values["duties"], values["due"]
        return ClaimWork(
            click=_click(values),
            duties=None if duties is None else tuple(Duty(duty) for duty in duties),
            attempts=int(values["attempts"]),
            due=None if due is None else datetime.fromisoformat(due),
            refused=values["refused"],
        )


def _click(values: Any) -> Click:
    known = values["claimant"]
    return Click(
        id=values["id"],
        at=datetime.fromisoformat(values["at"]),
        user=values["user"],
        claimant=None if known is None else Claimant(owner=known["owner"], name=known["name"]),
        sink=SinkName(values["sink"]),
        source=SourceName(values["source"]),
        lead=LeadKey(values["lead"]),
        place=values["place"],
        channel=values["channel"],
        ts=values["ts"],
        thread_ts=values["thread_ts"],
        text=values["text"],
        blocks=tuple(values["blocks"]),
    )
