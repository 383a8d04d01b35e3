"""Whatever stands in the file, it is read or refused with reasons, and no secret is said."""

import re
import tempfile
from pathlib import Path

from config_support import ENVIRONMENT, FILES, SINK_SCHEMAS, judge_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hookrouter.config.load import load_config
from hookrouter.config.model import Config
from hookrouter.domain.errors import ConfigurationError

TEXTS = [path.read_bytes().decode("utf-8-sig") for path in sorted((FILES / "good").glob("*.yaml"))]
SCRAPS = [
    *("{", "}", "[", "]", ":", ": ", "- ", "? ", "#", "&a ", "*a", "!t ", "|", ">", "'", '"', "\\", "%", "@", "`"),
    *("\t", "\n", "\n  ", "\r", "\0", "\x85", "\u2028", "\ufeff", "é", "---\n", "...\n", "${", "$$", "${X}", "~"),
    *("null", "true", "0", "-1", "1e9", "1.10", "9" * 30, '"\\ud800"', '"\\UFFFFFFFF"', "{{ x }}", "[]", "{}", "<<: "),
    *("stop: true", "_schema", "type", "sink", "value", "key", "name: all", "match: []", "to: {}", "{sink: {}}"),
]
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


def test_deep_and_wide_files_are_refused_quickly(tmp_path):
    for text in ("[" * 200_000, "{a: " * 60_000, "- " * 100_000, "? " * 100_000, "!a " * 80_000):
        assert judge_text(tmp_path, text).config is None
