"""A configuration of several files reads as one, and each place of it is told by its own file."""

import os
from pathlib import Path

import pytest
from config_support import SINK_SCHEMAS, judge, judge_text

from hookrouter.config.included import MOST_FILES
from hookrouter.config.load import check_config

MAIN = """\
version: 1
include: INCLUDE
receiver: {sources: {crm: {token: "${CRM_PUSH_TOKEN}"}}}
sinks: {log: {type: stdout}}
routes: [{name: first, to: [log]}]
"""


def lay_down(folder: Path, files: dict[str, str], include: str = "[routes/*.yaml, sinks.yaml]", main: str = MAIN):
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "hookrouter.yaml").write_text(main.replace("INCLUDE", include))
    return folder / "hookrouter.yaml"


def told(report, folder):
    return [str(finding).replace(f"{folder}/", "") for finding in report.faults]


def doubts(report, folder):
    return [str(finding).replace(f"{folder}/", "") for finding in report.warnings]


PARTS = {
    "routes/b.yaml": "routes: [{name: of-b, match: large, to: [billing]}]\n",
    "routes/a.yaml": "routes:\n  - {name: of-a, to: [log]}\n  - {name: also-of-a, to: [billing]}\n",
    "sinks.yaml": "sinks: {billing: {type: stdout}}\nconditions: {large: {employees: {gte: 100}}}\n",
}


def test_routes_come_in_order_those_of_the_main_file_first(tmp_path):
    report = judge(lay_down(tmp_path, PARTS))

    assert told(report, tmp_path) == []
    assert [route.name for route in report.config.routes] == ["first", "of-a", "also-of-a", "of-b"]
    assert list(report.config.sinks) == ["log", "billing"]
    assert [path.relative_to(tmp_path).as_posix() for path in report.config.files] == [
        "hookrouter.yaml",
        "routes/a.yaml",
        "routes/b.yaml",
        "sinks.yaml",
    ]


def test_the_order_is_that_of_the_list(tmp_path):
    report = judge(lay_down(tmp_path, PARTS, "[sinks.yaml, routes/b.yaml, routes/a.yaml]"))

    assert [route.name for route in report.config.routes] == ["first", "of-b", "of-a", "also-of-a"]


def test_all_routes_and_sinks_may_stand_in_included_files(tmp_path):
    main = "version: 1\ninclude: [more.yaml]\nreceiver: {sources: {crm: {token: '${CRM_PUSH_TOKEN}'}}}\n"
    more = {"more.yaml": "sinks: {log: {type: stdout}}\nroutes: [{name: only, to: [log]}]\n"}

    report = judge(lay_down(tmp_path, more, main=main))

    assert [route.name for route in report.config.routes] == ["only"]


def test_faults_of_all_files_are_told_each_in_its_own(tmp_path):
    parts = {
        "routes/a.yaml": "# first\nroutes:\n  - name: of-a\n    match: {leadScore: {gte: high}}\n    to: [nobody]\n",
        "routes/b.yaml": "routes:\n  - {name: of-b, to: [log], stopp: true}\n  - {to: [log]}\n",
        "sinks.yaml": "sinks:\n\n  bad: {type: http}\nconditions: {odd: {state: {}}}\n",
    }

    report = judge(lay_down(tmp_path, parts, main=MAIN.replace("to: [log]", "to: [log], source: web")))

    assert told(report, tmp_path) == [
        "hookrouter.yaml:5:43: there is no source `web`: known are crm",
        "routes/a.yaml:4:30: a number is needed",
        "routes/a.yaml:5:10: there is no sink `nobody`: known are log, bad",
        "routes/b.yaml:2:29: `stopp` is not known here (did you mean stop?)",
        "routes/b.yaml:3:5: `name` is missing",
        "sinks.yaml:3:3: `url` is missing",
        "sinks.yaml:4:27: an operator is needed, as in {gte: 80}",
    ]


def test_doubts_are_told_in_their_files_too(tmp_path):
    parts = {**PARTS, "routes/b.yaml": "routes: [{name: of-b, to: [log]}]\n", "routes/a.yaml": ""}

    report = judge(lay_down(tmp_path, parts))

    assert doubts(report, tmp_path) == [
        "sinks.yaml:1:9: no route leads to the sink `billing`",
        "sinks.yaml:2:14: no route asks for the condition `large`",
    ]


