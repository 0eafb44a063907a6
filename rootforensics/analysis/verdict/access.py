"""Questions on who gained access: was root used, with MFA, by which credentials, is there a way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.lineage.blast_radius import lets_in, was_opened
from rootforensics.analysis.lineage.cross_account import beside
from rootforensics.analysis.lineage.service_activity import WHO_ORDERED
from rootforensics.analysis.places import IAM_REGIONS, SIGN_IN_REGIONS, named, opener_of
from rootforensics.analysis.remarks import remarks_on
from rootforensics.analysis.verdict.attempts import parted, was_asked_for
from rootforensics.analysis.verdict.question import (
    WHOLE_RECORDS,
    Question,
    Reply,
    failed,
    matching,
    unknown_of,
    yes_or_absent,
)
from rootforensics.analysis.verdict.recorded import USES, of_account
from rootforensics.phrases import enumerated, plural, some
from rootforensics.rules.entities import LEADING, PERSISTENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.queries import rows as of

EITHER: Final = (
    "SetAccountPreferences changed the account's name, e-mail address or password; the record does not say which"
)
#: Categories of the catalogue whose calls create a way to get access again later.
LETTING_IN: Final = ("credentials", "persistence")
#: Kinds of sign-in events by which the password is another, or none.
PASSWORD_CHANGES: Final = ("recovery_completed", "password_changed", "password_removed")
#: Calls about a user's credential or, where they name nobody, the caller's own; what is said if a record does not tell.
_OF_ANYBODY: Final = ("CreateAccessKey", "CreateLoginProfile", "DeleteLoginProfile")
_WHOSE: Final = "the record does not say whether it was root's or a user's"
_UNNAMED: Final = "one with an ID that is not recorded"
_KEY_SURVEY: Final = (
    "the credential report (aws iam get-credential-report; save it before you generate a new one) or account summary, "
    "which show whether root has keys"
)


@Question(
    text="Was root used by a person?",
    controls=("root-last-use",),
    about="use by people",
    shown_by_a_try=True,
    tells_use=True,
    is_broad=True,
    shown_by=USES,
)
def used_by_person(evidence: Evidence) -> Reply:
    """Was root used by a person; who was kept out did not use it."""
    asked = [row for row in evidence.activity if was_asked_for(row)]
    used, kept_out, unknown = parted(row for row in evidence.activity if not was_asked_for(row))
    # A sign-in that does not say how it went is no use yet.
    if unknown and not used:
        because = f"the outcome of {plural(len(unknown), 'sign-in event')} is not recorded"
        missing = (WHOLE_RECORDS, *evidence.gaps(sign_ins=True, without_effect=True))
        return Reply("unknown", because, unknown, missing)
    refused = sum(row["outcome"] == "failure" for row in used)
    absent = "the logs show no use of root by a person"
    if kept_out:
        failures = sum(row["outcome"] == "failure" for row in kept_out)
        absent = f"no sign-in succeeded; {plural(failures, 'attempt')} to sign in failed"
    if asked:
        times = plural(len(asked), "time")
        absent += f"; a password recovery was requested {times}, which anyone can do"
    if evidence.unordered and not used:
        because = f"{absent}; possibly ordered by a person: {_done_by(evidence.unordered, evidence)}"
        missing = (WHO_ORDERED, *evidence.gaps(sign_ins=True, without_effect=True))
        return Reply("unknown", because, evidence.unordered, missing)
    used += unknown
    shown = f"{plural(len(used), 'event')} by a person or program using the root user"
    if refused:
        shown += f", {'all' if refused == len(used) > 1 else f'{refused:,}'} of them denied or failed"
    if openers := [opener for row in used if (opener := remarks_on(row).get("opened_by"))]:
        count = "all" if len(openers) == len(used) > 1 else f"{len(openers):,}"
        shown += f", {count} of them in sessions that {enumerated(list(dict.fromkeys(openers)))} opened (AssumeRoot)"
    gaps = evidence.gaps(sign_ins=True, without_effect=True)
    if not used:
        missing = gaps or evidence.unproved()
        return Reply("unknown" if gaps else "no", absent, [*kept_out, *asked], missing)
    return Reply("yes", shown, used)


def _done_by(rows: Sequence[of.Named], evidence: Evidence) -> str:
    """The calls, each once, with by whom or where they were made."""
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        found.setdefault(beside(row, evidence.account_id), {})[row["eventName"] or "no eventName"] = None
    return "; ".join(f"{', '.join(names)}{words}" for words, names in found.items())


@Question(
    text="Do the logs show a use of root without valid MFA?",
    controls=("root-mfa-device",),
    about="MFA of each use",
    short="no valid MFA",
    shown_by_a_try=True,
    is_weak=True,
    entry="without MFA",
)
def used_without_mfa(evidence: Evidence) -> Reply:
    """Was a session of root that the logs show opened without MFA."""
    by_mfa = {
        kind: [row for row in evidence.sessions if (row["opener_mfa"] or row["mfa_used"]) is kind]
        for kind in (True, False, None)
    }
    cited = {kind: [opener_of(row) for row in rows] for kind, rows in by_mfa.items()}
    if without := by_mfa[False]:
        shown = f"{plural(len(without), 'session')} without MFA: {named(without)}"
        if any(row["session_kind"] == "long_term_key" for row in without):
            shown += "; a call signed with a long-term access key carries no MFA"
        return Reply("yes", shown, [*map(opener_of, without)])
    if not evidence.sessions:
        missing = evidence.gaps(sign_ins=True, without_effect=True) or ("a root session",)
        return Reply("unknown", "the case contains no root session", (), missing)
    if unsaid := by_mfa[None]:  # an AssumeRoot session stands on the MFA of whoever opened it
        return Reply(
            "unknown",
            f"the logs do not show whether MFA was used for {plural(len(unsaid), 'session')}: {named(unsaid)}",
            cited[None],
            tuple(dict.fromkeys(map(_mfa_shown_by, unsaid))),
        )
    shown = f"{plural(len(by_mfa[True]), 'session')}, {'all ' if len(by_mfa[True]) > 1 else ''}with MFA"
    unknown = [
        row for row in evidence.sign_ins if row["signin_kind"] in ("sign_in", "cli_sign_in") and not row["outcome"]
    ]
    missing = (*((WHOLE_RECORDS,) if unknown else ()), *evidence.unjudged_in(without_effect=True))
    return Reply("unknown" if missing else "no", shown, [*cited[True], *unknown], missing)


def _mfa_shown_by(session: of.RootSessions) -> str:
    """What would show whether a session was opened with MFA."""
    if session["session_kind"] != "assume_root":
        return "the sign-in that began the session"
    if session["opener_mfa"] is None:
        return "whether the caller of AssumeRoot used MFA"
    return "whether the identity provider of the caller of AssumeRoot required MFA: its record shows none"


@Question(
    text="Was root's password recovered, changed or removed?",
    controls=("root-password",),
    about="change of the password",
    short="password changed",
    support="block sign-in and password recovery until you have verified that we are the owner, and say where recovery "
    "e-mails went",
    checks=("password_changed",),
    shown_by=("password_changed",),
    tried=lambda evidence: failed(evidence.sign_ins, signin_kind=PASSWORD_CHANGES),
)
def password_changed(evidence: Evidence) -> Reply:
    """Was the password recovered, changed or removed; a recovery that was only asked for shows nothing of it."""
    signed = [
        row for row in evidence.sign_ins if row["signin_kind"] in PASSWORD_CHANGES and row["outcome"] == "success"
    ]
    found = [*signed, *(row for row in _served(evidence, "password") if row["change"] in ("changed", "removed"))]
    if not found and (doubt := _password_in_doubt(evidence) or undocumented(evidence)):
        return doubt
    told = yes_or_absent(
        found,
        _done_by(found, evidence),
        "the logs show no recovery, change or removal of the password",
        _sign_in_gaps(evidence),
        evidence.unproved(SIGN_IN_REGIONS),
    )
    return _with_others(told, evidence, "password")


def _password_in_doubt(evidence: Evidence) -> Reply | None:
    """What may have been a change of the password; None if nothing was."""
    asked = [
        row for row in evidence.sign_ins if row["signin_kind"] == "recovery_requested" and row["outcome"] != "failure"
    ]
    if either := either_changed(evidence):
        return Reply("unknown", EITHER, [*either, *asked], ("whether root's password still works",))
    missing = (WHOLE_RECORDS, *_sign_in_gaps(evidence))
    if perhaps := _perhaps(evidence, "password"):
        return Reply("unknown", _WHOSE, [*perhaps, *asked], missing)
    changes = [row for row in evidence.sign_ins if row["signin_kind"] in PASSWORD_CHANGES]
    if unknown := [row for row in changes if not row["outcome"]]:
        return Reply("unknown", unknown_of(unknown), [*unknown, *asked], missing)
    became = "whether it was completed: AWS does not document that CloudTrail records it"
    because = f"a password recovery was requested {plural(len(asked), 'time')}; the logs show no completion"
    return Reply("unknown", because, asked, (became,)) if asked else None


def _sign_in_gaps(evidence: Evidence) -> tuple[str, ...]:
    return evidence.gaps(SIGN_IN_REGIONS, sign_ins=True)


def either_changed(evidence: Evidence) -> list[of.RootSignins | of.RootCredentialChanges]:
    """Changes of name, address or password; the record does not say of which."""
    signed = [
        row
        for row in evidence.sign_ins
        if row["signin_kind"] == "name_email_or_password_changed" and row["outcome"] == "success"
    ]
    return [*signed, *(row for row in _served(evidence, "password") if row["change"] == "perhaps_changed")]


def undocumented(evidence: Evidence) -> Reply | None:
    """What root did at its sign-in or in its account's settings and nobody documents; None if nothing."""
    rows = [row for row in evidence.sign_ins if row["signin_kind"] == "unknown" and row["outcome"] != "failure"]
    if not rows:
        return None
    names = some(list(dict.fromkeys(row["eventName"] or "no eventName" for row in rows)))
    because = f"AWS does not document these events of root's sign-in or account settings: {names}"
    return Reply("unknown", because, rows, ("what these events changed", *_sign_in_gaps(evidence)))


