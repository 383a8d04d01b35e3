"""Whether a Redis is fit to be trusted with leads, judged by what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from hookrouter.domain.durability import Asked, Durability
from hookrouter.domain.rights import Lack, named

LEAST_VERSION = (6, 2)
SMOOTH_REWRITES_SINCE = (7, 0)
MOST_SKEW = timedelta(seconds=2)
MOST_MEMORY = 0.9
KEEPS_ALL = "noeviction"
FLUSHES = {"always": Durability.FSYNC, "everysec": Durability.EVERYSEC, "no": Durability.MEMORY}
"""What each word of `appendfsync` comes to."""
VOUCHED: dict[Durability | None, str] = {found: word for word, found in FLUSHES.items()}
LOST = {
    "everysec": "flushes every second (appendfsync everysec): a power cut loses the pushes of the last second",
    "no": "flushes when its system pleases (appendfsync no): a power cut loses the pushes of half a minute",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisFacts:
    """What a server says of itself; None where it does not say.

    Attributes:
        version: as (7, 2, 4), of Redis' or of Valkey's own counting.
        replicas: how many are connected and up to date enough to be sent every write.
        flushes_in_rewrites: whether the file is flushed also while it is being rewritten.
        ahead: by how much this machine's clock is ahead of the server's.
        mode: standalone, cluster or sentinel.
        is_checked: whether its certificate is, if it has any.
        lacks: the rights that our user lacks there.
    """

    product: str = "Redis"
    version: tuple[int, ...] | None = None
    is_replica: bool | None = None
    replicas: int | None = None
    append_only: bool | None = None
    appendfsync: str | None = None
    flushes_in_rewrites: bool | None = None
    eviction: str | None = None
    memory_used: int = 0
    memory_most: int = 0
    ahead: timedelta = timedelta()
    mode: str = "standalone"
    is_local: bool = True
    has_password: bool = True
    is_checked: bool = True
    lacks: Sequence[Lack] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        refuses: with it no process may start.
        stops: with it processes start and wait until it is mended; meanwhile all is not well.
    """

    name: str
    text: str
    refuses: bool = False
    stops: bool = False


def judge(facts: RedisFacts, asked: Asked) -> Sequence[Finding]:
    """What is wrong with a server, the worst first."""
    found = [
        *_mode(facts),
        *_eviction(facts),
        *_version(facts),
        *_rights(facts),
        *_role(facts, asked),
        *_durability(facts, asked),
        *_memory(facts),
        *_clock(facts),
        *_door(facts),
        *_unchecked(facts, asked),
    ]
    return sorted(found, key=lambda finding: (not finding.refuses, not finding.stops))


def durability_of(facts: RedisFacts, asked: Asked) -> Durability | None:
    """What the server does with a write before it answers; None when it does not say and nobody vouches for it."""
    if asked.replicas and facts.replicas is not None and facts.replicas >= asked.replicas:
        return Durability.REPLICATED
    if facts.append_only is False:
        return Durability.MEMORY
    if facts.append_only is None or facts.appendfsync is None:
        return asked.vouched
    return FLUSHES.get(facts.appendfsync)


def durability_in_words(facts: RedisFacts, asked: Asked) -> str:
    """What the server does, beside what is asked of it."""
    found = durability_of(facts, asked)
    if found is asked.durability:
        return f"durability {found}, as asked"
    return f"durability {found or 'unknown'}, {asked.durability} is asked"


def _mode(facts: RedisFacts) -> Iterator[Finding]:
    if facts.mode == "cluster":
        text = f"{facts.product} is a cluster, whose scripts reach one slot only: give hookrouter one primary"
        yield Finding(name="cluster", text=text, refuses=True)
    elif facts.mode == "sentinel":
        text = "a Sentinel answers there and keeps nothing: write redis+sentinel://HOST:PORT,HOST:PORT/NAME/0"
        yield Finding(name="sentinel", text=text, refuses=True)


def _eviction(facts: RedisFacts) -> Iterator[Finding]:
    if facts.eviction not in {None, KEEPS_ALL}:
        yield Finding(
            name="eviction",
            text=f"{facts.product} drops keys, and leads with them, when it is full (maxmemory-policy "
            f"{facts.eviction}): set maxmemory-policy noeviction",
            refuses=True,
        )


def _version(facts: RedisFacts) -> Iterator[Finding]:
    if facts.version is None:
        return
    said = ".".join(map(str, facts.version))
    if facts.version < LEAST_VERSION:
        text = f"{facts.product} {said} is too old: 6.2 is the least that works, 7.2 or later is advised"
        yield Finding(name="version", text=text, refuses=True)
    elif facts.version < SMOOTH_REWRITES_SINCE and facts.append_only:
        text = f"{facts.product} {said} holds up every write when it ends a rewrite of its file: use 7.2 or later"
        yield Finding(name="version", text=text)


