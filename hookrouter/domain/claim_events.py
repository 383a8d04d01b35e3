"""The events that hookrouter reports of claims; the rules in `events` hold here, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hookrouter.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPressed(Event):
    """Somebody pressed a button of ours; `result` is kept, seen (before), full, or stranger (kept, but no claim)."""

    name: ClassVar[str] = "button.pressed"
    sink: str
    source: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRefused(Event):
    """A request to the address for Slack's buttons was answered with an error."""

    name: ClassVar[str] = "action.refused"
    level: ClassVar[str] = "warning"
    status: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSettled(Event):
    """Nothing is left to do of a click: `result` is written (it won), shown, told, or refused by the CRM."""

    name: ClassVar[str] = "claim.settled"
    sink: str
    source: str
    result: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDelayed(Event):
    """What a click leads to could not be done, and is tried again: `duty` is show, write, tell or give_back."""

    name: ClassVar[str] = "claim.delayed"
    level: ClassVar[str] = "warning"
    sink: str
    duty: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFailed(Event):
    """Something that a click leads to will not be done: `word` is what the chat answered, one of its own words."""

    name: ClassVar[str] = "claim.failed"
    level: ClassVar[str] = "warning"
    sink: str
    duty: str
    reason: str
    word: str
