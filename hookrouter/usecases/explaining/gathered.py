"""How a delivery would share a message with others, in words."""

from __future__ import annotations

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.digest import shared_by
from hookrouter.domain.policy import Digest, SinkPolicy
from hookrouter.wire.config.duration import write_duration


def how_gathered(delivery: Delivery, policy: SinkPolicy) -> str:
    """When and with whom it would go out; '' when it would go alone whatever happens."""
    said: list[str] = []
    if policy.digest is not None:
        said.append(_in_digest(delivery, policy.digest))
    elif policy.burst is not None:
        said.append(
            f"would be part of a digest if more than {policy.burst.over} come in {write_duration(policy.burst.per)}"
        )
    if policy.expire_after is not None:
        said.append(f"would be a line of a digest if it came more than {write_duration(policy.expire_after)} late")
    return "; ".join(said)


def _in_digest(delivery: Delivery, digest: Digest) -> str:
    value = shared_by(delivery, digest) or "(empty)"
    of = f" for {digest.by} {value}" if digest.by else ""
    every = write_duration(digest.every)
    return f"would be part of a digest{of}, sent {every} after its first lead or when it has {digest.most}"
