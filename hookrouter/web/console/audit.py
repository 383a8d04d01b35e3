"""Audit: what operators did."""

from __future__ import annotations

from flask import Response, request

from hookrouter.domain.audit import Act
from hookrouter.web.console.shell import Console

PAGE = 50


def add_audit(console: Console) -> None:
    """Add the page of the audit log."""

    @console.page("audit")
    def deeds() -> Response:
        act, by, after = (request.args.get(name, "").strip() for name in ("act", "by", "after"))
        page = console.audit.list(limit=PAGE, after=after or None, act=act or None, by=by or None)
        return console.show("audit.html", page=page, acts=[each.value for each in Act], act=act, by=by, after=after)
