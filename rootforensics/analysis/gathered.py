"""What the verdicts stand on, asked of the case: each question once for all accounts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.across import Across
from rootforensics.analysis.acting import under_reached, with_users
from rootforensics.analysis.crossed import CROSSED, unseen_beyond
from rootforensics.analysis.departed import Departed
from rootforensics.analysis.digests import Digests
from rootforensics.analysis.exposed import judged_by_content
from rootforensics.analysis.given import Given
from rootforensics.analysis.ground import UNKNOWN, Ground, account_of
from rootforensics.analysis.limits import unread_by_account
from rootforensics.analysis.owned import accounts_taken, changes_of_ownership, owned_by_account
from rootforensics.analysis.pauses import Heard
from rootforensics.analysis.services import by_services, told_of
from rootforensics.analysis.set_going import SetGoing
from rootforensics.analysis.stopped import stopped
from rootforensics.analysis.unseen import Unseen
from rootforensics.evidence.cite import place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from rootforensics.analysis.blast.model import Thing
    from rootforensics.analysis.blast.radius import BlastRadius
    from rootforensics.analysis.scope import Scope
    from rootforensics.queries.result import Asks

    Row = dict[str, Any]

_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_ASKED: Final = (
    "root_timeline",
    "root_signins",
    "root_sessions",
    "root_actions",
    "root_credential_changes",
    "trail_settings",
    "possible_spending",
)
_TAMPERING: Final = "record_tampering"
#: Questions on one account's root, its credentials and its sign-ins.
_CREDENTIALS: Final = "root_credential_changes"
_OF_ITS_ROOT: Final = ("root_timeline", "root_signins", "root_sessions", _CREDENTIALS)
_BROKEN: Final = """
    SELECT account_id, region, delivery_time
    FROM evidence
    WHERE status IN ('damaged', 'unreadable')
    ORDER BY evidence_id
"""
_ORGANIZED: Final = """
    SELECT DISTINCT regexp_extract(uri, '(^|/)AWSLogs/o-[a-z0-9]{10,32}/([0-9]{12})/', 2) AS account_id
    FROM evidence
    WHERE regexp_matches(uri, '(^|/)AWSLogs/o-[a-z0-9]{10,32}/[0-9]{12}/')
"""

#: What root and those that certainly descend from it did, as far as the catalogue knows it.
_FOLLOWED: Final = """
    SELECT
        f.account_id, f.eventTime, f.awsRegion, f.eventSource, f.eventName, f.deed, f.action_id, f.severity, f.means,
        f.lane, a.costs, a.exposes, f.eventID, f.evidence_id, f.record_index
    FROM followed_actions AS f INNER JOIN actions AS a ON f.action_id = a.action_id
    WHERE f.side <> 'noise'
    ORDER BY f.eventTime NULLS LAST, f.eventID, f.evidence_id, f.record_index
"""
#: What they did beyond the catalogue that may have changed something; a record of old does not say whether it did.
_UNLISTED: Final = """
    SELECT e.account_id, e.eventTime, e.eventSource, e.eventName, e.eventID, e.evidence_id, e.record_index
    FROM (
        SELECT account_id, eventTime, eventSource, eventName, is_write, outcome, eventID, evidence_id, record_index
        FROM root_activity
        UNION ALL
        SELECT account_id, eventTime, eventSource, eventName, is_write, outcome, eventID, evidence_id, record_index
        FROM descendant_events
    ) AS e
    WHERE e.outcome IS DISTINCT FROM 'failure' AND e.eventSource IS DISTINCT FROM 'signin.amazonaws.com'
        -- A session that was opened is no deed by itself.
        AND NOT coalesce(e.eventSource = 'rolesanywhere.amazonaws.com' AND e.eventName = 'CreateSession', false)
        AND e.is_write IS DISTINCT FROM false
        AND NOT EXISTS (SELECT 1 FROM actions AS a WHERE a.call_source = e.eventSource AND a.call_name = e.eventName)
    ORDER BY e.eventTime NULLS LAST, e.eventID
"""
#: Events of which the record lacks what rules go by.
_UNJUDGED: Final = """
    SELECT account_id, awsRegion AS region, eventTime AS delivery_time, lacks, may_change,
        eventID, evidence_id, record_index
    FROM unjudged_events
    ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
