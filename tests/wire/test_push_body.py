"""Bodies of pushes in every shape that was seen or must be expected."""

from __future__ import annotations

import gzip
import json
import zlib
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.bounds import Bounds
from hookrouter.domain.errors import PushRefused
from hookrouter.wire.pushes.push_body import UNLABELLED, Label, read_push_body

PUSHES = Path(__file__).parent / "pushes"
ADA = {"id": "1", "firstName": "Ada"}
BEN = {"id": "2", "firstName": "Ben"}
BOTH = json.dumps([ADA, BEN]).encode()
MULTIPART = "multipart/form-data; boundary=xyz"


def part(name: str, value: str, more: str = "") -> str:
    return f'--xyz\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'


def form(**fields: str) -> bytes:
    return ("".join(part(name, value) for name, value in fields.items()) + "--xyz--\r\n").encode()


def refusal(body: bytes, label: Label = UNLABELLED, limit: int = 100_000) -> tuple[int, str]:
    with pytest.raises(PushRefused) as refused:
        read_push_body(body, label, Bounds(body=limit))
    return refused.value.status, refused.value.title


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(BOTH, [ADA, BEN], id="a list"),
        pytest.param(b"[]", [], id="an empty list"),
        pytest.param(json.dumps(ADA).encode(), [ADA], id="one lead"),
        pytest.param(json.dumps({"lead": ADA}).encode(), [ADA], id="one lead, wrapped"),
        pytest.param(json.dumps({"leads": [ADA, BEN]}).encode(), [ADA, BEN], id="a wrapped list"),
        pytest.param(
            json.dumps({"result": {"lead": [ADA]}, "error": None, "id": "7"}).encode(), [ADA], id="an API's answer"
        ),
        pytest.param(json.dumps({"data": {"objects": [ADA]}}).encode(), [ADA], id="wrapped twice"),
        pytest.param(b"\xef\xbb\xbf  " + BOTH + b"\n", [ADA, BEN], id="a byte order mark and space around"),
        pytest.param(b"id=1&firstName=Ada", [ADA], id="a urlencoded lead"),
        pytest.param(
            b"leads[0][id]=1&leads[0][firstName]=Ada&leads[1][id]=2&leads[1][firstName]=Ben",
            [ADA, BEN],
            id="PHP's brackets",
        ),
        pytest.param(b"leads%5B0%5D%5Bid%5D=1&leads%5B0%5D%5BfirstName%5D=Ada", [ADA], id="brackets, encoded"),
        pytest.param(b"leads[][id]=1&leads[][id]=2", [{"id": "1"}, {"id": "2"}], id="brackets without numbers"),
        pytest.param(b"lead[id]=1&lead[firstName]=Ada", [ADA], id="one lead in brackets"),
        pytest.param(urlencode({"payload": BOTH.decode()}).encode(), [ADA, BEN], id="JSON in a field"),
        pytest.param(urlencode({"leads": BOTH.decode(), "n": "2"}).encode(), [ADA, BEN], id="JSON in the field leads"),
        pytest.param(urlencode({"data": json.dumps({"lead": [ADA]})}).encode(), [ADA], id="wrapped JSON in a field"),
        pytest.param(form(id="1", firstName="Ada"), [ADA], id="a multipart lead"),
        pytest.param(form(json=BOTH.decode()), [ADA, BEN], id="JSON in a part"),
        pytest.param(
            (part("id", "1") + part("photo", "", '; filename=""') + "--xyz--").encode(),
            [{"id": "1"}],
            id="no file chosen",
        ),
        pytest.param(form(id="1", firstName="Ada").replace(b"\r\n", b"\n"), [ADA], id="line feeds alone"),
        pytest.param(
            form(id="1", firstName="Ada").replace(b"Content-Disp", b"Content-Type: text/plain\r\nContent-Disp"),
            [ADA],
            id="parts that name their type first",
        ),
        pytest.param("id=1&firstName=Zoë".encode(), [{"id": "1", "firstName": "Zoë"}], id="a form as it was typed"),
        pytest.param(b"0[id]=1&1[id]=2", [{"id": "1"}, {"id": "2"}], id="brackets behind numbers"),
        pytest.param(b"lead[id]=1&lead[firstName]=Ada&subject=[urgent]", [ADA], id="a text that begins like JSON"),
        pytest.param(
            urlencode({"note": "{call", "payload": BOTH.decode()}).encode(), [ADA, BEN], id="a text beside JSON"
        ),
        pytest.param(json.dumps([{"lead": ADA}, {"lead": BEN}]).encode(), [ADA, BEN], id="a list of wrapped leads"),
        pytest.param(json.dumps({"leads": {"0": ADA, "2": BEN}}).encode(), [ADA, BEN], id="PHP's list with gaps"),
        pytest.param(json.dumps({"1": ADA, "3": BEN}).encode(), [ADA, BEN], id="PHP's list with gaps, alone"),
        pytest.param(b'{"lead": {}}', [], id="an empty list as PHP may write it"),
        pytest.param(b'{"result": [], "error": [], "id": "7"}', [], id="an API's empty answer by PHP"),
        pytest.param(b'{"result": {}, "error": null, "id": "7"}', [], id="an API's empty answer"),
        pytest.param(b'{"id": "1", "data": []}', [{"id": "1", "data": []}], id="a lead with an empty field"),
    ],
)
@pytest.mark.parametrize(
    "content_type",
    ["application/json", "", "text/plain; charset=latin-1", MULTIPART, "application/x-www-form-urlencoded", "x"],
)
def test_what_a_body_is_decides_whatever_its_label(body: bytes, expected: list[object], content_type: str) -> None:
    assert read_push_body(body, Label(content_type=content_type)) == expected


