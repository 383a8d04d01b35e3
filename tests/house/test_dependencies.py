"""What the product imports comes with it, also where no tests were ever installed."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

IMPORTING = """
import json, pkgutil, sys
from importlib import import_module
from importlib.metadata import packages_distributions
for name in ("hookrouter", "workers"):
    for found in pkgutil.walk_packages(import_module(name).__path__, name + "."):
        if not found.name.endswith("__main__"):
            import_module(found.name)
known = packages_distributions()
loaded = {name.partition(".")[0] for name in sys.modules}
print(json.dumps(sorted({distribution for name in loaded for distribution in known.get(name, ())})))
"""
TAKEN_WHERE_FOUND = {
    "cryptography",  # by redis
    "psutil",  # by what redis imports of OpenTelemetry
    "pygments",  # by structlog and rich
    "setuptools",  # by Python, at its start
    *("pytest", "pluggy", "iniconfig"),  # by `hookrouter.testing.plugin`, which is for tests
}


def brought_along(name: str, extras: frozenset[str] = frozenset(), seen: set[str] | None = None) -> set[str]:
    """The distributions that come with one, and it."""
    seen = set() if seen is None else seen
    seen.add(canonicalize_name(name))
    for line in metadata.requires(name) or ():
        wanted = Requirement(line)
        wishes = [{"extra": extra} for extra in extras or {""}]
        if wanted.marker is None or any(wanted.marker.evaluate(wish) for wish in wishes):
            key = canonicalize_name(wanted.name)
            if key not in seen or wanted.extras:
                brought_along(wanted.name, frozenset(wanted.extras), seen)
    return seen


def test_all_that_the_product_imports_comes_with_it() -> None:
    ended = subprocess.run([sys.executable, "-c", IMPORTING], capture_output=True, text=True, check=True)
    imported = {canonicalize_name(name) for name in json.loads(ended.stdout)}

    imported = {name for name in imported if not name.startswith("opentelemetry-")}  # redis takes it where found
    missing = imported - brought_along("hookrouter") - TAKEN_WHERE_FOUND
    assert missing == set()
