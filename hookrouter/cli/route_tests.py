"""`hookrouter test`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click

from hookrouter.cli.command import Command
from hookrouter.cli.lists import AS_JSON
from hookrouter.cli.opening import open_cli
from hookrouter.cli.proven import show_proof, show_tally
from hookrouter.cli.screen import screen, show_json
from hookrouter.clock import SystemClock
from hookrouter.config.findings import FileFaults
from hookrouter.config.settings import read_settings
from hookrouter.config.watch import fingerprint
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.route_tests import RouteTest
from hookrouter.runtime import Runtime
from hookrouter.usecases.explaining.prove import Proof, prove
from hookrouter.wire.config.faults import did_you_mean

Files = tuple[tuple[Path, ...], tuple[str, ...]]
"""The files of a configuration, and the entries by which it includes some of them."""

FAILED = 1
LOOK_EVERY = 0.3
"""Seconds between two looks at the files."""
SETTLES_WITHIN = 0.1
"""Seconds after which a file that an editor was writing is looked at again."""

NO_TESTS = """\
the configuration has no tests; they stand at its end, such as
tests:
  - name: a qualified lead reaches sales
    lead: {{id: 1, leadStatus: qualified, leadScore: 91}}
    previous: {{leadScore: 40}}
    expect: {{{route}: [{sinks}]}}"""


@click.command("test", cls=Command, short_help="Run the route tests in the configuration.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@AS_JSON
@click.option("--watch", "is_watching", is_flag=True, help="Run them again whenever the configuration is edited.")
def command(*, names: tuple[str, ...], as_json: bool, is_watching: bool) -> int:
    """Run the tests of the configuration, or those whose names hold NAME: does each lead go where it must?

    They are judged as the running router judges. Needs neither Redis nor the CRM, and sends nothing. Exits with 0 when
    all passed, with 1 when some failed, and with 2 when the configuration is faulty or has no such tests.
    """
    if is_watching and as_json:
        raise click.UsageError("--watch is for people, --json for programs: give one of them")
    if is_watching:
        _watch(names)
    runtime = open_cli()
    proofs = _prove(runtime, names)
    if as_json:
        show_json([proof.as_json() for proof in proofs])
    else:
        _show(proofs)
    return 0 if all(proof.passed for proof in proofs) else FAILED


def _prove(runtime: Runtime, names: Sequence[str]) -> list[Proof]:
    explain, now = runtime.explain(), runtime.clock.now()
    return [prove(test, explain, now) for test in _chosen(runtime, names)]


def _chosen(runtime: Runtime, names: Sequence[str]) -> Sequence[RouteTest]:
    tests = runtime.config.tests
    if not tests:
        raise ConfigurationError(_how_to_write_one(runtime))
    if not names:
        return tests
    found: dict[str, None] = {}
    for name in names:
        known = [test.name for test in tests]
        meant = [name] if name in known else [each for each in known if name.lower() in each.lower()]
        if not meant:
            raise ConfigurationError(f"there is no test {name!r}{did_you_mean(name, known)}")
        found |= dict.fromkeys(meant)
    return [test for test in tests if test.name in found]


def _how_to_write_one(runtime: Runtime) -> str:
    routes = runtime.config.routes
    route = next((route for route in routes if route.to), routes[0])
    return NO_TESTS.format(route=route.name, sinks=", ".join(target.sink for target in route.to))


def _show(proofs: Sequence[Proof]) -> None:
    for proof in proofs:
        show_proof(proof)
    show_tally(proofs)


def _watch(names: Sequence[str]) -> None:
    """Run them for ever, until Ctrl-C; what is wrong meanwhile is shown, and the watch goes on."""
    clock, console, main = SystemClock(), screen(), read_settings().config_path
    known: Files = ((main,), ())
    show: Callable[[], None]
    while True:
        before = {known: fingerprint(main, *known)}
        if console.is_terminal:
            console.clear()
        try:
            runtime = open_cli()
            known = (runtime.config.files, runtime.config.includes)
            show = partial(_show, _prove(runtime, names))
        except ConfigurationError as fault:
            known = _with_faulty(known, fault)
            show = partial(click.echo, str(fault))
        before.setdefault(known, fingerprint(main, *known))
        show()
        click.echo("watching for edits; Ctrl-C ends it", err=True)
        while all(fingerprint(main, *files) == seen for files, seen in before.items()):
            clock.sleep(LOOK_EVERY)
        clock.sleep(SETTLES_WITHIN)


def _with_faulty(known: Files, fault: ConfigurationError) -> Files:
    """The files of the configuration with those that have faults, which may be included only by now."""
    faulty = [Path(finding.file) for finding in fault.findings] if isinstance(fault, FileFaults) else []
    files, includes = known
    return tuple(dict.fromkeys((*files, *faulty))), includes
