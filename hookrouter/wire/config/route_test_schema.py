"""What the configuration says of one route test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.domain.lead import CREATED_FIELD, EMAIL_FIELD, ID_FIELDS, Fields, Json, Lead, crm_time
from hookrouter.domain.route_tests import Fate, Outcome
from hookrouter.wire.config.duration import read_duration, write_duration
from hookrouter.wire.config.faults import did_you_mean
from hookrouter.wire.config.json_shapes import Shape, text, told
from hookrouter.wire.config.strict_fields import Name, StrictSchema
from hookrouter.wire.pushes.lead_schema import read_lead
from hookrouter.wire.rules.events import EVENT_SOURCES, source_fault

LONGEST_TITLE = 200
MOST_EVENTS = 1000
NEVER_SEEN = "none"
"""How `previous` says that the lead is new."""
YEARS = range(1970, 3000)
"""Moments from which any span of time can be reckoned."""

Event = Mapping[str, Json]


def read_previous(lead: Lead, previous: Mapping[str, Json]) -> Fields:
    """The lead as it was: as it is, but for these fields.

    Raises:
        ValidationError: with every fault by field.
    """
    before = read_lead({**lead.fields, **previous})
    if before.key != lead.key:
        raise ValidationError("it says who the lead is, and cannot have been another", _who(previous))
    return before.fields


def _who(fields: Mapping[str, Json]) -> str:
    return next((name for name in (*ID_FIELDS, EMAIL_FIELD) if name in fields), "_schema")


class LeadField(fields.Field[Lead]):
    """A lead's fields, as a push brings them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Lead:  # noqa: ARG002 - the library's signature
        if not isinstance(value, dict):
            raise ValidationError("a lead's fields are needed, as in {id: 1, leadScore: 91}")
        return read_lead(value)

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return {"type": "object"}


class PreviousField(fields.Field[Any]):
    """The fields that differed, or `none` for a lead never seen."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:  # noqa: ARG002 - the library's signature
        if value == NEVER_SEEN or isinstance(value, dict):
            return value
        raise ValidationError("give the fields that differed, as in {leadScore: 40}, or `none` for a new lead")

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return {"anyOf": [{"type": "object"}, {"const": NEVER_SEEN}]}


class MomentField(fields.Field[datetime]):
    """A moment as ISO 8601 writes it; without a zone it is in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:  # noqa: ARG002 - the library's signature
        try:
            moment = datetime.fromisoformat(value)
        except (ValueError, TypeError):
            moment = None
        if moment is None or moment.year not in YEARS:
            raise ValidationError("give a time such as 2026-11-18T12:00:00-05:00; without a zone it is in UTC")
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return text(r"[0-9]{4}-.*", example="2026-11-18T12:00:00-05:00")


