"""Take a click: believe what Slack signed just now, and put it safely before Slack is answered."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from hookrouter.domain.claim import Claimants, Click
from hookrouter.domain.claim_events import ButtonPressed
from hookrouter.domain.errors import PushRefused, StoreAway
from hookrouter.domain.ids import SinkName, SourceName
from hookrouter.ports.claims import ClaimBook, Taken
from hookrouter.ports.surroundings import Clock, Observer
from hookrouter.wire.slack.click import Pressed, read_click
from hookrouter.wire.slack.signature import is_signed, may_be_signed

NOT_SIGNED = PushRefused(401, "not signed", "this address answers Slack alone, by its signature of the last minutes")

NO_BUTTON = PushRefused(404, "no such button", "by the configuration of now there is no such button any more")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeClicks:
    """Takes clicks of our buttons.

    Attributes:
        secrets: any of which Slack may sign by.
        claimants: who may claim leads, by their ids in Slack.
        sinks: whose messages have the button.
        sources: whose leads may be claimed.
    """

    book: ClaimBook
    secrets: Sequence[str] = field(repr=False)
    claimants: Claimants = field(repr=False)
    sinks: Collection[SinkName]
    sources: Collection[SourceName]
    clock: Clock
    observer: Observer

    def admit(self, timestamp: str, signature: str) -> None:
        """Look at the headers before the body is read.

        Raises:
            PushRefused: 401, of what Slack cannot have signed within the last minutes.
        """
        if not may_be_signed(timestamp, signature, self.clock.now()):
            raise NOT_SIGNED

    def take(self, body: bytes, timestamp: str, signature: str) -> bool:
        """Keep what was clicked; whether there is work. What is no click of ours is nothing to do.

        Raises:
            PushRefused: 401, as above; 404, so that whoever clicked sees it, where the button's sink or source is gone.
            StoreAway: it is not kept: whoever clicked sees that it failed, and clicks again.
        """
        if not is_signed(self.secrets, timestamp, signature, body):
            raise NOT_SIGNED
        pressed = read_click(body)
        if pressed is None:
            return False
        if pressed.button.sink not in self.sinks or pressed.button.source not in self.sources:
            raise NO_BUTTON
        click = self._click(pressed, hashlib.sha256(body).hexdigest()[:32])
        taken = self.book.take(click)
        is_strange = taken is Taken.KEPT and click.claimant is None
        result = "stranger" if is_strange else taken.value
        self.observer.report(ButtonPressed(sink=click.sink, source=click.source, result=result))
        if taken is Taken.FULL:
            raise StoreAway("too many clicks wait")
        return taken is Taken.KEPT

    def _click(self, pressed: Pressed, name: str) -> Click:
        button = pressed.button
        return Click(
            id=name,
            at=self.clock.now(),
            user=pressed.user,
            claimant=self.claimants.get(pressed.user),
            sink=button.sink,
            source=button.source,
            lead=button.lead,
            place=button.place,
            channel=pressed.channel,
            ts=pressed.ts,
            thread_ts=pressed.thread_ts,
            text=pressed.text,
            blocks=pressed.blocks,
        )
