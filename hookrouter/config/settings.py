"""The environment, read once into `Settings`; no other module reads it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hookrouter.config.links import checked_links
from hookrouter.config.redis_variables import key_prefix, redis_ca, redis_url, redis_url_in, whole_address
from hookrouter.config.secret_file import secret_in
from hookrouter.domain.errors import ConfigurationError, HookrouterError

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("json", "console")
LOG_FIELDS = ("by", "file", "reason", "route", "routes", "sink", "sinks", "source", "team", "text", "to", "what")
"""Those fields of log lines that show words of people: of operators, of the configuration, of libraries."""
LEAST_TOKEN = 16
"""Characters of an operators' token, as of one of pushes."""
MAKE_TOKEN = "make one by python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"  # noqa: S105 - it says how
SHARED_COUNTERS = "PROMETHEUS_MULTIPROC_DIR"
"""A process with this variable keeps its counters in a file, where others read them for as long as it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says of one process."""

    config_path: Path
    redis_url: str | None = field(repr=False)
    redis_url_file: str | None = field(default=None, repr=False)
    redis_ca: str | None = None
    redis_durability: str | None
    host: str
    port: int
    data_dir: Path
    log_level: str
    log_format: str
    log_redact: str
    no_color: str | None
    admin_token: str | None = field(repr=False)
    read_token: str | None = field(default=None, repr=False)
    metrics_port: int | None
    web_concurrency: int
    partitions: int
    worker_concurrency: int
    key_prefix: str
    console_links: str | None
    otlp_endpoint: str | None
    otlp_protocol: str
    otel_exporter: str
    otel_disabled: str

    @property
    def metrics_dir(self) -> Path:
        """Where the processes of this machine share their counters."""
        return self.data_dir / "metrics"

    @property
    def log_style(self) -> str:
        """How log lines look: json, console, or plain, which is console without colours."""
        return "plain" if self.log_format == "console" and self.no_color else self.log_format

    @property
    def redacted(self) -> frozenset[str]:
        """The fields whose values no log line shows."""
        return _names_in(self.log_redact)

    @property
    def traces(self) -> str | None:
        """By which protocol traces are to be sent; None where none are wanted."""
        is_off = self.otlp_endpoint is None or self.otel_disabled.lower() == "true" or self.otel_exporter != "otlp"
        return None if is_off else self.otlp_protocol


@dataclass(frozen=True, slots=True)
class Variable:
    """One row of the environment's table: its names (the first that is set wins), default, reader and help.

    One that may stand in a file is also given by a variable `NAME_FILE` that names it.
    """

    field: str
    names: tuple[str, ...]
    default: str | None
    read: Callable[[str, str], object]
    help: str
    may_be_in_file: bool = False


def _text(_name: str, value: str) -> str:
    return value


def _long_token(name: str, value: str) -> str:
    if len(value) < LEAST_TOKEN:  # it may be reached from everywhere, and the few that are that short can be guessed
        raise ConfigurationError(f"{name} is shorter than {LEAST_TOKEN} characters: {MAKE_TOKEN}")
    return value


def _path(_name: str, value: str) -> Path:
    return Path(value).expanduser()


def _number_from(least: int, most: int) -> Callable[[str, str], int]:
    def read(name: str, value: str) -> int:
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ConfigurationError(f"{name} is {value!r}: give a whole number from {least} to {most}")
        return int(value)

    return read


def _choice_of(choices: tuple[str, ...]) -> Callable[[str, str], str]:
    def read(name: str, value: str) -> str:
        if value.lower() not in choices:
            raise ConfigurationError(f"{name} is {value!r}: give one of {', '.join(choices)}")
        return value.lower()

    return read


def _names_of(choices: tuple[str, ...]) -> Callable[[str, str], str]:
    def read(name: str, value: str) -> str:
        if unknown := sorted(_names_in(value) - {*choices}):
            raise ConfigurationError(f"{name} names {unknown[0]!r}: give none or some of {', '.join(choices)}")
        return value

    return read


def _names_in(value: str) -> frozenset[str]:
    return frozenset(filter(None, (each.strip().lower() for each in value.split(",")))) - {"none"}


