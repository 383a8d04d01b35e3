"""The CRM from Python, by `Client`."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from crm_line import ACCOUNT, SECRET, Line, Mishap, a_simulator

import hookrouter.crm
from hookrouter.crm import Client, CrmKeysRefused
from hookrouter.crm.pace import Pace
from hookrouter.domain.errors import ConfigurationError
from hookrouter.simulator.leads import FIRST_ID
from hookrouter.simulator.server import serving

FIRST = str(FIRST_ID)


def a_client(url: str, **settings):
    usual = {"account_id": ACCOUNT, "secret_key": SECRET, "calls_a_second": 1000}
    return Client(**{**usual, "url": url, **settings})


async def test_leads_are_values_with_their_times_and_their_texts_as_people_mean_them():
    simulator = a_simulator(1)
    simulator.book.update({"id": FIRST, "companyName": "Smith &amp; Sons", "active": "0"})
    async with serving(simulator), a_client(simulator.api_url) as crm:
        lead = await crm.get_lead(FIRST_ID)
        [only] = await crm.get_leads(ids=[FIRST_ID, "17"], emails=[lead.email.upper()], only=["city"])
        nobody = await crm.get_lead("17")

    assert (lead.id, lead["companyName"], lead.raw["companyName"]) == (FIRST, "Smith & Sons", "Smith &amp; Sons")
    assert (lead.is_active, lead.get("noSuchField", "-")) == (False, "-")
    assert timedelta() <= datetime.now(UTC) - lead.updated_at < timedelta(minutes=1)
    assert lead.created_at < lead.updated_at
    assert (only.id, only.fields.keys(), only.email, only.is_active) == (FIRST, {"id", "city"}, "", True)
    assert nobody is None


async def test_the_old_version_is_read_and_written_in_the_companys_zone():
    kyiv = ZoneInfo("Europe/Kyiv")
    simulator = a_simulator(1)
    async with (
        serving(simulator),
        Line(simulator.url).open() as line,
        a_client(f"{line.url}/v1/", version="v1", timezone="Europe/Kyiv") as crm,
    ):
        lead = await crm.get_lead(FIRST)
        at = datetime(2026, 3, 4, 15, 20, 11, tzinfo=UTC)
        [result] = await crm.log_calls(
            [{"userID": "1", "leadID": FIRST, "direction": "incoming", "createTimestamp": at}]
        )
        [event] = [event async for event in crm.get_events_by_type(["incomingCall"], lead_id=FIRST)]
        [told] = [event async for event in crm.get_lead_timeline(FIRST, "incomingCall")]

    there = datetime.fromisoformat(lead.raw["createTimestamp"])
    assert lead.created_at == there.replace(tzinfo=UTC)
    assert line.asked[1][1]["objects"][0]["createTimestamp"] == at.astimezone(kyiv).strftime("%Y-%m-%d %H:%M:%S")
    assert result.success
    assert (event.at, event.lead, event.source, told.at, told.id) == (at, FIRST, "incomingCall", at, None)


async def test_what_does_not_answer_is_asked_again_where_that_is_safe():
    simulator = a_simulator(1)
    async with serving(simulator), Line(simulator.url).open() as line, a_client(f"{line.url}/v1.2/") as crm:
        line.mishaps = [Mishap.BROKEN]
        lead = await crm.get_lead(FIRST)
        assert crm.call_count.calls == 1

    assert lead.id == FIRST
    assert line.methods() == ["getLead", "getLead"]


async def test_more_leads_than_the_crm_takes_are_asked_for_their_lists_in_several_calls():
    simulator = a_simulator(101)
    async with serving(simulator), a_client(simulator.api_url) as crm:
        lists = await crm.get_lead_list_memberships([FIRST_ID + 1024 * number for number in range(101)])
        names = {field.name for field in await crm.get_fields()}

    assert len(lists) == 101
    assert {name for some in lists.values() for name in some} == {"Newsletter", "Spring fair", "Customers & friends"}
    assert {"emailAddress", "favorite_color_5a0dd86e6e290"} <= names


async def test_any_other_method_is_called_by_its_name():
    simulator = a_simulator(1)
    async with serving(simulator), a_client(simulator.api_url) as crm:
        result = await crm.call("getLead", {"id": FIRST})

    assert result["lead"][0]["id"] == FIRST


async def test_values_are_written_as_the_crm_takes_them():
    simulator = a_simulator(1)
    at = datetime(2026, 3, 4, 15, 20, tzinfo=ZoneInfo("Europe/Kyiv"))
    interests, contact = "interests__check_all_that_apply__61a0c41b7e9a0", "preferred_contact_time_61a0c3f2b4d5e"
    async with serving(simulator), a_client(simulator.api_url) as crm:
        [result] = await crm.update_leads_v2(
            [
                {
                    "id": FIRST_ID,
                    "active": False,
                    "ownerID": "",
                    "title": None,
                    "website": at.date(),
                    interests: ["a b", "c"],
                    contact: at,
                }
            ]
        )
        lead = await crm.get_lead(FIRST)

    assert result.success
    assert (lead.is_active, lead["ownerID"], lead["title"]) == (False, None, "")
    assert (lead["website"], lead[interests], lead[contact]) == ("2026-03-04", "a b,c", "2026-03-04 13:20:00")


async def test_a_time_without_a_zone_is_not_guessed():
    simulator = a_simulator(1)
    async with serving(simulator), a_client(simulator.api_url) as crm:
        with pytest.raises(ValueError, match="website: give a datetime with a timezone"):
            await crm.update_leads_v2([{"id": FIRST, "website": datetime(2026, 3, 4)}])  # noqa: DTZ001


async def test_calls_are_kept_apart():
    pace, brisk = Pace(1 / 3600), Pace(1000)
    await pace.turn()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(pace.turn(), 0.01)
    for _ in range(3):
        await brisk.turn()


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"secret_key": None}, "must be text"),
        ({"account_id": " "}, "must be text"),
        ({"version": "v1"}, "say which"),
        ({"timezone": "Europe/Kyiv"}, "say which"),
        ({"version": "v2"}, "has the versions"),
        ({"version": "v1", "timezone": "Europe/Kiew"}, "there is no timezone"),
        ({"url": "ftp://crm.example/"}, "must start with https"),
        ({"calls_a_second": 0}, "more than 0"),
    ],
)
async def test_what_cannot_be_meant_is_refused_at_once(settings, text):
    with pytest.raises(ConfigurationError, match=text) as caught:
        async with Client(**{"account_id": ACCOUNT, "secret_key": SECRET, **settings}):
            raise AssertionError
    assert SECRET not in str(caught.value)


async def test_one_that_is_no_list_is_not_taken_for_its_letters():
    simulator = a_simulator(1)
    async with serving(simulator), a_client(simulator.api_url) as crm:
        for given in (
            lambda: crm.delete_leads(FIRST),
            lambda: crm.get_leads(ids=FIRST),
            lambda: crm.get_leads(emails="marta@example.com"),
            lambda: crm.update_leads_v2({"id": FIRST, "title": "Buyer"}),
            lambda: crm.get_lead_list_memberships(FIRST),
        ):
            with pytest.raises(TypeError, match="give a list"):
                await given()
        assert simulator.status()["calls"] == 0


async def test_a_client_works_only_while_it_is_open():
    crm = Client(account_id=ACCOUNT, secret_key=SECRET)
    with pytest.raises(RuntimeError, match="async with"):
        await crm.get_lead(FIRST)


async def test_wrong_keys_are_told_as_such():
    simulator = a_simulator(0)
    async with serving(simulator), a_client(simulator.api_url, secret_key="WRONG") as crm:
        with pytest.raises(CrmKeysRefused, match="check the account id and the secret key"):
            await crm.get_fields()


def test_the_room_is_cheap_to_enter_and_has_what_it_promises():
    script = "import sys, hookrouter.crm; print('aiohttp' in sys.modules, 'hookrouter.crm.client' in sys.modules)"
    entered = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert entered.stdout == "False False\n"
    assert {getattr(hookrouter.crm, name).__name__ for name in hookrouter.crm.__all__} == {*hookrouter.crm.__all__}
    with pytest.raises(AttributeError):
        _ = hookrouter.crm.NoSuchThing
