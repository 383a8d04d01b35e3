"""What is told of what is wrong: once, not at every flicker, again after a day, and when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hookrouter.domain.alert import Alert, AlertKind, AlertMemory, News, Trouble
from hookrouter.domain.alerting import look

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
STEP = timedelta(seconds=10)


def a_trouble(about: str = "billing", kind: AlertKind = AlertKind.CIRCUIT_OPEN, size: int = 0) -> Trouble:
    return Trouble(
        kind=kind,
        about=about,
        title=f"{about} is down",
        wrong="It is.",
        todo="Mend it.",
        over=f"{about} is up",
        size=size,
    )


class Watch:
    """Looks every ten seconds, and keeps what was told."""

    def __init__(self) -> None:
        self.now = NOW
        self.memory = AlertMemory()
        self.told: list[tuple[str, News]] = []
        self.alerts: list[Alert] = []

    def see(self, troubles: Sequence[Trouble], *, span: timedelta = STEP) -> None:
        end = self.now + span
        while self.now < end:
            self.memory, alerts = look(troubles, self.memory, self.now)
            self.alerts += alerts
            self.told += [(alert.about, alert.news) for alert in alerts]
            self.now += STEP


def test_it_is_told_once_however_long_it_lasts_within_a_day_and_then_again() -> None:
    watch = Watch()
    watch.see([a_trouble()], span=timedelta(hours=23))
    assert watch.told == [("billing", News.RAISED)]

    watch.see([a_trouble()], span=timedelta(hours=2))
    assert watch.told == [("billing", News.RAISED), ("billing", News.STILL)]
    assert watch.alerts[-1].since == NOW
    assert watch.alerts[-1].title == "Still: billing is down"


def test_what_is_over_within_the_minute_is_told_to_nobody() -> None:
    watch = Watch()
    for _ in range(20):
        watch.see([a_trouble()], span=timedelta(seconds=50))
        watch.see([])
    assert watch.told == []


def test_what_comes_and_goes_is_one_alert_until_it_stays_away() -> None:
    watch = Watch()
    watch.see([a_trouble()], span=timedelta(minutes=2))
    for _ in range(30):
        watch.see([], span=timedelta(minutes=1))
        watch.see([a_trouble()], span=timedelta(minutes=1))
    assert watch.told == [("billing", News.RAISED)]

    watch.see([], span=timedelta(minutes=5))
    assert watch.told == [("billing", News.RAISED), ("billing", News.CLEARED)]
    over = watch.alerts[-1]
    assert (over.title, over.wrong, over.todo) == ("Over: billing is up", "It took 62 min.", "")


def test_ten_times_as_many_are_told_before_the_day_is_over() -> None:
    watch = Watch()
    for size in (3, 4, 29, 30, 31, 299, 300):
        watch.see([a_trouble("", AlertKind.DEAD, size)], span=timedelta(minutes=1))
    assert [news for _, news in watch.told] == [News.RAISED, News.STILL, News.STILL]


def test_one_that_nobody_sees_to_does_not_hide_that_there_are_more() -> None:
    watch = Watch()
    for size, span in ((5, 30), (1, 30), (2, 20), (2, 60), (1, 90), (1, 300)):
        watch.see([a_trouble("", AlertKind.DEAD, size)], span=timedelta(minutes=span))
    assert [
        (news, alert.at - NOW > timedelta(hours=1)) for (_, news), alert in zip(watch.told, watch.alerts, strict=True)
    ] == [
        (News.RAISED, False),
        (News.STILL, True),
    ]


def test_where_all_fail_at_once_one_message_tells_of_all() -> None:
    watch = Watch()
    watch.see([a_trouble(f"sink-{number}") for number in range(8)], span=timedelta(minutes=2))
    [alert] = watch.alerts
    assert alert.about.split(", ") == [f"sink-{number}" for number in range(8)]
    assert alert.title == "sink-0 is down; 7 others likewise"
    assert alert.wrong.splitlines()[-1] == "sink-4 is down. It is. (and 3 more)"
    assert alert.todo == "Mend it."

    watch.see([a_trouble("sink-7")], span=timedelta(minutes=5))
    assert watch.alerts[-1].news is News.CLEARED
    assert "sink-7" not in watch.alerts[-1].about
