"""What is printed for people is told as that; what can be taken apart without a guess is read."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from rootforensics.ingest.containers.hints import MAY_HOLD_EVENTS
from tests.builders import event, root_event
from tests.ingest.checks import event_ids, evidence
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

EVENTS: Final = [root_event(requestParameters={"n": 5, "big": 2**40, "list": ["a", {"b": None}], "ok": True}), event()]
IDS: Final = [one["eventID"] for one in EVENTS]
NAMES: Final = ("eventid", "eventname", "eventsource", "eventtime")
CELLS: Final = [[one[name] for name in ("eventID", "eventName", "eventSource", "eventTime")] for one in EVENTS]


def _joined(cells: Any, bar: str = "|") -> str:
    return f"{bar} " + f" {bar} ".join(cells) + f" {bar}\n"


_RULE: Final = "+" + "+".join(["-" * 12] * 4) + "+\n"
_BODY: Final = "".join(map(_joined, CELLS))
PRINTED: Final = {
    "mysql": _RULE + _joined(NAMES) + _RULE + _BODY + _RULE,
    "psql": " " + " | ".join(NAMES) + "\n" + _RULE.strip("+\n") + "\n" + "".join(" " + " | ".join(row) + "\n" for row in CELLS) + "(2 rows)\n\n",
    "markdown": _joined(NAMES) + _joined(["---"] * 4) + _BODY,
    "duckdb": "┌" + "┬".join(["─" * 9] * 4) + "┐\n" + _joined(NAMES, "│") + _joined(["varchar"] * 4, "│") + "├" + "┼".join(["─" * 9] * 4)
    + "┤\n" + "".join(_joined(row, "│") for row in CELLS) + "└" + "┴".join(["─" * 9] * 4) + "┘\n",
    "psql row by row": "".join(f"-[ RECORD {n} ]---\n" + "".join(f"{name} | {cell}\n" for name, cell in zip(NAMES, row, strict=True)) for n, row in enumerate(CELLS, 1)),
    "aws": "-" * 40 + "\n|            GetQueryResults           |\n" + _RULE + "".join(f"||| {cell} |||\n" for row in CELLS for cell in row),
}  # fmt: skip
_JSON: Final = json.dumps({"Records": EVENTS}, indent=1)
PAGES: Final = {
    "page": f"<!DOCTYPE html>\n<html><body><pre>{html.escape(_JSON)}</pre></body></html>",
    "page in one line": f"<html><pre>{html.escape(_JSON)}</pre></html>",
    "without the page": html.escape(_JSON),
    "in JSON": json.dumps({"body": html.escape(_JSON)}),
    "other spelling": _JSON.replace('"', "&#34;"),
}


def put(tmp_path: Path, text: str) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a").write_text(text)


@pytest.mark.parametrize("text", [*PRINTED.values(), *PAGES.values()], ids=[*PRINTED, *PAGES])
async def test_what_is_not_read_is_told_as_what_it_looks_like(text: str, tmp_path: Path) -> None:
    put(tmp_path, text)
    case = await load_beside(tmp_path)
    row = evidence(case)["a"]
    assert (row["status"], row["record_count"], event_ids(case)) == ("unsupported", 0, [])
    assert row["problem"].endswith(MAY_HOLD_EVENTS)
    assert "no CloudTrail" not in row["problem"]


async def test_whole_records_in_a_printed_table_are_read_and_the_table_is_told(tmp_path: Path) -> None:
    put(tmp_path, _RULE + _joined(["eventjson"]) + _RULE + "".join(_joined([json.dumps(one)]) for one in EVENTS))
    case = await load_beside(tmp_path)
    row = evidence(case)["a"]
    assert (row["status"], event_ids(case)) == ("damaged", IDS)
    assert MAY_HOLD_EVENTS in row["problem"]


@pytest.mark.parametrize("text", [PRINTED["mysql"], PRINTED["duckdb"]], ids=["mysql", "duckdb"])
async def test_a_printed_table_behind_events_is_damage(text: str, tmp_path: Path) -> None:
    put(tmp_path, f"exported\n{','.join(NAMES)}\n" + "".join(",".join(row) + "\n" for row in CELLS))
    (tmp_path / "logs" / "b").write_text("exported\n" + text + json.dumps(EVENTS[0]) + "\n")
    case = await load_beside(tmp_path)
    row = evidence(case)["b"]
    assert (row["status"], row["event_count"] + row["duplicate_count"]) == ("damaged", 1)
    assert MAY_HOLD_EVENTS in row["problem"]


async def test_escaped_quotes_in_a_field_hide_no_event(tmp_path: Path) -> None:
    names = [*NAMES, "useragent"]
    agent = "&quot;eventVersion&quot;"
    put(tmp_path, f"{','.join(names)}\n" + "".join(",".join([*row, agent]) + "\n" for row in CELLS))
    case = await load_beside(tmp_path)
    assert (evidence(case)["a"]["status"], event_ids(case)) == ("loaded", IDS)


def any_value(value: Any) -> dict[str, Any]:
    """A value as OpenTelemetry's JSON spells it."""
    if isinstance(value, dict):
        return {"kvlistValue": {"values": [{"key": key, "value": any_value(one)} for key, one in value.items()]}}
    if isinstance(value, list):
        return {"arrayValue": {"values": [any_value(one) for one in value]}}
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}


async def test_the_records_in_texts_of_opentelemetry_are_read(tmp_path: Path) -> None:
    records = [{"timeUnixNano": "1785924000000000000", "body": {"stringValue": json.dumps(one)}} for one in EVENTS]
    put(tmp_path, json.dumps({"resourceLogs": [{"resource": {}, "scopeLogs": [{"scope": {}, "logRecords": records}]}]}))
    case = await load_beside(tmp_path)
    assert (evidence(case)["a"]["status"], event_ids(case)) == ("loaded", IDS)


@pytest.mark.parametrize("beside", [0, 1])
async def test_maps_of_opentelemetry_are_told_with_what_to_do(beside: int, tmp_path: Path) -> None:
    """A text beside them is read."""
    bodies = [any_value(EVENTS[0]), *[{"stringValue": json.dumps(EVENTS[1])}] * beside]
    put(tmp_path, json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": body} for body in bodies]}]}]}))
    row = evidence(await load_beside(tmp_path))["a"]
    assert (row["status"], row["event_count"]) == ("damaged" if beside else "unsupported", beside)
    assert "kvlistValue): export the bodies as text; it may hold events, which were not read" in row["problem"]
