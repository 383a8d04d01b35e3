"""Connections that have begun no request make room for those that come."""

from __future__ import annotations

import gevent
from gevent.event import Event

from hookrouter.domain.errors import PushRefused
from hookrouter.web.crowd import ROOM, Crowd, Readers


class Callers:
    """Greenlets that hold a connection each; what became of them, in the order in which it did."""

    def __init__(self, most: int) -> None:
        self.crowd = Crowd(most + ROOM)
        self.closed: list[str] = []
        self.greenlets: list[gevent.Greenlet] = []

    def dawdles(self, name: str) -> None:
        """Somebody whose head does not come in."""
        self._spawn(self._dawdle, name)

    def pushes(self, name: str) -> Event:
        """Somebody whose head has come in and whose push is being taken, until the event is set."""
        taken = Event()
        self._spawn(self._push, name, taken)
        return taken

    def _dawdle(self, name: str) -> None:
        with self.crowd.connection():
            with self.crowd.head(seconds=600):
                Event().wait()
            self.closed.append(name)

    def _push(self, name: str, taken: Event) -> None:
        with self.crowd.connection():
            with self.crowd.head(seconds=600):
                gevent.sleep()
            taken.wait()
            self.closed.append(name)

    def _spawn(self, *call: object) -> None:
        self.greenlets.append(gevent.spawn(*call))
        for _ in range(5):
            gevent.sleep()  # until all that can go on now has gone on


def test_who_has_waited_longest_for_a_head_makes_room() -> None:
    callers = Callers(most=3)
    for name in ("first", "second", "third"):
        callers.dawdles(name)
    assert callers.closed == []

    callers.dawdles("fourth")
    callers.dawdles("fifth")

    assert callers.closed == ["first", "second"]
    gevent.killall(callers.greenlets)


def test_no_push_is_cut_off_to_make_room() -> None:
    callers = Callers(most=2)
    taken = [callers.pushes(name) for name in ("one", "two", "three", "four")]
    assert callers.closed == []

    callers.dawdles("dawdler")
    for event in taken:
        event.set()
    gevent.joinall(callers.greenlets[:4])

    assert callers.closed == ["dawdler", "one", "two", "three", "four"]


def test_a_head_that_takes_too_long_ends_by_itself() -> None:
    crowd = Crowd(100)

    with crowd.head(seconds=0.01):
        Event().wait()


def test_who_has_read_a_body_the_longest_makes_room() -> None:
    readers, become = Readers(most=2), {}

    def read(name: str, whole: Event) -> None:
        try:
            with readers.place():
                whole.wait()
        except PushRefused as refused:
            become[name] = refused.status
        else:
            become[name] = 200

    bodies = {name: Event() for name in ("first", "second", "third", "fourth")}
    bodies["first"].set()  # it is whole when it is read
    greenlets = [gevent.spawn(read, name, whole) for name, whole in bodies.items()]
    for _ in range(5):
        gevent.sleep()
    assert become == {"first": 200, "second": 429}

    bodies["third"].set()
    bodies["fourth"].set()
    gevent.joinall(greenlets)
    assert become == {"first": 200, "second": 429, "third": 200, "fourth": 200}
