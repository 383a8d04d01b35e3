"""`hookrouter init` and `hookrouter check`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from cli_support import CONFIGURATION as WRITTEN_OUT
from cli_support import KEY, Shell
from warm import WarmProcess

CONFIGURATION = WRITTEN_OUT.replace("a-token-only-for-tests", '"${CRM_PUSH_TOKEN}"')
FAULTY = CONFIGURATION.replace("to: [log, billing]", "to: [log, biling]").replace("version: 1", "version: 3")


@pytest.fixture(autouse=True)
def no_literal_secret(shell: Shell) -> None:
    shell.environment |= {"CRM_PUSH_TOKEN": "a-token-only-for-tests", "CRM_KEY": KEY}
    shell.configure(CONFIGURATION)


def test_a_sound_configuration_is_summed_up(shell: Shell) -> None:
    ended = shell.run("check")

    assert (ended.code, ended.out, ended.err) == (0, "ok: 1 source, 2 routes, 2 sinks\n", "")


def test_nothing_is_loaded_for_it_that_speaks_to_redis() -> None:
    asked = "import sys; from hookrouter.cli import check; print(*{'redis', 'rq'} & set(sys.modules))"

    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert loaded.stdout == "\n"


def test_every_fault_has_its_place(shell: Shell) -> None:
    shell.configure(FAULTY)

    ended = shell.run("check")

    assert ended.code == 2
    first, *source_of_first, second, source, mark = ended.out.splitlines()
    assert first.startswith("hookrouter.yaml:1:10: ")
    assert source_of_first == ["  1 | version: 3", "    |          ^"]
    assert second.startswith("hookrouter.yaml:14:15: ")
    assert "billing" in second
    assert (source, mark) == ("  14 |     to: [log, biling]", "     |               ^")
    assert ended.err == "2 errors\n"


def test_what_is_said_commands_no_terminal(shell: Shell) -> None:
    wild = '"\\e]0;owned\\a\\e[2J"'
    shell.configure(CONFIGURATION.replace("to: [log, billing]", f"to: [{wild}]"))

    faulty, other = shell.run("check"), shell.run("test")

    assert "there is no sink" in faulty.out
    assert "there is no sink" in other.err
    assert not {"\x1b", "\x07"} & {*faulty.out, *other.err}


def test_the_mark_is_below_its_column_on_a_narrow_terminal(shell: Shell) -> None:
    shell.configure(CONFIGURATION.replace("to: [log, billing]", f"to: [log,{' ' * 60}biling]"))

    lines = shell.on_terminal("check", columns=40).splitlines()

    mark = next(number for number, line in enumerate(lines) if line.strip() == "|" + line.strip()[1:-1] + "^")
    assert len(lines[mark - 1]) <= 40
    assert lines[mark - 1][lines[mark].index("^") :].startswith("biling]")


def test_what_takes_the_unmatched_is_no_route_of_its_own(shell: Shell) -> None:
    shell.configure(f"{CONFIGURATION}unmatched: {{to: [log]}}\n")

    assert shell.run("check").out == "ok: 1 source, 2 routes, 2 sinks\n"


def test_doubts_are_told_and_are_no_faults(shell: Shell) -> None:
    shell.configure(CONFIGURATION.replace("to: [log, billing]", "to: [log]"))

    ended = shell.run("check")

    assert ended.code == 0
    warning, _, _, summary = ended.out.splitlines()
    assert warning.startswith("hookrouter.yaml:10:3: warning: ")
    assert summary == "ok: 1 source, 2 routes, 2 sinks (1 warning)"


def test_a_file_for_tls_that_cannot_be_used_has_its_place_and_stops_no_process(shell: Shell) -> None:
    secure = 'url: "https://127.0.0.1:9/leads", tls: {ca: none.pem}'
    shell.configure(CONFIGURATION.replace('url: "http://127.0.0.1:9/leads"', secure))

    ended = shell.run("check")

    assert ended.code == 2
    assert ended.out.splitlines()[0] == "hookrouter.yaml:10:69: the file cannot be read: No such file or directory"
    assert shell.run("explain", "--lead", shell.write("lead.json", {"id": 1, "leadScore": 91})).code == 0


def test_faults_as_json(shell: Shell) -> None:
    shell.configure(FAULTY)

    ended = shell.run("check", "--json")

    assert ended.code == 2
    assert ended.json["ok"] is False
    assert [(found["file"], found["line"], found["column"]) for found in ended.json["errors"]] == [
        ("hookrouter.yaml", 1, 10),
        ("hookrouter.yaml", 14, 15),
    ]
    assert [found["source"] for found in ended.json["errors"]] == ["version: 3", "    to: [log, biling]"]


def test_other_commands_tell_the_same_faults_on_standard_error(shell: Shell) -> None:
    shell.configure(FAULTY)

    ended = shell.run("dead")

    assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 2)


def test_the_starter_file_is_sound_once_its_variables_are_set(shell: Shell) -> None:
    made = shell.run("init", "new/place")
    shell.environment |= {
        "CRM_PUSH_TOKEN": "a-token-only-for-tests",
        "CRM_ACCOUNT_ID": "account",
        "CRM_SECRET_KEY": "secret",
        "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/X",
    }

    ended = shell.run("check", "--config", "new/place/hookrouter.yaml")

    assert made.code == 0
    assert "new/place/hookrouter.yaml" in made.out
    assert (shell.folder / "new/place/hookrouter.schema.json").read_text() == shell.run("schema").out
    assert (ended.code, ended.out.split(":")[0]) == (0, "ok")


def test_a_file_that_is_there_is_kept(shell: Shell) -> None:
    ended = shell.run("init")

    assert (ended.code, ended.err) == (2, "hookrouter.yaml is there already and is kept\n")
    assert (shell.folder / "hookrouter.yaml").read_text() == CONFIGURATION


def test_the_schema_beside_the_file_is_renewed_but_for_one_of_somebody_else(shell: Shell) -> None:
    schema = shell.folder / "hookrouter.schema.json"
    (shell.folder / "hookrouter.yaml").unlink()

    schema.write_text('{"title": "hookrouter.yaml", "of": "an older version"}')
    renewed = shell.run("init")
    fresh = schema.read_text()
    (shell.folder / "hookrouter.yaml").unlink()
    schema.write_text("[]")
    kept = shell.run("init")

    assert (renewed.code, fresh) == (0, shell.run("schema").out)
    assert (kept.code, schema.read_text()) == (2, "[]")
    assert kept.err == "hookrouter.schema.json is there already, is no schema of hookrouter's, and is kept\n"


CUSTOM = "match: {favorite_color: red, favorite_colours: red}"


def test_the_crm_is_asked_for_its_fields_where_only_it_can_tell(
    shell: Shell, simulator_of: Callable[[Shell, int], WarmProcess]
) -> None:
    simulator_of(shell, 5)
    configuration = (shell.folder / "hookrouter.yaml").read_text()
    shell.configure(configuration.replace("match: {leadStatus: customer}", CUSTOM))

    alone, asked = shell.run("check", "--no-crm"), shell.run("check")

    names = "`favorite_color`, `favorite_colours`, `nickName`"
    told = f"only the CRM can tell whether its leads have {names}\n"
    assert (alone.code, alone.err) == (0, told)
    assert (asked.code, asked.err) == (0, "")
    assert "warning: the CRM has no field `favorite_colours` (did you mean favorite_color?)\n" in asked.out


def test_a_crm_that_is_away_is_no_fault(shell: Shell) -> None:
    away = "crm: {account_id: a, secret_key: '${CRM_KEY}', url: 'http://127.0.0.1:9/'}\n"
    shell.configure(CONFIGURATION + away)

    ended = shell.run("check")
    shell.configure((CONFIGURATION + away).replace("redact: [nickName]\n", ""))
    nothing_to_ask = shell.run("check")

    assert (nothing_to_ask.code, "not asked" in nothing_to_ask.err) == (0, False)
    assert ended.code == 0
    assert ended.out.startswith("ok: ")
    assert ended.err.startswith("the CRM was not asked for its fields: ")
    assert KEY not in ended.err


def test_a_literal_secret_is_not_shown_in_the_line(shell: Shell) -> None:
    sinks = '  log: {type: stdout}\n  web: {type: http, url: "${HOOK}", token: written-out, timout: 3s}\n'
    shell.configure(CONFIGURATION.replace("  log: {type: stdout}\n", sinks))

    ended = shell.run("check")

    assert ended.code == 2
    assert '  10 |   web: {type: http, url: "${HOOK}", token: (secret), timout: 3s}\n' in ended.out
    assert "written-out" not in ended.out + ended.err