@pytest.mark.parametrize("name", sorted(path.name for path in PUSHES.iterdir()))
def test_the_samples_are_read(name: str) -> None:
    leads = read_push_body((PUSHES / name).read_bytes())

    assert len(leads) == {"01": 2, "03": 2, "04": 1, "07": 0, "08": 1, "09": 1}[name[:2]]
    assert all(isinstance(lead, dict) and lead["id"] for lead in leads)


def test_a_postback_is_known_by_the_leads_own_names_and_keeps_its_own() -> None:
    [lead] = read_push_body((PUSHES / "08_postback_form.multipart").read_bytes())

    assert isinstance(lead, dict)
    assert lead["id"] == lead["leadID"] == "718286745602"
    assert lead["trackingID"] == lead["trackingid__sb"]
    assert (lead["firstName"], lead["field_611204098"], lead["css url"]) == ("Inés", "Rugs,Yarn", "")


def test_a_name_that_comes_again_keeps_both_values() -> None:
    assert read_push_body(b"id=1&interests=Rugs&interests=Yarn&id=1") == [{"id": "1", "interests": "Rugs,Yarn"}]


def test_a_preamble_before_a_form_is_passed_over() -> None:
    body = b"This is a form.\r\n" + form(id="1", firstName="Ada")

    assert read_push_body(body, Label(content_type=MULTIPART)) == [ADA]


@pytest.mark.parametrize("word", ["utf-8", "UTF8", "none", "binary", "8bit"])
def test_a_coding_that_is_none_is_passed_over(word: str) -> None:
    assert read_push_body(BOTH, Label(content_encoding=word)) == [ADA, BEN]


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP ", "", "identity", "deflate"])
def test_a_gzip_is_unpacked_whatever_its_label(coding: str) -> None:
    assert read_push_body(gzip.compress(BOTH), Label(content_encoding=coding)) == [ADA, BEN]


@pytest.mark.parametrize("window", [zlib.MAX_WBITS, -zlib.MAX_WBITS])
def test_deflate_is_unpacked_with_and_without_its_header(window: int) -> None:
    packer = zlib.compressobj(wbits=window)
    packed = packer.compress(BOTH) + packer.flush()

    assert read_push_body(packed, Label(content_encoding="deflate")) == [ADA, BEN]


def test_what_a_proxy_unpacked_is_read_under_its_old_label() -> None:
    assert read_push_body(BOTH, Label(content_encoding="gzip")) == [ADA, BEN]


def test_a_gzip_of_several_members_is_read_whole() -> None:
    assert read_push_body(gzip.compress(BOTH[:10]) + gzip.compress(BOTH[10:]) + b"\0\0") == [ADA, BEN]


