"""The examples of what messages say make what they are said to make."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from house_support import ROOT

from hookrouter.crm.lead_page import lead_page
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.wire.messages.people_filters import PEOPLE_FILTERS
from hookrouter.wire.messages.template import NAMES, Template, template_context

TEXT = (ROOT / "docs/messages.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^(.*?\S) +⇒  (.*)$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("template", "text"), EXAMPLES, ids=[template for template, _ in EXAMPLES])
def test_an_example_makes_what_it_says(template: str, text: str) -> None:
    [scene] = re.findall(r"^```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    told = json.loads(scene)
    lead = a_lead(**told["lead"])
    change = a_change(
        lead=replace(lead, fields=told["lead"]), changed=tuple(told["changed"]), previous=told["previous"]
    )
    delivery = a_delivery(
        change=change, route="new-customer", timeline=tuple(told["timeline"]), lists=tuple(told["lists"])
    )

    made = Template(template).render(template_context(delivery, lead_page))

    assert made.strip() == text


def test_every_name_and_every_filter_for_people_has_its_row() -> None:
    rows = {name for row in re.findall(r"^\| (`[^|]+) \|", TEXT, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}

    assert rows == {*NAMES, *PEOPLE_FILTERS}
    assert len(EXAMPLES) > len(PEOPLE_FILTERS)
