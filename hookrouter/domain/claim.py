"""Claims: a person takes a lead by a button in a chat; the first who does is its owner.

What a click asks for is a short list of duties, each of which may be done twice: whoever is killed between one and its
note does it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from hookrouter.domain.ids import LeadKey, RouteName, SinkName, SourceName, Who
from hookrouter.domain.lead import Json
from hookrouter.domain.outcome import Delivered, Outcome, Retry
from hookrouter.domain.schedule import RETRY_FOR, wait_after
from hookrouter.domain.teams import Teams

ROUTE = RouteName("claim")
"""What stands for the route of what a claim writes."""
CLAIMED_FOR = timedelta(days=30)
"""How long a lead is taken: as long as its message is remembered."""
TELL_FOR = timedelta(minutes=15)
"""After that nobody waits any more for the answer to a click."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimant:
    """Somebody who may claim leads: whose id in the CRM is written, and how people call that person."""

    owner: str
    name: str


Claimants = Mapping[str, Claimant]
"""Those who may, by their ids in the chat."""


def claimants_of(teams: Teams) -> Claimants:
    """The members of teams whose ids in the chat are known; one of several teams counts as in the first."""
    members = [member for team in teams.values() for member in team.members if member.slack]
    return {member.slack: Claimant(owner=member.owner, name=member.name) for member in reversed(members)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A lead that somebody claimed.

    Attributes:
        click: by which it was.
        by: the person's id in the chat.
    """

    click: str
    owner: str
    name: str
    by: str
    at: datetime


class Duty(StrEnum):
    """What a click leads to."""

    SHOW = "show"
    """Let the message say who has the lead."""
    WRITE = "write"
    """Make the person the lead's owner in the CRM."""
    TELL = "tell"
    """Tell whoever clicked, and nobody else, why the lead is not theirs."""
    GIVE_BACK = "give_back"
    """Let the message have its button again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """Somebody pressed the button.

    Attributes:
        id: the same for the same request, however often it comes.
        user: the person's id in the chat.
        claimant: who that is; None for somebody whom the configuration does not know.
        place: the channel as the configuration names it, by which a living message is remembered.
        channel: where the message stands, and `ts` which it is.
        text: of the message as the person saw it, likewise its `blocks`.
    """

    id: str
    at: datetime
    user: str
    claimant: Claimant | None
    sink: SinkName
    source: SourceName
    lead: LeadKey
    place: str
    channel: str
    ts: str
    thread_ts: str = ""
    text: str = field(default="", repr=False)
    blocks: Sequence[Json] = field(default=(), repr=False)

    @property
    def who(self) -> Who:
        """Whose it is."""
        return self.source, self.lead

    @property
    def claim(self) -> Claim | None:
        """The claim it would be, were it the first."""
        if self.claimant is None:
            return None
        return Claim(click=self.id, owner=self.claimant.owner, name=self.claimant.name, by=self.user, at=self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimWork:
    """A click, and what it leads to.

    Attributes:
        duties: what is left to do; None before anybody looked whose the lead is.
        attempts: how often what is first to do failed, and `due` when it is tried again.
        refused: why the CRM did not take the new owner.
    """

    click: Click
    duties: tuple[Duty, ...] | None = None
    attempts: int = 0
    due: datetime | None = None
    refused: str = ""

    def is_due(self, now: datetime) -> bool:
        """Whether something may be done now."""
        return self.due is None or self.due <= now


def duties_of(click: Click, claim: Claim | None) -> tuple[Duty, ...]:
    """What a click leads to, where a lead is claimed so."""
    if click.claimant is None:
        return (Duty.TELL,)
    if claim is None:
        return ()
    if claim.click == click.id:
        return (Duty.SHOW, Duty.WRITE)
    return (Duty.SHOW,) if claim.by == click.user else (Duty.SHOW, Duty.TELL)


def after_attempts(work: ClaimWork, outcomes: Mapping[Duty, Outcome], *, now: datetime, roll: float) -> ClaimWork:
    """What is left to do, and when.

    Args:
        work: with its duties.
        outcomes: what came of each.
        now: the moment after.
        roll: from 0 to 1, as for deliveries.
    """
    left: list[Duty] = []
    refused = work.refused
    waits: list[timedelta] = []
    for duty in work.duties or ():
        outcome = outcomes[duty]
        if isinstance(outcome, Retry) and now - work.click.at < (TELL_FOR if duty is Duty.TELL else RETRY_FOR):
            left.append(duty)
            waits.append(wait_after(work.attempts + 1, outcome.after, roll))
        elif duty is Duty.WRITE and not isinstance(outcome, Delivered):
            refused = outcome.answer.text or outcome.reason
    if refused and not work.refused:
        left = [Duty.GIVE_BACK, Duty.TELL]
    if not waits:
        return replace(work, duties=tuple(left), attempts=0, due=None, refused=refused)
    return replace(work, duties=tuple(left), attempts=work.attempts + 1, due=now + max(waits), refused=refused)
