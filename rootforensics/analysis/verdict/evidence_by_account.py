"""What the verdicts stand on, asked of the case: each question once for all accounts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

from rootforensics.analysis.coverage.gap import Gap, unseen_beyond
from rootforensics.analysis.coverage.trail_gaps import stopped
from rootforensics.analysis.exposure.policies import denies_something, unpacked
from rootforensics.analysis.exposure.requests import judged_by_content
from rootforensics.analysis.lineage.cross_account import Across
from rootforensics.analysis.lineage.principals import Holders, under_members, with_users
from rootforensics.analysis.lineage.service_activity import by_services, not_of_themselves, with_services
from rootforensics.analysis.lineage.untraced_activity import SetGoing
from rootforensics.analysis.places import UNKNOWN, account_of, by_account
from rootforensics.analysis.remarks import remarked
from rootforensics.analysis.verdict.by_request import judged_by_request
from rootforensics.analysis.verdict.evidence import Evidence
from rootforensics.analysis.verdict.ownership import accounts_taken, changes_of_ownership, owned_by_account
from rootforensics.analysis.verdict.recorded import is_use, unheld
from rootforensics.evidence.cite import place_of, place_text
from rootforensics.phrases import at, sortable
from rootforensics.rules.undo import needs_former, undo_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rootforensics.analysis.coverage.coverage import Coverage
    from rootforensics.analysis.lineage.blast_radius import BlastRadius
    from rootforensics.analysis.lineage.principals import Member
    from rootforensics.analysis.novelty import Novelty
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_Row = TypeVar("_Row", bound="of.OfAccount")


@dataclass(frozen=True, slots=True)
class _Told(Generic[_Row]):
    """Rows of one kind: of the whole case, and by the account that has them to tell."""

    rows: list[_Row]
    by_account: Mapping[str, list[_Row]]

    def of(self, account: str) -> list[_Row]:
        """The rows of an account; of all accounts if empty."""
        return self.by_account.get(account, []) if account else self.rows

    def own(self) -> _Told[_Row]:
        """The same, of each account only what stands in it: what its own root did, not what descends from it."""
        own = {name: [row for row in told if account_of(row) == name] for name, told in self.by_account.items()}
        return _Told(self.rows, own)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """The rows that the verdicts stand on; of those with a name of ``Evidence`` more is said there."""

    timeline: _Told[of.RootTimeline]
    sign_ins: _Told[of.RootSignins]
    sessions: _Told[of.RootSessions]
    actions: _Told[of.RootActions]
    followed: _Told[of.Call]
    unlisted: _Told[of.Call]
    perhaps: _Told[of.Call]
    impairment: _Told[of.LoggingImpairment]
    credentials: _Told[of.RootCredentialChanges]
    owned: _Told[of.OwnershipChanges]
    trails: _Told[of.TrailSettings]
    crossed: _Told[of.CrossAccountSessions]
    served: _Told[of.ServiceActions]
    set_going: _Told[of.UntracedCalls | of.ServiceRoleCalls]
    recorded: _Told[of.PostureFindings]
    checked: _Told[of.Posture]
    rotate: _Told[of.Rotate]
    roles: Mapping[str, str]

    def beside(self, costly: list[of.CostlyCalls], account: str) -> list[of.Call]:
        """Those of some calls that are not known as the actions of what descends from root."""
        known = {place_of(row) for row in (*self.followed.of(account), *self.perhaps.of(account))}
        return _as_calls(row for row in costly if place_of(row) not in known)


def root_accounts(case: Asks) -> list[str]:
    """Accounts in which root was active, tried to be, or was opened by ``AssumeRoot``, or that root of another took.

    A service that did as root what none does of itself stands for root, and so does a use that AWS recorded.
    """
    found = {account_of(row) for row in case.query("root_timeline").rows if row["origin_group"] == "activity"}
    found |= {account_of(row) for row in case.query("root_signins").rows}
    found |= {account_of(row) for row in by_services(case) if row["hand"] != "unknown"}
    found |= {account_of(row) for row in unheld(case) if is_use(row)}
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
    asked = unpacked(request)
    named = asked.get("targetPrincipal") if isinstance(asked, dict) else None
    return set(_ACCOUNT.findall(named)) if isinstance(named, str) else set()


def evidence_of(case: Asks, radius: BlastRadius, coverage: Coverage, novelty: Novelty) -> Callable[[str], Evidence]:
    """What the verdict on an account stands on, by the account: 12 digits or ``unknown``, empty for all in one.

    Args:
        case: to ask; each question is asked once for all accounts.
        radius: what root of all accounts reached.
        coverage: what the logs can show.
        novelty: which entries are unusual.
    """
    going, holders = SetGoing(case), Holders(case, radius.reached_by(""))
    rows = _rows(case, coverage, going)
    return lambda account: _evidence(rows, radius, coverage, novelty, account, holders, going)


def _rows(case: Asks, coverage: Coverage, going: SetGoing) -> _Rows:
    """The rows of all accounts, with what services did on root's order among the actions of root."""
    served, across = by_services(case), Across(case)

    def told(rows: list[_Row]) -> _Told[_Row]:
        return _Told(rows, across.by_account(rows))

    listed, unlisted = case.query("listed_calls").rows, case.query("unlisted_calls").rows
    ordered = [row for row in served if row["hand"] == "ordered"]
    followed = [
        *_as_calls(row for row in listed if row["certainty"] == "certain"),
        *_as_calls(row for row in ordered if row["means"]),
    ]
    others = [
        *_as_calls(row for row in unlisted if row["certainty"] == "certain"),
        *_as_calls(row for row in ordered if row["does_anything"] and not row["listed"]),
    ]
    perhaps = [
        *_as_calls(row for row in listed if row["certainty"] == "possible"),
        *_as_calls(row for row in unlisted if row["certainty"] == "possible"),
    ]
    not_alone = not_of_themselves(served, coverage.impairment)
    owned = with_users(case, changes_of_ownership(case))
    recorded, checked, rotate = unheld(case), case.query("posture").rows, case.query("rotate").rows
    return _Rows(
        timeline=told(case.query("root_timeline").rows).own(),
        sign_ins=told(case.query("root_signins").rows).own(),
        sessions=told(case.query("root_sessions").rows).own(),
        actions=told(case.query("root_actions").rows),
        followed=told(_with_former(case, judged_by_content(case, judged_by_request(case, _in_time(followed))))),
        unlisted=told(judged_by_request(case, _in_time(others))),
        perhaps=told(_with_former(case, judged_by_content(case, judged_by_request(case, perhaps)))),
        impairment=told(with_users(case, coverage.impairment)),
        credentials=told(with_services(case.query("root_credential_changes").rows, served)),
        owned=_Told(owned, owned_by_account(owned, across)),
        trails=told(case.query("trail_settings").rows),
        crossed=told(case.query("cross_account_sessions").rows),
        served=told(judged_by_content(case, judged_by_request(case, not_alone))),
        set_going=told(going.calls),
        recorded=_Told(recorded, by_account(recorded)),
        checked=_Told(checked, by_account(checked)),
        rotate=_Told(rotate, by_account(rotate)),
        roles={row["account_id"]: row["account_role"] for row in case.query("organization_accounts").rows},
    )


