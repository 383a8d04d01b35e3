"""The worker's door: what a drain dies of is reported here, and the next wake-up begins it again."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from hookrouter.domain.errors import StoreAway
from hookrouter.domain.events import DrainFailed, NeighbourFailed
from hookrouter.runtime import Runtime


@contextmanager
def reported(runtime: Runtime, stream: str) -> Iterator[None]:
    """Report a failure inside the block instead of raising it: one drain's defect must not end the others."""
    try:
        yield
    except StoreAway as fault:
        runtime.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))
    except Exception as fault:  # noqa: BLE001 - this is the door
        place = traceback.extract_tb(fault.__traceback__)[-1]
        where = f"{place.filename.rsplit('/', 1)[-1]}:{place.lineno}"
        runtime.observer.report(DrainFailed(stream=stream, kind=type(fault).__name__, place=where))
