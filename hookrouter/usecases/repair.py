"""Repair: show how a dead letter would be sent with a mended lead, and send it on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from hookrouter.domain.dead_letter import DeadLetter
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.echo import without_secrets
from hookrouter.domain.errors import HookrouterError, NotFound
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.policy import SinkPolicy
from hookrouter.domain.visible import as_allowed
from hookrouter.ports.desk import DeadLetters
from hookrouter.ports.sinks import DigestSink, Message, Sink, Sinks
from hookrouter.ports.stages import Stage, Wake
from hookrouter.wire.messages.template import RenderingFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What a sink would be sent; `fault` says why that cannot be made, '' when it can."""

    content: Json
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairDead:
    """Mends the leads of dead letters; what the CRM has of them stays as it is.

    Attributes:
        secrets: what must not be shown of a message, each with what is shown instead.
    """

    letters: DeadLetters
    sinks: Sinks
    policies: Callable[[SinkName], SinkPolicy]
    wake: Wake
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    def preview(self, name: str, changes: Mapping[str, Json]) -> Rendered:
        """What the sink would be sent, by the rules of now.

        Raises:
            NotFound: there is no such letter.
            HookrouterError: it cannot be mended.
        """
        delivery = self._mended(self._find(name), changes)
        sink = self._sink_of(delivery)
        if sink is None:
            return Rendered(content=None, fault=f"the configuration has no sink {delivery.sink} any more")
        try:
            content = _message(sink, delivery, self.policies(delivery.sink)).preview()
            return Rendered(content=without_secrets(content, self.secrets))
        except RenderingFailed as failure:
            return Rendered(content=None, fault=str(failure))

    def replay(self, name: str, changes: Mapping[str, Json]) -> bool:
        """Have it tried again, mended, under the same id and as if for the first time; False if it is gone meanwhile.

        Raises:
            NotFound: there is no such letter.
            HookrouterError: it cannot be mended, or its sink is gone.
        """
        letter = self._find(name)
        mended = self._mended(letter, changes)
        if self._sink_of(mended) is None:
            raise HookrouterError(
                f"the configuration has no sink {mended.sink} any more: give it back first, or drop {name}"
            )
        if not self.letters.replay(name, mended.lead if changes else None):
            return False
        self.wake.ring(Stage.DELIVER)
        return True

    def _sink_of(self, delivery: Delivery) -> Sink | None:
        route = delivery.members[0].route if delivery.members else delivery.route
        return self.sinks.find(delivery.sink, route)

    def _find(self, name: str) -> DeadLetter:
        letter = self.letters.find(name)
        if letter is None:
            raise NotFound(f"there is no dead letter {name}; `hookrouter dead list` shows those there are")
        return letter

    def _mended(self, letter: DeadLetter, changes: Mapping[str, Json]) -> Delivery:
        delivery = letter.delivery
        if changes and (delivery.members or not delivery.is_of_a_lead):
            raise HookrouterError(f"{delivery.id} is of no one lead: there is nothing to mend")
        return replace(delivery, lead={**delivery.lead, **changes}) if changes else delivery


def _message(sink: Sink, delivery: Delivery, policy: SinkPolicy) -> Message:
    if not delivery.members:
        return sink.render(as_allowed(delivery, policy))
    if not isinstance(sink, DigestSink):
        raise RenderingFailed("it was gathered for a digest, and its sink makes none any more")
    return sink.render_digest([as_allowed(member, policy) for member in delivery.members])
