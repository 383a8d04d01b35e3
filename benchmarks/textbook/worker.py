"""RQ's forking worker, its job's module imported beforehand as RQ's performance notes advise."""

from __future__ import annotations

import os

from redis import Redis
from rq import Worker

import benchmarks.textbook.jobs  # noqa: F401 - else each fork would import requests anew
from benchmarks.textbook.app import QUEUE

if __name__ == "__main__":
    Worker([QUEUE], connection=Redis.from_url(os.environ["TEXTBOOK_REDIS_URL"])).work(logging_level="WARNING")