VARIABLES = (
    Variable("config_path", ("HOOKROUTER_CONFIG",), "hookrouter.yaml", _path, "the configuration file"),
    Variable(
        "redis_url",
        ("HOOKROUTER_REDIS_URL", "REDIS_URL"),
        None,
        redis_url,
        "the Redis or Valkey server; none: embedded",
    ),
    Variable("redis_url_file", ("HOOKROUTER_REDIS_URL_FILE",), None, redis_url_in, "a file with the address in it"),
    Variable("redis_ca", ("HOOKROUTER_REDIS_CA",), None, redis_ca, "the CA of a server with TLS"),
    Variable(
        "redis_durability",
        ("HOOKROUTER_REDIS_DURABILITY",),
        None,
        _choice_of(("memory", "everysec", "fsync")),
        "what a server does whose settings cannot be read",
    ),
    Variable("host", ("HOST",), "0.0.0.0", _text, "the address the receiver listens on"),  # noqa: S104 - it is a server
    Variable("port", ("PORT",), "8080", _number_from(1, 65535), "the port the receiver listens on"),
    Variable(
        "data_dir", ("HOOKROUTER_DATA_DIR",), ".hookrouter", _path, "where the embedded server and counters keep files"
    ),
    Variable("log_level", ("HOOKROUTER_LOG_LEVEL",), "info", _choice_of(LOG_LEVELS), "the least level that is logged"),
    Variable("log_format", ("HOOKROUTER_LOG_FORMAT",), "json", _choice_of(LOG_FORMATS), "json or console"),
    Variable(
        "log_redact",
        ("HOOKROUTER_LOG_REDACT",),
        "none",
        _names_of(LOG_FIELDS),
        "fields whose values no log line shows",
    ),
    Variable("no_color", ("NO_COLOR",), None, _text, "anything: no colours"),
    Variable(
        "admin_token",
        ("HOOKROUTER_ADMIN_TOKEN",),
        None,
        _long_token,
        "opens the operator's pages and calls",
        may_be_in_file=True,
    ),
    Variable(
        "read_token",
        ("HOOKROUTER_READ_TOKEN",),
        None,
        _long_token,
        "opens them for reading only",
        may_be_in_file=True,
    ),
    Variable(
        "metrics_port",
        ("HOOKROUTER_METRICS_PORT",),
        None,
        _number_from(1, 65535),
        "where a worker or scheduler answers /metrics",
    ),
    Variable("web_concurrency", ("WEB_CONCURRENCY",), "2", _number_from(1, 64), "receiver processes"),
    Variable(
        "partitions", ("HOOKROUTER_PARTITIONS",), "4", _number_from(1, 256), "intake streams; the scheduler's counts"
    ),
    Variable(
        "worker_concurrency",
        ("HOOKROUTER_WORKER_CONCURRENCY",),
        "256",
        _number_from(1, 10_000),
        "deliveries under way at once in one worker",
    ),
    Variable("console_links", ("HOOKROUTER_CONSOLE_LINKS",), None, checked_links, "pages that the console links to"),
    Variable("key_prefix", ("HOOKROUTER_KEY_PREFIX",), "hr", key_prefix, "the first part of every Redis key"),
    Variable(
        "otlp_endpoint",
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        None,
        _text,
        "where traces are sent; none: nowhere",
    ),
    Variable(
        "otlp_protocol",
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"),
        "http/protobuf",
        _text,
        "how traces are sent",
    ),
    Variable("otel_exporter", ("OTEL_TRACES_EXPORTER",), "otlp", _text, "otlp, or anything else for no traces"),
    Variable("otel_disabled", ("OTEL_SDK_DISABLED",), "false", _text, "true for no traces"),
)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read every variable of the table.

    Raises:
        ConfigurationError: with all faults at once, one a line.
    """
    environment = os.environ if environment is None else environment  # noqa: TID251 - this module owns it
    values: dict[str, object] = {}
    faults: list[str] = []
    for variable in VARIABLES:
        try:
            values[variable.field] = _value_of(variable, environment)
        except ConfigurationError as fault:
            faults.append(str(fault))
    if values.get("read_token") is not None and values.get("read_token") == values.get("admin_token"):
        faults.append(f"HOOKROUTER_READ_TOKEN is the admin token, so who reads could do everything: {MAKE_TOKEN}")
    try:
        values["redis_url"] = whole_address(values, environment)
    except ConfigurationError as fault:
        faults.append(str(fault))
    if faults:
        raise ConfigurationError("\n".join(faults))
    return Settings(**values)  # type: ignore[arg-type]  # the table's readers give the fields' types


def _value_of(variable: Variable, environment: Mapping[str, str]) -> object:
    given = {name: value for name in variable.names if (value := environment.get(name, "").strip())}
    of_file = f"{variable.names[0]}_FILE"
    if variable.may_be_in_file and (file := environment.get(of_file, "").strip()):
        if given:
            raise ConfigurationError(f"{variable.names[0]} and {of_file} are both set: give one of them")
        return variable.read(of_file, secret_in(of_file, file))
    for name, value in given.items():
        return variable.read(name, value)
    return None if variable.default is None else variable.read(variable.names[0], variable.default)


def process_environment() -> dict[str, str]:
    """A copy of this process' environment, for `${NAME}` in the configuration and for child processes."""
    return dict(os.environ)  # noqa: TID251 - this module owns it


def is_given_listener() -> bool:
    """Whether whoever started this process hands it the socket to listen to, as systemd does (sd_listen_fds(3))."""
    given, count = os.environ.get("LISTEN_PID"), os.environ.get("LISTEN_FDS")  # noqa: TID251 - this module owns it
    return given == str(os.getpid()) and count not in {None, "", "0"}


def share_metrics(directory: Path) -> None:
    """Tell prometheus-client, before it is imported, where this machine's processes share their counters.

    Raises:
        HookrouterError: the directory cannot be made.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        if fault.errno not in NO_ROOM:  # with a full disk pushes are taken all the same, and counted in memory
            raise cannot_write(directory.parent, fault) from fault
    os.environ[SHARED_COUNTERS] = str(directory)  # noqa: TID251 - the library reads it from there


def cannot_write(data_dir: Path, fault: OSError) -> HookrouterError:
    """What to say of a data directory that cannot be used."""
    return HookrouterError(
        f"cannot write in {data_dir} ({fault.strerror}): set HOOKROUTER_DATA_DIR to a directory of yours"
    )


def name_config_file(path: Path) -> None:
    """Have this process, and what it starts, read another configuration file."""
    os.environ["HOOKROUTER_CONFIG"] = str(path)  # noqa: TID251 - this module owns it
