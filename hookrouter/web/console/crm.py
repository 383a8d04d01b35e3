"""CRM: the day's calls, whether its pushes come and can be trusted, what reconcile and the sweep found."""

from __future__ import annotations

from flask import Response

from hookrouter.domain.flow import troubles
from hookrouter.domain.spans import span_in_words
from hookrouter.runtime.overview import Overview
from hookrouter.web.console.shell import Console


def add_crm(console: Console) -> None:
    """Add the page of the CRM."""

    @console.page("crm")
    def crm() -> Response:
        seen = Overview(console.runtime).crm().look()
        return console.show("crm.html", seen=seen, wrong=troubles(seen.parts), span=span_in_words)
