"""An example of each body that a call takes, as its description shows it."""

from __future__ import annotations

from collections.abc import Mapping

from hookrouter.domain.lead import Json

LEAD: dict[str, Json] = {"id": "718281920514", "firstName": "Ada", "leadStatus": "qualified", "leadScore": "91"}
MENDED: dict[str, Json] = {"set": {"emailAddress": "ada@example.com"}}
SELECTED: dict[str, Json] = {"since": "1d"}
PAUSED: dict[str, Json] = {"until": "2h", "reason": "it is being moved"}

EXAMPLES: Mapping[str, Json] = {
    "pause_sink": PAUSED,
    "pause_route": PAUSED,
    "tell_story": {"lead": "718281920514"},
    "forget_lead": {"lead": "ada@example.com", "only_look": True},
    "replay_many_dead": {"sink": "billing", **SELECTED},
    "drop_many_dead": {"ids": ["d_909c8e9bddbeb31de2bae3591eaf05fa"]},
    "preview_dead": MENDED,
    "replay_dead": MENDED,
    "replay_rejected": MENDED,
    "replay_many_rejected": SELECTED,
    "drop_many_rejected": {"ids": ["p_019307d5c0000123456789ab-3"]},
    "begin_silence": {"match": {"leadSource": "import"}, "until": "2h", "reason": "a list is imported"},
    "explain": {"leads": LEAD, "previous": {**LEAD, "leadStatus": "open", "leadScore": "12"}},
    "send_test": {"lead": LEAD},
    "push": [LEAD],
}
