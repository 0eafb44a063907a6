"""What the verdict on root of one account stands on: what root did there, and what may be missing from the logs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.blast.radius import is_open
from rootforensics.analysis.limits import OTHER_PARTITION, unread_sign_ins
from rootforensics.analysis.unseen import Unseen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rootforensics.analysis.blast.radius import BlastRadius
    from rootforensics.analysis.scope import Scope
    from rootforensics.queries.result import Asks

    Row = dict[str, Any]

#: Stands for an account that the record does not name.
UNKNOWN: Final = "unknown"
#: Where IAM is recorded, in the commercial partition.
IAM_REGIONS: Final = ("us-east-1",)
#: Parts of a trail without which calls are missing in its files.
_RECORDED: Final = ("recording", "selectors", "Regions", "global events", "organization")
#: Before this day each Region of a trail could hold the events of global services.
_GLOBAL_IN_ONE_REGION: Final = datetime(2021, 11, 22, tzinfo=UTC)
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_ASKED: Final = (
    "root_timeline",
    "root_signins",
    "root_sessions",
    "root_actions",
    "record_tampering",
    "root_credential_changes",
    "trail_settings",
    "possible_spending",
)
_BROKEN: Final = """
    SELECT account_id, region, delivery_time
    FROM evidence
    WHERE status IN ('damaged', 'unreadable')
    ORDER BY evidence_id
"""
_ORGANIZED: Final = """
    SELECT DISTINCT account_id
    FROM evidence
    WHERE account_id IS NOT NULL AND regexp_matches(uri, '/AWSLogs/o-[a-z0-9]{10,32}/')
"""


#: Accounts all of whose events are one identity's: a trail always holds those of others, of AWS's services at least.
_LONE: Final = """
    SELECT account_id, min(actor) AS actor
    FROM (
        SELECT
            coalesce(recipientAccountId, userIdentity.accountId) AS account_id,
            coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.userName, '') AS actor
        FROM api_calls
    )
    GROUP BY account_id
    HAVING min(actor) = max(actor) AND min(actor) <> ''
"""
#: What another account did to the ownership of the one that it names; a management account can.
_FROM_ABOVE: Final = """
    SELECT requestParameters->>'$.accountId' AS account_id, eventTime, eventID, eventName
    FROM api_calls
    WHERE
        coalesce(errorCode, '') = ''
        AND concat(eventSource, ':', eventName) IN (
            'organizations.amazonaws.com:RemoveAccountFromOrganization', 'organizations.amazonaws.com:CloseAccount',
            'account.amazonaws.com:CloseAccount', 'account.amazonaws.com:AcceptPrimaryEmailUpdate',
            'account.amazonaws.com:PutAlternateContact', 'account.amazonaws.com:PutContactInformation'
        )
        AND requestParameters->>'$.accountId' <> coalesce(recipientAccountId, userIdentity.accountId, '')
    ORDER BY eventTime NULLS LAST, eventID
"""
#: Of a digest the ledger has no account and no Region; its name has.
_DIGESTED: Final = """
    SELECT DISTINCT
        regexp_extract(uri, '([0-9]{12})_CloudTrail-Digest_([a-z0-9-]+)_', 1) AS account_id,
        regexp_extract(uri, '([0-9]{12})_CloudTrail-Digest_([a-z0-9-]+)_', 2) AS region
    FROM evidence
    WHERE status = 'digest' AND uri LIKE '%_CloudTrail-Digest_%'
"""
#: What root and those that certainly descend from it did, as far as the catalogue knows it.
_FOLLOWED: Final = """
    SELECT
        f.account_id, f.eventTime, f.eventSource, f.eventName, f.deed, f.severity, f.means, f.lane, a.costs, a.exposes,
        f.eventID
    FROM followed_actions AS f INNER JOIN actions AS a ON f.action_id = a.action_id
    WHERE f.side <> 'noise'
    ORDER BY f.eventTime NULLS LAST, f.eventID, f.evidence_id, f.record_index
"""
#: What they did beyond the catalogue that may have changed something; a record of old does not say whether it did.
_UNLISTED: Final = """
    SELECT e.account_id, e.eventTime, e.eventSource, e.eventName, e.eventID
    FROM (
        SELECT account_id, eventTime, eventSource, eventName, readOnly, outcome, eventID FROM root_activity
        UNION ALL
        SELECT account_id, eventTime, eventSource, eventName, readOnly, outcome, eventID FROM descendant_events
    ) AS e
    WHERE e.outcome IS DISTINCT FROM 'failure' AND e.eventSource IS DISTINCT FROM 'signin.amazonaws.com'
        AND NOT coalesce(e.readOnly, regexp_matches(e.eventName, '^(BatchGet|Describe|Get|Head|List|Search)'), false)
        AND NOT EXISTS (SELECT 1 FROM actions AS a WHERE a.call_source = e.eventSource AND a.call_name = e.eventName)
    ORDER BY e.eventTime NULLS LAST, e.eventID
