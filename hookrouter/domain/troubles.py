"""What is wrong at the moment, judged by the facts, in words for whoever must see to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hookrouter.domain.alert import AlertKind, Trouble
from hookrouter.domain.circuit import Circuit
from hookrouter.domain.dead_letter import DeadGroup
from hookrouter.domain.fallback import Fallback
from hookrouter.domain.ids import SinkName
from hookrouter.domain.pause import ITSELF, Pause
from hookrouter.domain.quota import SPENT, Quota
from hookrouter.domain.reasons import means
from hookrouter.domain.spans import span_in_words

MOST_GROUPS = 3
"""That one line tells of."""
NOTHING_IS_LOST = "What waits is sent when it is back"
NO_PUSH_ADVICE = (
    "`hookrouter subscribe --verify` tells whether the CRM's pushes come through, `hookrouter subscribe` asks for them"
)
STAGES = {
    "hydrate": ("to be read back", "The CRM tells of them: `hookrouter status` shows how it does."),
    "route": (
        "to be judged by the routes",
        "See that workers live and keep up: `hookrouter status`; more of them help.",
    ),
    "assign": ("to be given to somebody", "See that workers live and keep up: `hookrouter status`."),
    "enrich": ("for their histories", "The CRM tells them: `hookrouter status` shows how it does."),
    "claim": ("for what a click in Slack leads to", "See that workers live: `hookrouter status`."),
}
"""Each stage: what leads wait for there, and what to do when they wait for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FarSide:
    """How a sink stands, whether it takes messages, and how many wait for it."""

    circuit: Circuit
    pause: Pause | None
    fallback: Fallback | None
    waiting: int

    def elsewhere(self, now: datetime) -> str:
        """Whether another sink is told, or when it will be; '' where none is."""
        since = None if self.fallback is None else self.fallback.dead_since(self.circuit, self.pause, now)
        if self.fallback is None or since is None:
            return ""
        if now >= since + self.fallback.after:
            return f"; {self.fallback.to} is told instead"
        return f"; from {since + self.fallback.after:%H:%M:%S} UTC on {self.fallback.to} is told instead"


def sink_trouble(sink: SinkName, side: FarSide, now: datetime) -> Trouble | None:
    """A sink that takes no messages; None when it does, or a person paused it."""
    circuit, pause = side.circuit, side.pause
    is_held = pause is not None and pause.holds(now)
    if pause is not None and is_held and pause.by != ITSELF:
        return None
    if pause is not None and is_held:
        says, todo, since = means("gone").says, "Give it the right address, then `hookrouter resume {}`", pause.since
    elif circuit.opened_at is not None:
        says, todo = means(circuit.reason)
        todo, since = todo[:1].upper() + todo[1:] + "; `hookrouter send-test {}` tries it", circuit.opened_at
    else:
        return None
    return Trouble(
        kind=AlertKind.CIRCUIT_OPEN,
        about=sink,
        title=f"The sink {sink} takes no messages",
        wrong=f"Since {moment(since)}, {says}. "
        f"{_capital(counted(side.waiting, 'message'))} for it {_waits(side.waiting)}{side.elsewhere(now)}.",
        todo=f"{todo.format(sink)}. {NOTHING_IS_LOST}.",
        over=f"the sink {sink} takes messages again",
        since=since,
    )


def stage_lag(stage: str, waiting: int, oldest: datetime | None, longest: timedelta, now: datetime) -> Trouble | None:
    """Leads that wait too long before a stage; None when they do not."""
    if oldest is None or now - oldest < longest:
        return None
    what, todo = STAGES.get(stage, ("", "See that workers live: `hookrouter status`."))
    return Trouble(
        kind=AlertKind.LAG,
        about=stage,
        title=f"Leads wait {what}".rstrip(),
        wrong=f"{_waiting_for(waiting, oldest, now)} (stage {stage}).",
        todo=todo,
        over=f"no leads wait {what} any more".rstrip(),
        since=oldest,
    )


