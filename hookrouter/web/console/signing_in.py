"""Signing in by a token, and out."""

from __future__ import annotations

from urllib.parse import unquote

from flask import Response, g, request

from hookrouter.domain.audit import Act
from hookrouter.domain.errors import PushRefused
from hookrouter.domain.operator import Door
from hookrouter.web.console.forms import SMALLEST, form
from hookrouter.web.console.shell import HOME, Console, to
from hookrouter.web.punctual import punctual

SIGN_IN, SIGN_OUT = f"{HOME}/sign-in", f"{HOME}/sign-out"


def add_signing_in(console: Console) -> None:
    """Add the pages that nobody needs a session for."""

    @console.blueprint.get("/sign-in")
    def ask() -> Response:
        return console.show("sign_in.html", fault="", next=_next(request.args.get("next", "")), has_token=_has(console))

    @console.blueprint.post("/sign-in")
    def sign_in() -> Response:
        if not console.door.callers.is_same_site():
            raise PushRefused(403, "not from here", "this form is not from the page to sign in: open it anew")
        given = form(SMALLEST)
        with punctual(within=5.0):
            operator = console.door.by_token(given.get("token", "").strip(), Door.CONSOLE)
            if operator is None:
                return _refused(console, given.get("next", ""))
            id_ = console.sessions.begin(operator)
            console.audit.note(operator, Act.SIGN_IN, "console")
        return console.sessions.give(to(_next(given.get("next", ""))), id_)

    @console.blueprint.post("/sign-out")
    def sign_out() -> Response:
        g.signed_in = console.sessions.find()
        if g.signed_in is not None:
            console.insist_on_form()
            console.sessions.end()
            console.audit.note(console.operator, Act.SIGN_OUT, "console")
        return console.sessions.give(to(SIGN_IN), "")


def _refused(console: Console, next_: str) -> Response:
    fault = "This is neither the admin token nor the read token."
    return console.show("sign_in.html", status=401, fault=fault, next=_next(next_), has_token=_has(console))


def _next(path: str) -> str:
    """Where to go then: a page of the console and nowhere else."""
    is_ours = path.startswith(f"{HOME}/") and path.isprintable() and "\\" not in path
    leads_up = ".." in unquote(path).partition("?")[0].split("/")
    return path if is_ours and not leads_up else f"{HOME}/"


def _has(console: Console) -> bool:
    settings = console.runtime.settings
    return settings.admin_token is not None or settings.read_token is not None
