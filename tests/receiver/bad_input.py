"""Everything odd that was thought of, and the answer it gets; `docs/bad-input.md` is made of it.

python tests/receiver/bad_input.py    writes that page anew
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from raw_http import HOOK, TOKEN, chunked, request

PAGE = Path(__file__).parents[2] / "docs" / "bad-input.md"

ADA = b'{"id": "1", "firstName": "Ada"}'
BEN = b'{"id": "2", "firstName": "Ben"}'
FORM = "Content-Type: application/x-www-form-urlencoded"
MULTIPART = "Content-Type: multipart/form-data; boundary=xyz"
GZIP = "Content-Encoding: gzip"
TAKEN, KEPT_AS_REJECTED = "taken", "kept as rejected"


@dataclass(frozen=True, slots=True)
class Case:
    """What is sent, in words and as bytes, and its answer: a problem's title, or accepted and rejected leads."""

    what: str
    sent: bytes
    status: int
    answer: str | tuple[int, int]
    more_to_come: bool = False

    @property
    def row(self) -> str:
        """As the page has it."""
        return f"| {self.what} | {self.status or 'none'} | {self._in_words} |"

    @property
    def _in_words(self) -> str:
        match self.answer:
            case str():
                return self.answer or "the connection is closed"
            case (0, 0):
                return "taken: no lead in it"
            case (_, 0):
                return TAKEN
            case (0, _):
                return KEPT_AS_REJECTED
            case (accepted, rejected):
                return f"{accepted} {TAKEN}, {rejected} {KEPT_AS_REJECTED}"


def body(what: str, sent: bytes, status: int, answer: str | tuple[int, int], *headers: str) -> Case:
    return Case(what, request(sent, headers=headers), status, answer)


def lead(what: str, accepted: bool, **fields: object) -> Case:
    sent = json.dumps([{"id": "1", **fields}]).encode()
    return body(what, sent, 200, (1, 0) if accepted else (0, 1))


def part(name: str, value: str, more: str = "") -> str:
    return f'--xyz\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'


def not_json() -> Iterator[Case]:
    yield body("nothing", b"", 400, "empty body")
    yield body("spaces", b" \r\n ", 400, "empty body")
    yield body("a word", b"hello", 400, "not JSON")
    yield body("JSON cut in half", b"[" + ADA[:20], 400, "not JSON")
    yield body("two JSON texts in a row", ADA + BEN, 400, "not JSON")
    yield body("single quotes", b"[{'id': '1'}]", 400, "not JSON")
    yield body("a comma too many", b"[" + ADA + b",]", 400, "not JSON")
    yield body("a comment", b"[" + ADA + b"] // leads", 400, "not JSON")
    yield body("a tab within a text", b'[{"id": "1", "title": "a\tb"}]', 400, "not JSON")
    yield body("`NaN`", b'[{"id": "1", "leadScore": NaN}]', 400, "not JSON")
    yield body("`Infinity`", b'[{"id": "1", "leadScore": Infinity}]', 400, "not JSON")
    yield body("a number beyond all bounds, `1e999`", b'[{"id": "1", "leadScore": 1e999}]', 400, "not JSON")
    yield body("a number of 5,000 digits", b'[{"id": "1", "leadScore": ' + b"1" * 5000 + b"}]", 400, "not JSON")
    yield body("XML", b"<leads><lead/></leads>", 400, "not JSON")
    yield body("a web page", b"<!doctype html><p>Bad gateway", 400, "not JSON")
    yield body("YAML", b"- id: 1\n  firstName: Ada\n", 400, "not JSON")
    yield body("what PHP serialises", b'a:1:{s:2:"id";s:1:"1";}', 400, "not JSON")
    yield body("zeros", b"\0" * 100, 400, "not JSON")
    yield body("UTF-16", ADA.decode().encode("utf-16"), 400, "not JSON")
    yield body("UTF-32", ADA.decode().encode("utf-32"), 400, "not JSON")
    yield body("an umlaut in latin-1", b'[{"id": "1", "firstName": "J\xf6rg"}]', 400, "not JSON")
    yield body("a character of UTF-8 cut in half", b'[{"id": "1", "firstName": "J\xc3"}]', 400, "not JSON")
    yield body("100,000 opened brackets", b"[" * 100_000, 400, "not JSON")
    yield body("40 levels of lists", b"[" * 40 + b"]" * 40, 400, "nested too deeply")
    yield body(
        "40 levels within a lead", b'[{"id": "1", "a": ' + b"[" * 40 + b"]" * 40 + b"}]", 400, "nested too deeply"
    )


