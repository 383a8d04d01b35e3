"""The user that the documentation gives hookrouter on a Redis of one's own, and what becomes of it without a rule."""

from __future__ import annotations

import re
from pathlib import Path

from valkeys import OwnValkey

from hookrouter.supervise.free_port import LOOPBACK

NAME = "hookrouter"
DOCUMENT = Path(__file__).parents[1] / "docs" / "redis.md"


def documented_user() -> list[str]:
    """The rules of the ACL line in the documentation."""
    [line] = re.findall(rf"^user {NAME} (.*)$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    return str(line).split()


def url_of(server: OwnValkey, database: int = 0) -> str:
    """Where that user finds a server."""
    password = next(rule[1:] for rule in documented_user() if rule.startswith(">"))
    return f"redis://{NAME}:{password}@{LOOPBACK}:{server.port}/{database}"


def admit(server: OwnValkey, *more: str, without: str = "") -> None:
    """Give a server this user as documented, but for the rules of one command or one pattern, and with others."""
    kept = [rule for rule in documented_user() if is_known(rule, server) and not is_of(rule, without)]
    denied = [f"-{without}"] if without.isalpha() else []
    server.call("ACL", "SETUSER", NAME, "reset", *kept, *denied, *more)


def is_of(rule: str, what: str) -> bool:
    """Whether a rule is of a command, or the pattern itself."""
    return rule == what or re.split(r"[|]", rule)[0] == f"+{what}"


def is_known(rule: str, server: OwnValkey) -> bool:
    """Whether a server is new enough for a rule; Redis before 7.2 knows no `client|setinfo`."""
    return rule != "+client|setinfo" or version_of(server) >= (7, 2)


def version_of(server: OwnValkey) -> tuple[int, ...]:
    return tuple(map(int, str(server.info()["redis_version"]).split(".")))
