import asyncio
import base64
from datetime import UTC, datetime

import orjson
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from hookrouter.domain.outcome import Dead, Delivered, Reason
from hookrouter.sinks.http import SINK
from hookrouter.sinks.signature import Signer
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.testing.far_side import FarSide, answers
from hookrouter.testing.sinks import a_sink, deliver
from hookrouter.wire.messages.standard_body import standard_body
from hookrouter.wire.messages.template import RenderingFailed

URL = "https://api.example.com/leads"
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()


def sent(delivery=None, *, path="/leads", answering=None, **options):
    """The outcome, and the request as the far side got it."""

    async def sending():
        async with FarSide(answering or answers()) as far:
            outcome = await deliver(SINK, delivery or a_delivery(), url=far.url + path, **options)
            return outcome, far.received[0]

    return asyncio.run(sending())


def preview(delivery=None, **options):
    return a_sink(SINK, **{"url": URL, **options}).render(delivery or a_delivery()).preview()


def test_the_standard_body_is_posted():
    delivery = a_delivery()

    outcome, request = sent(delivery)

    assert isinstance(outcome, Delivered)
    assert (request.method, request.path, request.body) == ("POST", "/leads", standard_body(delivery))
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == delivery.id
    assert int(request.headers["webhook-timestamp"]) > 1_700_000_000
    assert "webhook-signature" not in request.headers
    assert "authorization" not in request.headers


@pytest.mark.parametrize(
    ("secret", "receiver"),
    [
        (SECRET, SECRET),
        (SECRET.removeprefix("whsec_"), SECRET),
        ("no base64 at all!", "whsec_" + base64.b64encode(b"no base64 at all!").decode()),
        ("Größe passt schon", "whsec_" + base64.b64encode("Größe passt schon".encode()).decode()),
        ([SECRET, "another secret!"], SECRET),
        (["another secret!", SECRET], SECRET),
    ],
)
def test_a_signature_can_be_verified_by_others(secret, receiver):
    _, request = sent(signing_secret=secret)

    assert Webhook(receiver).verify(request.body, request.headers) == orjson.loads(request.body)


def test_a_wrong_secret_does_not_verify():
    _, request = sent(signing_secret="another secret!")

    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body, request.headers)


def test_while_a_secret_is_rotated_the_first_signs_first():
    now, body = datetime(2026, 3, 4, tzinfo=UTC), b"{}"

    both = Signer(["first secret!", "second secret!"]).headers("d_1", now, body)["webhook-signature"].split(" ")

    assert both == [
        Signer([secret]).headers("d_1", now, body)["webhook-signature"]
        for secret in ("first secret!", "second secret!")
    ]


def test_every_part_can_be_a_template():
    outcome, request = sent(
        path="/leads/{{ lead.id }}?by={{ lead.emailAddress }}",
        method="PUT",
        headers={"X-Lead": "{{ lead.firstName }}", "X-Fixed": "yes"},
        body={"name": "{{ lead.firstName }} {{ lead.lastName }}", "score": 5, "tags": ["{{ route }}"]},
    )

    assert isinstance(outcome, Delivered)
    assert (request.method, request.path) == ("PUT", "/leads/718281920514?by=ada.brown@acme.example")
    assert (request.headers["x-lead"], request.headers["x-fixed"]) == ("Ada", "yes")
    assert orjson.loads(request.body) == {"name": "Ada Brown", "score": 5, "tags": ["hot-lead"]}


@pytest.mark.parametrize(
    ("body", "headers", "kind"),
    [
        ("{{ lead.firstName }}", {}, "text/plain; charset=utf-8"),
        ('{"name": {{ lead.firstName|tojson }}}', {}, "application/json"),
        ('["x"]', {}, "application/json"),
        ("a=b", {"content-type": "application/x-www-form-urlencoded"}, "application/x-www-form-urlencoded"),
        ({"a": "b"}, {}, "application/json"),
    ],
)
def test_the_content_type_fits_the_body(body, headers, kind):
    _, request = sent(body=body, headers=headers)

    assert request.headers["content-type"] == kind


def test_a_get_request_has_no_body():
    _, request = sent(method="GET")

    assert request.body == b""


@pytest.mark.parametrize(
    ("options", "header"),
    [
        ({"token": "t0ken"}, "Bearer t0ken"),
        (
            {"basic": {"username": "crm", "password": "pä:ss"}},
            "Basic " + base64.b64encode("crm:pä:ss".encode()).decode(),
        ),
        ({"headers": {"authorization": "Custom x"}}, "Custom x"),
        ({"api_key": {"header": "Authorization", "value": "ApiKey 5"}}, "ApiKey 5"),
    ],
)
def test_a_sink_authenticates(options, header):
    _, request = sent(**options)

    assert request.headers["authorization"] == header


