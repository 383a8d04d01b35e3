"""Reads all that changed in a span, though the CRM gives 500 at a time and leads leave the span while it is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hookrouter.domain.errors import CrmAway
from hookrouter.domain.lead import Json, crm_time
from hookrouter.domain.reconciling import Kind, Span
from hookrouter.ports.reconciling import ChangedLeads
from hookrouter.ports.turns import Turns

MOST_A_CALL = 500
LEAST_A_CALL = 50
"""Leads; after a failure half as many are asked for, for large pages alone have been seen to fail (crm-api 2)."""
MOST_OF_A_SECOND = 10_000
"""Leads that may be asked for at once where places count for nothing: date ranges give more than 500 (crm-api 2.2)."""
TRIES = 6
FIRST_PAUSE = timedelta(seconds=1)
"""How long the CRM is left alone after it did not answer; twice as long each time, half a minute in all."""

Page = Sequence[dict[str, Json]]


@dataclass(slots=True, kw_only=True)
class ChangeReader:
    """Reads spans.

    A row that is read by its place in the list may be missed when one before it leaves the list, as a lead does that
    is changed again. So a full page is followed by the span from its last time on, or, where the CRM's order does not
    allow that, by both halves of the span; only within one second are places counted.

    Attributes:
        calls: how many were made.
    """

    changes: ChangedLeads
    turns: Turns
    first_pause: timedelta = FIRST_PAUSE
    calls: int = 0
    _limit: int = field(default=MOST_A_CALL, init=False)
    _cap: int = field(default=MOST_OF_A_SECOND, init=False)
    """So many leads the CRM was seen to give where there were more, though it was asked for more (crm-api 2)."""

    async def pages(self, kind: Kind, span: Span) -> AsyncIterator[Page]:
        """All leads of a span, some of them more than once.

        Raises:
            CrmAway: it does not answer.
            CrmRefused: it refuses.
            ToldToStop: before the next call.
        """
        spans = [span]
        while spans:
            now = spans.pop()
            page, is_full = await self._ask(kind, now, 0)
            if not is_full:
                yield page
            elif now.is_one_second:
                yield page
                async for more in self._rest_of_second(kind, now, page):
                    yield more
            elif (last := _last_time(page, kind)) is not None and now.start < last <= now.end:
                yield page
                spans.append(Span(last, now.end))
            else:
                spans += reversed(now.halves())

    async def _rest_of_second(self, kind: Kind, span: Span, page: Page) -> AsyncIterator[Page]:
        first, read, is_full = page[0].get("id"), len(page), True
        while is_full:
            page, is_full = await self._ask(kind, span, read)
            if page and page[0].get("id") == first:  # it minds no place (crm-api 2.2)
                yield await self._second_at_once(kind, span, read)
                return
            yield page
            read += len(page)

    async def _second_at_once(self, kind: Kind, span: Span, read: int) -> Page:
        """All of one second in one page, larger than any other: a CRM that minds no place may give it."""
        await self.turns.wait()
        self.calls += 1
        page: Page = ()
        with suppress(CrmAway):
            page = await self.changes.page(kind, span, 0, MOST_OF_A_SECOND)
        if read < len(page) < MOST_OF_A_SECOND:
            return page
        raise CrmAway(f"the CRM gives only {read} of the leads that changed at {span.start:%Y-%m-%d %H:%M:%S}")

    async def _ask(self, kind: Kind, span: Span, offset: int) -> tuple[Page, bool]:
        """A page, and whether it is full, so that there may be more."""
        page = await self._page(kind, span, offset)
        if not page or len(page) >= min(self._limit, self._cap):
            return page, bool(page)
        if not await self._is_followed(kind, span, offset, page):
            return page, False
        self._cap = len(page)
        return page, True

    async def _is_followed(self, kind: Kind, span: Span, offset: int, page: Page) -> bool:
        """Whether more than a page tells is there; only that no more comes shows that a short one is the last."""
        known = {each.get("id") for each in page}
        more = await self._page(kind, span, offset + len(page))
        if more and more[0].get("id") == page[0].get("id"):  # it minds no place (crm-api 2.2)
            last = _last_time(page, kind)
            more = () if last is None or last <= span.start else await self._page(kind, Span(last, span.end), 0)
        return any(each.get("id") not in known for each in more)

    async def _page(self, kind: Kind, span: Span, offset: int) -> Page:
        """So many leads as may be, half as many after each failure."""
        pause = self.first_pause
        for left in reversed(range(TRIES)):
            await self.turns.wait()
            self.calls += 1
            try:
                return await self.changes.page(kind, span, offset, self._limit)
            except CrmAway:
                if not left:
                    raise
                self._limit = max(LEAST_A_CALL, self._limit // 2)
                await self.turns.sleep(pause)
                pause *= 2
        raise AssertionError("the last try returns or raises")


def _last_time(page: Page, kind: Kind) -> datetime | None:
    """The last time of a page, if the page is in the order of its times."""
    times = [crm_time(lead.get(kind.field)) for lead in page]
    known = [time for time in times if time is not None]
    return known[-1] if len(known) == len(times) and known == sorted(known) else None
