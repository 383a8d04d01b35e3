"""Where the chart is, its value sets, and how manifests are looked through."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHART = Path(__file__).parents[2] / "helm"
VALUE_SETS = tuple(sorted(path.name.removesuffix("-values.yaml") for path in (CHART / "ci").glob("*-values.yaml")))
PRODUCTION = "production"

Manifest = dict[str, Any]
Helm = Callable[..., subprocess.CompletedProcess[str]]
Render = Callable[..., list[Manifest]]


@dataclass(frozen=True, slots=True)
class Installed:
    """What an install would make, and what Helm would say then."""

    manifests: list[Manifest]
    notes: str


Install = Callable[..., Installed]


def values_of(name: str) -> str:
    return str(CHART / "ci" / f"{name}-values.yaml")


def of_kind(manifests: list[Manifest], *kinds: str) -> list[Manifest]:
    return [found for found in manifests if found["kind"] in kinds]


def the_only(manifests: list[Manifest], kind: str) -> Manifest:
    """The one of this kind that stays; what a hook makes for a moment is left out."""
    (found,) = [each for each in of_kind(manifests, kind) if component_of(each) != "check"]
    return found


def component_of(manifest: Manifest) -> str:
    return str(manifest["metadata"]["labels"].get("app.kubernetes.io/component", ""))


def workloads(manifests: list[Manifest]) -> dict[str, Manifest]:
    """Deployments and StatefulSets of hookrouter itself, by the role of their pods."""
    found = of_kind(manifests, "Deployment", "StatefulSet")
    ours = [each for each in found if each["metadata"]["labels"]["app.kubernetes.io/name"] != "valkey"]
    return {component_of(each): each for each in ours}


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Everything that becomes a pod: its name, and the pod's own specification."""
    for found in of_kind(manifests, "Deployment", "StatefulSet", "Pod", "Job"):
        spec = found["spec"] if found["kind"] == "Pod" else found["spec"]["template"]["spec"]
        yield found["metadata"]["name"], spec


def containers(pod: Manifest) -> list[Manifest]:
    return [*pod.get("initContainers", []), *pod["containers"]]


def container_of(manifests: list[Manifest], role: str) -> Manifest:
    """The container that runs hookrouter in this role."""
    pod = workloads(manifests)[role]["spec"]["template"]["spec"]
    (found,) = [each for each in pod["containers"] if each["name"] == role]
    return dict(found)


def variables(container: Manifest) -> dict[str, Any]:
    """Its environment; of a value that comes from elsewhere, whence."""
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}
