"""The configuration file, read with the sink types of this installation."""

from __future__ import annotations

import json

from hookrouter.config.editor_schema import editor_schema
from hookrouter.config.load import Report, check_config, load_config
from hookrouter.config.model import Config
from hookrouter.config.settings import Settings, process_environment
from hookrouter.domain.field_names import NOT_ASKED, FieldNames
from hookrouter.sinks.registry import load_sink_types
from hookrouter.wire.config.sink_schema import SinkSchema


def read_config(settings: Settings) -> Config:
    """The configuration file of these settings."""
    return load_config(settings.config_path, process_environment(), _sink_schemas())


def judge_config(settings: Settings, names: FieldNames = NOT_ASKED) -> Report:
    """All that is wrong or doubtful in the configuration file of these settings, and in the files that it names."""
    return check_config(settings.config_path, process_environment(), _sink_schemas(), looks_outside=True, names=names)


def schema_text() -> str:
    """The JSON Schema of the configuration, as a file has it."""
    return json.dumps(editor_schema(_sink_schemas()), indent=2, ensure_ascii=False) + "\n"


def _sink_schemas() -> dict[str, type[SinkSchema]]:
    return {name: kind.schema for name, kind in load_sink_types().items()}
