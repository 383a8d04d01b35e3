"""Who has which e-mail address."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from hookrouter.simulator.dials import Dials


@dataclass(slots=True)
class Addresses:
    """The ids of leads by address; whether the case of letters tells addresses apart is a quirk."""

    dials: Dials
    _ids: defaultdict[str, dict[str, str]] = field(
        default_factory=lambda: defaultdict(dict)
    )  # lower -> as written -> id

    def holder(self, address: object) -> str | None:
        """The id of the lead that has this address."""
        written = str(address or "").strip()
        held = self._ids.get(written.lower(), {})
        if self.dials.quirks.addresses_ignore_case:
            return next(iter(held.values()), None)
        return held.get(written)

    def note(self, address: str | None, lead_id: str) -> None:
        """A lead has this address from now on."""
        if address:
            self._ids[address.lower()][address] = lead_id

    def forget(self, address: str | None) -> None:
        """Nobody has this address any more."""
        if address:
            self._ids[address.lower()].pop(address, None)
