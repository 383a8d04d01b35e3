"""The last word before the bytes of an attempt leave: whether the delivery is still for this process to make.

A process that stood still, frozen or suspended, goes on amid an attempt when its lease has long passed on, and another
may have told of the lead since. So whoever writes what the far side will act on asks once more, right before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

StillOurs = Callable[[], bool]
"""Whether the attempt goes on, and no other process can have begun the delivery by now; any thread may ask."""


class PassedOn(Exception):  # noqa: N818 - it reads as what happened
    """Another process may have begun the delivery meanwhile: nothing of this attempt was sent."""


def _always() -> bool:
    return True


STILL_OURS: ContextVar[StillOurs] = ContextVar("still_ours", default=_always)
"""Of the attempt that this task, or who began it, makes; what is sent outside of attempts is under no lease."""


@contextmanager
def one_attempt(still_ours: StillOurs) -> Iterator[None]:
    """Let what is sent within ask so, and what is sent later be refused.

    A task that a sink begins by itself is given this word, too, and may live on: the next attempt is under way by then.
    """
    has_ended = False
    STILL_OURS.set(lambda: not has_ended and still_ours())
    try:
        yield
    finally:
        has_ended = True


def insist_it_is_ours() -> None:
    """Go on only if the delivery of this task is still for this process to make.

    Raises:
        PassedOn: it is not.
    """
    if not STILL_OURS.get()():
        raise PassedOn
