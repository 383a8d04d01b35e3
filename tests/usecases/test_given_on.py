"""Leads that went to another person while the messages about them waited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from drain_support import LONG_AGO, SALES, Scene, failing, of_lead
from test_digests import DigestingSink

from hookrouter.domain.assignment import Assigned, Given
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.digest import gather
from hookrouter.domain.errors import StoreAway
from hookrouter.domain.given_on import GivenBy
from hookrouter.domain.ids import PushId, RouteName, TeamName, Who
from hookrouter.domain.order import Order
from hookrouter.domain.policy import Digest, SinkPolicy
from hookrouter.store.outbox import RedisOutbox
from hookrouter.wire.kept.assigning import write_given

EAST = TeamName("east")
ADA = Assigned(owner="313499604", name="Ada Brown", email="ada@example.com", team="east", reason="Ada next")
CEM = Assigned(owner="313499606", name="Cem Diaz", team="east", reason="Ada had it before, Cem next")


@pytest.fixture
def team(scene: Scene) -> Scene:
    scene.asked = {RouteName("hot-lead"): EAST}
    return scene


async def give(scene: Scene, delivery: Delivery, to: Assigned) -> None:
    given = Given(to=to, push=PushId("p_1"), place=0, owner_before="", at=LONG_AGO)
    await scene.server.call("HSET", scene.keys.given(*delivery.who), EAST, write_given(given))


def told(scene: Scene) -> list[tuple[str, str, str]]:
    return [(each.step, each.assigned.name, each.say) for each in scene.sink.given if each.assigned is not None]


@pytest.mark.parametrize("order", Order)
async def test_a_first_message_that_waits_is_told_to_who_has_its_lead_by_now(team: Scene, order: Order) -> None:
    team.policy = SinkPolicy(order=order)
    first = replace(of_lead("p_1"), assigned=ADA)
    await give(team, first, ADA)
    team.sink.script = failing("p_1")
    await team.put(first)
    await team.drain()
    await give(team, first, CEM)
    await team.let_retries_come_due()
    team.sink.script = failing()

    await team.drain()

    assert told(team) == [("", "Ada Brown", ""), ("", "Cem Diaz", "")]
    assert {each.id for each in team.sink.given} == {first.id}


async def test_a_reminder_says_its_words_unless_they_name_who_had_the_lead(team: Scene) -> None:
    quiet = replace(of_lead("p_1"), step="15m", assigned=ADA, say="Nobody has called yet")
    naming = replace(quiet, step="1h", id="d_2", say="Call now, ada!")
    await give(team, quiet, CEM)
    await team.put(quiet, naming)

    await team.drain()

    assert told(team) == [("15m", "Cem Diaz", "Nobody has called yet"), ("1h", "Cem Diaz", "")]


async def test_what_nobody_could_take_and_what_no_team_is_asked_for_stay_as_they_are(team: Scene) -> None:
    nobody = Assigned(owner="", team="east", reason="Ada away: nobody may take it")
    untaken, elsewhere = replace(of_lead("p_1"), assigned=nobody), replace(of_lead("p_2", route="vip"), assigned=ADA)
    await give(team, untaken, CEM)
    await team.put(untaken, elsewhere)

    await team.drain()

    assert [each.assigned for each in team.sink.given] == [nobody, ADA]


async def test_a_digest_whose_leads_are_of_several_people_now_is_gathered_anew(team: Scene) -> None:
    team.sink = sink = DigestingSink()
    team.policy = SinkPolicy(digest=Digest(every=timedelta(), most=5, by="assigned.name"))
    members = [replace(of_lead(f"p_{number}", lead=str(number), state="CA"), assigned=ADA) for number in range(3)]
    sink.script = failing("p_0")
    await team.put(*members)
    await team.drain()
    await give(team, members[1], CEM)
    await team.let_retries_come_due()
    sink.script = failing()

    await team.drain()
    await team.drain()

    people = [[member.assigned.name for member in each.members if member.assigned] for each in sink.given]
    assert people == [["Ada Brown"] * 3, ["Ada Brown"] * 2, ["Cem Diaz"]]
    assert await team.counts() == (0, 0)


async def test_a_digest_of_leads_that_may_share_a_message_all_the_same_stays_one(team: Scene) -> None:
    team.sink = DigestingSink()
    members = [replace(of_lead(f"p_{number}", lead=str(number), state="CA"), assigned=ADA) for number in range(2)]
    digest = gather(members)
    await give(team, members[1], CEM)
    await team.server.call("SADD", team.keys.outboxes(), SALES)
    await team.put(digest)

    await team.drain()

    [given] = team.sink.given
    assert given.id == digest.id
    assert [member.assigned for member in given.members] == [ADA, CEM]


async def test_what_was_read_when_redis_went_away_goes_before_what_came_meanwhile(team: Scene) -> None:
    first, second = (replace(of_lead(push), assigned=ADA) for push in ("p_1", "p_2"))
    away = ["once"]

    class Away(RedisOutbox):
        async def given(self, leads: Sequence[Who]) -> Mapping[Who, GivenBy]:
            if away:
                await team.put(second)
                raise StoreAway(away.pop())
            return await super().given(leads)

    await team.put(first)
    await team.drain(Away)

    assert team.sink.pushes == ["p_1", "p_2"]
