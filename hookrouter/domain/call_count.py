"""What the CRM tells of its quota in an answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCount:
    """The account's calls as an answer counts them; what it does not say is None (crm-api 1.3).

    Attributes:
        calls: how many were made, this one too; when the count starts anew is not documented, presumably each day.
        limit: how many may be made.
        refused: the code, if the answer was no more than that: 106 the day's calls are spent, 107 too many a second.
    """

    calls: int | None = None
    limit: int | None = None
    refused: int | None = None
