"""The console's shell: what every page is given, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request
from werkzeug.datastructures import MultiDict

from hookrouter.config.links import links_in
from hookrouter.domain.audit import Act
from hookrouter.domain.errors import PushRefused
from hookrouter.domain.operator import Operator
from hookrouter.runtime import Runtime
from hookrouter.runtime.desk import Desk
from hookrouter.usecases.audit import KeepAudit
from hookrouter.web.console.forms import form
from hookrouter.web.console.rendering import render, stream
from hookrouter.web.crowd import Places
from hookrouter.web.masks import Looked, Masked
from hookrouter.web.operators import Doorkeeper
from hookrouter.web.punctual import punctual
from hookrouter.web.sessions import SessionKeeper, SignedIn

HOME = "/console"
WITHIN = 8.0
"""Seconds that Redis may take for a page in all."""
AT_ONCE = 4
"""Pages that one process makes at a time, so that pushes are taken between them."""
PLACE_WITHIN = 5.0
CSRF = "csrf"
UNMASK = "unmask"
TOLD = "told"
LONGEST_TOLD = 200

View = Callable[..., Response | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationEntry:
    """A page in the navigation; `key` goes there behind `g`."""

    name: str
    path: str
    key: str


NAVIGATION = tuple(
    NavigationEntry(name=name, path=f"{HOME}/{path}", key=key)
    for name, path, key in (
        ("Flow", "flow", "f"),
        ("Pushes", "pushes", "p"),
        ("Deliveries", "deliveries", "d"),
        ("Leads", "leads", "l"),
        ("Dead letters", "dead", "x"),
        ("Rejected", "rejected", "r"),
        ("Rules", "rules", "u"),
        ("CRM", "crm", "c"),
        ("Audit", "audit", "a"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """What pages are made of: the use cases by `desk`, and the ways to show and to change something."""

    runtime: Runtime
    door: Doorkeeper
    sessions: SessionKeeper
    blueprint: Blueprint
    offered: set[str] = field(default_factory=set)
    places: Places = field(default_factory=lambda: Places(AT_ONCE, PLACE_WITHIN, "pages are being made"))

    @property
    def desk(self) -> Desk:
        """The use cases of operators, by the configuration of this moment."""
        return Desk(self.runtime)

    @property
    def audit(self) -> KeepAudit:
        """Where every change is written down."""
        return self.desk.audit()

    @property
    def signed_in(self) -> SignedIn:
        """Who asks."""
        return cast("SignedIn", g.signed_in)

    @property
    def operator(self) -> Operator:
        """Who asks, as the audit log tells it."""
        return self.signed_in.operator

    def page(self, path: str, *, unmaskable: bool = False) -> Callable[[View], View]:
        """Show a page at `/console/PATH` to all who are signed in.

        Args:
            path: with what stands in `<…>` given to the view, as Flask has it.
            unmaskable: whether an operator may have it shown once with what is personal: by a form that is posted to
                the page's own address (the template's macro `unmasking`).
        """

        def add(view: View) -> View:
            self.offered.add(path.strip("/").partition("/")[0])
            self._add(path, view, "GET")
            if unmaskable:
                self._add(path, self._unmasked(view), "POST")
            return view

        return add

    def change(self, path: str) -> Callable[[View], View]:
        """Let those who may operate change something by a form that is posted to `/console/PATH`.

        The view writes it into the audit log (`console.audit.deed`) and ends with `console.back_to`.
        """

        def add(view: View) -> View:
            self._add(path, self._guarded(view), "POST")
            return view

        return add

    def question(self, path: str) -> Callable[[View], View]:
        """Answer a form that anybody who is signed in posts to `/console/PATH`; it changes nothing.

        It asks for what must not stand in a URL, such as a lead's address.
        """

        def add(view: View) -> View:
            @wraps(view)
            def answer(**named: str) -> Response | str:
                self.insist_on_form()
                return view(**named)

            self._add(path, answer, "POST")
            return view

        return add

    def show(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page; the template knows `console`'s words besides the values."""
        text = render(template, {**self._words(), **values})
        return Response(text, status=status, content_type="text/html; charset=utf-8")

    def stream(self, template: str, **values: Any) -> Response:
        """A page that is sent as its values come; a template takes them one by one, in a loop."""
        pieces = stream(template, {**self._words(), **values})
        return Response(pieces, content_type="text/html; charset=utf-8", headers={"X-Accel-Buffering": "no"})

    def back_to(self, path: str, told: str = "", **query: str) -> Response:
        """Where a change ends: at a page that says what became of it."""
        query = {**query, TOLD: told[:LONGEST_TOLD]} if told else query
        return to(f"{HOME}/{path}" + (f"?{urlencode(query)}" if query else ""))

    def form(self) -> MultiDict[str, str]:
        """What the form brings."""
        return form()

    def masked(self) -> Masked:
        """How the page at hand shows what is personal."""
        looked: Looked = g.setdefault("looked", Looked())
        return Masked(self.desk.mask, is_open=bool(g.get("is_unmasked")), looked=looked)

    def open_as_before(self) -> None:
        """Show what is personal once more, where the form comes from a page that did; written down as before."""
        if form().get(UNMASK):
            self._open()

    def insist_on_form(self) -> None:
        """Refuse a form that is not from one of our own pages, or another session's.

        Raises:
            PushRefused: 403.
        """
        if not self.door.callers.is_same_site() or not self.signed_in.owns(form().get(CSRF, "")):
            raise PushRefused(403, "not from here", "this form is not from a page of yours: open the page anew")

    def _add(self, path: str, view: View, method: str) -> None:
        @wraps(view)
        def answer(**named: str) -> Response | str:
            if method == "POST":
                form()  # before a place is taken: whoever dawdles with one keeps nobody waiting
            with self.places.place(), punctual(within=WITHIN):
                return view(**named)

        endpoint = f"{method.lower()} {path}".replace(".", "_")
        self.blueprint.add_url_rule(f"/{path}", endpoint, answer, methods=[method])

    def _guarded(self, view: View) -> View:
        def change(**named: str) -> Response | str:
            self._insist_on_role()
            self.insist_on_form()
            return view(**named)

        return change

    def _unmasked(self, view: View) -> View:
        def unmask(**named: str) -> Response | str:
            self._insist_on_role()
            self.insist_on_form()
            self._open()
            return view(**named)

        return unmask

    def _open(self) -> None:
        self.audit.note(self.operator, Act.UNMASK, request.path.removeprefix(HOME))
        g.is_unmasked = True

    def _insist_on_role(self) -> None:
        if not self.operator.operates:
            raise PushRefused(403, "read only", "you are signed in for reading: this takes the admin token")

    def _words(self) -> Mapping[str, object]:
        signed_in: SignedIn | None = g.get("signed_in")
        masked = self.masked()
        return {
            "operator": None if signed_in is None else signed_in.operator,
            "csrf": "" if signed_in is None else signed_in.csrf,
            "navigation": [entry for entry in NAVIGATION if entry.path.rpartition("/")[2] in self.offered],
            "beside": links_in(self.runtime.settings.console_links),
            "home": HOME,
            "path": request.path,
            "query": request.args,
            "told": _told(),
            "shown": masked,
            "now": self.runtime.clock.now(),
        }


def _told() -> str:
    """What a change came to, where our own page led here: nobody else puts words into the console's mouth."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return ""
    return request.args.get(TOLD, "")[:LONGEST_TOLD]


def to(address: str) -> Response:
    """Send a browser to another page, which it asks for anew."""
    return Response(status=303, headers={"Location": address})
