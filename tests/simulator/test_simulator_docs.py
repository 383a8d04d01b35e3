"""The simulator's page of the documentation names all that there is, and its examples run."""

from __future__ import annotations

import json
import re
import urllib.request
from dataclasses import fields
from pathlib import Path

import pytest

from hookrouter.cli.simulate_crm import command
from hookrouter.simulator.faults import FaultMode
from hookrouter.simulator.quirks import Quirks
from hookrouter.simulator.shapes import Coverage, Labelling, Shape, Transfer
from hookrouter.testing.crm import simulated_crm as running_crm

TEXT = Path(__file__).parents[2].joinpath("docs/simulator.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)

pytest_plugins = ["hookrouter.testing.plugin"]


def test_every_quirk_stands_there_with_how_it_is():
    told = dict(re.findall(r"^\| `(\w+)` \| (\S+) \| .+ \|$", TEXT.split("## Quirks")[1], re.MULTILINE))

    words = {True: "on", False: "off"}
    usual = {each.name: getattr(Quirks(), each.name) for each in fields(Quirks)}
    assert told == {name: words[value] if isinstance(value, bool) else str(value) for name, value in usual.items()}


def test_every_choice_and_option_stands_there():
    named = set(re.findall(r"`([\w-]+)`", TEXT)) | set(re.findall(r"(--[\w-]+)", TEXT))

    choices = {each.value for kind in (Shape, Labelling, Transfer, Coverage, FaultMode) for each in kind}
    told_by_help = {"--config", "--debug", "--host", "--leads", "--account-id", "--secret-key"}
    options = {option for each in command.params for option in each.opts if option.startswith("--")}
    assert choices - named == set()
    assert {
        option for option in options - told_by_help if option not in named and f"--no-{option[2:]}" not in named
    } == set()


def test_the_fixture_is_used_as_shown(simulated_crm):
    made = {}
    exec(EXAMPLES[1], made)

    made["test_what_is_edited_is_what_the_crm_has"](simulated_crm)


def test_the_context_manager_is_used_as_shown(capsys):
    exec(EXAMPLES[2], {})

    assert capsys.readouterr().out == "100\n"


def test_any_client_speaks_to_it_while_a_person_works_there(simulated_crm):
    def call(method, params):
        body = json.dumps({"method": method, "params": params, "id": "r1"}).encode()
        keys = f"?accountID={simulated_crm.account_id}&secretKey={simulated_crm.secret_key}"
        with urllib.request.urlopen(simulated_crm.api_url + keys, body) as answer:
            return json.load(answer)

    lead_id = simulated_crm.create(emailAddress="nora@example.com", firstName="Nora")
    [found] = call("getLead", {"id": lead_id})["result"]["lead"]
    simulated_crm.delete(lead_id)
    simulated_crm.fault("quota", calls=1)
    refused, [gone] = call("getLead", {"id": lead_id}), call("getLead", {"id": lead_id})["result"]["lead"]

    assert found["firstName"] == "Nora"
    assert refused["error"]["code"] == 106
    assert "id" not in gone


def test_what_goes_wrong_there_goes_wrong_here(simulated_crm):
    with pytest.raises(ValueError, match="there is no weather"):
        simulated_crm.turn(weather={})


def test_a_port_is_given_back():
    with running_crm(leads=0) as crm:
        url = crm.url

    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(url)