def _served(evidence: Evidence, kind: str) -> list[of.RootCredentialChanges]:
    """Changes of root's own credentials that an AWS service made as root."""
    return [row for row in evidence.credentials if row["credential_kind"] == kind and remarks_on(row).get("by_service")]


@Question(
    text="Do access keys of root exist, or were they used?",
    about="access keys of root",
    short="access keys of root",
    support="end all sessions of root, deactivate its access keys, and confirm both",
    shown_by_a_try=True,
    is_broad=True,
    checks=("no_access_key",),
    shown_by=("key_used", "key_changed"),
    tried=lambda evidence: failed(evidence.credentials, credential_kind=("access_key",), change=("added", "activated")),
)
def access_keys(evidence: Evidence) -> Reply:
    """Are there access keys of root, or were there; never denied, as an old one may lie unused."""
    used = [row for row in evidence.activity if (row["accessKeyId"] or "").startswith("AKIA")]
    used_ids = {row["accessKeyId"] for row in used}
    there = ("active", "back on", "disabled")
    keys = {key: row for key, row in evidence.own_keys.items() if key in used_ids or row["state"] in there}
    unnamed = _unnamed_keys(evidence)
    if keys or unnamed:
        named = [f"key {key} {_key_words(row, is_used=key in used_ids)}" for key, row in keys.items()]
        because = "; ".join([*named, *([_UNNAMED] if unnamed else [])])
        if served := _served(evidence, "access_key"):
            because += f"; {_done_by(served, evidence)}"
        return Reply(
            "yes", "; ".join([because, *_checked(evidence, "fail", "pass")]), [*keys.values(), *used, *unnamed]
        )
    if held := _checked(evidence, "fail"):
        return Reply("yes", f"{'; '.join(held)}; the logs show no creation or use of one")
    if perhaps := _perhaps(evidence, "access_key"):
        return Reply("unknown", _WHOSE, perhaps, (WHOLE_RECORDS, _KEY_SURVEY))
    if unknown := [row for row in _keys_made(evidence) if not row["outcome"]]:
        return Reply("unknown", unknown_of(unknown), unknown, (WHOLE_RECORDS, _KEY_SURVEY))
    # A key that was made and deleted, and that no call used.
    gone = [row for row in evidence.own_keys.values() if row["effect"] == "creates"]
    named = [f"key {row['entity_name']} {_key_words(row, is_used=False)}" for row in gone]
    absent = f"{'; '.join(named)}; no other key was created or used" if named else "no key was created or used"
    absent += " in these logs"
    if checked := _checked(evidence, "pass"):
        missing = ("whether a key was deleted before AWS answered", *evidence.gaps(without_effect=True))
        return Reply("unknown", "; ".join([absent, *checked]), gone, missing)
    return Reply("unknown", f"{absent}; older, unused keys may exist", gone, (_KEY_SURVEY,))


