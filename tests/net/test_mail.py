import asyncio
import socket
import ssl
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from hookrouter.domain.outcome import Answer, Dead, Delivered, Reason, Retry
from hookrouter.net.mail import hand_over
from hookrouter.net.smtp_server import MailTls, SmtpServer
from hookrouter.testing.mail_server import Mailbox, mail_server
from hookrouter.testing.sinks import ENOUGH

CERTIFICATE = Path(__file__).parent / "localhost.pem"
SENDER = "crm@example.com"
TO = ("ada@example.com", "ben@example.com")


def a_mail(subject="Hello"):
    mail = EmailMessage()
    mail["From"] = SENDER
    mail["To"] = ", ".join(TO)
    mail["Subject"] = subject
    mail.set_content("Hello")
    return mail


def server_tls():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def handed_over(box, *, to=TO, tls=MailTls.NONE, starttls=None, server_side_tls=None, host="127.0.0.1", **login):
    async def handing():
        async with mail_server(box, starttls=starttls, tls=server_side_tls):
            server = SmtpServer(host=host, port=box.port, sender=SENDER, tls=tls, **login)
            return await hand_over(a_mail(), SENDER, to, server=server, timeout=ENOUGH)

    return asyncio.run(handing())


def test_a_mail_is_taken_for_all():
    box = Mailbox()

    assert handed_over(box) == Delivered(answer=Answer(status=250, text="taken"))
    assert box.mails[0].rcpt_tos == list(TO)
    assert box.mails[0].mail_from == SENDER


def test_one_refused_recipient_does_not_lose_the_others():
    box = Mailbox(refuse={TO[0]: "550 5.1.1 nobody here"})

    outcome = handed_over(box)

    assert outcome == Delivered(answer=Answer(status=250, text="taken for 1 of 2 recipients, the others: 550"))
    assert box.mails[0].rcpt_tos == [TO[1]]


@pytest.mark.parametrize(
    ("replies", "outcome"),
    [
        (("550 no", "553 no"), Dead(reason=Reason.REFUSED, answer=Answer(status=550, text="no"))),
        (("550 no", "450 later"), Retry(reason=Reason.SERVER_ERROR, answer=Answer(status=450, text="later"))),
        (("451 later", "451 later"), Retry(reason=Reason.SERVER_ERROR, answer=Answer(status=451, text="later"))),
    ],
)
def test_when_all_are_refused_the_mildest_reply_counts(replies, outcome):
    assert handed_over(Mailbox(refuse=dict(zip(TO, replies, strict=True)))) == outcome


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("451 4.3.0 later", Retry(reason=Reason.SERVER_ERROR, answer=Answer(status=451, text="4.3.0 later"))),
        ("554 5.7.1 spam", Dead(reason=Reason.REFUSED, answer=Answer(status=554, text="5.7.1 spam"))),
    ],
)
def test_the_reply_to_the_mail_counts(reply, outcome):
    assert handed_over(Mailbox(reply=reply)) == outcome


def test_a_login_is_made():
    box = Mailbox(password="open sesame")

    assert isinstance(handed_over(box, username="crm", password="open sesame"), Delivered)


def test_a_refused_login_is_final_and_keeps_the_password():
    outcome = handed_over(Mailbox(password="open sesame"), username="crm", password="canary")

    assert (type(outcome), outcome.answer.status) == (Dead, 535)
    assert "canary" not in repr(outcome)


@pytest.mark.parametrize("mode", [MailTls.STARTTLS, MailTls.TLS])
def test_a_mail_goes_over_tls(monkeypatch, mode):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    box = Mailbox()
    wrapped = {"starttls": server_tls()} if mode is MailTls.STARTTLS else {"server_side_tls": server_tls()}

    outcome = handed_over(box, tls=mode, host="localhost", **wrapped)

    assert isinstance(outcome, Delivered)
    assert box.secured == [mode is MailTls.STARTTLS]  # aiosmtpd does not see a TLS that was there from the start


@pytest.mark.parametrize("mode", [MailTls.STARTTLS, MailTls.TLS])
def test_a_certificate_nobody_vouches_for_is_not_trusted(mode):
    box = Mailbox()
    wrapped = {"starttls": server_tls()} if mode is MailTls.STARTTLS else {"server_side_tls": server_tls()}

    outcome = handed_over(box, tls=mode, username="crm", password="secret", **wrapped)

    assert (type(outcome), outcome.reason) == (Retry, Reason.TLS)
    assert box.mails == []


@pytest.mark.parametrize("mode", [MailTls.STARTTLS, MailTls.TLS])
def test_a_server_without_tls_gets_nothing(mode):
    box = Mailbox()

    outcome = handed_over(box, tls=mode, username="crm", password="secret")

    assert (type(outcome), outcome.reason) == (Retry, Reason.TLS)
    assert box.mails == []


def test_an_address_the_server_cannot_write_is_final():
    outcome = handed_over(Mailbox(), to=("zoë@example.com",))

    assert isinstance(outcome, Dead)


def test_a_closed_port_is_retried():
    async def handing():
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            server = SmtpServer(host="127.0.0.1", port=closed.getsockname()[1], sender=SENDER, tls=MailTls.NONE)
            return await hand_over(a_mail(), SENDER, TO, server=server, timeout=ENOUGH)

    assert asyncio.run(handing()) == Retry(
        reason=Reason.NETWORK, answer=Answer(text="cannot connect to the mail server")
    )


@pytest.mark.parametrize(
    ("greeting", "reason"),
    [
        (None, Reason.TIMEOUT),
        (b"", Reason.NETWORK),
        (b"554 go away\r\n", Reason.NETWORK),
        (b"garbage\r\n", Reason.NETWORK),
    ],
)
def test_a_server_that_greets_badly_is_tried_again(greeting, reason):
    over = asyncio.Event()

    async def greet(reader, writer):
        if greeting is None:
            await reader.read()
        else:
            writer.write(greeting)
        writer.close()
        over.set()

    async def handing():
        listening = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with listening:
            port = listening.sockets[0].getsockname()[1]
            server = SmtpServer(host="127.0.0.1", port=port, sender=SENDER, tls=MailTls.NONE)
            limit = timedelta(milliseconds=200) if greeting is None else ENOUGH
            outcome = await hand_over(a_mail(), SENDER, TO, server=server, timeout=limit)
            await asyncio.wait_for(over.wait(), 10)
            return outcome

    outcome = asyncio.run(handing())

    assert (type(outcome), outcome.reason) == (Retry, reason)
