"""What is told of deliveries: the facts that are reported, and what a delivery itself remembers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from hookrouter.domain.delivery import Delivery, Try
from hookrouter.domain.events import DeliveryAttempted, DeliverySuperseded, DeliverySuppressed, DeliveryTimed
from hookrouter.domain.objective import NO_OBJECTIVES, Objectives
from hookrouter.domain.outcome import Delivered
from hookrouter.ports.outbox import Attempt, Attempted, Settlement, Superseded, Suppressed
from hookrouter.ports.surroundings import Observer


def tell(
    observer: Observer, settlements: Sequence[Settlement], now: datetime, objectives: Objectives = NO_OBJECTIVES
) -> None:
    """Report what became of deliveries; those that only wait are not reported."""
    for settlement in settlements:
        match settlement:
            case Attempted():
                observer.report(_attempted(settlement, now))
                if objectives.of and isinstance(settlement.attempt.outcome, Delivered):
                    for timed in _timed(settlement.delivery, now, objectives):
                        observer.report(timed)
            case Superseded(delivery=delivery, by=by):
                observer.report(
                    DeliverySuperseded(
                        push=delivery.push, delivery=delivery.id, route=delivery.route, sink=delivery.sink, by=by
                    )
                )
            case Suppressed(entry=entry):
                again = entry.delivery
                observer.report(
                    DeliverySuppressed(push=again.push, delivery=again.id, route=again.route, sink=again.sink)
                )
            case _:
                pass


def _timed(delivery: Delivery, now: datetime, objectives: Objectives) -> Iterator[DeliveryTimed]:
    """One event for each lead that was told of, with whether it was in time."""
    for told in delivery.members or (delivery,):
        if told.route not in objectives.of or told.step:  # a reminder is late by nature
            continue
        waited = objectives.waited(told, now)
        yield DeliveryTimed(
            push=told.push,
            delivery=told.id,
            route=told.route,
            sink=told.sink,
            result="late" if objectives.are_missed(told.route, waited) else "met",
            seconds=waited.total_seconds(),
        )


def failure(attempt: Attempt) -> Try:
    """A failed attempt, as its delivery remembers it."""
    outcome = attempt.outcome
    return Try(
        at=attempt.at,
        seconds=attempt.seconds,
        outcome=type(outcome).__name__.lower(),
        reason="" if isinstance(outcome, Delivered) else outcome.reason,
        status=outcome.answer.status,
        text=outcome.answer.text,
    )


def _attempted(attempted: Attempted, now: datetime) -> DeliveryAttempted:
    delivery, outcome = attempted.delivery, attempted.attempt.outcome
    return DeliveryAttempted(
        push=delivery.push,
        delivery=delivery.id,
        route=delivery.route,
        sink=delivery.sink,
        revision=delivery.revision,
        attempt=delivery.attempts,
        outcome=type(outcome).__name__.lower(),
        reason="" if isinstance(outcome, Delivered) else outcome.reason,
        status=outcome.answer.status,
        seconds=attempted.attempt.seconds,
        lead_seconds=(now - delivery.received_at).total_seconds(),
    )
