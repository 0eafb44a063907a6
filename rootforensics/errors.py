"""Exceptions of this package, each with one line: the problem, the place and the next step."""

from __future__ import annotations

from linecache import getline
from traceback import walk_tb
from typing import TYPE_CHECKING, Final

from rootforensics.phrases import and_more, plural

if TYPE_CHECKING:
    from collections.abc import Sequence


class RootForensicsError(Exception):
    """Base of every error that this package raises on purpose.

    Args:
        problem: what is wrong, a sentence without a full stop.
        where: the file, query or record concerned.
        hint: what to do next.
    """

    def __init__(self, problem: str, *, where: str = "", hint: str = "") -> None:
        self.problem = problem
        self.where = where
        self.hint = hint
        super().__init__(problem, where, hint)

    def __str__(self) -> str:
        text = f"{self.where}: {self.problem}" if self.where else self.problem
        return f"{text}. {self.hint}" if self.hint else text

    def _render_traceback_(self) -> list[str]:
        """Lines that IPython shows instead of a traceback: the user's own lines and the message.

        They contain no control characters from logs. The user's own frames are those of ``__main__``: the line of the
        cell, and if the cell called a function that the notebook defines, the line of this function.
        """
        frames = [
            (frame.f_code.co_filename, number, frame.f_code.co_name)
            for frame, number in walk_tb(self.__traceback__)
            if frame.f_globals.get("__name__") == "__main__"
        ]
        lines = []
        for file, number, name in dict.fromkeys((*frames[:1], *frames[-1:])):
            if source := getline(file, number).strip():
                lines.append(f"line {number}{'' if name == '<module>' else f' of {name}'}: {source}")
        return ["".join(char for char in line if char.isprintable() or char == "\n") for line in (*lines, str(self))]


def cause_of(error: Exception) -> str:
    """Text of an unexpected error, in one line."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text:.200}" if text else type(error).__name__


class CaseError(RootForensicsError):
    """The case file is missing, locked, not a case, or from another version."""


class CaseLockedError(CaseError):
    """Another process has the case file open."""


class CaseEditedError(CaseError):
    """The case file has additional objects that can change the meaning of a statement, such as a function."""


class CaseFormatError(CaseError):
    """The case has the format of another version, named in ``written_by``."""

    written_by = ""


class SourceError(RootForensicsError):
    """A source cannot be used at all."""


class FilterError(RootForensicsError):
    """A filter (time, account, Region) or a limit cannot be understood."""


class QueryError(RootForensicsError):
    """A query is unknown, its parameters do not fit, or its SQL does not run."""


class PatternError(RootForensicsError):
    """A filter pattern does not parse, or uses syntax that CloudWatch Logs does not support."""


class OriginalError(RootForensicsError):
    """The original record cannot be read again from its evidence."""


class IntegrityError(RootForensicsError):
    """Public keys cannot be read or fetched."""


class StorageError(RootForensicsError):
    """The case or an output cannot be written, for example because the disk is full."""


class RuleError(RootForensicsError):
    """A rule in this package's catalogues is invalid."""


class NoteError(RootForensicsError):
    """A note cannot be stored: its event is not in the case, or its text is empty or too long."""


class NotebookError(RootForensicsError):
    """A notebook is unknown, cannot be run, or did not finish."""


class ChartError(RootForensicsError):
    """A chart is unknown, cannot be written in this form, or lacks input other than the case."""


class ReportError(RootForensicsError):
    """A report cannot be created in the requested form."""


#: The most errors of one file that a message lists; ``ApprovalsError.errors`` has them all.
_ERRORS_SHOWN: Final = 100


class ApprovalsError(RootForensicsError):
    """A file of approvals cannot be read or has errors; the message lists them all.

    Args:
        errors: one sentence each, with line and column; empty if the file cannot be read at all.
        problem: what is wrong in one sentence; made from the errors if empty.
        where: the file.
        hint: what to do next.
    """

    def __init__(self, errors: Sequence[str] = (), *, problem: str = "", where: str = "", hint: str = "") -> None:
        self.errors = tuple(errors)
        counted = plural(len(self.errors), "error")
        super().__init__(
            problem or f"{counted} in this file of approvals; no session was checked", where=where, hint=hint
        )

    def __str__(self) -> str:
        lines = [super().__str__() if not self.errors else f"{self.where}: {self.problem}"]
        lines += [f"{self.where}:{error}" for error in self.errors[:_ERRORS_SHOWN]]
        lines += [and_more(len(self.errors) - _ERRORS_SHOWN), self.hint if self.errors else ""]
        return "\n".join(filter(None, lines))
