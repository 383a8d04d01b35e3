"""The secret key, which travels in the URL, is in no error, no chain of errors, no repr and no log."""

from __future__ import annotations

import asyncio
import logging
import socket
import traceback
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from crm_line import SECRET, a_client

from hookrouter.crm import Client, CrmAway, CrmRefused
from hookrouter.crm.client import open_crm_session

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def break_off(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def half_an_answer(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": "1000"})
    await answer.prepare(request)
    await answer.write(b'{"result"')
    assert request.transport is not None
    request.transport.close()
    return answer


async def hang(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    raise AssertionError


async def redirect(request: web.Request) -> web.StreamResponse:
    raise web.HTTPTemporaryRedirect(str(request.url))


async def echo(request: web.Request) -> web.StreamResponse:
    return web.Response(text=f"<html>no such page: {request.url}</html>")


async def flood(_request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"x" * (33 * 1024 * 1024))


async def refuse(request: web.Request) -> web.StreamResponse:
    error = {"code": 205, "message": f"bad value in {request.url}", "data": [str(request.url)]}
    return web.json_response({"result": [], "error": error, "id": ""})


async def not_gzip(_request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"no gzip at all", headers={"Content-Encoding": "gzip"})


@asynccontextmanager
async def answering(handler: Handler):
    application = web.Application()
    application.router.add_post("/", handler)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def fault_of(url: str) -> Exception:
    async with open_crm_session() as session:
        client = a_client(session, url, timeout=0.5)
        with pytest.raises((CrmAway, CrmRefused)) as caught:
            await client.call("createLeads", {"objects": [{"emailAddress": "marta.quill@example.com"}]})
        return caught.value


def everything_told(fault: BaseException) -> str:
    """All that a diligent reporter of errors could show: the whole chain, suppressed or not, with all locals."""
    told, link = "", fault
    while link is not None:
        told += repr(link) + repr(vars(link))
        shown = traceback.TracebackException.from_exception(link, capture_locals=True)
        # The frames of this test know the key.
        shown.stack = traceback.StackSummary.from_list([each for each in shown.stack if "/tests/" not in each.filename])
        told += "".join(shown.format())
        link = link.__cause__ or link.__context__
    return told


@pytest.mark.parametrize(
    "handler",
    [break_off, half_an_answer, hang, redirect, echo, flood, refuse, not_gzip],
    ids=lambda each: each.__name__,
)
async def test_no_error_shows_the_key(handler: Handler, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with answering(handler) as url:
        told = everything_told(await fault_of(url))

    assert "createLeads" in told
    assert SECRET not in told
    assert SECRET not in caplog.text


@pytest.mark.parametrize("url", ["http://{}/", "https://{}/"])
async def test_no_error_of_a_crm_that_cannot_be_reached_shows_the_key(url: str) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        told = everything_told(await fault_of(url.format(f"127.0.0.1:{bound.getsockname()[1]}")))

    assert "ClientConnectorError" in told
    assert SECRET not in told


async def test_no_error_of_a_crm_without_a_sound_certificate_shows_the_key() -> None:
    async with answering(echo) as url:
        told = everything_told(await fault_of(url.replace("http:", "https:")))

    assert SECRET not in told


async def test_no_repr_shows_the_key() -> None:
    async with Client(account_id="a", secret_key=SECRET) as crm, aiohttp.ClientSession() as session:
        assert SECRET not in f"{crm!r} {crm} {a_client(session, 'http://127.0.0.1:9/')!r}"
