"""Runtimes of tests: each has a folder and keys of its own, and reports nothing."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from hookrouter.config.settings import read_settings
from hookrouter.runtime import Runtime, open_runtime


def runtime_at(
    folder: Path, url: str, configuration: str, *, role: str = "worker", prefix: str = "", **environment: str
) -> Runtime:
    """The parts of one process by a configuration, which is written into the folder.

    Args:
        folder: holds the configuration and the process' data.
        url: where Redis is.
        configuration: the text of the file.
        role: web, worker, scheduler or cli.
        prefix: of all keys; one that nobody else has, if none is given.
        environment: further variables.
    """
    path = folder / "hookrouter.yaml"
    path.write_text(configuration, encoding="utf-8")
    settings = read_settings(
        {
            "HOOKROUTER_CONFIG": str(path),
            "HOOKROUTER_DATA_DIR": str(folder),
            "HOOKROUTER_REDIS_URL": url,
            "HOOKROUTER_KEY_PREFIX": prefix or f"t{uuid4().hex[:12]}",
            **environment,
        }
    )
    return open_runtime(settings, role=role, quiet=True)
