"""gunicorn as the receiver runs it.

gevent, measured against sync and gthread (benchmarks/): it takes the most leads a second, and a sender that
dawdles holds a connection, not a worker.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gevent
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from hookrouter import __version__
from hookrouter.config.model import Config, ReceiverConfig
from hookrouter.config.settings import Settings
from hookrouter.config.watch import LOOK_EVERY
from hookrouter.domain.errors import NeighbourAway, StoreAway
from hookrouter.domain.events import NeighbourFailed
from hookrouter.domain.process_events import ProcessStarted
from hookrouter.garbage import look_for_garbage_rarely
from hookrouter.ports.surroundings import Observer
from hookrouter.runtime import Runtime, open_runtime
from hookrouter.stopping import heed_no_more, held_back
from hookrouter.store.presence import FLUSH_EVERY, Rhythm
from hookrouter.telemetry.ended_counters import add_up_ended
from hookrouter.telemetry.log import quieten_libraries
from hookrouter.telemetry.observer import NoObserver
from hookrouter.web.app import create_app
from hookrouter.web.punctual import UNATTENDED, PunctualPushLog, PunctualWake, punctual
from hookrouter.web.tasks import go_on_with

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

SPARE_CONNECTIONS = 112
"""Connections that one process holds beside those of pushes: idle ones, probes, senders of half a request."""
KEEPALIVE = 5
"""Seconds that an idle connection stays open; an open one holds up the end of its process."""
FEED_EVERY = 0.5
PAUSE_WHEN_AWAY = 2.0
"""Seconds between looks into the spool, and after one in vain."""
TELL_EVERY = 2.0
"""Seconds between two tellings of what came."""
GRACE = 20
"""Seconds for requests under way when the process is told to stop."""


class CurrentApp:
    """The application by the configuration in force; a request under way ends by the one it began with."""

    def __init__(self, app: Flask) -> None:
        """Begin with one."""
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        return self._app(environ, start_response)

    def follow_edits(self, runtime: Runtime) -> None:
        """Make the application anew whenever the configuration is edited."""
        while True:
            gevent.sleep(LOOK_EVERY)
            if runtime.look_for_edits():
                self._app = create_app(runtime)


class Receiver(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    """The receiver under gunicorn."""

    def __init__(self, settings: Settings, config: ReceiverConfig, last_good: Config | None = None) -> None:
        """Serve by these settings and what the configuration says of receiving.

        A process that takes a dead one's place while the file is broken serves by `last_good`.
        """
        self._last_good = last_good
        self._settings = settings
        self._config = config
        self.observer: Observer = NoObserver()
        self._runtime: Runtime | None = None
        self._is_first = False
        quieten_libraries(redact=settings.redacted)  # gunicorn speaks in this process, where nothing else does
        super().__init__()

    def run(self) -> None:
        """Serve until told to stop."""
        _Arbiter(self).run()

    def load_config(self) -> None:
        """Say how to serve; nothing is read from gunicorn's own files or variables."""
        for name, value in self._options().items():
            self.cfg.set(name, value)

    def load(self) -> CurrentApp:
        """Make the application of one worker process."""
        runtime = open_runtime(self._settings, role="web", last_good=self._last_good)
        self.observer, self._runtime = runtime.observer, runtime
        runtime.observer.report(ProcessStarted(role="web", version=__version__))
        runtime.preflight.is_due = self._is_first  # what is found of Redis is told once for all processes
        app = CurrentApp(create_app(runtime))
        look_for_garbage_rarely()
        for task in (_beat, _feed, _tell_footfall, app.follow_edits):
            gevent.spawn(go_on_with, task, runtime)
        return app

    def stop(self) -> None:
        """Have what is under way in this process come to its end; safe in a signal's handler."""
        if self._runtime is not None:
            self._runtime.stopping.set()

    def _options(self) -> dict[str, Any]:
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        return {
            "bind": f"{host}:{self._settings.port}",
            "workers": self._settings.web_concurrency,
            "worker_class": "hookrouter.web.worker.ReceiverWorker",
            "worker_connections": self._config.requests + SPARE_CONNECTIONS,
            "timeout": 60,
            "graceful_timeout": GRACE,
            "keepalive": KEEPALIVE,
            "backlog": 1024,
            "limit_request_line": 4094,
            "limit_request_fields": self._config.headers,
            "limit_request_field_size": 8190,
            "proc_name": "hookrouter",
            "accesslog": None,
            "errorlog": None,
            "logger_class": _GunicornLog,
            "loglevel": "warning",
            "control_socket_disable": True,
            # gunicorn believes callers from this machine what they say of address and TLS; nothing here asks for that.
            "forwarded_allow_ips": "",
            "forwarder_headers": "",
            "secure_scheme_headers": {},
            "post_fork": self._count,
            "child_exit": self._take_over,
            "worker_exit": lambda _arbiter, worker: worker.leave(),
            "on_exit": lambda _arbiter: heed_no_more(),
        }

    def _count(self, _arbiter: Arbiter, worker: Any) -> None:
        self._is_first = worker.age == 1

    def _take_over(self, _arbiter: Arbiter, _worker: Any) -> None:
        add_up_ended(self._settings.metrics_dir)


