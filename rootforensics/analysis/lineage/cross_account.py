"""Actions in one account that root of another did, or what descends from it: they count for both.

A session that a user of root's opens in another account is recorded there under that account's own role; the blast
radius knows whose root it comes from, and so must every answer that stands on actions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from rootforensics.analysis.places import account_of
from rootforensics.analysis.remarks import remarked, remarks_on
from rootforensics.evidence.cite import place_of, place_text
from rootforensics.phrases import short_actor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.evidence.cite import Located
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: Task policies of sessions that read root's credentials, or delete them.
_CLEANING: Final = ("/IAMAuditRootUserCredentials", "/IAMDeleteRootUserCredentials")
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")


class Across:
    """Which events descend from root of another account, and which are in an ``AssumeRoot`` session of others."""

    def __init__(self, case: Asks) -> None:
        self._openers = openers(case)
        self._roots: dict[tuple[int, int], tuple[str, ...]] = {}
        people = places_of_root(case)
        acts = [row for row in case.query("cross_account_actions").rows if row["is_across"]]
        for row in (*(row for row in case.query("cross_account_root_events").rows if place_of(row) in people), *acts):
            if account := row["root_account_id"]:
                self._roots[place_of(row)] = tuple(dict.fromkeys((*self._roots.get(place_of(row), ()), account)))

    def by_account(self, rows: Iterable[of.OfAccountT]) -> dict[str, list[of.OfAccountT]]:
        """The rows of each account, accounts in order: of the one in which they stand, and of the ones of the roots.

        Args:
            rows: of events, with ``evidence_id`` and ``record_index``; those that belong to several accounts get the
                remark ``came_from``, those of an ``AssumeRoot`` session that others opened ``opened_by``.
        """
        found: dict[str, list[of.OfAccountT]] = {}
        for row in rows:
            place = place_of(cast("Located", row)) if "evidence_id" in row else (0, 0)
            roots = self._roots.get(place, ())
            told = remarked(row, came_from=roots) if roots else row
            if opener := self._openers.get(place):
                told = remarked(told, opened_by=opener)
            for account in dict.fromkeys((account_of(row), *roots)):
                found.setdefault(account, []).append(told)
        return dict(sorted(found.items()))


def openers(case: Asks) -> dict[tuple[int, int], str]:
    """Who opened the ``AssumeRoot`` session of an event to audit or delete root's credentials, by the event's place.

    Such a session needs none of root's credentials and gives nobody access. It is not in the result if root opened it,
    or what may descend from root, or if the call that opened it is not in the case.
    """
    sessions = [
        row
        for row in case.query("root_sessions").rows
        if row["session_kind"] == "assume_root" and (row["task_policy"] or "").endswith(_CLEANING)
    ]
    if not sessions:
        return {}
    calls = case.query("descendant_actions", calls="sts.amazonaws.com:AssumeRoot").rows
    own = {None, *map(place_text, calls), *(f"{evidence_id}:{index}" for evidence_id, index in places_of_root(case))}
    named = {row["session_id"]: _named(row["opener"]) for row in sessions if row["opener_citation"] not in own}
    events = case.query("root_session_events").rows
    return {place_of(row): named[row["session_id"]] for row in events if row["session_id"] in named}


def _named(opener: str | None) -> str:
    account = _ACCOUNT.search(opener or "")
    return f"{short_actor(opener)}{f' of account {account[0]}' if account else ''}"


def places_of_root(case: Asks) -> set[tuple[int, int]]:
    """Where the records are of what people did with root."""
    return {place_of(row) for row in case.query("root_timeline").rows if row["origin_group"] == "activity"}


def certainties(case: Asks) -> dict[tuple[int, int], str]:
    """How certainly an event that may change who owns an account descends from root, by its place."""
    found: dict[tuple[int, int], str] = {}
    for row in case.query("cross_account_actions").rows:
        found[place_of(row)] = min(row["certainty"], found.get(place_of(row), row["certainty"]))
    return found


def beside(row: of.OfAccount, account_id: str) -> str:
    """What to say of an action that is not root's own by its record: where it was done, by whose root, by which hand.

    Args:
        row: as ``Across`` gives it.
        account_id: the account that is spoken of; empty for all.

    Returns:
        words that begin with a blank; empty if there is nothing to say.
    """
    remarks = remarks_on(row)
    by_service = remarks.get("by_service", "")
    if account_id and account_of(row) != account_id:
        return f"{by_service} in account {account_of(row)}"
    if others := remarks.get("came_from"):
        return f" by the root user of account {', '.join(others)} or its follow-on activity"
    if opener := remarks.get("opened_by"):
        return f" in a session that {opener} opened (AssumeRoot)"
    return by_service
