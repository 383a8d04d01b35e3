"""What Slack's answers mean, of an incoming webhook and of chat.postMessage.

An incoming webhook answers by its status: 200 `ok`; 400 `invalid_payload`, `user_not_found`; 403 `action_prohibited`;
404 `channel_not_found`, `no_service`; 410 `channel_is_archived`; 500 `rollup_error`
(https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors). The method chat.postMessage
answers 200 to nearly everything and says in JSON what came of it
(https://docs.slack.dev/reference/methods/chat.postMessage#errors). Both answer 429 with Retry-After when there are too
many (https://docs.slack.dev/apis/web-api/rate-limits).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import orjson

from hookrouter.domain.lead import Json
from hookrouter.domain.outcome import Answer, Dead, Delivered, Outcome, Reason, Retry, judge_status
from hookrouter.net.answers import KEPT

MASK = "(secret)"
SHORTEST_SECRET = 8
"""Shorter ones are none, and would mask half of an answer."""

_THROTTLING = "message_limit_exceeded rate_limited ratelimited"
_PASSING = "fatal_error internal_error org_login_required request_timeout service_unavailable team_added_to_org"
_GONE = "account_inactive channel_is_archived token_expired token_revoked"
_REFUSED = (
    "access_denied accesslimited action_prohibited agent_prompt_display_not_allowed app_access_restricted "
    "as_user_not_supported attachment_payload_limit_exceeded cannot_reply_to_message channel_not_found "
    "deprecated_endpoint draft_already_deleted draft_already_sent draft_has_conflict draft_not_found "
    "duplicate_channel_not_found duplicate_message_not_found ekm_access_denied enterprise_is_restricted "
    "invalid_arg_name invalid_arguments invalid_array_arg invalid_auth invalid_blocks invalid_blocks_format "
    "invalid_charset invalid_form_data invalid_metadata_format invalid_metadata_schema invalid_payload "
    "invalid_post_type invalid_token is_archived markdown_text_conflict messages_tab_disabled "
    "metadata_must_be_sent_from_app metadata_too_large method_deprecated missing_file_data missing_post_type "
    "missing_scope msg_blocks_too_long msg_too_long no_active_hooks no_permission no_service no_service_id no_team "
    "no_text not_allowed_token_type not_authed not_in_channel posting_to_general_channel_denied restricted_action "
    "restricted_action_non_threadable_channel restricted_action_read_only_channel restricted_action_thread_locked "
    "restricted_action_thread_only_channel send_on_behalf_not_allowed slack_connect_canvas_sharing_blocked "
    "slack_connect_file_link_sharing_blocked slack_connect_lists_sharing_blocked team_access_not_granted "
    "team_disabled team_not_found too_many_attachments too_many_contact_cards two_factor_setup_required "
    "unknown_method user_not_found user_not_in_channel"
)

_LOST = (
    "cannot_reply_to_message cant_update_message edit_window_closed message_not_found "
    "restricted_action_non_threadable_channel restricted_action_thread_locked thread_not_found"
)

THROTTLING = frozenset(_THROTTLING.split())
"""Words that ask to wait."""

PASSING = frozenset(_PASSING.split())
"""Words for trouble of Slack's own, and for a workspace that is being moved."""

GONE = frozenset(_GONE.split())
"""Words for a token or a webhook that will take nothing any more, of whatever lead."""

LOST = frozenset(_LOST.split())
"""Words for a message that is there no more, or that takes no reply and no edit: it was deleted, or is too old
(https://docs.slack.dev/reference/methods/chat.update#errors)."""

LEFT = frozenset({"channel_not_found", "is_archived", "not_in_channel"})
"""Words for a channel that was archived, deleted, or left by the bot: by its name there may be another now."""

REFUSED = frozenset(_REFUSED.split()) | LOST
"""Words for what will not be taken as it is."""

STANDS = ("channel", "ts", "thread_ts")
"""Where a message stands; that it is a reply is said within what is repeated of it."""

