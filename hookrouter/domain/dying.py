"""What an operator should do about a dead letter, by its reason."""

from __future__ import annotations

from hookrouter.domain.outcome import Reason

WHEN_BACK = "See whether it is back, then replay all letters of this sink."
LOOK_AT_SINK = "Mend the sink in the configuration, then replay."
ADVICE = {
    Reason.NETWORK: WHEN_BACK,
    Reason.TIMEOUT: WHEN_BACK,
    Reason.TLS: LOOK_AT_SINK,
    Reason.UNAUTHORIZED: "Give the sink valid credentials, then replay.",
    Reason.THROTTLED: "Set the sink's rate_limit, then replay.",
    Reason.SERVER_ERROR: WHEN_BACK,
    Reason.REFUSED: "Its answer says why: mend the lead or the sink's rule, then replay.",
    Reason.GONE: "Give the sink its new address, resume it, then replay.",
    Reason.REDIRECTED: LOOK_AT_SINK,
    Reason.ABORTED: "Drop it, or ask whoever runs the far side and replay it.",
    Reason.FORBIDDEN_ADDRESS: "Allow its network in egress.allow if it is yours, then replay.",
    Reason.RENDERING: "Mend the template or the lead until a message can be made, then replay.",
    Reason.BROKEN: "Look at the sink's plug-in, then replay.",
    Reason.DEADLY: "Do not replay it before the cause is known: workers died of it.",
    Reason.IN_DOUBT: "Look at the far side whether it is there; replay only if it is not.",
    Reason.LOOP: "End what changes it back in the CRM, then replay or drop.",
    Reason.NO_SUCH_SINK: "Give the sink back to the configuration to replay, or drop it.",
}
"""Of each reason for which a delivery is given up."""
UNKNOWN = "Look at what would be sent now, then replay or drop it."


def advice_on(reason: str) -> str:
    """What to do about a letter that died for a word of `Reason`."""
    try:
        return ADVICE[Reason(reason)]
    except ValueError:
        return UNKNOWN
