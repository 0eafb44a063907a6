"""How the catalogue's questions are asked: whatever answers them gives rows with the columns of the question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    import duckdb

    from rootforensics.engines.writing import Record
    from rootforensics.queries import rows as of
    from rootforensics.queries.overloads import Overloads
    from rootforensics.queries.result import Result


class Asks(Protocol):
    """Whatever answers the catalogue's questions: a case."""

    @property
    def query(self) -> Overloads:
        """Ask a question of the catalogue."""

    def findings(self, only: str = "", **parameters: Any) -> Result[of.Findings]:  # noqa: ANN401 - values of any SQL type
        """The findings."""

    def _statement(self, text: str, /, **parameters: Any) -> Result:  # noqa: ANN401 - values of any SQL type
        """Run a statement that this package made just now, as from a filter pattern."""

    def _state(self) -> int:
        """In which state the case was that answered last, as a number."""


class CaseFile(Asks, Protocol):
    """A case as what answers, lists, verifies or writes takes it; ``Case`` says how it is done."""

    path: Path

    def _reading(self) -> AbstractContextManager[object]:
        """The case stays as it is until the end of it."""

    def _loader(self) -> str:
        """Name and version of this package."""

    def _set_up(self, writer: duckdb.DuckDBPyConnection) -> None:
        """Begin a transaction, and make what a case holds where it is missing or not this version's."""

    def _act(self, command: str, **parameters: Any) -> Record:  # noqa: ANN401 - of any act
        """What adds an act to the chain of custody, in the transaction of whatever it writes."""

    def log_act(self, command: str, /, **parameters: Any) -> None:  # noqa: ANN401 - of any act
        """Add an act that read the case to the chain of custody, once its work is done."""

    def close(self) -> None:
        """Let go of the file; it can be used again afterwards."""

    def raw(self, event_id: str) -> bytes:
        """The original record of an event."""


def typed(query: Callable[..., Result]) -> Overloads:
    """For checkers of types: what asks a question by its name gives rows with the columns of this question."""
    return cast("Overloads", query)
