"""`hookrouter silence` on a real server."""

from __future__ import annotations

from cli_support import Shell


def test_one_is_begun_listed_and_ended(shell_at_work: Shell) -> None:
    begun = shell_at_work.run(
        "silence", "--match", "{leadSource: import}", "--for", "2h", "--reason", "a list", "--by", "ada"
    )
    assert (begun.code, begun.err) == (0, "")
    name, _, rest = begun.out.partition(" ")
    assert rest.startswith("keeps log silent until 20")

    [listed] = shell_at_work.run("silence", "--json").json
    assert {key: listed[key] for key in ("id", "match", "sinks", "by", "reason", "holds", "silenced")} == {
        "id": name,
        "match": {"leadSource": "import"},
        "sinks": ["log"],
        "by": "ada",
        "reason": "a list",
        "holds": True,
        "silenced": 0,
    }

    assert '{"leadSource":"import"}' in shell_at_work.run("silence").out
    assert shell_at_work.run("silence", "end", name).out == f"{name} is over\n"
    again = shell_at_work.run("silence", "end", name)
    assert (again.code, again.err.count("\n")) == (1, 1)
    assert f"there is no silence {name}" in again.err


def test_a_match_that_cannot_be_read_is_told_where_and_why(shell_at_work: Shell) -> None:
    refused = shell_at_work.run("silence", "--match", "{leadScore: {gtee: 80}}", "--for", "2h")

    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert "leadScore.gtee: unknown operator `gtee` (did you mean gte?)" in refused.err


def test_what_is_missing_is_said(shell_at_work: Shell) -> None:
    refused = shell_at_work.run("silence", "--for", "2h", "--reason", "a list")

    assert (refused.code, refused.out) == (2, "")
    assert "--match" in refused.err


def test_a_match_that_fits_no_lead_is_warned_of_and_one_that_fits_every_lead_is_said(shell_at_work: Shell) -> None:
    typo = shell_at_work.run("silence", "--match", "{leadScor: 80}", "--for", "2h")
    every = shell_at_work.run("silence", "--match", "{}", "--for", "2h")

    assert (typo.code, typo.err.count("\n")) == (0, 1)
    assert "did you mean leadScore?" in typo.err
    assert (every.code, every.err) == (0, "")
    assert "keeps log silent about every lead until" in every.out
