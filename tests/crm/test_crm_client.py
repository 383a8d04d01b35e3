"""The client against the simulator, over HTTP."""

from __future__ import annotations

import asyncio
import socket
import traceback
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from aiohttp import web

from hookrouter.crm import client as client_module
from hookrouter.crm.client import CrmClient, open_crm_session
from hookrouter.crm.leads import CrmLeadPages, get_changed_leads, get_lead, get_leads, get_leads_by_email
from hookrouter.crm.subscription import subscribe_to_lead_updates
from hookrouter.crm.timeline import CrmHistory, get_lead_timeline
from hookrouter.domain.account_times import IN_UTC, AccountTimes
from hookrouter.domain.errors import ConfigurationError, CrmAway, CrmRefused
from hookrouter.domain.reconciling import Kind, Span
from hookrouter.simulator.allowance import Allowance
from hookrouter.simulator.faults import FaultMode
from hookrouter.simulator.leads import FIRST_ID
from hookrouter.simulator.pushing import Pushing
from hookrouter.simulator.server import Simulator, serving
from hookrouter.wire.crm.envelope import write_results

ACCOUNT, SECRET = "2_0A1B2C3D", "SECRET0KEY0OF0TESTS"
FIRST = str(FIRST_ID)


def a_client(
    session: aiohttp.ClientSession,
    url: str,
    *,
    secret: str = SECRET,
    timeout: float = 10,
    times: AccountTimes = IN_UTC,
) -> CrmClient:
    return CrmClient(url=url, account_id=ACCOUNT, secret_key=secret, session=session, timeout=timeout, times=times)


@asynccontextmanager
async def simulated(leads: int = 3):
    simulator = Simulator(
        account_id=ACCOUNT,
        secret_key=SECRET,
        leads=leads,
        pushing=Pushing(batch_delay=0.01),
        allowance=Allowance(per_second=0),
    )
    async with serving(simulator), open_crm_session() as session:
        yield simulator, session


def ask(question, leads: int = 3):
    """The answer of one question to a client of a fresh simulator."""

    async def main():
        async with simulated(leads) as (simulator, session):
            return await question(a_client(session, simulator.api_url))

    return asyncio.run(main())


async def error_of(call) -> Exception:
    with pytest.raises((CrmAway, CrmRefused)) as caught:
        await call
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert SECRET not in shown
    assert "127.0.0.1" not in shown
    return caught.value


@pytest.mark.parametrize("path", ["/pubapi/v1", "/pubapi/v1/", "/pubapi/v1.2", "/pubapi/v1.2/"])
def test_the_api_answers_with_and_without_its_last_slash(path):
    async def main():
        async with simulated() as (simulator, session):
            return await get_lead(a_client(session, simulator.url + path), FIRST)

    assert asyncio.run(main())["id"] == FIRST


def test_a_lead_that_the_crm_does_not_know_is_none():
    assert ask(lambda client: get_lead(client, "12345")) is None


def test_leads_are_read_in_chunks_and_unknown_ids_are_left_out():
    ids = [str(FIRST_ID + number * 1024) for number in range(600)]

    leads = ask(lambda client: get_leads(client, [*ids, ids[0], "999"]), leads=600)

    assert [lead["id"] for lead in leads] == ids


def test_no_ids_make_no_call():
    assert ask(lambda client: get_leads(client, [])) == []


def test_all_leads_are_read_page_by_page():
    async def pages(client):
        return [len(await CrmLeadPages(client).page(offset)) for offset in (0, 500, 1000)]

    assert ask(pages, leads=501) == [500, 1, 0]


def test_a_lead_is_found_by_its_address_in_any_case():
    async def find(client):
        address = (await get_lead(client, FIRST))["emailAddress"]
        return await get_leads_by_email(client, [address.swapcase()])

    assert [lead["id"] for lead in ask(find)] == [FIRST]


def test_what_an_account_of_the_old_version_tells_is_read_in_its_timezone():
    async def main():
        async with simulated() as (simulator, session):
            simulator.dials.turn({"quirks": {"zone": "Europe/Kyiv"}})
            in_utc = a_client(session, simulator.url + "/pubapi/v1.2")
            of_kyiv = a_client(
                session, simulator.url + "/pubapi/v1", times=AccountTimes(timezone=ZoneInfo("Europe/Kyiv"))
            )
            return [
                (
                    (await get_lead(client, FIRST))["createTimestamp"],
                    (await CrmLeadPages(client).page(0))[0]["createTimestamp"],
                    (await CrmHistory(client).timeline(FIRST, "leadCreation"))[0]["createTimestamp"],
                )
                for client in (in_utc, of_kyiv)
            ]

    of_the_new_version, understood = asyncio.run(main())

    assert understood == of_the_new_version


