"""What teams are asked and told, and what they remember, as records in Redis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hookrouter.domain.assignment import Decision, Given
from hookrouter.domain.handing import Assigning, Touched
from hookrouter.domain.ids import LeadKey, PushId, RouteName, SourceName, TeamName
from hookrouter.domain.teams import Score, TeamState
from hookrouter.wire.kept.assigned import assigned_of, assigned_values
from hookrouter.wire.kept.enriching import enrichment_of, enrichment_values
from hookrouter.wire.kept.moments import in_milliseconds, of_milliseconds
from hookrouter.wire.kept.records import Reading, delivery_of, delivery_values, read_record, truth, write_values


def write_assigning(wanted: Assigning | Touched) -> bytes:
    """Deliveries of one lead that wait for somebody of a team, or that a lead was seen to."""
    if isinstance(wanted, Touched):
        named = {"owner": wanted.owner, "moved_to": wanted.moved_to}
        return write_values({"touched": wanted.who, **{name: value for name, value in named.items() if value}})
    enrichment = wanted.enrichment
    return write_values(
        {
            "team": wanted.team,
            "place": wanted.place,
            **({"excluded": wanted.excluded} if wanted.excluded else {}),
            **({} if enrichment is None else {"enrichment": enrichment_values(enrichment)}),
            "deliveries": [delivery_values(delivery) for delivery in wanted.deliveries],
        }
    )


def read_assigning(record: bytes) -> Assigning | Touched:
    """What `write_assigning` wrote.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("entry to assign"):
        if "touched" in values:
            source, lead = map(_text, values["touched"])
            return Touched(
                who=(SourceName(source), LeadKey(lead)),
                owner=_text(values.get("owner", "")),
                moved_to=_text(values.get("moved_to", "")),
            )
        deliveries = tuple(map(delivery_of, values["deliveries"]))
        if not deliveries:
            raise ValueError
        return Assigning(
            team=TeamName(_text(values["team"])),
            place=int(values["place"]),
            excluded=tuple(map(_text, values.get("excluded", ()))),
            enrichment=enrichment_of(values["enrichment"]) if "enrichment" in values else None,
            deliveries=deliveries,
        )


def write_team_state(state: TeamState) -> bytes:
    """The turns that a team's members had."""
    scores = {
        owner: (score.credit, score.given, score.day, score.on_day, score.hour, score.in_hour)
        for owner, score in state.scores.items()
    }
    return write_values({"unit": state.unit, "scores": scores})


def read_team_state(record: bytes) -> TeamState:
    """What `write_team_state` wrote.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("team's state"):
        return TeamState(
            unit=int(values["unit"]), scores={owner: _score(of) for owner, of in dict(values["scores"]).items()}
        )


def _score(values: Any) -> Score:
    credit, given, day, on_day, hour, in_hour = values
    return Score(
        credit=int(credit), given=int(given), day=_text(day), on_day=int(on_day), hour=_text(hour), in_hour=int(in_hour)
    )


def write_given(given: Given) -> bytes:
    """Whom a lead was given to."""
    return write_values(
        {
            "to": assigned_values(given.to),
            "push": given.push,
            "place": given.place,
            "before": given.owner_before,
            "at": in_milliseconds(given.at),
            "open": given.is_open,
            **({"step": given.step} if given.step else {}),
        }
    )


def read_given(record: bytes) -> Given:
    """What `write_given` wrote.

    Raises:
        Unreadable: this version cannot read it.
    """
    values = read_record(record)
    with Reading("lead that was given"):
        return Given(
            to=assigned_of(values["to"]),
            push=PushId(_text(values["push"])),
            place=int(values["place"]),
            owner_before=_text(values["before"]),
            at=of_milliseconds(values["at"]),
            is_open=truth(values["open"]),
            step=_text(values.get("step", "")),
        )


def write_decision(decision: Decision) -> bytes:
    """Whom a lead was given to, for those who look it up."""
    return write_values(
        {
            "asked": decision.asked,
            "to": assigned_values(decision.assigned),
            "route": decision.route,
            "push": decision.push,
            "source": decision.source,
            "key": decision.lead_key,
            "at": in_milliseconds(decision.at),
            "new": decision.is_new,
        }
    )


def read_decision(record: bytes) -> Decision:
    """What `write_decision` wrote.

    Raises:
        Unreadable: this version cannot read it.
    """
    values: Mapping[str, Any] = read_record(record)
    with Reading("decision"):
        return Decision(
            asked=TeamName(_text(values["asked"])),
            assigned=assigned_of(values["to"]),
            route=RouteName(_text(values["route"])),
            push=PushId(_text(values["push"])),
            source=SourceName(_text(values["source"])),
            lead_key=LeadKey(_text(values["key"])),
            at=of_milliseconds(values["at"]),
            is_new=truth(values["new"]),
        )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