_NOT_SLACK = "this is no answer of Slack's"
_BEGINNING = re.compile(r'\s*\{\s*"ok"\s*:\s*(true|false)\b(?:\s*,\s*"error"\s*:\s*"(\w{1,100})")?')
_PLACE = re.compile(r'"channel"\s*:\s*"(\w{1,40})"\s*,\s*"ts"\s*:\s*"([\d.]{1,40})"')
_PAGE = re.compile(r"\s*<")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackJudge:
    """Judges answers; `secret` is never kept, even if an answer repeats it."""

    secret: str

    def webhook(self, answer: Answer, *, after: timedelta | None, aborted: bool) -> Outcome:
        """The status decides, unless a success brings a refusal in Slack's words, or the page of a proxy."""
        kept = self._kept(answer)
        outcome = judge_status(kept, after=after, aborted=aborted)
        if not isinstance(outcome, Delivered):
            return outcome
        text = answer.text.strip()
        if text in THROTTLING | PASSING | GONE | REFUSED:
            return _judge_word(text, kept, after)
        if _PAGE.match(text):
            return _not_slack(kept)
        said = _read(text)
        return _judge_word(said.error, kept, after) if said is not None and not said.is_ok else outcome

    def api(self, answer: Answer, *, after: timedelta | None, aborted: bool) -> Outcome:
        """Delivered is only what Slack says it has posted; then the answer keeps where: `channel` and `ts`."""
        kept = self._kept(answer)
        outcome = judge_status(kept, after=after, aborted=aborted)
        if not isinstance(outcome, Delivered):
            return outcome
        said = _read(answer.text)
        if said is None:
            return _not_slack(kept)
        if not said.is_ok:
            return _judge_word(said.error, kept, after)
        # The rest of the answer repeats the message, which is the lead's.
        posted = orjson.dumps({"ok": True, **said.posted}).decode()
        return Delivered(answer=self._kept(replace(answer, text=posted)))

    def _kept(self, answer: Answer) -> Answer:
        text = answer.text
        if len(self.secret) >= SHORTEST_SECRET:
            text = text.replace(self.secret, MASK)
        return replace(answer, text=_first_kilobyte(text))


def has_lost_its_message(outcome: Outcome) -> bool:
    """Whether an answer of a method says that the message is none any more that could be added to."""
    said = _read(outcome.answer.text) if isinstance(outcome, Dead) else None
    return said is not None and said.error in LOST


def in_a_word(outcome: Outcome) -> Outcome:
    """A refusal with nothing but the word for it; without one where Slack's pages do not know it."""
    if not isinstance(outcome, Dead):
        return outcome
    said = _read(outcome.answer.text)
    word = said.error if said is not None and said.error in GONE | REFUSED else ""
    return replace(outcome, answer=replace(outcome.answer, text=word))


def has_lost_its_channel(outcome: Outcome) -> bool:
    """Whether an answer of a method says that the channel where a message stands takes nothing any more."""
    said = _read(outcome.answer.text) if isinstance(outcome, Dead) else None
    return said is not None and said.error in LEFT


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """Where a message stands: its channel's id, its own name therein, and its thread's if it is a reply."""

    channel: str = ""
    ts: str = ""
    thread_ts: str = ""


def place_in(delivered: Delivered) -> Stands:
    """Where a message stands that a method posted, as far as Slack says."""
    said = _read(delivered.answer.text)
    return Stands(**said.posted) if said else Stands()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    is_ok: bool
    error: str
    posted: Mapping[str, str]


def _read(text: str) -> _Said | None:
    """What an answer says, also one that is longer than what was read of it; None if it is not Slack's."""
    try:
        whole: Json = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _read_beginning(text)
    if not isinstance(whole, dict) or not isinstance(whole.get("ok"), bool):
        return None
    message = whole.get("message")
    told = {**message, **whole} if isinstance(message, dict) else whole
    posted = {name: part for name in STANDS if isinstance(part := told.get(name), str)}
    error = whole.get("error")
    return _Said(is_ok=bool(whole["ok"]), error=error if isinstance(error, str) else "", posted=posted)


def _read_beginning(text: str) -> _Said | None:
    # Slack begins with `ok`: to try again what was posted, because the answer broke off behind it, would post it twice.
    begun = _BEGINNING.match(text)
    if begun is None:
        return None
    place = _PLACE.search(text)
    posted = {"channel": place[1], "ts": place[2]} if place else {}
    return _Said(is_ok=begun[1] == "true", error=begun[2] or "", posted=posted)


def _judge_word(word: str, answer: Answer, after: timedelta | None) -> Outcome:
    if word in GONE:
        return Dead(reason=Reason.GONE, answer=answer)
    if word in REFUSED:
        return Dead(reason=Reason.REFUSED, answer=answer)
    if word in THROTTLING:
        return Retry(reason=Reason.THROTTLED, answer=answer, after=after)
    # Also a word that nobody knows: Slack's page says that others come when the service is down. Trying again what was
    # not posted costs little and ends with `retry.for`, while a lead that dies of a passing fault waits for a person.
    return Retry(reason=Reason.SERVER_ERROR, answer=answer, after=after)


def _not_slack(answer: Answer) -> Retry:
    # A proxy, a sign-in page or a server in trouble answered: as far as anybody can tell, nothing was posted.
    text = f"{_NOT_SLACK}: {answer.text}" if answer.text.strip() else _NOT_SLACK
    return Retry(reason=Reason.SERVER_ERROR, answer=replace(answer, text=_first_kilobyte(text)))


def _first_kilobyte(text: str) -> str:
    return text.encode("utf-8", "replace")[:KEPT].decode("utf-8", "ignore")
