"""The simulated CRM's rules for leads."""

from __future__ import annotations

import re

import pytest

from hookrouter.domain.crm_fields import SYSTEM_FIELDS
from hookrouter.simulator.lead_fields import CUSTOM_FIELDS
from hookrouter.simulator.leads import FIRST_ID
from hookrouter.simulator.world import LISTS

FIRST, SECOND, THIRD = (str(FIRST_ID + number * 1024) for number in range(3))
UNKNOWN = "999999"


def outcome(envelope):
    """Each object's error code, None for success."""
    (results,) = envelope["result"].values()
    codes = [None if each["success"] else each["error"]["code"] for each in results]
    assert envelope["error"] == [each["error"] for each in results if not each["success"]]
    return codes


def test_a_lead_has_the_fields_of_a_live_answer_in_their_order(ask):
    lead = ask(lambda wire: wire.lead(FIRST))

    assert list(lead) == [*SYSTEM_FIELDS, *CUSTOM_FIELDS]
    assert len(SYSTEM_FIELDS) == 35
    assert {type(value) for value in lead.values()} <= {str, type(None)}
    assert re.fullmatch(r"[\w.]+@example\.(com|org|net)", lead["emailAddress"], re.IGNORECASE)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", lead["createTimestamp"])


def test_the_same_seed_makes_the_same_people(ask):
    async def names(wire):
        return [lead["emailAddress"] for lead in (await wire.call("getLeads", {"where": {}}))["lead"]]

    assert ask(names, leads=30, seed=7) == ask(names, leads=30, seed=7)
    assert ask(names, leads=30, seed=7) != ask(names, leads=30, seed=8)


def test_no_two_leads_share_an_address(ask):
    async def addresses(wire):
        return [lead["emailAddress"].lower() for lead in (await wire.call("getLeads", {"where": []}))["lead"]]

    found = ask(addresses, leads=500)

    assert len(set(found)) == 500


def test_create_gives_numbers_and_read_gives_text(ask):
    async def question(wire):
        created = await wire.call("createLeads", {"objects": [{"emailAddress": "New@example.com", "leadStatus": ""}]})
        lead = await wire.lead(created["creates"][0]["id"])
        return created["creates"], lead

    creates, lead = ask(question)

    assert creates == [{"success": True, "error": None, "id": FIRST_ID + 3 * 1024}]
    assert lead["id"] == str(FIRST_ID + 3 * 1024)
    assert lead["leadStatus"] == "unqualified"
    assert lead["firstName"] is None
    assert lead["favorite_color_5a0dd86e6e290"] == ""


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param({"emailAddress": "new@example.com"}, None, id="new"),
        pytest.param({"emailAddress": "not an address"}, None, id="no syntax is checked"),
        pytest.param({"emailAddress": "KNOWN@example.com"}, 301, id="known in another case"),
        pytest.param({"firstName": "Marta"}, 205, id="no address"),
        pytest.param({"emailAddress": "new@example.com", "firstName": None}, 205, id="null"),
        pytest.param({"emailAddress": "new@example.com", "ownerID": ""}, 205, id="an empty id"),
        pytest.param({"emailAddress": "new@example.com", "leadStatus": "hot"}, 217, id="unknown status"),
        pytest.param({"emailAddress": "new@example.com", "title": ["a"]}, 210, id="a list"),
        pytest.param("new@example.com", 208, id="no object"),
    ],
)
def test_create_leads(ask, given, code):
    async def question(wire):
        await wire.call("createLeads", {"objects": [{"emailAddress": "known@example.com"}]})
        return outcome(await wire.envelope("createLeads", {"objects": [given, {"emailAddress": "other@example.com"}]}))

    assert ask(question) == [code, None]


UPDATES = [
    pytest.param({"id": FIRST, "title": "Buyer"}, (None, None), True, id="known id"),
    pytest.param({"id": int(FIRST), "title": "Buyer"}, (None, None), True, id="known id as a number"),
    pytest.param({"emailAddress": "FIRST@example.com", "title": "Buyer"}, (None, None), True, id="known address"),
    pytest.param({"id": FIRST, "emailAddress": "moved@example.com"}, (None, None), False, id="known id, new address"),
    pytest.param({"id": UNKNOWN, "title": "Buyer"}, (None, 404), False, id="unknown id"),
    pytest.param(
        {"id": UNKNOWN, "emailAddress": "FIRST@example.com"}, (None, 404), False, id="unknown id, known address"
    ),
    pytest.param({"emailAddress": "no@example.com", "title": "Buyer"}, (None, 404), False, id="unknown address"),
    pytest.param({"title": "Buyer"}, (None, 404), False, id="neither"),
    pytest.param({"id": FIRST, "city": "Ulm"}, (302, 302), False, id="nothing differs"),
    pytest.param({"id": FIRST, "faxNumber": ""}, (302, 302), False, id="null and nothing are the same"),
    pytest.param({"id": FIRST, "firstName": None}, (205, 205), False, id="null"),
    pytest.param({"id": FIRST, "ownerID": None, "title": "Buyer"}, (None, None), True, id="null into an id"),
    pytest.param({"id": "", "title": "Buyer"}, (205, 205), False, id="empty id"),
    pytest.param(
        {"id": FIRST, "emailAddress": "second@example.com", "title": "Buyer"}, (None, None), False, id="clash"
    ),
]


