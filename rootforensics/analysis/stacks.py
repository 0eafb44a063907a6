"""What CloudFormation did in root's name because root worked on a stack: root's own deeds, by another hand.

Such a call bears root's name and ``invokedBy`` names the service, so that ``root_events`` has it as noise. Nobody but
who holds root's credentials can have CloudFormation act in root's name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.words import sortable

if TYPE_CHECKING:
    from rootforensics.queries.result import Asks

    Row = dict[str, Any]

#: Whether CloudFormation did anything in root's name: quickly told, and seldom so.
_ANY: Final = """
    SELECT evidence_id FROM api_calls
    WHERE root_basis IS NOT NULL AND lower(userIdentity.invokedBy) LIKE 'cloudformation.amazonaws.%'
    LIMIT 1
"""
#: Writes of CloudFormation in root's name after root set a stack in motion in that account and Region, with what the
#: catalogue says of them. It goes on no longer than the credentials last that it was given; no session of STS lasts
#: longer than 36 hours.
_BY_STACKS: Final = """
    WITH started AS (
        SELECT account_id, awsRegion, eventTime
        FROM root_activity
        WHERE
            eventSource = 'cloudformation.amazonaws.com' AND outcome = 'success'
            AND eventName IN (
                'CreateStack', 'UpdateStack', 'DeleteStack', 'ExecuteChangeSet', 'RollbackStack', 'CancelUpdateStack',
                'ContinueUpdateRollback'
            )
    ),
    worked AS (
        SELECT account_id, eventTime, awsRegion, eventSource, eventName, eventID, evidence_id, record_index
        FROM root_noise AS n
        WHERE
            lower(userIdentity.invokedBy) LIKE 'cloudformation.amazonaws.%' AND outcome = 'success'
            AND NOT coalesce(readOnly, regexp_matches(eventName, '^(BatchGet|Describe|Get|Head|List|Search)'), false)
            AND EXISTS (
                SELECT 1 FROM started AS s
                WHERE
                    s.account_id = n.account_id AND s.awsRegion = n.awsRegion AND s.eventTime <= n.eventTime
                    AND s.eventTime >= n.eventTime - INTERVAL 36 HOUR
            )
    )
    SELECT
        w.*, 'done' AS deed, f.severity, f.means, f.lane, f.action_id, a.costs, a.exposes,
        EXISTS (SELECT 1 FROM actions AS k WHERE k.call_source = w.eventSource AND k.call_name = w.eventName) AS listed
    FROM worked AS w
    LEFT JOIN followed_actions AS f ON w.evidence_id = f.evidence_id AND w.record_index = f.record_index
    LEFT JOIN actions AS a ON f.action_id = a.action_id
    ORDER BY w.eventTime, w.eventID, w.evidence_id, w.record_index
"""
#: Calls that make or open what can act, or by which one comes back.
_IDENTITIES: Final = re.compile(
    r"iam\.amazonaws\.com:(Add|Attach|Create|Enable|Put|Update|Upload)"
    r"|(ec2\.amazonaws\.com:RunInstances|lambda\.amazonaws\.com:CreateFunction)"
)


def by_stacks(case: Asks) -> list[Row]:
    """The deeds of CloudFormation in root's name that root set in motion, in order of time."""
    if not case.statement(_ANY).rows:
        return []
    return [row | {"by_stack": True} for row in case.statement(_BY_STACKS).rows]


def told_of(rows: dict[str, list[Row]], worked: list[Row]) -> dict[str, list[Row]]:
    """The rows under the verdicts, with what CloudFormation did for root among the deeds of root.

    Args:
        rows: of each question, by its name.
        worked: as ``by_stacks`` gives them.
    """
    return {
        "followed": _in_time([*rows["followed"], *(row for row in worked if row["means"])]),
        "unlisted": _in_time([*rows["unlisted"], *(row for row in worked if not row["listed"])]),
        "record_tampering": _as_roots(rows["record_tampering"], worked),
        "stacked": worked,
    }


def _in_time(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (sortable(row["eventTime"]), row["eventID"] or ""))


def _as_roots(tampering: list[Row], worked: list[Row]) -> list[Row]:
    places = {(row["evidence_id"], row["record_index"]) for row in worked}
    return [
        row | {"by_root": True, "by_stack": True} if (row["evidence_id"], row["record_index"]) in places else row
        for row in tampering
    ]


def identities_made(worked: list[Row]) -> list[Row]:
    """Those of the deeds that made or opened what can act, or by which one comes back; they are not followed."""
    return [row for row in worked if _IDENTITIES.match(f"{row['eventSource']}:{row['eventName']}")]


def unfollowed(worked: list[Row]) -> tuple[str, ...]:
    """What is missing because nobody follows what a stack made, in words."""
    made = identities_made(worked)
    return (f"what those did that CloudFormation made or changed in root's name ({calls_of(made)})",) if made else ()


def calls_of(rows: list[Row]) -> str:
    """The calls, each once by service and name."""
    return ", ".join(dict.fromkeys(f"{row['eventSource'].split('.')[0]}:{row['eventName']}" for row in rows))