@pytest.mark.parametrize(
    ("body", "label", "answer"),
    [
        pytest.param(b"", UNLABELLED, (400, "empty body"), id="nothing"),
        pytest.param(b" \r\n", UNLABELLED, (400, "empty body"), id="space"),
        pytest.param(b"hello", UNLABELLED, (400, "not JSON"), id="a word"),
        pytest.param(BOTH[:-1], UNLABELLED, (400, "not JSON"), id="JSON cut short"),
        pytest.param(b'<leads><lead id="1"/></leads>', UNLABELLED, (400, "not JSON"), id="XML"),
        pytest.param(BOTH.decode().encode("utf-16"), UNLABELLED, (400, "not JSON"), id="UTF-16"),
        pytest.param('[{"id": 1, "firstName": "Zoë"}]'.encode("latin-1"), UNLABELLED, (400, "not JSON"), id="latin-1"),
        pytest.param(b"[NaN]", UNLABELLED, (400, "not JSON"), id="NaN"),
        pytest.param(b"[" * 100_000, UNLABELLED, (400, "not JSON"), id="brackets without end"),
        pytest.param(b"[" * 40 + b"]" * 40, UNLABELLED, (400, "nested too deeply"), id="forty levels"),
        pytest.param(b'"text"', UNLABELLED, (422, "no lead in it"), id="a text"),
        pytest.param(b"{}", UNLABELLED, (422, "no lead in it"), id="an empty object"),
        pytest.param(b'{"leads": null}', UNLABELLED, (422, "no lead in it"), id="no list"),
        pytest.param(b"[" + b"{}," * 5000 + b"{}]", UNLABELLED, (413, "too many leads"), id="5001 leads"),
        pytest.param(b"colour=red", UNLABELLED, (422, "no lead in it"), id="a form without a lead"),
        pytest.param(b"tags[]=a&tags[]=b", UNLABELLED, (422, "no lead in it"), id="a form with a list of words"),
        pytest.param(b"lead=x&lead[id]=1", UNLABELLED, (400, "names contradict"), id="names that contradict"),
        pytest.param(b"lead[id]=1&lead=x", UNLABELLED, (400, "names contradict"), id="contradicting the other way"),
        pytest.param(b"a" + b"[b]" * 32 + b"=1", UNLABELLED, (400, "nested too deeply"), id="brackets within brackets"),
        pytest.param(b"id=1&firstName=%ff", UNLABELLED, (400, "form not in UTF-8"), id="a form in latin-1, encoded"),
        pytest.param(
            "id=1&firstName=Zoë".encode("latin-1"), UNLABELLED, (400, "form not in UTF-8"), id="a form in latin-1"
        ),
        pytest.param(
            b"&".join(b"f%d=1" % n for n in range(2001)), UNLABELLED, (400, "too many fields"), id="2001 fields"
        ),
        pytest.param(b"payload=[{]", UNLABELLED, (400, "not JSON"), id="broken JSON in a field"),
        pytest.param(form(id="1")[:-10], Label(content_type=MULTIPART), (400, "form broken"), id="a form cut short"),
        pytest.param(
            (part("id", "1", '; filename="a.csv"') + "--xyz--").encode(),
            Label(),
            (400, "file in the form"),
            id="a file",
        ),
        pytest.param(
            part("firstName", "Zoë").encode("latin-1") + b"--xyz--",
            Label(),
            (400, "form not in UTF-8"),
            id="a latin-1 part",
        ),
        pytest.param(
            ("".join(part(f"f{n}", "1") for n in range(2001)) + "--xyz--").encode(),
            Label(),
            (400, "too many fields"),
            id="2001 parts",
        ),
        pytest.param(BOTH, Label(content_encoding="br"), (415, "unknown coding"), id="brotli"),
        pytest.param(BOTH, Label(content_encoding="gzip, gzip"), (415, "unknown coding"), id="packed twice"),
        pytest.param(gzip.compress(BOTH)[:-9], UNLABELLED, (400, "packed body broken"), id="a gzip cut short"),
        pytest.param(
            gzip.compress(BOTH) + b"rest", UNLABELLED, (400, "packed body broken"), id="a gzip with something behind"
        ),
        pytest.param(b"\x1f\x8b\x08 nothing", UNLABELLED, (400, "packed body broken"), id="no gzip but for its mark"),
        pytest.param(BOTH, Label(content_encoding="deflate"), (400, "packed body broken"), id="no deflate"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_reason(body: bytes, label: Label, answer: tuple[int, str]) -> None:
    assert refusal(body, label, limit=1_000_000) == answer


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000))

    assert refusal(bomb, limit=1_000_000) == (413, "body too large")


@given(st.binary(max_size=200), st.text(max_size=20), st.sampled_from(["", "gzip", "deflate", "br"]))
def test_any_bytes_are_read_or_refused(body: bytes, content_type: str, coding: str) -> None:
    with suppress(PushRefused):
        assert isinstance(read_push_body(body, Label(content_type=content_type, content_encoding=coding)), list)
