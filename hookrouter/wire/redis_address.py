"""Where Redis is: an address as the environment writes it, read whole or refused in one line without its password."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from hookrouter.domain.errors import ConfigurationError

SCHEMES = ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel")
REDIS_PORT, SENTINEL_PORT = 6379, 26379
LAST_PORT = 65535
MOST_DIGITS = 5
CA = "ssl_ca_certs"
TLS_SETTINGS = frozenset({CA, "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs"})
"""What may be said of TLS behind the `?`, by redis-py's names."""
SENTINEL_SETTINGS = frozenset({"sentinel_username", "sentinel_password"})
UNIX_SETTINGS = frozenset({"username", "password"})
CHECKED = {"required": True, "none": False}

NO_URL = "is no URL: write redis://:PASSWORD@HOST:PORT/0, with %XX for marks in PASSWORD"
NO_HOST = "names no host: write redis://HOST:PORT/0"
WHICH_USER = "names a user and no password: write redis://USER:PASSWORD@HOST:PORT/0, or redis://:PASSWORD@HOST:PORT/0"
NO_DATABASE = "ends in what is no number of a database: write redis://HOST:PORT/0"
NO_PRIMARY = "names no primary: write redis+sentinel://HOST:PORT,HOST:PORT/NAME/0, with NAME as the Sentinels call it"
NO_SOCKET = "names no socket: write unix:///FOLDER/SOCKET?db=0"
SEVERAL = "names several hosts: that is for redis+sentinel://HOST:PORT,HOST:PORT/NAME/0"
NO_TLS = "speaks of certificates and of no TLS: begin it with rediss"

_LABEL = "[A-Za-z0-9_-]{1,63}"  # more or less than that Python cannot ask for, and says so as a fault of its own
_HOST = re.compile(rf"(?P<name>\[[0-9A-Fa-f:.]+\]|{_LABEL}(?:\.{_LABEL})*\.?)(?::(?P<port>\d{{1,5}}))?")
_BROKEN = re.compile(r"[\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class Place:
    """A host and a port."""

    host: str
    port: int

    @property
    def is_local(self) -> bool:
        """Whether it is this machine."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisAddress:
    """One server, or the Sentinels that know which server it is.

    Attributes:
        places: the server, or each Sentinel; none for a socket in the file system.
        primary: how the Sentinels call the server; '' where there are none.
        is_checked: whether the server's certificate must be one that is trusted.
        ca: the file of a CA that is trusted besides those of the system.
    """

    places: Sequence[Place] = ()
    socket: str = ""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    database: int = 0
    primary: str = ""
    sentinel_username: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)
    is_tls: bool = False
    is_checked: bool = True
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine alone."""
        return all(place.is_local for place in self.places)


def read_address(text: str) -> RedisAddress:
    """The address that a text is.

    Raises:
        ConfigurationError: it is none; the text goes on from the name of the variable.
    """
    scheme, mark, rest = text.partition("://")
    scheme = scheme.lower()
    if not mark or scheme not in SCHEMES:
        raise ConfigurationError(f"must start with {'://, '.join(SCHEMES[:-1])}:// or {SCHEMES[-1]}://")
    authority, path, query = _parts(rest)
    user, _, places = authority.rpartition("@")
    said = _settings(query, scheme)
    if scheme == "unix":
        found = _in_file_system(places, path, said)
    elif scheme.endswith("sentinel"):
        found = _by_sentinels(places, path, said)
    else:
        database = _database(said.get("db") or path.strip("/"))
        found = RedisAddress(places=[_place(places, REDIS_PORT)], database=database)
    username, password = _credentials(user)
    return replace(
        found,
        username=said.get("username") or username,
        password=said.get("password") or password,
        is_tls=scheme.startswith("rediss"),
        is_checked=_is_checked(said),
        ca=said.get(CA),
        certificate=said.get("ssl_certfile"),
        key=said.get("ssl_keyfile"),
    )


def trusting(text: str, ca: str) -> str:
    """The same address, with a file of a CA that is trusted.

    Raises:
        ConfigurationError: it speaks no TLS.
    """
    if not read_address(text).is_tls:
        raise ConfigurationError(NO_TLS)
    plain, _, query = text.partition("?")
    said = [(name, value) for name, value in parse_qsl(query) if name != CA]
    return f"{plain}?{urlencode([*said, (CA, ca)], safe='/', quote_via=quote)}"


def _parts(rest: str) -> tuple[str, str, str]:
    """User and places, path, and what is said behind the `?`; marks of a password that are not escaped are refused."""
    try:
        split = urlsplit(f"//{rest}")
    except ValueError:
        raise ConfigurationError(NO_URL) from None
    if _BROKEN.search(rest) or split.fragment or "@" in split.path + split.query:
        raise ConfigurationError(NO_URL)
    return split.netloc, split.path, split.query


def _credentials(user: str) -> tuple[str | None, str | None]:
    name, _, password = user.partition(":")
    if name and not password:
        raise ConfigurationError(WHICH_USER)
    return unquote(name) or None, unquote(password) or None


def _settings(query: str, scheme: str) -> Mapping[str, str]:
    said = dict(parse_qsl(query))
    known = {"db"} | (UNIX_SETTINGS if scheme == "unix" else set())
    known |= TLS_SETTINGS if scheme.startswith("rediss") else set()
    known |= SENTINEL_SETTINGS if scheme.endswith("sentinel") else set()
    if unknown := sorted(said.keys() - known):
        # It is quoted only if it can be nothing but a name.
        name = f" ({unknown[0]})" if re.fullmatch(r"[a-z_]{1,40}", unknown[0]) else ""
        raise ConfigurationError(
            f"says behind the `?` what is not known there{name}: with {scheme}:// known are {', '.join(sorted(known))}"
        )
    return said


def _in_file_system(places: str, path: str, said: Mapping[str, str]) -> RedisAddress:
    if places or not path.strip("/"):
        raise ConfigurationError(NO_SOCKET)
    return RedisAddress(socket=unquote(path), database=_database(said.get("db", "")))


def _by_sentinels(places: str, path: str, said: Mapping[str, str]) -> RedisAddress:
    primary, _, number = path.strip("/").partition("/")
    if not primary or primary.isdigit():
        raise ConfigurationError(NO_PRIMARY)
    return RedisAddress(
        places=[_place(each, SENTINEL_PORT) for each in places.split(",")],
        primary=unquote(primary),
        database=_database(said.get("db") or number),
        sentinel_username=said.get("sentinel_username"),
        sentinel_password=said.get("sentinel_password"),
    )


def _place(text: str, port: int) -> Place:
    if not text or text.startswith(":"):
        raise ConfigurationError(NO_HOST)
    if "," in text:
        raise ConfigurationError(SEVERAL)
    found = _HOST.fullmatch(text)
    number = int(found["port"] or port) if found else 0
    if found is None or not 0 < number <= LAST_PORT:
        raise ConfigurationError(NO_URL)
    return Place(found["name"].strip("[]"), number)


def _database(text: str) -> int:
    if not text:
        return 0
    if not text.isascii() or not text.isdigit() or len(text) > MOST_DIGITS:
        raise ConfigurationError(NO_DATABASE)
    return int(text)


def _is_checked(said: Mapping[str, str]) -> bool:
    word = said.get("ssl_cert_reqs", "required").lower().removeprefix("cert_")  # as Celery writes it
    if word not in CHECKED:
        raise ConfigurationError("says of ssl_cert_reqs what is not known: give required or none")
    return CHECKED[word]
