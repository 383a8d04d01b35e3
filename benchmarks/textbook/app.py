"""Takes a push and makes one job of each of its leads."""

from __future__ import annotations

import os

from flask import Flask, Response, request
from redis import Redis
from rq import Queue

from benchmarks.textbook.jobs import post_lead

QUEUE = "textbook"

app = Flask("textbook", static_folder=None)
queue = Queue(QUEUE, connection=Redis.from_url(os.environ["TEXTBOOK_REDIS_URL"]))


@app.post("/<path:anywhere>")
def push(anywhere: str) -> Response:  # noqa: ARG001 - the route names it
    """Enqueue the leads and answer."""
    for lead in request.get_json():
        queue.enqueue(post_lead, lead)
    return Response(status=200)


@app.get("/healthz")
def lives() -> Response:
    """Say that the server is up."""
    return Response("ok\n")
