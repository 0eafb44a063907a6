"""Identities to which root only gave rights: no descendants of root's, and yet what they did may be root's doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.acting import ANYBODY, under_reached, with_users

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rootforensics.analysis.blast.model import Thing
    from rootforensics.queries.result import Asks

    Row = dict[str, Any]

_MEMBERSHIPS: Final = """
    SELECT
        eventTime, coalesce(recipientAccountId, userIdentity.accountId) AS account_id, eventName,
        requestParameters->>'$.groupName' AS group_name, requestParameters->>'$.userName' AS user_name
    FROM api_calls
    WHERE
        eventSource = 'iam.amazonaws.com' AND eventName IN ('AddUserToGroup', 'RemoveUserFromGroup')
        AND coalesce(errorCode, '') = '' AND coalesce(errorMessage, '') = ''
    ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
"""
#: Calls that cost, by these users and roles (``account/name``) or by any user of these accounts; no name has a blank.
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
            ) END AS role_name
        FROM api_calls
        WHERE
            (eventSource, eventName) IN (SELECT (call_source, call_name) FROM actions WHERE costs IS NOT NULL)
            AND userIdentity.type IN ('IAMUser', 'FederatedUser', 'AssumedRole')
            AND coalesce(errorCode, '') = '' AND coalesce(errorMessage, '') = ''
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
    ORDER BY e.eventTime NULLS LAST, e.eventID, e.evidence_id, e.record_index
"""


class Given:
    """Users and roles that root reached, with those who are in its groups, and what they did that costs.

    Args:
        case: to ask.
        things: rows of the blast radius of all accounts.
    """

    def __init__(self, case: Asks, things: list[Row]) -> None:
        groups = any(row["thing_kind"] == "group" for row in things)
        self._memberships: list[Row] = case.statement(_MEMBERSHIPS).rows if groups else []
        named = [*things, *self.members(things)]
        names: dict[str, list[str]] = {kind: _names(named, kind) for kind in ("user", "role")}
        accounts = sorted({row["account_id"] for row in named if row["thing_name"] == ANYBODY})
        asked = {"users": " ".join(names["user"]), "roles": " ".join(names["role"]), "accounts": " ".join(accounts)}
        costly = case.statement(_COSTLY, **asked).rows if any(asked.values()) else []
        self._costly: list[Row] = with_users(case, costly)

    def members(self, things: Iterable[Row]) -> list[Row]:
        """Those who are or may be in the groups that root reached, as things that root reached.

        Args:
            things: rows of the blast radius.

        Returns:
            users, each for a time in which it was in a group; ``ANYBODY`` for those of whom no log tells it, with the
            others under ``but``. Of a group that root made the logs tell all who are in it.
        """
        found: list[Row] = []
        for group in (row for row in things if row["thing_kind"] == "group"):
            names = {group["thing_name"], group["current_name"] or group["thing_name"]}
            told: dict[str, list[Row]] = {}
            for row in self._memberships:
                if row["account_id"] == group["account_id"] and row["group_name"] in names and row["user_name"]:
                    told.setdefault(row["user_name"], []).append(row)
            found += (one for name, rows in told.items() for one in _spans(group, name, rows))
            if group["effect"] != "creates":
                found.append(_member(group, ANYBODY, None, None) | {"but": frozenset(told)})
        return found

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


def _names(things: list[Row], kind: str) -> list[str]:
    return sorted(
        f"{row['account_id']}/{name}"
        for row in things
        if row["thing_kind"] == kind and row["thing_name"] != ANYBODY
        for name in {row["thing_name"], row["current_name"] or row["thing_name"]}
    )


def _spans(group: Row, name: str, changes: list[Row]) -> Iterator[Row]:
    """The times in which a user was in a group; whom the first word takes out of it was in it before."""
    inside, since = changes[0]["eventName"] == "RemoveUserFromGroup", None
    for row in changes:
        if row["eventName"] == "AddUserToGroup":
            inside, since = True, since if inside else row["eventTime"]
        elif inside:
            yield _member(group, name, since, row["eventTime"])
            inside = False
    if inside:
        yield _member(group, name, since, None)


def _member(group: Row, name: str, since: datetime | None, until: datetime | None) -> Row:
    """A user, reached through a group while in it."""
    gone = group["ended_time"] if group["state"] == "removed" else None
    began = max((one for one in (group["first_time"], since) if one), default=None)
    ended = min((one for one in (gone, until) if one), default=None)
    return {
        "account_id": group["account_id"],
        "thing_kind": "user",
        "thing_name": name,
        "current_name": None,
        "first_time": began,
        "ended_time": ended,
        "state": "removed" if ended else "changed",
    }
