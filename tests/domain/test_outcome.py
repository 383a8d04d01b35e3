"""One judge of all HTTP statuses."""

from datetime import timedelta

import pytest

from hookrouter.domain.outcome import Answer, Dead, Delivered, Reason, Retry, judge_status

LATER = timedelta(seconds=30)
RETRIED = {408: Reason.TIMEOUT, 425: Reason.THROTTLED, 429: Reason.THROTTLED}


@pytest.mark.parametrize("status", range(200, 300))
def test_every_2xx_is_delivered(status):
    answer = Answer(status=status, text="thanks")

    assert judge_status(answer, after=LATER) == Delivered(answer=answer)


@pytest.mark.parametrize("status", [*RETRIED, *range(500, 600)])
def test_what_may_pass_is_retried_as_asked(status):
    answer = Answer(status=status, text="busy")

    outcome = judge_status(answer, after=LATER)

    assert outcome == Retry(reason=RETRIED.get(status, Reason.SERVER_ERROR), answer=answer, after=LATER)


@pytest.mark.parametrize("status", [status for status in range(400, 500) if status not in {*RETRIED, 410}])
def test_every_other_4xx_is_refused(status):
    answer = Answer(status=status, text="no")

    assert judge_status(answer, after=LATER) == Dead(reason=Reason.REFUSED, answer=answer)


@pytest.mark.parametrize("status", range(300, 400))
def test_a_redirect_is_not_followed(status):
    answer = Answer(status=status)

    assert judge_status(answer) == Dead(reason=Reason.REDIRECTED, answer=answer)


@pytest.mark.parametrize("status", [None, *range(100, 200)])
def test_what_is_no_final_answer_is_refused(status):
    answer = Answer(status=status)

    assert judge_status(answer) == Dead(reason=Reason.REFUSED, answer=answer)


def test_410_closes_the_sink():
    answer = Answer(status=410)

    assert judge_status(answer) == Dead(reason=Reason.GONE, answer=answer)


@pytest.mark.parametrize("status", [302, 404, 410, 429, 503])
def test_the_far_side_may_end_a_delivery_that_failed(status):
    answer = Answer(status=status)

    assert judge_status(answer, after=LATER, aborted=True) == Dead(reason=Reason.ABORTED, answer=answer)


def test_a_delivered_one_cannot_be_ended():
    assert judge_status(Answer(status=204), aborted=True) == Delivered(answer=Answer(status=204))
