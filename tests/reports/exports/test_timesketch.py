"""Timesketch's own importer takes the lines as they are."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from timesketch_import_client import importer

from rootforensics.reports.exports.timesketch import write_timesketch

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from rootforensics.case import Case


def lines(case: Case) -> tuple[list[dict[str, Any]], int]:
    """What is written, and how many rows were left out."""
    file = io.StringIO()
    untimed = write_timesketch(case.timeline().rows, file)
    return [json.loads(line) for line in file.getvalue().splitlines()], untimed


def test_each_event_with_a_time_has_what_timesketch_needs(case: Case, events: list[dict[str, Any]]) -> None:
    found, untimed = lines(case)
    stop, nasty, long, noise, _, other, _ = (event["eventID"] for event in events)
    assert [one["eventID"] for one in found] == [stop, noise, nasty, long, other]
    assert untimed == 1
    for one in found:
        assert one["data_type"] == "aws:cloudtrail:entry"
        assert isinstance(one["message"], str)
        assert one["timestamp_desc"]
        assert isinstance(one["timestamp"], int)
        assert datetime.fromisoformat(one["datetime"]).timestamp() * 1_000_000 == one["timestamp"]
        assert not [name for name in one if name.startswith("_")]
    assert found[4]["timestamp"] == int(datetime(2026, 8, 7, tzinfo=UTC).timestamp()) * 1_000_000 + 500_000
    assert found[0]["message"] == "StopLogging by root in account 111122223333 from 198.51.100.7"
    assert found[1]["message"].startswith("PutObject by AWS as root") or "AWS as root" in found[1]["message"]


def test_a_value_that_the_store_would_refuse_is_cut_and_says_so(case: Case) -> None:
    found, _ = lines(case)
    for one in found:
        for value in one.values():
            assert not isinstance(value, str) or len(value.encode()) < 32_766
    assert found[3]["requestParameters"].endswith("cut here, read the original")
    assert found[3]["cut_values"] == "requestParameters"
    assert "cut_values" not in found[0]


def test_the_importer_changes_nothing_but_spelling(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "timeline.jsonl"
    with path.open("w", encoding="utf-8") as file:
        write_timesketch(case.timeline().rows, file)
    taken: list[dict[str, Any]] = []

    def upload(streamer: Any, **_: Any) -> None:
        taken.extend(streamer._data_lines)  # what would go to the server
        streamer._data_lines = []

    monkeypatch.setattr(importer.ImportStreamer, "_ready", lambda _: None)
    monkeypatch.setattr(importer.ImportStreamer, "_upload_data_buffer", upload)
    streamer = importer.ImportStreamer()
    streamer.add_file(str(path))
    streamer.flush()
    given = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(taken) == len(given) == 5
    for before, after in zip(given, taken, strict=True):
        assert datetime.fromisoformat(after["datetime"]) == datetime.fromisoformat(before["datetime"])
        assert {name: value for name, value in after.items() if name != "datetime"} == {
            name: value for name, value in before.items() if name != "datetime"
        }
