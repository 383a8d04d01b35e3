"""Caution: after a drain was killed, find the delivery that may have killed it before it kills the next ones.

Nothing is noted while all goes well. A drain whose forerunner did not come to its end notes what it attempts. Whatever
is noted when it is killed in turn goes alone the next time, and is given up once that has happened too often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hookrouter.domain.ids import DeliveryId

MOST_CRASHES = 3
"""Drains that may die while a delivery is noted, the last two while it goes alone, before it is given up."""
MOST_SUSPECTED = 32
"""Noted at once. Each goes alone once the drain was killed, which takes long where the sink answers slowly."""


class Caution:
    """What is known of the deliveries that may have killed a drain."""

    def __init__(self) -> None:
        """Suspect nothing."""
        self._crashes: dict[DeliveryId, int] = {}
        self._innocent: list[DeliveryId] = []
        self._left = 0
        self._under_way: dict[DeliveryId, int] = {}
        self.is_one_alone = False

    def begin(self, crashes: Mapping[DeliveryId, int], attempts: int) -> None:
        """Be careful for this many attempts: as many as the killed drain may have had in hand."""
        self._crashes = dict(crashes)
        self._left = attempts

    @property
    def is_needed(self) -> bool:
        """Whether attempts must be noted before they begin."""
        return self._left > 0 or bool(self._crashes)

    def must_go_alone(self, delivery: DeliveryId) -> bool:
        """Whether a delivery was noted when a drain was killed."""
        return delivery in self._crashes

    def is_deadly(self, delivery: DeliveryId) -> bool:
        """Whether a delivery was noted too often when a drain was killed."""
        return self._crashes.get(delivery, 0) >= MOST_CRASHES

    def note(self, deliveries: Sequence[DeliveryId]) -> dict[DeliveryId, int]:
        """Count attempts about to begin; return how many drains each will have killed if it kills this one."""
        self._left -= sum(each not in self._under_way for each in deliveries)  # a retry of a failed note
        before = {delivery: self._crashes.get(delivery, 0) for delivery in deliveries}
        self._under_way |= before
        return {delivery: count + 1 for delivery, count in before.items()}

    def clear(self, delivery: DeliveryId) -> None:
        """Suspect a delivery no more: it was attempted and killed nothing, or will not be attempted again."""
        if self._crashes.pop(delivery, None) is not None:
            self.is_one_alone = False
        self._under_way.pop(delivery, None)
        self._innocent.append(delivery)

    @property
    def as_before(self) -> Mapping[DeliveryId, int]:
        """What is noted and was neither deadly nor finished, each with how many drains died of it before this one."""
        return {**self._under_way, **dict.fromkeys(self._innocent, 0)}

    @property
    def cleared(self) -> Sequence[DeliveryId]:
        """The cleared deliveries of which that is not written yet."""
        return tuple(self._innocent)

    def told(self, cleared: Sequence[DeliveryId]) -> None:
        """Note that these were written; those cleared since stand behind them."""
        del self._innocent[: len(cleared)]
