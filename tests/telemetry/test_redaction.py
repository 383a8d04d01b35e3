"""What log lines hide when the operator says so."""

from __future__ import annotations

import dataclasses
import importlib
import io
import json
import logging
import pkgutil
import re
from collections.abc import Iterator

import pytest

from hookrouter import domain
from hookrouter.config.settings import LOG_FIELDS, read_settings
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.events import Event, SinkPaused
from hookrouter.telemetry.log import EventLog, quieten_libraries

PAUSED = SinkPaused(sink="sales", by="ada", reason="until Ben has called Zoe")


def written(style: str, **redact: frozenset[str]) -> str:
    stream = io.StringIO()
    EventLog("info", style, stream, **redact).report(PAUSED)
    return re.sub(r"\x1b\[\d*m", "", stream.getvalue())


@pytest.fixture
def root_log() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.parametrize("style", ["json", "console"])
def test_a_field_that_is_hidden_shows_nothing_of_its_value(style: str) -> None:
    line = written(style, redact=frozenset({"by", "reason"}))

    assert "ada" not in line
    assert "Zoe" not in line
    assert line.count("(redacted)") == 2
    assert "sales" in line


def test_lines_for_people_are_one_each_and_coloured_unless_they_are_not_to_be() -> None:
    lines = {}
    for style in ("console", "plain"):
        stream = io.StringIO()
        EventLog("info", style, stream).report(dataclasses.replace(PAUSED, reason="one\ntwo"))
        lines[style] = stream.getvalue()

    assert "\x1b[" in lines["console"]
    assert "\x1b[" not in lines["plain"]
    assert [line.count("\n") for line in lines.values()] == [1, 1]


@pytest.mark.parametrize("style", ["json", "console"])
def test_all_is_shown_where_nothing_is_said(style: str) -> None:
    assert "until Ben has called Zoe" in written(style)


def test_the_warning_of_a_library_is_hidden_with_the_texts(root_log: None) -> None:
    stream = io.StringIO()
    quieten_libraries(stream, redact=frozenset({"text"}))

    logging.getLogger("aiohttp").warning("cannot reach https://hooks.example.com/secret")

    line = json.loads(stream.getvalue())
    assert line["text"] == "(redacted)"
    assert line["library"] == "aiohttp"


def test_what_can_be_hidden_stands_in_lines() -> None:
    for module in pkgutil.iter_modules(domain.__path__):
        if module.name.endswith("events"):
            importlib.import_module(f"{domain.__name__}.{module.name}")
    kinds = [Event]
    for kind in kinds:
        kinds += kind.__subclasses__()
    fields = {one.name for kind in kinds for one in dataclasses.fields(kind)}

    assert set(LOG_FIELDS) - fields == set()


def test_settings_know_what_can_be_hidden() -> None:
    assert read_settings({"HOOKROUTER_LOG_REDACT": " By, reason"}).redacted == {"by", "reason"}
    assert read_settings({}).redacted == frozenset()
    with pytest.raises(ConfigurationError, match="HOOKROUTER_LOG_REDACT names 'reasons': give none or some of by,"):
        read_settings({"HOOKROUTER_LOG_REDACT": "by,reasons"})
