"""Ways in which the simulated API misbehaves when told to: which, how often, and at whose calls."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random  # noqa: TID251 - a seeded world

LONGEST = 3600.0


class FaultMode(StrEnum):
    """What is wrong with the API."""

    NONE = "none"
    HTML_502 = "html502"  # a page of a proxy
    HTML_503 = "html503"
    HTML_504 = "html504"
    HTML_200 = "html200"  # a page, and all is well by its status
    LOGIN = "login"  # sent to a login page
    THROTTLED = "429"
    RATE = "rate"  # too many calls in a second: an error inside HTTP 200
    QUOTA = "quota"  # the day's calls are spent: an error inside HTTP 200
    UNKNOWN = "unknown"  # error 999
    RESET = "reset"  # the connection is cut, and nothing was done
    SLOW = "slow"  # each answer is held back
    SLOW_BODY = "slow_body"  # half of the answer at once, the rest late
    HEAVY = "heavy"  # pages of more than 200 rows end in a 504
    # What follows strikes after the call was carried out: the caller cannot know.
    RESET_AFTER = "reset_after"
    HTML_504_AFTER = "html504_after"
    CUT = "cut"  # half an answer
    UNSURE = "unsure"  # writes are carried out, and answered with an error and no results (crm-api 1.4, shape 5)


@dataclass(slots=True)
class Faults:
    """The fault that is on.

    Attributes:
        mode: what is wrong.
        seconds: how long a slow API holds an answer, or its second half, back.
        share: the share of calls that it strikes.
        calls: how many calls it still strikes before it ends by itself; None is until it is switched off.
        methods: the methods that it strikes; empty is all.
        struck: how many calls were struck since the start.
    """

    seed: int = 1
    mode: FaultMode = FaultMode.NONE
    seconds: float = 0.0
    share: float = 1.0
    calls: int | None = None
    methods: frozenset[str] = frozenset()
    struck: int = 0
    _dice: Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = Random(f"faults:{self.seed}")

    def switch(
        self,
        mode: object,
        seconds: object = None,
        *,
        share: object = None,
        calls: object = None,
        methods: object = (),
    ) -> None:
        """Turn a fault on, or off with `none`.

        Raises:
            ValueError: for what makes no sense; then the fault that was on stays on.
        """
        wanted = FaultMode(str(mode))
        held = _number(seconds, "seconds", 1.0, LONGEST)
        often = _number(share, "share", 1.0, 1.0)
        if calls is not None and (not isinstance(calls, int) or isinstance(calls, bool) or calls < 1):
            raise ValueError("calls must be a number from 1")
        self.methods = frozenset(_names(methods))
        self.mode, self.seconds, self.share, self.calls = wanted, held, often, calls

    def stand(self) -> dict[str, object]:
        """What is on, as JSON has it."""
        return {
            "mode": self.mode,
            "seconds": self.seconds,
            "share": self.share,
            "calls": self.calls,
            "methods": sorted(self.methods),
        }

    def strike(self, method: str) -> FaultMode:
        """What strikes this call; to be asked once a call."""
        if self.mode is FaultMode.NONE or (self.methods and method not in self.methods):
            return FaultMode.NONE
        if self.share < 1 and self._dice.random() >= self.share:
            return FaultMode.NONE
        mode = self.mode
        self.struck += 1
        if self.calls is not None:
            self.calls -= 1
            if self.calls == 0:
                self.mode, self.calls = FaultMode.NONE, None
        return mode


def _number(value: object, name: str, default: float, most: float) -> float:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float | str) or not 0 <= float(value) <= most:
        raise ValueError(f"{name} must be from 0 to {most:.0f}")
    return float(value)


def _names(methods: object) -> Collection[str]:
    if isinstance(methods, str) or not isinstance(methods, Sequence | frozenset):
        raise ValueError("methods must be a list of names")  # noqa: TRY004 - it came as JSON
    return [str(name) for name in methods]
