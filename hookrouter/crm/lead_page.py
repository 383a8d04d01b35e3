"""Where a person finds leads in the CRM."""

from __future__ import annotations

LEADS_PAGE = "https://app.sharpspring.com/contacts"
"""The list of all of them (a guess, like the page of one: the vendor documents no address for either)."""


def lead_page(lead: str) -> str:
    """The lead's page in the CRM."""
    return f"https://app.sharpspring.com/lead/{lead}"
