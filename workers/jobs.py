"""The wake-ups: RQ calls these by name, without arguments."""

from __future__ import annotations

from hookrouter.ports.stages import Stage
from workers.station import station


def hydrate() -> None:
    """See to it that what waits for the CRM's copies is read back."""
    station().ring(Stage.HYDRATE)


def route() -> None:
    """See to it that what waits in the intake is routed."""
    station().ring(Stage.ROUTE)


def assign() -> None:
    """See to it that leads that wait for somebody of a team are given out."""
    station().ring(Stage.ASSIGN)


def enrich() -> None:
    """See to it that what waits for its history is served."""
    station().ring(Stage.ENRICH)


def deliver() -> None:
    """See to it that the outboxes with work are served."""
    station().ring(Stage.DELIVER)


def remind() -> None:
    """See to it that the leads whose follow-up step is due are looked at."""
    station().ring(Stage.REMIND)


def reconcile() -> None:
    """See to it that what changed in the CRM is held against what pushes brought."""
    station().ring(Stage.RECONCILE)


def watch() -> None:
    """See to it that somebody looks whether the CRM still pushes."""
    station().ring(Stage.WATCH)


def claim() -> None:
    """See to it that what people claimed becomes theirs."""
    station().ring(Stage.CLAIM)


def kick() -> None:
    """Wake every stage with work."""
    station().kick()