def _as_calls(
    rows: Iterable[of.ListedCalls | of.UnlistedCalls | of.CostlyCalls | of.ServiceActions],
) -> list[of.Call]:
    """Rows of these questions as calls, of which the catalogue may know more."""
    return cast("list[of.Call]", list(rows))


def _with_former(case: Asks, rows: list[of.Call]) -> list[of.Call]:
    """The calls; of one that is undone by what was there before, with the call by others that wrote that last."""
    entries = ((row, undo_of(row["action_id"] or "")) for row in rows if "action_id" in row)
    places = tuple(place_text(row) for row, entry in entries if entry and needs_former(entry["undo"] or ""))
    if not places:
        return rows
    former = {place_of(write): write for write in case.query("former_writes", citations=places).rows}
    citations = tuple(write["former_citation"] for write in former.values())
    requests = case.query("policy_requests", citations=citations).rows if citations else []
    denying = {place_text(request) for request in requests if denies_something(request["asked"])}

    def with_former(row: of.Call) -> of.Call:
        if not (write := former.get(place_of(row))):
            return row
        place = write["former_citation"]
        words = f"{write['eventName']} {write['eventID'] or place} of {at(write['eventTime'])}"
        return remarked(row, former=words, former_denies=place in denying)

    return [with_former(row) for row in rows]


