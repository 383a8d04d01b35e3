"""The tokens of operators may stand in files, as orchestrators mount secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from hookrouter.config.settings import read_settings
from hookrouter.domain.errors import ConfigurationError

ADMIN, READ = "HOOKROUTER_ADMIN_TOKEN", "HOOKROUTER_READ_TOKEN"
TOKEN = "a-token-of-the-test-0123456789"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "token"
    written.write_text(f"{TOKEN}\n")
    return written


def test_a_token_is_read_from_the_file_that_is_named(file: Path) -> None:
    settings = read_settings({f"{ADMIN}_FILE": str(file)})

    assert settings.admin_token == TOKEN
    assert TOKEN not in repr(settings)
    assert read_settings({f"{READ}_FILE": str(file)}).read_token == TOKEN


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({ADMIN: TOKEN, f"{ADMIN}_FILE": "{file}"}, f"{ADMIN} and {ADMIN}_FILE are both set: give one of them"),
        ({f"{ADMIN}_FILE": "{folder}/none"}, f"{ADMIN}_FILE names a file that cannot be read (No such file"),
        ({f"{READ}_FILE": "{folder}/empty"}, f"{READ}_FILE names an empty file"),
        ({f"{READ}_FILE": "{folder}/short"}, f"{READ}_FILE is shorter than 16 characters"),
        ({f"{ADMIN}_FILE": "{file}", f"{READ}_FILE": "{file}"}, f"{READ} is the admin token"),
    ],
    ids=["both", "no file", "empty", "short", "the same for both"],
)
def test_what_is_wrong_with_such_a_file_is_said(
    file: Path, tmp_path: Path, environment: dict[str, str], said: str
) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "short").write_text("short\n")
    filled = {name: value.format(file=file, folder=tmp_path) for name, value in environment.items()}

    with pytest.raises(ConfigurationError) as refused:
        read_settings(filled)

    assert said in str(refused.value)
    assert TOKEN not in str(refused.value)
