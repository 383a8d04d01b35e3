"""Lists of the CRM read row by row, a page after the other, so that none is left out while others vanish.

The CRM pages by place alone. What is deleted between two pages moves the rest up, and a reader who goes on where the
page ended leaves as many out as moved (crm-api 2). So each page begins with the last row of the one before: if it does
not, the reader goes back until it meets a row that it knows. Nor does a page with fewer rows than were asked for end a
list of what is told apart, for the CRM caps what it gives without saying so: only that nothing new follows does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hookrouter.crm.client import CrmClient
from hookrouter.domain.errors import CrmAway, CrmQuotaSpent, CrmThrottled

LARGEST_PAGE = 500  # the CRM silently gives no more, whatever is asked
SMALL_PAGE = 100
"""Asked for when a large page is not answered: those alone have been seen to fail (crm-api 2)."""
MOST_STEPS_BACK = 20

Row = dict[str, Any]
Told = Callable[[Row], Hashable]


def one_call(result: Mapping[str, Any], method: str, keys: Sequence[str]) -> list[Row]:
    """The rows of an answer: who takes silence for 'there are none' loses what the CRM knows.

    Raises:
        CrmAway: it has no list of them.
    """
    found = next((result[key] for key in keys if isinstance(result.get(key), list | dict)), None)
    if found is None:
        raise CrmAway(f"the CRM's answer to {method} has no {keys[0]}; it is asked again later")
    return rows_of(found)


def rows_of(found: object) -> list[Row]:
    """The rows of a list, of one row alone, or of a map: PHP writes a list with a gap as a map of places."""
    if isinstance(found, dict):
        found = list(found.values()) if all(isinstance(row, dict) for row in found.values()) else [found]
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


@dataclass(slots=True, kw_only=True)
class Rows:
    """The rows of a method that takes `limit` and `offset`.

    Attributes:
        client: asks.
        method: is asked.
        params: say what for, but for limit and offset.
        keys: under one of which the rows stand in the result.
        told: what tells a row from all others; None if nothing does, and then none may vanish.
        seen: what was read already.
    """

    client: CrmClient
    method: str
    params: Mapping[str, Any]
    keys: Sequence[str]
    told: Told | None = None
    limit: int = LARGEST_PAGE
    seen: set[Hashable] = field(default_factory=set)
    _largest: int = 1

    async def each(self) -> AsyncIterator[Row]:
        """Every row once; those that cannot be told apart, as often as they come."""
        offset, steps_back = 0, 0
        page: Sequence[Row] | None = None
        while True:
            before, page = page, await self._page(offset)
            if page and page == before:
                return  # it minds no offset, and would tell the same for ever; or this is its last row
            self._largest = max(self._largest, len(page))
            if self._skipped(page, offset) and steps_back < MOST_STEPS_BACK:
                offset, steps_back = max(0, offset - self._largest + 1), steps_back + 1
                continue
            steps_back = 0
            new = self._new(page)
            for row in new:
                yield row
            if len(page) < self.limit and (self.told is None or not new):
                return
            offset += len(page) - (0 if self.told is None else 1)

    def _skipped(self, page: Sequence[Row], offset: int) -> bool:
        """Whether rows that were not seen yet may stand before this page."""
        return self.told is not None and offset > 0 and (not page or self.told(page[0]) not in self.seen)

    def _new(self, page: Sequence[Row]) -> list[Row]:
        if self.told is None:
            return list(page)
        by_name = {self.told(row): row for row in page}
        new = [row for name, row in by_name.items() if name not in self.seen]
        self.seen.update(by_name)
        return new

    async def _page(self, offset: int) -> list[Row]:
        try:
            return await self._ask(offset)
        except CrmAway as away:
            if self.limit <= SMALL_PAGE or away.did_nothing or isinstance(away, CrmThrottled | CrmQuotaSpent):
                raise
        self.limit = SMALL_PAGE
        return await self._ask(offset)

    async def _ask(self, offset: int) -> list[Row]:
        result = await self.client.call(self.method, {**self.params, "limit": self.limit, "offset": offset})
        return one_call(result, self.method, self.keys)
