"""The YAML parser's complaints in words that say what to do."""

from __future__ import annotations

import yaml
from yaml.reader import ReaderError

_UNCLOSED = ("unexpected end of stream", "found unexpected document separator")
_EXPLANATIONS = (
    ("character '\\t'", "a tab stands here: use spaces"),
    ("cannot start any token", "a text that begins with @, %, ` or another sign of YAML needs quotes"),
    (
        "mapping values are not allowed here",
        "a `:` is not allowed here: put a text that contains `: ` in quotes, else look at the indentation",
    ),
    ("but got '<stream end>'", "the file ends before a [ or { is closed"),
    ("unexpected end of stream", "the file ends before the quoted text that begins here is closed"),
    ("found unexpected document separator", "a document ends before the quoted text that begins here is closed"),
    ("expected <block end>, but found", "this does not fit the lines above: look at the indentation and the brackets"),
    ("expected ',' or", "a `,` or a closing bracket is missing before this"),
    ("could not find expected ':'", "a `:` is missing after this key, or the indentation is wrong"),
    ("expected the node content", "a value is missing before this sign, or a text that begins with it needs quotes"),
    ("expected escape sequence", "an unknown escape in a quoted text: use single quotes, or write \\\\ for one \\"),
    (
        "found unknown escape character",
        "an unknown escape in a quoted text: use single quotes, or write \\\\ for one \\",
    ),
)


def explain_syntax(error: yaml.YAMLError, text: str) -> tuple[int, int, str]:
    """The line, the column (both from 1) and the sentence for a complaint."""
    if isinstance(error, ReaderError):
        before = text[: error.position]
        line_start = before.rfind("\n") + 1
        message = "a control character stands here: remove it"
        return before.count("\n") + 1, len(before) - line_start + 1, message
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return 1, 1, "this is no YAML"
    mark = error.problem_mark
    if error.context_mark is not None and any(words in (error.problem or "") for words in _UNCLOSED):
        mark = error.context_mark  # where the quote begins: the end is far from what is to be mended
    return mark.line + 1, mark.column + 1, _sentence(error.problem or "")


def _sentence(problem: str) -> str:
    for words, sentence in _EXPLANATIONS:
        if words in problem:
            return sentence
    return f"this is no YAML: {problem}"
