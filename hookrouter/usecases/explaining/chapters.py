"""A lead's story and its chapters, each of them one push that changed the lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hookrouter.domain.assignment import Decision, Given
from hookrouter.domain.change import Change
from hookrouter.domain.followed_up import FollowedUp
from hookrouter.domain.ids import PushId, RouteName, TeamName, Who
from hookrouter.domain.lead import Fields, Json
from hookrouter.domain.on_the_way import OnTheWay
from hookrouter.domain.rejection import Rejection
from hookrouter.domain.told_delivery import ToldDelivery
from hookrouter.usecases.explaining.explain import Explanation
from hookrouter.usecases.explaining.recall import Recalled


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """What one push did.

    Attributes:
        explanation: which routes match and why the others do not, by the rules of now.
        deliveries: what was sent, or is to be, with every attempt; also by routes that the rules have no more.
        decisions: to whom the lead was given, and why.
        pending: the routes that are not decided, for they wait for the CRM to tell of the lead.
        rejection: if it could not be routed.
        looked_up_to: how far behind the push the log was looked at; None when that was its end.
    """

    recalled: Recalled
    change: Change
    explanation: Explanation
    deliveries: tuple[ToldDelivery, ...]
    decisions: tuple[Decision, ...] = ()
    pending: tuple[RouteName, ...] = ()
    rejection: Rejection | None = None
    looked_up_to: datetime | None = None

    @property
    def changes(self) -> list[tuple[str, Json, Json]]:
        """Each field that changed, with its value before and after."""
        fields, previous = self.change.lead.fields, self.change.previous
        return [(name, previous.get(name), fields.get(name)) for name in self.change.changed]

    def as_json(self) -> dict[str, Json]:
        """As programs are told."""
        occasion = self.recalled.occasion
        return {
            "push": occasion.push,
            "place": occasion.place,
            "at": occasion.received_at.isoformat(),
            "via": occasion.via.value,
            "event": self.change.event.value,
            "doubt": self.recalled.doubt or None,
            "pushed": dict(self.recalled.lead.fields),
            "changes": {name: {"before": before, "after": after} for name, before, after in self.changes},
            "routes": [route.as_json() for route in self.explanation.routes],
            "deliveries": [each.as_json() for each in self.deliveries],
            "decisions": [each.summary() for each in self.decisions],
            "pending": [*self.pending],
            "rejection": None if self.rejection is None else self.rejection.summary(),
            "looked_up_to": None if self.looked_up_to is None else self.looked_up_to.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadStory:
    """A lead's story, its last change first.

    Attributes:
        fields: the lead as last seen; none when that is not known any more.
        last_push: the push that last changed it.
        further: the push with which the story goes on, further back.
        on_the_way: the pushes of it that no rule has judged yet, and for what they wait.
        clocks: the follow-up clocks that run.
        given: whom it was given to, by team.
        revision: of the configuration whose rules are the rules of now.
    """

    who: Who
    fields: Fields
    last_push: PushId | None
    chapters: tuple[Chapter, ...]
    further: PushId | None
    clocks: tuple[FollowedUp, ...]
    given: Mapping[TeamName, Given]
    revision: str
    on_the_way: tuple[OnTheWay, ...] = ()

    def waits(self, chapter: Chapter) -> OnTheWay | None:
        """For what the lead of a chapter waits before it is judged; None when it does not, for all that is known."""
        occasion = chapter.recalled.occasion
        return next(
            (each for each in self.on_the_way if (each.push, each.place) == (occasion.push, occasion.place)), None
        )

    @property
    def newer(self) -> list[OnTheWay]:
        """Pushes of the lead that wait, and are no chapters yet."""
        told = {chapter.recalled.occasion.push for chapter in self.chapters}
        return [each for each in self.on_the_way if each.push not in told]

    def as_json(self) -> dict[str, Json]:
        """As programs are told."""
        given: dict[str, Json] = {
            team: {
                "name": each.to.name,
                "owner": each.to.owner,
                "reason": each.to.reason,
                "push": each.push,
                "at": each.at.isoformat(),
            }
            for team, each in self.given.items()
        }
        return {
            "source": self.who[0],
            "lead": self.who[1],
            "fields": dict(self.fields),
            "chapters": [chapter.as_json() for chapter in self.chapters],
            "further": self.further,
            "on_the_way": [each.summary() for each in self.on_the_way],
            "clocks": [clock.summary() for clock in self.clocks],
            "given": given,
            "revision": self.revision,
        }
