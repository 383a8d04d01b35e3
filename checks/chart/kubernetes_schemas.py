"""Manifests held against the published schemas: those of Kubernetes, of KEDA and of the Prometheus operator."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import kubernetes_validate
from chart_support import Manifest
from gateway_api import HTTP_ROUTE
from jsonschema import Draft202012Validator
from operator_models import schema_of
from referencing import Registry, Resource

KUBERNETES = ("1.27", "1.31", "1.34", "1.37")
OF_OPERATORS = {
    "keda.sh/v1alpha1": ("cloudcoil-models-keda", "cloudcoil/models/keda/v1alpha1.py"),
    "monitoring.coreos.com/v1": ("cloudcoil-models-prometheus-operator", "cloudcoil/models/prometheus_operator/v1.py"),
}
OF_GATEWAYS = "gateway.networking.k8s.io/v1"


def faults_of(manifest: Manifest, version: str) -> list[str]:
    """What is wrong with a manifest by the schema of its kind; fields that its kind does not have are wrong."""
    judge = _judge(version, manifest["apiVersion"], manifest["kind"])
    return [f"{'/'.join(map(str, fault.path))}: {fault.message}" for fault in judge.iter_errors(manifest)]


@functools.cache
def _judge(version: str, api_version: str, kind: str) -> Draft202012Validator:
    if api_version in OF_OPERATORS:
        return Draft202012Validator(schema_of(*OF_OPERATORS[api_version], kind))
    if api_version == OF_GATEWAYS:
        return Draft202012Validator(HTTP_ROUTE)
    return _kubernetes(version, api_version, kind)


def _kubernetes(version: str, api_version: str, kind: str) -> Draft202012Validator:
    folder, registry = _schemas(version)
    group, _, number = api_version.rpartition("/")
    name = "-".join(filter(None, (kind.lower(), group.split(".")[0], number)))
    return Draft202012Validator(_read(folder / f"{name}.json"), registry=registry)


@functools.cache
def _schemas(version: str) -> tuple[Path, Registry[Any]]:
    """kubernetes-validate's own function reads all definitions anew for each manifest, which takes seconds in all."""
    base = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
    (folder,) = base.glob(f"v{version}.*-local-strict")
    definitions: Resource[Any] = Resource.from_contents(_read(folder / "_definitions.json"))
    return folder, (definitions @ Registry()).crawl()


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
