"""The times of an account that writes them as its clock on the wall shows them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hookrouter.domain.account_times import IN_UTC, AccountTimes
from hookrouter.domain.change import LeadEvent, compare
from hookrouter.domain.ids import LeadKey
from hookrouter.domain.lead import Lead
from hookrouter.domain.push import Batch

NEW_YORK = AccountTimes(timezone=ZoneInfo("America/New_York"))
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def told(value, now=NOW, times=NEW_YORK):
    [event] = times.of_events([{"createTimestamp": value, "eventSource": "formSubmit"}], now)
    assert event["eventSource"] == "formSubmit"
    return event["createTimestamp"]


def pushed(updated, now):
    lead = Lead(key=LeadKey("1"), fields={"id": "1", "updateTimestamp": updated, "callBack": "2026-11-01 01:30:00"})
    [(_, read)] = NEW_YORK.of_batch(Batch(accepted=[(0, lead)], rejected=[]), now).accepted
    return read


@pytest.mark.parametrize(
    ("written", "in_utc"),
    [
        ("2026-03-04 10:20:11", "2026-03-04 15:20:11"),
        ("2026-07-04 10:20:11", "2026-07-04 14:20:11"),
        ("2026-03-08 02:30:00", "2026-03-08 07:30:00"),  # an hour that the clocks skip
        ("2026-03-04T10:20:11+01:00", "2026-03-04T10:20:11+01:00"),
        ("0000-00-00 00:00:00", "0000-00-00 00:00:00"),
        ("9999-12-31 23:59:59", "9999-12-31 23:59:59"),  # its moment in UTC is in no year
        ("0001-01-01 00:00:00", "0001-01-01 04:56:02"),
        ("soon", "soon"),
        ("", ""),
        (None, None),
        (5, 5),
    ],
)
def test_a_time_of_the_account_is_told_in_utc(written, in_utc):
    assert told(written) == in_utc


def test_times_in_utc_stay():
    assert told("2026-03-04 10:20:11", times=IN_UTC) == "2026-03-04 10:20:11"


@pytest.mark.parametrize(
    ("now", "in_utc"),
    [
        (datetime(2026, 11, 1, 5, 31, tzinfo=UTC), "2026-11-01 05:30:00"),
        (datetime(2026, 11, 1, 6, 31, tzinfo=UTC), "2026-11-01 06:30:00"),
        (datetime(2026, 11, 1, 6, 26, tzinfo=UTC), "2026-11-01 06:30:00"),  # the CRM's clock may be ahead of ours
    ],
)
def test_in_the_hour_that_is_shown_twice_a_time_is_the_later_one_unless_that_is_to_come(now, in_utc):
    assert told("2026-11-01 01:30:00", now) == in_utc


def test_a_second_update_in_the_hour_that_is_shown_twice_is_not_taken_for_an_older_one():
    first = pushed("2026-11-01 01:40:00", datetime(2026, 11, 1, 5, 40, 1, tzinfo=UTC))
    second = pushed("2026-11-01 01:10:00", datetime(2026, 11, 1, 6, 10, 1, tzinfo=UTC))

    assert compare(second, first.fields).event is LeadEvent.UNCHANGED
    assert second.updated_at - first.updated_at == timedelta(minutes=30)


def test_a_field_of_ones_own_is_not_the_crms_to_convert():
    assert pushed("2026-03-04 10:20:11", NOW).fields["callBack"] == "2026-11-01 01:30:00"


def test_a_moment_is_written_as_the_account_does():
    moment = datetime(2026, 3, 4, 15, 20, 11, tzinfo=UTC)

    assert NEW_YORK.written(moment) == "2026-03-04 10:20:11"
    assert IN_UTC.written(moment) == "2026-03-04 15:20:11"
