"""Root's story in plain sentences, each with the events that prove it.

The sentences say what the logs show and nothing beyond: numbers come from the catalogue's questions, and what
the logs cannot show is said too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.analysis import analysis_of
from rootforensics.analysis.exposure.policies import unpacked
from rootforensics.analysis.places import account_of, by_account
from rootforensics.evidence.cite import place_of, place_text
from rootforensics.phrases import (
    ACCOUNTS_NAMED,
    accounts_text,
    dated,
    how_often,
    plural,
    short,
    some_of,
    sortable,
    was_or_were,
    when,
)
from rootforensics.telling.answers import preceding, tell_answers, went_before
from rootforensics.telling.approvals import approval_statements
from rootforensics.telling.caveats import tell_beside, tell_coverage, tell_evidence, tell_scope
from rootforensics.telling.statement import Statement, as_table, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks
    from rootforensics.queries.result import Result
    from rootforensics.telling.statement import Level

#: Up to so many events of a kind get a sentence each.
_EACH_TOLD: Final = 8


def story(analysis: Analysis) -> Result[of.Story]:
    """The story as a table, in order of time: by the first event of each sentence, and what cites none last."""
    told = tell(analysis)
    places = tuple({one.proofs[0] for one in told if one.proofs})
    rows = analysis.query("cited_events", citations=places).rows if places else []
    times = {place_text(row): sortable(row["eventTime"]) for row in rows}
    return as_table(sorted(told, key=lambda one: times.get(next(iter(one.proofs), ""), sortable(None))), "story")


def tell(case: Asks) -> list[Statement]:
    """Tell root's story: the answers of the verdict and how far they reach, then what was done, as details.

    What a reconciliation with approvals adds stands behind the answers.
    """
    case = analysis_of(case)
    beside = approval_statements(case.reconciliation)
    timeline = case.query("root_timeline").rows
    activity = [row for row in timeline if row["origin_group"] == "activity"]
    taken = case.scope
    if not case.query("coverage").rows:
        whose = f" of account {case.account_id}" if case.account_id else ""
        text = f"The case holds no record of any call{whose}, so it proves nothing about root."
        nothing = Statement(text, "bad", stands_in="evidence")
        return [nothing, *beside, *tell_scope(case, taken)]
    openings = list(_opened_rows(case, timeline))
    times = {place_text(row): sortable(row["eventTime"]) for row in (*timeline, *openings)}
    doors = sorted(
        [*_sign_ins(case), *_recovery(case), *_openings(openings)], key=lambda statement: times[statement.citations[0]]
    )
    details = [*doors, *_keys(activity), *_sessions(activity), *_writes(activity)]
    details += [*tell_beside(case), *tell_evidence(case)]
    return [
        *tell_answers(case),
        *tell_coverage(case, taken),
        *beside,
        *(replace(statement, detail=True) for statement in details),
    ]


def _groups(rows: Iterable[of.OfAccountT]) -> dict[str, list[of.OfAccountT]]:
    """The rows of each account, or of all together if they are many, by how a sentence calls them."""
    found = by_account(rows)
    if len(found) <= ACCOUNTS_NAMED:
        return found
    return {accounts_text(list(found)): [row for own in found.values() for row in own]}


def _sign_ins(case: Asks) -> Iterator[Statement]:
    of_root = case.query("root_signins").rows
    logins = [row for row in of_root if row["signin_kind"] == "sign_in"]
    for account, rows in _groups(logins).items():
        for mfa, words in ((False, "without MFA"), (None, "(MFA not recorded)"), (True, "with MFA")):
            signed_in = [row for row in rows if row["outcome"] == "success" and row["mfa_used"] is mfa]
            yield from _signed_in(account, signed_in, words, "note" if mfa else "bad", of_root)
        unknown = [row for row in rows if row["outcome"] is None]
        if unknown:
            times = how_often(len(unknown))
            yield said(
                f"The root user of {account} tried to sign in {times}; the logs do not say how it went.",
                "note",
                unknown,
            )
        failures = [row for row in rows if row["outcome"] == "failure"]
        if failures:
            yield said(
                f"Signing in as the root user of {account} failed {how_often(len(failures))}, from "
                f"{some_of(row['sourceIPAddress'] for row in failures)}.",
                "note",
                failures,
            )


def _signed_in(
    account: str, rows: list[of.RootSignins], words: str, level: Level, sign_ins: list[of.RootSignins]
) -> Iterator[Statement]:
    """A sentence for each sign-in, or one for all if they are many."""
    if len(rows) > _EACH_TOLD:
        yield said(
            f"In sum, the root user of {account} signed in to the console {how_often(len(rows))} {words}, "
            f"{when(row['eventTime'] for row in rows)}, from "
            f"{some_of(row['sourceIPAddress'] for row in rows)}.",
            level,
            rows,
        )
        return
    for row in rows:
        yield said(
            dated(
                row["eventTime"],
                f"the root user of {account_of(row)} signed in to the console {words} from "
                f"{short(row['sourceIPAddress'] or 'an unknown source')}{went_before(row)}.",
            ),
            level,
            [row, *preceding(row, sign_ins)],
        )


_RECOVERY: Final = {
    "PasswordRecoveryRequested": "asked to recover root's password",
    "PasswordRecoveryCompleted": "set a new root password by recovery",
    "PasswordUpdated": "changed root's password",
    "ChangePassword": "changed root's password",
    "CreateLoginProfile": "gave root a console password",
    "UpdateAccountEmailAddress": "changed root's e-mail address",
    "SetAccountPreferences": "changed the account's name, e-mail address or password",
    "EmailUpdated": "changed root's e-mail address",
    "CreateOAuth2Token": "took command-line credentials of root with aws login",
}


def _recovery(case: Asks) -> Iterator[Statement]:
    asked = [row for row in case.query("root_signins").rows if row["outcome"] != "failure"]
    for name, did in _RECOVERY.items():
        unsaid = [row for row in asked if row["eventName"] == name and row["outcome"] is None]
        if unsaid:
            yield said(f"{name} {how_often(len(unsaid))}; the logs do not say how it went.", "note", unsaid)
        rows = [row for row in asked if row["eventName"] == name and row["outcome"] == "success"]
        if len(rows) > _EACH_TOLD:
            sources = some_of(row["sourceIPAddress"] for row in rows)
            yield said(f"Somebody {did} {how_often(len(rows))}, from {sources}.", "bad", rows)
            continue
        for row in rows:
            source = short(row["sourceIPAddress"] or "an unknown source")
            where = f"{source} {did} ({row['account_id'] or 'unknown account'})"
            yield said(dated(row["eventTime"], f"somebody at {where}."), "bad", [row])


_KEY_ACTIONS: Final = {
    ("iam.amazonaws.com", "DeactivateMFADevice"): "took an MFA device away",
    ("iam.amazonaws.com", "EnableMFADevice"): "bound an MFA device",
    ("sts.amazonaws.com", "GetFederationToken"): "opened a federated session that outlives its key",
    ("sts.amazonaws.com", "GetSessionToken"): "took temporary credentials",
    ("iam.amazonaws.com", "CreateUser"): "created an IAM user",
    ("cloudtrail.amazonaws.com", "StopLogging"): "stopped a trail",
    ("cloudtrail.amazonaws.com", "DeleteTrail"): "deleted a trail",
    ("ec2.amazonaws.com", "ModifySnapshotAttribute"): "changed who may use a snapshot",
    ("ec2.amazonaws.com", "RunInstances"): "started instances",
}
_ACCESS_KEY_MADE: Final = ("iam.amazonaws.com", "CreateAccessKey")


def _keys(activity: list[of.RootTimeline]) -> Iterator[Statement]:
    for account, used in _groups(row for row in activity if (row["accessKeyId"] or "").startswith("AKIA")).items():
        yield said(
            f"A long-term access key of the root user of {account} was used: "
            f"{some_of(row['accessKeyId'] for row in used)}, from {some_of(row['sourceIPAddress'] for row in used)}.",
            "bad",
            used,
        )
    done: defaultdict[tuple[str, str], list[of.RootTimeline]] = defaultdict(list)
    for row in activity:
        if row["outcome"] == "success":
            done[_call(row)].append(row)
    yield from _keys_made(done[_ACCESS_KEY_MADE])
    for call, did in _KEY_ACTIONS.items():
        yield from _action(call[1], did, done[call])


def _call(row: of.RootTimeline) -> tuple[str, str]:
    """The service too: other services have calls of the same name."""
    return row["eventSource"] or "", row["eventName"] or ""


def _action(name: str, did: str, done: list[of.RootTimeline]) -> Iterator[Statement]:
    for account, rows in _groups(done).items():
        yield said(f"The root user of {account} {did} ({name}), {how_often(len(rows))}.", "bad", rows)


def _keys_made(done: list[of.RootTimeline]) -> Iterator[Statement]:
    """An access key without a user name is root's own."""
    own = [row for row in done if not _user_named(row)]
    others = [row for row in done if _user_named(row)]
    yield from _action("CreateAccessKey", "made an access key for root itself", own)
    for account, rows in _groups(others).items():
        names = some_of(_user_named(row) for row in rows)
        yield said(
            f"The root user of {account} made an access key for the IAM user {names} (CreateAccessKey), "
            f"{how_often(len(rows))}.",
            "bad",
            rows,
        )


