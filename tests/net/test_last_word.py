"""Nothing of an attempt leaves once another process may have begun it, however far it had come by then."""

import pytest
from net_support import post
from raw_smtp import RawServer
from test_mail import SENDER, TO, a_mail

from hookrouter.domain.outcome import Answer, Delivered
from hookrouter.net.egress import EgressGuard
from hookrouter.net.http_session import open_session
from hookrouter.net.mail import hand_over
from hookrouter.net.smtp_server import MailTls, SmtpServer
from hookrouter.net.terms import Terms
from hookrouter.ports.last_word import STILL_OURS, PassedOn
from hookrouter.testing.far_side import FarSide, answers
from hookrouter.testing.sinks import ENOUGH, LOOPBACK


def ours_for(looks: int) -> None:
    """Let an attempt be this process' for so many looks."""
    left = [True] * looks
    STILL_OURS.set(lambda: bool(left) and left.pop())


@pytest.mark.parametrize(
    ("method", "body", "looks"),
    [("POST", b"{}", 0), ("POST", b"{}", 1), ("GET", b"", 0)],
    ids=["before the head", "between head and body", "without a body"],
)
async def test_not_a_byte_of_a_request_is_sent(method: str, body: bytes, looks: int) -> None:
    async with FarSide() as far, open_session(EgressGuard(LOOPBACK)) as session:
        ours_for(looks)

        with pytest.raises(PassedOn):
            await post(session, far.url, method=method, body=body)

        assert far.received == []
        ours_for(2)
        assert await post(session, far.url, method=method, body=body) == Delivered(answer=Answer(status=200, text="ok"))
        assert len(far.received) == 1


async def test_nor_where_a_redirect_leads() -> None:
    async with FarSide() as aim, FarSide(answers(307, "", {"Location": aim.url})) as far:
        async with open_session(EgressGuard(LOOPBACK)) as session:
            ours_for(2)

            with pytest.raises(PassedOn):
                await post(session, far.url, terms=Terms(redirects=1))

        assert (len(far.received), aim.received) == (1, [])


@pytest.mark.parametrize(("looks", "told"), [(0, []), (1, ["DATA"])], ids=["before its announcement", "behind that"])
async def test_nor_of_a_mail_although_its_recipients_are_told(looks: int, told: list[str]) -> None:
    raw = RawServer({})
    async with raw.serving():
        ours_for(looks)
        server = SmtpServer(host="127.0.0.1", port=raw.port, sender=SENDER, tls=MailTls.NONE)

        with pytest.raises(PassedOn):
            await hand_over(a_mail(), TO, server=server, timeout=ENOUGH)

    assert [line.split()[0] for line in raw.heard] == ["EHLO", "MAIL", "RCPT", "RCPT", *told]
    assert raw.mails == []
