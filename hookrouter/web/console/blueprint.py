"""The console as Flask has it: all its pages, and who may see them."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import NotFound as NoSuchPage

from hookrouter.domain.audit import Act
from hookrouter.domain.errors import HookrouterError, NeighbourAway, NotFound, PushRefused
from hookrouter.domain.operator import Operator
from hookrouter.domain.process_events import RequestFailed
from hookrouter.runtime import Runtime
from hookrouter.runtime.desk import Desk
from hookrouter.web.console.assets import send_asset
from hookrouter.web.console.audit import add_audit
from hookrouter.web.console.crm import add_crm
from hookrouter.web.console.dead import add_dead
from hookrouter.web.console.deliveries import add_deliveries
from hookrouter.web.console.flow import add_flow
from hookrouter.web.console.forget import add_forget
from hookrouter.web.console.lead import add_lead
from hookrouter.web.console.pausing import add_pausing
from hookrouter.web.console.pushes import add_pushes
from hookrouter.web.console.rejected import add_rejected
from hookrouter.web.console.rules import add_rules
from hookrouter.web.console.shell import HOME, NAVIGATION, Console, to
from hookrouter.web.console.signing_in import SIGN_IN, add_signing_in
from hookrouter.web.operators import Doorkeeper
from hookrouter.web.punctual import punctual
from hookrouter.web.sessions import SessionKeeper

WHILE_AWAY = (
    "See that Redis runs and can be written to: hookrouter status, in a terminal, tells how the whole does. "
    "Pushes are kept on this machine's disk meanwhile. Try again in a moment."
)
PAGES: tuple[Callable[[Console], None], ...] = (
    add_flow,
    add_pausing,
    add_pushes,
    add_deliveries,
    add_lead,
    add_forget,
    add_dead,
    add_rejected,
    add_rules,
    add_crm,
    add_audit,
)
"""Each adds its pages; what is here stands in the navigation."""
TWO_HAD_IT = "a former cookie of this session came again: it may have been stolen, and the session is over"
OPEN = frozenset({"console.ask", "console.sign_in", "console.sign_out", "console.static_file"})
"""What needs no session."""


def make_console(runtime: Runtime, door: Doorkeeper) -> Blueprint:
    """The console of one process."""
    blueprint = Blueprint("console", __name__, url_prefix=HOME)
    sessions = SessionKeeper(
        sessions=runtime.sessions, door=door, clock=runtime.clock, betrayed=partial(_note_theft, runtime)
    )
    console = Console(runtime=runtime, door=door, sessions=sessions, blueprint=blueprint)
    _let_in(console)
    add_signing_in(console)
    for add in PAGES:
        add(console)
    _add_the_rest(console)
    _answer_errors(console)
    return blueprint


def _note_theft(runtime: Runtime, operator: Operator) -> None:
    """Leave a trace of a session that two had, with the address of whoever came second."""
    Desk(runtime).audit().note(operator, Act.SIGN_OUT, "console", TWO_HAD_IT)


def _let_in(console: Console) -> None:
    blueprint, sessions = console.blueprint, console.sessions

    @blueprint.before_request
    def know_who_asks() -> Response | None:
        if request.endpoint in OPEN:
            return None
        with punctual(within=5.0):
            g.signed_in = sessions.find()
        if g.signed_in is not None:
            return None
        if request.method != "GET":
            raise PushRefused(401, "signed out", "you are signed out: sign in, and do it again")
        here = request.full_path.rstrip("?")
        return to(f"{SIGN_IN}?{urlencode({'next': here})}")

    @blueprint.after_request
    def finish(answer: Response) -> Response:
        signed_in = g.get("signed_in")
        if signed_in is not None and signed_in.new_id and request.endpoint not in OPEN:
            sessions.give(answer, signed_in.new_id)
        return answer


def _add_the_rest(console: Console) -> None:
    @console.blueprint.get("/static/<name>")
    def static_file(name: str) -> Response:
        return send_asset(name)

    @console.blueprint.get("/")
    def home() -> Response:
        first = next(entry for entry in NAVIGATION if entry.path.rpartition("/")[2] in console.offered)
        return to(first.path)

    @console.blueprint.get("/<path:_rest>")
    def nothing(_rest: str) -> Response:
        raise NoSuchPage("There is no such page.")


def _answer_errors(console: Console) -> None:
    """Answer every error with a page that says what to do, and shows nothing of the request."""
    blueprint = console.blueprint

    def tell(status: int, text: str, retry_after: int = 0, *, title: str = "") -> Response:
        answer = console.show("fault.html", status=status, title=title or HTTPStatus(status).phrase, text=text)
        if retry_after:
            answer.headers["Retry-After"] = str(retry_after)
        return answer

    @blueprint.errorhandler(PushRefused)
    def refused(fault: PushRefused) -> Response:
        return tell(fault.status, fault.detail, fault.retry_after)

    @blueprint.errorhandler(NotFound)
    def gone(fault: NotFound) -> Response:
        return tell(404, str(fault))

    @blueprint.errorhandler(NeighbourAway)
    def away(fault: NeighbourAway) -> Response:
        return tell(503, WHILE_AWAY, 5, title=str(fault))

    @blueprint.errorhandler(HookrouterError)
    def wrong(fault: HookrouterError) -> Response:
        return tell(409, str(fault))

    @blueprint.errorhandler(HTTPException)
    def http(fault: HTTPException) -> Response:
        return tell(fault.code or 500, fault.description or "")

    @blueprint.errorhandler(Exception)
    def broken(fault: Exception) -> Response:
        place = traceback.extract_tb(fault.__traceback__)[-1]
        where = f"{place.filename.rsplit('/', 1)[-1]}:{place.lineno}"
        path = request.url_rule.rule if request.url_rule else ""
        console.runtime.observer.report(RequestFailed(path=path, kind=type(fault).__name__, place=where))
        return tell(500, f"A fault of hookrouter itself ({type(fault).__name__} at {where}): please report it.")