def not_leads() -> Iterator[Case]:
    yield body("a text", b'"lead"', 422, "no lead in it")
    yield body("a number", b"42", 422, "no lead in it")
    yield body("`true`", b"true", 422, "no lead in it")
    yield body("`null`", b"null", 422, "no lead in it")
    yield body("an empty object", b"{}", 422, "no lead in it")
    yield body("an object that looks like no lead", b'{"hello": "world"}', 422, "no lead in it")
    yield body("a wrapper around a text", b'{"leads": "none"}', 422, "no lead in it")
    yield body("an error of the CRM's API", b'{"result": null, "error": {"code": 102}, "id": null}', 200, (0, 1))
    yield body("an empty answer of the CRM's API", b'{"result": [], "error": [], "id": "7"}', 200, (0, 0))
    yield body("an empty list", b"[]", 200, (0, 0))
    yield body("a wrapped empty list", b'{"leads": []}', 200, (0, 0))
    yield body("a wrapped empty map", b'{"leads": {}}', 200, (0, 0))
    yield body("a list of `null`", b"[null]", 200, (0, 1))
    yield body("a list of a number", b"[1]", 200, (0, 1))
    yield body("a list of a list", b"[[]]", 200, (0, 1))
    yield body("a list of an empty object", b"[{}]", 200, (0, 1))
    yield body("a list of wrapped leads", b'[{"lead": ' + ADA + b'}, {"lead": ' + BEN + b"}]", 200, (2, 0))
    yield body("a map of leads by numbers", b'{"leads": {"0": ' + ADA + b', "2": ' + BEN + b"}}", 200, (2, 0))
    yield body("one good lead, one that is none", b"[" + ADA + b', "x"]', 200, (1, 1))


def odd_leads() -> Iterator[Case]:
    yield body("neither id nor e-mail address", b'[{"firstName": "Ada"}]', 200, (0, 1))
    yield body("an e-mail address and no id", b'[{"emailAddress": "Ada@Example.com"}]', 200, (1, 0))
    yield lead("an id as a number", True, id=718281920514)
    yield lead("an id of 64 bits", True, id=2**63)
    yield lead("an id with a fraction", False, id=12.5)
    yield lead("an id of more than 64 bits, as a number", False, id=10**25)
    yield lead("`true` for an id", False, id=True)
    yield lead("a list for an id", False, id=["1"])
    yield lead("`null` for an id, and nothing else", False, id=None)
    yield lead("an empty id, and nothing else", False, id="")
    yield lead("an id with spaces around it", False, id=" 12 ")
    yield lead("an id in Arabic digits", False, id="١٢")
    yield lead("an id that is a path", False, id="../../etc/passwd")
    yield lead("an id with a line break", False, id="1\r\n2")
    yield lead("an id of 65 characters", False, id="1" * 65)
    yield lead("a score as text", True, leadScore="80")
    yield lead("an empty score", True, leadScore="")
    yield lead("a word for a score", False, leadScore="many")
    yield lead("`1_000` for a score", False, leadScore="1_000")
    yield lead("a list for a score", False, leadScore=[80])
    yield lead("`maybe` for a flag", False, active="maybe")
    yield lead("a list for an e-mail address", False, emailAddress=["a@example.com"])
    yield lead("a wrong e-mail address", True, emailAddress="not an address")
    yield lead("the zero date", True, updateTimestamp="0000-00-00 00:00:00")
    yield lead("a date without a time", True, updateTimestamp="2026-03-04")
    yield lead("`soon` for a time", True, updateTimestamp="soon")
    yield lead("a status that nobody knows", True, leadStatus="contactWithOpp")
    yield lead("unknown and custom fields", True, field_5cd8a6e9="x", somethingNew={"a": 1})
    yield lead("a name with a zero character", True, firstName="A\0da")
    yield lead("a name that is a template", True, firstName="{{ 7*7 }}{% for x in y %}")
    yield lead("a name that is a script", True, firstName="<script>alert(1)</script><!channel>")
    yield lead("a name that breaks lines", True, firstName="Ada\r\nBcc: all@example.com")
    yield body("half an emoji, `\\ud83d`", b'[{"id": "1", "firstName": "Ada \\ud83d"}]', 200, (1, 0))
    yield body("a field named twice: the last one counts", b'[{"id": "1", "id": "2"}]', 200, (1, 0))
    yield body("the same lead twice", b"[" + ADA + b"," + ADA + b"]", 200, (2, 0))
    yield lead("more fields than `limits.fields`", False, **{f"field_{number}": "x" for number in range(50)})
    yield lead("a field's name longer than `limits.field_name`", False, **{"x" * 129: "y"})
    yield lead("a value longer than `limits.field_value`", False, description="x" * 2001)
    yield lead("a nested value longer than that", False, more=[{"x": "y" * 2001}])
    yield lead(
        "values longer than `limits.lead` together", False, **{f"field_{number}": "x" * 1900 for number in range(3)}
    )


