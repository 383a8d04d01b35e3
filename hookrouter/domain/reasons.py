"""What each reason for which a message did not arrive means, and what to do about it."""

from __future__ import annotations

from typing import NamedTuple

from hookrouter.domain.outcome import Reason


class Means(NamedTuple):
    """A reason in words, and what to do; `ID` stands for the id of a dead letter."""

    says: str
    todo: str

    def todo_about(self, letter: str) -> str:
        """What to do about one dead letter."""
        return self.todo.replace(" ID`", f" {letter}`")


MEANS = {
    Reason.NETWORK: Means("it cannot be reached", "see that it runs, and that this machine reaches its address"),
    Reason.TIMEOUT: Means("it does not answer in time", "see why it is slow; the sink's `timeout` may say more"),
    Reason.TLS: Means("its certificate is not trusted", "have its certificate mended, or name its authority in `tls`"),
    Reason.UNAUTHORIZED: Means("it refuses our credentials", "renew the sink's token, password or secret"),
    Reason.THROTTLED: Means("it says that it is asked too often", "have the sink say a lower `rate_limit`"),
    Reason.SERVER_ERROR: Means("it answers with errors of its own", "have whoever runs it see to it"),
    Reason.REFUSED: Means(
        "it does not want what it was sent", "`hookrouter dead show ID` tells its answer; mend the rule or the lead"
    ),
    Reason.GONE: Means("it says that it is gone", "give the sink the right address, then `hookrouter resume` it"),
    Reason.REDIRECTED: Means("it is somewhere else now", "give the sink the new address"),
    Reason.ABORTED: Means("it asked to be told no more of this", "ask whoever runs it"),
    Reason.FORBIDDEN_ADDRESS: Means("its address is a private one", "allow that in `egress`, if it is meant"),
    Reason.RENDERING: Means(
        "the rule's template cannot be filled", "`hookrouter dead show ID` tells where; mend the template in the rules"
    ),
    Reason.BROKEN: Means("the sink itself fails", "tell whoever wrote it what `hookrouter deliveries` shows"),
    Reason.DEADLY: Means(
        "workers died of it again and again", "look at the lead with `hookrouter dead show ID` before it is replayed"
    ),
    Reason.IN_DOUBT: Means("nobody knows whether it arrived", "look there whether it did, before it is replayed"),
    Reason.LOOP: Means("it was changed back again and again", "see docs/crm-sink.md, Loops"),
    Reason.NO_SUCH_SINK: Means("the configuration has no such sink any more", "give it back, or drop what was for it"),
}
"""Of each reason."""

UNKNOWN = Means("for a reason of another version", "`hookrouter dead show ID` tells more")


def means(reason: str) -> Means:
    """What a word of `Reason` means."""
    try:
        return MEANS[Reason(reason)]
    except ValueError:
        return UNKNOWN
