"""What the configuration may say but hardly means."""

from __future__ import annotations

from collections.abc import Iterator

from hookrouter.config.model import Config
from hookrouter.config.secrets import literal_secrets
from hookrouter.domain.routing import UNMATCHED, Route
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
        earlier = config.routes[:number]
        if route.for_unmatched:
            taker = next((each for each in earlier if not each.shadow and _takes_all(each, route)), None)
            if taker is not None:
                yield Fault(path=(UNMATCHED,), message=f"no lead is unmatched: `{taker.name}` takes all", at_key=True)
            return
        stopper = next((each for each in earlier if each.stops and _takes_all(each, route)), None)
        if stopper is not None:
            text = f"the route `{route.name}` is never reached: `{stopper.name}` takes all its leads and stops"
            yield Fault(path=("routes", number), message=text)


def _takes_all(earlier: Route, route: Route) -> bool:
    takes_all = not earlier.conditions and earlier.match_timeline is None and earlier.events >= route.events
    return takes_all and earlier.source in {None, route.source}
