"""What a sink that writes to the CRM may say in YAML."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from hookrouter.domain.crm_write import Action
from hookrouter.domain.lead import CREATED_FIELD, ID_FIELDS, UPDATED_FIELD
from hookrouter.domain.loops import LoopBounds
from hookrouter.domain.order import Order
from hookrouter.wire.config.duration import DurationField
from hookrouter.wire.config.faults import did_you_mean
from hookrouter.wire.config.json_shapes import Shape
from hookrouter.wire.config.sink_schema import SinkSchema, TimeoutField
from hookrouter.wire.config.strict_fields import Choice, WholeNumber
from hookrouter.wire.messages.template import Template, TemplateField

MOST_FIELDS = 200
MOST_AT_ONCE = 500
"""Leads that the CRM takes in one call."""
LONGEST_LOOP = timedelta(days=1)
SHORTEST_LOOP = timedelta(minutes=1)
USUAL_TIMEOUT = timedelta(minutes=1)
"""For a turn at the CRM, a call of 500 leads, and the look what became of them if the answer is lost."""

CALL_FIELDS = ("userID", "leadID", "direction", "callResult", "callNotes", CREATED_FIELD)
"""What a logged call has (crm-api 3.9)."""
CALL_NEEDS = ("userID", "direction")
NAMING = frozenset({*ID_FIELDS, CREATED_FIELD, UPDATED_FIELD})
"""What the CRM gives a lead itself."""


class ValueField(TemplateField):
    """A template, or a number, a truth or null as it is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_none=True, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool | int | float):
            return value
        if not isinstance(value, str):
            raise ValidationError("a text, a number, true, false or null is needed here")
        return super()._deserialize(value, attr, data, **kwargs)

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return {"type": ["string", "number", "boolean", "null"]}


class LoopSchema(Schema):
    """When the same, written to a lead again and again, is a loop."""

    class Meta:
        unknown = RAISE

    example: ClassVar[str] = "{rounds: 5}"

    rounds = WholeNumber(
        1, 1000, load_default=LoopBounds().rounds, metadata={"description": "how often the same may be written"}
    )
    within = DurationField(
        least=SHORTEST_LOOP,
        most=LONGEST_LOOP,
        load_default=LoopBounds().within,
        metadata={"description": "within this time"},
    )


class CrmSinkSchema(SinkSchema):
    """The options of a sink that writes to the CRM; the section `crm` says which and by what key."""

    usual_order = Order.LATEST
    is_for_people = False
    needs_section: ClassVar[str] = "crm"

    action = Choice(tuple(Action), required=True, metadata={"description": "what is done with the lead"})
    fields_ = fields.Dict(
        data_key="fields",
        attribute="fields",  # the library keeps `fields` for itself
        keys=fields.String(validate=validate.Length(1, 100)),
        values=ValueField(),
        validate=validate.Length(1, MOST_FIELDS),
        metadata={"description": "what is written: the CRM's names of fields, with templates for values"},
    )
    loop = fields.Nested(LoopSchema, metadata={"description": "when the same written again and again is a loop"})
    concurrency = WholeNumber(
        1, MOST_AT_ONCE, load_default=MOST_AT_ONCE, metadata={"description": "leads at most in one call"}
    )
    timeout = TimeoutField(
        load_default=lambda: {"total": USUAL_TIMEOUT},
        metadata={"description": "how long an attempt may take, with its turn at the CRM"},
    )

    @validates_schema
    def _action_has_its_fields(self, options: Mapping[str, Any], **_: object) -> None:
        action, given = options.get("action"), options.get("fields")
        if action == Action.DELETE:
            if given is not None:
                raise ValidationError("`fields` is for what is written: `delete` writes nothing", "fields")
        elif action is not None and given is None and action != Action.CREATE:
            raise ValidationError(f"`fields` is missing: what `{action}` writes")
        elif action == Action.LOG_CALL:
            _judge_call(given or {})
        elif action is not None:
            _judge_lead(given or {})


def _judge_call(given: Mapping[str, object]) -> None:
    known = ", ".join(CALL_FIELDS)
    strange = [name for name in given if name not in CALL_FIELDS]
    _refuse(strange, lambda name: f"a call has no `{name}`{did_you_mean(name, CALL_FIELDS)}; it has {known}")
    missing = [name for name in CALL_NEEDS if name not in given]
    if missing:
        raise ValidationError(f"a call needs {' and '.join(f'`{name}`' for name in missing)}", "fields")


def _judge_lead(given: Mapping[str, object]) -> None:
    named = [name for name in given if name in NAMING]
    _refuse(named, lambda name: f"`{name}` is the CRM's to give: the lead of the delivery is written, and no other")


def _refuse(names: Sequence[str], why: Callable[[str], str]) -> None:
    """Refuse keys of `fields`, each where it stands."""
    if names:
        raise ValidationError({"fields": {name: {"key": [why(name)]} for name in names}})


def loop_of(options: Mapping[str, Any]) -> LoopBounds:
    """When the same, written again and again, is a loop."""
    return LoopBounds(**options.get("loop", {}))


Values = Mapping[str, Template | int | float | bool | None]
