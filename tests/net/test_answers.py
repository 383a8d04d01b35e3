import asyncio
import gzip
import socket
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from net_support import post, post_once, raw_outcome

from hookrouter.domain.outcome import Answer, Dead, Delivered, Reason, Retry
from hookrouter.net.answers import KEPT
from hookrouter.net.egress import EgressGuard
from hookrouter.net.http_session import open_session
from hookrouter.net.terms import Terms
from hookrouter.testing.far_side import FarSide, answers, hangs, resets
from hookrouter.testing.sinks import ENOUGH, LOOPBACK

CERTIFICATE = Path(__file__).parent / "localhost.pem"
SOON = timedelta(milliseconds=200)


def outcome_of(answering, timeout=ENOUGH, times=1, terms=None, **far_side):
    async def posting():
        async with FarSide(answering, **far_side) as far, open_session(EgressGuard(LOOPBACK)) as session:
            for _ in range(times - 1):
                await post(session, f"{far.url}/secret-path", timeout, terms)
            return await post(session, f"{far.url}/secret-path", timeout, terms)

    return asyncio.run(posting())


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_success_is_delivered(status):
    text = "" if status == 204 else "ok"

    assert outcome_of(answers(status, text)) == Delivered(answer=Answer(status=status, text=text))


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (408, Reason.TIMEOUT),
        (425, Reason.THROTTLED),
        (429, Reason.THROTTLED),
        (500, Reason.SERVER_ERROR),
        (502, Reason.SERVER_ERROR),
        (503, Reason.SERVER_ERROR),
        (504, Reason.SERVER_ERROR),
        (599, Reason.SERVER_ERROR),
    ],
)
def test_what_passes_is_retried(status, reason):
    outcome = outcome_of(answers(status, "later", {"Retry-After": "7"}))

    assert outcome == Retry(reason=reason, answer=Answer(status=status, text="later"), after=timedelta(seconds=7))


@pytest.mark.parametrize("header", ["-5", "abc", ""])
def test_a_senseless_retry_after_is_ignored(header):
    assert outcome_of(answers(503, "", {"Retry-After": header})).after is None


@pytest.mark.parametrize("size", [2000, 5000, 1_000_000])
def test_a_judge_of_one_s_own_is_shown_as_much_as_it_asks_for(size):
    def judge(answer, *, after, aborted):
        return Retry(
            reason=Reason.REFUSED, answer=Answer(status=answer.status, text=str(len(answer.text))), after=after
        )

    async def posting():
        async with (
            FarSide(answers(200, "x" * size, {"Retry-After": "7"})) as far,
            open_session(EgressGuard(LOOPBACK)) as session,
        ):
            return await post(session, far.url, judge=judge, kept=4096)

    assert asyncio.run(posting()) == Retry(
        reason=Reason.REFUSED, answer=Answer(status=200, text=str(min(size, 4096))), after=timedelta(seconds=7)
    )


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 422, 451])
def test_a_refusal_is_final(status):
    assert outcome_of(answers(status, "no")) == Dead(reason=Reason.REFUSED, answer=Answer(status=status, text="no"))


def test_gone_closes_the_sink():
    assert outcome_of(answers(410, "")) == Dead(reason=Reason.GONE, answer=Answer(status=410))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status):
    outcome = outcome_of(answers(status, "", {"Location": "/elsewhere"}))

    assert (outcome.reason, outcome.answer.status) == (Reason.REDIRECTED, status)


def test_the_far_side_can_end_a_delivery():
    outcome = outcome_of(answers(503, "stop", {"webhook-delivery": "abort-message"}))

    assert outcome == Dead(reason=Reason.ABORTED, answer=Answer(status=503, text="stop"))


def test_no_answer_in_time_is_retried():
    outcome = outcome_of(hangs, SOON)

    assert outcome == Retry(reason=Reason.TIMEOUT, answer=Answer(text="no answer within 200ms"))


def test_a_cut_connection_is_retried():
    assert outcome_of(resets).reason is Reason.NETWORK


def test_a_closed_port_is_retried_without_naming_the_url():
    async def posting():
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            async with open_session(EgressGuard(LOOPBACK)) as session:
                return await post(session, f"http://127.0.0.1:{closed.getsockname()[1]}/secret-path")

    outcome = asyncio.run(posting())

    assert isinstance(outcome, Retry)
    assert outcome.reason is Reason.NETWORK
    assert outcome.answer.text.startswith("cannot connect")
    assert "secret" not in outcome.answer.text


