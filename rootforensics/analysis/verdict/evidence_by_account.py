"""What the verdicts stand on, asked of the case: each question once for all accounts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.coverage.accounts_without_logs import unseen_beyond
from rootforensics.analysis.coverage.gap import Gap
from rootforensics.analysis.coverage.trail_gaps import stopped
from rootforensics.analysis.exposure.requests import judged_by_content
from rootforensics.analysis.lineage.actors import under_members, with_users
from rootforensics.analysis.lineage.cross_account import Across
from rootforensics.analysis.lineage.principals import Holders
from rootforensics.analysis.lineage.service_activity import by_services, told_of
from rootforensics.analysis.lineage.untraced_activity import SetGoing
from rootforensics.analysis.places import UNKNOWN, account_of
from rootforensics.analysis.verdict.evidence import Ground
from rootforensics.analysis.verdict.ownership import accounts_taken, changes_of_ownership, owned_by_account
from rootforensics.evidence.cite import place_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rootforensics.analysis.coverage.coverage import Coverage
    from rootforensics.analysis.lineage.actors import Member
    from rootforensics.analysis.lineage.blast_radius import BlastRadius
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_ASKED: Final = (
    "root_timeline",
    "root_signins",
    "root_sessions",
    "root_actions",
    "root_credential_changes",
    "trail_settings",
)
_IMPAIRMENT: Final = "logging_impairment"
#: Questions on one account's root, its credentials and its sign-ins.
_CREDENTIALS: Final = "root_credential_changes"
_OF_ITS_ROOT: Final = ("root_timeline", "root_signins", "root_sessions", _CREDENTIALS)


def root_accounts(case: Asks) -> list[str]:
    """Accounts in which root was active, tried to be, or was opened by ``AssumeRoot``, or that root of another took.

    A service that did as root what none does of itself stands for root.
    """
    found = {account_of(row) for row in case.query("root_timeline").rows if row["origin_group"] == "activity"}
    found |= {account_of(row) for row in case.query("root_signins").rows}
    found |= {account_of(row) for row in by_services(case) if row["hand"] != "unknown"}
    return sorted(found | opened_accounts(case).keys() | accounts_taken(case))


def opened_accounts(case: Asks) -> dict[str, list[of.RootTimeline]]:
    """Accounts in which ``AssumeRoot`` opened a session as root, with the calls that did."""
    found: dict[str, list[of.RootTimeline]] = {}
    for row in case.query("root_timeline").rows:
        if row["origin_group"] == "opening" and row["outcome"] == "success":
            for account in _target(row["requestParameters"]):
                found.setdefault(account, []).append(row)
    return found


def _target(request: str | None) -> set[str]:
    """The member account that an ``AssumeRoot`` call names, as a number or in an ARN."""
    try:
        asked = json.loads(request or "null", parse_int=str, parse_float=str)
    except (ValueError, RecursionError):  # odd beyond what Python reads; it names no account
        return set()
    named = asked.get("targetPrincipal") if isinstance(asked, dict) else None
    return set(_ACCOUNT.findall(named)) if isinstance(named, str) else set()


def grounds(case: Asks, radius: BlastRadius, coverage: Coverage) -> Callable[[str], Ground]:
    """What the verdict on an account stands on, by the account: 12 digits or ``unknown``, empty for all in one.

    Args:
        case: to ask; each question is asked once for all accounts.
        radius: what root of all accounts reached.
        coverage: what the logs can show.
    """
    rows: dict[str, list[Any]] = {name: case.query(name).rows for name in _ASKED}
    told: dict[str, list[Any]] = {
        "followed": case.query("listed_calls").rows,
        "unlisted": case.query("unlisted_calls").rows,
    }
    rows |= {name: [row for row in of_all if row["certainty"] == "certain"] for name, of_all in told.items()}
    rows["perhaps"] = [row for of_all in told.values() for row in of_all if row["certainty"] == "possible"]
    rows[_IMPAIRMENT] = coverage.impairment
    rows["crossed"] = case.query("cross_account_sessions").rows
    going = SetGoing(case)
    rows["set_going"] = going.calls
    rows |= told_of(rows, by_services(case))
    rows |= {name: judged_by_content(case, rows[name]) for name in ("followed", "served", "perhaps")}
    rows[_IMPAIRMENT] = with_users(case, rows[_IMPAIRMENT])
    across = Across(case)
    own = {name: across.by_account(of_all) for name, of_all in rows.items()}
    # These are of an account's own root: what descends from it and was done to root of another belongs to that account.
    beyond = {name: [row for row in told if account_of(row) != name] for name, told in own[_CREDENTIALS].items()}
    for asked in _OF_ITS_ROOT:
        own[asked] = {name: [row for row in told if account_of(row) == name] for name, told in own[asked].items()}
    own["others_credentials"] = beyond
    rows["owned"] = with_users(case, changes_of_ownership(case))
    own["owned"] = owned_by_account(rows["owned"], across)
    holders = Holders(case, radius.reached_by(""))

    def ask(name: str, account: str) -> list[Any]:
        return own[name].get(account, []) if account else rows[name]

    return lambda account: _ground(ask, radius, coverage, account, holders, going)


def _ground(
    ask: Callable[[str, str], list[Any]],
    radius: BlastRadius,
    coverage: Coverage,
    account: str,
    holders: Holders,
    going: SetGoing,
) -> Ground:
    set_going = tuple(going.unfollowed(ask("set_going", account)))
    reached = radius.reached_by(account)
    entities = [row for row, _ in reached]
    members = holders.members(reached)
    impairment, elsewhere = ask(_IMPAIRMENT, account), []
    if account not in ("", UNKNOWN):
        impairment = [*impairment, *coverage.departed.of_others(account)]
        impairment = [*impairment, *_in_others(ask(_IMPAIRMENT, ""), impairment, members, account)]
        if account not in coverage.organized:
            elsewhere = [row for row in impairment if account_of(row) not in (account, UNKNOWN)]
    owners = dict.fromkeys((account, *sorted(map(account_of, elsewhere))))
    return Ground(
        account,
        coverage.of(account, _first_act(ask, account, entities)),
        ask("root_timeline", account),
        ask("root_signins", account),
        ask("root_sessions", account),
        ask("root_actions", account),
        ask("followed", account),
        ask("unlisted", account),
        [*ask("perhaps", account), *_beside(holders.costly(members), ask, account)],
        impairment,
        ask("root_credential_changes", account),
        ask("others_credentials", account) if account else [],
        holders.owned(ask("owned", account), members),
        [row for owner in owners for row in ask("trail_settings", owner)],
        reached,
        (
            *stopped(elsewhere, account, coverage.ongoing, lambda row: {account_of(row)}),
            *map(Gap, (*unseen_beyond(ask("crossed", account), coverage.held), *set_going)),
        ),
        ask("served", account),
        tuple(members),
        set_going,
        holders.unknown(reached),
    )


def _first_act(ask: Callable[[str, str], list[Any]], account: str, entities: list[of.BlastRadius]) -> datetime | None:
    """When root, or what descends from it, was first seen in an account, or tried to get in; None if it never was."""
    acts = [row for row in ask("root_timeline", account) if row["origin_group"] != "noise"]
    times = [row["eventTime"] for row in (*acts, *ask("root_signins", account), *ask("followed", account))]
    return min(filter(None, (*times, *(row["first_time"] for row in entities))), default=None)


def _beside(costly: list[of.CostlyCalls], ask: Callable[[str, str], list[Any]], account: str) -> list[Any]:
    """Those of some calls that are not known as the actions of what descends from root."""
    known = {place_of(row) for name in ("followed", "perhaps") for row in ask(name, account)}
    return [row for row in costly if place_of(row) not in known]


def _in_others(
    of_all: list[of.LoggingImpairment], known: list[of.LoggingImpairment], members: list[Member], account: str
) -> list[of.LoggingImpairment]:
    """Actions elsewhere of those who may hold what root of this account reached; beside those that are known."""
    places = {place_of(row) for row in known}
    found = under_members(of_all, [one for one in members if one["account_id"] != account])
    return [row for row in found if account_of(row) != account and place_of(row) not in places]
