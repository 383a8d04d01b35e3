"""`hookrouter report` on a real server."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_support import Shell


def test_it_is_shown_as_text_as_json_and_written_as_a_page(shell_at_work: Shell, tmp_path: Path) -> None:
    shown = shell_at_work.run("report")
    told = shell_at_work.run("report", "--week", "last", "--json").json
    written = shell_at_work.run("report", "--html", str(tmp_path / "leads.html"))

    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith("Leads, ")
    assert len(told["days"]) == 7
    assert set(told) == {"first", "last", "totals", "before", "days", "routes", "people"}
    assert (written.code, written.out) == (0, "")
    assert (tmp_path / "leads.html").read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--week", "47"), "'47' is no week, such as 2026-W47, or `last`"),
        (("--week", "2026-W54"), "'2026-W54' is no week"),
        (("--since", "yesterday"), "'yesterday' is no day, such as 2026-11-16"),
        (("--since", "2999-01-01"), "these days are yet to come"),
        (("--since", "2001-01-01"), "figures are kept for 36 days"),
        (("--since", "2026-11-16", "--week", "last"), "exclude each other"),
        (("--html", "leads.html", "--json"), "--html and --json exclude each other"),
        (("--html", "/nowhere/leads.html"), "/nowhere/leads.html cannot be written: No such file or directory"),
    ],
    ids=["no-week", "no-such-week", "no-day", "ahead", "forgotten", "both", "two-forms", "no-folder"],
)
def test_days_that_cannot_be_told_of_are_refused_in_one_line(
    shell_at_work: Shell, options: tuple[str, ...], why: str
) -> None:
    refused = shell_at_work.run("report", *options)

    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert why in refused.err