def test_a_name_that_does_not_resolve_is_retried():
    async def posting():
        async with open_session(EgressGuard(LOOPBACK)) as session:
            return await post(session, "http://no-such-host.invalid/")

    outcome = asyncio.run(posting())

    assert (type(outcome), outcome.reason) == (Retry, Reason.NETWORK)


def server_tls():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def test_a_certificate_nobody_vouches_for_is_retried():
    outcome = outcome_of(answers(), tls=server_tls())

    assert outcome.reason is Reason.TLS
    assert outcome.answer.text.startswith("the certificate is not valid: self")


def test_a_certificate_that_is_vouched_for_is_taken(monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))

    async def posting():
        async with FarSide(tls=server_tls()) as far, open_session(EgressGuard(LOOPBACK)) as session:
            context = ssl.create_default_context()
            async with session.post(far.url, ssl=context) as response:
                return response.status

    assert asyncio.run(posting()) == 200


def test_plain_http_where_tls_is_spoken_is_retried():
    async def posting():
        async with FarSide() as far, open_session(EgressGuard(LOOPBACK)) as session:
            return await post(session, far.url.replace("http:", "https:"))

    assert asyncio.run(posting()).reason is Reason.TLS


@pytest.mark.parametrize(
    "answer",
    [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", b"HTTP/1.1 2x0 OK\r\n\r\n"],
)
def test_an_answer_that_is_no_http_is_retried(answer):
    outcome = raw_outcome(answer)

    assert (type(outcome), outcome.reason) == (Retry, Reason.NETWORK)


def test_too_many_headers_are_retried():
    outcome = raw_outcome(b"HTTP/1.1 200 OK\r\n", *(b"X-%d: %s\r\n" % (n, b"y" * 9000) for n in range(3)), b"\r\n")

    assert (type(outcome), outcome.reason) == (Retry, Reason.NETWORK)


def test_a_body_cut_short_does_not_undo_the_status():
    outcome = raw_outcome(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"half")

    assert isinstance(outcome, Delivered)


def test_a_body_that_never_ends_does_not_undo_the_status():
    outcome = raw_outcome(
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n", b"half", timeout=SOON, then_close=False
    )

    assert outcome == Dead(reason=Reason.REFUSED, answer=Answer(status=400, text="half"))


def test_a_huge_answer_is_not_read():
    sent = 0

    async def floods(request):
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(2000):
            await response.write(b"x" * 65536)
            sent += 65536
        return response

    outcome = outcome_of(floods)

    assert outcome == Delivered(answer=Answer(status=200, text="x" * KEPT))
    assert sent < 64 * 1024 * 1024


def test_a_packed_answer_is_not_unpacked():
    async def bombs(_):
        return web.Response(body=gzip.compress(b"\0" * 10_000_000), headers={"Content-Encoding": "gzip"})

    assert outcome_of(bombs).answer.text == "(packed: gzip)"


def test_what_an_answer_says_is_made_printable():
    async def paints(_):
        return web.Response(status=400, body=b"a\x1b[31m\x00b\xff\r\nc")

    mark = "\N{REPLACEMENT CHARACTER}"

    assert outcome_of(paints).answer.text == f"a{mark}[31m{mark}b{mark}\nc"


def test_cookies_of_one_answer_do_not_reach_the_next_request():
    async def posting():
        async with FarSide(answers(headers={"Set-Cookie": "a=b"})) as far:
            async with open_session(EgressGuard(LOOPBACK)) as session:
                for _ in range(2):  # by name: of a bare address no jar would keep a cookie
                    await post(session, far.url.replace("127.0.0.1", "localhost"))
            return far.received

    first, second = asyncio.run(posting())

    assert "cookie" not in second.headers
    assert second.headers["user-agent"].startswith("hookrouter/")
    assert (first.method, first.body, first.headers["x-a"]) == ("POST", b"{}", "b")


def test_a_proxy_of_the_environment_is_ignored(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    assert isinstance(outcome_of(answers()), Delivered)


@pytest.mark.parametrize("size", [0, 10, 5000, 60_000])
def test_a_connection_is_used_again_after_an_ordinary_answer(size):
    ports = set()

    async def tells(request):
        ports.add(request.transport.get_extra_info("peername")[1])
        return web.Response(text="x" * size)

    outcome_of(tells, times=3)

    assert len(ports) == 1


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"read_timeout": SOON}, "not a byte for 200ms"),
        ({"connect_timeout": SOON}, "no answer within 1s"),
        ({"read_timeout": timedelta(seconds=8), "connect_timeout": SOON}, "no answer within 1s"),
    ],
)
def test_which_limit_a_silent_far_side_passed_is_told(limits, told):
    outcome = outcome_of(hangs, timedelta(seconds=1), terms=Terms(**limits))

    assert outcome == Retry(reason=Reason.TIMEOUT, answer=Answer(text=told))


