"""What watching over the CRM's pushes remembers, as records."""

from __future__ import annotations

from typing import Any

from hookrouter.domain.push_path import Path, Verdict
from hookrouter.domain.rhythm import Rhythm, Usual
from hookrouter.domain.subscription import Subscription
from hookrouter.domain.watched import Watched
from hookrouter.wire.kept.moments import in_text, of_text
from hookrouter.wire.kept.records import Reading, read_record, write_values


def write_watched(watched: Watched) -> bytes:
    """How the way of pushes is, and what is usual."""
    return write_values(
        {
            "path": _path_values(watched.path),
            "usual": {
                str(slot): [round(one.busy, 4), round(one.weeks, 4)] for slot, one in watched.rhythm.usual.items()
            },
            "learned": in_text(watched.rhythm.learned_until),
            "told": in_text(watched.told),
        }
    )


def read_watched(record: bytes) -> Watched:
    """What `write_watched` wrote.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("watched"):
        usual = {
            int(slot): Usual(busy=float(busy), weeks=float(weeks)) for slot, (busy, weeks) in values["usual"].items()
        }
        return Watched(
            path=_path(values["path"]),
            rhythm=Rhythm(usual=usual, learned_until=of_text(values["learned"])),
            told=of_text(values["told"]),
        )


def write_subscription(subscription: Subscription) -> bytes:
    """What became of asking the CRM to push."""
    return write_values(
        {
            "address": subscription.address,
            "at": in_text(subscription.at),
            "tried": in_text(subscription.tried_at),
            "failures": subscription.failures,
            "fault": subscription.fault,
        }
    )


def read_subscription(record: bytes) -> Subscription:
    """What `write_subscription` wrote.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("subscription"):
        return Subscription(
            address=str(values["address"]),
            at=of_text(values["at"]),
            tried_at=of_text(values["tried"]),
            failures=int(values["failures"]),
            fault=str(values["fault"]),
        )


def _path_values(path: Path) -> dict[str, object]:
    return {
        "verdict": path.verdict,
        "mark": path.mark,
        "waiting": path.is_waiting,
        "sent": in_text(path.sent_at),
        "took": path.took,
        "back": in_text(path.back_at),
        "reason": path.reason,
        "broken": in_text(path.broken_since),
        "renewed": in_text(path.renewed_at),
    }


def _path(values: Any) -> Path:
    return Path(
        verdict=Verdict(values["verdict"]),
        mark=str(values["mark"]),
        is_waiting=bool(values["waiting"]),
        sent_at=of_text(values["sent"]),
        took=None if values["took"] is None else float(values["took"]),
        back_at=of_text(values["back"]),
        reason=str(values["reason"]),
        broken_since=of_text(values["broken"]),
        renewed_at=of_text(values["renewed"]),
    )
