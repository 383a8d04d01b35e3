"""A person is erased while pushes come, shards change, and who erases is killed again and again: the run that comes to
its end leaves nothing of her, and others lose nothing."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator

import pytest
from flow_stack import Stack, configuration, eventually, leads
from people import found_in_files, found_in_redis
from senders import Senders
from tally import Tally

from hookrouter.domain.ids import SinkName
from hookrouter.store.keys import Keys
from hookrouter.store.layout import Layouts

StackOf = Callable[..., Stack]
API = SinkName("api")
LEADS, VERSIONS, HERS = 40, 32, 20
"""She comes in the first so many versions, among the others."""
EVERY = 0.4
KILLS = 4
HER = {"id": "718281920777", "emailAddress": "zzyzx@acme.example", "companyName": "Xyzzyworks"}


def pushes() -> Iterator[list[dict[str, str]]]:
    for version in range(VERSIONS):
        state = {"firstName": f"Version{version:02}", "updateTimestamp": f"2026-03-04 15:{version:02}:11"}
        hers = [{**leads(0, 1, **state)[0], **HER}] if version < HERS else []
        some = leads(0, LEADS, **state)
        yield [*some[: LEADS // 2], *hers, *some[LEADS // 2 :]]


def text_of(tally: Tally, shards: int) -> str:
    sinks = f"""
  api: {{type: http, url: "{tally.url}/api", concurrency: 4, order: strict, shards: {shards}}}
  broken: {{type: http, url: "http://127.0.0.1:9/", order: strict, shards: {shards}}}
"""
    return configuration(sinks=sinks, routes="  - {name: every-lead, to: [api, broken]}")


@pytest.mark.long
@pytest.mark.timeout(240)
def test_she_is_gone_when_a_run_says_so_whatever_happened_before(
    stack_of: StackOf, tally: Tally, record_property: Callable[[str, object], None]
) -> None:
    dice = random.Random(9)
    stack = stack_of(text_of(tally, 1), processes=("web", "worker", "second", "scheduler"))
    senders = Senders(stack.port, [pushes()], EVERY)
    eventually(lambda: len(tally.came) > 100, "leads come through")

    for kill in range(KILLS):
        before = generation(stack)
        (stack.folder / "hookrouter.yaml").write_text(text_of(tally, (4, 3, 1)[kill % 3]))
        eventually(lambda before=before: generation(stack) > before, "another change of shards")
        stack.cut_off(dice.uniform(0.4, 2.2), "forget", HER["emailAddress"], "--yes")
    stack.kill("worker")
    stack.start("worker")
    eventually(lambda: any(version > f"Version{HERS}" for _, version in tally.names()), "she is pushed no more")
    stack.push([{**leads(0, 1, firstName="Last", updateTimestamp="2026-03-04 15:59:11")[0], **HER}])
    runs = 0
    while True:
        runs += 1
        told = json.loads(stack.run("forget", HER["emailAddress"], "--yes", "--json", check=False))
        if not told["under_way"] and not told["left"]:
            break

    assert told["total"]
    assert found_in_redis(stack.server, HER.values()) == {}
    assert found_in_files(stack.folder, HER.values()) == {}
    eventually(lambda: senders.are_done, "all pushes are acknowledged", patience=60)
    eventually(lambda: len(names(tally)) == LEADS * VERSIONS, "every state of every other lead", patience=60)
    told_of = {lead: tuple(versions) for lead, versions in tally.versions().items() if lead != HER["id"]}
    assert set(told_of.values()) == {tuple(f"Version{each:02}" for each in range(VERSIONS))}
    assert found_in_redis(stack.server, HER.values()) == {}
    figures = f"{told['total']} records of her erased by run {runs}, after {KILLS} that were killed as shards changed"
    record_property("figures", figures)


def generation(stack: Stack) -> int:
    return Layouts(Keys("hr"), 4).read(stack.server).layout.outbox(API).generation


def names(tally: Tally) -> list[tuple[str, str]]:
    return [name for name in tally.names() if name[0] != HER["id"]]
