"""What a click leads to, and what is left of it after attempts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from hookrouter.domain.claim import Claim, Claimant, ClaimWork, Click, Duty, after_attempts, claimants_of, duties_of
from hookrouter.domain.ids import LeadKey, SinkName, SourceName, TeamName
from hookrouter.domain.outcome import Answer, Dead, Delivered, Outcome, Reason, Retry
from hookrouter.domain.teams import Member, Team
from hookrouter.testing.builders import RECEIVED_AT

ADA = Claimant(owner="313499604", name="Ada Brown")
CLICK = Click(
    id="k_1",
    at=RECEIVED_AT,
    user="U02ADA",
    claimant=ADA,
    sink=SinkName("sales"),
    source=SourceName("crm"),
    lead=LeadKey("1"),
    place="#deals",
    channel="C1",
    ts="1.2",
)
BENS = Claim(click="k_0", owner="313499605", name="Ben Cole", by="U02BEN", at=RECEIVED_AT)
AWAY, GONE = Retry(reason=Reason.NETWORK), Dead(reason=Reason.REFUSED, answer=Answer(text="no such record"))


@pytest.mark.parametrize(
    ("click", "claim", "duties"),
    [
        (CLICK, CLICK.claim, (Duty.SHOW, Duty.WRITE)),
        (CLICK, BENS, (Duty.SHOW, Duty.TELL)),
        (CLICK, replace(BENS, by="U02ADA"), (Duty.SHOW,)),
        (CLICK, None, ()),
        (replace(CLICK, claimant=None), BENS, (Duty.TELL,)),
        (replace(CLICK, claimant=None), None, (Duty.TELL,)),
    ],
    ids=["the first", "a later one", "the same person again", "given back", "a stranger", "a stranger, first"],
)
def test_who_was_first_decides_what_a_click_leads_to(
    click: Click, claim: Claim | None, duties: tuple[Duty, ...]
) -> None:
    assert duties_of(click, claim) == duties


def left(outcomes: dict[Duty, Outcome], *, after: timedelta = timedelta(), attempts: int = 0) -> ClaimWork:
    work = ClaimWork(click=CLICK, duties=tuple(outcomes), attempts=attempts)
    return after_attempts(work, outcomes, now=RECEIVED_AT + after, roll=1.0)


def test_what_is_done_is_not_done_again() -> None:
    work = left({Duty.SHOW: Delivered(), Duty.WRITE: AWAY})

    assert (work.duties, work.attempts, work.due) == ((Duty.WRITE,), 1, RECEIVED_AT + timedelta(seconds=5))


def test_each_attempt_waits_longer() -> None:
    assert left({Duty.SHOW: AWAY}, attempts=2).due == RECEIVED_AT + timedelta(minutes=2)


def test_what_slack_asks_for_is_waited_for() -> None:
    asked = Retry(reason=Reason.THROTTLED, after=timedelta(seconds=30))

    assert left({Duty.SHOW: asked}).due == RECEIVED_AT + timedelta(seconds=30)


@pytest.mark.parametrize("outcome", [GONE, AWAY], ids=["refused", "away for days"])
def test_what_cannot_be_written_is_given_back_and_told(outcome: Outcome) -> None:
    work = left({Duty.SHOW: AWAY, Duty.WRITE: outcome}, after=timedelta(days=3))

    assert (work.duties, work.due) == ((Duty.GIVE_BACK, Duty.TELL), None)
    assert work.refused in ("no such record", "network")


def test_it_is_given_back_once() -> None:
    work = replace(left({Duty.WRITE: GONE}), duties=(Duty.GIVE_BACK, Duty.TELL))
    again = after_attempts(
        work, {Duty.GIVE_BACK: AWAY, Duty.TELL: Delivered()}, now=RECEIVED_AT + timedelta(minutes=1), roll=1.0
    )

    assert again.duties == (Duty.GIVE_BACK,)


def test_nobody_is_told_when_nobody_waits_any_more() -> None:
    assert left({Duty.TELL: AWAY}, after=timedelta(minutes=14)).duties == (Duty.TELL,)
    assert left({Duty.TELL: AWAY}, after=timedelta(minutes=15)).duties == ()


def test_a_message_that_slack_will_not_change_is_left() -> None:
    assert left({Duty.SHOW: GONE}).duties == ()


def test_those_may_claim_whose_ids_in_the_chat_are_known() -> None:
    ada = Member(owner="1", name="Ada", slack="U1")
    east = Team(name=TeamName("east"), members=(ada, Member(owner="2", name="Ben")), timezone=ZoneInfo("UTC"))
    west = replace(east, name=TeamName("west"), members=(replace(ada, name="Ada of the west"),))

    assert claimants_of({east.name: east, west.name: west}) == {"U1": Claimant(owner="1", name="Ada")}
