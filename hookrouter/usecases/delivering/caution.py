"""Caution: after a drain was killed, find the delivery that may have killed it before it kills the next ones.

Nothing is noted while all goes well. When a drain finds that its forerunner did not come to its end, it notes what
it attempts; whatever is noted when it is killed in turn goes alone the next time, and is given up when it has
been there too often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hookrouter.domain.ids import DeliveryId

MOST_CRASHES = 3
"""Drains that died while a delivery was noted, the last two while it was alone; then it is set aside."""
MOST_SUSPECTED = 32
"""At once: each goes alone when the drain is killed, which takes a sink of many places and slow answers long."""


class Caution:
    """What is known of killed drains."""

    def __init__(self) -> None:
        """Suspect nothing."""
        self._crashes: dict[DeliveryId, int] = {}
        self._innocent: list[DeliveryId] = []
        self._left = 0
        self._under_way: dict[DeliveryId, int] = {}
        self.is_one_alone = False

    def begin(self, crashes: Mapping[DeliveryId, int], attempts: int) -> None:
        """Be careful for so many attempts: as many as the killed drain may have had in hand."""
        self._crashes = dict(crashes)
        self._left = attempts

    @property
    def is_needed(self) -> bool:
        """Whether attempts must be noted before they are made."""
        return self._left > 0 or bool(self._crashes)

    def must_go_alone(self, delivery: DeliveryId) -> bool:
        """Whether a delivery was noted when a drain was killed."""
        return delivery in self._crashes

    def is_deadly(self, delivery: DeliveryId) -> bool:
        """Whether it was there too often."""
        return self._crashes.get(delivery, 0) >= MOST_CRASHES

    def note(self, deliveries: Sequence[DeliveryId]) -> dict[DeliveryId, int]:
        """Count attempts that are about to be made; how many drains each will have killed if it kills this one."""
        self._left -= sum(each not in self._under_way for each in deliveries)  # some may be noted once more
        before = {delivery: self._crashes.get(delivery, 0) for delivery in deliveries}
        self._under_way |= before
        return {delivery: count + 1 for delivery, count in before.items()}

    def clear(self, delivery: DeliveryId) -> None:
        """It was attempted and killed nothing, or will not be attempted any more."""
        if self._crashes.pop(delivery, None) is not None:
            self.is_one_alone = False
        self._under_way.pop(delivery, None)
        self._innocent.append(delivery)

    @property
    def as_before(self) -> Mapping[DeliveryId, int]:
        """What is noted that did neither kill nor come to its end, each with how many drains died of it before."""
        return {**self._under_way, **dict.fromkeys(self._innocent, 0)}

    @property
    def cleared(self) -> Sequence[DeliveryId]:
        """Those that were cleared and of which that is not written yet."""
        return tuple(self._innocent)

    def told(self, cleared: Sequence[DeliveryId]) -> None:
        """Note that it is written; those that were cleared meanwhile stand behind them."""
        del self._innocent[: len(cleared)]
