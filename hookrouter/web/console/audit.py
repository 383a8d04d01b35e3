"""Audit: what operators did."""

from __future__ import annotations

from flask import Response, request

from hookrouter.domain.audit import Act
from hookrouter.web.console.asked import Asked, one_of
from hookrouter.web.console.shell import Console

PAGE = 50


def add_audit(console: Console) -> None:
    """Add the page of the audit log."""

    @console.page("audit")
    def deeds() -> Response:
        asked = Asked.of_request(console)
        act, by = one_of(request.args.get("act", "").strip(), Act), request.args.get("by", "").strip()
        page = console.audit.list(
            limit=PAGE,
            after=asked.after,
            act=act or None,
            by=by or None,
            since=asked.wanted.since,
            until=asked.wanted.until,
        )
        acts = [each.value for each in Act]
        return console.show("audit.html", asked=asked, page=page, acts=acts, act=act, by=by)
