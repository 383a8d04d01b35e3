"""The pages of the operator's own that the foot of the console links to, as the environment names them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from hookrouter.domain.errors import ConfigurationError

MOST_LINKS = 8
EXAMPLE = "Grafana=https://grafana.example.com/d/hookrouter; Runbook=https://wiki.example.com/hookrouter"


@dataclass(frozen=True, slots=True)
class Link:
    """A page by its title and address."""

    title: str
    url: str


def links_in(text: str | None) -> tuple[Link, ...]:
    """The links of `TITLE=ADDRESS; TITLE=ADDRESS`."""
    parts = [each.partition("=") for each in (text or "").split(";") if each.strip()]
    return tuple(Link(title.strip(), url.strip()) for title, _, url in parts)


def checked_links(name: str, text: str) -> str:
    """The text, if it names pages as links do.

    Raises:
        ConfigurationError: a link has no title, or an address that is none of a page, or there are too many.
    """
    links = links_in(text)
    if len(links) > MOST_LINKS or not all(link.title and _is_of_a_page(link.url) for link in links):
        raise ConfigurationError(f"{name} names up to {MOST_LINKS} pages by title and http(s) address: {EXAMPLE}")
    return text


def _is_of_a_page(url: str) -> bool:
    try:
        address = urlsplit(url)
    except ValueError:
        return False
    return address.scheme in {"http", "https"} and bool(address.hostname) and url.isprintable() and " " not in url
