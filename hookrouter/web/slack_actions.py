"""Where Slack reports which button somebody pressed.

Anybody may post here. So what Slack cannot have signed is refused before its body is read, bodies are small and quick,
and few are read at once: none of it takes a place from a push. Slack waits three seconds for its answer.
"""

from __future__ import annotations

from functools import partial

import gevent
from flask import Blueprint, Response, request

from hookrouter.domain.claim_events import ActionRefused
from hookrouter.domain.errors import NeighbourAway, PushRefused
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime
from hookrouter.usecases.claiming.take import TakeClicks
from hookrouter.web.body import BodyReader
from hookrouter.web.crowd import Readers
from hookrouter.web.problems import problem
from hookrouter.web.punctual import PunctualWake, punctual

LARGEST_BODY = 256 * 1024
"""Bytes; Slack repeats the message, of a quarter of that at most."""
BODY_WITHIN = 2.0
"""Seconds."""
AT_ONCE = 16


def make_slack_actions(runtime: Runtime, clicks: TakeClicks) -> Blueprint:
    """The address for the buttons of the configured Slack app."""
    actions = Blueprint("slack_actions", __name__)
    body, readers = BodyReader(LARGEST_BODY, BODY_WITHIN), Readers(AT_ONCE)
    wake = PunctualWake(runtime.wake)

    @actions.post("/slack/actions")
    def pressed() -> Response:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        clicks.admit(timestamp, signature)
        with readers.place():
            whole = body.read()
        with punctual():
            is_work = clicks.take(whole, timestamp, signature)
        answer = Response(status=200)
        if is_work:
            answer.call_on_close(partial(gevent.spawn, wake.ring, Stage.CLAIM))
        return answer

    @actions.errorhandler(PushRefused)
    def refused(fault: PushRefused) -> Response:
        runtime.observer.report(ActionRefused(status=fault.status, title=fault.title))
        return problem(fault.status, fault.detail, fault.title)

    @actions.errorhandler(NeighbourAway)
    def away(_: NeighbourAway) -> Response:
        runtime.observer.report(ActionRefused(status=503, title="not kept"))
        return problem(503, "the click could not be kept: press the button again")

    return actions
