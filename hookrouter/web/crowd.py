"""The connections of one process: when there are too many, those that have begun no request, or end none, make room.

Whoever opens connections and sends half a request needs no token. With each place held so, honest pushes would wait
for as long as a head may take; here the one that has waited longest is closed for each that comes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import gevent
from gevent.lock import BoundedSemaphore

from hookrouter.domain.errors import PushRefused

ROOM = 8
"""Places that are kept free for those who come next."""


class Crowd:
    """At most `most` connections at once, of which some wait for a request's head."""

    def __init__(self, most: int) -> None:
        """Make room when but a few of `most` places are left."""
        self._fullest = max(1, most - ROOM)
        self._connections = 0
        self._waiting: OrderedDict[_Head, Any] = OrderedDict()

    @contextmanager
    def connection(self) -> Iterator[None]:
        """One more connection, for which another may have to make room."""
        self._connections += 1
        if self._connections > self._fullest:
            gevent.get_hub().loop.run_callback(self._close_the_longest_waiting)
        try:
            yield
        finally:
            self._connections -= 1

    def head(self, seconds: float) -> gevent.Timeout:
        """The time in which a request's head must come in; its `with` block ends silently when it is over."""
        return _Head(seconds, self._waiting)

    def _close_the_longest_waiting(self) -> None:
        """From the hub, so that what is found waiting waits still when it is told to stop: no push is cut off."""
        if self._connections > self._fullest and self._waiting:
            head, waiting = self._waiting.popitem(last=False)
            waiting.throw(head)


class Readers:
    """At most `most` read a body at once: whoever has read the longest makes room for the next.

    What is honest is there in a moment; what comes byte by byte takes no place from it.
    """

    def __init__(self, most: int) -> None:
        """Give up reading when more do."""
        self._most = most
        self._reading: OrderedDict[object, Any] = OrderedDict()

    @contextmanager
    def place(self) -> Iterator[None]:
        """One more who reads; raises `PushRefused` in whoever must make room."""
        place = object()
        self._reading[place] = gevent.getcurrent()
        if len(self._reading) > self._most:
            gevent.get_hub().loop.run_callback(self._give_up_the_longest)
        try:
            yield
        finally:
            self._reading.pop(place, None)

    def _give_up_the_longest(self) -> None:
        """From the hub, as above: who has the whole body meanwhile goes on."""
        while len(self._reading) > self._most:
            _, reading = self._reading.popitem(last=False)
            reading.throw(
                PushRefused(429, "too many at once", "too many requests are being read: try again in a moment")
            )


class Places:
    """At most `most` are served at once; who comes beyond waits for a place, but not for ever."""

    def __init__(self, most: int, within: float, doing: str = "calls are being answered") -> None:
        """Refuse who has waited so many seconds; `doing` says what is done in these places."""
        self._places = BoundedSemaphore(most)
        self._within = within
        self._doing = doing
        self._was_refused = False

    @contextmanager
    def place(self) -> Iterator[None]:
        """One more who is served; raises `PushRefused` when none has become free."""
        if not self._places.acquire(timeout=self._within):
            self._was_refused = True
            raise PushRefused(429, "too many at once", f"too many {self._doing}: try again in a moment", retry_after=1)
        try:
            yield
        finally:
            self._was_refused = False
            self._places.release()

    @property
    def are_taken(self) -> bool:
        """Whether the next one would be refused: somebody was, and no place became free since."""
        return self._was_refused and self._places.locked()


class _Head(gevent.Timeout):  # type: ignore[misc]  # gevent's types are its own
    """A time limit that can be reached early."""

    def __init__(self, seconds: float, waiting: OrderedDict[_Head, Any]) -> None:
        super().__init__(seconds, exception=False)
        self._waiting = waiting

    def __enter__(self) -> Self:
        self._waiting[self] = gevent.getcurrent()
        super().__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._waiting.pop(self, None)
        return bool(super().__exit__(kind, fault, trace))
