"""Deeds of identities: asked of the case once where they fit in memory, else each time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.rules.things import ENDINGS, thing_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pyarrow as pa

    from rootforensics.queries.result import Asks

    Row = dict[str, Any]

#: More calls than this are not kept; a call takes about a kilobyte.
MOST_KEPT: Final = 400_000
#: Calls that are made Python objects at a time.
_ROWS_A_STEP: Final = 5_000
_COUNT: Final = """
    SELECT count(*) AS count FROM api_calls
    WHERE (eventSource, eventName) IN (
        SELECT (split_part(wanted, ':', 1), split_part(wanted, ':', 2))
        FROM (SELECT unnest(string_split($calls, ' ')) AS wanted) AS listed
    )
"""
#: Parameters of the question ``identity_deeds``, and the columns that they are compared with.
COLUMNS: Final = {"access_keys": "accessKeyId", "users": "user", "roles": "role", "instances": "instance"}


class Deeds:
    """The calls that act on things, by whoever it was.

    Args:
        case: to ask.
    """

    def __init__(self, case: Asks) -> None:
        self._case = case
        self._calls = _listed(rule.event for rule in thing_rules())
        count = case.sql(_COUNT, calls=self._calls).rows[0]["count"]
        self._kept = self._ask(self._calls) if count <= MOST_KEPT else None

    def of(self, named: Mapping[str, list[str]]) -> Iterator[Row]:
        """Deeds of some identities.

        Args:
            named: names by parameter of the question ``identity_deeds``; one at least.
        """
        if self._kept is None:
            listed = {parameter: " ".join(names) for parameter, names in named.items()}
            yield from _rows(self._ask(self._calls, **listed))
            return
        import pyarrow as pa
        import pyarrow.compute as pc

        masks = [pc.is_in(self._kept[COLUMNS[one]], value_set=pa.array(names)) for one, names in named.items()]
        mask = masks[0]
        for other in masks[1:]:
            mask = pc.or_(mask, other)
        yield from _rows(self._kept.filter(mask))

    def of_anybody(self) -> Iterator[Row]:
        """Deeds that end or restore things, by whoever it was."""
        calls = {rule.event for rule in thing_rules() if rule.effect in (*ENDINGS, "enables")}
        if self._kept is None:
            yield from _rows(self._ask(_listed(calls)))
            return
        import pyarrow as pa
        import pyarrow.compute as pc

        # A name of another service's call is told apart when the row is read.
        names = pa.array(sorted({name for _, name in calls}))
        yield from _rows(self._kept.filter(pc.is_in(self._kept["eventName"], value_set=names)))

    def _ask(self, calls: str, **named: str) -> pa.Table:
        return self._case.query("identity_deeds", calls=calls, **named).arrow()


def _listed(events: Iterable[tuple[str, str]]) -> str:
    return " ".join(sorted({":".join(event) for event in events}))


def _rows(table: pa.Table) -> Iterator[Row]:
    for batch in table.to_batches(max_chunksize=_ROWS_A_STEP):
        yield from batch.to_pylist()
