"""What is open at the end of the logs: persistence and what was opened to others, controls that are off, all else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.narrative.answers import cited
from rootforensics.analysis.phrases import at, short, some
from rootforensics.analysis.statement import Statement
from rootforensics.evidence.cite import place_text
from rootforensics.rules.entities import PERSISTENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.narrative.standing import Standing
    from rootforensics.queries import rows as of

_WIDTH: Final = 220
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_STATES: Final = {"unknown": "possibly still active", "changed": "opened and not seen closed"}


def still_open(analysis: Analysis, told: Iterable[tuple[AccountVerdict, Standing]]) -> list[Statement]:
    """A sentence for each, what is most urgent first.

    Args:
        analysis: of the case.
        told: the verdicts with how each account stands; what was done in an approved session comes last, for it may be
            meant to stay.
    """
    told = list(told)
    proper = {one.account_id for one, held in told if held.kind == "approved_use"}
    exposing = {place for _, held in told for one in held.bad if one.asked.opens for place in one.citations}
    radius = analysis.radius
    opened = [row for row in radius.rows if row["state"] == "changed" and exposing.intersection(row["citations"])]
    owners = {row["entity_name"]: row["detail"] or "" for row in radius.rows if row["entity_kind"] == "access key"}
    found = [
        (
            proper.issuperset(row["root_accounts"]),
            0 if row["entity_kind"] in PERSISTENCE or row["state"] == "changed" else 2,
            _entity(row, owners),
        )
        for row in (*radius.still_open, *opened)
    ]
    found += [
        (False, 1, _control(row))
        for row in analysis.query("logging_impairment").rows
        if row["result"] == "succeeded" and row["impairment"] != "changed" and not row["until_time"]
        if row["by_root"] or row["by_descendant"]
    ]
    return [said for *_, said in sorted(found, key=lambda one: one[:2])]


def _entity(row: of.BlastRadius, owners: Mapping[str, str]) -> Statement:
    since = f"{row['eventName']} at {at(row['first_time'])}"
    if row["depth"] > 1:
        owner = next((user for key, user in owners.items() if user and key in row["actor"]), "")
        since += f", by {row['actor']}{f' of user {owner}' if owner else ''}"
    named = dict.fromkeys(one for one in _ACCOUNT.findall(row["detail"] or "") if one != row["account_id"])
    if named:
        since += f"; names account {some(list(named), 2)}"
    state = _STATES.get(row["state"], "active")
    text = f"{row['account_id'] or 'unknown account'}: {row['entity_kind']} {row['entity_name']}, {state} ({since})"
    return Statement(short(text, _WIDTH), "bad", **cited([(row["eventID"], row["citation"])]))


def _control(row: of.LoggingImpairment) -> Statement:
    what = f"{row['control']} {row['entity'] or '(not named)'}"
    text = f"{row['account_id']}: {what} is off since {at(row['from_time'])} ({row['eventName']})"
    return Statement(short(text, _WIDTH), "bad", **cited([(row["eventID"], place_text(row))]))