def _checked(evidence: Evidence, *wanted: str) -> list[str]:
    """What AWS answered on the keys of root, if it is one of these, with what it stands on."""
    rows = [row for row in evidence.checked if row["control_id"] == "root-access-key" and row["answer"] in wanted]
    return [f"AWS's last answer: {of_account(row, row['why'], evidence.account_id)}" for row in rows]


def _key_words(row: of.BlastRadius, *, is_used: bool) -> str:
    """What is known of a key of root, as a predicate."""
    done = " and ".join(["created"] * (row["effect"] == "creates") + ["used"] * is_used)
    state = {"removed": ", since deleted", "disabled": ", since disabled"}.get(row["state"], "")
    return f"was {done}{state}" if done else f"exists{state}"


def _perhaps(evidence: Evidence, kind: str) -> list[of.RootCredentialChanges]:
    """Changes of credentials of which the record does not say whether they were root's own."""
    rows = (row for row in evidence.credentials if row["credential_kind"] == kind and row["outcome"] != "failure")
    return [row for row in rows if row["change"].startswith("perhaps_") and row["eventName"] in _OF_ANYBODY]


def _unnamed_keys(evidence: Evidence) -> list[of.RootCredentialChanges]:
    """Keys that root made for itself, of which the record does not give the ID."""
    return [row for row in _keys_made(evidence) if row["outcome"] == "success" and not row["credential"]]


