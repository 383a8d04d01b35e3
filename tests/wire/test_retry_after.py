from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.wire.retry_after import LONGEST, read_retry_after

NOW = datetime(2026, 3, 4, 15, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("0", timedelta()),
        ("120", timedelta(minutes=2)),
        (" 120 ", timedelta(minutes=2)),
        ("999999999999999999999999", LONGEST),
        ("Wed, 04 Mar 2026 15:21:00 GMT", timedelta(minutes=1)),
        ("Wednesday, 04-Mar-26 15:21:00 GMT", timedelta(minutes=1)),
        ("Wed, 04 Mar 2026 15:21:00", timedelta(minutes=1)),
        ("Wed, 04 Mar 2026 15:19:00 GMT", None),
        ("Wed, 04 Mar 9999 15:19:00 GMT", LONGEST),
        ("Mon, 01 Jan 2029 00:00:00 +99999999999999999999", None),
        ("-5", None),
        ("1.5", None),
        ("abc", None),
        ("", None),
        (None, None),
        ("٣", None),
        ("Wed, 99 Mar 2026 15:19:00 GMT", None),
    ],
)
def test_retry_after_is_read(text, wait):
    assert read_retry_after(text, NOW) == wait


@given(st.text(max_size=60))
def test_nothing_a_header_says_breaks_it(text):
    wait = read_retry_after(text, NOW)

    assert wait is None or timedelta() <= wait <= LONGEST


@pytest.mark.parametrize("wrong", [timedelta(hours=1), -timedelta(hours=1)], ids=["ahead", "behind"])
def test_a_date_counts_from_that_of_the_answer_whosever_clock_is_wrong(wrong):
    asked, said_at = "Wed, 04 Mar 2026 15:20:40 GMT", "Wed, 04 Mar 2026 15:20:10 GMT"
    now = datetime(2026, 3, 4, 15, 20, 10, tzinfo=UTC) + wrong

    assert read_retry_after(asked, now, said_at) == timedelta(seconds=30)


def test_a_date_counts_from_now_where_that_of_the_answer_is_none():
    now = datetime(2026, 3, 4, 15, 20, 10, tzinfo=UTC)

    assert read_retry_after("Wed, 04 Mar 2026 15:20:40 GMT", now, "yesterday") == timedelta(seconds=30)
