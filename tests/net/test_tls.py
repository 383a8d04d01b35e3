"""TLS to a far side whose certificate is wrong, or that wants one of ours."""

import asyncio
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime

import pytest
import trustme
from aiohttp import web
from net_support import post_once

from hookrouter.domain.outcome import Answer, Delivered, Reason, Retry
from hookrouter.net.terms import Terms
from hookrouter.net.tls import TlsFiles, UnusableTlsFile
from hookrouter.testing.far_side import FarSide, answers

HERE = "127.0.0.1"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def stranger():
    return trustme.CA()


@pytest.fixture
def files(tmp_path):
    """Writes what trustme made into a file."""

    def write(*blobs):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.pem"
        path.write_bytes(b"".join(blob.bytes() for blob in blobs))
        return str(path)

    return write


def far_tls(certificate, clients_of=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    if clients_of is not None:
        clients_of.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def outcome_of(tls, files):
    async def posting():
        async with FarSide(tls=tls) as far:
            outcome = await post_once(far.url, terms=Terms(tls=TlsFiles(**files)))
            return outcome, far.received

    return asyncio.run(posting())


def test_a_far_side_is_trusted_by_the_authority_of_the_operators_choice(authority, files):
    outcome, received = outcome_of(far_tls(authority.issue_cert(HERE)), {"ca": files(authority.cert_pem)})

    assert isinstance(outcome, Delivered)
    assert len(received) == 1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("expired", "the certificate is not valid: certificate has expired"),
        (
            "of another host",
            "the certificate is not valid: IP address mismatch, certificate is not valid for '127.0.0.1'.",
        ),
        ("self-signed", "the certificate is not valid: self-signed certificate"),
        ("of a stranger", "the certificate is not valid: unable to get local issuer certificate"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_told(authority, stranger, files, wrong, told):
    match wrong:
        case "expired":
            certificate = authority.issue_cert(HERE, not_after=datetime(2020, 1, 1, tzinfo=UTC))
        case "of another host":
            certificate = authority.issue_cert("other.example")
        case "self-signed":
            certificate = None
        case _:
            certificate = stranger.issue_cert(HERE)
    if certificate is None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        path = files(stranger.private_key_pem, stranger.cert_pem)
        tls.load_cert_chain(path)
    else:
        tls = far_tls(certificate)

    outcome, received = outcome_of(tls, {"ca": files(authority.cert_pem)})

    assert isinstance(outcome, Retry)
    assert (outcome.reason, outcome.answer.text, received) == (Reason.TLS, told, [])


def test_a_far_side_that_wants_our_certificate_is_shown_it(authority, files):
    ours = authority.issue_cert("ours@acme.example")

    outcome, received = outcome_of(
        far_tls(authority.issue_cert(HERE), clients_of=authority),
        {
            "ca": files(authority.cert_pem),
            "cert": files(*ours.cert_chain_pems),
            "key": files(ours.private_key_pem),
        },
    )

    assert isinstance(outcome, Delivered)
    assert len(received) == 1


def test_certificate_and_key_may_stand_in_one_file(authority, files):
    ours = authority.issue_cert("ours@acme.example")

    outcome, _ = outcome_of(
        far_tls(authority.issue_cert(HERE), clients_of=authority),
        {"ca": files(authority.cert_pem), "cert": files(ours.private_key_and_cert_chain_pem)},
    )

    assert isinstance(outcome, Delivered)


NOT_ACCEPTED = "the far side does not accept our certificate, or wants one (`tls: {cert, key}`)"


@pytest.mark.parametrize(
    "refused",
    [
        (ssl.TLSVersion.TLSv1_2, False, "the far side broke off the TLS handshake: handshake failure"),
        (ssl.TLSVersion.TLSv1_2, True, NOT_ACCEPTED),
        (ssl.TLSVersion.TLSv1_3, False, NOT_ACCEPTED),
        (ssl.TLSVersion.TLSv1_3, True, NOT_ACCEPTED),
    ],
)
def test_a_far_side_that_refuses_us_is_told_from_one_whose_own_certificate_is_wrong(
    authority, stranger, files, refused
):
    version, shows_one, told = refused
    tls = far_tls(authority.issue_cert(HERE), clients_of=authority)
    tls.maximum_version = version
    named = {"ca": files(authority.cert_pem)}
    if shows_one:
        named["cert"] = files(stranger.issue_cert("ours@acme.example").private_key_and_cert_chain_pem)

    with socket.create_server((HERE, 0)) as listening, ThreadPoolExecutor() as threads:
        handshake = threads.submit(shake_hands, listening, tls)  # asyncio's own server would cut us off without a word
        outcome = asyncio.run(
            post_once(f"https://{HERE}:{listening.getsockname()[1]}/", terms=Terms(tls=TlsFiles(**named)))
        )
        handshake.result()

    assert outcome == Retry(reason=Reason.TLS, answer=Answer(text=told))


def shake_hands(listening, tls):
    connection, _ = listening.accept()
    with tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as secure, suppress(OSError):
        try:
            secure.do_handshake()
        finally:  # to be closed at once would cut off our last word, the alert
            secure.shutdown(socket.SHUT_WR)
            while secure.recv(4096):
                pass


def unusable(**named):
    with pytest.raises(UnusableTlsFile) as raised:
        TlsFiles(**named).context()
    return raised.value.key, str(raised.value)


def test_a_file_that_cannot_be_used_is_told_by_its_key(authority, files, tmp_path):
    ours, other = authority.issue_cert("a@acme.example"), authority.issue_cert("b@acme.example")
    cert, key, others_key = files(*ours.cert_chain_pems), files(ours.private_key_pem), files(other.private_key_pem)
    broken = tmp_path / "broken.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    locked = tmp_path / "locked.pem"
    locked.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
    missing = str(tmp_path / "missing.pem")

    assert unusable(ca=missing) == ("ca", "the file cannot be read: No such file or directory")
    assert unusable(ca=str(tmp_path)) == ("ca", "the file cannot be read: Is a directory")
    assert unusable(ca=key) == ("ca", "the file holds no certificate in PEM")
    assert unusable(ca=str(broken)) == ("ca", "the file holds a certificate that cannot be read")
    assert unusable(cert=missing, key=key) == ("cert", "the file cannot be read: No such file or directory")
    assert unusable(cert=cert, key=missing) == ("key", "the file cannot be read: No such file or directory")
    assert unusable(cert=key, key=key) == ("cert", "the file holds no certificate in PEM")
    assert unusable(cert=cert) == ("cert", "the file holds no private key in PEM")
    assert unusable(cert=cert, key=cert) == ("key", "the file holds no private key in PEM")
    assert unusable(cert=cert, key=others_key) == ("key", "the private key is not that of the certificate")
    assert unusable(cert=cert, key=str(locked)) == ("key", "the private key has a password: give one without")
    assert unusable(cert=str(broken), key=key) == ("cert", "the certificate or its private key cannot be read")


def test_a_missing_file_costs_a_retry_and_heals_when_it_comes(authority, tmp_path):
    path = tmp_path / "ca.pem"
    terms = Terms(tls=TlsFiles(ca=str(path)))

    async def posting():
        async with FarSide(tls=far_tls(authority.issue_cert(HERE))) as far:
            before = await post_once(far.url, terms=terms)
            authority.cert_pem.write_to_path(str(path))
            return before, await post_once(far.url, terms=terms)

    before, after = asyncio.run(posting())

    assert isinstance(before, Retry)
    assert (before.reason, before.answer.text) == (
        Reason.TLS,
        "`tls.ca` of the sink: the file cannot be read: No such file or directory",
    )
    assert isinstance(after, Delivered)


def redirecting(location):
    return answers(308, "", {"Location": location})


def test_no_redirect_leads_from_tls_to_none(authority, files):
    async def posting():
        async with FarSide() as plain, FarSide(redirecting(plain.url), tls=far_tls(authority.issue_cert(HERE))) as far:
            terms = Terms(tls=TlsFiles(ca=files(authority.cert_pem)), redirects=3)
            return await post_once(far.url, terms=terms), plain.received

    outcome, received = asyncio.run(posting())

    assert (outcome.reason, received) == (Reason.REDIRECTED, [])
    assert outcome.answer.text == "(a redirect, not followed: it leads from https to http)"


@pytest.mark.parametrize("sends_back", [False, True])
def test_our_certificate_is_shown_to_no_other_host(authority, files, sends_back):
    shown = []

    async def looks(request):
        shown.append(bool(request.transport.get_extra_info("ssl_object").getpeercert()))
        return web.Response(status=308, headers={"Location": next(ways)}) if len(shown) < hops else web.Response()

    async def posting():
        nonlocal ways
        async with FarSide(looks, tls=curious) as here, FarSide(looks, tls=curious) as there:
            ways = iter([there.url, here.url])
            return await post_once(here.url, terms=Terms(tls=named, redirects=3))

    ways = iter(())
    hops = 3 if sends_back else 2
    curious = far_tls(authority.issue_cert(HERE), clients_of=authority)
    curious.verify_mode = ssl.CERT_OPTIONAL
    ours = files(authority.issue_cert("ours@acme.example").private_key_and_cert_chain_pem)
    named = TlsFiles(ca=files(authority.cert_pem), cert=ours)

    outcome = asyncio.run(posting())

    assert isinstance(outcome, Delivered)
    assert shown == [True] + [False] * (hops - 1)
