"""Identities to which root only gave rights: no descendants of root's, and yet what they did may be root's doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.acting import ANYBODY, MACHINE, under_reached, with_users
from rootforensics.analysis.holders import Holders

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.analysis.blast.model import Thing
    from rootforensics.queries.result import Asks

    Row = dict[str, Any]

#: Calls that cost, by these users and roles (``account/name``) or by any user or role of these accounts, service-linked
#: roles apart; no name has a blank.
_COSTLY: Final = """
    WITH chosen AS MATERIALIZED (
        SELECT
            evidence_id, record_index,
            CASE
                WHEN userIdentity.type = 'IAMUser' THEN concat(userIdentity.accountId, '/', userIdentity.userName)
                WHEN userIdentity.type = 'FederatedUser' THEN concat(
                    userIdentity.sessionContext.sessionIssuer.accountId, '/',
                    userIdentity.sessionContext.sessionIssuer.userName
                )
            END AS user_name,
            CASE WHEN userIdentity.type IN ('IAMUser', 'FederatedUser') THEN userIdentity.accountId END
                AS user_account_id,
            CASE WHEN userIdentity.type = 'AssumedRole' THEN concat(
                userIdentity.sessionContext.sessionIssuer.accountId, '/',
                userIdentity.sessionContext.sessionIssuer.userName
            ) END AS role_name,
            CASE
                WHEN userIdentity.type = 'AssumedRole'
                    AND userIdentity.sessionContext.sessionIssuer.userName NOT LIKE 'AWSServiceRoleFor%'
                    THEN userIdentity.sessionContext.sessionIssuer.accountId
            END AS role_account_id
        FROM api_calls
        WHERE
            (eventSource, eventName) IN (SELECT (call_source, call_name) FROM actions WHERE costs IS NOT NULL)
            AND userIdentity.type IN ('IAMUser', 'FederatedUser', 'AssumedRole')
            AND outcome IS DISTINCT FROM 'failure'
    )
    SELECT
        e.eventTime, e.eventTime AS from_time, coalesce(e.recipientAccountId, e.userIdentity.accountId) AS account_id,
        e.awsRegion, e.eventSource, e.eventName, e.userIdentity.arn AS actor, e.eventID, e.evidence_id, e.record_index
    FROM events AS e
    INNER JOIN chosen AS c USING (evidence_id, record_index)
    WHERE
        c.user_name IN (SELECT unnest(string_split($users, ' ')))
        OR c.user_account_id IN (SELECT unnest(string_split($accounts, ' ')))
        OR c.role_name IN (SELECT unnest(string_split($roles, ' ')))
        OR c.role_account_id IN (SELECT unnest(string_split($role_accounts, ' ')))
    ORDER BY e.eventTime NULLS LAST, e.eventID, e.evidence_id, e.record_index
"""


class Given:
    """Users and roles that root reached, with those who hold what it reached, and what they did that costs.

    Args:
        case: to ask.
        reached: rows of the blast radius of all accounts, each with its thing.
    """

    def __init__(self, case: Asks, reached: list[tuple[Row, Thing]]) -> None:
        things = [row for row, _ in reached]
        self._holders = Holders(case, things)
        named = [*things, *self.members(reached)]
        anybody = [row for row in named if row["thing_name"] == ANYBODY]
        asked = {
            "users": _names(named, "user"),
            "roles": _names(named, "role", MACHINE),
            "accounts": _accounts(anybody, "user"),
            "role_accounts": _accounts(anybody, "role"),
        }
        costly = case.statement(_COSTLY, **asked).rows if any(asked.values()) else []
        self._costly: list[Row] = with_users(case, costly)

    def members(self, reached: Iterable[tuple[Row, Thing]]) -> list[Row]:
        """Those who hold groups, policies and instance profiles that root reached, as ``Holders`` gives them."""
        return self._holders.members(reached)

    def untold(self, reached: Iterable[tuple[Row, Thing]]) -> tuple[str, ...]:
        """Of which of them no log tells who holds them, in words."""
        return self._holders.untold(reached)

    def costly(self, reached: Iterable[tuple[Row, Thing]], members: Iterable[Row]) -> list[Row]:
        """Calls that cost, under names that root had reached by then.

        Args:
            reached: rows of the blast radius, each with its thing.
            members: as ``members`` gives them.
        """
        return under_reached(self._costly, reached, members)

    def owned(self, rows: Iterable[Row], reached: Iterable[tuple[Row, Thing]], members: Iterable[Row]) -> list[Row]:
        """Changes of the ownership; what nothing else ties to root is possible where it was done under such a name.

        Args:
            rows: as ``owned.changes_of_ownership`` gives them.
            reached: rows of the blast radius, each with its thing.
            members: as ``members`` gives them.
        """
        rows = list(rows)
        perhaps = {id(row) for row in under_reached((row for row in rows if not row["came_by"]), reached, members)}
        return [row | {"came_by": "possible"} if id(row) in perhaps else row for row in rows]


def _names(things: list[Row], *kinds: str) -> str:
    return " ".join(
        sorted(
            f"{row['account_id']}/{name}"
            for row in things
            if row["thing_kind"] in kinds and row["thing_name"] != ANYBODY
            for name in {row["thing_name"], row["current_name"] or row["thing_name"]}
        )
    )


def _accounts(anybody: list[Row], kind: str) -> str:
    return " ".join(sorted({row["account_id"] for row in anybody if row["thing_kind"] == kind}))