def test_a_far_side_that_does_not_shake_hands_passes_the_limit_to_connect():
    over = asyncio.Event()

    async def listen(reader, writer):
        await reader.read()
        writer.close()
        over.set()

    async def posting():
        server = await asyncio.start_server(listen, "127.0.0.1", 0)
        async with server:
            url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            outcome = await post_once(url, terms=Terms(connect_timeout=SOON))
            await over.wait()
            return outcome

    assert asyncio.run(posting()) == Retry(reason=Reason.TIMEOUT, answer=Answer(text="no connection within 200ms"))


def test_bytes_that_drip_hold_off_the_limit_to_read_but_not_the_end():
    drip = Terms(read_timeout=timedelta(milliseconds=500))

    outcome = raw_outcome(
        b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 1000, timeout=timedelta(seconds=1), terms=drip, pause=0.1
    )

    assert outcome == Retry(reason=Reason.TIMEOUT, answer=Answer(text="no answer within 1s"))


def test_a_body_that_drips_ends_with_the_time_and_the_status_stands():
    outcome = raw_outcome(
        b"HTTP/1.1 503 Later\r\nContent-Length: 1000\r\n\r\n", *[b"z"] * 1000, timeout=timedelta(seconds=1), pause=0.1
    )

    assert (outcome.reason, outcome.answer.status) == (Reason.SERVER_ERROR, 503)
    assert set(outcome.answer.text) == {"z"}


@pytest.mark.parametrize(
    "piece",
    [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"],
    ids=["continue", "early hints"],
)
def test_an_endless_prelude_ends_with_the_time(piece):
    outcome = raw_outcome(piece, forever=True, timeout=timedelta(seconds=1), pause=0.001)

    assert outcome == Retry(reason=Reason.TIMEOUT, answer=Answer(text="no answer within 1s"))


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 200 OK\r\n", *[b"X-A: b\r\n"] * 2000, b"\r\n"],
        [b"HTTP/1.1 200 OK\r\n", b"X" * 100_000],
        [b"HTTP/1.1 200 " + b"O" * 100_000],
        [b"\x16\x03\x01\x02\x00garbage\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked, gzip\r\nX\x00: y\r\n\r\n"],
    ],
    ids=["2000 headers", "a header without end", "a reason without end", "TLS", "headers at odds"],
)
def test_an_answer_beyond_measure_is_retried(pieces):
    outcome = raw_outcome(*pieces)

    assert (type(outcome), outcome.reason) == (Retry, Reason.NETWORK)


@pytest.mark.parametrize(
    "rest",
    [b"", b"zzz", b"5\r\nhel", b"ffffffffffffffff\r\nhello", b"-1\r\nhello\r\n", b"2\r\nokXX0\r\n\r\n"],
)
def test_chunks_that_make_no_sense_do_not_undo_the_status(rest):
    outcome = raw_outcome(b"HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n" + rest)

    assert isinstance(outcome, Dead | Retry)
    assert outcome.answer.status in {400, None}


def test_a_body_whose_end_is_not_told_is_read_up_to_the_kilobyte():
    outcome = raw_outcome(b"HTTP/1.1 400 Bad\r\n\r\n", b"z" * 5000)

    assert outcome == Dead(reason=Reason.REFUSED, answer=Answer(status=400, text="z" * KEPT))


def test_an_error_page_of_ten_megabytes_is_kept_by_its_first_kilobyte():
    outcome = outcome_of(answers(500, "e" * 10_000_000))

    assert outcome == Retry(reason=Reason.SERVER_ERROR, answer=Answer(status=500, text="e" * KEPT))


def test_a_switch_to_another_protocol_is_refused():
    outcome = raw_outcome(b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")

    assert (type(outcome), outcome.answer.status) == (Dead, 101)
