"""Accounts that what came from root entered by a role, and of which the case holds no log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.phrases import at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from rootforensics.queries.result import Row

#: Roles of other accounts that were taken on; the answer names the role where the request does not.
CROSSED: Final = """
    SELECT * FROM (
        SELECT
            account_id, eventTime, eventName, eventID, evidence_id, record_index,
            regexp_extract(coalesce(
                requestParameters->>'$.roleArn', responseElements->>'$.assumedRoleUser.arn'
            ), '^arn:[a-z-]+:(?:iam|sts)::([0-9]{12}):', 1) AS entered
        FROM descendant_events
        WHERE eventSource = 'sts.amazonaws.com' AND eventName LIKE 'AssumeRole%' AND outcome = 'success'
    )
    WHERE entered <> '' AND entered IS DISTINCT FROM account_id
    ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
"""


def unseen_beyond(rows: list[Row], held: Collection[str | None]) -> Iterator[str]:
    """What may be missing of where deeds went on, in words; each account once.

    Args:
        rows: as ``CROSSED`` gives them, of one account.
        held: accounts of which the case holds events.
    """
    first: dict[str, Row] = {}
    for row in rows:
        if row["entered"] not in held:
            first.setdefault(row["entered"], row)
    for account, row in first.items():
        when = f" at {at(row['eventTime'])}" if row["eventTime"] else ""
        yield (
            f"logs of account {account}, which what came from root entered by {row['eventName']}{when}: the case holds"
            " none"
        )
