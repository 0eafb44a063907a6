"""The words of ``%%rootsql``: its options, the case that it names, and where its SQL begins."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from keyword import iskeyword
from typing import Final

from rootforensics.engines.dialects import DIALECTS
from rootforensics.errors import QueryError

USAGE: Final = "%%rootsql [CASE] [--dialect D] [--out NAME], SQL below; or %rootsql [CASE] [--dialect D] [--out NAME] SQL"
DEFAULT: Final = (
    "Without CASE, it uses the case of the last use, or the variable case if it was assigned since or nothing was used."
)
#: With one of these, or a bracket, a statement begins. A case of that name needs its path, such as ./values.
_BEGINS: Final = re.compile(
    r"(?:\(|(?:select|with|from|values|explain|describe|desc|show|summarize|pivot|unpivot|table)\b(?![./\\]))",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"\s*(?P<word>(?:\"[^\"]*\"|'[^']*'|[^\s\"']+)+)\s*")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a magic was asked for.

    Attributes:
        case: a path, or the name of a variable that holds a case or a path; empty if the line names none.
        dialect: of the SQL.
        out: the variable that gets the rows; empty for none.
        sql: the statement; empty for none.
    """

    case: str
    dialect: str
    out: str
    sql: str


def read_words(line: str, cell: str | None) -> Asked:
    """Read the line of a magic, and the cell below it.

    Args:
        line: what stands behind the magic's name.
        cell: what stands below; None for the line magic, whose SQL stands in the line.

    Raises:
        QueryError: an option is unknown or lacks its value, or a second case is named.
    """
    found = {"case": "", "dialect": "duckdb", "out": ""}
    rest = line.strip()
    while rest and not (cell is None and _BEGINS.match(rest)):
        word, rest = _next_word(rest)
        name, equals, value = word.partition("=")
        if word in ("-h", "--help"):
            raise QueryError("this runs SQL on a case", where="%%rootsql", hint=f"Usage: {USAGE}. {DEFAULT}")
        if name in ("--dialect", "--out"):
            if not equals:
                value, rest = _next_word(rest)
            if not value:
                raise _misused(f"{name} wants a value")
            found[name[2:]] = value
        elif word.startswith("--"):
            raise _misused(f"there is no option {name}")
        elif found["case"]:
            raise _misused(f"one case is wanted, and {word!r} would be a second")
        else:
            found["case"] = word
    if found["out"] and (not found["out"].isidentifier() or iskeyword(found["out"])):
        raise _misused(f"--out {found['out']!r} is no name of a variable")
    if found["dialect"] not in DIALECTS:
        raise _misused(f"unknown dialect {found['dialect']!r}; there are {', '.join(DIALECTS)}")
    return Asked(**found, sql=(rest if cell is None else cell).strip())


def _next_word(text: str) -> tuple[str, str]:
    match = _WORD.match(text)
    if match is None:
        if text.strip():
            raise _misused("a quotation mark is not closed")
        return "", ""
    return "".join(shlex.split(match["word"])), text[match.end() :]


def _misused(problem: str) -> QueryError:
    return QueryError(problem, where="%%rootsql", hint=f"Usage: {USAGE}")
