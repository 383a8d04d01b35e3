"""What the CRM's answer to one object of a write comes to for the delivery that it was written for.

The codes are those of the vendor's published table (crm-api 1.6); where it says too little, what clients found out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hookrouter.domain.crm_write import Action, CrmWrite
from hookrouter.domain.errors import CrmAway, CrmKeysRefused, CrmQuotaSpent, CrmRefused, CrmThrottled
from hookrouter.domain.lead import text_of
from hookrouter.domain.outcome import Answer, Dead, Delivered, Outcome, Reason, Retry
from hookrouter.wire.crm import errors
from hookrouter.wire.crm.envelope import WriteResult

MAY_BE_NULL = frozenset({"accountID", "ownerID", "campaignID", "isUnsubscribed", "active"})
"""Fields that take null; every other one refuses it, and none of these takes '' (crm-api 3.2)."""
NAME_OTHERS = ("ownerID", "accountID", "campaignID", "userID", "leadID")
"""Fields that name something else in the CRM."""

MOST_NAMED = 8
"""Fields that one sentence names."""

DONE = {
    Action.UPDATE: "updated",
    Action.CREATE: "created",
    Action.DELETE: "deleted",
    Action.LOG_CALL: "the call is logged",
}
DONE_BEFORE = {
    (Action.UPDATE, errors.NOTHING_CHANGED): "nothing to change: the CRM had these values already",
    (Action.CREATE, errors.ENTRY_EXISTS): "the CRM had a lead with this e-mail address already",
    (Action.DELETE, errors.NOTHING_CHANGED): "the CRM had no such lead any more",
    (Action.DELETE, errors.NO_SUCH_RECORD): "the CRM had no such lead any more",
}
"""Refusals that say that what was wanted is so already."""

HINTS = {
    errors.ENTRY_EXISTS: "another lead has this e-mail address",
    errors.NO_SUCH_RECORD: "the CRM does not know this lead",
}

IN_DOUBT = Dead(
    reason=Reason.IN_DOUBT,
    answer=Answer(
        text="the answer to an earlier try was lost, and the lead's events do not show the call: nobody knows whether "
        "it is logged. Look in the CRM, and replay this only if it is not there"
    ),
)


def was_written(write: CrmWrite, result: WriteResult) -> bool | None:
    """Whether the CRM took a write and changed something by it; None when nobody knows."""
    if write.action is Action.LOG_CALL and result.code == errors.UNKNOWN_ERROR:
        return None
    return result.success if result.is_known else None


def judge_write(write: CrmWrite, result: WriteResult) -> Outcome:
    """What one object's result comes to."""
    if result.success:
        created = f" as {result.id}" if write.action is Action.CREATE and result.id else ""
        return Delivered(answer=Answer(text=DONE[write.action] + created))
    if was_written(write, result) is None:
        if write.action is Action.LOG_CALL:
            return IN_DOUBT
        return Retry(reason=Reason.NETWORK, answer=Answer(text=result.message))
    code = result.code or errors.UNKNOWN_ERROR
    before = DONE_BEFORE.get((write.action, code))
    if before is not None:
        return Delivered(answer=Answer(status=code, text=before))
    if code == errors.UNKNOWN_ERROR:
        return Retry(reason=Reason.SERVER_ERROR, answer=Answer(status=code, text=result.message))
    return Dead(reason=Reason.REFUSED, answer=Answer(status=code, text=_in_words(write, code, result.message)))


def judge_away(fault: CrmAway | CrmRefused, *, after: timedelta | None = None) -> Retry:
    """What a call that was refused as a whole comes to, for each of its objects: all of them wait."""
    match fault:
        case CrmThrottled() | CrmQuotaSpent():
            return Retry(reason=Reason.THROTTLED, answer=Answer(text=str(fault)), after=after)
        case CrmKeysRefused():
            return Retry(reason=Reason.UNAUTHORIZED, answer=Answer(status=fault.code, text=str(fault)))
        case CrmRefused():
            return Retry(reason=Reason.REFUSED, answer=Answer(status=fault.code, text=str(fault)))
        case _:
            return Retry(reason=Reason.NETWORK, answer=Answer(text=str(fault)))


def _in_words(write: CrmWrite, code: int, message: str) -> str:
    match code:
        case errors.INVALID_PARAMETERS:
            return f"{message} {_suspects(write)}"
        case errors.NAMES_NOTHING:
            named = [name for name in NAME_OTHERS if write.values.get(name)]
            which = f"{' or '.join(named)} names nothing in the CRM" if named else "a field names nothing in the CRM"
            return f"{message} Look whether {which}: users and accounts have ids of their own there"
        case errors.NO_SUCH_RECORD | errors.ENTRY_EXISTS:
            return f"{message} {HINTS[code][0].upper()}{HINTS[code][1:]}"
        case _:
            return message


def _suspects(write: CrmWrite) -> str:
    """Which field the CRM must mean, for it does not say: what it is known not to take, else all that was written."""
    fields = {name: value for name, value in write.values.items() if name != "id"}
    known = [
        name
        for name, value in fields.items()
        if (value is None and name not in MAY_BE_NULL)
        or (text_of(value) == "" and value is not None and name in {*MAY_BE_NULL, *NAME_OTHERS})
        or (name in NAME_OTHERS and value is not None and not text_of(value).isdigit())
    ]
    told = _listed(known or list(fields))
    return f"It is the value of {told}" if len(known or fields) == 1 else f"It is the value of one of: {told}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
