"""Compiles what a fresh clone has once, before each worker of pytest-xdist would do it for itself."""

from __future__ import annotations

import compileall
import os
from multiprocessing import get_context
from pathlib import Path

import pytest
from _pytest.assertion import rewrite

ROOT = Path(__file__).parents[1]
PRODUCT = ("hookrouter", "workers")


def compile_all(config: pytest.Config) -> None:
    """Compile the product and the tests, these with the assertions that pytest writes into them.

    pytest has no public way to do that without running them; without the one it has, workers do it as they always did.
    """
    for package in PRODUCT:
        compileall.compile_dir(ROOT / package, quiet=2)
    tests = [path for path in (ROOT / "tests").rglob("test_*.py") if not _compiled(path).exists()]
    if len(tests) > 1 and hasattr(rewrite, "_rewrite_test"):
        # Forked, so that they know the configuration.
        with get_context("fork").Pool(len(os.sched_getaffinity(0)), _remember, [config]) as pool:
            pool.map(_compile, tests, chunksize=10)


def _compiled(path: Path) -> Path:
    return rewrite.get_cache_dir(path) / f"{path.stem}{rewrite.PYC_TAIL}"


_known: dict[str, pytest.Config] = {}


def _remember(config: pytest.Config) -> None:
    _known["config"] = config


def _compile(path: Path) -> None:
    config, compiled = _known["config"], _compiled(path)
    digest, code = rewrite._rewrite_test(path, config)
    compiled.parent.mkdir(exist_ok=True)
    rewrite._write_pyc(config.stash[rewrite.assertstate_key], code, digest, compiled)
