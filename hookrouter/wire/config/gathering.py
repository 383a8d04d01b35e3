"""Reading on after a fault, so that all faults of a document are told at once."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from hookrouter.wire.config.faults import Fault, Faults


class Gathering:
    """Keeps the faults of each `with` block; `finish` raises them together."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(fault, Faults):
            self._faults.extend(fault.faults)
            return True
        return False

    def finish(self) -> None:
        """Raise what was gathered, if anything was."""
        if self._faults:
            raise Faults(self._faults)
