"""Why deliveries die, in words for who has to do something about it."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.outcome import Reason


@dataclass(frozen=True, slots=True)
class Cause:
    """What a reason means, and what an operator does about it."""

    meaning: str
    advice: str


WHEN_BACK = "See whether it is back, then replay all letters of this sink."
LOOK_AT_SINK = "Mend the sink in the configuration, then replay."
CAUSES = {
    Reason.NETWORK: Cause("The far side could not be reached for as long as it was tried.", WHEN_BACK),
    Reason.TIMEOUT: Cause("The far side gave no answer in time, for as long as it was tried.", WHEN_BACK),
    Reason.TLS: Cause("No secure connection could be made: a certificate is not valid or not accepted.", LOOK_AT_SINK),
    Reason.UNAUTHORIZED: Cause("It knows neither login nor keys of ours.", "Give the sink valid ones, then replay."),
    Reason.THROTTLED: Cause(
        "The far side wanted fewer calls, for as long as it was tried.", "Set the sink's rate_limit, then replay."
    ),
    Reason.SERVER_ERROR: Cause("The far side failed in itself, for as long as it was tried.", WHEN_BACK),
    Reason.REFUSED: Cause(
        "The far side refuses it as it is; its answer says why.", "Mend the lead or the sink's rule, then replay."
    ),
    Reason.GONE: Cause(
        "The far side says that this address is gone for good; the sink is paused.",
        "Give the sink a new address, resume it, then replay.",
    ),
    Reason.REDIRECTED: Cause("The far side sends elsewhere, which the sink may not follow.", LOOK_AT_SINK),
    Reason.ABORTED: Cause("The far side asked for no more attempts at it.", "Drop it, or replay it once more."),
    Reason.FORBIDDEN_ADDRESS: Cause(
        "The sink's address is private or reserved.", "Allow its network in egress.allow if it is yours, then replay."
    ),
    Reason.RENDERING: Cause(
        "The message could not be made: a template cannot be filled with this lead.",
        "Mend the template or the lead; what would be sent now stands below. Then replay.",
    ),
    Reason.BROKEN: Cause("The sink itself failed again and again.", "Look at the sink's plug-in, then replay."),
    Reason.DEADLY: Cause(
        "Workers died again and again while they attempted it.", "Do not replay it before the cause is known."
    ),
    Reason.IN_DOUBT: Cause(
        "It may have been done: the answer was lost, and nothing shows whether.",
        "Look in the CRM; replay only if it is not there.",
    ),
    Reason.LOOP: Cause(
        "The CRM changes back what is written to it, again and again.", "End what changes it back, then replay or drop."
    ),
    Reason.NO_SUCH_SINK: Cause(
        "The configuration has no sink of this name any more.", "Give the sink back to replay, or drop it."
    ),
}
"""Each reason of an attempt that did not deliver."""
UNKNOWN = Cause("Another version gave it up.", "Look at what would be sent now, then replay or drop.")


def cause_of(reason: str) -> Cause:
    """What a dead letter's reason means."""
    try:
        return CAUSES[Reason(reason)]
    except ValueError:
        return UNKNOWN
