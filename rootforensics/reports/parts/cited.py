"""The events that the report cites and that have no line in the page's timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.reports.parts import Part
from rootforensics.reports.parts.kept import place_of
from rootforensics.reports.parts.material import ROWS_LISTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.reports.parts.material import Material, Row

#: A browser lays out a table whole, but can leave out whole tables that are out of sight.
_ROWS_A_TABLE: Final = 250
_EVENTS: Final = """
    SELECT
        eventTime, coalesce(nullif(recipientAccountId, ''), userIdentity.accountId) AS account_id, awsRegion,
        eventSource, eventName, errorCode,
        coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.type) AS actor,
        eventID, evidence_id, record_index
    FROM events
    WHERE eventID IN (SELECT unnest($event_ids::VARCHAR[]))
        OR (evidence_id, record_index) IN (SELECT (unnest($objects::INTEGER[]), unnest($records::INTEGER[])))
    ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
"""


def build(material: Material) -> dict[str, Any] | None:
    """The events, in order of time, and what was cited but is no event of the case; nothing if the timeline has all."""
    cite_problems(material)
    numbers = material.citations.numbers
    if not numbers:
        return None
    material.citations.events, found = _events(material)
    rows = material.citations.events
    return {
        "tables": [rows[start : start + _ROWS_A_TABLE] for start in range(0, len(rows), _ROWS_A_TABLE)],
        "row_count": len(rows),
        "missing": [_missing(key, number) for key, number in numbers.items() if key not in found],
    }


def cite_problems(material: Material) -> None:
    """The list of the evidence's problems stands below, and cites events as well."""
    for row in material.case.query("evidence_problems").rows[:ROWS_LISTED]:
        if row["record_index"] is not None and row["eventID"]:
            material.citations.to_row(row)


def _events(material: Material) -> tuple[list[Row], set[Any]]:
    """The cited events with their anchors, and which citations they are."""
    numbers = material.citations.numbers
    places = [key for key in numbers if isinstance(key, tuple)]
    rows = material.case.statement(
        _EVENTS,
        event_ids=tuple(key for key in numbers if isinstance(key, str)),
        objects=tuple(place[0] for place in places),
        records=tuple(place[1] for place in places),
    ).rows
    found: set[Any] = set()
    return [row | {"anchors": list(_anchors(row, numbers, found))} for row in rows], found


def _anchors(row: Row, numbers: dict[Any, int], found: set[Any]) -> Iterator[str]:
    """Of several events with one eventID the first bears its anchor."""
    for key in (place_of(row), row["eventID"]):
        if key in numbers and key not in found:
            found.add(key)
            yield f"c-{numbers[key]}"


def _missing(key: Any, number: int) -> dict[str, Any]:  # noqa: ANN401 - an eventID or a place
    is_id = isinstance(key, str)
    return {
        "anchor": f"c-{number}",
        "eventID": key if is_id else None,
        "evidence_id": None if is_id else key[0],
        "record_index": None if is_id else key[1],
    }


PART = Part("cited", "Cited events", 78, build)
