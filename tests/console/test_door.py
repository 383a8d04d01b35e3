"""Who is let into the console, as whom, and what every answer forbids a browser."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from threading import Event, Semaphore

import pytest
from console_support import ADMIN, CONFIGURATION, READER, Shown, Visitor

from hookrouter.domain.errors import ConfigurationError, PushRefused
from hookrouter.domain.operator import Door
from hookrouter.domain.session import LASTS, OVERLAP, ROTATES
from hookrouter.ports.door import WrongTokens
from hookrouter.runtime.desk import Desk
from hookrouter.store.door import BUCKETS, RedisSessions
from hookrouter.web.callers import Callers
from hookrouter.web.console.blueprint import TWO_HAD_IT
from hookrouter.web.console.shell import CSRF
from hookrouter.web.operators import MOST_OF_ONE, Doorkeeper
from hookrouter.web.sessions import COOKIE

PATIENCE = 20.0
ELSEWHERE = "203.0.113.9"
PAUSE = {"name": "sink:log"}


def is_shown(visitor: Visitor, path: str = "/console/dead") -> bool:
    """Whether a page is shown, and not the one to sign in."""
    answer = visitor.get(path)
    assert answer.status_code == 200 or answer.headers["Location"].startswith("/console/sign-in?next=")
    return answer.status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_whoever_is_at_this_machine_needs_no_token_while_there_is_none(visitor, address):
    visitor.address = address

    answer = visitor.get("/console/dead")

    assert answer.status_code == 200
    assert "No dead letters" in Shown(answer.text).text
    assert "this machine" in Shown(answer.text).text


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        pytest.param(ELSEWHERE, {}, id="from elsewhere"),
        pytest.param(f"::ffff:{ELSEWHERE}", {}, id="from elsewhere, by IPv6"),
        pytest.param("127.0.0.1", {"X-Forwarded-For": ELSEWHERE}, id="by a proxy on this machine"),
        pytest.param("127.0.0.1", {"X-Forwarded-Proto": "https"}, id="by a proxy that tells less"),
        pytest.param("127.0.0.1", {"CF-Connecting-IP": ELSEWHERE}, id="by a proxy that tells it its own way"),
        pytest.param("127.0.0.1", {"Host": "rebound.example:8080"}, id="by a name of somebody else's"),
    ],
)
def test_without_a_token_nobody_else_is_let_in(visitor, address, headers):
    visitor.address, visitor.headers = address, headers

    assert not is_shown(visitor)
    assert "No token is set" in visitor.get("/console/sign-in").text


def test_without_a_token_a_proxy_that_tells_nothing_is_not_taken_for_somebody_at_this_machine(visitor):
    """As nginx does unless told otherwise: it asks by HTTP/1.0, with our own name as Host."""
    answer = visitor.get("/console/dead", environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"})

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/console/sign-in")


def test_a_token_opens_for_its_role_and_signing_out_closes(open_console):
    visitor = open_console(admin=ADMIN, read=READER)
    visitor.address = ELSEWHERE
    assert not is_shown(visitor)

    visitor.sign_in(READER)
    assert "read token (reads only)" in Shown(visitor.get("/console/dead").text).text
    visitor.sign_in(ADMIN)
    assert "admin token" in Shown(visitor.get("/console/dead").text).text
    visitor.post("/console/sign-out", {CSRF: visitor.csrf()})

    assert not is_shown(visitor)


def test_with_a_token_this_machine_has_to_sign_in_too(open_console):
    assert not is_shown(open_console(admin=ADMIN))


def test_after_signing_in_one_is_where_one_wanted_to_be_and_nowhere_else(open_console):
    visitor = open_console(admin=ADMIN)

    wanted = visitor.get("/console/dead?sink=log").headers["Location"]
    within = visitor.post("/console/sign-in", {"token": ADMIN, "next": "/console/dead?sink=log"})
    without = [
        visitor.post("/console/sign-in", {"token": ADMIN, "next": path}).headers["Location"]
        for path in (
            *("https://evil.example/", "//evil.example/console/", "/console/\\evil", "/hooks"),
            *("/console/../hooks", "/console/%2e%2E/hooks?x", "/console/dead/.."),
        )
    ]

    assert wanted == "/console/sign-in?next=%2Fconsole%2Fdead%3Fsink%3Dlog"
    assert within.headers["Location"] == "/console/dead?sink=log"
    assert set(without) == {"/console/"}


def test_the_cookie_is_kept_from_scripts_and_from_other_pages_and_by_tls_from_eavesdroppers(open_console):
    public = CONFIGURATION.replace("receiver: {", "receiver: {public_url: 'https://localhost:8080', ")

    plain = open_console(admin=ADMIN).sign_in(ADMIN).headers["Set-Cookie"]
    secure = open_console(admin=ADMIN, text=public).sign_in(ADMIN).headers["Set-Cookie"]

    assert set(plain.split("; ")[1:]) == {"HttpOnly", "Path=/", "SameSite=Strict"}
    assert set(secure.split("; ")[1:]) == {"HttpOnly", "Path=/", "SameSite=Strict", "Secure"}
    assert secure.startswith("__Host-")


def test_redis_has_nothing_that_opens_the_console(open_console, server, keys):
    cookie = open_console(admin=ADMIN).sign_in(ADMIN).headers["Set-Cookie"].partition("=")[2].partition(";")[0]

    [name] = server.call("KEYS", f"{keys.prefix}:session:*")
    kept = server.call("GET", name).decode()

    assert cookie not in name.decode() + kept
    assert ADMIN not in kept


def test_a_session_ends_with_the_token_it_was_begun_by(open_console):
    before = open_console(admin=ADMIN)
    before.sign_in(ADMIN)
    after = open_console(admin="another-admin-token-for-tests")
    after.client = _with_cookies_of(before, after)

    assert is_shown(before)
    assert not is_shown(after)


def _with_cookies_of(before: Visitor, after: Visitor):
    for cookie in before.client._cookies.values():
        after.client.set_cookie(cookie.key, cookie.value, domain=cookie.domain)
    return after.client


def _age(visitor: Visitor, id_: str = "", **changes) -> None:
    """Make a session look older, by the id of its cookie."""
    sessions = RedisSessions(server=visitor.runtime.server, keys=visitor.runtime.keys)
    digest = hashlib.sha256((id_ or visitor.client.get_cookie(COOKIE).value).encode()).hexdigest()
    session = sessions.find(digest)
    assert session is not None
    sessions.keep(
        digest, replace(session, **{what: getattr(session, what) - by for what, by in changes.items()}), LASTS
    )


def test_an_id_that_is_an_hour_old_is_replaced_and_open_forms_stay_good(open_console):
    visitor = open_console(admin=ADMIN)
    visitor.sign_in(ADMIN)
    csrf, former = visitor.csrf(), visitor.client.get_cookie(COOKIE).value
    _age(visitor, made_at=ROTATES)

    answer = visitor.get("/console/dead")
    current = visitor.client.get_cookie(COOKIE).value
    visitor.client.set_cookie(COOKIE, former, domain="localhost")
    under_way = is_shown(visitor)

    assert answer.status_code == 200
    assert current != former
    assert visitor.csrf() == csrf
    assert under_way


def test_the_former_id_gives_no_new_ones(open_console):
    visitor = open_console(admin=ADMIN)
    visitor.sign_in(ADMIN)
    former = visitor.client.get_cookie(COOKIE).value
    _age(visitor, made_at=ROTATES)
    visitor.get("/console/dead")

    visitor.client.set_cookie(COOKIE, former, domain="localhost")
    again = visitor.get("/console/dead")

    assert again.status_code == 200
    assert "Set-Cookie" not in again.headers


@pytest.mark.parametrize("who_asks_first", ["thief", "operator"])
def test_signing_out_ends_the_ids_that_a_thief_has_too(open_console, who_asks_first):
    operator, thief = open_console(admin=ADMIN), open_console(admin=ADMIN)
    operator.sign_in(ADMIN)
    thief.client = _with_cookies_of(operator, thief)
    _age(operator, made_at=ROTATES)
    first = thief if who_asks_first == "thief" else operator
    assert is_shown(first)  # its id is another one now, and the other's is good for a minute
    csrf = operator.csrf()

    operator.post("/console/sign-out", {CSRF: csrf})

    assert not is_shown(thief)


def test_who_comes_with_an_id_that_was_replaced_long_ago_ends_the_session_for_it_was_stolen(open_console):
    operator, thief = open_console(admin=ADMIN), open_console(admin=ADMIN)
    operator.sign_in(ADMIN)
    thief.client, stolen = _with_cookies_of(operator, thief), operator.client.get_cookie(COOKIE).value
    _age(operator, made_at=ROTATES)
    assert is_shown(thief)
    _age(operator, stolen, made_at=OVERLAP)
    assert is_shown(thief)

    operator.address = ELSEWHERE
    assert not is_shown(operator)

    assert not is_shown(thief)
    [deed] = Desk(operator.runtime).audit().list(limit=1).found
    assert (deed.act, deed.by.address, deed.result) == ("sign-out", ELSEWHERE, TWO_HAD_IT)


def test_guesses_from_one_address_are_refused_then_and_nobody_elses(open_console):
    visitor = open_console(admin=ADMIN)
    visitor.address = ELSEWHERE
    wrong = [visitor.sign_in(f"guess-{number}").status_code for number in range(MOST_OF_ONE)]

    right = visitor.sign_in(ADMIN)
    visitor.address = "203.0.113.10"
    other = visitor.sign_in(ADMIN)

    assert set(wrong) == {401}
    assert right.status_code == 429
    assert int(right.headers["Retry-After"]) > 0
    assert other.status_code == 303


def test_nobody_can_tell_by_whose_guesses_an_operator_would_be_refused(open_console):
    """Addresses share counters; who could compute which would close the console to an operator with ten guesses."""

    def bucket(whose: str) -> int:
        return int.from_bytes(hashlib.sha256(whose.encode()).digest()[:4], "big") % BUCKETS

    networks = (f"2001:db8:{high:x}:{low:x}::" for high in range(1, 99) for low in range(1, 0x10000))
    visitor = open_console(admin=ADMIN)
    visitor.address = next(each for each in networks if bucket(f"{each}/64") == bucket(ELSEWHERE))
    for number in range(MOST_OF_ONE):
        visitor.sign_in(f"guess-{number}")
    visitor.address = ELSEWHERE

    assert visitor.sign_in(ADMIN).status_code == 303


def test_guesses_by_the_header_count_as_well_and_details_are_kept_from_who_guesses(open_console):
    visitor = open_console(admin=ADMIN)
    for number in range(MOST_OF_ONE):
        visitor.get("/health", headers={"Authorization": f"Bearer guess-{number}"})

    guesser = visitor.get("/health", headers={"Authorization": f"Bearer {ADMIN}"}).json
    visitor.address = ELSEWHERE
    other = visitor.get("/health", headers={"Authorization": f"Bearer {ADMIN}"}).json

    assert "checks" not in guesser
    assert "checks" in other


@pytest.mark.parametrize(
    ("headers", "csrf"),
    [
        pytest.param({}, "another", id="another session's form"),
        pytest.param({}, "", id="a form without the token"),
        pytest.param({"Origin": "http://evil.example", "Sec-Fetch-Site": ""}, None, id="a form of another page"),
        pytest.param({"Origin": "null", "Sec-Fetch-Site": ""}, None, id="a form of a page that hides"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, None, id="a form of another page in a newer browser"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, None, id="a neighbour's form"),
    ],
)
def test_nothing_is_changed_by_a_form_that_is_not_ours(open_console, headers, csrf):
    visitor = open_console(admin=ADMIN)
    visitor.sign_in(ADMIN)

    answer = visitor.post("/console/sign-out", {CSRF: visitor.csrf() if csrf is None else csrf}, headers=headers)

    assert answer.status_code == 403
    assert is_shown(visitor)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Fetch-Site": ""}, id="of an older browser"),
        pytest.param({"Origin": "https://outside.example"}, id="through a proxy that calls us by another name"),
        pytest.param({"Origin": "", "Sec-Fetch-Site": ""}, id="of a program"),
    ],
)
def test_a_form_of_ours_is_taken(open_console, headers):
    visitor = open_console(admin=ADMIN)
    visitor.sign_in(ADMIN)

    answer = visitor.post("/console/sign-out", {CSRF: visitor.csrf()}, headers=headers)

    assert answer.status_code == 303


def test_signing_in_anew_ends_the_session_before(open_console):
    visitor = open_console(admin=ADMIN)
    visitor.sign_in(ADMIN)
    former = visitor.client.get_cookie(COOKIE).value
    visitor.sign_in(ADMIN)
    assert is_shown(visitor)

    visitor.client.set_cookie(COOKIE, former, domain="localhost")

    assert not is_shown(visitor)


PATHS = (
    "/health",
    "/openapi.json",
    "/nowhere",
    "/console/dead",
    "/console/sign-in",
    "/console/static/console.css",
    "/console/none",
    "/console/",
    "/hooks/crm/wrong-token-of-somebody",
)


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_forbids_what_the_pages_do_not_need(visitor, path):
    headers = visitor.get(path).headers

    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert {policy[kind] for kind in ("script-src", "style-src", "img-src", "connect-src", "form-action")} == {"'self'"}
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert ("immutable" in headers["Cache-Control"]) == path.endswith(".css")
    assert path.endswith(".css") or headers["Cache-Control"] == "no-store"


def test_no_page_has_script_or_style_of_its_own(visitor):
    for path in ("/console/dead", "/console/sign-in"):
        shown = Shown(visitor.get(path).text)
        assert all(script.get("src") for script in shown.all("script"))
        assert shown.all("style") == []
        assert [name for _, tag in shown.tags for name in tag if name == "style" or name.startswith("on")] == []


def test_a_page_that_is_not_there_is_told_as_a_page(visitor):
    answer = visitor.get("/console/none")

    assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")
    assert "There is no such page." in Shown(answer.text).text


def test_while_redis_is_away_the_page_says_so(open_console):
    visitor = open_console()
    visitor.runtime.server.client.close()
    visitor.runtime.__dict__["server"] = type(visitor.runtime.server)("redis://127.0.0.1:1/0", answer_within=0.2)

    answer = visitor.get("/console/dead")

    assert answer.status_code == 503
    assert "See that Redis runs and can be written to" in Shown(answer.text).text
    assert "<h1>Redis " in answer.text


@pytest.mark.parametrize(("trusted", "is_believed"), [((ip_network("10.0.0.0/8"),), True), ((), False)])
def test_a_proxy_is_believed_what_it_says_of_tls_only_where_it_is_trusted(visitor, trusted, is_believed):
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": ELSEWHERE}
    asked = {"base_url": "http://hooks.example", "headers": headers, "environ_base": {"REMOTE_ADDR": "10.0.0.1"}}

    with visitor.client.application.test_request_context(**asked):
        assert Callers(trusted, None).is_secure() is is_believed


def test_an_answer_to_what_no_page_takes_forbids_it_too(visitor):
    answer = visitor.post("/console/none")

    assert answer.status_code == 405
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@dataclass(frozen=True)
class Dawdling:
    """Counts wrong tokens only once it is let to."""

    of_redis: WrongTokens
    asked: Semaphore = field(default_factory=lambda: Semaphore(0))
    let: Event = field(default_factory=Event)

    def of(self, address: str) -> int:
        return self.of_redis.of(address)

    def note(self, address: str) -> tuple[int, int]:
        self.asked.release()
        self.let.wait(PATIENCE)
        return self.of_redis.note(address)


def test_guesses_at_the_same_time_are_no_more_than_one_after_the_other(open_console):
    """They are compared before any of them is counted: the right one among thousands would be let in."""
    visitor = open_console(admin=ADMIN)
    app, slow = visitor.client.application, Dawdling(visitor.runtime.wrong_tokens)
    door = replace(Doorkeeper.of(visitor.runtime), wrong=slow)

    def guess(token: str) -> object:
        with app.test_request_context(environ_base={"REMOTE_ADDR": ELSEWHERE}):
            try:
                return door.by_token(token, Door.API)
            except PushRefused as fault:
                return fault.status

    with ThreadPoolExecutor(MOST_OF_ONE) as threads:
        wrong = [threads.submit(guess, f"guess-{number}") for number in range(MOST_OF_ONE)]
        for _ in wrong:
            assert slow.asked.acquire(timeout=PATIENCE)
        right = guess(ADMIN)
        slow.let.set()

    assert right == 429
    assert [each.result() for each in wrong] == [None] * MOST_OF_ONE
    assert guess("guess-more") == 429
    assert not door.counting


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        pytest.param({"admin": "sh0rt"}, "HOOKROUTER_ADMIN_TOKEN is shorter than 16 characters", id="admin token"),
        pytest.param({"read": "fifteen-letters"}, "HOOKROUTER_READ_TOKEN is shorter than 16", id="read token"),
        pytest.param({"admin": ADMIN, "read": ADMIN}, "who reads could do everything", id="one for both"),
    ],
)
def test_tokens_that_could_be_guessed_or_say_too_much_are_refused_at_the_start(open_console, tokens, said):
    with pytest.raises(ConfigurationError) as refused:
        open_console(**tokens)

    assert said in str(refused.value)
    assert "secrets.token_urlsafe" in str(refused.value)
    assert not any(token in str(refused.value) for token in tokens.values())