def test_an_api_key_goes_in_a_header():
    _, request = sent(api_key={"header": "X-API-Key", "value": "s3cret\r\nX-Evil: 1"})

    assert request.headers["x-api-key"] == "s3cret X-Evil: 1"
    assert "x-evil" not in request.headers


@pytest.mark.parametrize(
    ("path", "requested"),
    [
        ("/leads", "/leads?api%26key=s%263cret"),
        ("/leads?a=b", "/leads?a=b&api%26key=s%263cret"),
        ("/leads?a={{ lead.id }}#part", "/leads?a=718281920514&api%26key=s%263cret"),
    ],
)
def test_an_api_key_goes_in_the_query(path, requested):
    _, request = sent(path=path, api_key={"query": "api&key", "value": "s&3cret"})

    assert request.path == requested


def test_an_api_key_is_in_no_preview_and_no_repr():
    for place in ({"header": "X-API-Key"}, {"query": "key"}):
        sink = a_sink(SINK, url=URL, api_key={**place, "value": "canary"})
        message = sink.render(a_delivery())

        assert "canary" not in repr(sink) + repr(message) + repr(message.preview())


def test_a_sink_follows_redirects_only_when_told():
    async def leads(request):
        if request.path == "/leads":
            return web.Response(status=307, headers={"Location": "/there"})
        return web.Response(text="here")

    stays, _ = sent(answering=leads)
    goes, _ = sent(answering=leads, redirects=1)

    assert (stays.reason, type(goes)) == (Reason.REDIRECTED, Delivered)


@given(st.text(max_size=50), st.sampled_from(["body", "text", "json"]))
def test_whatever_a_lead_holds_the_body_is_utf_8_and_its_signature_holds(value, form):
    body = {"body": None, "text": "{{ lead.firstName }}", "json": {"name": "{{ lead.firstName }}"}}[form]
    delivery = a_delivery(change=a_change(lead=a_lead(firstName=value)))
    message = a_sink(SINK, url=URL, **({} if body is None else {"body": body})).render(delivery)

    signed = Signer([SECRET]).headers(delivery.id, datetime.now(UTC), message.body)

    message.body.decode()
    Webhook(SECRET).verify(message.body, signed, json_parse=False)


def test_each_attempt_bears_the_same_id_and_its_own_time():
    delivery, sink = a_delivery(), Signer([SECRET, "another secret!"])
    first, later = datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 7, tzinfo=UTC)

    tries = [sink.headers(delivery.id, now, b"{}") for now in (first, later)]

    assert [one["webhook-id"] for one in tries] == [delivery.id, delivery.id]
    assert [int(one["webhook-timestamp"]) for one in tries] == [int(first.timestamp()), int(later.timestamp())]
    assert tries[0]["webhook-signature"] != tries[1]["webhook-signature"]


def test_both_secrets_of_a_rotation_verify():
    _, request = sent(signing_secret=[SECRET, "whsec_" + base64.b64encode(b"the old secret").decode()])

    for secret in (SECRET, "whsec_" + base64.b64encode(b"the old secret").decode()):
        assert Webhook(secret).verify(request.body, request.headers) == orjson.loads(request.body)


def test_a_value_cannot_add_a_header():
    _, request = sent(
        a_delivery(change=a_change(lead=a_lead(firstName="a\r\nX-Evil: 1"))), headers={"X-Name": "{{ lead.firstName }}"}
    )

    assert request.headers["x-name"] == "a X-Evil: 1"
    assert "x-evil" not in request.headers


def test_a_value_cannot_leave_its_place_in_the_url():
    hostile = a_delivery(change=a_change(lead=a_lead(firstName="../admin?x=1#y")))

    _, request = sent(hostile, path="/leads/{{ lead.firstName }}/notes")

    assert request.path == "/leads/..%2Fadmin%3Fx=1%23y/notes"


def test_a_lead_with_broken_characters_is_still_sent():
    hostile = a_delivery(change=a_change(lead=a_lead(firstName="a\x00b\u202e")))

    outcome, _ = sent(hostile, body="{{ lead.firstName }}", headers={"X-Name": "{{ lead.firstName }}"})

    assert isinstance(outcome, Delivered)


