"""The options by which an operator says which deliveries are meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

import click

from hookrouter.cli.moments import read_moment, span
from hookrouter.config.model import Config
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.ids import RouteName, SinkName
from hookrouter.ports.desk import Wanted
from hookrouter.wire.config.faults import did_you_mean
from hookrouter.wire.moments import Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What was said of which deliveries are meant."""

    sink: SinkName | None
    route: RouteName | None
    since: Said | None
    until: Said | None

    @property
    def is_anything(self) -> bool:
        """Whether anything was said."""
        return {self.sink, self.route, self.since, self.until} != {None}

    @property
    def words(self) -> str:
        """What was said, in a line; '' for nothing."""
        said = {"sink": self.sink, "route": self.route, "since": self.since, "until": self.until}
        return ", ".join(f"{name} {value}" for name, value in said.items() if value is not None)

    def at(self, now: datetime) -> Wanted:
        """What that means at a moment."""
        since, until = span(self.since, self.until, now)
        return Wanted(sink=self.sink, route=self.route, since=since, until=until)


def insist_on_names(meant: Meant, config: Config) -> None:
    """Refuse names that the configuration does not know; for when nothing was found of them either.

    Raises:
        ConfigurationError: there is no such sink or route.
    """
    routes = [route.name for route in config.routes]
    for what, name, known in (("sink", meant.sink, list(config.sinks)), ("route", meant.route, routes)):
        if name is not None and name not in known:
            there_are = ", ".join(known) or "none"
            raise ConfigurationError(f"there is no {what} {name}{did_you_mean(name, known)}; there are: {there_are}")


def meaning(action: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that narrow deliveries down, as what is `meant`."""

    @click.option("--sink", metavar="NAME", type=SinkName, help="Of this sink.")
    @click.option("--route", metavar="NAME", type=RouteName, help="Of this route.")
    @click.option(
        "--since", metavar="TIME", type=read_moment, help="From a moment on, or not longer ago than, say, 2h."
    )
    @click.option("--until", metavar="TIME", type=read_moment, help="Before a moment, or longer ago than, say, 2h.")
    @wraps(action)
    def with_meaning(
        *,
        sink: SinkName | None,
        route: RouteName | None,
        since: Said | None,
        until: Said | None,
        **others: Any,
    ) -> Any:
        return action(meant=Meant(sink=sink, route=route, since=since, until=until), **others)

    return with_meaning
