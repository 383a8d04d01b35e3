"""A fortnight of a sales desk over the change to summer time, told by a clock that is set, on a real server.

Every follow-up comes at the right working minute, counted by hand by a calendar on the wall; none after its lead was
handled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from enrich_support import crm_id
from follow_up_support import Reminded, reminded_at

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
FIRST, LAST = datetime(2031, 3, 24, tzinfo=UTC), datetime(2031, 4, 7, tzinfo=UTC)
"""Summer time begins on Sunday, 30 March 2031."""
HOLIDAY = "2031-04-02"
STEPS = {"15m": 15, "1h": 60, "9h": 540}
ROUTES = f"""  - name: hot
    match: {{leadScore: {{gte: 80}}}}
    during: {{days: mon-fri, hours: ["09:00-12:30", "13:30-17:00"], timezone: Europe/Berlin, except: {HOLIDAY}}}
    to: [some]
    follow_up:
      - {{after: 15m, unless: {{changed: [leadStatus]}}, to: [some], say: "{{{{ lead.firstName }}}} waits"}}
      - {{after: 1h, unless: {{changed: [leadStatus, ownerID]}}, to: [some]}}
      - {{after: 9h, unless: {{leadStatus: [contact, customer]}}, to: [all]}}
"""
LEADS = 60


@dataclass
class Story:
    """What happens to a lead: when it comes, and when somebody does what about it, if ever."""

    lead: int
    comes: datetime
    reacts: datetime | None
    field: str

    def expected(self) -> dict[str, datetime]:
        """When each step is due, unless the reaction came before and counts for it."""
        due = {step: worked(self.comes, minutes) for step, minutes in STEPS.items()}
        counts = {"leadStatus": ("15m", "1h", "9h"), "ownerID": ("1h",)}.get(self.field, ())
        return {
            step: moment
            for step, moment in due.items()
            if moment < LAST and not (self.reacts is not None and step in counts and self.reacts <= moment)
        }


def is_worked(at: datetime) -> bool:
    """Whether the calendar and the clock on the wall say so."""
    wall = at.astimezone(BERLIN)
    minute = wall.hour * 60 + wall.minute
    at_desk = 9 * 60 <= minute < 12 * 60 + 30 or 13 * 60 + 30 <= minute < 17 * 60
    return at_desk and wall.weekday() < 5 and f"{wall:%Y-%m-%d}" != HOLIDAY


WORKED = {FIRST + number * MINUTE for number in range(21 * 24 * 60) if is_worked(FIRST + number * MINUTE)}
"""Every minute of three weeks that is worked."""


def worked(began: datetime, minutes: int) -> datetime:
    at, left = began, minutes
    while left or at not in WORKED:
        left -= at in WORKED
        at += MINUTE
    return at


def stories() -> list[Story]:
    dice, told = Random(7), []
    for lead in range(LEADS):
        comes = FIRST + dice.randrange(13 * 24 * 60) * MINUTE
        reacts = None if dice.random() < 0.3 else comes + dice.choice([5, 40, 200, 1500]) * MINUTE
        told.append(Story(lead, comes, reacts, dice.choice(["leadStatus", "leadStatus", "ownerID", "companyName"])))
    # Friday evening before the change, and the night of it.
    told.append(Story(LEADS, datetime(2031, 3, 28, 15, 50, tzinfo=UTC), None, ""))
    told.append(Story(LEADS + 1, datetime(2031, 3, 30, 0, 59, tzinfo=UTC), None, ""))
    return told


async def test_each_follow_up_of_a_fortnight_comes_at_its_working_minute(tmp_path: Path, valkey: Any) -> None:
    told = stories()
    happens = [(story.comes, story, {"leadScore": "90", "leadStatus": "open", "firstName": "Ada"}) for story in told]
    happens += [(story.reacts, story, {story.field: "contact"}) for story in told if story.reacts]
    came: dict[int, dict[str, datetime]] = {story.lead: {} for story in told}
    leads = {crm_id(story.lead): story.lead for story in told}

    async with reminded_at(tmp_path, valkey.url) as stage:
        stage.configure(ROUTES)
        stage.without_crm()
        for at, story, fields in sorted(happens, key=lambda each: each[0]):
            await remind_until(stage, at, came, leads)
            stage.time.at = at
            await stage.push(story.lead, **fields)
            await stage.new("some")
        await remind_until(stage, LAST, came, leads)

    assert came == {story.lead: story.expected() for story in told}
    moments = [moment for steps in came.values() for moment in steps.values()]
    assert len(moments) > LEADS
    assert all(is_worked(moment) for moment in moments)


async def remind_until(
    stage: Reminded, end: datetime, came: dict[int, dict[str, datetime]], leads: dict[str, int]
) -> None:
    """Let the kick look each time when something is due before a moment, as it does every two seconds."""
    while (due := await stage.next_due()) is not None and due < end:
        for delivery in await stage.pass_until(due):
            assert delivery.step not in came[leads[delivery.lead_key]], "it came twice"
            came[leads[delivery.lead_key]][delivery.step] = due
