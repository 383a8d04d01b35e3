"""Who asks: an operator, known by the token of a role, or anyone at this machine while there is no token."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from dataclasses import dataclass, field

import gevent
from flask import request
from gevent.lock import BoundedSemaphore

from hookrouter.config.settings import Settings
from hookrouter.domain.errors import PushRefused, StoreAway
from hookrouter.domain.guesses import caller_at
from hookrouter.domain.operator import Door, Operator, Role
from hookrouter.domain.process_events import OperatorRefused
from hookrouter.ports.door import WrongTokens
from hookrouter.ports.surroundings import Observer
from hookrouter.runtime import Runtime
from hookrouter.web.callers import Callers

MOST_OF_ONE = 10
"""Wrong tokens from one address, until the counter expires: any more, and right ones too, are refused."""
MOST_OF_ALL = 200
"""Wrong tokens from all addresses together, until each more is answered slowly, and only some at once."""
SLOWLY = 1.0
SLOW_AT_ONCE = 8
RETRY_AFTER = 600
ADMIN, READER, HERE = "admin token", "read token", "this machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorkeeper:
    """Knows operators.

    Attributes:
        wrong: what all processes count together.
        counting: how many wrong tokens of each caller this process is about to have counted.
    """

    settings: Settings = field(repr=False)
    callers: Callers
    wrong: WrongTokens
    observer: Observer
    counting: Counter[str] = field(default_factory=Counter)
    slow: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(SLOW_AT_ONCE))

    @classmethod
    def of(cls, runtime: Runtime) -> Doorkeeper:
        """The one of a process, by the configuration of this moment."""
        callers = Callers.of(runtime.config.receiver)
        return cls(settings=runtime.settings, callers=callers, wrong=runtime.wrong_tokens, observer=runtime.observer)

    def by_bearer(self, door: Door) -> Operator | None:
        """Who comes with a token in the header `Authorization`; None without one.

        Raises:
            PushRefused: 401 for a wrong one, 429 for too many of them.
        """
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        operator = self.by_token(given.strip(), door)
        if operator is None:
            raise PushRefused(401, "wrong token", "this is neither the admin token nor the read token")
        return operator

    def by_place(self, door: Door) -> Operator | None:
        """Who is at this machine, while there is no admin token; they may do everything."""
        if self.settings.admin_token is None and self.callers.is_this_machine():
            return Operator(name=HERE, role=Role.OPERATE, door=door, address=self.callers.address())
        return None

    def by_token(self, given: str, door: Door) -> Operator | None:
        """Who has this token; None for a wrong one, which is counted.

        Raises:
            PushRefused: 429 when too many wrong ones came from this address, or from all.
        """
        address = self.callers.address()
        whose = self._whose(address)
        name, role = self._known(given)
        if role is None:
            self._count_wrong(whose, door)
            return None
        # Those that are being counted first: of many at once the right one would otherwise slip in between.
        under_way = self.counting[whose]
        if under_way + self._count_of(whose) >= MOST_OF_ONE:
            raise _too_many()
        return Operator(name=name, role=role, door=door, address=address)

    def token_of(self, role: Role) -> str | None:
        """The token that opens for a role."""
        return self.settings.admin_token if role is Role.OPERATE else self.settings.read_token

    def _whose(self, address: str) -> str:
        """By what wrong tokens of an address are counted; only who knows a token can tell who is counted with whom."""
        key = f"{self.settings.admin_token} {self.settings.read_token}"
        return hmac.new(_digest(key), caller_at(address).encode(), hashlib.sha256).hexdigest()

    def _known(self, given: str) -> tuple[str, Role | None]:
        digest = _digest(given)
        operates = hmac.compare_digest(digest, _digest(self.settings.admin_token or ""))
        reads = hmac.compare_digest(digest, _digest(self.settings.read_token or ""))
        if operates and self.settings.admin_token is not None:
            return ADMIN, Role.OPERATE
        if reads and self.settings.read_token is not None:
            return READER, Role.READ
        return "", None

    def _count_of(self, whose: str) -> int:
        try:
            return self.wrong.of(whose)
        except StoreAway:
            return 0  # whoever is let in now is shown how everything is, which is when it is needed most

    def _count_wrong(self, whose: str, door: Door) -> None:
        self.counting[whose] += 1
        try:
            of_one, of_all = self.wrong.note(whose)
        except StoreAway:
            of_one, of_all = 0, MOST_OF_ALL
        finally:
            self.counting[whose] -= 1
            if not self.counting[whose]:
                del self.counting[whose]
        self.observer.report(OperatorRefused(door=door.value, count=of_all))
        if of_one > MOST_OF_ONE:
            raise _too_many()
        if of_all >= MOST_OF_ALL:
            self._slow_down()

    def _slow_down(self) -> None:
        if not self.slow.acquire(blocking=False):
            detail = "too many wrong tokens come from everywhere: try again in a moment"
            raise PushRefused(429, "too many guesses", detail, retry_after=1)
        try:
            gevent.sleep(SLOWLY)
        finally:
            self.slow.release()


def _too_many() -> PushRefused:
    detail = "too many wrong tokens came from here: wait some minutes"
    return PushRefused(429, "too many guesses", detail, retry_after=RETRY_AFTER)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
