"""Finds out whether an address can be listened on, so that a server need not try it in vain, and whether one does."""

from __future__ import annotations

import errno
import socket

from hookrouter.domain.errors import ConfigurationError, HookrouterError

ANSWER_WITHIN = 1.0
"""Seconds: on this machine a connection is there at once, or not at all."""


def insist_on_listening(host: str, port: int) -> None:
    """Return when a server could listen there now.

    Raises:
        ConfigurationError: HOST is no address of this machine.
        HookrouterError: the port is taken, or not for this user.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as a server does: a port just left is free
        try:
            trial.bind((host, port))
        except OSError as fault:
            raise _in_words(fault, host, port) from fault


def is_listened_to(host: str, port: int) -> bool:
    """Whether a server takes connections there by now; an address that stands for all stands for this machine's own."""
    try:
        socket.create_connection((host, port), timeout=ANSWER_WITHIN).close()
    except OSError:
        return False
    return True


def _in_words(fault: OSError, host: str, port: int) -> HookrouterError:
    if fault.errno == errno.EADDRINUSE:
        return HookrouterError(f"port {port} is taken by another program: stop that one, or set PORT to a free one")
    if fault.errno == errno.EACCES:
        return HookrouterError(f"port {port} is not open to this user: set PORT to one from 1024 up")
    return ConfigurationError(f"HOST is {host!r}: give an address of this machine, such as 127.0.0.1 or 0.0.0.0")
