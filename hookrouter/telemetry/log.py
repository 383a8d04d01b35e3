"""Log lines: JSON for machines, colours for people, one line a fact."""

from __future__ import annotations

import dataclasses
import logging
import sys
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson
import structlog

from hookrouter.domain.events import Event

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
LOUD_LIBRARIES = ("rq", "rq.worker", "rq.cron", "rq.scheduler", "aiohttp", "asyncio", "gunicorn.access")
"""Libraries whose chatter below a warning could carry an address, an argument or a token."""


def configure_logging(level: str, style: str, stream: TextIO | None = None) -> None:
    """Set up the log of this process; `style` is json or console."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _renderer(style),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=stream or sys.stderr, format="%(message)s", force=True)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_LibraryFormatter())
    for name in LOUD_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)


def _renderer(style: str) -> Callable[[Any, str, MutableMapping[str, Any]], str]:
    if style == "console":
        return structlog.dev.ConsoleRenderer()
    return _as_json


def _as_json(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> str:
    return orjson.dumps(line).decode()


class _LibraryFormatter(logging.Formatter):
    """A library's warning as one JSON line, without its arguments' tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage().split("Traceback", 1)[0].replace("\n", " ").strip()[:500]
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat()
        line = {
            "timestamp": moment,
            "event": "library.warned",
            "library": record.name,
            "level": record.levelname.lower(),
            "text": text,
        }
        return orjson.dumps({**line, "exception": kind} if kind else line).decode()


class EventLog:
    """Writes each fact as one line."""

    def __init__(self, level: str) -> None:
        """Log facts of at least this level as `configure_logging` set up."""
        self._logger = structlog.get_logger()
        self._least = LEVELS[level]

    def report(self, event: Event) -> None:
        """Write one line."""
        if LEVELS[event.level] >= self._least:
            write = getattr(self._logger, event.level)
            write(event.name, **{field.name: getattr(event, field.name) for field in dataclasses.fields(event)})
