"""Deliveries: look at what was attempted, and at what became of one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hookrouter.domain.errors import NotFound
from hookrouter.domain.hours import ALWAYS, Hours
from hookrouter.domain.ids import made_at
from hookrouter.domain.logged_attempt import GONE, LoggedAttempt, Story
from hookrouter.ports.desk import Deliveries, Page, Wanted
from hookrouter.ports.surroundings import Clock

LOOKED_AT_FOR_A_PAGE = 10_000
"""Entries of the log, and of each place where one may wait, that are looked at for one delivery of a page."""
CLOCKS_DIFFER = timedelta(seconds=2)
"""A push is named by a receiver's clock, what it led to by Redis'."""


@dataclass(frozen=True, slots=True)
class LookUpDeliveries:
    """Shows attempts and deliveries; what is held until its route's time opens by the `hours` of now."""

    deliveries: Deliveries
    clock: Clock
    hours: Hours = ALWAYS

    def list(
        self, wanted: Wanted, *, lead: str | None, outcome: str | None, limit: int, after: str | None = None
    ) -> Page[LoggedAttempt]:
        """The attempts that are wanted, the newest first, behind a page's end, as far back as one look goes."""
        return self.deliveries.list(wanted, lead=lead, outcome=outcome, limit=limit, after=after)

    def show_on_a_page(self, delivery: str, push: str) -> Story:
        """One delivery's whole story, for somebody who waits for a page; `push` is its push, '' if that is not known.

        Raises:
            NotFound: nothing is known of a delivery of this id.
        """
        at = made_at(push)
        return self.show(delivery, since=None if at is None else at - CLOCKS_DIFFER, most=LOOKED_AT_FOR_A_PAGE)

    def show(self, delivery: str, *, since: datetime | None = None, most: int | None = None) -> Story:
        """One delivery's whole story.

        Args:
            delivery: its id.
            since: its push came then, if that is known: what is older is not looked at.
            most: so much of each place where it may wait is looked at, and of the log, if that tells all; None means
                everything.

        Raises:
            NotFound: nothing is known of a delivery of this id.
        """
        story = self._look_for(delivery, since, most, of_log=most)
        if story.now == GONE or story.lacks_attempts:
            # It may have moved on while it was looked for; or what came of it stands far behind its push, or far back.
            story = self._look_for(delivery, since, most, of_log=None)
        if story.found is None and not story.logged:
            raise NotFound(
                f"nothing is known of a delivery {delivery}; `hookrouter deliveries list` shows what was attempted"
            )
        return story

    def _look_for(self, delivery: str, since: datetime | None, most: int | None, *, of_log: int | None) -> Story:
        found = self.deliveries.find(delivery, since=since, most=most)
        if found is not None and found.is_shut_out:
            found = replace(found, until=self.hours.goes_on(found.delivery.route, found.pause, self.clock.now()))
        return Story(logged=self.deliveries.attempts_of(delivery, since=since, most=of_log), found=found)