def _rights(facts: RedisFacts) -> Iterator[Finding]:
    if facts.lacks:
        keeps_out = any(lack.keeps_pushes_out for lack in facts.lacks)
        text = (
            f"{facts.product} denies its user {named([lack.right for lack in facts.lacks])}: "
            f"{'pushes are spooled' if keeps_out else 'what needs it stands still'} until it has the rights in "
            "docs/redis.md"
        )
        yield Finding(name="rights", text=text, stops=True)


def _role(facts: RedisFacts, asked: Asked) -> Iterator[Finding]:
    if facts.is_replica:
        yield Finding(
            name="replica",
            text=f"{facts.product} is a read-only replica: pushes are spooled and nothing is delivered until it is "
            "the primary, or until HOOKROUTER_REDIS_URL names that",
        )
    elif facts.replicas is not None and facts.replicas < asked.replicas:
        yield Finding(
            name="replicas",
            text=f"durability is replicated, but {facts.replicas} of {asked.replicas} replicas are connected: every "
            "push goes to the spool as well until they are",
        )


def _durability(facts: RedisFacts, asked: Asked) -> Iterator[Finding]:
    wanted = asked.durability
    if wanted is Durability.MEMORY:
        return
    if facts.append_only is False:
        yield Finding(
            name="append-only",
            text=f"durability is {wanted}, but {facts.product} keeps no append-only file: whatever stops it loses the "
            "pushes and deliveries that wait; set appendonly yes",
        )
        return
    weak = ("everysec", "no") if wanted is Durability.FSYNC else ("no",)
    word = facts.appendfsync or VOUCHED.get(asked.vouched)
    if word is not None and word in weak:
        better = "always" if wanted is Durability.FSYNC else "everysec"
        text = f"durability is {wanted}, but {facts.product} {LOST[word]}; set appendfsync {better}"
        yield Finding(name="appendfsync", text=text)
    elif facts.flushes_in_rewrites is False and wanted is Durability.FSYNC:
        text = (
            f"durability is fsync, but {facts.product} flushes nothing while it rewrites its file: a power cut then "
            "loses what came meanwhile; set no-appendfsync-on-rewrite no"
        )
        yield Finding(name="rewrites", text=text)


def _memory(facts: RedisFacts) -> Iterator[Finding]:
    if facts.memory_most and facts.memory_used > MOST_MEMORY * facts.memory_most:
        share = 100 * facts.memory_used / facts.memory_most
        text = (
            f"{facts.product} uses {share:.0f} % of its maxmemory: once it is full, pushes are spooled and deliveries "
            "stand still; raise maxmemory, or see why so much waits"
        )
        yield Finding(name="memory", text=text)


def _clock(facts: RedisFacts) -> Iterator[Finding]:
    if abs(facts.ahead) > MOST_SKEW:
        seconds = facts.ahead.total_seconds()
        side = "ahead of" if seconds > 0 else "behind"
        text = (
            f"the clock of this machine is {abs(seconds):.1f} s {side} that of {facts.product}: retries come due at "
            "the wrong time when machines differ; have both synchronised"
        )
        yield Finding(name="clock", text=text)


def _door(facts: RedisFacts) -> Iterator[Finding]:
    if not facts.is_local and not facts.has_password:
        text = (
            f"{facts.product} is on another machine and asks for no password: whoever reaches it reads every lead; "
            "give it a user with a password, and a rediss:// address"
        )
        yield Finding(name="password", text=text)
    if not facts.is_checked:
        text = (
            f"the certificate of {facts.product} is not checked (ssl_cert_reqs=none): whoever sits between reads every "
            "lead; name its CA in HOOKROUTER_REDIS_CA"
        )
        yield Finding(name="certificate", text=text)


def _unchecked(facts: RedisFacts, asked: Asked) -> Iterator[Finding]:
    told = {
        "maxmemory-policy": facts.eviction,
        "appendonly": facts.append_only,
        "appendfsync": facts.appendfsync if facts.append_only is not False else "no",
    }
    missing = [name for name, value in told.items() if value is None]
    if facts.lacks or asked.vouched or asked.durability is Durability.MEMORY:
        return  # what is denied is told already, and the rest once that is mended
    if missing:
        text = (
            f"{facts.product} does not tell its {', '.join(missing)}: see to it yourself, and say what it does in "
            "HOOKROUTER_REDIS_DURABILITY (memory, everysec or fsync)"
        )
        yield Finding(name="unchecked", text=text)
