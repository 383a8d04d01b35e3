"""Dead letters: deliveries that were given up, to be looked at, mended and sent again."""

from __future__ import annotations

from flask import Response

from hookrouter.web.console.asked import Asked
from hookrouter.web.console.shell import Console

PAGE = 50


def add_dead(console: Console) -> None:
    """Add the pages of the dead letters."""

    @console.page("dead")
    def letters() -> Response:
        asked = Asked.of_request(console)
        page = console.desk.dead_letters().list(asked.wanted, limit=PAGE, after=asked.after)
        return console.show("dead.html", asked=asked, page=page)
