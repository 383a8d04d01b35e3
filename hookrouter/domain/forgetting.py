"""Where people are kept, and what was erased of one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from hookrouter.domain.lead import Json


class Place(StrEnum):
    """Where a person may be kept, in the order in which a lead goes its way."""

    SPOOL = "spool"
    HYDRATE = "hydrate"
    INTAKE = "intake"
    PENDING = "pending"
    ASSIGN = "assign"
    ENRICH = "enrich"
    CLICKS = "clicks"
    OUTBOXES = "outboxes"
    RETRIES = "retries"
    SHUT = "shut"
    ATTEMPTS = "attempts"
    DECISIONS = "decisions"
    UNREADABLE = "unreadable"
    DEAD = "dead"
    REJECTED = "rejected"
    CLOCKS = "clocks"
    CLAIMS = "claims"
    GIVEN = "given"
    OPEN = "open"
    MESSAGES = "living_messages"
    MARKS = "marks"
    TIMELINES = "timelines"
    MEMBERSHIPS = "memberships"
    WRITTEN = "written"
    ROUNDS = "rounds"
    BEFORE = "before"
    PUSHES = "pushes"
    SNAPSHOTS = "snapshots"


SAID_OF = {
    Place.SPOOL: "pushes in the spool of this machine",
    Place.HYDRATE: "leads that waited to be read back",
    Place.INTAKE: "leads that waited to be routed",
    Place.PENDING: "leads that waited to be decided",
    Place.ASSIGN: "leads that waited for somebody of a team",
    Place.ENRICH: "leads that waited for their history",
    Place.CLICKS: "clicks that waited",
    Place.OUTBOXES: "deliveries in outboxes",
    Place.RETRIES: "deliveries that waited for their next attempt",
    Place.SHUT: "deliveries that were held back",
    Place.ATTEMPTS: "entries of the log of attempts",
    Place.DECISIONS: "decisions of teams",
    Place.UNREADABLE: "records that could not be read",
    Place.DEAD: "dead letters",
    Place.REJECTED: "rejected leads",
    Place.CLOCKS: "follow-up clocks",
    Place.CLAIMS: "claims",
    Place.GIVEN: "notes of whom a lead was given to",
    Place.OPEN: "open leads of members of teams",
    Place.MESSAGES: "notes of messages in chats",
    Place.MARKS: "marks of routes with `once`",
    Place.TIMELINES: "histories",
    Place.MEMBERSHIPS: "memberships",
    Place.WRITTEN: "notes of what was written to the CRM",
    Place.ROUNDS: "counts of what was written to the CRM",
    Place.BEFORE: "notes of how leads were before a push",
    Place.PUSHES: "pushes",
    Place.SNAPSHOTS: "leads as last seen",
}


class Files(StrEnum):
    """What became of the files of the store, which hold what was erased until they are written anew."""

    WRITTEN_ANEW = "written anew"
    UNDER_WAY = "being written anew"
    NOT_PERMITTED = "not permitted: have the server write its files anew (BGREWRITEAOF, BGSAVE)"
    NONE = "none"


@dataclass(slots=True, kw_only=True)
class Erased:
    """What was erased, or would be.

    Attributes:
        counts: how many records by place.
        under_way: the streams that somebody was working on all the while; what they held may come back.
        left: what could not be erased, and what to do about it.
        ids: of the leads that are meant.
        is_unfinished: whether something was left that one more pass may erase: somebody else had changed it, or taken
            what it is erased under.
    """

    counts: Counter[Place] = field(default_factory=Counter)
    under_way: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    ids: list[str] = field(default_factory=list)
    files: Files = Files.NONE
    is_unfinished: bool = False

    @property
    def total(self) -> int:
        """How many records in all."""
        return self.counts.total()

    @property
    def goes_on(self) -> bool:
        """Whether one more pass may find something."""
        return self.total > 0 or self.is_unfinished

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left of them, for all that is known."""
        return not self.under_way and not self.left and self.files is not Files.NOT_PERMITTED

    def by_place(self) -> dict[str, int]:
        """The counts that are not 0, in the order in which a lead goes its way."""
        return {place.value: self.counts[place] for place in Place if self.counts[place]}

    def summary(self) -> dict[str, Json]:
        """What programs are told."""
        return {
            "ids": list(self.ids),
            "erased": dict(self.by_place()),
            "total": self.total,
            "files": self.files.value,
            "under_way": [*sorted(self.under_way)],
            "left": [*sorted(self.left)],
        }