def _user_named(row: of.RootTimeline) -> str | None:
    """The IAM user that a request names, if it does."""
    request = unpacked(row["requestParameters"])
    named = request.get("userName") if isinstance(request, dict) else None
    return str(named) if named else None


def _opened_rows(case: Analysis, timeline: list[of.RootTimeline]) -> Iterator[of.RootTimeline]:
    """Calls of AssumeRoot that succeeded; of one account also those that were made in another and opened its root."""
    own = {
        place_of(row): row
        for row in timeline
        if _call(row) == ("sts.amazonaws.com", "AssumeRoot") and row["outcome"] == "success"
    }
    yield from (own | {place_of(row): row for rows in case.opened.values() for row in rows}).values()


def _openings(opened: list[of.RootTimeline]) -> Iterator[Statement]:
    if len(opened) > _EACH_TOLD:
        actors = some_of(row["actor"] for row in opened)
        yield said(f"Root sessions were opened with AssumeRoot {how_often(len(opened))}, by {actors}.", "note", opened)
        return
    for row in opened:
        actor = short(row["actor"] or "somebody unknown")
        yield said(dated(row["eventTime"], f"{actor} opened a root session with AssumeRoot."), "note", [row])


def _sessions(activity: list[of.RootTimeline]) -> Iterator[Statement]:
    for account, rows in _groups(row for row in activity if row["origin"] == "federated_session").items():
        yield said(
            f"Sessions that the root user of {account} opened with GetFederationToken made "
            f"{plural(len(rows), 'call')}; no filter on type Root sees them.",
            "bad",
            rows,
        )
    for account, rows in _groups(row for row in activity if row["origin"] == "privileged_session").items():
        calls = plural(len(rows), "call")
        yield said(f"Privileged sessions (AssumeRoot) made {calls} as the root user of {account}.", "note", rows)


def _writes(activity: list[of.RootTimeline]) -> Iterator[Statement]:
    writes = [row for row in activity if row["is_write"] is not False and row["eventName"] != "ConsoleLogin"]
    for account, done in _groups(row for row in writes if row["outcome"] == "success").items():
        yield said(
            f"{plural(len(done), 'call')} as the root user of {account} changed something (sign-ins not counted): "
            f"{some_of(row['eventName'] for row in done)}.",
            "note",
            done,
        )
    failures = (row for row in activity if row["outcome"] == "failure")
    refused = (row for row in failures if row["errorCode"] or row["eventSource"] != "signin.amazonaws.com")
    for account, failed in _groups(refused).items():
        yield said(
            f"{plural(len(failed), 'call')} as the root user of {account} {was_or_were(len(failed))} denied or failed.",
            "note",
            failed,
        )
