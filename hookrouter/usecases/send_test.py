"""Send a test: one real message through a sink, which says that it is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from hookrouter.domain.change import compare
from hookrouter.domain.delivery import SEND_TEST, Delivery, Occasion, make_delivery
from hookrouter.domain.echo import Discretion
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.ids import DeliveryId, LeadKey, PushId, SinkName, SourceName
from hookrouter.domain.lead import Fields, Json, Lead, text_of
from hookrouter.domain.outcome import Answer, Dead, Delivered, Outcome, Reason, Retry
from hookrouter.domain.policy import SinkPolicy
from hookrouter.domain.visible import as_allowed
from hookrouter.ports.sinks import MarkableMessage, Sink, Sinks
from hookrouter.ports.surroundings import Clock
from hookrouter.wire.messages.template import RenderingFailed

NAME_FIELD = "firstName"
MARK = "TEST"
"""It stands before the lead's first name, for that is in nearly every message; the route and the push say it too."""

NOTE = f"{MARK} by hookrouter send-test"
"""What a message says that shows neither of them: by templates of the operator's, or by `only`."""

NOBODY: Fields = {
    "id": "1",
    NAME_FIELD: "Ada",
    "lastName": "Example",
    "companyName": "Example Ltd",
    "emailAddress": "ada@example.com",
    "leadStatus": "open",
    "leadScore": "1",
}
"""A lead that does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """What came of a test."""

    delivery: DeliveryId
    sink: SinkName
    seconds: float
    outcome: Outcome

    @property
    def arrived(self) -> bool:
        """Whether the far side took it."""
        return isinstance(self.outcome, Delivered)

    def summary(self) -> dict[str, Json]:
        """What an operator is shown."""
        outcome = self.outcome
        return {
            "id": self.delivery,
            "sink": self.sink,
            "delivered": self.arrived,
            "reason": "" if isinstance(outcome, Delivered) else outcome.reason,
            "status": outcome.answer.status,
            "seconds": self.seconds,
            "answer": outcome.answer.text,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTest:
    """Sends tests as if they came from `source`; nothing of them is stored, and nothing is tried again."""

    sinks: Sinks
    policies: Callable[[SinkName], SinkPolicy]
    source: SourceName
    clock: Clock
    discretion: Discretion

    async def run(self, name: SinkName, lead: Lead | None) -> Tested:
        """Send one message about a lead, or about nobody.

        Raises:
            ConfigurationError: there is no such sink.
        """
        sink = self.sinks.find(name, SEND_TEST)
        if sink is None:
            raise ConfigurationError(f"there is no sink {name}; `hookrouter status` shows those there are")
        policy, delivery = self.policies(name), self._delivery(name, lead)
        began = self.clock.monotonic()
        outcome = await _sent(sink, as_allowed(delivery, policy))
        return Tested(
            delivery=delivery.id,
            sink=name,
            seconds=round(self.clock.monotonic() - began, 3),
            outcome=self.discretion.about(outcome, delivery, policy.secrets),
        )

    def _delivery(self, sink: SinkName, lead: Lead | None) -> Delivery:
        about = lead or Lead(key=LeadKey("1"), fields=NOBODY)
        name = f"{MARK} {text_of(about.fields.get(NAME_FIELD))}".strip()
        marked = replace(about, fields={**about.fields, NAME_FIELD: name})
        push = PushId(self.clock.new_id("test"))
        occasion = Occasion(push=push, source=self.source, place=0, received_at=self.clock.now())
        return make_delivery(occasion, compare(marked, None), SEND_TEST, sink)


async def _sent(sink: Sink, delivery: Delivery) -> Outcome:
    try:
        message = sink.render(delivery)
        if isinstance(message, MarkableMessage) and MARK not in str(message.preview()):
            message = message.as_test(NOTE)
        return await sink.send(delivery, message)
    except RenderingFailed as fault:
        return Dead(reason=Reason.RENDERING, answer=Answer(text=str(fault)))
    except Exception as fault:  # noqa: BLE001 - a plug-in's door, as a drain has it
        return Retry(reason=Reason.BROKEN, answer=Answer(text=f"the sink failed with {type(fault).__name__}"))