class _Arbiter(Arbiter):  # type: ignore[misc]  # gunicorn is untyped
    """gunicorn's first process."""

    def spawn_worker(self) -> int:
        """Start a process; a signal that comes before it listens to any waits for that: gunicorn would lose it."""
        with held_back():
            return int(super().spawn_worker())


class _GunicornLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """What gunicorn says, such as that a process was killed, as a line like all others."""

    def setup(self, cfg: Any) -> None:
        """Hand it to the root's handler: of its own there is none."""
        super().setup(cfg)
        self.error_log.propagate = True


def check_runtime(settings: Settings) -> Runtime:
    """Look at the configuration and at Redis once before any process is forked, so that faults are told once.

    Raises:
        ConfigurationError: what is wrong there.
    """
    runtime = open_runtime(settings, role="web", quiet=True)
    with punctual():  # one that does not answer is looked at when it does, as one that is not there
        runtime.preflight.refuse_unfit()
    runtime.server.client.close()
    return runtime


def _feed(runtime: Runtime) -> None:
    """Hand what was spooled to Redis as soon as Redis is back."""
    while True:
        gevent.sleep(FEED_EVERY)
        try:
            feed = runtime.feed(PunctualWake(runtime.wake))  # by the configuration in force
            replace(feed, pushes=PunctualPushLog(feed.pushes, UNATTENDED)).run()
        except NeighbourAway as fault:
            neighbour = "redis" if isinstance(fault, StoreAway) else "spool"
            runtime.observer.report(NeighbourFailed(neighbour=neighbour, reason=str(fault)))
            gevent.sleep(PAUSE_WHEN_AWAY)


def _beat(runtime: Runtime) -> None:
    """Say every few seconds that this process lives."""
    rhythm = Rhythm()
    while True:
        try:
            with punctual(within=UNATTENDED):
                runtime.preflight.once_there()  # first: without rights no beat may be felt
                runtime.presence.beat("receiver", runtime.process)
                rhythm.was_felt()
        except StoreAway as fault:
            runtime.preflight.is_due = True
            if rhythm.was_in_vain():
                runtime.observer.report(NeighbourFailed(neighbour="redis", reason=str(fault)))
        for _ in range(rhythm.pause // FLUSH_EVERY):
            runtime.observer.flush()
            gevent.sleep(FLUSH_EVERY.total_seconds())


def _tell_footfall(runtime: Runtime) -> None:
    """Tell Redis every few seconds what came; while it is away, that is kept here."""
    while True:
        gevent.sleep(TELL_EVERY)
        with suppress(StoreAway), punctual(within=UNATTENDED):
            runtime.footfall.flush(runtime.clock.now())