@pytest.mark.parametrize(("given", "codes", "titled"), UPDATES)
@pytest.mark.parametrize("strict", [False, True], ids=["updateLeads", "updateLeadsV2"])
def test_update_leads(ask, given, codes, titled, strict):
    async def question(wire):
        prepared = [
            {"id": FIRST, "emailAddress": "first@example.com", "city": "Ulm", "title": "", "ownerID": "313499604"},
            {"id": SECOND, "emailAddress": "second@example.com"},
        ]
        await wire.call("updateLeads", {"objects": prepared})
        told = outcome(await wire.envelope("updateLeadsV2" if strict else "updateLeads", {"objects": [given]}))
        return told, (await wire.lead(FIRST))["title"]

    told, title = ask(question)

    assert told == [codes[strict]]
    assert title == ("Buyer" if titled else "")


def test_an_address_that_was_given_up_is_free_again(ask):
    async def question(wire):
        old = (await wire.lead(FIRST))["emailAddress"]
        await wire.call("updateLeads", {"objects": [{"id": FIRST, "emailAddress": "moved@example.com"}]})
        return outcome(await wire.envelope("createLeads", {"objects": [{"emailAddress": old}]}))

    assert ask(question) == [None]


def test_the_status_of_a_contact_with_an_opportunity_stays(ask):
    async def question(wire):
        await wire.call("updateLeads", {"objects": [{"id": FIRST, "leadStatus": "contactWithOpp"}]})
        codes = outcome(await wire.envelope("updateLeads", {"objects": [{"id": FIRST, "leadStatus": "open"}]}))
        return codes, (await wire.lead(FIRST))["leadStatus"]

    assert ask(question) == ([None], "contactWithOpp")


def test_the_flags_follow_the_status(ask):
    async def question(wire):
        await wire.envelope("updateLeads", {"objects": [{"id": FIRST, "leadStatus": "open"}]})
        await wire.call("updateLeads", {"objects": [{"id": FIRST, "leadStatus": "qualified"}]})
        lead = await wire.lead(FIRST)
        return lead["isQualified"], lead["isContact"], lead["isCustomer"]

    assert ask(question) == ("1", "0", "0")


def test_a_deleted_lead_leaves_no_trace(ask):
    async def question(wire):
        objects = [{"id": int(FIRST)}, {"id": FIRST}, FIRST]
        codes = outcome(await wire.envelope("deleteLeads", {"objects": objects}))
        return codes, [lead["id"] for lead in (await wire.call("getLeads", {"where": {}}))["lead"]]

    assert ask(question) == ([None, 302, 208], [SECOND, THIRD])


def test_an_unknown_lead_is_an_object_without_an_id(ask):
    lead = ask(lambda wire: wire.lead(UNKNOWN))

    assert lead["leadStatus"] == "open"
    assert "id" not in lead


def test_an_inactive_lead_is_found_by_its_id_alone(ask):
    async def question(wire):
        await wire.call("updateLeads", {"objects": [{"id": FIRST, "active": "0"}]})
        named = (await wire.call("getLeads", {"where": {"id": [SECOND, FIRST]}}))["lead"]
        listed = (await wire.call("getLeads", {"where": {}}))["lead"]
        span = {"startDate": "2000-01-01", "endDate": "2999-12-31", "timestamp": "update"}
        changed = (await wire.call("getLeadsDateRange", span))["lead"]
        return [len(named), len(listed), len(changed)]

    assert ask(question) == [2, 2, 2]


@pytest.mark.parametrize(
    ("method", "rows"), [("getLeads", 500), ("getLeadsDateRange", 501)], ids=["silently capped", "raised"]
)
def test_asking_for_more_than_a_page(ask, method, rows):
    span = {"startDate": "2000-01-01", "endDate": "2999-12-31", "timestamp": "create"}
    params = {"where": {}, "limit": "10000", "offset": 0, "fields": ["id"], **span}

    leads = ask(lambda wire: wire.call(method, params), leads=501)["lead"]

    assert len(leads) == rows
    assert leads[0] == {"id": FIRST}


def test_ids_win_over_addresses_and_lists_over_single_values(ask):
    async def question(wire):
        second = (await wire.lead(SECOND))["emailAddress"]
        both = await wire.call("getLeads", {"where": {"id": [FIRST], "emailAddress": [second]}})
        mixed = await wire.call("getLeads", {"where": {"id": FIRST, "emailAddress": [second.upper()]}})
        return both["lead"][0]["id"], mixed["lead"][0]["id"]

    assert ask(question) == (FIRST, SECOND)


def test_fields_are_described(ask):
    fields = ask(lambda wire: wire.call("getFields", {"where": {}}))["field"]

    assert [field["systemName"] for field in fields if field["isCustom"] == "1"] == list(CUSTOM_FIELDS)


def test_memberships_are_told_for_known_leads_only(ask):
    found = ask(lambda wire: wire.call("getLeadListMemberships", {"memberIDs": [FIRST, SECOND, THIRD, UNKNOWN]}))

    members = {each["memberID"] for each in found["getWhereIns"]}
    assert members
    assert members <= {FIRST, SECOND, THIRD}
    assert {each["listID"]: each["listName"] for each in found["getWhereIns"]}.items() <= LISTS.items()
