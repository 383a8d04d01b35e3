"""The keys of what operators leave; documented as in `keys`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OperatorKeys:
    """The keys of operators under one prefix."""

    prefix: str

    def audit(self) -> str:
        """Stream of what operators did, without anything personal; whoever does it writes; capped, trimmed by age.

        Forget: it names nobody.
        """
        return f"{self.prefix}:audit"

    def session(self, digest: str) -> str:
        """String, an operator's session by a digest of its id; the console writes it; expires in hours.

        Forget: it names nobody.
        """
        return f"{self.prefix}:session:{digest}"

    def session_family(self, family: str) -> str:
        """String, empty: ids of one sign-in are good while it is there; the console writes, deletes; expires in hours.

        Forget: it names nobody.
        """
        return f"{self.prefix}:session-family:{family}"

    def wrong_tokens(self, bucket: int) -> str:
        """String, how many wrong tokens came from some addresses; the door writes; expires; bounded by the buckets.

        Forget: it names nobody.
        """
        return f"{self.prefix}:wrong-tokens:{bucket}"
