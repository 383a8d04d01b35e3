"""The errors hookrouter raises; each text says what happened and what to do, never a lead's value.

HookrouterError
├── ConfigurationError    the operator's file or environment is wrong (exit 2)
├── PushRefused           the sender's push cannot be taken (4xx)
├── NeighbourAway         something we depend on does not answer
│   ├── StoreAway         Redis
│   │   ├── NotPermitted      its user may not do what we need
│   │   ├── NotReplicated     its replicas do not have what was written
│   │   ├── StoreFull         it has no memory left
│   │   └── LayoutUnreadable  nobody here knows which streams there are
│   ├── SpoolAway         the spool on this machine's disk
│   └── CrmAway           the CRM's API
│       ├── CrmThrottled      too many calls a second
│       └── CrmQuotaSpent     the day's calls are used up
├── CrmRefused            the CRM's API answered with an error
│   └── CrmKeysRefused        it does not know the account id or the secret key
└── NotFound              an id that names nothing
"""

from __future__ import annotations

from collections.abc import Sequence

from hookrouter.domain.rights import named


class HookrouterError(Exception):
    """Any failure that hookrouter foresees; its text is for the person who must act."""


class ConfigurationError(HookrouterError):
    """The configuration or the environment is wrong; the text names the place."""


class PushRefused(HookrouterError):  # noqa: N818 - it reads as what happened
    """A push cannot be taken; `status` is the HTTP status and `title` a short fixed text.

    `retry_after` is how many seconds the sender should wait before it tries again; 0 when that helps nothing.
    `push` is under which id it is kept all the same; '' when it is not.
    """

    push = ""

    def __init__(self, status: int, title: str, detail: str, *, retry_after: int = 0) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.retry_after = retry_after


class NeighbourAway(HookrouterError):  # noqa: N818 - it reads as what happened
    """A neighbour does not answer; trying again later may help."""


class StoreAway(NeighbourAway):
    """Redis does not answer, or refuses to write; `advice` says what to see to."""

    advice = "see that Redis runs and can be written to"


class NotPermitted(StoreAway):
    """Redis answers, but denies its user what we need; `rights` are commands, and patterns of keys."""

    advice = "all goes on as soon as it has them; nothing is to be started anew"

    def __init__(self, rights: Sequence[str]) -> None:
        super().__init__(f"Redis denies its user {named(rights)}: give it the rights in docs/redis.md")
        self.rights = rights


class NotReplicated(StoreAway):
    """Redis has what was written, but not as many replicas as must."""


class StoreFull(StoreAway):
    """Redis uses all the memory that it may, and takes nothing more."""

    advice = (
        "raise its maxmemory, at once by `CONFIG SET maxmemory` and in its configuration: within seconds all goes on "
        "by itself; nothing is lost until then, and nothing that waits makes room"
    )


class LayoutUnreadable(StoreAway):
    """What Redis says of the streams is not to be read by this version."""

    def __init__(self, text: str, advice: str) -> None:
        super().__init__(text)
        self.advice = advice


class SpoolAway(NeighbourAway):
    """The spool is full, or its disk does not take it."""


class CrmAway(NeighbourAway):
    """The CRM's API does not answer, throttles, or answers with something unreadable.

    `did_nothing` is True when it surely did not do what was asked; else nobody knows, and a write may be in its books.
    """

    def __init__(self, text: str, *, did_nothing: bool = False) -> None:
        super().__init__(text)
        self.did_nothing = did_nothing


class CrmThrottled(CrmAway):
    """Too many calls a second; a second later it may serve."""


class CrmQuotaSpent(CrmAway):
    """The day's calls of the account are used up; until the next day it serves none."""


class CrmPassedOn(CrmAway):
    """The CRM was not called, for something of what it was to do is not this process' to do any more."""


class CrmRefused(HookrouterError):  # noqa: N818 - it reads as what happened
    """The CRM's API answered with an error; `code` is from its published table (e.g. 219)."""

    def __init__(self, code: int, method: str, text: str) -> None:
        super().__init__(f"the CRM refused {method}: {text} (code {code})")
        self.code = code
        self.method = method


class CrmKeysRefused(CrmRefused):
    """The CRM's API does not know the account id or the secret key."""


class NotFound(HookrouterError):  # noqa: N818 - it reads as what happened
    """An id, a sink or a route that names nothing."""
