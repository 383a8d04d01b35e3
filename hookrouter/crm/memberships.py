"""The lists that leads are on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hookrouter.crm.client import CrmClient
from hookrouter.domain.errors import CrmAway
from hookrouter.domain.lead import text_of
from hookrouter.domain.pieces import pieces
from hookrouter.ports.crm import MOST_MEMBERS

METHOD = "getLeadListMemberships"
RESULT_KEYS = ("getWhereIns", "listMember", METHOD)
MEMBER_KEYS = ("memberID", "leadID", "whoID")
NAME_KEYS = ("listName", "name", "listID", "id")
"""Nobody outside the vendor has seen an element (crm-api 3.10): its name, or else its id, stands under one of these."""


async def lists_of_all(client: CrmClient, leads: Sequence[str]) -> dict[str, list[str]]:
    """The names of the lists of each lead, however many leads."""
    wanted = list(dict.fromkeys(leads))
    lists: dict[str, list[str]] = {}
    for some in pieces(wanted, MOST_MEMBERS):
        told = await CrmMemberships(client).lists_of(some)
        lists |= {lead: list(names) for lead, names in told.items()}
    return lists


class CrmMemberships:
    """The port `Memberships`, spoken by the CRM."""

    def __init__(self, client: CrmClient) -> None:
        self._client = client

    async def lists_of(self, leads: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """The names of the lists of each of up to 100 leads, in the CRM's order."""
        result = await self._client.call(METHOD, {"memberIDs": list(leads)})
        lists: dict[str, dict[str, None]] = {lead: {} for lead in leads}
        for lead, name in _pairs(_elements(result), leads):
            if lead in lists and name:
                lists[lead][name] = None
        return {lead: list(names) for lead, names in lists.items()}


def _elements(result: Mapping[str, Any]) -> Any:
    found = next((result[key] or [] for key in RESULT_KEYS if key in result), None)
    if found is None and result:
        raise CrmAway(f"the CRM's answer to {METHOD} has no memberships; it is asked again later")
    return [] if found is None else found


def _pairs(elements: Any, leads: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each lead with the name of a list; what names no lead is of the only one that was asked for."""
    if isinstance(elements, dict):
        for lead, lists in elements.items():
            for each in lists if isinstance(lists, list) else [lists]:
                yield lead, _name(each)
        return
    for each in elements if isinstance(elements, list) else [elements]:
        lead = _member(each)
        if not lead and len(leads) > 1:
            raise CrmAway(f"the CRM's answer to {METHOD} does not say whose lists they are")
        if not _is_removed(each):
            yield lead or leads[0], _name(each)


def _member(element: Any) -> str:
    if not isinstance(element, dict):
        return ""
    return next((text_of(element[key]) for key in MEMBER_KEYS if element.get(key)), "")


def _name(element: Any) -> str:
    if isinstance(element, dict):
        return next((text_of(element[key]) for key in NAME_KEYS if element.get(key)), "")
    return text_of(element)


def _is_removed(element: Any) -> bool:
    return isinstance(element, dict) and text_of(element.get("isRemoved")) == "1"
