"""What to search for in other logs: what was seen behind root, and what root made and left open, used or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.lineage.blast_radius import blast_radius
from rootforensics.analysis.places import partition_of
from rootforensics.evidence.cite import place_text

if TYPE_CHECKING:
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks
    from rootforensics.queries.result import Result

#: What ``used_by`` says of a key or identity that nobody was seen to use.
UNUSED: Final = "made, not seen used"
#: Entities that can act, and what kind of indicator each is.
_KINDS: Final = {"access key": "access_key", "user": "identity", "role": "identity"}


def indicators(case: Asks, account_id: str = "") -> Result[of.Indicators]:
    """The question ``indicators``, and behind its rows what root, or what it made, made and left open, and nobody used.

    Args:
        case: to ask.
        account_id: only what was recorded in this account; empty for all.

    Returns:
        The columns of the question. Of what was made and not seen used ``used_by`` says so, the counts are 0,
        ``first_time`` and ``first_eventID`` are those of its making, and there is nothing last.
    """
    import pyarrow as pa

    seen = case.query("indicators", account_id=account_id)
    table = seen.arrow()
    known = {(row["kind"], row["value"]) for row in table.select(["kind", "value"]).to_pylist()}
    rows = [row for row in _unused(case, account_id) if (row["kind"], row["value"]) not in known]
    whole = pa.concat_tables([table, pa.Table.from_pylist(rows, schema=table.schema)])
    return seen.of_table(whole)


def _unused(case: Asks, account_id: str) -> list[of.Indicators]:
    open_now = [
        row
        for row in blast_radius(case).still_open
        if row["entity_kind"] in _KINDS
        and row["effect"] == "creates"
        and row["certainty"] == "certain"
        and not row["use_count"]
        and account_id in ("", row["account_id"])
    ]
    asked = tuple(row["citation"] for row in open_now if row["entity_kind"] != "access key")
    arns = (
        {place_text(row): row["arn"] for row in case.query("created_identity_arns", citations=asked).rows}
        if asked
        else {}
    )
    found = [_row(row, arns.get(row["citation"])) for row in open_now]
    kinds = list(dict.fromkeys(_KINDS.values()))
    return sorted(
        {(row["kind"], row["value"]): row for row in found}.values(), key=lambda row: kinds.index(row["kind"])
    )


def _row(entity: of.BlastRadius, arn: str | None) -> of.Indicators:
    name = entity["current_name"] or entity["entity_name"]
    kind = _KINDS[entity["entity_kind"]]
    return {
        "kind": kind,
        "value": name if kind == "access_key" else _arn(entity, name, arn),
        "used_by": UNUSED,
        "account_ids": [entity["account_id"]],
        "event_count": 0,
        "success_count": 0,
        "signin_count": 0,
        "first_time": entity["first_time"],
        "last_time": None,
        "first_eventID": entity["eventID"],
        "first_citation": entity["citation"],
        "last_eventID": None,
        "last_citation": None,
    }


def _arn(entity: of.BlastRadius, name: str, arn: str | None) -> str:
    """As the record of the making has it, under the name that it was given last; put together if it has none."""
    if arn and arn.endswith(f"/{entity['entity_name']}"):
        return arn.removesuffix(entity["entity_name"]) + name
    return f"arn:{partition_of(entity['awsRegion'], arn)}:iam::{entity['account_id']}:{entity['entity_kind']}/{name}"
