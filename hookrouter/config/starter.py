"""The commented configuration that a new operator starts from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from hookrouter.domain.errors import ConfigurationError

FILE_NAME = "hookrouter.yaml"


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