class EventField(fields.Field[Event]):
    """One event of a lead's history, as getLeadTimeline gives it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Event:  # noqa: ARG002 - the library's signature
        if not isinstance(value, dict):
            raise ValidationError('an event is needed, as in {eventSource: formSubmit, createTimestamp: "…"}')
        source, moment = value.get("eventSource"), value.get(CREATED_FIELD)
        if not isinstance(source, str):
            raise ValidationError("`eventSource` is missing: the kind of event, such as formSubmit")
        fault = source_fault(source)
        if fault is not None:
            raise ValidationError(fault, "eventSource")
        if moment is not None and crm_time(moment) is None:
            raise ValidationError('give a time as the CRM does: "2026-11-18 11:58:00", in UTC', CREATED_FIELD)
        return value

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        known = {
            "eventSource": told({"enum": sorted(EVENT_SOURCES)}, "the kind of event"),
            CREATED_FIELD: told(text(r"[0-9]{4}-.*", example="2026-11-18 11:58:00"), "when it happened"),
        }
        return {"type": "object", "required": ["eventSource"], "properties": known}


class ExpectField(fields.Field[Mapping[RouteName, Outcome]]):
    """What each route must do with the lead."""

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - the library's signature
        data: Any,  # noqa: ARG002 - the library's signature
        **kwargs: Any,  # noqa: ARG002 - the library's signature
    ) -> Mapping[RouteName, Outcome]:
        if not isinstance(value, dict):
            raise ValidationError("say where the lead goes, as in {hot-lead: [sales]}; {} means nowhere")
        expected: dict[RouteName, Outcome] = {}
        faults: dict[str, Any] = {}
        for route, outcome in value.items():
            try:
                expected[RouteName(route)] = _outcome(outcome)
            except ValidationError as fault:
                faults[route] = fault.messages
        if faults:
            raise ValidationError(faults)
        return expected

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        sinks = {"type": "array", "items": text(), "uniqueItems": True}
        return {"type": "object", "additionalProperties": {"anyOf": [sinks, {"enum": [*Fate]}]}}


def _outcome(written: object) -> Outcome:
    if isinstance(written, list):
        return _sinks(written) or Fate.NONE
    words = [fate.value for fate in Fate]
    if written in words:
        return Fate(str(written))
    suggestion = did_you_mean(written, words) or f" (did you mean [{written}]?)" if isinstance(written, str) else ""
    raise ValidationError(f"give a list of sinks, or one of {', '.join(words)}{suggestion}")


def _sinks(written: list[Any]) -> frozenset[SinkName]:
    faults: dict[int, list[str]] = {}
    named: set[str] = set()
    for number, name in enumerate(written):
        if isinstance(name, bool) or not isinstance(name, (str, int)):
            faults[number] = ["give the name of a sink"]
        elif str(name) in named:
            faults[number] = [f"the sink `{name}` stands twice here"]
        else:
            named.add(str(name))
    if faults:
        raise ValidationError(faults)
    return frozenset(map(SinkName, named))


class FollowUpField(fields.Field[Mapping[RouteName, Mapping[str, datetime]]]):
    """When the follow-up steps of routes must be due if nobody reacts."""

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - the library's signature
        data: Any,  # noqa: ARG002 - the library's signature
        **kwargs: Any,  # noqa: ARG002 - the library's signature
    ) -> Mapping[RouteName, Mapping[str, datetime]]:
        if not isinstance(value, dict) or not all(isinstance(steps, dict) for steps in value.values()):
            raise ValidationError("say when steps are due, as in {hot-lead: {15m: 2026-11-18T12:15:00-05:00}}")
        due: dict[RouteName, dict[str, datetime]] = {}
        faults: dict[str, dict[str, list[str]]] = {}
        for route, steps in value.items():
            for step, moment in steps.items():
                try:
                    name = write_duration(read_duration(str(step)))
                    due.setdefault(RouteName(route), {})[name] = MomentField().deserialize(moment)
                except ValueError as fault:  # ValidationError is one
                    faults.setdefault(route, {})[step] = [str(fault.args[0])]
        if faults:
            raise ValidationError(faults)
        return due

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        steps = {"type": "object", "additionalProperties": MomentField.json_schema()}
        return {"type": "object", "additionalProperties": steps}


class RouteTestSchema(StrictSchema):
    """One lead, and where it must go."""

    name_ = fields.String(
        data_key="name",
        required=True,
        validate=validate.Length(1, LONGEST_TITLE),
        metadata={"description": "what is shown to be true, in a sentence"},
    )
    lead = LeadField(required=True, metadata={"description": "its fields, as a push brings them; an id is needed"})
    previous = PreviousField(
        metadata={"description": "the fields that differed before the push; `none` means a new lead"}
    )
    at = MomentField(metadata={"description": "the moment of the push; now unless said"})
    timeline = fields.List(
        EventField(),
        validate=validate.Length(max=MOST_EVENTS),
        metadata={"description": "what stands in the lead's history, as getLeadTimeline gives it"},
    )
    source = Name(metadata={"description": "where it is pushed; the first source unless said"})
    follow_up = FollowUpField(metadata={"description": "when follow-up steps must be due, by route and step"})
    expect = ExpectField(required=True, metadata={"description": "the sinks by each route that must take the lead"})
