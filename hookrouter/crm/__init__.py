"""The CRM's API, called; from without, by `Client` and what belongs to it, imported when first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hookrouter.crm.facade import Client
    from hookrouter.crm.records import CrmEvent, CrmField, CrmLead
    from hookrouter.domain.errors import CrmAway, CrmKeysRefused, CrmQuotaSpent, CrmRefused, CrmThrottled
    from hookrouter.wire.crm.envelope import WriteResult

__all__ = [
    "Client",
    "CrmAway",
    "CrmEvent",
    "CrmField",
    "CrmKeysRefused",
    "CrmLead",
    "CrmQuotaSpent",
    "CrmRefused",
    "CrmThrottled",
    "WriteResult",
]
_ROOMS = {
    "Client": "hookrouter.crm.facade",
    "WriteResult": "hookrouter.wire.crm.envelope",
    **dict.fromkeys(("CrmEvent", "CrmField", "CrmLead"), "hookrouter.crm.records"),
}
_ERRORS = "hookrouter.domain.errors"


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ROOMS.get(name, _ERRORS)), name)
