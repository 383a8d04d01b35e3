"""The commented configuration that a new operator starts from."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from hookrouter.config.editor_schema import TITLE
from hookrouter.domain.errors import ConfigurationError

FILE_NAME = "hookrouter.yaml"
SCHEMA_NAME = "hookrouter.schema.json"
"""What the starter's first line names to editors."""


def starter_text() -> str:
    """The file's text."""
    return files("hookrouter.config").joinpath("starter.yaml").read_text(encoding="utf-8")


def write_starter(directory: Path) -> Path:
    """Write the file into a directory, which is made if need be.

    Raises:
        ConfigurationError: when there is such a file already, or it cannot be written.
    """
    path = directory / FILE_NAME
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as stream:
            stream.write(starter_text())
    except FileExistsError:
        reason = "is there already and is kept" if path.exists() else f"cannot be written: {directory} is no directory"
        raise ConfigurationError(f"{path} {reason}") from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from None
    return path


def write_schema(directory: Path, schema: str) -> Path:
    """Write the schema beside the file, instead of one of ours that is there.

    Raises:
        ConfigurationError: when a file of this name is none of ours, or cannot be written.
    """
    path = directory / SCHEMA_NAME
    try:
        if path.exists() and not _is_ours(path.read_bytes()):
            raise ConfigurationError(f"{path} is there already, is no schema of hookrouter's, and is kept")
        path.write_text(schema, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from None
    return path


def _is_ours(content: bytes) -> bool:
    try:
        schema = json.loads(content)
    except ValueError:
        return False
    return isinstance(schema, dict) and schema.get("title") == TITLE
