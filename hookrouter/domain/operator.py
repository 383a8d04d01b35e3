"""An operator: who looks at hookrouter from outside and steers it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an operator may do."""

    READ = "read"
    OPERATE = "operate"


class Door(StrEnum):
    """By which way an operator came."""

    CONSOLE = "console"
    API = "api"
    CLI = "cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Somebody who was let in.

    Attributes:
        name: as the audit log tells it; of a token it is what it is for, of the command line the user's.
        address: whence the request came; '' for a command.
    """

    name: str
    role: Role
    door: Door
    address: str = ""

    @property
    def operates(self) -> bool:
        """Whether changes are allowed."""
        return self.role is Role.OPERATE