@pytest.mark.parametrize(
    "options",
    [
        {"url": "ftp://a.example/"},
        {"url": "https://user:pass@a.example/"},
        {"url": "https://user@a.example/"},
        {"url": "https://{{ lead.website }}/x"},
        {"url": "https://a.example{{ lead.website }}/x"},
        {"url": "{{ lead.website }}"},
        {"url": "//a.example/"},
        {"url": "https:///x"},
        {"url": "https://a.example/{{ nobody }}"},
        {"url": "https://a.example/" + "x" * 9000},
        {"url": ""},
        {"url": "https://a.example:99999/"},
        {"url": "https://a.example:0/"},
        {"url": "https://[::1/"},
        {"method": "TRACE"},
        {"method": "post"},
        {"headers": {"Host": "x"}},
        {"headers": {"webhook-id": "x"}},
        {"headers": {"Content-Length": "1"}},
        {"headers": {"a b": "x"}},
        {"headers": {"a\r\nb": "x"}},
        {"headers": {"X": "{{ nobody }}"}},
        {"token": "x", "basic": {"username": "a", "password": "b"}},
        {"token": "x", "headers": {"Authorization": "y"}},
        {"token": ""},
        {"basic": {"username": "a"}},
        {"signing_secret": "short"},
        {"signing_secret": []},
        {"signing_secret": ["long enough", 5]},
        {"signing_secret": ["long enough"] * 6},
        {"body": "{{ nobody }}"},
        {"body": 5},
        {"method": "GET", "body": "x"},
        {"colour": "red"},
        {"api_key": {"value": "x"}},
        {"api_key": {"header": "X-Key", "query": "key", "value": "x"}},
        {"api_key": {"header": "X-Key"}},
        {"api_key": {"header": "X Key", "value": "x"}},
        {"api_key": {"header": "Webhook-Id", "value": "x"}},
        {"api_key": {"header": "authorization", "value": "x"}, "token": "y"},
        {"api_key": {"header": "X-Key", "value": "x"}, "headers": {"x-key": "y"}},
        {"api_key": {"query": "", "value": "x"}},
        {"tls": {}},
        {"tls": {"key": "a.pem"}},
        {"tls": {"ca": ""}},
        {"tls": {"ca": "a.pem"}, "url": "http://a.example/"},
        {"tls": {"verify": False}},
        {"redirects": -1},
        {"redirects": 11},
        {"redirects": True},
        {"timeout": {"total": "10s", "connect": "11s"}},
        {"timeout": {"read": "11s"}},
        {"timeout": {"total": "0s"}},
        {"timeout": {"write": "1s"}},
        {"timeout": "ten"},
    ],
)
def test_options_that_cannot_work_are_refused(options):
    with pytest.raises(ValidationError):
        a_sink(SINK, **{"url": URL, **options})


def test_the_preview_is_the_request_without_its_secrets():
    assert preview(
        url=URL + "/{{ lead.id }}?api_key=canary&lead={{ lead.id }}",
        token="canary",
        signing_secret="canary-canary",
        headers={"X-Api-Key": "canary", "X-Route": "{{ route }}"},
        body={"id": "{{ lead.id }}"},
    ) == {
        "method": "POST",
        "url": URL + "/718281920514?api_key=***&lead=***",
        "headers": {"Content-Type": "application/json", "X-Api-Key": "***", "X-Route": "hot-lead"},
        "body": {"id": "718281920514"},
    }


def test_a_text_body_is_previewed_as_text():
    assert preview(body="Hello {{ lead.firstName }}")["body"] == "Hello Ada"


def test_nothing_secret_is_in_what_a_sink_calls_itself():
    sink = a_sink(
        SINK,
        url=URL + "/canary",
        token="canary",
        signing_secret="canary-canary",
        headers={"X-Api-Key": "canary"},
        body={"id": "canary"},
    )

    assert "canary" not in repr(sink) + repr(sink.render(a_delivery()))


def test_a_template_that_cannot_be_filled_fails_alone():
    with pytest.raises(RenderingFailed):
        preview(body={"score": "{{ lead.leadScore + 1 }}"})


def test_a_url_that_grows_too_long_fails_alone():
    with pytest.raises(RenderingFailed, match="URL"):
        preview(a_delivery(change=a_change(lead=a_lead(firstName="x" * 9000))), url=URL + "/{{ lead.firstName }}")


def test_rendering_gives_the_same_bytes_each_time():
    sink, delivery = a_sink(SINK, url=URL), a_delivery()

    assert sink.render(delivery) == sink.render(delivery)


def test_a_private_address_is_never_reached():
    async def sending():
        async with FarSide() as far:
            return await deliver(SINK, a_delivery(), allow=(), url=far.url), far.received

    outcome, received = asyncio.run(sending())

    assert isinstance(outcome, Dead)
    assert (outcome.reason, received) == (Reason.FORBIDDEN_ADDRESS, [])