def sink_lag(
    sink: SinkName, waiting: int, due_since: datetime | None, longest: timedelta, now: datetime
) -> Trouble | None:
    """Messages that wait too long for a sink that takes some; None when they do not."""
    if due_since is None or now - due_since < longest:
        return None
    return Trouble(
        kind=AlertKind.LAG,
        about=sink,
        title=f"Messages wait for the sink {sink}",
        wrong=f"{_waiting_for(waiting, due_since, now)}: it takes fewer than there are.",
        todo=f"See whether its far side is slow, and its `rate_limit`, `concurrency` and `timeout` right: "
        f"`hookrouter deliveries --sink {sink}` shows how long attempts take. See, too, that workers live.",
        over=f"messages for the sink {sink} do not wait any more",
        since=due_since,
    )


def dead_trouble(count: int, groups: Sequence[DeadGroup]) -> Trouble | None:
    """Messages that were given up and nobody has seen to; None when there are none."""
    if not count:
        return None
    return Trouble(
        kind=AlertKind.DEAD,
        title=f"{counted(count, 'message')} {'was' if count == 1 else 'were'} given up",
        wrong=f"{of_dead(groups)}.",
        todo=f"{_capital(todo_of_dead(groups))}.",
        over="no dead letters are left",
        size=count,
    )


def no_push_trouble(last: datetime | None, longest: timedelta, now: datetime) -> Trouble | None:
    """No push for longer than there should be none; None while that is not so, or none ever came."""
    if last is None or now - last < longest:
        return None
    return Trouble(
        kind=AlertKind.NO_PUSH_FOR,
        title=f"No push for {span_in_words((now - last).total_seconds())}",
        wrong=f"The last one came at {moment(last)}; `no_push_for` says {span_in_words(longest.total_seconds())}. "
        "Leads that changed in the CRM since then are not known here.",
        todo=f"{NO_PUSH_ADVICE}. See, too, that the receiver's public address is reached from outside.",
        over="the CRM's pushes come again",
        since=last,
    )


def quota_trouble(quota: Quota | None, away: str | None) -> Trouble | None:
    """The CRM's calls of the day run out; None while they do not. `away` is why it is not asked, if it is not."""
    gives_way = "" if quota is None else quota.gives_way or (SPENT if away == SPENT else "")
    if quota is None or not gives_way:
        return None
    return Trouble(
        kind=AlertKind.CRM_QUOTA,
        title="The CRM's calls of the day run out",
        wrong=f"{quota.used} of {quota.limit} are made: {gives_way}.",
        todo="The CRM grants them anew each day. `crm.daily_limit` may say more, where the account is granted more; "
        "else see which routes `enrich`, and who besides hookrouter calls the API.",
        over="the CRM's calls suffice again",
    )


def of_dead(groups: Sequence[DeadGroup]) -> str:
    """Of which routes and sinks they are, and why: the most first."""
    told = [
        f"{group.count} for {group.sink} by {group.route}: {means(group.reason).says}" for group in groups[:MOST_GROUPS]
    ]
    return "; ".join(told) or "they are of another version"


def todo_of_dead(groups: Sequence[DeadGroup]) -> str:
    """What to do about them."""
    if not groups:
        return "`hookrouter dead` lists them"
    first = groups[0]
    return (
        f"{means(first.reason).todo_about(first.newest)}; then `hookrouter dead replay --sink "
        f"{first.sink}` sends them, or `hookrouter dead drop --sink {first.sink}` forgets them"
    )


def moment(at: datetime) -> str:
    """`2026-11-18 12:00 UTC`."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def counted(number: int, thing: str) -> str:
    """`1 message`, `2 messages`, `no messages`."""
    return f"{number or 'no'} {thing}{'' if number == 1 else 's'}"


def _waits(number: int) -> str:
    return "waits" if number == 1 else "wait"


def _waiting_for(waiting: int, oldest: datetime, now: datetime) -> str:
    return f"{waiting} wait, the oldest for {span_in_words((now - oldest).total_seconds())}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
