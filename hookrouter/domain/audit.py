"""What operators did: each deed tells who did what, when and whence, and nothing that is personal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hookrouter.domain.lead import Json
from hookrouter.domain.operator import Operator

LONGEST_TEXT = 300
"""Characters of what a deed was about, and of what it came to."""
BEGUN, DONE = "begun", "done"


class Act(StrEnum):
    """What can be done."""

    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    UNMASK = "unmask"
    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    SILENCE = "silence"
    END_SILENCE = "end silence"
    REPLAY_DEAD = "replay dead"
    DROP_DEAD = "drop dead"
    REPAIR_DEAD = "repair dead"
    REPLAY_REJECTED = "replay rejected"
    DROP_REJECTED = "drop rejected"
    REPLAY_PUSH = "replay push"
    FORGET = "forget"
    RECONCILE = "reconcile"
    SUBSCRIBE = "subscribe"
    SEND_TEST = "send test"
    BASELINE = "baseline"
    CALL_CRM = "call crm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One deed of an operator.

    Attributes:
        of: what it was done to: ids, names, filters.
        result: what it came to: `done`, how many, or why not; `begun` of one that takes its time.
    """

    at: datetime
    by: Operator
    act: str
    of: str
    result: str

    def summary(self) -> dict[str, Json]:
        """What an operator is shown."""
        return {
            "at": self.at.isoformat(),
            "by": self.by.name,
            "role": self.by.role.value,
            "door": self.by.door.value,
            "address": self.by.address,
            "act": self.act,
            "of": self.of,
            "result": self.result,
        }
