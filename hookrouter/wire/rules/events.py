"""The kinds of events in a lead's history, as the CRM names their sources."""

from __future__ import annotations

from hookrouter.wire.config.faults import did_you_mean

EVENT_SOURCES = frozenset(
    """
    callConvert cartComplete changeLeadStatus dealStageChange emailSent emailOpened emailClick emailBounce
    emailSpamComplaint emailUnsubscribe emailVisit formSubmit importantPageVisit incomingCall leadCreation
    leadOwnerChange mailboxRecv mailboxSend mailboxEmailOpen mediaOpen oppCreate oppLost oppWon outgoingCall pageVisit
    referredOnTheForm shoppingCartAbandoned
    """.split()  # noqa: SIM905 - the names read best as a paragraph
)
"""All that the vendor documents (crm-api 5.2); of any other it refuses to tell anything (code 219)."""


def source_fault(name: object) -> str | None:
    """What to say of a source that the CRM does not know; None when it does."""
    if isinstance(name, str) and name in EVENT_SOURCES:
        return None
    known = sorted(EVENT_SOURCES)
    suggestion = did_you_mean(name, known) if isinstance(name, str) else ""
    return f"the CRM has no such events{suggestion or '; it has ' + ', '.join(known)}"