def odd_labels() -> Iterator[Case]:
    yield body("JSON without a Content-Type", ADA, 200, (1, 0))
    yield body("JSON called `text/plain`", ADA, 200, (1, 0), "Content-Type: text/plain; charset=latin-1")
    yield body("JSON called a form", ADA, 200, (1, 0), FORM)
    yield body("JSON called a multipart form", b"[" + ADA + b"]", 200, (1, 0), MULTIPART)
    yield body("JSON with a byte order mark", b"\xef\xbb\xbf" + ADA, 200, (1, 0))
    yield body("a form called JSON", b"id=1&firstName=Ada", 200, (1, 0), "Content-Type: application/json")
    yield body("a Content-Type that is none", ADA, 200, (1, 0), "Content-Type: ;;;=")
    yield body("a coding named that is not there", ADA, 200, (1, 0), GZIP)
    yield body("a gzip that is not called so", gzip.compress(ADA), 200, (1, 0))
    yield body("a coding that is not known, `br`", ADA, 415, "unknown coding", "Content-Encoding: br")
    yield body("`utf-8` for a coding", ADA, 200, (1, 0), "Content-Encoding: utf-8")
    yield body("two codings", gzip.compress(ADA), 415, "unknown coding", "Content-Encoding: gzip, gzip")


