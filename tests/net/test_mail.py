"""A mail handed to mail servers of every temper."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from raw_smtp import GOOD, RawServer, cut, end

from hookrouter.domain.outcome import Answer, Reason, Retry
from hookrouter.net.mail import NOT_ASCII, HandedOver, hand_over
from hookrouter.net.smtp_server import MailTls, SmtpServer
from hookrouter.testing.mail_server import Mailbox, mail_server
from hookrouter.testing.sinks import ENOUGH
from hookrouter.wire.messages.written_mail import WrittenMail

HERE = Path(__file__).parent
SENDER = "crm@example.com"
ADA, BEN, CID = "ada@example.com", "ben@example.com", "cid@example.com"
TO = (ADA, BEN)
TAKEN = HandedOver(taken=TO, reply=Answer(status=250, text="taken"))
SOON = timedelta(milliseconds=200)


def a_mail(to=TO, sender=SENDER, text="Hello"):
    date = datetime(2026, 3, 4, tzinfo=UTC)
    return WrittenMail(id="d_1", sender=sender, to=to, subject="Hello", text=text, html="", date=date)


def certified(name="localhost"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HERE / f"{name}.pem")
    return context


def handed_over(box, *, to=TO, tls=MailTls.NONE, certificate=None, host="127.0.0.1", sender=SENDER, **login):
    """What became of a mail to a server that keeps the rules."""
    wrapped = {"tls" if tls is MailTls.TLS else "starttls": certificate}

    async def handing():
        async with mail_server(box, **wrapped):
            server = SmtpServer(host=host, port=box.port, sender=sender, tls=tls, **login)
            return await hand_over(a_mail(to, sender), to, server=server, timeout=ENOUGH)

    return asyncio.run(handing())


def told(script, *, to=TO, piecemeal=False, timeout=ENOUGH, text="Hello", tls=MailTls.NONE, **login):
    """What became of a mail to a server that keeps to a script, and the server."""
    raw = RawServer(script, piecemeal)

    async def handing():
        async with raw.serving():
            server = SmtpServer(host="127.0.0.1", port=raw.port, sender=SENDER, tls=tls, **login)
            return await hand_over(a_mail(to, text=text), to, server=server, timeout=timeout)

    return asyncio.run(handing()), raw


def put_off(handed):
    assert handed.put_off is not None
    return handed.put_off.reason, handed.put_off.answer.status


def test_a_mail_is_taken_for_all():
    box = Mailbox()

    assert handed_over(box) == TAKEN
    assert box.mails[0].rcpt_tos == list(TO)
    assert box.mails[0].mail_from == SENDER


def test_each_recipient_is_judged_by_itself():
    box = Mailbox(refuse={ADA: "550 5.1.1 nobody here", BEN: "450 4.2.0 greylisted"})

    assert handed_over(box, to=(ADA, BEN, CID)) == HandedOver(
        taken=(CID,),
        reply=Answer(status=250, text="taken"),
        refused={ADA: Answer(status=550, text="5.1.1 nobody here")},
        put_off=Retry(reason=Reason.SERVER_ERROR, answer=Answer(status=450, text="4.2.0 greylisted")),
    )
    assert box.mails[0].rcpt_tos == [CID]


@pytest.mark.parametrize("reply", ["450 greylisted", "451 later", "452 too many recipients", "552 5.2.2 mailbox full"])
def test_a_recipient_may_be_put_off(reply):
    handed = handed_over(Mailbox(refuse={ADA: reply}))

    assert (handed.taken, handed.refused) == ((BEN,), {})
    assert put_off(handed) == (Reason.SERVER_ERROR, int(reply[:3]))


@pytest.mark.parametrize("reply", ["550 nobody here", "551 moved", "553 no such name", "554 no", "501 what"])
def test_a_recipient_may_be_refused_for_good(reply):
    handed = handed_over(Mailbox(refuse={ADA: reply}))

    assert (handed.taken, handed.put_off) == ((BEN,), None)
    assert handed.refused == {ADA: Answer(status=int(reply[:3]), text=reply[4:])}


def test_when_nobody_is_welcome_no_mail_is_sent():
    handed, server = told({"RCPT": [b"550 no", b"550 no"]})

    assert set(handed.refused) == set(TO)
    assert "DATA" not in server.heard


@pytest.mark.parametrize("reply", ["451 4.3.0 later", "452 disk full"])
def test_a_mail_that_is_not_taken_now_is_put_off_for_all(reply):
    handed = handed_over(Mailbox(reply=reply))

    assert (handed.taken, handed.refused, put_off(handed)) == ((), {}, (Reason.SERVER_ERROR, int(reply[:3])))


@pytest.mark.parametrize("reply", ["552 5.3.4 too large", "554 5.7.1 spam"])
def test_a_mail_that_is_refused_is_refused_for_those_it_was_for(reply):
    handed = handed_over(Mailbox(reply=reply, refuse={ADA: "450 later"}))

    assert handed.refused == {BEN: Answer(status=int(reply[:3]), text=reply[4:])}
    assert put_off(handed) == (Reason.SERVER_ERROR, 450)


def test_what_the_server_says_is_kept_without_addresses():
    handed = handed_over(Mailbox(refuse={ADA: f"550 5.1.1 <{ADA}>: unknown in our table"}))

    assert handed.refused[ADA].text == "5.1.1 <a***@example.com>: unknown in our table"
    assert "ada" not in repr(handed)


def test_a_login_is_made():
    box = Mailbox(password="open sesame")

    assert handed_over(box, username="crm", password="open sesame") == TAKEN


def test_with_a_wrong_password_mails_are_refused_and_the_password_is_told_to_nobody():
    handed = handed_over(Mailbox(password="open sesame"), username="crm", password="canary")

    assert {one: answer.status for one, answer in handed.refused.items()} == {ADA: 535, BEN: 535}
    assert handed.put_off is None
    assert "canary" not in repr(handed)


@pytest.mark.parametrize(
    ("script", "login", "expected"),
    [
        ({}, True, (Reason.UNAUTHORIZED, None)),
        ({"EHLO": b"250-mail.test\r\n250 AUTH GSSAPI"}, True, (Reason.UNAUTHORIZED, None)),
        ({"EHLO": b"250-mail.test\r\n250 AUTH PLAIN", "AUTH": b"454 4.7.0 later"}, True, (Reason.SERVER_ERROR, 454)),
    ],
)
def test_while_no_login_is_to_be_had_mails_wait(script, login, expected):
    handed, _ = told(script, **({"username": "crm", "password": "secret"} if login else {}))

    assert (put_off(handed), handed.refused) == (expected, {})


@pytest.mark.parametrize(
    ("script", "login", "status"),
    [
        ({"EHLO": b"250-mail.test\r\n250 AUTH PLAIN", "AUTH": b"534 too weak"}, True, 534),
        ({"MAIL": b"530 5.7.0 sign in first"}, False, 530),
        ({"RCPT": b"530 5.7.0 sign in first"}, False, 530),
    ],
)
def test_a_login_that_is_refused_refuses_the_mail(script, login, status):
    handed, _ = told(script, **({"username": "crm", "password": "secret"} if login else {}))

    assert handed.put_off is None
    assert {answer.status for answer in handed.refused.values()} == {status}
    assert set(handed.refused) == set(TO)


@pytest.mark.parametrize("mode", [MailTls.STARTTLS, MailTls.TLS])
def test_a_mail_goes_over_tls(monkeypatch, mode):
    monkeypatch.setenv("SSL_CERT_FILE", str(HERE / "localhost.pem"))
    box = Mailbox()

    assert handed_over(box, tls=mode, host="localhost", certificate=certified()) == TAKEN
    assert box.secured == [mode is MailTls.STARTTLS]  # aiosmtpd does not see a TLS that was there from the start


@pytest.mark.parametrize("mode", [MailTls.STARTTLS, MailTls.TLS])
@pytest.mark.parametrize(
    ("certificate", "is_known", "why"),
    [
        ("localhost", False, "self-signed certificate"),
        ("expired", True, "certificate has expired"),
        ("elsewhere", True, "Hostname mismatch, certificate is not valid for 'localhost'"),
    ],
)
def test_a_certificate_that_proves_nothing_is_not_trusted(monkeypatch, mode, certificate, is_known, why):
    if is_known:
        monkeypatch.setenv("SSL_CERT_FILE", str(HERE / f"{certificate}.pem"))
    box = Mailbox()

    login = {"username": "crm", "password": "secret"}
    handed = handed_over(box, tls=mode, host="localhost", certificate=certified(certificate), **login)

    assert handed.put_off == Retry(
        reason=Reason.TLS, answer=Answer(text=f"the mail server's TLS cannot be trusted: {why}")
    )
    assert box.mails == []


@pytest.mark.parametrize("mode", [MailTls.STARTTLS, MailTls.TLS])
def test_a_server_without_tls_gets_nothing(mode):
    box = Mailbox()

    handed = handed_over(box, tls=mode, username="crm", password="secret")

    assert put_off(handed) == (Reason.TLS, None)
    assert box.mails == []


@pytest.mark.parametrize("reply", [b"454 not now", b"502 what?", b"220 go ahead\r\n250 and in plain text: ok", cut])
def test_nothing_is_said_in_plain_text_when_starttls_was_taken_out(reply):
    handed, server = told(
        {"EHLO": b"250-mail.test\r\n250-STARTTLS\r\n250 AUTH PLAIN", "STARTTLS": reply},
        tls=MailTls.STARTTLS,
        username="crm",
        password="secret",
        timeout=timedelta(seconds=2),
    )

    assert put_off(handed)[0] in {Reason.TLS, Reason.NETWORK, Reason.TIMEOUT}
    assert {line.split()[0] for line in server.heard if line.isascii() and line.isprintable()} <= {"EHLO", "STARTTLS"}


def test_an_address_beyond_ascii_is_written_where_the_server_takes_it():
    box = Mailbox(smtputf8=True)

    assert handed_over(box, to=("zoë@example.com", ADA)).taken == ("zoë@example.com", ADA)
    assert box.mails[0].rcpt_tos == ["zoë@example.com", ADA]
    assert "To: zoë@example.com,\r\n ada@example.com\r\n".encode() in box.mails[0].content


def test_an_address_beyond_ascii_is_refused_alone_where_the_server_takes_none():
    box = Mailbox()

    handed = handed_over(box, to=("zoë@example.com", ADA))

    assert (handed.taken, handed.refused) == ((ADA,), {"zoë@example.com": Answer(text=NOT_ASCII)})
    assert b"To: ada@example.com\r\n" in box.mails[0].content


def test_a_sender_beyond_ascii_needs_a_server_that_takes_it():
    assert set(handed_over(Mailbox(), sender="zoë@example.com").refused) == set(TO)
    assert handed_over(Mailbox(smtputf8=True), sender="zoë@example.com").taken == TO


def test_a_closed_port_is_tried_again():
    async def handing():
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            server = SmtpServer(host="127.0.0.1", port=closed.getsockname()[1], sender=SENDER, tls=MailTls.NONE)
            return await hand_over(a_mail(), TO, server=server, timeout=ENOUGH)

    assert asyncio.run(handing()).put_off == Retry(
        reason=Reason.NETWORK, answer=Answer(text="cannot connect to the mail server")
    )


@pytest.mark.parametrize(
    ("greeting", "expected"),
    [
        (b"554 go away", (Reason.SERVER_ERROR, 554)),
        (b"421 too busy", (Reason.SERVER_ERROR, 421)),
        (b"HTTP/1.1 400 Bad Request", (Reason.NETWORK, None)),
        (b"\xff\xfe\x00", (Reason.NETWORK, None)),
        (b"x" * 100_000, (Reason.NETWORK, None)),
        (b"220-and so on\r\n" * 10_000, (Reason.NETWORK, None)),
        (end, (Reason.NETWORK, None)),
        (cut, (Reason.NETWORK, None)),
    ],
    ids=["refusing", "busy", "http", "bytes", "long line", "many lines", "ending", "cutting"],
)
def test_a_server_that_greets_badly_is_tried_again(greeting, expected):
    handed, _ = told({"": greeting})

    assert (put_off(handed), handed.taken, handed.refused) == (expected, (), {})


@pytest.mark.parametrize("word", ["EHLO", "MAIL", "RCPT", "DATA", "."])
def test_a_server_that_must_go_is_tried_again_wherever_it_says_so(word):
    handed, _ = told({word: b"421 4.3.2 going down"})

    assert (put_off(handed), handed.taken, handed.refused) == ((Reason.SERVER_ERROR, 421), (), {})


@pytest.mark.parametrize("word", ["EHLO", "MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize("death", [end, cut])
def test_a_server_that_dies_is_tried_again_wherever_it_does(word, death):
    handed, _ = told({word: death})

    assert (put_off(handed), handed.taken, handed.refused) == ((Reason.NETWORK, None), (), {})
    assert ("not known" in handed.put_off.answer.text) is (word in {"DATA", "."})


@pytest.mark.parametrize("word", ["", "EHLO", "MAIL", "RCPT", "DATA", "."])
def test_a_server_that_falls_silent_is_given_up_within_the_limit(word):
    handed, _ = told({word: None}, timeout=SOON)

    assert (put_off(handed), handed.taken, handed.refused) == ((Reason.TIMEOUT, None), (), {})


def test_who_was_refused_before_the_server_died_stays_refused():
    handed, _ = told({"RCPT": [b"550 no", b"250 ok", b"250 ok"], ".": cut}, to=(ADA, BEN, CID))

    assert (list(handed.refused), put_off(handed)) == ([ADA], (Reason.NETWORK, None))


def test_a_server_that_takes_only_so_many_recipients_has_the_others_put_off():
    handed, server = told({"RCPT": [b"250 ok", b"452 4.5.3 too many recipients"]})

    assert (handed.taken, put_off(handed), len(server.mails)) == ((ADA,), (Reason.SERVER_ERROR, 452), 1)


def test_a_server_that_answers_byte_by_byte_in_many_lines_is_understood():
    script = {word: b"%b-and\r\n%b" % (answer[:3], answer) for word, answer in GOOD.items()}
    handed, server = told({**script, "RCPT": b"250-so\r\n250 ok"}, piecemeal=True)

    assert (handed.taken, len(server.mails)) == (TO, 1)


def test_a_server_that_talks_on_byte_by_byte_is_given_up_within_the_limit():
    handed, _ = told({"EHLO": b"250-x\r\n" * 4000}, piecemeal=True, timeout=SOON)

    assert handed.put_off is not None
    assert handed.put_off.reason in {Reason.TIMEOUT, Reason.NETWORK}


def test_a_server_of_old_that_knows_only_helo_gets_its_mail():
    handed, server = told({"EHLO": b"502 what?"})

    assert handed.taken == TO
    assert server.heard[:3] == ["EHLO hookrouter", "HELO hookrouter", "MAIL FROM:<crm@example.com>"]


def test_a_server_that_refuses_to_be_greeted_is_tried_again():
    handed, _ = told({"EHLO": b"550 no", "HELO": b"550 no"})

    assert (put_off(handed), handed.refused) == ((Reason.SERVER_ERROR, 550), {})


def test_the_size_is_told_to_a_server_that_asks_for_it():
    handed, server = told({"EHLO": b"250-mail.test\r\n250 SIZE 1000", "MAIL": b"552 5.3.4 too large"})

    size = len(a_mail().as_bytes())
    assert f"MAIL FROM:<crm@example.com> SIZE={size}" in server.heard
    assert handed.refused == dict.fromkeys(TO, Answer(status=552, text="5.3.4 too large"))


def test_dots_long_lines_and_bytes_go_over_the_wire_unharmed():
    text = f".\n..\n.x\nFrom me\n{'y' * 5000}\nüber\n."

    _, server = told({}, text=text)

    wire = server.mails[0].removesuffix(b".\r\n")
    lines = wire.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert wire.isascii()
    assert not any(line.startswith(b".") and not line.startswith(b"..") for line in lines)
    unstuffed = b"\r\n".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines)
    assert unstuffed == a_mail(text=text).as_bytes()
