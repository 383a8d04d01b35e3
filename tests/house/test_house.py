"""Sizes, names and opening sentences of every file of the product."""

from __future__ import annotations

import ast
import re
import tomllib

from house_support import ROOT, lines_of, sources

MOST_LINES = 300
LONGEST_FUNCTION = 40

EMPTY_NAMES = frozenset({"base", "common", "core", "data", "handle", "helper", "helpers", "info", "manager", "process"})
EMPTY_WORDS = frozenset({"common", "handle", "handler", "helper", "helpers", "manager", "payload", "util", "utils"})
NAMED_BY_OTHERS = {
    "hookrouter/runtime/connections.py": {"process"},  # the operating system's process: a noun
    "hookrouter/demo/stand_ins.py": {"handle_DATA"},  # aiosmtpd calls it by this name
    "hookrouter/web/worker.py": {"handle", "handle_error", "handle_exit", "handle_quit"},  # gunicorn calls them so
    "hookrouter/testing/mail_server.py": {"handle_DATA", "handle_RCPT"},  # as above
}


def test_no_file_is_long() -> None:
    lengths = {str(source): len(source.text.splitlines()) for source in sources()}

    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}, "look for the second noun"


def test_no_function_is_long() -> None:
    lengths = {
        f"{source}:{function.name}": lines_of(function) for source in sources() for function in source.functions()
    }

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_every_module_opens_with_one_sentence() -> None:
    openings = {str(source): (ast.get_docstring(source.tree) or "").split("\n\n")[0] for source in sources()}

    assert [path for path, opening in openings.items() if not is_one_sentence(opening)] == []


def is_one_sentence(opening: str) -> bool:
    return opening.endswith(".") and not re.search(r"[.!?]\s+[A-Z]", opening)


def test_every_name_says_something() -> None:
    empty = {str(source): {name for name in names if is_empty(name)} for source, names in defined().items()}

    assert {path: names for path, names in empty.items() if names} == NAMED_BY_OTHERS


def defined() -> dict[str, set[str]]:
    return {
        str(source): {function.name for function in source.functions()} | {source.path.stem} for source in sources()
    }


def is_empty(name: str) -> bool:
    bare = name.strip("_").lower()
    return bare in EMPTY_NAMES or not EMPTY_WORDS.isdisjoint(bare.split("_"))


def test_every_sink_of_ours_is_held_apart_from_the_others() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    sinks = {target.split(":")[0] for target in project["project"]["entry-points"]["hookrouter.sinks"].values()}
    contracts = project["tool"]["importlinter"]["contracts"]
    (apart,) = [contract["modules"] for contract in contracts if contract["name"] == "No sink knows another"]

    assert set(apart) == sinks


def test_every_key_of_the_store_says_its_type_its_writer_and_its_bound() -> None:
    said = docstrings_of_keys()

    assert {"intake", "figures"} <= said.keys()
    assert [name for name, docstring in said.items() if not says_its_life(docstring)] == []


def test_every_key_of_the_store_says_how_a_person_is_forgotten() -> None:
    said = docstrings_of_keys()

    assert [name for name, docstring in said.items() if not re.search(r"\. Forget: [^.]+\.$", docstring)] == []


def docstrings_of_keys() -> dict[str, str]:
    files = [source for source in sources() if re.fullmatch(r"hookrouter/store/(?:[a-z]+_)?keys\.py", str(source))]
    return {
        function.name: " ".join((ast.get_docstring(function) or "").split())
        for file in files
        for container in file.tree.body
        if isinstance(container, ast.ClassDef)
        for function in container.body
        if isinstance(function, ast.FunctionDef)
    }


def says_its_life(docstring: str) -> bool:
    kind = re.match(r"(Stream|String|Set|Sorted set|Hash|List)\b", docstring)
    writer = re.search(r"\bwrites?\b|lives and dies with", docstring)
    bound = re.search(r"\bbounded by\b|\bcapped\b|\bexpires\b|\btrims?\b|lives and dies with", docstring)
    return bool(kind and writer and bound)
