import sys
from importlib.metadata import EntryPoint

import pytest

from hookrouter.domain.errors import ConfigurationError
from hookrouter.sinks.registry import GROUP, load_sink_types
from hookrouter.sinks.stdout import SINK as STDOUT


def entry(name, value):
    return EntryPoint(name=name, value=value, group=GROUP)


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    """Writes the module `brought` and has its entry point."""

    def write(text, name="brought"):
        (tmp_path / "brought.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        return entry(name, "brought:SINK")

    yield write
    sys.modules.pop("brought", None)


def test_our_own_types_are_there():
    types = load_sink_types()

    assert {"email", "http", "slack", "stdout"} <= types.keys()
    assert types["stdout"] is STDOUT


def test_a_plug_in_is_found(plug_in):
    text = (
        "from hookrouter.sinks.kinds import SinkType\n"
        "from hookrouter.sinks.stdout import StdoutSchema, build\n"
        "SINK = SinkType(name='brought', schema=StdoutSchema, build=build)\n"
    )

    types = load_sink_types([plug_in(text), entry("stdout", "hookrouter.sinks.stdout:SINK")])

    assert sorted(types) == ["brought", "stdout"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import nothing_of_that_name", "ModuleNotFoundError"),
        ("def (", "SyntaxError"),
        ("x = 1", "AttributeError"),
        ("1 / 0", "ZeroDivisionError"),
        ("SINK = 5", "is no SinkType"),
        ("from hookrouter.sinks.stdout import SINK", "calls itself 'stdout'"),
    ],
)
def test_a_broken_plug_in_is_named(plug_in, text, says):
    with pytest.raises(ConfigurationError, match="sink plug-in 'brought'") as caught:
        load_sink_types([plug_in(text)])

    assert says in str(caught.value)


def test_two_of_one_name_are_refused(plug_in):
    text = (
        "from hookrouter.sinks.kinds import SinkType\n"
        "from hookrouter.sinks.stdout import StdoutSchema, build\n"
        "SINK = SinkType(name='stdout', schema=StdoutSchema, build=build)\n"
    )

    with pytest.raises(ConfigurationError, match="two plug-ins bring a sink type 'stdout'"):
        load_sink_types([plug_in(text, "stdout"), entry("stdout", "hookrouter.sinks.stdout:SINK")])