def test_a_name_given_twice_is_a_fault_at_the_second_place(tmp_path):
    parts = {
        "routes/a.yaml": "routes: [{name: of-a, to: [log]}]\nconditions: {large: {state: CA}}\n",
        "routes/b.yaml": "routes: [{name: of-a, to: [log]}, {name: first, to: [log]}]\n",
        "sinks.yaml": "sinks: {log: {type: http}}\nconditions:\n  large: {state: NY}\n",
    }

    report = judge(lay_down(tmp_path, parts))

    assert told(report, tmp_path) == [
        "routes/b.yaml:1:17: the name `of-a` is taken by the route in routes/a.yaml:1",
        "routes/b.yaml:1:42: the name `first` is taken by the route in hookrouter.yaml:5",
        "sinks.yaml:1:9: the name `log` is taken in `sinks` already, in hookrouter.yaml:4",
        "sinks.yaml:3:3: the name `large` is taken in `conditions` already, in routes/a.yaml:2",
    ]


def test_broken_yaml_is_told_of_every_file_at_once(tmp_path):
    parts = {"routes/a.yaml": "routes: [a\n", "routes/b.yaml": "routes: &a []\n", "sinks.yaml": "sinks: {}\n"}

    report = judge(lay_down(tmp_path, parts))

    assert told(report, tmp_path) == [
        "routes/a.yaml:2:1: the file ends before a [ or { is closed",
        "routes/b.yaml:1:9: anchors (`&name`) are not allowed: write the value out where it is needed",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n", "1:1: a map is needed here, lines of `key: value`"),
        ("routes: {a: 1}\n", "1:9: a list is needed here, such as [a, b]"),
        ("sinks:\n", "1:7: a map is needed here, lines of `key: value`"),
        ("include: [b.yaml]\n", "1:1: an included file includes no others: name them in the main file"),
        ("receiver: {}\n", "1:1: `receiver` stands in the main file (hookrouter.yaml) alone"),
        ("version: 1\n", "1:1: `version` stands in the main file (hookrouter.yaml) alone"),
        ("route: []\n", "1:1: `route` is not known here (did you mean routes?)"),
    ],
    ids=["a list", "routes as a map", "no sinks", "include", "receiver", "version", "a near word"],
)
def test_what_an_included_file_may_not_say(tmp_path, text, said):
    report = judge(lay_down(tmp_path, {"more.yaml": text}, "[more.yaml]"))

    assert told(report, tmp_path) == [f"more.yaml:{said}"]


def test_an_included_file_may_be_empty(tmp_path):
    report = judge(lay_down(tmp_path, {"more.yaml": "# nothing yet\n"}, "[more.yaml]"))

    assert told(report, tmp_path) == []


@pytest.mark.parametrize(
    ("include", "said"),
    [
        ("[none.yaml]", "2:11: there is no file `none.yaml`"),
        ("[sinks.yaml, 'none/*.yaml']", "2:23: no file fits the pattern `none/*.yaml` in FOLDER"),
        ("[routes]", "2:11: `routes` is a folder: name files in it, as in routes/*.yaml"),
        ("[sinks.yaml/]", "2:11: `sinks.yaml/` names a folder: name files in it, as in sinks.yaml/*.yaml"),
        ("[routes/a.yaml, routes/*.yaml]", "2:26: `routes/a.yaml` is included already, by `routes/a.yaml`"),
        ("[routes/a.yaml, routes/../routes/a.yaml]", "2:26: `routes/../routes/a.yaml` is included already"),
        ("[routes/a.yaml, link.yaml]", "2:26: `link.yaml` is included already, by `routes/a.yaml`"),
        ("[hookrouter.yaml]", "2:11: `hookrouter.yaml` is the main file itself"),
        ("[loop.yaml]", "2:11: `loop.yaml` cannot be read: Too many levels of symbolic links"),
        ("[dangling.yaml]", "2:11: there is no file `dangling.yaml`"),
        ("[fifo.yaml]", "2:11: `fifo.yaml` is no plain file"),
        ("[/proc/self/mem]", "2:11: `/proc/self/mem` cannot be read: Input/output error"),
        ("['**/*.yaml']", "2:11: `**` is not known here: name each folder"),
        ('["a\\0b"]', "2:11: this is no path of a file"),
        ("['${NOWHERE}']", "2:11: the variable NOWHERE is not set"),
        ("sinks.yaml", "2:10: a list is needed here, such as [a, b]"),
        ("['']", "2:11: this must not be empty"),
        ("[1]", "2:11: a text is needed here: put it in quotes"),
    ],
)
def test_what_cannot_be_included_is_told_at_its_entry(tmp_path, include, said):
    main = lay_down(tmp_path, PARTS, include)
    (tmp_path / "link.yaml").symlink_to("routes/a.yaml")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "dangling.yaml").symlink_to("gone.yaml")
    os.mkfifo(tmp_path / "fifo.yaml")

    found = [fault for fault in told(judge(main), tmp_path) if fault.startswith("hookrouter.yaml:2:")]

    assert len(found) == 1
    assert said.replace("FOLDER", str(tmp_path)) in found[0]


