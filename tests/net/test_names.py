"""Names whose servers do not answer hold up no other look-up, and not the end of the process."""

import asyncio
import socket
import subprocess
import sys
import threading
from datetime import timedelta
from ipaddress import ip_network

import pytest
import uvloop
from net_support import post

from hookrouter.domain.outcome import Answer, Delivered, Reason, Retry
from hookrouter.net.egress import EgressGuard
from hookrouter.net.http_session import open_session
from hookrouter.net.mail import hand_over
from hookrouter.net.names import Names
from hookrouter.net.smtp_server import MailTls, SmtpServer
from hookrouter.testing.far_side import FarSide
from hookrouter.testing.sinks import ENOUGH
from hookrouter.wire.messages.written_mail import WrittenMail

SOON = timedelta(milliseconds=300)
MANY = 40
"""Far more than any pool of threads that look-ups could share."""


class NameServer:
    """Answers as the machine's own does, but for names that begin with `hangs`, until it is let go."""

    def __init__(self):
        self.asked = []
        self.is_over = threading.Event()
        self._answers = socket.getaddrinfo

    def __call__(self, host, *rest, **more):
        self.asked.append(host)
        if host.startswith("hangs"):
            self.is_over.wait(60)
            raise socket.gaierror(socket.EAI_AGAIN, "let go")
        return self._answers(host, *rest, **more)


@pytest.fixture
def name_server(monkeypatch):
    server = NameServer()
    monkeypatch.setattr(socket, "getaddrinfo", server)
    yield server
    server.is_over.set()


def test_a_far_side_is_reached_while_the_names_of_many_others_hang(name_server):
    async def posting():
        async with (
            FarSide() as far,
            open_session(EgressGuard((ip_network("127.0.0.0/8"), ip_network("::1/128")))) as session,
        ):
            hanging = [post(session, f"http://hangs-{number}.example/", limit=SOON) for number in range(MANY)]
            return await asyncio.gather(*hanging), await post(session, f"http://localhost:{far.port}/", limit=ENOUGH)

    hanging, reached = uvloop.run(posting())

    assert {outcome.reason for outcome in hanging} == {Reason.TIMEOUT}
    assert isinstance(reached, Delivered)


def test_a_name_that_hangs_is_asked_for_once_however_many_wait(name_server):
    async def handing():
        server = SmtpServer(host="hangs.example", port=25, sender="crm@example.com", tls=MailTls.NONE)
        mail = WrittenMail(
            id="d_1", sender="crm@example.com", to=("a@b.example",), subject="", text="", html="", date=None
        )
        names = Names()
        return await asyncio.gather(
            *(hand_over(mail, mail.to, server=server, timeout=SOON, names=names) for _ in range(MANY))
        )

    handed = uvloop.run(handing())

    assert name_server.asked == ["hangs.example"]
    assert {one.put_off.reason for one in handed} == {Reason.TIMEOUT}


def test_a_name_is_asked_for_again_after_its_server_failed(name_server):
    async def asking():
        names = Names()
        asked = asyncio.create_task(names.look_up("hangs.example", 80))
        await asyncio.sleep(0)
        name_server.is_over.set()
        with pytest.raises(OSError, match="let go"):
            await asked
        with pytest.raises(OSError, match="let go"):
            await names.look_up("hangs.example", 80)

    uvloop.run(asking())

    assert name_server.asked == ["hangs.example"] * 2


def test_a_mail_server_without_a_name_is_told_of_as_such():
    async def handing():
        server = SmtpServer(host="nowhere.invalid", port=25, sender="crm@example.com", tls=MailTls.NONE)
        mail = WrittenMail(
            id="d_1", sender="crm@example.com", to=("a@b.example",), subject="", text="", html="", date=None
        )
        return await hand_over(mail, mail.to, server=server, timeout=ENOUGH)

    text = "the mail server's name cannot be resolved"
    assert asyncio.run(handing()).put_off == Retry(reason=Reason.NETWORK, answer=Answer(text=text))


ENDING = """
import asyncio, socket, threading
import uvloop
from hookrouter.net.names import Names

socket.getaddrinfo = lambda *_, **__: threading.Event().wait()

async def asking():
    try:
        await asyncio.wait_for(Names().look_up("hangs.example", 80), 0.1)
    except TimeoutError:
        print("over")

uvloop.run(asking())
"""


def test_a_process_ends_while_a_name_hangs():
    done = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, text=True, timeout=30, check=True)

    assert (done.stdout, done.stderr) == ("over\n", "")
