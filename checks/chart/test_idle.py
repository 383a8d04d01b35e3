"""No value does nothing in silence: each, changed, changes what is installed, or is refused with what to do."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from chart_support import CHART, Helm, values_of

SETS: dict[str, Any] = {
    "one-receiver": {"worker": {"replicas": 2, "keda": {"enabled": True}}},
    "trial": {
        "web": {"replicas": 2, "autoscaling": {"enabled": True}},
        "worker": {"replicas": 2, "autoscaling": {"enabled": True}},
        "networkPolicy": {"enabled": True},
    },
}
"""With what is set besides, they differ in their spools, secrets, Redis and scaling; neither makes a password up."""
OF_EVERY_POD = {
    "startupProbe",
    "livenessProbe",
    "readinessProbe",
    "initContainers",
    "extraContainers",
    "podAnnotations",
    "podLabels",
    "priorityClassName",
    "nodeSelector",
    "tolerations",
    "affinity",
    "topologySpreadConstraints",
}
"""What each role's pods are given as it stands, whatever else is said."""
AS_IT_STANDS = {
    "nameOverride",
    "fullnameOverride",
    "commonLabels",
    "commonAnnotations",
    "image",
    "imagePullSecrets",
    "partitions",
    "logLevel",
    "logFormat",
    "environment",
    "extraEnv",
    "extraEnvFrom",
    "extraVolumes",
    "extraVolumeMounts",
    "emptyDirSizeLimit",
    "resources",
    "terminationGracePeriodSeconds",
    "ingress",
    "httpRoute",
    "console",
    "podSecurityContext",
    "containerSecurityContext",
    "revisionHistoryLimit",
    "extraObjects",
}
"""What templates take whatever else is said: one set tells whether it does anything."""
WHERE_SEVERAL_RUN = "podDisruptionBudget"
OTHERS: dict[str, object] = {
    "accessModes": ["ReadWriteOncePod"],
    "config": "version: 1\n",
    "emptyDirSizeLimit": "7Mi",
    "digest": f"sha256:{64 * '7'}",
    "extraEnv": [{"name": "SEVEN", "value": "7"}],
    "hosts": ["seven.example.com"],
    "hostnames": ["seven.example.com"],
    "imagePullSecrets": [{"name": "seven"}],
    "interval": "7s",
    "keys": ["SEVEN"],
    "loadBalancerSourceRanges": ["192.0.2.7/32"],
    "maxmemory": "7mb",
    "minReplicas": 4,
    "password": 20 * "7",
    "resources": {"limits": {"memory": "777Mi"}},
    "scrapeTimeout": "7s",
    "serverAddress": "http://seven",
    "size": "7Gi",
    "topologyKeys": ["seven"],
    "url": "redis://seven",
}
"""Where a value's type does not tell another one that is valid."""


def leaves(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value that may be set, and what the schema says of it."""
    for name, part in schema["properties"].items():
        here = (*path, name)
        if "properties" in part and name != "values":
            yield from leaves(part, here)
        elif name != "global":
            yield here, part


def every_leaf() -> Iterator[tuple[tuple[str, ...], Any]]:
    yield from leaves(json.loads((CHART / "values.schema.json").read_text("utf-8")))
    of_valkey = json.loads((CHART / "charts" / "valkey" / "values.schema.json").read_text("utf-8"))
    yield from (leaf for leaf in leaves(of_valkey, ("valkey",)) if leaf[0] != ("valkey", "enabled"))


def values_in_force(name: str) -> Any:
    """The defaults, with a value set upon them, as Helm merges them."""
    defaults = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
    defaults["valkey"] |= yaml.safe_load((CHART / "charts" / "valkey" / "values.yaml").read_text("utf-8"))
    return merged(merged(defaults, yaml.safe_load(Path(values_of(name)).read_text("utf-8"))), SETS[name])


def merged(under: Any, upon: Any) -> Any:
    if not isinstance(under, dict) or not isinstance(upon, dict):
        return upon
    return {key: merged(under.get(key), upon[key]) if key in upon else under[key] for key in {**under, **upon}}


def is_waiting(path: tuple[str, ...], values: Any) -> bool:
    """Whether a value is of a part that is not enabled: it takes effect once that is."""
    own = path[:-2] if path[-1] == "enabled" else path[:-1]
    for name in own:
        values = values[name]
        if values.get("enabled") is False:
            return True
    return False


def another(name: str, part: Any, now: object) -> object:
    """A valid value that is not the one in force."""
    kinds = part.get("type")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if "enum" in part:
        return next(each for each in part["enum"] if each not in (now, ""))
    if name in OTHERS:
        return OTHERS[name]
    if isinstance(now, bool):
        return not now
    if kind == "integer":
        least = max(7, part.get("minimum", 7))
        return least if now != least else least + 1
    if kind == "array":
        return [7] if part["items"]["type"] == "integer" else [{"name": "seven"}]
    return {"seven": "7"} if kind == "object" else "seven"


@pytest.mark.parametrize("name", SETS)
def test_every_value_does_something_or_is_refused(helm: Helm, tmp_path: Path, name: str) -> None:
    values = values_in_force(name)
    (tmp_path / "besides.json").write_text(json.dumps(SETS[name]), encoding="utf-8")

    def changed(leaf: tuple[tuple[str, ...], Any]) -> tuple[str, str, str]:
        path, part = leaf
        now = values
        for key in path:
            now = (now or {}).get(key)
        said = another(path[-1], part, now)
        for key in reversed(path):
            said = {key: said}
        file = tmp_path / f"{'.'.join(path)}.json"
        file.write_text(json.dumps(said), encoding="utf-8")
        answer = rendered("-f", str(file))
        return ".".join(path), answer.stdout, answer.stderr

    def rendered(*besides: str) -> Any:
        given = ("-f", values_of(name), "-f", str(tmp_path / "besides.json"))
        return helm("template", "crm", str(CHART), "-n", "leads", *given, *besides)

    known = OF_EVERY_POD | (set() if name == next(iter(SETS)) else AS_IT_STANDS)
    asked = [leaf for leaf in every_leaf() if not is_waiting(leaf[0], values) and known.isdisjoint(leaf[0])]
    with ThreadPoolExecutor(os.cpu_count()) as several:
        found = list(several.map(changed, asked))

    before = rendered().stdout
    assert before
    assert [(path, said) for path, _, said in found if "meet the specifications" in said] == []  # was it a valid one?
    idle = [path for path, after, said in found if not said and after == before]
    assert [path for path in idle if WHERE_SEVERAL_RUN not in path] == []
