"""Root's story in plain sentences, each with the events that prove it.

The sentences say what the logs show and nothing beyond: numbers come from the catalogue's questions, and what
the logs cannot show is said too.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.assess import analysis_of
from rootforensics.analysis.ground import by_account, was_kept_out
from rootforensics.analysis.limits import tell_limits, tell_scope
from rootforensics.analysis.statements import Statement, said
from rootforensics.analysis.words import at, calls_told, some_of, sortable, times_told, was_or_were

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rootforensics.analysis.assess import AccountVerdict, Analysis
    from rootforensics.analysis.statements import Level
    from rootforensics.queries.result import Asks

    Row = dict[str, Any]

#: Up to so many events of a kind get a sentence each.
_EACH_TOLD: Final = 8


def tell(case: Asks, beside: Iterable[Statement] = ()) -> list[Statement]:
    """Tell root's story: was it used, by whom, from where, with MFA, and what was changed.

    Args:
        case: answers the questions.
        beside: sentences that others add, such as those of a reconciliation; they stand after who used root.
    """
    case = analysis_of(case)
    timeline = case.query("root_timeline").rows
    activity = [row for row in timeline if row["side"] == "activity"]
    taken = case.scope
    if not case.query("coverage").rows:
        nothing = Statement("The case holds no record of any call, so it proves nothing about root.", "bad")
        return [nothing, *beside, *tell_scope(case, taken)]
    times = {f"{row['evidence_id']}:{row['record_index']}": sortable(row["eventTime"]) for row in timeline}
    doors = sorted(
        [*_sign_ins(case), *_recovery(case), *_openings(timeline)], key=lambda statement: times[statement.places[0]]
    )
    told = [*tell_use(activity, case), *beside, *doors, *_keys(activity), *_sessions(activity), *_writes(activity)]
    return [*told, *tell_limits(case, taken)]


def tell_use(activity: list[Row], analysis: Analysis) -> Iterator[Statement]:
    """Whether people used root: a sentence for each account.

    Args:
        activity: rows of ``root_timeline`` of the side activity.
        analysis: of the case.
    """
    if not activity:
        yield _no_use(analysis)
    for account, rows in by_account(activity).items():
        events = "1 event" if len(rows) == 1 else f"{len(rows):,} events"
        did = "was used by people"
        if all(map(was_kept_out, rows)):
            did = "was tried by people, without success"
        elif all(row["outcome"] == "failure" for row in rows):
            did = "was used by people, all that they did was refused or failed"
        yield said(
            f"Root of account {account} {did}: {events} from {at(_first(rows))} to {at(_last(rows))}, "
            f"from {some_of(row['sourceIPAddress'] for row in rows)}.",
            "note",
            rows,
        )


def _no_use(analysis: Analysis) -> Statement:
    """That nobody used root, as far as the verdict has it; where logs are missing, that is no good news."""
    taken = analysis.scope
    missing = list(dict.fromkeys(text for told in analysis.verdicts for text in _missing(told)))
    if taken.is_whole and not missing:
        return Statement("These logs show no use of root by a person.", "good")
    if taken.is_whole:
        return Statement(
            f"These logs show no use of root by a person, but there may have been some; missing: {'; '.join(missing)}."
        )
    why = "parts were left out" if taken.lost_something else "only a part was asked for"
    return Statement(f"What was taken into the case shows no use of root by a person; {why}.")


def _missing(told: AccountVerdict) -> tuple[str, ...]:
    """What keeps the verdict from saying no; beside a no stands what would prove it."""
    (use,) = (one for one in told.answers if one.name == "used_by_person")
    return () if use.answer == "no" else use.missing


def _first(rows: list[Row]) -> datetime | None:
    return min((row["eventTime"] for row in rows if row["eventTime"]), default=None)


def _last(rows: list[Row]) -> datetime | None:
    return max((row["eventTime"] for row in rows if row["eventTime"]), default=None)


def _sign_ins(case: Asks) -> Iterator[Statement]:
    logins = [row for row in case.query("root_signins").rows if row["eventName"] == "ConsoleLogin"]
    for account, rows in by_account(logins).items():
        for mfa, words in ((False, "without MFA"), (None, "(MFA not recorded)"), (True, "with MFA")):
            signed_in = [row for row in rows if row["outcome"] == "success" and row["mfa_used"] is mfa]
            yield from _signed_in(account, signed_in, words, "note" if mfa else "bad")
        unknown = [row for row in rows if row["outcome"] is None]
        if unknown:
            times = times_told(len(unknown))
            yield said(f"Root of {account} tried to sign in {times}; the logs do not say how it went.", "note", unknown)
        failures = [row for row in rows if row["outcome"] == "failure"]
        if failures:
            yield said(
                f"Signing in as root of {account} failed {times_told(len(failures))}, from "
                f"{some_of(row['sourceIPAddress'] for row in failures)}.",
                "note",
                failures,
            )


def _signed_in(account: str, rows: list[Row], words: str, level: Level) -> Iterator[Statement]:
    """A sentence for each sign-in, or one for all if they are many."""
    if len(rows) > _EACH_TOLD:
        yield said(
            f"In sum, root of {account} signed in to the console {times_told(len(rows))} {words}, from "
            f"{at(rows[0]['eventTime'])} to {at(_last(rows))}, from {some_of(row['sourceIPAddress'] for row in rows)}.",
            level,
            rows,
        )
        return
    for row in rows:
        yield said(
            f"{at(row['eventTime'])}: root of {account} signed in to the console {words} from "
            f"{row['sourceIPAddress'] or 'an unknown source'}{went_before(row)}.",
            level,
            [row],
        )


def went_before(row: Row) -> str:
    """What went before a sign-in within the hour, as the end of a sentence.

    Args:
        row: of ``root_signins``.
    """
    parts = []
    if row["failures_before"]:
        parts.append("1 failure" if row["failures_before"] == 1 else f"{row['failures_before']:,} failures")
    if row["recoveries_before"]:
        parts.append("a password recovery")
    return f", after {' and '.join(parts)} within the hour" if parts else ""


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
            yield said(f"{name} {times_told(len(unsaid))}; the logs do not say how it went.", "note", unsaid)
        rows = [row for row in asked if row["eventName"] == name and row["outcome"] == "success"]
        if len(rows) > _EACH_TOLD:
            sources = some_of(row["sourceIPAddress"] for row in rows)
            yield said(f"Somebody {did} {times_told(len(rows))}, from {sources}.", "bad", rows)
            continue
        for row in rows:
            where = f"{row['sourceIPAddress'] or 'an unknown source'} {did} ({row['account_id'] or 'unknown account'})"
            yield said(f"{at(row['eventTime'])}: somebody at {where}.", "bad", [row])


_KEY_DEEDS: Final = {
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


def _keys(activity: list[Row]) -> Iterator[Statement]:
    for account, rows in by_account(activity).items():
        used = [row for row in rows if (row["accessKeyId"] or "").startswith("AKIA")]
        if used:
            yield said(
                f"A long-term access key of root of {account} was used: {some_of(row['accessKeyId'] for row in used)}, "
                f"from {some_of(row['sourceIPAddress'] for row in used)}.",
                "bad",
                used,
            )
        done: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in rows:
            if row["outcome"] == "success":
                done[_call(row)].append(row)
        yield from _keys_made(account, done[_ACCESS_KEY_MADE])
        for call, did in _KEY_DEEDS.items():
            yield from _deed(account, call[1], did, done[call])


def _call(row: Row) -> tuple[str, str]:
    """The service too: other services have calls of the same name."""
    return row["eventSource"], row["eventName"]


def _deed(account: str, name: str, did: str, done: list[Row]) -> Iterator[Statement]:
    if done:
        yield said(f"Root of {account} {did} ({name}), {times_told(len(done))}.", "bad", done)


def _keys_made(account: str, done: list[Row]) -> Iterator[Statement]:
    """An access key without a user name is root's own."""
    own = [row for row in done if not _user_named(row)]
    others = [row for row in done if _user_named(row)]
    yield from _deed(account, "CreateAccessKey", "made an access key for root itself", own)
    names = some_of(_user_named(row) for row in others)
    yield from _deed(account, "CreateAccessKey", f"made an access key for the IAM user {names}", others)


