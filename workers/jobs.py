"""The wake-ups: RQ calls these by name, without arguments."""

from __future__ import annotations

from hookrouter.ports.stages import Stage
from workers.station import station


def hydrate() -> None:
    """Have leads that wait for the CRM's copies read back."""
    station().ring(Stage.HYDRATE)


def route() -> None:
    """Have what waits in the intake routed."""
    station().ring(Stage.ROUTE)


def assign() -> None:
    """Have leads given out that wait for somebody of a team."""
    station().ring(Stage.ASSIGN)


def enrich() -> None:
    """Have leads served that wait for their history."""
    station().ring(Stage.ENRICH)


def deliver() -> None:
    """Have the outboxes with work served."""
    station().ring(Stage.DELIVER)


def remind() -> None:
    """Have leads looked at whose follow-up step is due."""
    station().ring(Stage.REMIND)


def reconcile() -> None:
    """Have what changed in the CRM compared with what pushes brought."""
    station().ring(Stage.RECONCILE)


def watch() -> None:
    """Have somebody check that the CRM still pushes."""
    station().ring(Stage.WATCH)


def claim() -> None:
    """Have the leads that people claimed made theirs."""
    station().ring(Stage.CLAIM)


def kick() -> None:
    """Wake every stage that has work."""
    station().kick()