def _keys_made(evidence: Evidence) -> list[of.RootCredentialChanges]:
    return [row for row in evidence.credentials if row["credential_kind"] == "access_key" and row["change"] == "added"]


@Question(
    text="Was MFA removed from root?",
    controls=("root-mfa",),
    about="removal of MFA",
    short="MFA removed",
    support="say whether AWS changed MFA on request, and who asked; help remove the device that is registered now",
    checks=("mfa_there",),
    doubted_by=("mfa_enabled", "mfa_on"),
    tried=lambda evidence: failed(
        evidence.credentials, credential_kind=("mfa_device",), change=("removed", "perhaps_removed")
    ),
)
def mfa_removed(evidence: Evidence) -> Reply:
    """Was a device taken from root."""
    devices = [row for row in evidence.credentials if row["credential_kind"] == "mfa_device"]
    done = [row for row in devices if row["outcome"] == "success"]
    removed = [row for row in done if row["change"] == "removed"]
    bound = [row for row in done if removed and row["change"] == "added"]
    if not removed and (perhaps := [row for row in done if row["change"] == "perhaps_removed"]):
        missing = ("whose device it was (run aws iam list-mfa-devices for each user)", *evidence.gaps(IAM_REGIONS))
        return Reply("unknown", _WHOSE, perhaps, missing)
    if not removed and (doubt := undocumented(evidence)):
        return doubt
    told = yes_or_absent(
        [*removed, *bound],
        _done_by([*removed, *bound], evidence),
        "the logs show no removal of MFA",
        evidence.gaps(IAM_REGIONS),
        evidence.unproved(IAM_REGIONS),
        unknown=[row for row in devices if row["change"] != "added" and not row["outcome"]],
    )
    return _with_others(told, evidence, "mfa_device")


def _with_others(told: Reply, evidence: Evidence, kind: str) -> Reply:
    """An answer about the account's own root, with what descends from it and did the same to another's root."""
    rows = [
        row for row in evidence.others_credentials if row["credential_kind"] == kind and row["outcome"] == "success"
    ]
    if not rows:
        return told
    because = f"{told.because}; for the root user of another account: {_done_by(rows, evidence)}"
    return told._replace(because=because, rows=[*told.rows, *rows])


