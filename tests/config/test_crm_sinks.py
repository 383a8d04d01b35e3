"""Sinks that write to the CRM, as `check` judges them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hookrouter.config.load import check_config
from hookrouter.sinks.registry import load_sink_types

CRM = "crm: {account_id: 2_0A1B2C3D, secret_key: a-secret-of-this-test}\n"


def judge(folder: Path, sink: str, *, crm: str = CRM, target: str = "book") -> tuple[list[str], list[str]]:
    """What is wrong, and what is doubtful."""
    text = f"""\
version: 1
receiver: {{sources: {{crm: {{token: of-the-crm-in-this-test}}}}}}
{crm}sinks:
  book: {{type: crm, {sink}}}
routes: [{{name: all, to: [{target}]}}]
"""
    path = folder / "hookrouter.yaml"
    path.write_text(text)
    schemas = {name: kind.schema for name, kind in load_sink_types().items()}
    report = check_config(path, {}, schemas)
    told = tuple(
        [f"{each.position.line}:{each.position.column}: {each.message}" for each in found if each.position]
        for found in (report.faults, report.warnings)
    )
    return told[0], [text for text in told[1] if "secret" not in text]


@pytest.mark.parametrize(
    "sink",
    [
        "action: update, fields: {ownerID: '{{ lead.wanted_owner }}', active: false, campaignID: null, leadScore: 5}",
        "action: create",
        "action: create, fields: {firstName: '{{ lead.firstName }}', favorite_color_5a0dd86e6e290: blue}",
        "action: delete, loop: {rounds: 2, within: 10m}",
        "action: log_call, fields: {userID: 1, direction: incoming, callNotes: '{{ event }}'}",
    ],
)
def test_sinks_that_are_sound(tmp_path: Path, sink: str) -> None:
    assert judge(tmp_path, sink) == ([], [])


@pytest.mark.parametrize(
    ("sink", "said"),
    [
        ("action: upsert, fields: {title: x}", "give update, create, delete or log_call"),
        ("fields: {title: x}", "`action` is missing"),
        ("action: update", "`fields` is missing: what `update` writes"),
        ("action: update, fields: {}", "`fields` is empty: give 1 to 200 entries"),
        ("action: update, fields: {id: 7}", "`id` is the CRM's to give"),
        ("action: update, fields: {title: [a, b]}", "a text, a number, true, false or null is needed here"),
        ("action: update, fields: {title: '{{ leed.title }}'}", "the template speaks of `leed` (did you mean lead?)"),
        ("action: update, fields: {title: '{{ lead.title'}", "line 1 of the template"),
        ("action: delete, fields: {title: x}", "`fields` is for what is written: `delete` writes nothing"),
        ("action: log_call, fields: {userID: 1}", "a call needs `direction`"),
        ("action: log_call, fields: {userID: 1, direction: incoming, callNote: x}", "(did you mean callNotes?)"),
        ("action: delete, concurrency: 501", "give a whole number from 1 to 500"),
    ],
)
def test_sinks_that_are_refused(tmp_path: Path, sink: str, said: str) -> None:
    faults, _ = judge(tmp_path, sink)

    assert len(faults) == 1
    assert said in faults[0]


def test_without_the_section_crm_there_is_nothing_to_write_to(tmp_path: Path) -> None:
    faults, _ = judge(tmp_path, "action: delete", crm="")

    assert faults == ["4:16: a sink that writes to the CRM needs the section `crm`"]


def test_names_of_fields_that_no_lead_has_are_doubted_where_they_stand(tmp_path: Path) -> None:
    target = "{sink: book, fields: {companyNme: x}}"
    _, doubts = judge(
        tmp_path, "action: update, fields: {leadStaus: open, title: '{{ lead.frstName }}'}", target=target
    )

    assert sorted(doubts) == sorted(
        [
            "5:46: the CRM has no field `leadStaus` of its own (did you mean leadStatus?)",
            "5:70: the CRM has no field `frstName` of its own (did you mean firstName?)",
            "6:49: the CRM has no field `companyNme` of its own (did you mean companyName?)",
        ]
    )
