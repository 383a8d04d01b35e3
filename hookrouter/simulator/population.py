"""The leads that are there when the simulator starts."""

from __future__ import annotations

from datetime import timedelta
from random import Random  # noqa: TID251 - a seeded world

from hookrouter.ports.surroundings import Clock
from hookrouter.simulator.leads import TIME_FORMAT, LeadBook
from hookrouter.simulator.people import People

OLDEST = timedelta(days=60)
TOUCHED = 0.8  # the share of leads that were updated after they were created
SHARES = {"unqualified": 30, "open": 40, "qualified": 18, "contact": 8, "customer": 3, "contactWithOpp": 1}


def settle(book: LeadBook, people: People, clock: Clock, count: int, dice: Random) -> None:
    """Create leads over the past two months, the oldest first; nobody is told."""
    now = clock.now()
    ages = sorted((dice.uniform(60, OLDEST.total_seconds()) for _ in range(count)), reverse=True)
    statuses = dice.choices(list(SHARES), weights=list(SHARES.values()), k=count)
    for age, status in zip(ages, statuses, strict=True):
        score = dice.randint(0, 75)
        lead_id = book.create(
            {
                **{name: value for name, value in people.a_person().items() if value is not None},
                "leadStatus": status,
                "leadScore": str(score),
                "leadScoreWeighted": str(score * 2 // 3),
                "isUnsubscribed": dice.choice(("0", "0", "0", "1")),
            },
            at=(now - timedelta(seconds=age)).strftime(TIME_FORMAT),
        )
        lead = book.by_id(lead_id)
        if lead is not None and dice.random() < TOUCHED:
            lead["updateTimestamp"] = (now - timedelta(seconds=dice.uniform(30, age))).strftime(TIME_FORMAT)
