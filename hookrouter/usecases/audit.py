"""Audit: write down what operators do, and show it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from hookrouter.domain.audit import BEGUN, DONE, LONGEST_TEXT, Act, Deed
from hookrouter.domain.errors import HookrouterError
from hookrouter.domain.operator import Operator
from hookrouter.domain.personal import Mask
from hookrouter.ports.audit import AuditLog
from hookrouter.ports.desk import Page
from hookrouter.ports.surroundings import Clock


@dataclass(slots=True)
class Result:
    """What a deed came to, as far as its doer says."""

    text: str = DONE

    def say(self, text: str) -> None:
        """Say it in a few words without anything personal: how many, or what became of it."""
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAudit:
    """Writes deeds down and shows them; what is personal in their texts is masked before it is kept."""

    log: AuditLog
    clock: Clock
    mask: Mask = field(default_factory=Mask)

    @contextmanager
    def deed(self, by: Operator, act: Act, of: str) -> Iterator[Result]:
        """What is done inside is written down when it is over, with what it came to or why it was not done.

        Args:
            by: who does it.
            act: what it is.
            of: what it is done to.
        """
        result = Result()
        try:
            yield result
        except HookrouterError as fault:
            self.note(by, act, of, f"not done: {fault}")
            raise
        except BaseException as fault:
            self.note(by, act, of, f"broken off: {type(fault).__name__}")
            raise
        self.note(by, act, of, result.text)

    @contextmanager
    def long_deed(self, by: Operator, act: Act, of: str) -> Iterator[Result]:
        """The same for what takes its time: that it began is written down before."""
        self.note(by, act, of, BEGUN)
        with self.deed(by, act, of) as result:
            yield result

    def note(self, by: Operator, act: Act, of: str, result: str = DONE) -> None:
        """Write down a deed that is done."""
        self.log.keep(Deed(at=self.clock.now(), by=by, act=act, of=self._kept(of), result=self._kept(result)))

    def list(
        self,
        *,
        limit: int,
        after: str | None = None,
        act: str | None = None,
        by: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Page[Deed]:
        """The deeds, the newest first, behind a page's end; `by` is a part of who did them."""
        return self.log.list(limit=limit, after=after, act=act, by=by, since=since, until=until)

    def _kept(self, text: str) -> str:
        return self.mask.text(text)[:LONGEST_TEXT]
