"""What can go wrong, said in one line: the problem, where, and the next step."""

from __future__ import annotations


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


class CaseError(RootForensicsError):
    """The case file is missing, locked, no case, or of another version."""


class CaseLockedError(CaseError):
    """Another process holds the case file."""


class SourceError(RootForensicsError):
    """A source named by the user cannot be used at all."""


class FilterError(RootForensicsError):
    """A filter (time, account, Region) cannot be understood."""


class QueryError(RootForensicsError):
    """A query is unknown, its parameters do not fit, or its SQL does not run."""


class OriginalError(RootForensicsError):
    """The original record cannot be read again from its evidence."""


class StorageError(RootForensicsError):
    """The case or an output cannot be written, for example because the disk is full."""


class RuleError(RootForensicsError):
    """A rule of this package's catalogues is not as it must be."""
