"""Actions in one account that root of another did, or what descends from it: they count for both.

A session that a user of root's opens in another account is recorded there under that account's own role; the blast
radius knows whose root it comes from, and so must every answer that stands on actions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rootforensics.analysis.places import account_of
from rootforensics.analysis.remarks import remarked, remarks_on
from rootforensics.evidence.cite import place_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.evidence.cite import Located
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks


class Across:
    """Which events of a case descend from root of another account than the one in which they stand."""

    def __init__(self, case: Asks) -> None:
        self._roots: dict[tuple[int, int], tuple[str, ...]] = {}
        people = places_of_root(case)
        acts = [row for row in case.query("cross_account_actions").rows if row["is_across"]]
        for row in (*(row for row in case.query("cross_account_root_events").rows if place_of(row) in people), *acts):
            if account := row["root_account_id"]:
                self._roots[place_of(row)] = tuple(dict.fromkeys((*self._roots.get(place_of(row), ()), account)))

    def by_account(self, rows: Iterable[of.OfAccountT]) -> dict[str, list[of.OfAccountT]]:
        """The rows of each account, accounts in order: of the one in which they stand, and of the ones of the roots.

        Args:
            rows: of events, with ``evidence_id`` and ``record_index``; those that belong to several accounts say by
                ``came_from`` whose root they come from.
        """
        found: dict[str, list[of.OfAccountT]] = {}
        for row in rows:
            roots = self._roots.get(place_of(cast("Located", row)), ()) if "evidence_id" in row else ()
            told = remarked(row, came_from=roots) if roots else row
            for account in dict.fromkeys((account_of(row), *roots)):
                found.setdefault(account, []).append(told)
        return dict(sorted(found.items()))


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
    return by_service
