"""What the environment may say of where Redis is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hookrouter.config.settings import read_settings
from hookrouter.domain.errors import ConfigurationError
from hookrouter.supervise.up import environment_of

CERTIFICATE = Path(__file__).parents[1] / "net" / "localhost.pem"
URL, FILE, CA = "HOOKROUTER_REDIS_URL", "HOOKROUTER_REDIS_URL_FILE", "HOOKROUTER_REDIS_CA"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file as Kubernetes and Docker mount secrets."""
    file = tmp_path / "redis-url"
    file.write_text("rediss://app:s3cret@redis.internal:6380/0\n")
    return file


def test_the_address_may_stand_in_a_file_and_wins_over_a_platforms_own(secret: Path) -> None:
    settings = read_settings({FILE: str(secret), "REDIS_URL": "redis://platform"})

    assert settings.redis_url == "rediss://app:s3cret@redis.internal:6380/0"
    assert "s3cret" not in repr(settings)


def test_a_ca_is_part_of_the_address_and_handed_on_with_it(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {FILE: str(secret), CA: str(CERTIFICATE)}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    settings = read_settings()
    handed_on = environment_of(settings)

    assert settings.redis_url == f"rediss://app:s3cret@redis.internal:6380/0?ssl_ca_certs={CERTIFICATE}"
    assert not {FILE, CA} & handed_on.keys()
    assert read_settings(handed_on).redis_url == settings.redis_url


def test_an_embedded_server_is_not_looked_for_where_another_is_said_to_be(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FILE, str(secret))
    ours = "redis://:embedded@127.0.0.1:1/0"

    assert read_settings(environment_of(replace(read_settings(), redis_url=ours))).redis_url == ours


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({URL: "redis://h", FILE: "{secret}"}, f"{URL} and {FILE} are both set: give one of them"),
        (
            {FILE: "{folder}/none"},
            f"{FILE} names a file that cannot be read (No such file or directory): {{folder}}/none",
        ),
        ({FILE: "{folder}"}, f"{FILE} names a file that cannot be read (Is a directory): {{folder}}"),
        ({FILE: "{folder}/empty"}, f"{FILE} names an empty file: {{folder}}/empty"),
        (
            {FILE: "{folder}/two"},
            f"{FILE} is no URL: write redis://:PASSWORD@HOST:PORT/0, with %XX for marks in PASSWORD",
        ),
        (
            {CA: "{folder}/none", URL: "rediss://h"},
            f"{CA} names a file that cannot be used (No such file or directory): {{folder}}/none",
        ),
        (
            {CA: "{folder}/two", URL: "rediss://h"},
            f"{CA} names a file that cannot be used (it holds no certificate): {{folder}}/two",
        ),
        (
            {CA: str(CERTIFICATE), URL: "redis://h"},
            f"{CA} is set, and the address of Redis speaks no TLS: begin it with rediss",
        ),
        (
            {URL: "http://u:s3cret@h"},
            f"{URL} must start with redis://, rediss://, unix://, redis+sentinel:// or rediss+sentinel://",
        ),
        ({"HOOKROUTER_KEY_PREFIX": "hr*"}, "HOOKROUTER_KEY_PREFIX is 'hr*': give one without any of * ? [ \\"),
        ({"REDIS_URL": "redis://:s3cret@"}, "REDIS_URL names no host: write redis://HOST:PORT/0"),
    ],
)
def test_what_makes_no_address_is_one_line_with_the_name_of_the_variable(
    environment: dict[str, str], said: str, secret: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "two").write_text("redis://:s3cret@a\nredis://:s3cret@b\n")
    filled = {name: value.format(secret=secret, folder=tmp_path) for name, value in environment.items()}

    with pytest.raises(ConfigurationError) as refused:
        read_settings(filled)

    assert str(refused.value) == said.format(folder=tmp_path)
