"""The sink type `crm`: the lead itself, changed in the CRM that pushed it, or a call logged with it.

What the CRM answers is judged in `wire.crm.verdicts`; `usecases.write_back` gathers writes into calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from hookrouter.domain.crm_write import Action, CrmWrite
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import CREATED_FIELD, EMAIL_FIELD, Fields, Json, text_of
from hookrouter.domain.loops import LoopBounds
from hookrouter.domain.outcome import Answer, Dead, Delivered, Outcome, Reason
from hookrouter.domain.short_names import called, whole_path
from hookrouter.ports.sinks import Message
from hookrouter.sinks.crm_options import CrmSinkSchema, Values, loop_of
from hookrouter.sinks.kinds import SinkTools, SinkType
from hookrouter.wire.messages.template import ASSIGNED, RenderingFailed, Template, speaks_of, template_context

ONLY_READ = "send-test writes nothing to the CRM; `hookrouter explain` shows what would be written"
BY_ADDRESS_ONLY = "the lead is known by its e-mail address only, and the CRM {} by id: `read_back` brings it"
NO_ADDRESS = "the CRM creates no lead without an e-mail address, and this one has none, or `only` hides it"
NOBODY = "nothing was written: the lead was given to nobody"
BY_ADDRESS = "email:"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmMessage:
    """What is written; `is_nothing` when all of it would say whom the lead was given to, and nobody may take it."""

    action: Action
    values: Fields = field(repr=False)
    is_nothing: bool = False

    def preview(self) -> Json:
        """The action, and the object as the API is given it."""
        return {"action": self.action.value, "object": dict(self.values)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmSink:
    """The CRM."""

    name: SinkName
    action: Action
    fields: Values = field(repr=False)
    loop: LoopBounds
    tools: SinkTools = field(repr=False)

    def render(self, delivery: Delivery) -> CrmMessage:
        """Fill the fields; custom ones may be named without the CRM's digits, as everywhere."""
        context = template_context(delivery, self.tools.lead_link)
        known = called(delivery.lead)
        unknown = self._of_nobody(delivery)
        given: dict[str, Json] = {
            name if self.action is Action.LOG_CALL else whole_path(name, delivery.lead, known): value.render(context)
            if isinstance(value, Template)
            else value
            for name, value in self.fields.items()
            if name not in unknown
        }
        is_nothing = bool(unknown) and not given and self.action is Action.UPDATE
        return CrmMessage(action=self.action, values=self._object(delivery, given), is_nothing=is_nothing)

    async def send(self, delivery: Delivery, message: Message) -> Outcome:
        """Write it, together with what is written at the same moment."""
        written = cast("CrmMessage", message)
        if self.tools.crm is None:
            return Dead(reason=Reason.REFUSED, answer=Answer(text=ONLY_READ))
        if written.is_nothing:
            return Delivered(answer=Answer(text=NOBODY))
        return await self.tools.crm.write(
            CrmWrite(
                action=self.action,
                values=written.values,
                delivery=delivery.id,
                try_of=f"{delivery.attempts}:{len(delivery.tries)}",
                route=delivery.route,
                sink=self.name,
                loop=self.loop,
            )
        )

    def _of_nobody(self, delivery: Delivery) -> frozenset[str]:
        """The fields that would say whom the lead was given to, when that is nobody: an owner is not to be emptied."""
        if delivery.assigned is not None and delivery.assigned.is_somebody:
            return frozenset()
        return frozenset(
            name for name, value in self.fields.items() if isinstance(value, Template) and speaks_of(value, ASSIGNED)
        )

    def _object(self, delivery: Delivery, given: dict[str, Json]) -> dict[str, Json]:
        """What the API is given: the fields, and what names the lead."""
        is_by_address = delivery.lead_key.startswith(BY_ADDRESS)
        known = delivery.lead_key.removeprefix(BY_ADDRESS) if is_by_address else ""  # also where `only` hides it
        address = text_of(delivery.lead.get(EMAIL_FIELD)).strip() or known
        match self.action:
            case Action.CREATE:
                made = {EMAIL_FIELD: address, **given}
                if not text_of(made[EMAIL_FIELD]).strip():
                    raise RenderingFailed(NO_ADDRESS)
                return made
            case Action.UPDATE:
                return {EMAIL_FIELD: address, **given} if is_by_address else {"id": delivery.lead_key, **given}
            case Action.DELETE:
                if is_by_address:
                    raise RenderingFailed(BY_ADDRESS_ONLY.format("deletes"))
                return {"id": delivery.lead_key}
            case Action.LOG_CALL:
                if is_by_address and "leadID" not in given:
                    raise RenderingFailed(BY_ADDRESS_ONLY.format("logs calls"))
                came = delivery.received_at.isoformat(timespec="seconds")
                return {"leadID": delivery.lead_key, CREATED_FIELD: came, **given}


def build(name: SinkName, options: Mapping[str, object], tools: SinkTools) -> CrmSink:
    """Build a sink from what `CrmSinkSchema` loaded."""
    given = cast("Mapping[str, Any]", options)
    return CrmSink(
        name=name,
        action=Action(given["action"]),
        fields=given.get("fields", {}),
        loop=loop_of(given),
        tools=tools,
    )


SINK = SinkType(name="crm", schema=CrmSinkSchema, build=build)
