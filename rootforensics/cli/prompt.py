"""A prompt for SQL, with history and completion: prompt_toolkit's, which is an extra."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rootforensics.cli.output import count_rows, write_result
from rootforensics.cli.talk import talk, tell_part
from rootforensics.errors import QueryError

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import History

    from rootforensics.case import Case

_ENDS = ("exit", "quit")
_WORDS = """
SELECT DISTINCT word FROM (
    SELECT table_name AS word FROM duckdb_columns() WHERE NOT internal UNION ALL
    SELECT column_name FROM duckdb_columns() WHERE NOT internal UNION ALL
    SELECT upper(keyword_name) FROM duckdb_keywords() WHERE keyword_category = 'reserved' UNION ALL
    SELECT function_name FROM duckdb_functions() WHERE regexp_matches(function_name, '^[a-z_]{3,}$')
) ORDER BY word"""


def ask_sql(case: Case, dialect: str, values: dict[str, Any], form: str) -> None:
    """Run statements that are typed one after another, until the end of input.

    Args:
        case: to ask.
        dialect: of the statements.
        values: for ``$names`` in them.
        form: how to write the rows.

    Raises:
        click.UsageError: prompt_toolkit is not installed.
    """
    session = _session(case)
    talk("SQL on the case: end a statement with ;, complete words with Tab, leave with Ctrl-D.")
    tell_part(case)
    while True:
        try:
            text = session.prompt().strip().removesuffix(";")
            if text.lower() in _ENDS:
                return
            if text:
                result = case.sql(text, dialect, values)
                write_result(result, form, None)
                count_rows(result)
        except EOFError:
            return
        except KeyboardInterrupt:
            talk("stopped")
        except QueryError as error:
            for line in str(error).splitlines():  # the engine points at a place in one of them
                talk(line)


def _session(case: Case) -> PromptSession[str]:
    try:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.application import get_app
        from prompt_toolkit.completion import WordCompleter
        from prompt_toolkit.filters import Condition
    except ImportError as error:
        raise click.UsageError(
            "A prompt for SQL needs prompt_toolkit, which is not installed: pip install 'rootforensics[prompt]'. Or "
            "give the SQL as TEXT, with -f FILE, or as - for standard input."
        ) from error

    def goes_on() -> bool:
        text = get_app().current_buffer.text.strip()
        return bool(text) and text.lower() not in _ENDS and not text.endswith(";")

    return PromptSession(
        "sql> ",
        multiline=Condition(goes_on),
        prompt_continuation="...> ",
        history=_history(),
        completer=WordCompleter([row["word"] for row in case.sql(_WORDS).rows], ignore_case=True),
        complete_while_typing=False,
    )


def _history() -> History:
    """What was typed, kept for this user alone; of this session where that cannot be written."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    path = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state", "rootforensics", "sql_history")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600))
    except OSError:
        return InMemoryHistory()
    return FileHistory(path)
