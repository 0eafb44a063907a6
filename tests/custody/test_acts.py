"""The hash of the evidence list that each row of custody has: what it covers, and how much is read for it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from rootforensics.custody.acts import LEDGER, EvidenceList, list_hash
from rootforensics.ingest.store import create_tables

if TYPE_CHECKING:
    import rootforensics as rf

ROWS = 3 * 4096


@pytest.fixture
def held() -> duckdb.DuckDBPyConnection:
    """A list of evidence of four blocks; every hundredth has no hash."""
    connection = duckdb.connect(config={"threads": 1})
    create_tables(connection, "a test")
    connection.execute(
        "INSERT INTO evidence BY NAME SELECT CAST(i AS INTEGER) AS evidence_id,"
        " CASE WHEN i % 100 > 0 THEN sha256(i::VARCHAR) END AS sha256, concat('file:///', i, '/é') AS uri"
        f" FROM range(1, {ROWS + 1}) AS r(i)"
    )
    return connection


#: One after the other, and the blocks that are read again.
CHANGES = [
    (
        f"INSERT INTO evidence (evidence_id, sha256, uri) SELECT i, 'x', 'y' FROM range({ROWS + 1}, {ROWS + 3}) AS r(i)",
        {3},
    ),
    ("DELETE FROM evidence WHERE evidence_id = 5", {0}),
    ("BEGIN; DELETE FROM evidence WHERE evidence_id = 9000; INSERT INTO evidence (evidence_id) VALUES (9000)", {2}),
    ("UPDATE evidence SET status = 'duplicate' WHERE evidence_id = 8200", {2}),
    ("UPDATE evidence SET event_count = 1, last_time = now() WHERE evidence_id = 1", {0}),
    ("INSERT INTO digests (evidence_id, content) VALUES (4097, 'text')", {1}),
    ("INSERT INTO listed_logs (evidence_id, uri) VALUES (8193, 's3://b/k')", {2}),
    ("INSERT INTO listed_logs (evidence_id, uri) VALUES (29000, 's3://of/no/object')", {7}),
    ("INSERT INTO digests (content) VALUES ('of no object')", {0}),
    ("UPDATE evidence SET evidence_id = 20000 WHERE evidence_id = 4100", {1, 4}),
    (
        "DELETE FROM evidence WHERE evidence_id BETWEEN 4096 AND 8191; DELETE FROM digests WHERE evidence_id = 4097",
        set(),
    ),
]


def _lines(held: duckdb.DuckDBPyConnection) -> list[tuple[int, str]]:
    return held.execute(LEDGER, {"first": 0, "last": 30_000}).fetchall()


def test_the_hash_of_a_line_can_be_made_without_this_package(held: duckdb.DuckDBPyConnection) -> None:
    held.execute(
        "DELETE FROM evidence WHERE evidence_id > 1; INSERT INTO digests (evidence_id, content) VALUES (1, 'é')"
    )
    held.execute("UPDATE evidence SET modified_time = '1970-01-01T00:00:01Z', lacking = ['a', 'b'], size_bytes = 12")
    given = {"uri": "file:///1/é", "sha256": hashlib.sha256(b"1").hexdigest(), "modified_time": "1000000"}
    given |= {"lacking": "a\nb", "size_bytes": "12", "evidence_id": "1"}
    names = [row[0] for row in held.execute("DESCRIBE evidence").fetchall()]
    names = [name for name in names if name not in ("loaded_time", "loaded_by")]
    row = "evidence" + "".join(f"{len(given[name])}:{given[name]}" if name in given else ":" for name in names)
    both = "".join(hashlib.sha256(text.encode()).hexdigest() for text in (row, "digests1:é" + 8 * ":"))
    assert _lines(held) == [(1, hashlib.sha256(both.encode()).hexdigest())]


@pytest.mark.heavy
def test_after_a_change_only_its_blocks_are_read_again(held: duckdb.DuckDBPyConnection) -> None:
    read: list[int] = []

    class Seen:
        def execute(self, text: str, values: Any = None) -> Any:
            read.extend(values["blocks"] if values else ())
            return held.execute(text, values)

    evidence, seen = EvidenceList(), Seen()
    before = evidence.hash(seen)  # type: ignore[arg-type]
    assert before == list_hash(_lines(held))
    assert read == [0, 1, 2, 3]
    for change, blocks in CHANGES:
        read.clear()
        held.execute(change)
        after = evidence.hash(seen)  # type: ignore[arg-type]
        assert before != after == list_hash(_lines(held)), change
        assert set(read) == blocks, change
        before = after


def test_a_row_of_custody_reads_only_what_changed_since_the_one_before(
    case: rf.Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rootforensics.engines.writing import opened_writer

    act = case._act("load")
    with opened_writer(case.path, act) as opening:
        for step in (1, 2):
            opening.opened().execute("BEGIN")
            opening.opened().execute(
                "INSERT INTO evidence SELECT * REPLACE (CAST(evidence_id + ? AS INTEGER) AS evidence_id, 0 AS event_count)"
                " FROM evidence WHERE evidence_id = 1",
                [step * 4096],
            )
            opening.commit("a step")
            monkeypatch.setattr(type(act), "_hash_before", None)  # the second row takes what the first one has
    rows = case.custody().rows[1:]
    assert rows[0]["evidence_sha256"] == rows[1]["evidence_sha256_before"] != rows[1]["evidence_sha256"]
    assert case.verify_custody().is_whole
