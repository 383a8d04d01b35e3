"""What watching over the CRM's pushes found, as parts of health."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.canary import Canary
from hookrouter.domain.health import Part, Status
from hookrouter.domain.ids import SourceName
from hookrouter.domain.push_path import Path, Verdict
from hookrouter.domain.spans import span_in_words
from hookrouter.domain.subscription import Subscription, WhenToSubscribe
from hookrouter.domain.watched import Arrivals, Watched

JUST_NOW = 120.0
"""Seconds; less is no span to tell of."""
UNUSED_FOR = timedelta(days=7)
"""After so long without a push by it an older token may go."""
NOBODY_WATCHES = "not watched: no source is known as the CRM's"
ASK = "`hookrouter subscribe` asks the CRM to push"
NO_CANARY = "nobody knows whether the CRM stopped pushing: name a lead in `crm.canary`, and this is found out"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPlan:
    """What the configuration says of one source.

    Attributes:
        address: where the CRM is to push; None when that is not said.
        tokens: the names of the source's tokens, the newest first.
    """

    source: SourceName
    canary: Canary | None
    when: WhenToSubscribe
    address: str | None
    tokens: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchReport:
    """What is known of it."""

    plan: WatchPlan
    watched: Watched
    subscription: Subscription
    arrivals: Arrivals

    def parts(self, now: datetime) -> list[Part]:
        """Each that there is something to say of."""
        return [*self._canary(), *self._silence(now), *self._subscription(), *self._tokens(now)]

    def is_open(self) -> bool | None:
        """Whether pushes come through, as far as a canary told."""
        path = self.watched.path
        if self.plan.canary is None or path.verdict in (Verdict.UNKNOWN, Verdict.UNWRITTEN):
            return None
        return path.verdict in (Verdict.OPEN, Verdict.UNECHOED)

    def unused_for(self, now: datetime) -> list[tuple[int, float | None]]:
        """Each token by its place from 1, with the seconds since a push came by it, if one did."""
        used = [self.arrivals.by_token.get(name) for name in self.plan.tokens]
        ages = [None if at is None else max(timedelta(), now - at).total_seconds() for at in used]
        return list(enumerate(ages, start=1))

    def _canary(self) -> list[Part]:
        if self.plan.canary is None:
            return []
        path = self.watched.path
        is_well = path.verdict in (Verdict.OPEN, Verdict.UNKNOWN)
        advice = "" if is_well else _advice_of(path, self.plan.canary)
        return [
            Part(
                name="canary",
                status=Status.PASS if is_well else Status.WARN,
                value=_told_by(path),
                advice=advice,
            )
        ]

    def _silence(self, now: datetime) -> list[Part]:
        quiet = self.watched.rhythm.judge(self.arrivals.last_push, now)
        if quiet is None:
            return []
        if not quiet.is_improbable:
            value = f"the last push came at {_shown(quiet.since)}"
            return [Part(name="silence", status=Status.PASS, value=value)]
        value = f"no push since {_shown(quiet.since)}, where there usually are {quiet.expected:.0f} minutes with pushes"
        if self.plan.canary is None:
            return [Part(name="silence", status=Status.WARN, value=value, advice=NO_CANARY)]
        path = self.watched.path
        if path.verdict in (Verdict.BROKEN, Verdict.REFUSED):
            advice = "the CRM stopped pushing, or its pushes do not get here: see the canary"
            return [Part(name="silence", status=Status.WARN, value=value, advice=advice)]
        if path.back_at is not None and path.back_at >= quiet.since:
            value += f"; a canary came back at {_shown(path.back_at)}: nothing changed in the CRM"
        return [Part(name="silence", status=Status.PASS, value=value)]

    def _subscription(self) -> list[Part]:
        if self.plan.address is None:
            return [not_subscribed("not asked from here: `receiver.public_url` is not said")]
        known = self.subscription
        if known.is_of(self.plan.address):
            value = f"asked at {_shown(known.at)}"
            return [Part(name="subscription", status=Status.PASS, value=value, advice=known.fault)]
        if self.plan.when is not WhenToSubscribe.ON_START:
            return [not_subscribed("not asked from here; it may have been asked by other means", ASK)]
        fault = known.fault or "a worker asks as soon as a receiver lives"
        return [Part(name="subscription", status=Status.WARN, value="not yet asked to push", advice=fault)]

    def _tokens(self, now: datetime) -> list[Part]:
        """When each token was last used, where there are several."""
        ages = self.unused_for(now)
        if len(ages) < 2:  # noqa: PLR2004 - nothing is being rotated
            return []
        last = "; ".join(f"{_place(place)} {_used(age)}" for place, age in ages)
        free = [place for place, age in ages[1:] if age is None or age > UNUSED_FOR.total_seconds()]
        is_newest_used = ages[0][1] is not None
        places = " and ".join(_place(place) for place in free)
        advice = f"{places} can be taken out" if free and is_newest_used else ""
        return [Part(name="tokens", status=Status.PASS, value=last, advice=advice)]


def watch_parts(report: WatchReport | None, now: datetime) -> list[Part]:
    """How the way of pushes does, in as far as anybody watches."""
    return [not_subscribed(NOBODY_WATCHES)] if report is None else report.parts(now)


def not_subscribed(value: str, advice: str = "") -> Part:
    """Nobody knows here whether the CRM was asked to push, and that need not be wrong."""
    return Part(name="subscription", status=Status.PASS, value=value, advice=advice)


def _told_by(path: Path) -> str:
    match path.verdict:
        case Verdict.UNKNOWN:
            return "the first is on its way" if path.is_waiting else "none was sent yet"
        case Verdict.OPEN:
            return f"came back within {path.took or 0:.1f} s, at {_shown(path.back_at)}"
        case Verdict.UNECHOED:
            return "did not come back, but other pushes came"
        case Verdict.UNWRITTEN:
            return f"could not be changed at {_shown(path.sent_at)}"
        case Verdict.REFUSED:
            return f"is refused here since {_shown(path.broken_since)}"
        case Verdict.BROKEN:
            return f"none comes back since {_shown(path.broken_since)}"


def _advice_of(path: Path, canary: Canary) -> str:
    match path.verdict:
        case Verdict.UNECHOED:
            return (
                "the CRM seems not to push what its API changes, or not the field `crm.canary` names: "
                "then a canary tells nothing; name another field, or take `crm.canary` out"
            )
        case Verdict.BROKEN if path.renewed_at is not None:
            renewed = f"the CRM was asked anew to push at {_shown(path.renewed_at)}"
            return f"{renewed}; {path.reason}" if path.reason else renewed
        case Verdict.BROKEN:
            return path.reason or "does the CRM push to this address? `hookrouter subscribe --verify` tells more"
        case _:
            return path.reason or f"see lead {canary.lead} in the CRM"


def _used(age: float | None) -> str:
    if age is None:
        return "never used"
    return f"used {span_in_words(age)} ago" if age >= JUST_NOW else "used just now"


def _place(place: int) -> str:
    return "the newest token" if place == 1 else f"token {place} of the list"


def _shown(moment: datetime | None) -> str:
    return "?" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"
