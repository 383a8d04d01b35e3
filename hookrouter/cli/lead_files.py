"""Files that the operator gives: leads as they would be pushed, and the history of leads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import IO

import click

from hookrouter.domain.errors import PushRefused
from hookrouter.domain.lead import Json
from hookrouter.domain.push import Batch
from hookrouter.wire.pushes.push import PushReader
from hookrouter.wire.strict_json import read_json

EVENT_WRAPPERS = ("result", "leadTimeline", "timeline", "events", "event")

Event = Mapping[str, Json]

_A_LEAD = re.compile(r"(?!.*\.json$)(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,63}|(?:email:)?[^\s/@]+@[^\s/@]+)")


def is_stored(name: str) -> bool:
    """Whether it names a lead, by its id or e-mail address, and no file."""
    return _A_LEAD.fullmatch(name) is not None and not Path(name).exists()


def open_leads(name: str) -> IO[bytes]:
    """A file that the operator named; - is standard input."""
    opened: IO[bytes] = click.File("rb").convert(name, None, click.get_current_context())
    return opened


def read_leads(file: IO[bytes], reader: PushReader, at: datetime) -> Batch:
    """The leads of a file in any shape that a push may have, read as one that came at that moment."""
    try:
        return reader.read(file.read(), {}, at)
    except PushRefused as fault:
        raise _useless(file, fault.detail) from fault


def read_history(file: IO[bytes]) -> list[Event]:
    """The events of a file: a list, or an answer of getLeadTimeline."""
    try:
        value = read_json(file.read())
    except PushRefused as fault:
        raise _useless(file, fault.detail) from fault
    while isinstance(value, dict):
        value = next((value[name] for name in EVENT_WRAPPERS if name in value), None)
    if not isinstance(value, list) or not all(isinstance(event, dict) for event in value):
        raise _useless(file, "give a list of events, or an answer of getLeadTimeline")
    return value


def _useless(file: IO[bytes], reason: str) -> click.UsageError:
    return click.UsageError(f"{file.name}: {reason.replace('the body', 'the file')}")
