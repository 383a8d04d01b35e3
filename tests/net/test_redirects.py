"""Redirects, which are followed only when the sink asks for it."""

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web
from net_support import post_once

from hookrouter.domain.outcome import Dead, Delivered, Reason
from hookrouter.net.terms import Terms
from hookrouter.testing.far_side import FarSide, answers

FOLLOWING = Terms(redirects=3)
SECRETS = {
    "Authorization": "Bearer t0ken",
    "X-API-Key": "s3cret",
    "webhook-signature": "v1,abc",
    "webhook-id": "d_1",
    "webhook-timestamp": "1772637611",
    "Content-Type": "application/json",
}


def leading(location, status=307, times=1000):
    """Redirects so often, then takes what comes."""
    left = [times]

    async def answer(_):
        left[0] -= 1
        if left[0] < 0:
            return web.Response(text="here")
        return web.Response(status=status, headers={"Location": location}, text="elsewhere")

    return answer


def posted(answering, **request):
    """The outcome, and what came in."""

    async def posting():
        async with FarSide(answering) as far:
            outcome = await post_once(f"{far.url}/start?x=1", **{"terms": FOLLOWING, "headers": SECRETS, **request})
            return outcome, far.received

    return asyncio.run(posting())


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_redirect_that_keeps_the_request_is_followed_with_all_of_it(status, method):
    outcome, (first, second) = posted(leading("/next?y=2", status, times=1), method=method)

    assert isinstance(outcome, Delivered)
    assert (first.path, second.path) == ("/start?x=1", "/next?y=2")
    assert (second.method, second.body, second.headers) == (method, b"{}", first.headers)


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_would_make_a_get_of_it_is_not_followed(status):
    outcome, received = posted(leading("/next", status))

    assert len(received) == 1
    assert (type(outcome), outcome.reason, outcome.answer.status) == (Dead, Reason.REDIRECTED, status)
    assert outcome.answer.text == (
        f"(a redirect, not followed: {status} does not keep a POST, 307 and 308 do) elsewhere"
    )


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_get_follows_every_redirect(status):
    outcome, received = posted(leading("/next", status, times=2), method="GET", body=b"")

    assert isinstance(outcome, Delivered)
    assert [request.path for request in received] == ["/start?x=1", "/next", "/next"]


def test_no_more_redirects_are_followed_than_allowed():
    outcome, received = posted(leading("/next"))

    assert len(received) == 4
    assert (type(outcome), outcome.reason) == (Dead, Reason.REDIRECTED)
    assert outcome.answer.text.endswith(", beyond the 3 allowed) elsewhere")


def test_a_redirect_is_told_without_its_path_when_none_is_to_be_followed():
    outcome, received = posted(leading("https://other.example/secret?to=ada@acme.example"), terms=None)

    assert len(received) == 1
    assert outcome.answer.text == (
        "(redirects to https://other.example: change the sink's `url`, or allow `redirects`) elsewhere"
    )


@pytest.mark.parametrize(
    "location",
    [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//user:pass@127.0.0.1/",
        "http://user@127.0.0.1/",
        "http://[::1/",
        "http://127.0.0.1:99999/",
        "/" + "x" * 8001,
    ],
)
def test_a_redirect_that_makes_no_sense_is_not_followed(location):
    outcome, received = posted(leading(location))

    assert len(received) == 1
    assert (type(outcome), outcome.reason) == (Dead, Reason.REDIRECTED)
    assert outcome.answer.text.startswith("(a redirect, not followed: it")


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "169.254.169.254", "[::1]", "0x0a000001", "2130706433", "[::ffff:10.0.0.1]"]
)
def test_a_redirect_to_a_private_address_reaches_nothing(host):
    outcome, received = posted(leading(f"http://{host}/"))

    assert len(received) == 1
    assert (type(outcome), outcome.reason) == (Dead, Reason.FORBIDDEN_ADDRESS)


@pytest.mark.parametrize("comes_back", [False, True])
def test_another_host_is_sent_no_secret_and_cannot_have_them_by_sending_back(comes_back):
    async def posting():
        async with FarSide() as other, FarSide(leading(f"{other.url}/there", times=1)) as far:
            if comes_back:
                other.answering = leading(f"{far.url}/back", times=1)
            outcome = await post_once(far.url, terms=FOLLOWING, headers=SECRETS)
            return outcome, far.received[0], [*far.received[1:], *other.received]

    outcome, first, later = asyncio.run(posting())

    assert isinstance(outcome, Delivered)
    assert SECRETS.items() <= {name: first.headers[name.lower()] for name in SECRETS}.items()
    assert len(later) == (2 if comes_back else 1)
    for request in later:
        assert {name for name in map(str.lower, SECRETS) if name in request.headers} == {
            "content-type",
            "webhook-id",
            "webhook-timestamp",
        }
        assert request.body == b"{}"


def test_the_time_of_an_attempt_counts_for_all_hops_together():
    async def slowly(_):
        await asyncio.sleep(0.3)
        return web.Response(status=307, headers={"Location": "/next"})

    outcome, _ = posted(slowly, limit=timedelta(seconds=0.5), terms=Terms(redirects=10))

    assert outcome.reason is Reason.TIMEOUT


def test_an_answer_without_an_address_is_no_redirect():
    outcome, _ = posted(answers(308, "where to?"))

    assert (outcome.reason, outcome.answer.text) == (Reason.REDIRECTED, "where to?")