def odd_forms() -> Iterator[Case]:
    yield body("no field of a lead", b"hello=world", 422, "no lead in it", FORM)
    yield body("fields of PHP's kind", b"leads[0][id]=1&leads[1][id]=2", 200, (2, 0), FORM)
    yield body("JSON in a field", b"data=[" + ADA.replace(b" ", b"+") + b"]", 200, (1, 0), FORM)
    yield body("broken JSON in a field", b"data=[{", 400, "not JSON", FORM)
    yield body("a text that begins like JSON, beside leads", b"lead[id]=1&note=[call", 200, (1, 0), FORM)
    yield body("leads behind numbers", b"0[id]=1&1[id]=2", 200, (2, 0), FORM)
    yield body("UTF-8 that is not percent-encoded", "id=1&firstName=Jörg".encode(), 200, (1, 0), FORM)
    yield body("names that contradict each other", b"leads=1&leads[0]=2", 400, "names contradict", FORM)
    yield body("40 brackets in a name", b"a" + b"[b]" * 40 + b"=1", 400, "nested too deeply", FORM)
    yield body("a value in latin-1", b"id=1&firstName=J%f6rg", 400, "form not in UTF-8", FORM)
    yield body("more fields than `limits.form_fields`", b"id=1&" * 101, 400, "too many fields", FORM)
    whole = part("leadID", "1") + part("firstName", "Ada")
    yield body("multipart", f"{whole}--xyz--\r\n".encode(), 200, (1, 0), MULTIPART)
    yield body(
        "multipart under a wrong boundary", f"{whole}--xyz--\r\n".encode(), 200, (1, 0), MULTIPART.replace("xyz", "abc")
    )
    fed = f"{whole}--xyz--\r\n".replace("\r\n", "\n").encode()
    yield body("multipart in lines that end in a line feed alone", fed, 200, (1, 0), MULTIPART)
    typed = f"{whole}--xyz--\r\n".replace("Content-Disp", "Content-Type: text/plain\r\nContent-Disp").encode()
    yield body("multipart whose parts name their type first", typed, 200, (1, 0), MULTIPART)
    yield body("multipart behind a preamble", f"A form.\r\n{whole}--xyz--\r\n".encode(), 200, (1, 0), MULTIPART)
    yield body("multipart without its end", whole.encode(), 400, "form broken", MULTIPART)
    yield body("multipart cut in half", whole.encode()[:90], 400, "form broken", MULTIPART)
    file = part("file", "x", '; filename="a.exe"') + "--xyz--\r\n"
    yield body("a file", (part("leadID", "1") + file).encode(), 400, "file in the form", MULTIPART)
    parts = "".join(part(f"field_{number}", "x") for number in range(101)) + "--xyz--\r\n"
    yield body("more parts than `limits.form_fields`", parts.encode(), 400, "too many fields", MULTIPART)


def odd_sizes() -> Iterator[Case]:
    padding = b" " * (256 * 1024 - len(ADA))
    yield body("a body of just `max_body`", ADA + padding, 200, (1, 0))
    yield body("a byte more", ADA + padding + b" ", 413, "body too large")
    yield Case("a byte more, in chunks", chunked(ADA, padding, b" "), 413, "body too large")
    yield Case("a Content-Length beyond all bounds", request(ADA, length="9" * 18), 413, "body too large")
    yield body("more leads than `limits.leads`", b"[" + b",".join([ADA] * 101) + b"]", 413, "too many leads")
    yield body(
        "a gzip that unpacks to more than `max_body`", gzip.compress(b"[" * 1_000_000), 413, "body too large", GZIP
    )
    yield body("a gzip cut short", gzip.compress(ADA)[:-9], 400, "packed body broken", GZIP)
    yield body("a gzip with something behind it", gzip.compress(ADA) + b"x", 400, "packed body broken", GZIP)
    yield body("a broken deflate", b"\x78\x9cnonsense", 400, "packed body broken", "Content-Encoding: deflate")
    yield body("deflate without its header", zlib.compress(ADA)[2:-4], 200, (1, 0), "Content-Encoding: deflate")


