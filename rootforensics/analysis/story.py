"""Root's story in plain sentences, each with the events that prove it.

The sentences say what the logs show and nothing beyond: numbers come from the catalogue's questions, and what
the logs cannot show is said too.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rootforensics.queries.result import Asks

    Row = dict[str, Any]

Level = Literal["bad", "note", "good"]

#: Regions in which root's console sign-ins are recorded (commercial partition).
SIGN_IN_REGIONS: Final = ("us-east-1", "us-east-2", "us-west-2")
_NAMES_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of the story.

    Attributes:
        text: the sentence.
        level: ``bad`` asks for action, ``note`` for attention, ``good`` for none.
        event_ids: the events that prove it, in order of time.
        places: the same as ``evidence_id:record_index``, which tells events in conflict apart.
    """

    text: str
    level: Level = "note"
    event_ids: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def tell(case: Asks) -> list[Statement]:
    """Tell root's story: was it used, by whom, from where, with MFA, and what was changed."""
    timeline = case.query("root_timeline").rows
    activity = [row for row in timeline if row["side"] == "activity"]
    told = [
        *_use(activity),
        *_sign_ins(case),
        *_recovery(case),
        *_keys(activity),
        *_sessions(timeline, activity),
    ]
    told += [*_writes(activity), *_unseen_by_the_alarm(case, activity), *_noise(timeline), *_limits(case)]
    return told


