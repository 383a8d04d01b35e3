"""The pages that the console's foot links to."""

from __future__ import annotations

import pytest

from hookrouter.config.links import Link, links_in
from hookrouter.config.settings import read_settings
from hookrouter.domain.errors import ConfigurationError


def test_links_are_read_by_title_and_address() -> None:
    given = "Grafana=https://grafana.example.com/d/x?a=b; Run book = http://wiki:8080/ ;"

    settings = read_settings({"HOOKROUTER_CONSOLE_LINKS": given})

    assert links_in(settings.console_links) == (
        Link("Grafana", "https://grafana.example.com/d/x?a=b"),
        Link("Run book", "http://wiki:8080/"),
    )


def test_there_are_none_unless_they_are_named() -> None:
    assert links_in(read_settings({}).console_links) == ()


@pytest.mark.parametrize(
    "given",
    [
        "https://grafana.example.com",
        "=https://grafana.example.com",
        "Evil=javascript:alert(1)",
        "Evil=data:text/html,x",
        "Nowhere=https://",
        "Broken=http://[::1",
        "Spaced=https://a.example.com/ b",
        ";".join(f"Page {number}=https://a.example.com" for number in range(9)),
    ],
)
def test_what_is_no_page_is_refused_in_one_line(given: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_settings({"HOOKROUTER_CONSOLE_LINKS": given})

    assert str(refused.value).startswith("HOOKROUTER_CONSOLE_LINKS names up to 8 pages by title and http(s) address: ")
    assert "\n" not in str(refused.value)