def test_the_main_file_and_hidden_ones_and_folders_fit_no_pattern(tmp_path):
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "..data.yaml").write_text("not: [read\n")

    report = judge(lay_down(tmp_path, {"sinks.yaml": "sinks: {more: {type: stdout}}\n"}, "['*.yaml']"))

    assert told(report, tmp_path) == []
    assert [path.name for path in report.config.files] == ["hookrouter.yaml", "sinks.yaml"]


def test_files_may_stand_elsewhere_and_be_named_by_variables(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.yaml").write_text("sinks: {a: {type: stdout}}\n")
    folder = tmp_path / "here"
    folder.mkdir()

    report = judge(lay_down(folder, {}, f"['${{WHERE:-..}}/elsewhere/*.yaml', {tmp_path}/here/../elsewhere/../b.yaml]"))
    (tmp_path / "b.yaml").write_text("sinks: {b: {type: stdout}}\n")
    both = judge(folder / "hookrouter.yaml")

    assert len(report.faults) == 1
    assert list(both.config.sinks) == ["log", "a", "b"]


def test_too_many_and_too_large_files_are_refused(tmp_path):
    many = lay_down(tmp_path, {f"routes/{number:03}.yaml": "" for number in range(MOST_FILES + 1)}, "['routes/*.yaml']")
    few = tmp_path / "few"
    few.mkdir()
    large = lay_down(few, {f"{number}.yaml": "#" * 1024 * 1024 for number in range(5)}, "['[0-9].yaml']")
    (tmp_path / "huge").mkdir()
    huge = lay_down(tmp_path / "huge", {"a.yaml": "#" * (1024 * 1024 + 1)}, "[a.yaml]")

    assert told(judge(many), tmp_path) == [f"hookrouter.yaml:2:11: more than {MOST_FILES} files are included"]
    assert told(judge(large), few) == ["hookrouter.yaml:2:11: the included files have more than 4 MiB together"]
    assert told(judge(huge), tmp_path / "huge") == ["a.yaml:1:1: the file is larger than 1 MiB"]


def test_the_revision_is_over_all_files(tmp_path):
    main = lay_down(tmp_path, PARTS)
    revisions = [judge(main).config.revision]

    for name, more in (("sinks.yaml", "#"), ("routes/a.yaml", "#"), ("routes/c.yaml", "#"), ("hookrouter.yaml", "#")):
        with (tmp_path / name).open("a") as file:
            file.write(more)
        revisions.append(judge(main).config.revision)
    (tmp_path / "routes/c.yaml").rename(tmp_path / "routes/d.yaml")
    revisions.append(judge(main).config.revision)

    assert len(set(revisions)) == len(revisions)
    assert judge(main).config.revision == revisions[-1]


def test_a_secret_that_stands_in_an_included_file_is_not_said(tmp_path):
    parts = {"sinks.yaml": 'sinks: {s: {type: slack, token: "xoxb-1 very secret", channel: "#a", text: "{{ a"}}\n'}

    report = judge(lay_down(tmp_path, parts, "[sinks.yaml]"))

    assert [fault for fault in told(report, tmp_path) if fault.startswith("sinks.yaml:1:")]
    assert not [fault for fault in told(report, tmp_path) if "very secret" in fault]
    assert doubts(report, tmp_path)[0].startswith("sinks.yaml:1:33: this looks like a secret")


def test_nothing_is_shown_of_an_included_file_that_is_no_configuration(tmp_path):
    (tmp_path / "notes.txt").write_text("root:x:0:0:very-secret-text")

    report = judge_text(tmp_path, "version: 1\ninclude: [notes.txt]\n")

    told = [f"{finding} {finding.excerpt}" for finding in report.faults]
    assert any("notes.txt:1:1: a map is needed here" in line for line in told)
    assert not any("very-secret-text" in line for line in told)


def test_what_a_variable_brought_is_not_told_of_a_file_that_is_not_there(tmp_path):
    path = tmp_path / "hookrouter.yaml"
    path.write_text('version: 1\ninclude: ["${FOLDER}/a.yaml"]\n')

    report = check_config(path, {"FOLDER": "very-secret-folder"}, SINK_SCHEMAS)

    assert [finding.message for finding in report.faults] == [f"there is no file `{tmp_path}/${{FOLDER}}/a.yaml`"]
