"""Marks: what investigators think of a statement. A mark is a note on the first event that the statement cites.

The first line of the note quotes the statement. So a mark stays with its wording: if the wording or the first event of
a statement changes, the mark remains as a note and appears at no other statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from rootforensics.errors import NoteError
from rootforensics.phrases import at, short

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.queries import rows as of
    from rootforensics.telling.statement import Statement

Mark = Literal["confirmed", "doubted", "refuted"]
MARKS: Final[tuple[Mark, ...]] = get_args(Mark)
#: The maximum length of a line in the timeline of the brief.
_WIDTH: Final = 220


class Marks:
    """The marks of a case.

    Args:
        analysis: of the case.
    """

    def __init__(self, analysis: Analysis) -> None:
        notes = [row for row in analysis.query("notes").rows if row["tag"] in MARKS]
        self._notes = sorted(notes, key=lambda row: row["note_id"])
        self._shared_ids = analysis.shared_ids if notes else frozenset()

    def of(self, statement: Statement) -> str:
        """The marks on a statement in words, the latest of each author; empty for none."""
        if not statement.citations:
            return ""
        texts = (statement.text, *moment_texts(statement.text, statement.account_id))
        latest: dict[str, of.Notes] = {}
        for row in self._notes:
            citation = f"{row['evidence_id']}:{row['record_index']}"
            same_id = statement.event_ids[0] == row["eventID"] and row["eventID"] not in self._shared_ids
            quotes = [_quoted(str(row["tag"]), text) for text in texts]
            if (same_id or statement.citations[0] == citation) and row["text"].partition("\n")[0] in quotes:
                latest[row["author"]] = row
        return "; ".join(map(_in_words, latest.values()))


def moment_texts(sentence: str, account_id: str | None) -> tuple[str, str]:
    """A sentence as the timeline of the brief words it: for its main account, and for another account."""
    text = short(sentence, _WIDTH)
    return text, f"{text} Account {account_id or 'unknown'}."


def mark_note(statement: Mapping[str, Any], mark: str, text: str) -> tuple[str, str, str]:
    """The note that keeps a mark.

    Args:
        statement: a row of ``story()`` or ``brief()``.
        mark: ``confirmed``, ``doubted`` or ``refuted``.
        text: the reason; empty for none.

    Returns:
        The eventID and the place of the event to note, and the text of the note.

    Raises:
        NoteError: the mark is unknown, this is no such row, or the statement cites no event.
    """
    if mark not in MARKS:
        raise NoteError(f"unknown mark {mark!r}", hint=f"Use {', '.join(MARKS[:-1])} or {MARKS[-1]}")
    try:
        words, _ = str(statement["text"]), statement["level"]
        event_ids, citations = list(statement["eventIDs"]), list(statement["citations"])
    except (KeyError, TypeError, IndexError) as error:
        hint = "Pass a row, such as case.story()[0]"
        raise NoteError("this is not a row of case.story() or case.brief()", hint=hint) from error
    if not citations:
        hint = "Write a note about a time instead, with case.note()"
        raise NoteError("the statement cites no event, so it cannot be marked", hint=hint)
    note = "\n".join(filter(None, (_quoted(mark, words), text.strip())))
    return str(event_ids[0]), str(citations[0]), note


def _quoted(mark: str, text: str) -> str:
    return f'{mark}: "{" ".join(text.split())}"'


def _in_words(row: of.Notes) -> str:
    reason = " ".join(row["text"].partition("\n")[2].split())
    return f"{row['tag']} by {row['author']} at {at(row['written_time'])}{f': {reason}' if reason else ''}"
