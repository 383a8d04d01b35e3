"""Sessions: a cookie that stands for a token, and what every change must bring along."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, request

from hookrouter.domain.operator import Door, Operator
from hookrouter.domain.session import LASTS, Session
from hookrouter.ports.door import Sessions
from hookrouter.ports.surroundings import Clock
from hookrouter.web.operators import Doorkeeper

COOKIE = "hookrouter-session"
SECURE_COOKIE = f"__Host-{COOKIE}"
"""The name of one that a browser takes and gives by TLS alone, and that no other host can have set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who asks in a browser.

    Attributes:
        csrf: what each of their changes must bring along.
        new_id: what the cookie must be from now on; '' when it stays as it is.
    """

    operator: Operator
    csrf: str
    new_id: str = ""

    def owns(self, csrf: str) -> bool:
        """Whether what a form brings along is this session's."""
        return hmac.compare_digest(self.csrf.encode(), csrf.encode("utf-8", "surrogateescape"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionKeeper:
    """Begins sessions, knows them again and ends them.

    Attributes:
        betrayed: what is done when an id comes that was replaced long ago, by whoever came with it.
    """

    sessions: Sessions
    door: Doorkeeper
    clock: Clock
    betrayed: Callable[[Operator], None]

    def begin(self, operator: Operator) -> str:
        """Begin a session; the new cookie. One that the browser had before is over."""
        self.end()
        now, id_, family = self.clock.now(), secrets.token_urlsafe(32), secrets.token_hex(16)
        session = Session(
            name=operator.name,
            role=operator.role,
            csrf=secrets.token_urlsafe(32),
            family=family,
            proof=self._proof(id_, operator),
            made_at=now,
            until=now + LASTS,
        )
        self.sessions.begin(family, LASTS)
        self.sessions.keep(_digest(id_), session, session.life(now))
        return id_

    def find(self) -> SignedIn | None:
        """Whose session the request's cookie names, or who is at this machine while there is no token."""
        id_ = self._cookie()
        operator = self.door.by_place(Door.CONSOLE)
        if operator is not None:
            new_id = "" if id_ else secrets.token_urlsafe(32)
            return SignedIn(operator=operator, csrf=_digest(f"csrf {id_ or new_id}"), new_id=new_id)
        session = self.sessions.find(_digest(id_)) if id_ else None
        if session is None:
            return None
        address = self.door.callers.address()
        operator = Operator(name=session.name, role=session.role, door=Door.CONSOLE, address=address)
        if not hmac.compare_digest(session.proof, self._proof(id_, operator)):
            return None
        now = self.clock.now()
        if session.betrays(now):
            self.sessions.end(session.family)
            self.betrayed(operator)
            return None
        new_id = self._rotate(id_, session, operator) if session.is_old(now) else ""
        return SignedIn(operator=operator, csrf=session.csrf, new_id=new_id)

    def end(self) -> None:
        """End the session that the request's cookie names, under all its ids: also one that a thief got for a copy."""
        id_ = self._cookie()
        session = self.sessions.find(_digest(id_)) if id_ else None
        if session is not None:
            self.sessions.end(session.family)

    def give(self, answer: Response, id_: str) -> Response:
        """Let a browser keep a session's id until it is closed; '' takes it away."""
        secure = self.door.callers.is_secure()
        name = SECURE_COOKIE if secure else COOKIE
        if id_:
            answer.set_cookie(name, id_, path="/", secure=secure, httponly=True, samesite="Strict")
        else:
            answer.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="Strict")
        return answer

    def _cookie(self) -> str:
        return request.cookies.get(SECURE_COOKIE if self.door.callers.is_secure() else COOKIE, "")

    def _rotate(self, id_: str, session: Session, operator: Operator) -> str:
        now, new_id = self.clock.now(), secrets.token_urlsafe(32)
        again = session.anew(self._proof(new_id, operator), now)
        self.sessions.keep(_digest(new_id), again, again.life(now))
        former = session.fading(now)
        self.sessions.keep(_digest(id_), former, former.life(now))
        return new_id

    def _proof(self, id_: str, operator: Operator) -> str:
        token = self.door.token_of(operator.role) or ""
        return hmac.new(id_.encode(), token.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def _digest(id_: str) -> str:
    return hashlib.sha256(id_.encode("utf-8", "surrogateescape")).hexdigest()