def broken_bodies() -> Iterator[Case]:
    yield Case("a body shorter than its Content-Length", request(ADA, length="100"), 400, "body cut short")
    yield Case("chunks", chunked(b"[", ADA, b"]"), 200, (1, 0))
    yield Case("chunks without their end", chunked(ADA, end=b""), 400, "body broken")
    yield Case("a chunk shorter than it says", chunked(end=b"40\r\n" + ADA), 400, "body broken")
    yield Case("a chunk whose length is no number", chunked(end=b"xyz\r\n" + ADA), 400, "body broken")
    whole = b"%x\r\n%s" % (len(ADA), ADA)
    yield Case("a chunk's length with a sign", chunked(end=b"+" + whole + b"\r\n0\r\n\r\n"), 400, "body broken")
    yield Case("a chunk's length with `0x`", chunked(end=b"0x" + whole + b"\r\n0\r\n\r\n"), 400, "body broken")
    yield Case("a chunk's length below zero", chunked(end=b"-1\r\n" + ADA), 400, "body broken")
    yield Case("a chunk's length of 40 digits", chunked(end=b"f" * 40 + b"\r\n" + ADA), 400, "body broken")
    yield Case("a chunk longer than it says", chunked(end=whole + b"more\r\n0\r\n\r\n"), 400, "body broken")
    yield Case(
        "chunks in lines that end in a line feed alone",
        chunked(end=whole.replace(b"\r\n", b"\n") + b"\n0\n\n"),
        400,
        "body broken",
    )
    yield Case(
        "a chunk with an extension", chunked(end=whole.replace(b"\r\n", b";a=b\r\n") + b"\r\n0\r\n\r\n"), 200, (1, 0)
    )
    yield Case(
        "a chunk with an extension of 100,000 characters",
        chunked(end=whole.replace(b"\r\n", b";" + b"a" * 100_000 + b"\r\n") + b"\r\n0\r\n\r\n"),
        400,
        "body broken",
    )
    yield Case("a trailer", chunked(ADA, end=b"0\r\nX-A: 1\r\n\r\n"), 200, (1, 0))
    yield Case(
        "a Content-Length in the trailer", chunked(ADA, end=b"0\r\nContent-Length: 1\r\n\r\n"), 400, "body broken"
    )
    yield Case("neither Content-Length nor chunks", request(ADA, length=None), 400, "empty body")
    yield Case("a body that does not come on", request(ADA[:9], length="100"), 408, "too slow", more_to_come=True)
    yield Case("chunks that do not come on", chunked(ADA, end=b""), 408, "too slow", more_to_come=True)
    yield Case("half a request that does not come on", request(ADA)[:40], 0, "", more_to_come=True)


