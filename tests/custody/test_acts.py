"""The hash of the evidence list that each row of custody has: what it covers, and how much is read for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from rootforensics.custody.acts import EvidenceList, list_hash
from tests.builders import hash_of_list

if TYPE_CHECKING:
    import rootforensics as rf

ROWS = 3 * 4096
ALL = "SELECT evidence_id, sha256, uri FROM evidence ORDER BY ALL"


@pytest.fixture
def held() -> duckdb.DuckDBPyConnection:
    """A list of evidence of four blocks; every hundredth has no hash."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(
        "CREATE TABLE evidence AS SELECT CAST(i AS INTEGER) AS evidence_id,"
        " CASE WHEN i % 100 > 0 THEN sha256(i::VARCHAR) END AS sha256, concat('file:///', i, '/é') AS uri"
        f" FROM range(1, {ROWS + 1}) AS r(i)"
    )
    return connection


CHANGES = {
    f"INSERT INTO evidence SELECT CAST(i AS INTEGER), 'x', 'y' FROM range({ROWS + 1}, {ROWS + 3}) AS r(i)": {3},
    "DELETE FROM evidence WHERE evidence_id = 5": {0},
    "DELETE FROM evidence WHERE evidence_id BETWEEN 4096 AND 8191": set(),
    "BEGIN; DELETE FROM evidence WHERE evidence_id = 9000; INSERT INTO evidence VALUES (9000, 'x', 'y')": {2},
    "UPDATE evidence SET evidence_id = 20000 WHERE evidence_id = 4100": {1, 4},
}


@pytest.mark.parametrize("change", CHANGES)
def test_after_a_change_only_its_blocks_are_read_again(change: str, held: duckdb.DuckDBPyConnection) -> None:
    read: list[int] = []

    class Seen:
        def execute(self, text: str, values: Any = None) -> Any:
            read.extend(values[2] if values else ())
            return held.execute(text, values)

    evidence, seen = EvidenceList(), Seen()
    first = evidence.hash(seen)  # type: ignore[arg-type]
    assert first == hash_of_list(held.execute(ALL).fetchall())
    assert read == [0, 1, 2, 3]
    read.clear()
    held.execute(change)
    after = evidence.hash(seen)  # type: ignore[arg-type]
    rows = held.execute(ALL).fetchall()
    assert first != after == hash_of_list(rows) == list_hash(rows)
    assert set(read) == CHANGES[change]


def test_a_row_of_custody_reads_only_what_changed_since_the_one_before(
    case: rf.Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rootforensics.engines.writing import opened_writer

    act = case._act("load")
    with opened_writer(case.path, act) as opening:
        for step in (1, 2):
            opening.opened().execute("BEGIN")
            opening.opened().execute(
                "INSERT INTO evidence SELECT * REPLACE (CAST(evidence_id + ? AS INTEGER) AS evidence_id)"
                " FROM evidence WHERE evidence_id = 1",
                [step * 4096],
            )
            opening.commit("a step")
            monkeypatch.setattr(type(act), "_hash_before", None)  # the second row takes what the first one has
    rows = case.custody().rows[1:]
    assert rows[0]["evidence_sha256"] == rows[1]["evidence_sha256_before"] != rows[1]["evidence_sha256"]
    assert case.verify_custody().is_whole