def _user_named(row: Row) -> str | None:
    """The IAM user that a request names, if it does."""
    try:
        request = json.loads(row["requestParameters"] or "null", parse_int=str, parse_float=str)
    except (ValueError, RecursionError):  # odd beyond what Python reads; it names nobody that can be told
        return None
    named = request.get("userName") if isinstance(request, dict) else None
    return str(named) if named else None


def _openings(timeline: list[Row]) -> Iterator[Statement]:
    for row in timeline:
        if _call(row) == ("sts.amazonaws.com", "AssumeRoot") and row["outcome"] == "success":
            yield said(f"{at(row['eventTime'])}: {row['actor']} opened a root session with AssumeRoot.", "note", [row])


def _sessions(activity: list[Row]) -> Iterator[Statement]:
    for account, rows in by_account([row for row in activity if row["origin"] == "federated_session"]).items():
        yield said(
            f"Sessions that root of {account} opened with GetFederationToken made {calls_told(len(rows))}; no filter "
            "on type Root sees them.",
            "bad",
            rows,
        )
    for account, rows in by_account([row for row in activity if row["origin"] == "privileged_session"]).items():
        yield said(f"Privileged sessions (AssumeRoot) made {calls_told(len(rows))} as root of {account}.", "note", rows)


def _writes(activity: list[Row]) -> Iterator[Statement]:
    for account, rows in by_account(activity).items():
        writes = [row for row in rows if row["readOnly"] is False and row["eventName"] != "ConsoleLogin"]
        done = [row for row in writes if row["outcome"] == "success"]
        failed = [row for row in rows if row["errorCode"]]
        if done:
            yield said(
                f"{calls_told(len(done))} as root of {account} changed something (sign-ins not counted): "
                f"{some_of(row['eventName'] for row in done)}.",
                "note",
                done,
            )
        if failed:
            yield said(
                f"{calls_told(len(failed))} as root of {account} {was_or_were(len(failed))} refused or failed.",
                "note",
                failed,
            )
