"""The lists that leads are on, in whatever shape the CRM tells them."""

from __future__ import annotations

from typing import Any

import pytest

from hookrouter.crm.memberships import CrmMemberships
from hookrouter.domain.errors import CrmAway


class Told:
    """A client whose one answer is given."""

    def __init__(self, result: dict[str, Any]) -> None:
        self.result = result
        self.asked: list[tuple[str, Any]] = []

    async def call(self, method: str, params: Any) -> dict[str, Any]:
        self.asked.append((method, params))
        return self.result


async def lists_of(result: dict[str, Any], *leads: str) -> Any:
    return await CrmMemberships(Told(result)).lists_of(leads)  # type: ignore[arg-type]  # answers, and no more


@pytest.mark.parametrize(
    "elements",
    [
        [{"memberID": "1", "listName": "A"}, {"memberID": "2", "listName": "B"}, {"memberID": "1", "listName": "C"}],
        [{"memberID": 1, "listID": "A"}, {"memberID": 2, "listID": "B"}, {"memberID": 1, "listID": "C"}],
        [{"leadID": "1", "name": "A"}, {"leadID": "2", "name": "B"}, {"leadID": "1", "name": "C"}],
        {"1": ["A", "C"], "2": "B"},
        {"1": [{"listName": "A"}, {"name": "C"}], "2": {"listID": "B"}},
        [
            *({"memberID": "1", "listID": each, "isRemoved": "0"} for each in "AC"),
            {"memberID": "1", "listID": "D", "isRemoved": "1"},
            {"memberID": "2", "listID": "B"},
            {"memberID": "9", "listID": "B"},
        ],
    ],
    ids=["names", "ids as numbers", "other keys", "a map", "a map of objects", "removed, and unasked for"],
)
async def test_each_lead_gets_its_lists(elements: Any) -> None:
    assert await lists_of({"getWhereIns": elements}, "1", "2", "3") == {"1": ["A", "C"], "2": ["B"], "3": []}


@pytest.mark.parametrize("elements", [["A", 7], [{"listName": "A"}, {"listID": 7}]], ids=["bare", "objects"])
async def test_what_names_no_lead_is_of_the_only_one_asked_for(elements: Any) -> None:
    assert await lists_of({"getWhereIns": elements}, "1") == {"1": ["A", "7"]}
    with pytest.raises(CrmAway, match="whose lists"):
        await lists_of({"getWhereIns": elements}, "1", "2")


@pytest.mark.parametrize("result", [{}, {"getWhereIns": []}, {"getWhereIns": {}}, {"getWhereIns": None}])
async def test_nobody_is_on_a_list(result: dict[str, Any]) -> None:
    assert await lists_of(result, "1") == {"1": []}


async def test_an_answer_of_another_kind_is_asked_for_again() -> None:
    with pytest.raises(CrmAway, match="no memberships"):
        await lists_of({"lead": []}, "1")
