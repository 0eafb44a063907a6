"""A table in an archive gives what the table gives by itself, and the alarm reads originals out of archives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from rootforensics.ingest.original import read_texts
from tests.builders import event, record
from tests.ingest.checks import event_ids, rows
from tests.ingest.packing import tar_of, zip_of
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path


async def test_parquet_in_archives(tmp_path: Path) -> None:
    events = [event(), event()]
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"eventjson": [record(one).decode() for one in events]}), path)
    (tmp_path / "a.zip").write_bytes(zip_of({"rows": path.read_bytes()}))
    (tmp_path / "b.tar.gz").write_bytes(tar_of({"in.zip": zip_of({"rows": path.read_bytes()})}, compression="gz"))
    for name in ("a.zip", "b.tar.gz"):
        case = await load_beside(tmp_path, tmp_path / name)
        assert event_ids(case) == [one["eventID"] for one in events]
        found = rows(case, "SELECT framing, status FROM evidence ORDER BY evidence_id DESC")[0]
        assert found == {"framing": "parquet", "status": "loaded"}
        assert case.raw(events[1]["eventID"]) == record(events[1])


async def test_texts_of_a_member_are_read_again(tmp_path: Path) -> None:
    events = [event(), event(), event()]
    text = b"\n".join(map(record, events))
    (tmp_path / "a.zip").write_bytes(zip_of({"in.tar": tar_of({"x": text})}))
    case = await load_beside(tmp_path, tmp_path / "a.zip")
    found = rows(case, "SELECT uri, sha256 FROM evidence ORDER BY evidence_id")
    again = read_texts([row["uri"] for row in found], found[-1]["sha256"], [0, 2])
    assert again.texts == {0: record(events[0]), 2: record(events[2])}
