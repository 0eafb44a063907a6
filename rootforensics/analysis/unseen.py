"""Evidence in which something of root's may lie unseen although nothing of it is broken.

Tables whose columns do not say who acted, and files of a format that is not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.ingest.hints import MAY_HOLD_EVENTS

if TYPE_CHECKING:
    from rootforensics.queries.result import Asks

    Row = dict[str, Any]

_NAMES_SHOWN: Final = 3
#: Tables without a column for the type of the identity and its ARN, and how many events of each account they hold of
#: which nobody can tell whose they are. Services act without either, and say so.
_NAMELESS: Final = """
    SELECT
        coalesce(c.recipientAccountId, c.userIdentity.accountId) AS account_id, e.uri, e.evidence_id,
        count(*) AS event_count
    FROM evidence AS e INNER JOIN api_calls AS c ON e.evidence_id = c.evidence_id
    WHERE
        list_contains(e.lacking, 'userIdentity.type') AND list_contains(e.lacking, 'userIdentity.arn')
        AND c.root_basis IS NULL
        AND coalesce(c.userIdentity.type, '') = '' AND coalesce(c.userIdentity.arn, '') = ''
        AND coalesce(c.userIdentity.invokedBy, '') = '' AND lower(coalesce(c.eventType, '')) <> 'awsserviceevent'
    GROUP BY ALL
    ORDER BY e.evidence_id, account_id NULLS FIRST
"""
_NOT_READ: Final = """
    SELECT uri, evidence_id
    FROM evidence
    WHERE status = 'unsupported' AND contains(problem, $told)
    ORDER BY evidence_id
"""


class Unseen:
    """What lies unseen in the evidence of a case.

    Args:
        case: to ask.
    """

    def __init__(self, case: Asks) -> None:
        self._nameless = case.statement(_NAMELESS).rows
        self._not_read = case.statement(_NOT_READ, told=MAY_HOLD_EVENTS).rows

    def holes(self, account_id: str) -> tuple[str, ...]:
        """What may be missing of an account, in words.

        Args:
            account_id: 12 digits; empty for all accounts. What names no account may be of any.
        """
        rows = [row for row in self._nameless if not account_id or row["account_id"] in (account_id, None)]
        return (*_nameless_told(rows), *_not_read_told(self._not_read))


def _nameless_told(rows: list[Row]) -> tuple[str, ...]:
    if not rows:
        return ()
    count = sum(row["event_count"] for row in rows)
    what = "1 event" if count == 1 else f"{count:,} events"
    return (f"who acted in {what} of {_names(rows)}: no column holds userIdentity.type or userIdentity.arn",)


def _not_read_told(rows: list[Row]) -> tuple[str, ...]:
    if not rows:
        return ()
    what = "1 object that was" if len(rows) == 1 else f"{len(rows):,} objects that were"
    return (f"{what} not read ({_names(rows)})",)


def _names(rows: list[Row]) -> str:
    """The names of the objects, each once, the first few of them."""
    names = list({row["evidence_id"]: row["uri"].rstrip("/").rsplit("/", 1)[-1] for row in rows}.values())
    more = len(names) - _NAMES_SHOWN
    return ", ".join(names[:_NAMES_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
