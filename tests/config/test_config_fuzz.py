"""Whatever stands in the file, it is read or refused with reasons, and no secret is said."""

import random
import re
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from config_support import ENVIRONMENT, FILES, SINK_SCHEMAS, judge_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml.error import MarkedYAMLError
from yaml_oracle import compose, says_the_same

from hookrouter.config import files
from hookrouter.config.findings import FileFaults
from hookrouter.config.load import load_config
from hookrouter.config.model import Config
from hookrouter.config.starter import starter_text
from hookrouter.config.yaml_text import Document, read_yaml
from hookrouter.domain.errors import ConfigurationError

TEXTS = [path.read_bytes().decode("utf-8-sig") for path in sorted((FILES / "good").glob("*.yaml"))]
SCRAPS = [
    *("{", "}", "[", "]", ":", ": ", "- ", "? ", "#", "&a ", "*a", "!t ", "|", ">", "'", '"', "\\", "%", "@", "`"),
    *("\t", "\n", "\n  ", "\r", "\0", "\x85", "\u2028", "\ufeff", "é", "---\n", "...\n", "${", "$$", "${X}", "~"),
    *("null", "true", "0", "-1", "1e9", "1.10", "9" * 30, '"\\ud800"', '"\\UFFFFFFFF"', "{{ x }}", "[]", "{}", "<<: "),
    *("stop: true", "_schema", "type", "sink", "value", "key", "name: all", "match: []", "to: {}", "{sink: {}}"),
]
WRITTEN = [
    *(
        " #",
        ",",
        ", ",
        "|-",
        ">+",
        "\r\n",
        "\n\n",
        "''",
        '"a\\\n b"',
        '"\\x41"',
        "a:b",
        "a: b",
        "::",
        "-",
        "?a",
        "-a",
        ":a",
    ),
    *(
        "a#b",
        "NO",
        "on",
        "02134",
        "12:30",
        "0x1f",
        "0o17",
        "1_000",
        "2026-11-27",
        "yes",
        "1.0",
        "+1",
        ".5",
        "\\/",
        "<<: {}",
    ),
]
READ_OTHERWISE = re.compile(r":[:,\[\]{}]")
"""What the other reader takes for text, against YAML 1.2 (7.3.3, plain style), where a key ends."""

LINE = re.compile(r"[^\n]+:\d+:\d+: [^\n]+")
SECRETS = [ENVIRONMENT[name] for name in ("CRM_PUSH_TOKEN", "CRM_SECRET_KEY", "SMTP_PASSWORD", "BILLING_SECRET")]


@st.composite
def mutated_files(draw):
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 3, 10, 40])))
        text = text[:start] + draw(st.sampled_from(SCRAPS) | st.text(max_size=3)) + text[end:]
    return text.encode("utf-8", errors="surrogatepass")


@st.composite
def rearranged_words(draw):
    """Every value of a good file may be any other scrap, so that the schemas are reached."""
    words = re.split(r"(?<=: )(?=\S)", draw(st.sampled_from(TEXTS)))
    for _ in range(draw(st.integers(1, 3))):
        number = draw(st.integers(1, len(words) - 1))
        words[number] = re.sub(r"^[^\s,}\]]+", lambda _: draw(st.sampled_from(SCRAPS)), words[number])
    return "".join(words).encode()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated_files() | rearranged_words() | st.binary(max_size=60))
def test_any_file_is_read_or_refused_with_a_line_for_each_fault(content):
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "hookrouter.yaml"
        path.write_bytes(content)
        try:
            assert isinstance(load_config(path, ENVIRONMENT, SINK_SCHEMAS), Config)
        except ConfigurationError as error:
            said = str(error)
            assert all(LINE.fullmatch(line) for line in said.split("\n"))
            assert not [secret for secret in SECRETS if secret in said]
            said.encode()


def mutated(dice: random.Random) -> str:
    text = dice.choice([*TEXTS, starter_text()])
    for _ in range(dice.randint(1, 4)):
        start = dice.randint(0, len(text))
        end = min(len(text), start + dice.choice([0, 0, 1, 3, 10, 40]))
        text = text[:start] + dice.choice([*SCRAPS, *WRITTEN]) + text[end:]
    return text


@pytest.mark.parametrize("count", [500, pytest.param(20_000, marks=[pytest.mark.long, pytest.mark.timeout(600)])])
def test_a_file_never_silently_means_something_else(tmp_path, read_once, count):
    dice = random.Random(20261127)
    seen: Counter[str] = Counter()
    for _ in range(count):
        text = mutated(dice)
        report = judge_text(tmp_path, text)
        assert all(LINE.fullmatch(str(finding)) for finding in (*report.faults, *report.warnings)), text
        assert (report.config is None) is bool(report.faults)
        seen[_compared(text, read_once)] += 1
    print(dict(seen))

    assert seen["the same"] > count // 6, "too few were read for this to say much"


@pytest.fixture
def read_once(monkeypatch) -> Callable[[bytes], Document]:
    """Reads what was judged last, without reading it again: that is most of what a refused file costs."""
    last: dict[bytes, Document | FileFaults] = {}

    def read(file: str, content: bytes) -> Document:
        if content not in last:
            last.clear()
            try:
                last[content] = read_yaml(file, content)
            except FileFaults as faults:
                last[content] = faults
        found = last[content]
        if isinstance(found, FileFaults):
            raise found
        return found

    monkeypatch.setattr(files, "read_yaml", read)
    return lambda content: read("f.yaml", content)


def _compared(text: str, read: Callable[[bytes], Document]) -> str:
    """Both readers' word on a file; they must not read it and differ."""
    try:
        value = read(text.encode()).value
    except FileFaults:
        return "refused"
    try:
        node = compose(text)
    except MarkedYAMLError:
        return "read by us alone"
    if not says_the_same(value, node):
        assert READ_OTHERWISE.search(text), text
        return "read otherwise"
    return "the same"


def test_deep_and_wide_files_are_refused_quickly(tmp_path):
    for text in ("[" * 200_000, "{a: " * 60_000, "- " * 100_000, "? " * 100_000, "!a " * 80_000):
        assert judge_text(tmp_path, text).config is None
