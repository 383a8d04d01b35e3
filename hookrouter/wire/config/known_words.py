"""Words that the configuration does not know but people write, of other systems."""

from __future__ import annotations

from collections.abc import Sequence

from hookrouter.wire.config.faults import did_you_mean

_TO = "where a route leads is called `to` here"
_SINKS = "targets are called `sinks` here"
_MATCH = "a route's condition is called `match` here"
_GATHER = "several leads share a message by the sink's `digest` here, as in {every: 15m, max: 50, by: ownerID}"
_TIMES = "when a route is open is called `during` here, by a time that `times` names"

_FOR_PEOPLE = "only sinks that people read gather leads into one message: slack, email and stdout"

FOREIGN = {
    "active_time_intervals": _TIMES,
    "burst": _FOR_PEOPLE,
    "check": _MATCH,
    "condition": _MATCH,
    "conditions": _MATCH,
    "continue": "all matching routes fire: leave it out, or say `stop: true`",
    "destination": _TO,
    "destinations": _SINKS,
    "digest": _FOR_PEOPLE,
    "expire_after": _FOR_PEOPLE,
    "filter": _MATCH,
    "group_by": _GATHER,
    "group_interval": _GATHER,
    "group_wait": _GATHER,
    "matcher": _MATCH,
    "matchers": _MATCH,
    "mute_time_intervals": _TIMES,
    "output": _TO,
    "outputs": _SINKS,
    "receiver": _TO,
    "receivers": _SINKS,
    "repeat_interval": "what is not repeated for a while is called `once` here, as in {per: lead, every: 1d}",
    "rules": "rules are called `routes` here",
    "target": _TO,
    "targets": _SINKS,
    "when": _MATCH,
}


def unknown_key(word: str, known: Sequence[str]) -> str:
    """What to say of a key that is not known here."""
    if word in FOREIGN:
        return f"`{word}` is not known here: {FOREIGN[word]}"
    suggestion = did_you_mean(word, known)
    if suggestion or not known:
        return f"`{word}` is not known here{suggestion}"
    return f"`{word}` is not known here; known are {', '.join(sorted(known))}"
