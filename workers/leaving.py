"""How a process of ours ends in time, whatever it hangs on."""

from __future__ import annotations

import os
import threading

from hookrouter.domain.events import NeighbourFailed
from hookrouter.runtime import Runtime

FINISH_WITHIN = 25.0
"""Seconds for what is under way when the worker is told to stop; under the usual grace period of 30."""
LEAVE_WITHIN = 28.0
"""Seconds from the signal to the end, whatever Redis does; under the usual grace period as well."""


def leave_in_time(runtime: Runtime) -> None:
    """See to it that the process ends once it is to stop, even if a call to Redis hangs.

    Nothing is lost by it, for all that waits is in Redis.
    """
    threading.Thread(target=_leave, args=[runtime], name="leaving", daemon=True).start()


def _leave(runtime: Runtime) -> None:
    runtime.stopping.wait()
    runtime.clock.sleep(LEAVE_WITHIN)
    runtime.observer.report(NeighbourFailed(neighbour="redis", reason="the worker left while Redis did not answer"))
    runtime.observer.flush()
    os._exit(1)
