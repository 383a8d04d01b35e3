"""How a process of ours learns that it is to stop, and ends in time, whatever it hangs on."""

from __future__ import annotations

import os
import signal
import socket
import threading

from hookrouter.domain.events import NeighbourFailed
from hookrouter.runtime import Runtime
from hookrouter.stopping import SIGNALS, Stopping

FINISH_WITHIN = 25.0
"""Seconds for what is under way when the worker is told to stop; less than the usual grace period of 30."""
LEAVE_WITHIN = 28.0
"""Seconds from the signal to the end, whatever Redis does; less than the usual grace period as well."""
LAST_WORDS = 1.0
"""Seconds for saying that it leaves: whatever reads the log may hang, too."""


def stop_on_signals(stopping: Stopping) -> None:
    """Have any number of signals stop this process once; call this in its main thread.

    The interpreter writes each signal's number to a socket the moment it comes, and a thread reads it there. A handler
    would have to wait for the main thread, which may hang where no signal gets through: in the look-up of a host name.
    """
    bell, ringer = socket.socketpair()
    ringer.setblocking(False)
    signal.set_wakeup_fd(ringer.fileno(), warn_on_full_buffer=False)
    for number in SIGNALS:
        signal.signal(number, lambda *_: None)
    threading.Thread(target=_hear, args=[bell, ringer, stopping], name="signals", daemon=True).start()


def leave_in_time(runtime: Runtime) -> None:
    """Make sure that the process ends in time once it is to stop, even if a call to Redis hangs.

    Nothing is lost, for all that waits is in Redis.
    """
    threading.Thread(target=_leave, args=[runtime], name="leaving", daemon=True).start()


def _hear(bell: socket.socket, _ringer: socket.socket, stopping: Stopping) -> None:
    while True:  # keep reading: the interpreter writes each signal, and complains if nobody holds the line
        if bell.recv(1)[0] in SIGNALS:  # RQ's alarm rings, too
            stopping.set()


def _leave(runtime: Runtime) -> None:
    runtime.stopping.wait()
    try:
        runtime.clock.sleep(LEAVE_WITHIN)
        words = threading.Thread(target=_say_so, args=[runtime], daemon=True)
        words.start()
        words.join(LAST_WORDS)
    finally:
        os._exit(1)


def _say_so(runtime: Runtime) -> None:
    reason = f"the {runtime.role} left while Redis did not answer"
    runtime.observer.report(NeighbourFailed(neighbour="redis", reason=reason))
    runtime.observer.flush()
