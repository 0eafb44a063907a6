"""Containers in encodings, compressions and archives, whole and cut off: each event once, and its original again."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import random
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import pytest
import zstandard

from rootforensics.ingest.filters import Filters
from tests.builders import event, root_event
from tests.ingest.checks import rows
from tests.ingest.packing import tar_of, zip_of
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _lines(events: list[dict[str, Any]]) -> str:
    return "".join(f"2026-08-05T10:00:00Z host app: {json.dumps(one)}\n" for one in events)


def _lookup(events: list[dict[str, Any]]) -> str:
    return json.dumps({"Events": [{"EventId": one["eventID"], "CloudTrailEvent": json.dumps(one)} for one in events]})


def _table(events: list[dict[str, Any]]) -> str:
    cells = (json.dumps(one).replace('"', '""') for one in events)
    return "timestamp,message\n" + "".join(f'1,"{cell}"\n' for cell in cells)


SHAPES: Final[dict[str, Callable[[list[dict[str, Any]]], str]]] = {
    "records": lambda events: json.dumps({"Records": events}),
    "pretty": lambda events: json.dumps({"Records": events}, indent=1),
    "lines": lambda events: "\n".join(map(json.dumps, events)),
    "envelopes": lambda events: "".join(json.dumps({"detail-type": "x", "detail": one}) for one in events),
    "lookup": _lookup,
    "table": _table,
    "log": _lines,
    "python": repr,
}
CODES: Final = ("utf-8", "utf-8-sig", "utf-16")
PACKED: Final[dict[str, Callable[[bytes], bytes]]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "twice": lambda data: gzip.compress(gzip.compress(data)),
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}
HELD: Final[dict[str, Callable[[bytes], bytes]]] = {
    "file": bytes,
    "zip": lambda data: zip_of({"a": data}),
    "tar": lambda data: gzip.compress(tar_of({"a": data})),
    "zip in zip": lambda data: zip_of({"b": zip_of({"a": data})}),
}
ALL: Final = list(product(CODES, PACKED, HELD, (False, True)))


@pytest.mark.parametrize("count", [2, pytest.param(4, marks=pytest.mark.heavy)])
@pytest.mark.deep
async def test_each_event_comes_out_once_and_its_original_again(tmp_path: Path, count: int) -> None:
    (tmp_path / "logs").mkdir()
    wanted: list[dict[str, Any]] = []
    damaged = 0
    drawn = [(shape, *one) for shape in SHAPES for one in random.Random(shape).sample(ALL, count)]
    for number, (shape, code, packed, held, is_cut) in enumerate(drawn):
        events = [root_event() if place % 3 == 1 else event() for place in range(6)]
        text = SHAPES[shape](events).encode(code)
        text = text[: -len(text) // 10] if is_cut else text  # that is in the last event
        (tmp_path / "logs" / f"{number} {shape}").write_bytes(HELD[held](PACKED[packed](text)))
        wanted += events[:-1] if is_cut else events
        damaged += is_cut
    full = await load_beside(tmp_path)
    root = await load_beside(tmp_path, filters=Filters(root_related=True))
    found = rows(full, "SELECT eventID, evidence_id, record_index FROM events")
    assert sorted(row["eventID"] for row in found) == sorted(one["eventID"] for one in wanted)
    of_root = rows(full, "SELECT eventID, evidence_id, record_index FROM root_events ORDER BY ALL")
    roots = [one["eventID"] for one in wanted if one["userIdentity"]["type"] == "Root"]
    assert sorted(row["eventID"] for row in of_root) == sorted(roots)
    assert rows(root, "SELECT eventID, evidence_id, record_index FROM root_events ORDER BY ALL") == of_root
    assert rows(full, "SELECT count(*) AS n FROM evidence WHERE status = 'damaged'") == [{"n": damaged}]
    originals = {one["eventID"]: one for one in wanted}
    for case, held_rows in ((full, found), (root, of_root)):
        for row in held_rows:
            assert json.loads(case.raw(f"{row['evidence_id']}:{row['record_index']}")) == originals[row["eventID"]]
