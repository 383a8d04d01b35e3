"""Who of a team gets a lead, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """Whom a lead was given to.

    Attributes:
        owner: the person's id in the CRM, what `ownerID` holds there; '' when nobody of the team may take the lead.
        name: as people call that person.
        slack: that person's id in Slack, such as U02ADA; '' when it is not known.
        email: that person's address; '' likewise.
        team: of which the person is a member.
        reason: why this person and no other, in words: `Ben away, Ada at her limit, Cem next`.
    """

    owner: str
    name: str = ""
    slack: str = ""
    email: str = ""
    team: str = ""
    reason: str = ""

    @property
    def is_somebody(self) -> bool:
        """Whether somebody has it."""
        return bool(self.owner)