def _in_time(rows: list[of.Call]) -> list[of.Call]:
    return sorted(rows, key=lambda row: (sortable(row["eventTime"]), row["eventID"] or ""))


def _evidence(
    rows: _Rows,
    radius: BlastRadius,
    coverage: Coverage,
    novelty: Novelty,
    account: str,
    holders: Holders,
    going: SetGoing,
) -> Evidence:
    calls = rows.set_going.of(account)
    left_out = tuple(f"calls by others, which the load filtered out ({one})" for one in coverage.scope.counted)
    # What root set going, or whoever holds what root changed, bears no name that could have been looked for.
    set_going = (*going.unfollowed(calls), *(left_out if calls else ()))
    reached = radius.reached_by(account)
    members = holders.members(reached)
    impairment = rows.impairment.of(account)
    elsewhere: list[of.LoggingImpairment] = []
    if account not in ("", UNKNOWN):
        impairment = [*impairment, *coverage.departed.of_others(account)]
        impairment = [*impairment, *_in_others(rows.impairment.rows, impairment, members, account)]
        if account not in coverage.organized:
            elsewhere = [row for row in impairment if account_of(row) not in (account, UNKNOWN)]
    owners = dict.fromkeys((account, *sorted(map(account_of, elsewhere))))
    credentials = rows.credentials.of(account)
    return Evidence(
        account_id=account,
        covered=coverage.of(account),
        novelty=novelty,
        timeline=rows.timeline.of(account),
        sign_ins=rows.sign_ins.of(account),
        sessions=rows.sessions.of(account),
        actions=rows.actions.of(account),
        followed=rows.followed.of(account),
        unlisted=rows.unlisted.of(account),
        perhaps=[*rows.perhaps.of(account), *rows.beside(holders.costly(members), account)],
        impairment=impairment,
        # What descends from it and was done to root of another account belongs to that account.
        credentials=[row for row in credentials if account in ("", account_of(row))],
        others_credentials=[row for row in credentials if account not in ("", account_of(row))],
        owned=holders.owned(rows.owned.of(account), members),
        trails=[row for owner in owners for row in rows.trails.of(owner)],
        reached=reached,
        elsewhere=(
            *stopped(elsewhere, account, coverage.ongoing, lambda row: {account_of(row)}),
            *map(Gap, (*unseen_beyond(rows.crossed.of(account), coverage.held), *set_going)),
            *map(Gap, left_out if members and not calls else ()),
        ),
        served=rows.served.of(account),
        members=tuple(members),
        set_going=set_going,
        holders=holders.unknown(reached),
        recorded=rows.recorded.of(account),
        checked=rows.checked.of(account),
        rotate=rows.rotate.of(account),
        role=rows.roles.get(account, ""),
        used_keys=[row for row in radius.keys if row["effect"] == "uses" and account in ("", account_of(row))],
    )


def _in_others(
    of_all: list[of.LoggingImpairment], known: list[of.LoggingImpairment], members: list[Member], account: str
) -> list[of.LoggingImpairment]:
    """Actions elsewhere of those who may hold what root of this account reached; beside those that are known."""
    places = {place_of(row) for row in known}
    found = under_members(of_all, [member for member in members if member["account_id"] != account])
    return [row for row in found if account_of(row) != account and place_of(row) not in places]
