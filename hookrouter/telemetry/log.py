"""Log lines: JSON for machines, colours for people, one line a fact."""

from __future__ import annotations

import dataclasses
import logging
import sys
import time
from collections.abc import Callable, Collection, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TextIO, cast

import orjson
import structlog

from hookrouter.domain.events import DrainFailed, Event, NeighbourFailed
from hookrouter.telemetry.repeats import Repeats

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
QUIET = "info"
REDACTED = "(redacted)"
FLUSH_EVERY = 0.1
LINES_IN_HAND = 1 << 16
"""Quiet lines may wait for the next this many seconds, or bytes: a busy worker's flushes cost more than its lines."""
LOUD_LIBRARIES = ("rq", "rq.worker", "rq.cron", "rq.scheduler", "aiohttp", "asyncio", "gunicorn.access")
"""Libraries whose chatter below a warning could carry an address, an argument or a token."""


def quieten_libraries(stream: TextIO | None = None, redact: Collection[str] = ()) -> None:
    """Let libraries say their warnings only, one JSON line each; without their texts where `redact` has `text`."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_LibraryFormatter(shows_text="text" not in redact))
    handler.addFilter(_Seldom())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in LOUD_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)


SELDOM = (NeighbourFailed, DrainFailed)
"""What comes each second while its cause lasts: the same is said once a minute, with how often it came."""


class _Seldom(logging.Filter):
    """Lets through what was not said less than a minute ago, with how often it came since."""

    def __init__(self) -> None:
        super().__init__()
        self._repeats = Repeats()

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            text = record.getMessage()
        except Exception:  # noqa: BLE001 - whatever its arguments raise; the handler says so, and the library goes on
            return True
        times = self._repeats.take((record.name, record.levelno, text))
        vars(record)["times"] = times
        return times > 0


class _LibraryFormatter(logging.Formatter):
    """A library's warning as one JSON line, without its arguments' tracebacks."""

    def __init__(self, *, shows_text: bool) -> None:
        super().__init__()
        self._shows_text = shows_text

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage().split("Traceback", 1)[0].replace("\n", " ").strip()[:500]
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat()
        line: dict[str, Any] = {
            "timestamp": moment,
            "event": "library.warned",
            "library": record.name,
            "level": record.levelname.lower(),
            "text": text if self._shows_text else REDACTED,
        }
        if kind:
            line["exception"] = kind
        if (times := getattr(record, "times", 1)) > 1:
            line["times"] = times
        return orjson.dumps(line).decode()


class EventLog:
    """Writes each fact as one line; without structlog's chain of wrappers, which cost more than a line's writing."""

    def __init__(
        self,
        level: str,
        style: str,
        stream: TextIO | None = None,
        redact: Collection[str] = frozenset(),
        repeats: Repeats | None = None,
    ) -> None:
        """Log facts of at least `level`; `style` is json, console or plain, `redact` names fields that are hidden."""
        self._repeats = repeats or Repeats()
        self._redact = redact
        self._least = LEVELS[level]
        self._stream = stream or _buffered_standard_error()
        self._flush_after = 0.0
        self._render = _as_json if style == "json" else _for_people(in_colours=style == "console")

    def report(self, event: Event) -> None:
        """Write one line, unless it would repeat one of the last minute."""
        if LEVELS[event.level] < self._least:
            return
        times = self._repeats.take(event) if isinstance(event, SELDOM) else 1
        if times:
            self._write(event, times)

    def flush(self) -> None:
        """Let go of the lines in hand, and say how often came what was not to be repeated."""
        for event, times in self._repeats.due():
            self._write(cast("Event", event), times)
        self._let_go()

    def _write(self, event: Event, times: int) -> None:
        moment = datetime.now(UTC)  # noqa: TID251 - a line tells when it was written
        line: dict[str, Any] = {"timestamp": moment, "level": event.level, "event": event.name}
        for name in _names_in(event):
            line[name] = getattr(event, name)
        for name in self._redact:
            if line.get(name):
                line[name] = REDACTED
        if times > 1:
            line["times"] = times
        with suppress(OSError):  # a full disk loses the line, not the push
            self._stream.write(f"{self._render(line)}\n")
        if event.level != QUIET or time.monotonic() > self._flush_after:
            self._let_go()

    def _let_go(self) -> None:
        with suppress(OSError):
            self._stream.flush()
        self._flush_after = time.monotonic() + FLUSH_EVERY


def _buffered_standard_error() -> TextIO:
    return open(sys.stderr.fileno(), "w", encoding="utf-8", buffering=LINES_IN_HAND, closefd=False)


def _as_json(line: MutableMapping[str, Any]) -> str:
    return orjson.dumps(line).decode()


def _for_people(*, in_colours: bool) -> Callable[[MutableMapping[str, Any]], str]:
    render = structlog.dev.ConsoleRenderer(colors=in_colours)
    return lambda line: str(render(None, line["level"], {**line, "timestamp": line["timestamp"].isoformat()}))


_names: dict[str, tuple[str, ...]] = {}


def _names_in(event: Event) -> tuple[str, ...]:
    """The fields of an event, looked up once for each kind of event."""
    names = _names.get(event.name)
    if names is None:
        names = _names[event.name] = tuple(field.name for field in dataclasses.fields(event))
    return names
