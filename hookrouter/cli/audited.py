"""What commands write into the audit log: each change, and each look at personal data."""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress

from hookrouter.cli.operator import whoever
from hookrouter.domain.audit import DONE, Act
from hookrouter.domain.errors import ConfigurationError, StoreAway
from hookrouter.domain.operator import Door, Operator, Role
from hookrouter.runtime import Runtime
from hookrouter.runtime.desk import Desk
from hookrouter.usecases.audit import Result


def at_the_shell(by: str | None = None) -> Operator:
    """Who runs the command, or in whose name."""
    return Operator(name=by or whoever(), role=Role.OPERATE, door=Door.CLI)


def deed(runtime: Runtime, act: Act, of: str, *, by: str | None = None) -> AbstractContextManager[Result]:
    """What is done inside is written down when it is over; see `usecases.audit.KeepAudit`."""
    return Desk(runtime).audit().deed(at_the_shell(by), act, of)


def note_if_there(runtime: Runtime, act: Act, of: str, result: str = DONE) -> None:
    """Write down what was done without Redis, if it is there: it is not needed for this."""
    with suppress(ConfigurationError, StoreAway):
        Desk(runtime).audit().note(at_the_shell(), act, of, result)


def note_reveal(runtime: Runtime, of: str, *, reveal: bool) -> None:
    """Write down that what is personal is shown, if it is; before it is."""
    if reveal:
        Desk(runtime).audit().note(at_the_shell(), Act.UNMASK, of)
