"""The last word before the bytes of an attempt leave: whether the delivery is still for this process to make.

A process that was frozen or suspended resumes in the middle of an attempt long after its lease passed on, and another
process may have told of the lead since. So whoever writes what the far side will act on asks once more, right before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

StillOurs = Callable[[], bool]
"""Whether the attempt still goes on and no other process can have begun the delivery; any thread may ask."""


class PassedOn(Exception):  # noqa: N818 - it reads as what happened
    """Another process may have begun the delivery meanwhile, so nothing of this attempt was sent."""


def _always() -> bool:
    return True


STILL_OURS: ContextVar[StillOurs] = ContextVar("still_ours", default=_always)
"""The question for the attempt of this task, or of the one that started it; outside of attempts there is no lease."""


@contextmanager
def one_attempt(still_ours: StillOurs) -> Iterator[None]:
    """Have everything sent in the block ask `still_ours`, and everything sent after it refused.

    A task that a sink starts by itself inherits this, and may outlive the attempt, when the next is already under way.
    """
    has_ended = False
    STILL_OURS.set(lambda: not has_ended and still_ours())
    try:
        yield
    finally:
        has_ended = True


def insist_it_is_ours() -> None:
    """Return only if this task's delivery is still for this process to make.

    Raises:
        PassedOn: it is not.
    """
    if not STILL_OURS.get()():
        raise PassedOn
