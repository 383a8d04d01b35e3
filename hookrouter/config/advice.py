"""What the configuration may say but hardly means."""

from __future__ import annotations

from collections.abc import Iterator

from hookrouter.config.model import Config
from hookrouter.config.secrets import literal_secrets
from hookrouter.domain.routing import Route
from hookrouter.net.smtp_server import MailTls
from hookrouter.wire.faults import Fault


def advise_on_text(written: object) -> Iterator[Fault]:
    """Doubts about the file as it is written, sound or not."""
    for path in literal_secrets(written):
        yield Fault(path=path, message="this looks like a secret: use ${NAME}, and set NAME in the environment")


def advise_on_config(config: Config) -> Iterator[Fault]:
    """Doubts about a sound configuration."""
    yield from _unused_sinks(config)
    yield from _unreachable_routes(config)
    if config.smtp is not None and config.smtp.password is not None and config.smtp.tls is MailTls.NONE:
        yield Fault(path=("smtp", "tls"), message="the password goes unencrypted: say `tls: starttls` or `tls: tls`")


def _unused_sinks(config: Config) -> Iterator[Fault]:
    used = {target.sink for route in config.routes for target in route.to}
    for name in config.sinks:
        if name not in used:
            yield Fault(path=("sinks", name), message=f"no route leads to the sink `{name}`", at_key=True)


def _unreachable_routes(config: Config) -> Iterator[Fault]:
    for number, route in enumerate(config.routes):
        stopper = next((earlier for earlier in config.routes[:number] if _always_stops(earlier, route)), None)
        if stopper is not None:
            text = f"the route `{route.name}` is never reached: `{stopper.name}` takes all its leads and stops"
            yield Fault(path=("routes", number), message=text)


def _always_stops(earlier: Route, route: Route) -> bool:
    takes_all = not earlier.conditions and earlier.match_timeline is None and earlier.events >= route.events
    return earlier.stop and takes_all and earlier.source in {None, route.source}