"""
#: Events of which the record does not tell who acted; ``effective`` if the call may have changed something.
_UNIDENTIFIED: Final = """
    SELECT
        coalesce(e.recipientAccountId, e.userIdentity.accountId) AS account_id, e.awsRegion AS region,
        e.eventTime AS delivery_time, e.eventID,
        coalesce(e.errorCode, '') = '' AND e.readOnly IS DISTINCT FROM true AS effective
    FROM events AS e INNER JOIN (
        SELECT evidence_id, record_index FROM evidence_problems WHERE kind = 'unknown_identity'
        UNION
        SELECT evidence_id, record_index FROM evidence_problems
        WHERE kind = 'record_problem' AND problem LIKE '%userIdentity%'
    ) AS p ON e.evidence_id = p.evidence_id AND e.record_index = p.record_index
    WHERE NOT EXISTS (
        SELECT 1 FROM root_events AS r WHERE r.evidence_id = e.evidence_id AND r.record_index = e.record_index
    )
    ORDER BY e.eventTime NULLS LAST, e.eventID
"""
#: Regions beyond those that every account has, which somebody switched on.
_SWITCHED_ON: Final = """
    SELECT DISTINCT
        coalesce(recipientAccountId, userIdentity.accountId) AS account_id,
        coalesce(requestParameters->>'$.regionName', requestParameters->>'$.RegionName') AS region
    FROM api_calls
    WHERE eventSource = 'account.amazonaws.com' AND eventName = 'EnableRegion' AND coalesce(errorCode, '') = ''
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """What root of one account did, and what may be missing.

    Attributes:
        account_id: 12 digits, ``unknown``, or empty for all accounts of the case.
        timeline: rows of ``root_timeline``; so are those that follow, of the questions of their names.
        followed: the ``actions``, and those of identities that certainly descend from root, in short.
        unlisted: their calls that the catalogue does not know, reads and failures apart.
        perhaps_costly: rows of ``possible_spending``.
        credentials: rows of ``root_credential_changes``.
        from_above: what other accounts did to its ownership.
        switched_on: Regions that anybody switched on, as ``region``.
        trails: rows of ``trail_settings``.
        things: rows of the blast radius that root of this account reached.
        broken: objects that could not be read whole and may hold events of the account.
        unidentified: events of which the record does not tell who acted, of the account or of none that is named.
        holes: what else may be missing, in words.
        unread: Regions of root's sign-ins without logs of the account.
        read: Regions whose logs of the account were read.
        delivered: these, and Regions of which the account's digests say that its trail records them.
        digested: whether the case holds digests of the account.
    """

    account_id: str
    timeline: list[Row]
    sign_ins: list[Row]
    sessions: list[Row]
    actions: list[Row]
    followed: list[Row]
    unlisted: list[Row]
    perhaps_costly: list[Row]
    tampering: list[Row]
    credentials: list[Row]
    from_above: list[Row]
    switched_on: list[Row]
    trails: list[Row]
    things: list[Row]
    broken: tuple[Row, ...]
    unidentified: tuple[Row, ...]
    holes: tuple[str, ...]
    unread: tuple[str, ...]
    read: frozenset[str]
    delivered: frozenset[str]
    digested: bool

    @property
    def activity(self) -> list[Row]:
        """What people did with root."""
        return [row for row in self.timeline if row["side"] == "activity"]

    @property
    def still_open(self) -> list[Row]:
        """Things that are active at the end of the logs, or may be."""
        return [row for row in self.things if is_open(row)]

    @property
    def own_keys(self) -> dict[str, Row]:
        """Access keys of root that were made, changed or used, by ID, as things; one that was only used is active."""
        reached = [row for row in self.things if row["thing_kind"] == "access key" and row["depth"] == 1]
        keys = {row["thing_name"]: row for row in reached if not row["detail"]}
        for row in self.activity:
            if (key := row["accessKeyId"] or "").startswith("AKIA") and key not in keys:
                keys[key] = _old_key(key, row)
        return keys

    def gaps(
        self, regions: Iterable[str] = (), *, sign_ins: bool = False, without_effect: bool = False
    ) -> tuple[str, ...]:
        """Why something may have happened that the case does not show.

        Args:
            regions: where it would have been recorded, in the commercial partition; anywhere if empty.
            sign_ins: whether it would have been seen where root signs in.
            without_effect: whether a read or a call that failed would show it, too.
        """
        wanted = tuple(regions)
        broken = [row for row in self.broken if _could_hold(row, wanted)]
        nobodys = [
            row for row in self.unidentified if (row["effective"] or without_effect) and _could_hold(row, wanted)
        ]
        unread = (f"logs of {', '.join(self.unread)}, where root's sign-ins are recorded",) if self.unread else ()
        told = (*self.holes, *_broken_told(broken), *_unidentified_told(nobodys))
        return (*told, *(unread if sign_ins else self._elsewhere(wanted)))

    def unproved(self) -> tuple[str, ...]:
        """What would show that no Region is missing, where nothing does.

        A Region without events leaves no log, one that was left out leaves none either. With log file validation on,
        digest files are delivered each hour for every Region of a trail, whether or not there were events.
        """
        if self.digested or not self.read:
            return ()
        whole = any(row["isMultiRegionTrail"] for row in self.trails)
        known = "a trail records all Regions, but whether" if whole else "whether"
        others = f"{known} logs of other Regions than {', '.join(sorted(self.read))} were left out"
        return (f"{others}: digest files of all Regions would tell, or a load of the trail's whole folder",)

    def _elsewhere(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """Regions without logs that would hold it; of one Region alone nothing is known of the others.

        A trail of all Regions always has logs of IAM's, and a Region that was switched on is there to be used.
        """
        if any(map(OTHER_PARTITION.match, self.read)):
            return ()
        if missing := [region for region in wanted if region not in self.read]:
            return (f"logs of {', '.join(missing)}, where it would be recorded",)
        if wanted or not self.read:
            return ()
        if len(self.delivered) == 1:
            return (f"logs of other Regions: of this account the case holds those of {min(self.delivered)} alone",)
        switched_on = {row["region"] for row in self.switched_on if row["region"]}
        if missing := sorted({*IAM_REGIONS, *switched_on} - self.delivered):
            return (f"logs of {', '.join(missing)}, where it might be recorded",)
        return ()


def _old_key(key: str, use: Row) -> Row:
    """A key of which the logs show only its use, as a thing."""
    own = {name: use[name] for name in ("account_id", "eventTime", "eventID", "awsRegion", "eventName")}
    told = {"effect": "uses", "state": "active", "depth": 1, "detail": None, "current_name": None}
    return {"thing_kind": "access key", "thing_name": key, **own, **told}


def _could_hold(row: Row, regions: tuple[str, ...]) -> bool:
    """True if an object may hold an event that is recorded in one of the Regions."""
    region, moment = row["region"], row["delivery_time"]
    if not regions or region is None or region in regions:
        return True
    return moment is None or moment < _GLOBAL_IN_ONE_REGION or bool(OTHER_PARTITION.match(region))


def _broken_told(rows: list[Row]) -> tuple[str, ...]:
    if not rows:
        return ()
    regions = sorted({row["region"] for row in rows if row["region"]})
    times = [row["delivery_time"] for row in rows if row["delivery_time"]]
    named = len(times) == len(rows) and all(row["region"] for row in rows)
    if not named:
        what = "object" if len(rows) == 1 else "objects"
        return (f"{len(rows):,} {what} of evidence that could not be read whole",)
    first, last = f"{min(times):%Y-%m-%d %H:%M}", f"{max(times):%Y-%m-%d %H:%M}"
    when = first if first == last else f"{first} to {last}"
    what = "log" if len(rows) == 1 else "logs"
    return (f"{len(rows):,} {what} of {', '.join(regions)} that could not be read whole (delivered {when})",)


def _unidentified_told(rows: list[Row]) -> tuple[str, ...]:
    if not rows:
        return ()
    named = [row["eventID"] or "one without an eventID" for row in rows[:3]]
    more = f" and {len(rows) - 3:,} more" if len(rows) > 3 else ""
    what = "an event" if len(rows) == 1 else f"{len(rows):,} events"
    return (f"who acted in {what} whose identity could not be read ({', '.join(named)}{more})",)


def account_of(row: Row) -> str:
    """The account of a row, as the verdict names it."""
    return row["account_id"] or UNKNOWN


def was_kept_out(row: Row) -> bool:
    """True for a failed sign-in. A call that was refused or failed was made with credentials of root's all the same."""
    return bool(row["eventSource"] == "signin.amazonaws.com" and row["outcome"] == "failure")


def by_account(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each account, accounts in order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(account_of(row), []).append(row)
    return dict(sorted(found.items()))


def root_accounts(case: Asks) -> list[str]:
    """Accounts in which root was active, tried to be, or was opened by ``AssumeRoot``."""
    timeline = case.query("root_timeline").rows
    found = {account_of(row) for row in timeline if row["side"] == "activity"}
    found |= {account_of(row) for row in case.query("root_signins").rows}
    for row in timeline:
        if row["side"] == "opening" and row["outcome"] == "success":
            found |= _target(row["requestParameters"])
    return sorted(found)


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
    lone = {row["account_id"]: row["actor"] for row in case.statement(_LONE).rows}
    digested = {(row["account_id"], row["region"]) for row in case.statement(_DIGESTED).rows}
    held = {row["account_id"] for row in case.query("coverage").rows}
    unseen = Unseen(case)
    rows = {name: case.query(name).rows for name in _ASKED}
    rows |= {"followed": case.statement(_FOLLOWED).rows, "unlisted": case.statement(_UNLISTED).rows}
    rows["unidentified"] = case.statement(_UNIDENTIFIED).rows
    rows["from_above"] = case.statement(_FROM_ABOVE).rows
    rows["switched_on"] = case.statement(_SWITCHED_ON).rows
    own = {name: by_account(of_all) for name, of_all in rows.items()}

    def ask(name: str, account: str) -> list[Row]:
        return own[name].get(account, []) if account else rows[name]

    return [_ground(ask, radius, taken, one, broken, organized, held, digested, lone, unseen) for one in accounts]


def _ground(
    ask: Callable[[str, str], list[Row]],
    radius: BlastRadius,
    taken: Scope,
    account: str,
    broken: list[Row],
    organized: set[str],
    held: set[str | None],
    digested: set[tuple[str, str]],
    lone: dict[str | None, str],
    unseen: Unseen,
) -> Ground:
    everywhere = account in ("", UNKNOWN)
    if everywhere or account in organized:
        stopped = ask("record_tampering", "")
    else:
        stopped = [*ask("record_tampering", account), *ask("record_tampering", UNKNOWN)]
    nothing = () if held else ("logs: the case holds no events",)
    if held and not everywhere and not {account, None} & held:
        nothing = (f"logs of account {account}: the case holds none",)
    # Of several accounts it is enough that one has more to tell.
    alone = set(lone.values()) if everywhere and lone.keys() == held else {lone.get(account, "")} - {""}
    others = (
        (f"events of others than {min(alone)}: the case holds those of one identity alone",) if len(alone) == 1 else ()
    )
    filters = taken.filters if everywhere else taken.filters_on(account)
    unsaid = (*unseen.holes("" if everywhere else account), *_left_out(filters))
    read = set(taken.regions) if everywhere else taken.regions_of(account)
    return Ground(
        account,
        ask("root_timeline", account),
        ask("root_signins", account),
        ask("root_sessions", account),
        ask("root_actions", account),
        ask("followed", account),
        ask("unlisted", account),
        ask("possible_spending", account),
        ask("record_tampering", account),
        ask("root_credential_changes", account),
        ask("from_above", account),
        ask("switched_on", account),
        ask("trail_settings", account),
        [row for row in radius.rows if not account or account in row["root_accounts"]],
        tuple(row for row in broken if everywhere or row["account_id"] in (account, None)),
        tuple(
            ask("unidentified", "") if everywhere else [*ask("unidentified", account), *ask("unidentified", UNKNOWN)]
        ),
        (*nothing, *others, *unsaid, *_stopped(stopped)),
        unread_sign_ins(read),
        frozenset(read),
        frozenset(read) | {region for owner, region in digested if region and (everywhere or owner == account)},
        any(region and (everywhere or owner == account) for owner, region in digested),
    )


def _left_out(filters: tuple[str, ...]) -> tuple[str, ...]:
    return (f"what the filters of the load left out ({' / '.join(filters)})",) if filters else ()


def _stopped(tampering: list[Row]) -> list[str]:
    done = [row for row in tampering if row["watcher"] == "trail" and row["deed"] == "done"]
    cut = [row for row in done if row["part"] in _RECORDED and row["tampering"] != "changed"]
    moved = [row for row in done if row["part"] == "bucket"]
    named = [row for row in cut if row["thing"]]
    unnamed = [row for row in cut if not row["thing"]]
    told = [f"what {_trail(row)} would have recorded from {_since([row])} {_until([row])}" for row in named]
    if unnamed:  # which of them is which nobody can tell
        told.append(f"what an unnamed trail would have recorded from {_since(unnamed)} {_until(unnamed)}")
    told += [
        f"what {_trail(row)} delivered from {_since([row])} on, if the bucket it was given is another" for row in moved
    ]
    return list(dict.fromkeys(told))


def _trail(row: Row) -> str:
    return f"trail {row['thing']}" if row["thing"] else "an unnamed trail"


def _since(rows: list[Row]) -> str:
    first = min((row["from_time"] for row in rows if row["from_time"]), default=None)
    return f"{first:%Y-%m-%d %H:%M:%S}" if first and all(row["from_time"] for row in rows) else "an unknown time"


def _until(rows: list[Row]) -> str:
    times = [row["until_time"] for row in rows]
    return "on" if None in times else f"to {max(times):%Y-%m-%d %H:%M:%S}"
