"""Lets one supervisor at a time own a data directory."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from hookrouter.clock import SystemClock
from hookrouter.config.settings import cannot_write
from hookrouter.domain.errors import HookrouterError

LOCK_FILE = "lock"
PATIENCE = 2.0  # seconds: what a killed supervisor left behind is gone by then
PAUSE = 0.05


@contextlib.contextmanager
def hold_data_dir(data_dir: Path) -> Iterator[int]:
    """Own the directory while the block runs; gives the lock's file descriptor.

    A child that is started with the descriptor open (`ChildSpec.keep_open`) keeps the lock as long as it lives, so
    that no second server can open the same files.

    Raises:
        HookrouterError: another one owns it, or it cannot be made.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as fault:
        raise cannot_write(data_dir, fault) from fault
    try:
        if not _locked(descriptor):
            raise HookrouterError(
                f"another hookrouter already runs in {data_dir}: stop it, or give this one its own HOOKROUTER_DATA_DIR"
            )
        yield descriptor
    finally:
        os.close(descriptor)


def is_held(data_dir: Path) -> bool:
    """Whether a supervisor, or the server it started, owns the directory."""
    try:
        descriptor = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _try_lock(descriptor)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    clock = SystemClock()
    deadline = clock.monotonic() + PATIENCE
    while not _try_lock(descriptor):
        if clock.monotonic() > deadline:
            return False
        clock.sleep(PAUSE)
    return True


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
