"""What is found wrong with a Redis by what it says of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hookrouter.domain.durability import Asked, Durability
from hookrouter.domain.preflight import RedisFacts, durability_in_words, durability_of, judge
from hookrouter.domain.rights import Lack

SOUND = RedisFacts(
    product="Valkey",
    version=(9, 1, 2),
    is_replica=False,
    replicas=0,
    append_only=True,
    appendfsync="always",
    flushes_in_rewrites=True,
    eviction="noeviction",
    memory_used=10,
    memory_most=100,
    is_local=False,
    has_password=True,
)
FSYNC = Asked(durability=Durability.FSYNC)
EVERYSEC = Asked(durability=Durability.EVERYSEC)
MEMORY = Asked(durability=Durability.MEMORY)
REPLICATED = Asked(durability=Durability.REPLICATED, replicas=2)


def names(facts: RedisFacts, asked: Asked = FSYNC) -> list[str]:
    return [finding.name for finding in judge(facts, asked)]


def test_a_sound_server_has_no_finding() -> None:
    assert names(SOUND) == []


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-lru", "allkeys-random", "volatile-ttl", "allkeys-lfu"])
def test_a_server_that_evicts_is_refused(policy: str) -> None:
    [finding] = judge(replace(SOUND, eviction=policy), FSYNC)

    assert finding.refuses
    assert policy in finding.text
    assert "set maxmemory-policy noeviction" in finding.text


@pytest.mark.parametrize(
    ("mode", "text"), [("cluster", "give hookrouter one primary"), ("sentinel", "redis+sentinel://")]
)
def test_what_is_no_server_of_its_own_is_refused(mode: str, text: str) -> None:
    [finding] = judge(replace(SOUND, mode=mode), FSYNC)

    assert (finding.name, finding.refuses) == (mode, True)
    assert text in finding.text


def test_a_certificate_that_is_not_checked_is_told() -> None:
    assert names(replace(SOUND, is_checked=False)) == ["certificate"]


@pytest.mark.parametrize(
    ("version", "refuses"), [((5, 0, 7), True), ((6, 0, 16), True), ((6, 2), False), ((6, 2, 14), False)]
)
def test_old_versions(version: tuple[int, ...], refuses: bool) -> None:
    [finding] = judge(replace(SOUND, version=version), FSYNC)

    assert (finding.name, finding.refuses) == ("version", refuses)


@pytest.mark.parametrize("version", [(7, 0, 0), (7, 2, 4), (8, 2, 3), (9, 1, 2), (10, 0, 0), None])
def test_versions_that_will_do(version: tuple[int, ...] | None) -> None:
    assert names(replace(SOUND, version=version)) == []


def test_an_old_version_without_a_file_has_nothing_to_rewrite() -> None:
    assert names(replace(SOUND, version=(6, 2, 14), append_only=False), MEMORY) == []


@pytest.mark.parametrize(
    ("asked", "append_only", "appendfsync", "found"),
    [
        (FSYNC, False, "always", ["append-only"]),
        (FSYNC, True, "everysec", ["appendfsync"]),
        (FSYNC, True, "no", ["appendfsync"]),
        (EVERYSEC, True, "everysec", []),
        (EVERYSEC, True, "always", []),
        (EVERYSEC, True, "no", ["appendfsync"]),
        (EVERYSEC, False, "everysec", ["append-only"]),
        (MEMORY, False, "no", []),
        (MEMORY, True, "no", []),
        (replace(REPLICATED, replicas=0), True, "everysec", []),
        (replace(REPLICATED, replicas=0), True, "no", ["appendfsync"]),
        (replace(REPLICATED, replicas=0), False, "everysec", ["append-only"]),
    ],
)
def test_a_file_weaker_than_what_is_asked(asked: Asked, append_only: bool, appendfsync: str, found: list[str]) -> None:
    assert names(replace(SOUND, append_only=append_only, appendfsync=appendfsync), asked) == found


def test_a_file_that_is_not_flushed_while_it_is_rewritten() -> None:
    facts = replace(SOUND, flushes_in_rewrites=False)

    assert names(facts) == ["rewrites"]
    assert names(facts, EVERYSEC) == []


def test_too_few_replicas() -> None:
    [finding] = judge(replace(SOUND, replicas=1), REPLICATED)

    assert finding.name == "replicas"
    assert "1 of 2 replicas" in finding.text
    assert names(replace(SOUND, replicas=2), REPLICATED) == []


def test_a_read_only_replica_is_doubted_not_refused() -> None:
    [finding] = judge(replace(SOUND, is_replica=True), REPLICATED)

    assert (finding.name, finding.refuses) == ("replica", False)


@pytest.mark.parametrize(("keeps_out", "said"), [(True, "pushes are spooled"), (False, "what needs it stands still")])
def test_rights_that_are_missing_are_told_by_name_and_are_no_reason_not_to_start(keeps_out: bool, said: str) -> None:
    lacks = [Lack(right=f"R{number}", keeps_pushes_out=keeps_out and number == 7) for number in range(1, 8)]

    [finding] = judge(replace(SOUND, appendfsync=None, lacks=lacks), FSYNC)

    assert (finding.name, finding.refuses, finding.stops) == ("rights", False, True)
    assert finding.text == (
        f"Valkey denies its user R1, R2, R3, R4, R5 and 2 more: {said} until it has the rights in docs/redis.md"
    )


@pytest.mark.parametrize(("used", "most", "found"), [(91, 100, ["memory"]), (90, 100, []), (91, 0, [])])
def test_memory_that_is_nearly_full(used: int, most: int, found: list[str]) -> None:
    assert names(replace(SOUND, memory_used=used, memory_most=most)) == found


@pytest.mark.parametrize(
    ("seconds", "said"), [(2.5, "2.5 s ahead of"), (-61.0, "61.0 s behind"), (1.9, None), (-1.9, None)]
)
def test_clocks_that_differ(seconds: float, said: str | None) -> None:
    texts = [finding.text for finding in judge(replace(SOUND, ahead=timedelta(seconds=seconds)), FSYNC)]

    assert texts == [] if said is None else said in texts[0]


def test_a_server_elsewhere_without_a_password() -> None:
    assert names(replace(SOUND, has_password=False)) == ["password"]
    assert names(replace(SOUND, has_password=False, is_local=True)) == []


def test_what_is_not_told_is_named_unless_the_operator_vouches_for_it() -> None:
    managed = replace(SOUND, appendfsync=None, flushes_in_rewrites=None)
    [finding] = judge(managed, FSYNC)

    assert finding.name == "unchecked"
    assert "does not tell its appendfsync:" in finding.text
    assert names(managed, replace(FSYNC, vouched=Durability.FSYNC)) == []
    assert names(managed, MEMORY) == []
    assert names(replace(managed, append_only=False)) == ["append-only"]
    [all_of_it] = judge(RedisFacts(), FSYNC)
    assert "maxmemory-policy, appendonly, appendfsync" in all_of_it.text


def test_what_is_vouched_for_is_held_against_what_is_asked() -> None:
    managed = replace(SOUND, appendfsync=None)

    assert names(managed, replace(FSYNC, vouched=Durability.EVERYSEC)) == ["appendfsync"]


def test_refusals_come_first() -> None:
    facts = replace(SOUND, version=(6, 2), ahead=timedelta(minutes=5), eviction="allkeys-lru", has_password=False)

    assert names(facts)[0] == "eviction"


@pytest.mark.parametrize(
    ("facts", "asked", "found", "words"),
    [
        (SOUND, FSYNC, Durability.FSYNC, "durability fsync, as asked"),
        (replace(SOUND, appendfsync="everysec"), FSYNC, Durability.EVERYSEC, "durability everysec, fsync is asked"),
        (replace(SOUND, append_only=False), EVERYSEC, Durability.MEMORY, "durability memory, everysec is asked"),
        (replace(SOUND, appendfsync="no"), MEMORY, Durability.MEMORY, "durability memory, as asked"),
        (replace(SOUND, replicas=2), REPLICATED, Durability.REPLICATED, "durability replicated, as asked"),
        (replace(SOUND, replicas=1), REPLICATED, Durability.FSYNC, "durability fsync, replicated is asked"),
        (RedisFacts(), FSYNC, None, "durability unknown, fsync is asked"),
        (RedisFacts(), replace(FSYNC, vouched=Durability.FSYNC), Durability.FSYNC, "durability fsync, as asked"),
    ],
)
def test_durability_as_asked_and_as_it_is(
    facts: RedisFacts, asked: Asked, found: Durability | None, words: str
) -> None:
    assert durability_of(facts, asked) is found
    assert durability_in_words(facts, asked) == words
