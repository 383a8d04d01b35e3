"""An address that leads to whichever of two servers is primary, as a managed service's or a proxy's does."""

from __future__ import annotations

from dataclasses import dataclass

from fronts import Front
from valkeys import OwnValkey, eventually

from hookrouter.supervise.free_port import LOOPBACK


@dataclass
class Endpoint:
    """It leads new connections; those that stand go on with the server that they were made to."""

    front: Front
    primary: OwnValkey
    other: OwnValkey

    def fail_over(self) -> None:
        """Make the other one primary, as is done in order: writes wait until it has all, then are refused."""
        self.primary.call("CLIENT", "PAUSE", "30000", "WRITE")
        eventually(self._is_in_step, "the replica has all of it")
        self.other.call("REPLICAOF", "NO", "ONE")
        self.front.turn_to(self.other.port)
        self.primary.call("REPLICAOF", LOOPBACK, str(self.other.port))
        self.primary.call("CLIENT", "UNPAUSE")
        self.primary, self.other = self.other, self.primary
        eventually(lambda: self.other.info()["master_link_status"] == "up", "the replica is in step")

    def _is_in_step(self) -> bool:
        return bool(self.other.info()["master_repl_offset"] == self.primary.info()["master_repl_offset"])