def odd_requests() -> Iterator[Case]:
    sized = f"Content-Length: {len(ADA)}"
    yield Case("two different Content-Lengths", request(ADA, headers=["Content-Length: 5"]), 400, "Bad Request")
    yield Case("a Content-Length with a sign", request(ADA, length=f"+{len(ADA)}"), 400, "Bad Request")
    yield Case("a negative Content-Length", request(ADA, length="-1"), 400, "Bad Request")
    yield Case("a Content-Length that is no number", request(ADA, length="many"), 400, "Bad Request")
    yield Case("Content-Length beside chunks", chunked(ADA, headers=[sized]), 400, "Bad Request")
    yield Case(
        "chunks called `xchunked`",
        request(ADA, headers=["Transfer-Encoding: xchunked"], length=None),
        501,
        "Not Implemented",
    )
    yield Case("a header that goes on in the next line", request(ADA, headers=["X-A: 1", " 2"]), 400, "Bad Request")
    yield Case("a space before a header's colon", request(ADA, headers=["X-A : 1"]), 400, "Bad Request")
    yield Case("a header without a colon", request(ADA, headers=["X-A"]), 400, "Bad Request")
    yield Case("a zero character in a header", request(ADA, headers=["X-A: \0"]), 400, "Bad Request")
    yield Case("lines that end in a line feed alone", request(ADA).replace(b"\r\n", b"\n"), 400, "Bad Request")
    yield Case(
        "more headers than `limits.headers`",
        request(ADA, headers=["X-A: 1"] * 30),
        431,
        "Request Header Fields Too Large",
    )
    yield Case(
        "a header of 10,000 characters",
        request(ADA, headers=["X-A: " + "a" * 10_000]),
        431,
        "Request Header Fields Too Large",
    )
    yield Case(
        "an address of 5,000 characters", request(ADA, path=HOOK + "?" + "a" * 5000), 414, "Request-URI Too Long"
    )
    yield Case("no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "Bad Request")
    yield Case("HTTP/2 without being asked", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "Bad Request")
    yield Case("HTTP/1.0", request(ADA, version="HTTP/1.0"), 200, (1, 0))
    yield Case("`Expect: 100-continue`", request(ADA, headers=["Expect: 100-continue"]), 200, (1, 0))
    yield Case("another expectation", request(ADA, headers=["Expect: 200-ok"]), 417, "Expectation Failed")
    yield Case("PUT", request(ADA, method="PUT"), 405, "Method Not Allowed")
    yield Case("DELETE", request(method="DELETE"), 405, "Method Not Allowed")
    yield Case("a method that nobody knows", request(ADA, method="LEAD"), 405, "Method Not Allowed")
    yield Case("OPTIONS", request(method="OPTIONS"), 405, "Method Not Allowed")
    yield Case("a slash at the end", request(ADA, path=HOOK + "/"), 200, (1, 0))
    yield Case("two slashes at the end", request(ADA, path=HOOK + "//"), 200, (1, 0))
    yield Case("two slashes within", request(ADA, path=HOOK.replace("/crm", "//crm")), 200, (1, 0))
    yield Case(
        "proxies that contradict each other about TLS",
        request(ADA, headers=["X-Forwarded-Proto: https", "X-Forwarded-Ssl: off"]),
        200,
        (1, 0),
    )
    yield Case("another address in a header, `PATH_INFO`", request(ADA, headers=["PATH_INFO: /metrics"]), 200, (1, 0))
    yield Case("half the address in a header, `SCRIPT_NAME`", request(ADA, headers=["SCRIPT_NAME: /x"]), 200, (1, 0))


def smuggled() -> Iterator[Case]:
    """What one program may read otherwise than the next."""

    def coded(coding: str) -> bytes:
        return chunked(ADA).replace(b"Encoding: chunked", f"Encoding: {coding}".encode())

    bad, unknown = "Bad Request", "Not Implemented"
    yield Case("the same Content-Length twice", request(ADA, headers=[f"Content-Length: {len(ADA)}"]), 400, bad)
    yield Case("a list for a Content-Length", request(ADA, length=f"{len(ADA)}, {len(ADA)}"), 400, bad)
    yield Case("a Content-Length with `0x`", request(ADA, length=f"{len(ADA):#x}"), 400, bad)
    yield Case("a Content-Length with `_`", request(ADA, length="3_1"), 400, bad)
    yield Case("an empty Content-Length", request(ADA).replace(b"Length: 31", b"Length:"), 400, bad)
    yield Case("Transfer-Encoding twice", chunked(ADA, headers=["Transfer-Encoding: chunked"]), 400, bad)
    yield Case("chunks of chunks", coded("chunked, chunked"), 400, bad)
    yield Case("`chunked` that is not the last coding", coded("chunked, identity"), 400, bad)
    yield Case("`identity` for a coding", coded("identity"), 400, bad)
    yield Case("`chunked` in quotes", coded('"chunked"'), 501, unknown)
    yield Case("a vertical tab before `chunked`", coded("\v" + "chunked"), 400, bad)
    yield Case("an empty Transfer-Encoding", request(ADA, headers=["Transfer-Encoding:"]), 501, unknown)
    yield Case("`Chunked`, written large", coded("Chunked"), 200, (1, 0))
    yield Case("chunks under HTTP/1.0", chunked(ADA).replace(b"HTTP/1.1", b"HTTP/1.0"), 400, bad)
    yield Case("`Transfer_Encoding`: it is dropped", request(ADA, headers=["Transfer_Encoding: chunked"]), 200, (1, 0))
    yield Case("a carriage return alone in a header", request(ADA, headers=["X-A: 1\rX-B: 2"]), 400, bad)
    yield Case("a space before the first header", request(ADA).replace(b"\r\nHost", b"\r\n Host", 1), 400, bad)
    yield Case("a header without a name", request(ADA, headers=[": 1"]), 400, bad)
    yield Case("a zero character in the address", request(ADA, path=HOOK + "\0"), 400, bad)
    yield Case("a space in the address", request(ADA, path=HOOK + " x"), 400, bad)
    yield Case("a first line without a version", f"POST {HOOK}\r\n\r\n".encode(), 400, bad)
    yield Case("empty lines before the first", b"\r\n\r\n" + request(ADA), 400, bad)
    yield Case("HTTP/3.0", request(ADA, version="HTTP/3.0"), 400, bad)
    yield Case("`http/1.1`, written small", request(ADA, version="http/1.1"), 400, bad)
    yield Case("a proxy's own first line", b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + request(ADA), 400, bad)
    yield Case("two hosts", request(ADA, headers=["Host: other.example.com"]), 400, bad)
    yield Case("another host", request(ADA).replace(b"hooks.example", b"other.example"), 200, (1, 0))
    yield Case("no host", request(ADA).replace(b"Host: hooks.example.com\r\n", b""), 200, (1, 0))
    yield Case(
        "a change to HTTP/2: it is not made",
        request(ADA, headers=["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"]),
        200,
        (1, 0),
    )
    yield Case(
        "a WebSocket", request(ADA, headers=["Connection: Upgrade", "Upgrade: websocket"]), 405, "Method Not Allowed"
    )
    yield Case("CONNECT", request(method="CONNECT", path="other.example.com:443"), 404, "Not Found")
    yield Case("TRACE", request(method="TRACE"), 405, "Method Not Allowed")


def wrong_doors() -> Iterator[Case]:
    nowhere = "no such hook"
    yield Case("a wrong token", request(ADA, path="/hooks/crm/wrong-token-0123456789"), 404, nowhere)
    yield Case("a token cut short", request(ADA, path=HOOK[:-1]), 404, nowhere)
    yield Case("the token of another source", request(ADA, path=f"/hooks/forms/{TOKEN}"), 404, nowhere)
    yield Case("a source that there is not", request(ADA, path=f"/hooks/nobody/{TOKEN}"), 404, nowhere)
    yield Case(
        "a token in other letters", request(ADA, path=HOOK.upper().replace("/HOOKS/CRM", "/hooks/crm")), 404, nowhere
    )
    yield Case("a token that is no UTF-8", request(ADA, path="/hooks/crm/%ff%fe"), 404, nowhere)
    yield Case(
        "a probe (GET) with a wrong token", request(method="GET", path="/hooks/crm/x", length=None), 404, nowhere
    )
    yield Case("no token", request(ADA, path="/hooks/crm"), 404, "Not Found")
    yield Case("more behind the token", request(ADA, path=HOOK + "/more"), 404, "Not Found")
    yield Case("a way up", request(ADA, path="/hooks/crm/../../etc/passwd"), 404, "Not Found")
    yield Case("another address", request(method="GET", path="/wp-login.php", length=None), 404, "Not Found")


SECTIONS = {
    "Bodies that are not JSON": not_json,
    "JSON that holds no lead": not_leads,
    "Odd leads": odd_leads,
    "Bodies that are not what they are called": odd_labels,
    "Forms": odd_forms,
    "Sizes": odd_sizes,
    "Bodies that do not come in whole": broken_bodies,
    "Odd requests": odd_requests,
    "Requests that may be read in two ways": smuggled,
    "Wrong doors": wrong_doors,
}
CASES = [case for cases in SECTIONS.values() for case in cases()]


def page() -> str:
    """The page of the documentation."""
    tables = (
        "\n".join(
            [f"## {title}", "", "| sent | status | answer |", "| --- | --- | --- |", *(case.row for case in cases())]
        )
        for title, cases in SECTIONS.items()
    )
    return "\n\n".join([INTRODUCTION, *tables]) + "\n"


INTRODUCTION = """\
# Bad input

How the receiver answers requests that it should not get. The tests send each of these to a real receiver, and
this page is generated from them (`tests/receiver/bad_input.py`). Answers with 4xx are `application/problem+json`, and
the last column is their title. A push that arrived whole and with the right token but could not be read is kept, the
newest 200, up to 64 MiB together: `hookrouter pushes list` names it, and `pushes replay` takes it once a newer version
can read it. *Kept as rejected*: `hookrouter rejected list` tells what is wrong with the lead."""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
