"""What one attempt came to, and the one judge of HTTP statuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus

from hookrouter.domain.lead import Json


class Reason(StrEnum):
    """Why an attempt did not deliver; a closed set for logs, metrics and dead letters."""

    NETWORK = "network"
    TIMEOUT = "timeout"
    TLS = "tls"
    UNAUTHORIZED = "unauthorized"
    THROTTLED = "throttled"
    SERVER_ERROR = "server_error"
    REFUSED = "refused"
    GONE = "gone"
    REDIRECTED = "redirected"
    ABORTED = "aborted"
    FORBIDDEN_ADDRESS = "forbidden_address"
    RENDERING = "rendering"
    BROKEN = "broken"
    DEADLY = "deadly"
    IN_DOUBT = "in_doubt"
    LOOP = "loop"
    NO_SUCH_SINK = "no_such_sink"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the far side said: its status, if it got that far, and at most the first kilobyte of its text."""

    status: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The far side took it."""

    answer: Answer = Answer()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """It may succeed later; `after` is the far side's own wish (Retry-After).

    `remainder` is what is left to do of a delivery that succeeded in part, such as the recipients that a mail server
    put off; the next attempt finds it in the delivery. None means all of it.
    """

    reason: Reason
    answer: Answer = Answer()
    after: timedelta | None = None
    remainder: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """It will never succeed as it is; `remainder` is what a replay has left to do, as for `Retry`."""

    reason: Reason
    answer: Answer = Answer()
    remainder: Json = None


Outcome = Delivered | Retry | Dead

PASSING_STATUSES = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
"""The 4xx that say 'later' (RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4)."""


def judge_status(answer: Answer, *, after: timedelta | None = None, aborted: bool = False) -> Outcome:
    """Judge an HTTP answer by its status.

    Args:
        answer: with its status set.
        after: what its Retry-After asked for.
        aborted: it carried `webhook-delivery: abort-message`.
    """
    status = answer.status or 0
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Delivered(answer=answer)
    if aborted:
        return Dead(reason=Reason.ABORTED, answer=answer)
    if status == HTTPStatus.GONE:
        return Dead(reason=Reason.GONE, answer=answer)
    if status in PASSING_STATUSES:
        reason = Reason.TIMEOUT if status == HTTPStatus.REQUEST_TIMEOUT else Reason.THROTTLED
        return Retry(reason=reason, answer=answer, after=after)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Retry(reason=Reason.SERVER_ERROR, answer=answer, after=after)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Dead(reason=Reason.REDIRECTED, answer=answer)
    return Dead(reason=Reason.REFUSED, answer=answer)
