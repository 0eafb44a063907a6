"""What every test of loading asks of a case, and the tables of a case to compare."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from rootforensics.case import Case

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, Any]
_RELATION: Final = re.compile(r"\b(?:FROM|JOIN) (\w+)")
_TABLES: Final = {"events", "evidence", "duplicates"}


def rows(case: Case, sql: str, **parameters: Any) -> list[Row]:
    """The rows of a query.

    ``Case.sql`` guards against what a user may write, which takes eight times as long as a small query itself. So a
    query that reads only tables that a load writes is run as one of this package's own. Other tests are about ``sql``.
    """
    names = {*_RELATION.findall(sql)}
    if isinstance(case, Case) and names and names <= _TABLES:
        return case._statement(sql, **parameters).rows
    return case.sql(sql, **parameters).rows


def evidence(case: Case) -> dict[str, Row]:
    """The ledger by file name; a name that stands twice keeps its last row."""
    found = rows(case, "SELECT * FROM evidence ORDER BY evidence_id")
    return {unquote(row["uri"]).rsplit("/", 1)[-1]: row for row in found}


def event_ids(case: Case, name: str = "") -> list[str | None]:
    """The eventIDs in the order of the evidence; of one file if its name is given."""
    found = rows(case, "SELECT eventID, evidence_id FROM events ORDER BY evidence_id, record_index")
    wanted = evidence(case)[name]["evidence_id"] if name else None
    return [row["eventID"] for row in found if wanted in (None, row["evidence_id"])]


def problems(case: Case, kind: str) -> list[Row]:
    """The rows of ``evidence_problems`` of one kind."""
    return [row for row in case.query("evidence_problems").rows if row["kind"] == kind]


def check_counts(case: Case, *, filtered: bool = False) -> None:
    """The ledger adds up, agrees with the tables, and no record is in two places or in none.

    Args:
        case: the case.
        filtered: some load had a filter; without one, nothing may be left out.
    """
    kept = _places(case, "events")
    moved = _places(case, "duplicates")
    ledger = rows(case, "SELECT * FROM evidence")
    for row in ledger:
        here = row["evidence_id"]
        ours, surplus = kept.pop(here, []), moved.pop(here, [])
        counts = {name: row[name] for name in row if name.endswith("_count")}
        assert row["event_count"] == len(ours), (row["uri"], counts)
        assert row["duplicate_count"] == len(surplus), (row["uri"], counts)
        places = ours + surplus
        assert len(places) == len(set(places)), f"{row['uri']}: a record stands twice"
        if row["record_count"] is None:
            assert filtered, f"{row['uri']}: only a root-related load leaves records uncounted"
            assert not places, row["uri"]
            continue
        added = row["event_count"] + row["duplicate_count"] + row["filtered_count"] + row["rejected_count"]
        assert row["record_count"] == added, (row["uri"], counts)
        assert row["filtered_count"] >= 0, (row["uri"], counts)
        assert row["rejected_count"] >= 0, (row["uri"], counts)
        assert filtered or row["filtered_count"] == 0, (row["uri"], counts)
        assert all(0 <= place < row["record_count"] for place in places), row["uri"]
    assert not kept, "events of evidence that is not in the ledger"
    assert not moved, "duplicates of evidence that is not in the ledger"
    dangling = rows(
        case,
        "SELECT d.* FROM duplicates d LEFT JOIN events e ON e.evidence_id = d.kept_evidence_id"
        " AND e.record_index = d.kept_record_index WHERE e.evidence_id IS NULL",
    )
    assert not dangling, f"duplicates that point to no event: {dangling[:3]}"


def _places(case: Case, table: str) -> dict[int, list[int]]:
    out: dict[int, list[int]] = {}
    for row in rows(case, f"SELECT evidence_id, record_index FROM {table}"):
        out.setdefault(row["evidence_id"], []).append(row["record_index"])
    return out


def tables(case: Case, *, without: tuple[str, ...] = ()) -> dict[str, list[Row]]:
    """All that a case holds, in a fixed order; ``loaded_time`` left out.

    Args:
        case: the case.
        without: further columns of ``evidence`` to leave out.
    """
    left_out = ", ".join(("loaded_time", *without))
    return {
        "evidence": rows(case, f"SELECT * EXCLUDE ({left_out}) FROM evidence ORDER BY evidence_id"),
        "events": rows(case, "SELECT * FROM events ORDER BY evidence_id, record_index"),
        "duplicates": rows(case, "SELECT * FROM duplicates ORDER BY ALL"),
        "root_events": rows(case, "SELECT * FROM root_events ORDER BY evidence_id, record_index"),
        "problems": case.query("evidence_problems").rows,
    }


def load(into: Path | Case, *sources: Path, name: str = "case.duckdb", filtered: bool = False, **options: Any) -> Case:
    """Load sources (the folder ``logs`` beside the case if none is named) and check the case's counts.

    Args:
        into: the folder for the case, or a case that is there already.
        sources: files and folders.
        name: of the case file in the folder.
        filtered: see ``check_counts``; True too if the options have filters.
        options: of ``Case.load``.
    """
    case = into if isinstance(into, Case) else Case(into / name)
    case.load(*(sources or (case.path.parent / "logs",)), **options)
    check_counts(case, filtered=filtered or options.get("filters") is not None)
    return case


class Files:
    """Files loaded at once into one case, each in a folder of its own, and what the case holds of each.

    Two files must not hold the same events, or those of the second are copies.

    Args:
        folder: for the files and the case.
        files: by the name of the test's case: the bytes of a file.
        name: of each file; by the name of the test's case if there are several.
        options: of ``load``.
    """

    def __init__(
        self, folder: Path, files: Mapping[str, bytes], name: str | Mapping[str, str] = "a.json", **options: Any
    ) -> None:
        self.logs = folder / "logs"
        self._folders = {key: f"{number:05}" for number, key in enumerate(files)}
        for key, content in files.items():
            path = self.path(key, name if isinstance(name, str) else name[key])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.case = load(folder, self.logs, **options)

    def path(self, key: str, name: str = "a.json") -> Path:
        """Where a file lies."""
        return self.logs / self._folders[key] / name

    @cached_property
    def _ledger(self) -> dict[str, list[Row]]:
        return self._by_folder(rows(self.case, "SELECT *, uri AS in_uri FROM evidence ORDER BY evidence_id"))

    @cached_property
    def _events(self) -> dict[str, list[Row]]:
        return self._held("events")

    @cached_property
    def _root_events(self) -> dict[str, list[Row]]:
        return self._held("root_events")

    def _held(self, table: str) -> dict[str, list[Row]]:
        sql = f"SELECT t.*, e.uri AS in_uri FROM {table} t JOIN evidence e USING (evidence_id)"
        return self._by_folder(rows(self.case, f"{sql} ORDER BY t.evidence_id, t.record_index"))

    def _by_folder(self, found: list[Row]) -> dict[str, list[Row]]:
        keys = {folder: key for key, folder in self._folders.items()}
        out: dict[str, list[Row]] = {key: [] for key in self._folders}
        before = f"/{self.logs.parent.name}/{self.logs.name}/"
        for row in found:
            out[keys[row.pop("in_uri").partition(before)[2][:5]]].append(row)
        return out

    def members(self, key: str) -> list[Row]:
        """The rows of the ledger of a file and of what lies in it."""
        return self._ledger[key]

    def row(self, key: str) -> Row:
        """The one row of a file in the ledger."""
        (row,) = self._ledger[key]
        return row

    def events(self, key: str) -> list[Row]:
        """The events of a file in order."""
        return self._events[key]

    def root_events(self, key: str) -> list[Row]:
        """The events of root of a file in order."""
        return self._root_events[key]

    def ids(self, key: str) -> list[str | None]:
        """The eventIDs of a file in order."""
        return [row["eventID"] for row in self._events[key]]
