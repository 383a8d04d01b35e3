"""Where a person finds a lead in the CRM."""

from __future__ import annotations


def lead_page(lead: str) -> str:
    """The lead's page in the CRM (a guess: the vendor documents no address for it)."""
    return f"https://app.sharpspring.com/lead/{lead}"
