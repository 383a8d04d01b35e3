"""`hookrouter explain` of what is stored: pushes and leads as they came, on a real server."""

from __future__ import annotations

import pytest
from cli_support import CONFIGURATION, KEY, Shell
from redis import Redis
from routed_support import Router

CROSSED = CONFIGURATION.replace("{leadScore: {gte: 80}}", "{crossed: {leadScore: {above: 80}}}")
LEAD = {"id": "7", "firstName": "Ada", "leadScore": "40", "emailAddress": "ada@acme.example"}


@pytest.fixture
def router(shell_at_work: Shell) -> Router:
    shell_at_work.configure(CROSSED)
    return Router(shell_at_work)


def test_a_push_is_judged_by_how_its_leads_were_when_it_came(shell_at_work: Shell, router: Router) -> None:
    router.push(LEAD)
    jump = router.push({**LEAD, "leadScore": "91"}, {"id": "8", "leadScore": "12"})
    router.push({**LEAD, "leadScore": "95"})

    ended = shell_at_work.run("explain", "--push", jump, "--json")

    assert (ended.code, ended.err) == (0, "")
    known, new = ended.json["leads"]
    assert (known["push"], known["source"], known["changed"], known["routes"][0]["matched"]) == (
        jump,
        "crm",
        ["leadScore"],
        True,
    )
    assert known["deliveries"][1]["content"]["body"]["data"]["previous"] == {"leadScore": "40"}
    assert known["deliveries"][1]["content"]["body"]["timestamp"] == known["at"].replace("+00:00", "Z")
    assert (new["lead"], new["event"], new["routes"][0]["failed"]) == (
        "8",
        "updated",
        "crossed leadScore above 80 (no earlier state known)",
    )
    assert "doubt" not in known | new


def test_what_a_partial_push_left_out_stands_as_it_stood(shell_at_work: Shell, router: Router) -> None:
    router.push({**LEAD, "leadStatus": "customer"})
    partial = router.push({"id": "7", "leadScore": "91"})
    router.push({"id": "7", "leadStatus": "open"})

    [told] = shell_at_work.run("explain", "--push", partial, "--json").json["leads"]

    assert [route["matched"] for route in told["routes"]] == [True, True]


@pytest.mark.parametrize("name", ["7", "ada@acme.example", "ADA@acme.example"])
def test_a_lead_is_found_with_its_last_change(shell_at_work: Shell, router: Router, name: str) -> None:
    router.push(LEAD)
    jump = router.push({**LEAD, "leadScore": "91"})
    router.push({**LEAD, "leadScore": "91"}, {"id": "9"})

    [told] = shell_at_work.run("explain", "--lead", name, "--json").json["leads"]

    assert (told["lead"], told["push"], told["event"], told["changed"]) == ("7", jump, "updated", ["leadScore"])


def test_a_lead_without_an_id_is_found_by_its_address(shell_at_work: Shell, router: Router) -> None:
    router.push({"emailAddress": "Ada@acme.example", "leadScore": 12})

    [told] = shell_at_work.run("explain", "--lead", "ada@acme.example", "--json").json["leads"]

    assert told["lead"] == "email:ada@acme.example"


def test_one_lead_of_a_push_may_be_chosen(shell_at_work: Shell, router: Router) -> None:
    push = router.push(LEAD, {"id": "8"})

    [told] = shell_at_work.run("explain", "--push", push, "--lead", "8", "--json").json["leads"]
    other = shell_at_work.run("explain", "--push", push, "--lead", "9")

    assert told["lead"] == "8"
    assert (other.code, other.err) == (1, f"there is no lead 9 in {push}\n")


def test_people_read_where_it_comes_from(shell_at_work: Shell, router: Router) -> None:
    router.push(LEAD)
    push = router.push({**LEAD, "leadScore": "91"})

    lines = shell_at_work.run("explain", "--lead", "7").out.splitlines()

    assert lines[0] == "lead 7 is updated (leadScore)"
    assert lines[1].startswith("  pushed by crm at ")
    assert lines[1].endswith(f" UTC in {push}")
    assert lines[2] == "  ✓ hot-lead → log, billing"


def test_what_is_not_known_is_said(shell_at_work: Shell, router: Router) -> None:
    waiting = router.push(LEAD, is_routed=False)

    [told] = shell_at_work.run("explain", "--push", waiting, "--json").json["leads"]

    assert told["doubt"].startswith("how it was before is not known: the push was not routed yet")
    assert told["changed"] == []


def test_a_lead_whose_push_is_gone_is_shown_as_it_is_and_said_to_be(shell_at_work: Shell, router: Router) -> None:
    push = router.push(LEAD)
    shell_at_work.configure(CROSSED.replace("crossed: {leadScore: {above: 80}}", "firstName: Ada"))
    forget(router, push)

    [told] = shell_at_work.run("explain", "--lead", "7", "--json").json["leads"]

    assert told["doubt"] == "how it was before is not known: no push that is kept has changed it"
    assert told["routes"][0]["matched"]


def forget(router: Router, push: str) -> None:
    """As if its retention were over."""
    environment = router.shell.environment
    with Redis.from_url(environment["HOOKROUTER_REDIS_URL"]) as server:
        assert server.delete(f"{environment['HOOKROUTER_KEY_PREFIX']}:push:{push}") == 1


def test_a_lead_that_is_read_back_is_judged_as_it_was_completed_or_said_not_to_be(
    shell_at_work: Shell, router: Router
) -> None:
    push = router.push({"id": "7", "leadScore": "91"})
    shell_at_work.configure(f"{CROSSED}crm: {{account_id: a, secret_key: {KEY}}}\n")

    [last] = shell_at_work.run("explain", "--push", push, "--json").json["leads"]
    shell_at_work.configure(CROSSED)
    router.push({"id": "7", "leadScore": "92"})
    shell_at_work.configure(f"{CROSSED}crm: {{account_id: a, secret_key: {KEY}}}\n")
    [earlier] = shell_at_work.run("explain", "--push", push, "--json").json["leads"]

    assert "doubt" not in last
    assert earlier["doubt"].startswith("judged by what was pushed: it was read back from the CRM")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "say whom: --lead FILE, --lead ID or --push ID"),
        (("--lead", "4711"), 1, "nothing is stored of a lead 4711, and there is no such file"),
        (("--lead", "nobody@acme.example"), 1, "nothing is stored of a lead nobody@acme.example"),
        (("--push", "p_none"), 1, "there is no push p_none; `hookrouter pushes list` shows those there are"),
        (("--lead", "7", "--previous", "hookrouter.yaml"), 2, "--previous belongs to a FILE"),
        (("--lead", "7", "--source", "none"), 2, "there is no source none"),
    ],
)
def test_what_cannot_be_told_is_one_clear_line(
    shell_at_work: Shell, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ended = shell_at_work.run("explain", *arguments)

    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err