"""
#: Regions beyond those that every account has, which somebody switched on.
_SWITCHED_ON: Final = """
    SELECT DISTINCT
        coalesce(recipientAccountId, userIdentity.accountId) AS account_id,
        coalesce(requestParameters->>'$.regionName', requestParameters->>'$.RegionName') AS region
    FROM api_calls
    WHERE eventSource = 'account.amazonaws.com' AND eventName = 'EnableRegion'
        AND outcome IS DISTINCT FROM 'failure'
"""


def root_accounts(case: Asks) -> list[str]:
    """Accounts in which root was active, tried to be, or was opened by ``AssumeRoot``, or that root of another took.

    A service that did in root's name what none does of itself stands for root.
    """
    found = {account_of(row) for row in case.query("root_timeline").rows if row["side"] == "activity"}
    found |= {account_of(row) for row in case.query("root_signins").rows}
    found |= {account_of(row) for row in by_services(case) if row["hand"] != "unknown"}
    return sorted(found | opened_accounts(case).keys() | accounts_taken(case))


def opened_accounts(case: Asks) -> dict[str, list[Row]]:
    """Accounts in which ``AssumeRoot`` opened a session as root, with the calls that did."""
    found: dict[str, list[Row]] = {}
    for row in case.query("root_timeline").rows:
        if row["side"] == "opening" and row["outcome"] == "success":
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


def grounds(case: Asks, radius: BlastRadius, taken: Scope, accounts: Iterable[str]) -> list[Ground]:
    """What the verdicts on some accounts stand on.

    Args:
        case: to ask; each question is asked once for all accounts.
        radius: what root of all accounts reached.
        taken: the scope of the case.
        accounts: 12 digits or ``unknown`` each; empty for all accounts in one.
    """
    broken = case.statement(_BROKEN).rows
    organized = {row["account_id"] for row in case.statement(_ORGANIZED).rows}
    heard = Heard(case)
    digests = Digests(case)
    held = {row["account_id"] for row in case.query("coverage").rows}
    unseen = Unseen(case)
    rows = {name: case.query(name).rows for name in _ASKED}
    rows[_TAMPERING] = case.query(_TAMPERING, untold=1).rows
    rows |= {
        "followed": case.statement(_FOLLOWED).rows,
        "unlisted": case.statement(_UNLISTED).rows,
    }
    rows["unjudged"] = case.statement(_UNJUDGED).rows
    rows["switched_on"] = case.statement(_SWITCHED_ON).rows
    rows["crossed"] = case.statement(CROSSED).rows
    going = SetGoing(case)
    rows["set_going"] = going.calls
    rows |= told_of(rows, by_services(case))
    rows |= {name: judged_by_content(case, rows[name]) for name in ("followed", "served")}
    rows[_TAMPERING] = with_users(case, rows[_TAMPERING])
    across = Across(case)
    own = {name: across.by_account(of_all) for name, of_all in rows.items()}
    # These are of an account's own root: what came from it and was done to root of another is a deed in that account.
    beyond = {name: [row for row in told if account_of(row) != name] for name, told in own[_CREDENTIALS].items()}
    for asked in _OF_ITS_ROOT:
        own[asked] = {name: [row for row in told if account_of(row) == name] for name, told in own[asked].items()}
    own["others_credentials"] = beyond
    rows["owned"] = with_users(case, changes_of_ownership(case))
    own["owned"] = owned_by_account(rows["owned"], across)
    given = Given(case, radius.reached_by(""))
    departed = Departed(case, rows[_TAMPERING], organized)

    def ask(name: str, account: str) -> list[Row]:
        return own[name].get(account, []) if account else rows[name]

    return [
        _ground(ask, radius, taken, one, broken, organized, held, digests, heard, unseen, given, going, departed)
        for one in accounts
    ]


def _ground(
    ask: Callable[[str, str], list[Row]],
    radius: BlastRadius,
    taken: Scope,
    account: str,
    broken: list[Row],
    organized: set[str],
    held: set[str | None],
    digests: Digests,
    heard: Heard,
    unseen: Unseen,
    given: Given,
    going: SetGoing,
    departed: Departed,
) -> Ground:
    everywhere = account in ("", UNKNOWN)
    set_going = tuple(going.unfollowed(ask("set_going", account)))
    reached = radius.reached_by(account)
    things = [row for row, _ in reached]
    members = given.members(reached)
    tampering = ask(_TAMPERING, account)
    if not everywhere:
        tampering = [*tampering, *departed.of_others(account)]
        tampering = [*tampering, *_in_others(ask(_TAMPERING, ""), tampering, reached, members, account)]
    own, elsewhere = tampering, []
    if everywhere or account in organized:
        own = ask(_TAMPERING, "")
    else:
        own = [row for row in (*tampering, *ask(_TAMPERING, UNKNOWN)) if account_of(row) in (account, UNKNOWN)]
        elsewhere = [row for row in tampering if account_of(row) not in (account, UNKNOWN)]
    owners = dict.fromkeys((account, *sorted(map(account_of, elsewhere))))
    nothing = () if held else ("logs: the case holds no events",)
    if held and not everywhere and not {account, None} & held:
        nothing = (f"logs of account {account}: the case holds none",)
    # Of several accounts it is enough that one has more to tell.
    lone = heard.lone
    alone = set(lone.values()) if everywhere and lone.keys() == held else {lone.get(account, "")} - {""}
    others = (
        (f"events of others than {min(alone)}: the case holds those of one identity alone",) if len(alone) == 1 else ()
    )
    filters = taken.filters if everywhere else taken.filters_on(account)
    whose = "" if everywhere else account
    first_act = _first_act(ask, account, things)
    unsaid = (*unseen.holes(whose), *_left_out(filters))
    read = taken.common_regions if everywhere else taken.regions_of(account)
    if everywhere and not read and taken.regions:
        read = frozenset(taken.regions)
        others = (*others, "logs of one Region at least for every account: of none are all there")
    return Ground(
        account,
        ask("root_timeline", account),
        ask("root_signins", account),
        ask("root_sessions", account),
        ask("root_actions", account),
        ask("followed", account),
        ask("unlisted", account),
        [*ask("possible_spending", account), *_beside(given.costly(reached, members), ask, account)],
        tampering,
        ask("root_credential_changes", account),
        ask("others_credentials", account) if account else [],
        given.owned(ask("owned", account), reached, members),
        ask("switched_on", account),
        [row for owner in owners for row in ask("trail_settings", owner)],
        reached,
        tuple(row for row in broken if everywhere or row["account_id"] in (account, None)),
        # Where no account is told apart, it does not matter in which one an event was.
        tuple(row for row in ask("unjudged", "") if row["lacks"] != "account")
        if everywhere
        else (*ask("unjudged", account), *ask("unjudged", UNKNOWN)),
        (*nothing, *others, *unsaid, *departed.missing(whose), *stopped(own, account, departed)),
        (
            *stopped(elsewhere, account, departed),
            *unseen_beyond(ask("crossed", account), held),
            *set_going,
        ),
        ask("served", account),
        # What filters left out is missing as a whole, and nothing is usual in the rest.
        () if filters else heard.pauses(whose, first_act),
        () if filters else digests.missing(whose, first_act),
        unread_by_account(taken, () if everywhere else (account,)),
        read,
        read | digests.regions_of(whose),
        bool(digests.regions_of(whose)),
        digests.uncompared(whose),
        tuple(members),
        set_going,
        given.untold(reached),
    )


def _first_act(ask: Callable[[str, str], list[Row]], account: str, things: list[Row]) -> datetime | None:
    """When root, or what came from it, was first seen in an account, or tried to get in; None if it never was."""
    acts = [row for row in ask("root_timeline", account) if row["side"] != "noise"]
    times = [row["eventTime"] for row in (*acts, *ask("root_signins", account), *ask("followed", account))]
    return min(filter(None, (*times, *(row["first_time"] for row in things))), default=None)


def _beside(costly: list[Row], ask: Callable[[str, str], list[Row]], account: str) -> list[Row]:
    """Those of some calls that are not known as the deeds of what came from root."""
    known = {place_of(row) for name in ("followed", "possible_spending") for row in ask(name, account)}
    return [row for row in costly if place_of(row) not in known]


def _in_others(
    of_all: list[Row], known: list[Row], reached: list[tuple[Row, Thing]], members: list[Row], account: str
) -> list[Row]:
    """Deeds in other accounts under names that root of this one reached there; beside those that are known."""
    places = {place_of(row) for row in known}
    there = [(row, thing) for row, thing in reached if row["account_id"] != account]
    beyond = [one for one in members if one["account_id"] != account]
    found = under_reached(of_all, there, beyond) if there or beyond else []
    return [row for row in found if account_of(row) != account and place_of(row) not in places]


def _left_out(filters: tuple[str, ...]) -> tuple[str, ...]:
    return (f"what the filters of the load left out ({' / '.join(filters)})",) if filters else ()
