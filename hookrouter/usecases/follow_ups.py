"""Follow-ups: look up the leads whose clocks run, and end those of a lead that is to be forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hookrouter.domain.follow_up import FollowUp
from hookrouter.domain.followed_up import FollowedUp, followed_up
from hookrouter.domain.ids import RouteName
from hookrouter.ports.desk import ClockBook, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpFollowUps:
    """Shows clocks with the steps that their routes have now."""

    book: ClockBook
    follow_ups: Mapping[RouteName, FollowUp]

    def list(
        self, *, route: RouteName | None, lead: str | None, limit: int, after: str | None = None
    ) -> Page[FollowedUp]:
        """The leads that nobody has reacted to yet, those that are due first at the front, behind a page's end."""
        page = self.book.list(route=route, lead=lead, limit=limit, after=after)
        return Page(found=[followed_up(clock, self.follow_ups) for clock in page.found], end=page.end)
