"""The shapes of simulated pushes, each as hookrouter reads it."""

from __future__ import annotations

import json

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hookrouter.simulator.lead_fields import CUSTOM_FIELDS
from hookrouter.simulator.leads import FIRST_ID
from hookrouter.simulator.push_body import encode_push
from hookrouter.simulator.pushing import Pushing
from hookrouter.simulator.shapes import UNMIXED, Coverage, Labelling, Shape, Transfer, leads_a_push
from hookrouter.wire.pushes.push_body import Label, read_push_body

FIRST = str(FIRST_ID)
LEADS = [
    {
        "id": FIRST,
        "firstName": "Zoë",
        "title": 'He said "x" & <y>',
        "ownerID": None,
        **dict.fromkeys(CUSTOM_FIELDS, ""),
    },
    {"id": str(FIRST_ID + 1024), "firstName": "", "title": "a\r\nb; name=x", "ownerID": "313499604"},
]


def as_form(lead):
    return {name: value or "" for name, value in lead.items()}


@pytest.mark.parametrize("labelling", list(Labelling))
@pytest.mark.parametrize("shape", UNMIXED)
def test_every_shape_is_read_as_the_leads_that_are_in_it(shape, labelling):
    leads = LEADS[: leads_a_push(shape)]

    body = encode_push(leads, shape, labelling)

    found = read_push_body(body.content, Label(content_type=body.content_type or ""))
    if shape is Shape.FORM_POSTBACK:
        [lead] = found
        assert (lead["id"], lead["title"], lead["leadID"]) == (FIRST, LEADS[0]["title"], FIRST)
        assert len([name for name in lead if name.startswith("field_")]) == len(CUSTOM_FIELDS)
    elif shape in (Shape.FORM, Shape.MULTIPART, Shape.POSTBACK):
        assert found == [as_form(lead) for lead in leads]
    else:
        assert found == leads


@pytest.fixture
def pushed(ask, listening, until):
    """What a listener heard after the first lead's title and owner changed."""

    def run(times=1, **options):
        async def question(wire):
            async with listening() as listener:
                await wire.call("subscribeToLeadUpdates", {"url": listener.url})
                for number in range(times):
                    change = {"id": FIRST, "title": f"Weaver {number}", "ownerID": str(313499604 + number)}
                    await wire.call("updateLeads", {"objects": [change]})

                    async def all_is_said():
                        return (await wire.status())["leads_waiting"] == 0

                    await until(all_is_said)
                return listener.pushes

        return ask(question, pushing=Pushing(batch_delay=0.01, **options))

    return run


def test_mixed_pushes_come_in_every_shape_in_turn(pushed):
    pushes = pushed(times=len(UNMIXED), shape=Shape.MIXED)

    read = [read_push_body(content, Label(content_type=kind or "")) for kind, content in pushes]
    assert [lead["title"] for [lead] in read] == [f"Weaver {number}" for number in range(len(UNMIXED))]
    assert len({kind.partition(";")[0] for kind, _ in pushes}) == 3


@pytest.mark.parametrize(
    ("coverage", "names"),
    [(Coverage.CHANGED, {"id", "title", "ownerID", "updateTimestamp"}), (Coverage.IDS, {"id"})],
)
def test_less_than_the_whole_lead_may_be_pushed(pushed, coverage, names):
    [(_, content)] = pushed(coverage=coverage)

    [lead] = json.loads(content)
    assert set(lead) == names


def test_numbers_may_be_pushed_as_numbers(pushed):
    [(_, content)] = pushed(numbers=True)

    [lead] = json.loads(content)
    assert (lead["id"], lead["ownerID"], lead["active"], type(lead["leadScore"])) == (FIRST_ID, 313499604, 1, int)
    assert isinstance(lead["zipcode"], str)


def test_a_push_may_say_nothing_of_its_content(pushed):
    [(kind, _)] = pushed(labelling=Labelling.NONE)

    assert kind is None


@pytest.mark.parametrize(
    ("transfer", "header"),
    [
        (Transfer.CHUNKED, ("Transfer-Encoding", "chunked")),
        (Transfer.GZIP, ("Content-Encoding", "gzip")),
        (Transfer.EXPECT, ("Expect", "100-continue")),
    ],
)
def test_a_push_may_go_over_the_wire_in_other_ways(ask, until, transfer, header):
    heard = []

    async def hear(request):
        heard.append((request.headers.get(header[0]), json.loads(await request.read())))
        return web.Response()

    async def question(wire):
        application = web.Application()
        application.router.add_post("/hook", hear)
        async with TestServer(application) as server:
            await wire.call("subscribeToLeadUpdates", {"url": str(server.make_url("/hook"))})
            await wire.call("updateLeads", {"objects": [{"id": FIRST, "title": "Weaver"}]})

            async def all_is_said():
                return (await wire.status())["leads_acked"] == 1

            await until(all_is_said)

    ask(question, pushing=Pushing(batch_delay=0.01, transfer=transfer))

    [(said, [lead])] = heard
    assert (said, lead["title"]) == (header[1], "Weaver")
