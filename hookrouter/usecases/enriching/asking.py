"""What messages want to know of a lead, asked of the CRM once, in its turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from hookrouter.domain.errors import CrmAway, CrmQuotaSpent, CrmRefused
from hookrouter.domain.events import NeighbourFailed
from hookrouter.domain.lead import Json
from hookrouter.domain.pieces import pieces
from hookrouter.domain.quota import SPENT
from hookrouter.ports.crm import MOST_MEMBERS, History, MembershipCache, Memberships, TimelineCache
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.ports.turns import DaySpent, NotInTime, Turns

T = TypeVar("T")

PAUSE_WHEN_AWAY = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(seconds=30)
"""How long the CRM is left alone after it did not answer; then one question finds out whether it is back, and if it is
not, it is left alone for twice as long."""
AWAY = "the CRM does not answer"


class Missing(Exception):  # noqa: N818 - it reads as what happened
    """Raised when something cannot be had; its text says why.

    Attributes:
        is_passing: whether it may be had later.
    """

    def __init__(self, reason: str, *, is_passing: bool = False) -> None:
        """Say why."""
        super().__init__(reason)
        self.is_passing = is_passing


@dataclass(slots=True, kw_only=True)
class Asking:
    """Asks; `history` and `memberships` are None when no CRM is configured."""

    history: History | None
    memberships: Memberships | None
    timelines: TimelineCache
    lists: MembershipCache
    turns: Turns
    clock: Clock
    observer: Observer
    answers: int = field(default=0, init=False)
    """How often the CRM answered."""
    _why_away: str = field(default="", init=False)
    _pause: timedelta = field(default=timedelta(), init=False)
    _leave_alone_until: datetime | None = field(default=None, init=False)
    _is_probed: bool = field(default=False, init=False)

    @property
    def why_away(self) -> str:
        """Why the CRM is not asked, but to find out whether it is back; '' when it is."""
        return "" if self._leave_alone_until is None else self._why_away

    @property
    def may_be_back(self) -> bool:
        """Whether it is time to find out, and nobody does."""
        until = self._leave_alone_until
        return until is not None and not self._is_probed and self.clock.now() >= until

    async def events(self, lead: str, source: str | None, deadline: datetime) -> Sequence[Mapping[str, Json]]:
        """A page of a lead's history, of one event source or of all; a turn is waited for until then.

        Raises:
            Missing: it cannot be had, or not now.
            ToldToStop: there is no time left.
        """
        known = await self.timelines.get(lead, source)
        if known is not None:
            return known
        if self.history is None:
            raise Missing("no CRM is configured")
        history, asked_at = self.history, self.clock.now()
        events = await self._ask(lambda: history.timeline(lead, source), deadline)
        await self.timelines.put(lead, source, events, asked_at=asked_at)
        return events

    async def lists_of(self, leads: Sequence[str], deadline: datetime) -> Mapping[str, Sequence[str]]:
        """The names of the lists of each lead, many leads a call. Raises as `events` does."""
        found: dict[str, Sequence[str]] = dict(await self.lists.get(leads))
        wanted = [lead for lead in leads if lead not in found]
        if wanted and self.memberships is None:
            raise Missing("no CRM is configured")
        for some in pieces(wanted, MOST_MEMBERS):
            told = await self._ask_lists(some, deadline)
            await self.lists.put(told)
            found |= told
        return found

    async def _ask_lists(self, leads: Sequence[str], deadline: datetime) -> Mapping[str, Sequence[str]]:
        memberships = self.memberships
        assert memberships is not None  # noqa: S101 - its caller has looked
        return await self._ask(lambda: memberships.lists_of(leads), deadline)

    async def _ask(self, question: Callable[[], Awaitable[T]], deadline: datetime) -> T:
        is_probe = self._begin()
        try:
            await self.turns.wait(deadline)
            if self._leave_alone_until is not None and not is_probe:  # others have found out meanwhile
                raise Missing(self._why_away, is_passing=True)
            answer = await question()
        except (DaySpent, CrmQuotaSpent) as fault:
            raise self._leave_alone(SPENT, fault, again=is_probe) from None
        except NotInTime as reason:
            raise Missing(str(reason), is_passing=True) from None
        except CrmRefused as fault:
            self._note_answer()
            raise Missing(f"the CRM refused it (code {fault.code})") from None
        except CrmAway as fault:
            raise self._leave_alone(AWAY, fault, again=is_probe) from None
        finally:
            self._is_probed = self._is_probed and not is_probe
        self._note_answer()
        return answer

    def _begin(self) -> bool:
        """Whether this question is to find out if the CRM is back: while it may hang, a single one waits for that."""
        if self._leave_alone_until is None:
            return False
        if not self.may_be_back:
            raise Missing(self._why_away, is_passing=True)
        self._is_probed = True
        return True

    def _note_answer(self) -> None:
        self._leave_alone_until = None
        self.answers += 1

    def _leave_alone(self, why: str, fault: Exception, *, again: bool) -> Missing:
        """Leave it alone for a while; `again` after it was found not to be back."""
        if not isinstance(fault, DaySpent):  # that nobody asked is no failure of the CRM
            self.observer.report(NeighbourFailed(neighbour="crm", reason=str(fault)))
        self._why_away = why
        self._pause = min(2 * self._pause, LONGEST_PAUSE) if again else PAUSE_WHEN_AWAY
        self._leave_alone_until = self.clock.now() + self._pause
        return Missing(why, is_passing=True)
