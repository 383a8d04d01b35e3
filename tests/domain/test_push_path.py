"""What a canary says of the way of pushes, and what is done next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hookrouter.domain.canary import Canary
from hookrouter.domain.ids import LeadKey, SourceName
from hookrouter.domain.push_path import RENEWED_AGAIN, TRIED_AGAIN, Hindrance, Path, Step, Verdict
from hookrouter.domain.rhythm import Quiet

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
CANARY = Canary(source=SourceName("crm"), lead=LeadKey("718281920514"))
MINUTE = timedelta(minutes=1)
OPEN = Path().sent("canary_1", NOON).came_back(NOON + timedelta(seconds=3))
LOST = Path().sent("canary_1", NOON).lost(None)
IMPROBABLE = Quiet(since=NOON + MINUTE, expected=40, likelihood=1e-6)


def step(path: Path, at: datetime, quiet: Quiet | None = None, *, may_subscribe: bool = True) -> Step:
    return path.next_step(CANARY, quiet, at, may_subscribe=may_subscribe)


def test_the_first_one_is_sent_at_once_and_the_next_by_the_clock() -> None:
    assert step(Path(), NOON) is Step.SEND
    assert step(OPEN, NOON + 59 * MINUTE) is Step.WAIT
    assert step(OPEN, NOON + 60 * MINUTE) is Step.SEND


def test_one_that_came_back_tells_how_long_it_took() -> None:
    assert (OPEN.verdict, OPEN.took, OPEN.broken_since) == (Verdict.OPEN, 3.0, None)


def test_one_on_its_way_is_waited_for_and_then_given_up() -> None:
    waiting = Path().sent("canary_1", NOON)

    assert step(waiting, NOON + MINUTE) is Step.WAIT
    assert step(waiting, NOON + 2 * MINUTE) is Step.GIVE_UP


def test_a_quiet_that_is_improbable_is_asked_about_before_anything_is_said_of_it() -> None:
    assert step(OPEN, NOON + 30 * MINUTE, IMPROBABLE) is Step.SEND


def test_a_quiet_that_the_canary_explained_is_not_asked_about_all_the_time() -> None:
    asked = OPEN.sent("canary_2", NOON + 30 * MINUTE).came_back(NOON + 31 * MINUTE)

    assert step(asked, NOON + 45 * MINUTE, IMPROBABLE) is Step.WAIT
    assert step(asked, NOON + 60 * MINUTE, IMPROBABLE) is Step.SEND


def test_where_nothing_comes_back_the_crm_is_subscribed_anew_and_asked_again() -> None:
    renewed = LOST.renewed(NOON + 3 * MINUTE)

    assert (LOST.verdict, LOST.broken_since) == (Verdict.BROKEN, NOON)
    assert step(LOST, NOON + 3 * MINUTE) is Step.SUBSCRIBE
    assert step(LOST, NOON + 3 * MINUTE, may_subscribe=False) is Step.WAIT
    assert step(renewed, NOON + 3 * MINUTE) is Step.SEND
    assert renewed.sent("canary_2", NOON + 4 * MINUTE).lost(None).broken_since == NOON


def test_while_it_is_broken_it_is_asked_more_often() -> None:
    assert step(LOST, NOON + TRIED_AGAIN, may_subscribe=False) is Step.SEND


def test_other_pushes_show_that_the_way_is_open_although_the_canary_is_not_pushed() -> None:
    unechoed = Path().sent("canary_1", NOON).lost(NOON + MINUTE)

    assert (unechoed.verdict, unechoed.broken_since) == (Verdict.UNECHOED, None)
    assert step(unechoed, NOON + 3 * MINUTE) is Step.WAIT


def test_what_we_refuse_is_not_healed_by_a_subscription() -> None:
    ours = Path().sent("canary_1", NOON).lost(None, Hindrance(text="from a network not allowed", is_proven=True))
    theirs = Path().sent("canary_1", NOON).lost(None, Hindrance(text="a wrong token", is_proven=False))

    assert (ours.verdict, step(ours, NOON + 3 * MINUTE)) == (Verdict.REFUSED, Step.WAIT)
    assert (theirs.verdict, step(theirs, NOON + 3 * MINUTE)) == (Verdict.BROKEN, Step.SUBSCRIBE)
    assert theirs.reason == "a wrong token"


def test_one_that_the_crm_does_not_take_is_tried_again_soon_and_says_nothing_of_pushes() -> None:
    unwritten = OPEN.not_written("no such lead", NOON + 60 * MINUTE)

    assert (unwritten.verdict, unwritten.reason) == (Verdict.UNWRITTEN, "no such lead")
    assert step(unwritten, NOON + 60 * MINUTE + TRIED_AGAIN) is Step.SEND


class Watched(RuleBasedStateMachine):
    """A way that breaks and heals as it likes, while pushes come or not, over days."""

    def __init__(self) -> None:
        super().__init__()
        self.path, self.now = Path(), NOON
        self.renewals: list[datetime] = []
        self.sent: list[datetime] = []
        self.last_push: datetime | None = None

    @rule(minutes=st.integers(1, 240), echoes=st.booleans(), improbable=st.booleans(), pushed=st.booleans())
    def time_passes(self, minutes: int, *, echoes: bool, improbable: bool, pushed: bool) -> None:
        quiet = Quiet(since=self.now - MINUTE, expected=50, likelihood=1e-9 if improbable else 1.0)
        for _ in range(minutes):
            self.now += MINUTE
            self.last_push = self.now if pushed else self.last_push
            self._look(quiet, echoes=echoes)

    def _look(self, quiet: Quiet, *, echoes: bool) -> None:
        if self.path.is_waiting and echoes:
            self.path = self.path.came_back(self.now)
        match self.path.next_step(CANARY, quiet, self.now, may_subscribe=True):
            case Step.SEND:
                self.sent.append(self.now)
                self.path = self.path.sent("canary", self.now)
            case Step.GIVE_UP:
                self.path = self.path.lost(self.last_push)
            case Step.SUBSCRIBE:
                self.renewals.append(self.now)
                self.path = self.path.renewed(self.now)

    @invariant()
    def it_is_never_subscribed_more_often_than_the_bound(self) -> None:
        pauses = [later - sooner for sooner, later in zip(self.renewals, self.renewals[1:], strict=False)]
        assert all(pause >= RENEWED_AGAIN for pause in pauses)

    @invariant()
    def canaries_are_few(self) -> None:
        hours = (self.now - NOON) / timedelta(hours=1)
        assert len(self.sent) <= 2 + 6 * hours + len(self.renewals)

    @invariant()
    def what_is_broken_has_a_beginning(self) -> None:
        assert (self.path.verdict is Verdict.BROKEN) <= (self.path.broken_since is not None)


TestWatched = Watched.TestCase
TestWatched.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)


@given(st.integers(0, 10_000))
def test_a_canary_takes_no_less_than_no_time(seconds: int) -> None:
    early = Path().sent("canary_1", NOON).came_back(NOON - timedelta(seconds=seconds))

    assert early.took == 0