def _said(text: str, level: Level, rows: Iterable[Row] = ()) -> Statement:
    rows = list(rows)
    return Statement(
        text,
        level,
        tuple(row["eventID"] for row in rows if row["eventID"]),
        tuple(f"{row['evidence_id']}:{row['record_index']}" for row in rows),
    )


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "at an unknown time"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def _some(names: Iterable[str | None]) -> str:
    counted = [name for name, _ in Counter(name for name in names if name).most_common()]
    more = len(counted) - _NAMES_SHOWN
    return ", ".join(counted[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _by_account(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    for account in sorted({row["account_id"] or "an unknown account" for row in rows}):
        yield account, [row for row in rows if (row["account_id"] or "an unknown account") == account]


def _use(activity: list[Row]) -> Iterator[Statement]:
    if not activity:
        yield Statement("These logs show no use of root by a person.", "good")
    for account, rows in _by_account(activity):
        yield _said(
            f"Root of account {account} was used by people: {len(rows):,} events from {_at(rows[0]['eventTime'])} to "
            f"{_at(_last(rows))}, from {_some(row['sourceIPAddress'] for row in rows)}.",
            "note",
            rows,
        )


def _last(rows: list[Row]) -> datetime | None:
    return max((row["eventTime"] for row in rows if row["eventTime"]), default=None)


def _sign_ins(case: Asks) -> Iterator[Statement]:
    logins = [row for row in case.query("root_signins").rows if row["eventName"] == "ConsoleLogin"]
    for account, rows in _by_account(logins):
        for row in rows:
            if row["outcome"] == "success":
                mfa = {True: "with MFA", False: "without MFA", None: "(MFA not recorded)"}[row["mfa_used"]]
                yield _said(
                    f"{_at(row['eventTime'])}: root of {account} signed in to the console {mfa} from "
                    f"{row['sourceIPAddress']}.",
                    "note" if row["mfa_used"] else "bad",
                    [row],
                )
        failures = [row for row in rows if row["outcome"] == "failure"]
        if failures:
            yield _said(
                f"Signing in as root of {account} failed {_times(len(failures))}, from "
                f"{_some(row['sourceIPAddress'] for row in failures)}.",
                "note",
                failures,
            )


_RECOVERY: Final = {
    "PasswordRecoveryRequested": "asked to recover root's password",
    "PasswordRecoveryCompleted": "set a new root password by recovery",
    "PasswordUpdated": "changed root's password",
    "EmailUpdated": "changed root's e-mail address",
    "CreateOAuth2Token": "took command-line credentials of root with aws login",
}


def _recovery(case: Asks) -> Iterator[Statement]:
    for row in case.query("root_signins").rows:
        if (did := _RECOVERY.get(row["eventName"])) and row["outcome"] != "failure":
            yield _said(
                f"{_at(row['eventTime'])}: somebody at {row['sourceIPAddress']} {did} ({row['account_id']}).",
                "bad",
                [row],
            )


_KEY_DEEDS: Final = {
    "CreateAccessKey": "made an access key",
    "DeactivateMFADevice": "took an MFA device away",
    "EnableMFADevice": "bound an MFA device",
    "GetFederationToken": "opened a federated session that outlives its key",
    "GetSessionToken": "took temporary credentials",
    "CreateUser": "created an IAM user",
    "StopLogging": "stopped a trail",
    "DeleteTrail": "deleted a trail",
    "ModifySnapshotAttribute": "changed who may use a snapshot",
    "RunInstances": "started instances",
}


def _keys(activity: list[Row]) -> Iterator[Statement]:
    for account, rows in _by_account(activity):
        used = [row for row in rows if (row["accessKeyId"] or "").startswith("AKIA")]
        if used:
            yield _said(
                f"A long-term access key of root of {account} was used: {_some(row['accessKeyId'] for row in used)}, "
                f"from {_some(row['sourceIPAddress'] for row in used)}.",
                "bad",
                used,
            )
        for name, did in _KEY_DEEDS.items():
            done = [row for row in rows if row["eventName"] == name and row["outcome"] == "success"]
            if done:
                yield _said(f"Root of {account} {did} ({name}), {_times(len(done))}.", "bad", done)


def _sessions(timeline: list[Row], activity: list[Row]) -> Iterator[Statement]:
    federated = [row for row in activity if row["origin"] == "federated_session"]
    for account, rows in _by_account(federated):
        yield _said(
            f"Sessions that root of {account} opened with GetFederationToken made {len(rows):,} calls; no filter on "
            "type Root sees them.",
            "bad",
            rows,
        )
    openings = [row for row in timeline if row["eventName"] == "AssumeRoot" and row["outcome"] == "success"]
    for row in openings:
        yield _said(f"{_at(row['eventTime'])}: {row['actor']} opened a root session with AssumeRoot.", "note", [row])
    for account, rows in _by_account([row for row in activity if row["origin"] == "privileged_session"]):
        yield _said(f"Privileged sessions (AssumeRoot) made {len(rows):,} calls as root of {account}.", "note", rows)


def _writes(activity: list[Row]) -> Iterator[Statement]:
    for account, rows in _by_account(activity):
        writes = [row for row in rows if row["readOnly"] is False and row["eventName"] != "ConsoleLogin"]
        done = [row for row in writes if row["outcome"] == "success"]
        failed = [row for row in rows if row["errorCode"]]
        if done:
            yield _said(
                f"{len(done):,} calls as root of {account} changed something, most often "
                f"{_some(row['eventName'] for row in done)}.",
                "note",
                done,
            )
        if failed:
            yield _said(f"{len(failed):,} calls as root of {account} were refused or failed.", "note", failed)


def _unseen_by_the_alarm(case: Asks, activity: list[Row]) -> Iterator[Statement]:
    seen = {(row["evidence_id"], row["record_index"]) for row in case.query("root_activity").rows if row["cis_match"]}
    unseen = [row for row in activity if (row["evidence_id"], row["record_index"]) not in seen]
    if unseen:
        yield _said(
            f"The usual root alarm (CIS filter) would not have seen {len(unseen):,} of {len(activity):,} events of "
            f"root activity ({_some(row['origin'] for row in unseen)}).",
            "note",
            unseen,
        )


def _noise(timeline: list[Row]) -> Iterator[Statement]:
    noise = [row for row in timeline if row["side"] == "noise"]
    if noise:
        yield _said(
            f"{len(noise):,} more events bear root's name but are the work of AWS services; they are set apart, not "
            "dropped.",
            "good",
            noise,
        )


def _limits(case: Asks) -> Iterator[Statement]:
    covered = case.sql(
        "SELECT min(eventTime) AS first_time, max(eventTime) AS last_time,"
        " list(DISTINCT awsRegion ORDER BY awsRegion) FILTER (WHERE awsRegion IS NOT NULL) AS regions FROM events"
    ).rows[0]
    regions = covered["regions"] or []
    if not regions:
        yield Statement("The case holds no events, so it proves nothing about root.", "bad")
        return
    yield Statement(
        f"All of this is said of the logs in the case: {_at(covered['first_time'])} to {_at(covered['last_time'])}, "
        f"Regions {', '.join(regions)}.",
        "note",
    )
    if missing := [region for region in SIGN_IN_REGIONS if region not in regions]:
        yield Statement(
            f"There are no events of {', '.join(missing)}: root sign-ins recorded there would not be seen.",
            "bad",
        )
    problems = case.query("evidence_problems").rows
    kinds = Counter(row["kind"] for row in problems)
    if kinds:
        words = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in sorted(kinds.items()))
        yield Statement(f"The evidence has problems: {words}.", "note")