@Question(
    text="Is persistence still in place?",
    controls=("root-access-key", "root-sessions", "root-mfa-device", "root-password", "root-certificate"),
    about="persistence",
    short="persistence not removed",
    is_state=True,
    shown_by=("key_changed", "certificate_changed"),
    doubted_by=("mfa_enabled", "password_changed"),
    tried=lambda evidence: matching(evidence, _lets_in).tried,
)
def persistence(evidence: Evidence) -> Reply:
    """Is something open at the end of the logs by which one comes back; never denied, as the owner must check."""
    left = [row for row in evidence.entities if row["still_open"] and row["state"] != "changed" and not row["accepted"]]
    found = [row for row in left if row["entity_kind"] in PERSISTENCE and lets_in(row)]
    ways = _ways(evidence, found)
    unnamed = _unnamed_keys(evidence)
    if ways or unnamed:
        listed = [_called(row, evidence) for row in ways]
        listed += [f"access key: {_UNNAMED}"] if unnamed else []
        others = (row for row in evidence.entities if row["still_open"] and not row["accepted"])
        leading = [row for row in others if row["entity_kind"] in LEADING.difference(PERSISTENCE)]
        also = f"; also not reversed: {some([_called(row, evidence) for row in leading], 3)}" if leading else ""
        return Reply("yes", f"{some(listed, 5)}{also}", [*ways, *unnamed, *leading])
    return _persistence_in_doubt(evidence, found)


def _persistence_in_doubt(evidence: Evidence, found: list[of.BlastRadius]) -> Reply:
    """What may be open, of entities that are there or may be; nothing denies it."""
    perhaps, sure = (_active(found, certainty) for certainty in ("possible", "certain"))
    missing = (*evidence.gaps(), "whether the owner still controls root's password, e-mail address and MFA")
    changed = [
        row
        for row in evidence.entities
        if row["entity_kind"] in PERSISTENCE
        and row["state"] == "changed"
        and not row["accepted"]
        and not evidence.closing.issuperset(row["citations"])
    ]
    # A device opens nothing by itself: whoever holds it and knows the password comes in.
    devices = [row for row in evidence.entities if (row["entity_kind"], row["state"]) == ("MFA device", "active")]
    bound = [row for row in devices if not row["accepted"]]
    doubts = (
        ("possibly created by root", perhaps),
        ("created or registered, so that its holder can pass root's MFA", bound),
        (
            "created and removed, in an unknown order",
            [row for row in found if row["state"] != "active"],
        ),
        ("created, and the logs do not show whom it trusts", sure),
        ("changed, which may let others use it", changed),
    )
    missing = (*(evidence.who_acted if perhaps else ()), *missing)
    told = [f"{how}: {', '.join(_called(row, evidence) for row in rows)}" for how, rows in doubts if rows]
    shown = "; ".join(told) or "no known persistence by root"
    kept = _accepted(evidence)
    if kept:
        listed = [f"{_called(row, evidence)} ({row['accepted']})" for row in kept]
        shown = "; ".join(told) or "nothing open that was not accepted"
        shown += f"; accepted: {some(listed, 5)}"
    others = [row for row in evidence.entities if row["still_open"] and row not in (*found, *bound, *changed, *kept)]
    if others:
        named = some([_called(row, evidence) for row in others], 3)
        shown += f"; also not reversed: {named} (rootforensics blast-radius CASE --open)"
    if unknown := matching(evidence, _lets_in).unknown:
        shown += f"; {unknown_of(unknown)}"
        missing = (WHOLE_RECORDS, *missing)
    return Reply("unknown", shown, [*found, *bound, *changed, *kept, *unknown], missing)


def _accepted(evidence: Evidence) -> list[of.BlastRadius]:
    """What is open by which one comes back, and somebody accepted or keeps from use."""
    rows = (row for row in (*evidence.entities, *evidence.used_keys) if row["still_open"] and row["accepted"])
    return [row for row in rows if row["entity_kind"] in PERSISTENCE and lets_in(row)]


def _active(rows: list[of.BlastRadius], certainty: str) -> list[of.BlastRadius]:
    return [row for row in rows if row["state"] == "active" and row["certainty"] == certainty]


def _ways(evidence: Evidence, found: list[of.BlastRadius]) -> list[of.BlastRadius]:
    """Entities by which somebody certainly comes back: what root made, its own keys, and what it opened."""
    ways = [row for row in _active(found, "certain") if lets_in(row) == "yes"]
    ways += [row for row in evidence.own_keys.values() if row["state"] in ("active", "back on") and row not in ways]
    ways += filter(was_opened, evidence.entities)
    return [row for row in ways if not row["accepted"]]


def _lets_in(row: of.Call | of.ServiceActions) -> bool:
    return row.get("category") in LETTING_IN


def _called(row: of.BlastRadius, evidence: Evidence) -> str:
    of_account = "of account " if row["entity_name"] == row["account_id"] else ""
    name = row["entity_name"].rpartition(":mfa/")[2]
    return f"{row['entity_kind']} {of_account}{name}{beside(row, evidence.account_id)}"
