"""Scripts of others are what their table says, each with its licence."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from house_support import ROOT

TABLES = sorted(ROOT.glob("hookrouter/**/VENDORED.md")) + sorted(ROOT.glob("checks/**/VENDORED.md"))
ROW = re.compile(r"^\| `([^`]+)` \| \S+ \| [\d.]+ \| [^|]*`([^`]+)` \| `([0-9a-f]{64})` \|$", re.MULTILINE)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.parent.relative_to(ROOT)))
def test_what_is_vendored_is_as_its_table_says(table: Path) -> None:
    rows = ROW.findall(table.read_text(encoding="utf-8"))

    assert rows
    for name, licence, digest in rows:
        assert hashlib.sha256((table.parent / name).read_bytes()).hexdigest() == digest, name
        assert (table.parent / licence).stat().st_size > 500


def test_every_minified_file_stands_in_a_table() -> None:
    listed = {table.parent / name for table in TABLES for name, *_ in ROW.findall(table.read_text(encoding="utf-8"))}
    minified = {path for folder in ("hookrouter", "checks") for path in (ROOT / folder).rglob("*.min.*")}

    assert minified <= listed