def test_only_what_changed_in_the_span_is_read():
    async def main():
        async with simulated() as (simulator, session):
            client = a_client(session, simulator.api_url)
            updates = await client.call("updateLeads", {"objects": [{"id": FIRST, "title": "Weaver of tests"}]})
            now = datetime.now(UTC)
            changed = await get_changed_leads(
                client, Kind.UPDATE, Span(now - timedelta(seconds=50), now + timedelta(seconds=5)), 0
            )
            return [each.success for each in write_results(updates)], [lead["title"] for lead in changed]

    assert asyncio.run(main()) == ([True], ["Weaver of tests"])


def test_a_timeline_is_read_whole_or_by_source():
    async def main(client):
        whole = await get_lead_timeline(client, FIRST, None)
        imports = await CrmHistory(client).timeline(FIRST, "leadCreation")
        rest = await CrmHistory(client).timeline(FIRST, None, offset=1)
        return whole, imports, rest

    whole, imports, rest = ask(main)

    assert imports == [event for event in whole if event["eventSource"] == "leadCreation"]
    assert len(whole) > 1
    assert rest == whole[1:]


def test_an_unknown_event_source_is_refused_with_its_code():
    error = ask(lambda client: error_of(get_lead_timeline(client, FIRST, "moonPhase")))

    assert isinstance(error, CrmRefused)
    assert error.code == 219


def test_a_subscription_is_told_to_have_begun():
    assert ask(lambda client: subscribe_to_lead_updates(client, "http://127.0.0.1:9/hook")) is True


def test_a_wrong_secret_tells_what_to_check():
    async def main():
        async with simulated() as (simulator, session):
            wrong = a_client(session, simulator.api_url, secret="WRONG" + SECRET)
            return await error_of(get_lead(wrong, FIRST))

    error = asyncio.run(main())

    assert isinstance(error, CrmRefused)
    assert error.code == 105
    assert "secret key" in str(error)


@pytest.mark.parametrize("mode", [FaultMode.HTML_503, FaultMode.HTML_200, FaultMode.THROTTLED, FaultMode.QUOTA])
def test_a_crm_in_trouble_is_away(mode):
    async def main():
        async with simulated() as (simulator, session):
            simulator.faults.switch(mode)
            return await error_of(get_lead(a_client(session, simulator.api_url), FIRST))

    assert isinstance(asyncio.run(main()), CrmAway)


def test_a_slow_crm_is_away_when_the_time_is_up():
    async def main():
        async with simulated() as (simulator, session):
            simulator.faults.switch(FaultMode.SLOW, 60)
            return await error_of(get_lead(a_client(session, simulator.api_url, timeout=0.05), FIRST))

    assert "in time" in str(asyncio.run(main()))


def test_a_crm_that_does_not_listen_is_away():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/pubapi/v1/"

        async def main():
            async with open_crm_session() as session:
                return await error_of(get_lead(a_client(session, url), FIRST))

        assert "cannot be reached" in str(asyncio.run(main()))


def answered_by(answer):
    """The error that a client meets at a server of one answer."""

    async def main():
        application = web.Application()
        application.router.add_post("/", answer)
        runner = web.AppRunner(application)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
            async with open_crm_session() as session:
                return await error_of(get_lead(a_client(session, url), FIRST))
        finally:
            await runner.cleanup()

    return asyncio.run(main())


def test_a_redirect_is_not_followed():
    async def redirect(request):
        raise web.HTTPTemporaryRedirect(str(request.url))

    assert "HTTP 307" in str(answered_by(redirect))


def test_an_answer_without_end_is_cut_off(monkeypatch):
    monkeypatch.setattr(client_module, "LARGEST_ANSWER", 1000)

    async def flood(_request):
        return web.Response(body=b"x" * 100_000)

    assert "larger than" in str(answered_by(flood))


def test_a_connection_that_breaks_off_is_away():
    async def break_off(request):
        request.transport.close()
        return web.Response()

    assert isinstance(answered_by(break_off), CrmAway)


@pytest.mark.parametrize("url", ["", "api.sharpspring.com/pubapi", "ftp://crm.example/", "http://crm.example:port/"])
def test_a_url_that_is_none_is_refused_at_once(url):
    async def main():
        async with open_crm_session() as session:
            a_client(session, url)

    with pytest.raises(ConfigurationError, match=r"crm\.url"):
        asyncio.run(main())
