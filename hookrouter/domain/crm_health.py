"""The health of the CRM, by what was counted and measured of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from hookrouter.domain.health import Part, Status
from hookrouter.domain.quota import SPENT, Quota
from hookrouter.domain.reconciling import PushTrust
from hookrouter.domain.spans import ago
from hookrouter.domain.withheld import Withheld

CRM_SAYS = {True: "configured", False: "not configured", None: "not known while the file cannot be read"}
ASK_IT = "see whether it has an outage, and that `crm.account_id` and `crm.secret_key` are right"
WHO_WAITS = "leads that are read back, and those of which a route wants to know more, wait for it; no other lead does"
WHO_DOES_NOT_WAIT = "a route that must not wait says `enrich: {on_failure: deliver}`; see docs/messages.md"
MORE_CALLS = "`crm.daily_limit` may say more, where the account is granted more"
MORE_TOMORROW = f"calls are granted anew each day; {MORE_CALLS}"
MOST_LOOPS = 3
"""That one line tells of."""
MEND = "what these routes write to a lead is changed back again and again; see docs/crm-sink.md, Loops"
BLIND = "they come, and the CRM names none of their changes when it is asked what changed"
TIMES_DIFFER = "its clock or zone is another than we think (see `crm.timezone`), or these pushes are not its own"
READ_AGAIN = "the list is read again each hour; see docs/reconcile.md, Leads that are gone"
RECONCILED = "reconcile brings what they miss, later than a push would; see docs/reconcile.md"


def crm_part(away: str | None, *, is_configured: bool | None) -> Part:
    """Whether the CRM tells what it is asked; `away` is why it does not."""
    if away is None:
        return Part(name="crm", status=Status.PASS, value=CRM_SAYS[is_configured])
    return Part(
        name="crm", status=Status.WARN, value=away, advice=f"{MORE_TOMORROW if away == SPENT else ASK_IT}; {WHO_WAITS}"
    )


def withheld_part(withheld: Withheld, away: str | None, quota: Quota | None, now: datetime) -> Part | None:
    """Who waits for a CRM that does not tell of them; None if nobody does."""
    why = away or (quota.gives_way if quota else "")
    if not why or withheld.since is None:
        return None
    return Part(
        name="histories",
        status=Status.WARN,
        value=f"{withheld.waiting} wait since {withheld.since:%Y-%m-%d %H:%M} UTC ({ago(now - withheld.since)})",
        advice=f"{why}; {WHO_DOES_NOT_WAIT}",
    )


def _what_runs_short(quota: Quota, away: str | None) -> str:
    """Who gives way, and, unless `crm_part` says so of a day that is spent, whom that holds up and what to do."""
    if away == SPENT:
        return quota.gives_way
    waits = f"{WHO_WAITS}; " if quota.used >= quota.limit or quota.is_spent else ""
    return f"{quota.gives_way}; {waits}{MORE_TOMORROW}"


def calls_part(quota: Quota | None, away: str | None) -> Part | None:
    """How many calls of the day are made, and who may call no more for it; None without a CRM.

    `away` is as in `crm_part`.
    """
    if quota is None:
        return None
    return Part(
        name="crm_calls",
        status=Status.WARN if quota.gives_way else Status.PASS,
        value=f"{quota.used} of {quota.limit} today",
        advice=_what_runs_short(quota, away) if quota.gives_way else "",
    )


def trust_part(trust: PushTrust | None) -> Part | None:
    """Whether the CRM's pushes can be trusted, by what reconcile found; None where nothing is reconciled."""
    if trust is None:
        return None
    if trust.is_blind:
        return Part(name="pushes", status=Status.WARN, value=BLIND, advice=TIMES_DIFFER)
    return Part(
        name="pushes",
        status=Status.WARN if trust.is_broken else Status.PASS,
        value=_in_words(trust),
        advice=RECONCILED if trust.is_broken else "",
    )


def sweep_part(doubt: str) -> Part | None:
    """Why the last sweep told of no lead that is gone; None when there is no reason."""
    return Part(name="sweep", status=Status.WARN, value=doubt, advice=READ_AGAIN) if doubt else None


def loops_part(loops: Mapping[str, datetime], now: datetime) -> Part | None:
    """The loops that were broken lately, each by its sink and route with when; None where there were none."""
    if not loops:
        return None
    told = [f"{name} {ago(now - at)}" for name, at in sorted(loops.items())]
    more = f" and {len(told) - MOST_LOOPS} more" if len(told) > MOST_LOOPS else ""
    return Part(name="crm_loops", status=Status.WARN, value="; ".join(told[:MOST_LOOPS]) + more, advice=MEND)


def _in_words(trust: PushTrust) -> str:
    if trust.last_run is None:
        return "not yet held against the CRM"
    if not trust.changes:
        return "nothing changed in the CRM within a day"
    lag = "" if trust.lag is None else f", half of them came within {trust.lag:.0f} s"
    return f"missed {trust.missed} of {trust.changes} changes within a day{lag}"
