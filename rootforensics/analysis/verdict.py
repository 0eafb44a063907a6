"""The verdict: the questions of a root incident, each answered yes, no or unknown, with its evidence.

*No* is said only where the logs of the account could have shown a yes: nothing left out by filters, no log of it
unread, no trail stopped.
Where they could not, the answer is *unknown*, and what is missing is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from rootforensics.analysis.ground import IAM_REGIONS, was_kept_out
from rootforensics.analysis.limits import SIGN_IN_REGIONS
from rootforensics.analysis.opened import was_opened
from rootforensics.analysis.words import sortable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from rootforensics.analysis.ground import Ground
    from rootforensics.analysis.judge import SessionJudgement

    Row = dict[str, Any]

Answer = Literal["yes", "no", "unknown"]

#: Questions to which yes is the good answer.
_GOOD_IF_YES: Final = ("with_mfa", "approved")
#: Kinds of things by which one comes back.
WAYS_IN: Final = (
    "access key",
    "console password",
    "user",
    "role",
    "session",
    "identity provider",
    "trust anchor",
    "SSH key",
    "service credential",
    "signing certificate",
    "account assignment",
    "permission set",
)
_ACTOR: Final = re.compile(
    r"arn:[^:]*:(?:iam|sts)::(?P<account>\d*):(?:user/(?:.*/)?(?P<user>[^/]+)|assumed-role/(?P<role>[^/]+)/.*)"
)
_EITHER: Final = (
    "the name, e-mail address or password was changed (SetAccountPreferences); the record does not say which"
)
_OWNERSHIP_ACTIONS: Final = (
    "account-put-alternate-contact",
    "account-put-contact-information",
    "account-accept-primary-email-update",
    "organizations-leave-organization",
    "organizations-remove-account-from-organization",
    "organizations-accept-handshake",
    "organizations-close-account",
    "account-close-account",
    "billingconsole-close-account",
)
_UNNAMED: Final = "one whose ID is not recorded"
_KEY_SURVEY: Final = (
    "the credential report (aws iam generate-credential-report) or the account summary, which list them"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one question.

    Attributes:
        name: of the question, for programs.
        question: as an investigator asks it.
        answer: ``yes``, ``no`` or ``unknown``.
        because: what the answer stands on, in words.
        event_ids: the events that show it, in order of time.
        missing: what would be needed to know, of a ``no`` what would prove it; empty where nothing is.
        first_time: of the first of those events, UTC; None where there is none.
    """

    name: str
    question: str
    answer: Answer
    because: str
    event_ids: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    first_time: datetime | None = None

    @property
    def alarming(self) -> bool:
        """True if the answer is the bad one."""
        return self.answer == ("no" if self.name in _GOOD_IF_YES else "yes")

    def as_row(self) -> Row:
        """The verdict as a row of a table."""
        return {
            "name": self.name,
            "question": self.question,
            "answer": self.answer,
            "because": self.because,
            "missing": list(self.missing),
            "eventIDs": list(self.event_ids),
        }


def verdicts(ground: Ground, approved: Verdict | None = None) -> list[Verdict]:
    """Answer the questions of a root incident, for one account.

    Args:
        ground: what root did there, and what may be missing.
        approved: the answer of a reconciliation with approvals; without it that question is unknown.
    """
    return [*(ask(ground) for ask in _QUESTIONS), approved or _NOT_RECONCILED]


def _said(
    name: str, question: str, answer: Answer, because: str, rows: Iterable[Row] = (), missing: Iterable[str] = ()
) -> Verdict:
    rows = sorted(rows, key=lambda row: (sortable(_time(row)), row["eventID"] or ""))
    ids = tuple(dict.fromkeys(row["eventID"] for row in rows if row["eventID"]))
    first = next((moment for row in rows if (moment := _time(row))), None)
    return Verdict(name, question, answer, because, ids, tuple(missing), first)


def _time(row: Row) -> datetime | None:
    """When: an event's time, the first of a thing or session, the begin of a window."""
    moment: datetime | None = next(
        (row[name] for name in ("eventTime", "first_time", "from_time") if name in row), None
    )
    return moment


def _yes_or_absent(
    name: str,
    question: str,
    found: list[Row],
    shown: str,
    absent: str,
    gaps: tuple[str, ...],
    unproved: tuple[str, ...] = (),
) -> Verdict:
    """Yes with its events; else no, with what would prove it, or unknown where the logs could not have shown it."""
    if found:
        return _said(name, question, "yes", shown, found)
    return _said(name, question, "unknown" if gaps else "no", absent, (), gaps or unproved)


def _count(number: int, one: str, many: str) -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {many}"


def _used(ground: Ground) -> Verdict:
    name, question = "used_by_person", "Was root used by a person?"
    people = ground.activity
    asked = [row for row in people if row["eventName"] == "PasswordRecoveryRequested"]
    kept_out = [row for row in people if was_kept_out(row) and row not in asked]
    used = [row for row in people if not was_kept_out(row) and row not in asked]
    # A sign-in that does not say how it went is no use yet.
    unsaid = [row for row in used if row["eventName"] == "ConsoleLogin" and row["outcome"] != "success"]
    if unsaid and len(unsaid) == len(used):
        because = f"of {_count(len(unsaid), 'sign-in', 'sign-ins')} nothing says whether it succeeded"
        missing = ("the whole records of these sign-ins", *ground.gaps(sign_ins=True, without_effect=True))
        return _said(name, question, "unknown", because, unsaid, missing)
    failed = sum(row["outcome"] == "failure" for row in used)
    absent = "no event of root's is a person's"
    if kept_out:
        absent = f"nobody got in; {_count(len(kept_out), 'attempt', 'attempts')} to sign in failed"
    if asked:
        times = _count(len(asked), "time", "times")
        absent += f"; a recovery of the password was asked for {times}, which anybody can do"
    shown = f"{_count(len(used), 'event', 'events')} of root's that AWS services did not make"
    if failed:
        shown += f", {'all' if failed == len(used) > 1 else f'{failed:,}'} of them refused or failed"
    gaps = ground.gaps(sign_ins=True, without_effect=True)
    return _yes_or_absent(name, question, used, shown, absent, gaps, ground.unproved())


def _with_mfa(ground: Ground) -> Verdict:
    name, question = "with_mfa", "Was every use of root that the logs show made with valid MFA?"
    by_mfa = {kind: [row for row in ground.sessions if row["mfa_used"] is kind] for kind in (True, False, None)}
    cited = {kind: [_opened(row) for row in rows] for kind, rows in by_mfa.items()}
    # An AssumeRoot session stands on the MFA of whoever opened it.
    without = [row for row in by_mfa[False] if row["session_kind"] != "assume_root"]
    if without:
        shown = f"{_count(len(without), 'session', 'sessions')} without MFA: {_names(without)}"
        return _said(name, question, "no", shown, map(_opened, without))
    if not ground.sessions:
        missing = ground.gaps(sign_ins=True, without_effect=True) or ("a session of root",)
        return _said(name, question, "unknown", "no session of root is in the case", (), missing)
    unsaid = [*by_mfa[None], *(row for row in by_mfa[False] if row["session_kind"] == "assume_root")]
    if unsaid:
        return _said(
            name,
            question,
            "unknown",
            f"of {_count(len(unsaid), 'session', 'sessions')} nothing says: {_names(unsaid)}",
            cited[True],
            ("the sign-in that opened it, or the MFA of whoever opened an AssumeRoot session",),
        )
    return _said(
        name, question, "yes", f"{_count(len(by_mfa[True]), 'session', 'sessions')}, each with MFA", cited[True]
    )


def _opened(session: Row) -> Row:
    """The event that opened a session, or its first one."""
    if session["opener_eventID"]:
        return {"eventID": session["opener_eventID"], "eventTime": session["opened_time"]}
    return {"eventID": session["first_eventID"], "eventTime": session["first_time"]}


def _names(sessions: list[Row]) -> str:
    shown = [row["session_id"] for row in sessions[:3]]
    return ", ".join(shown) + (f" and {len(sessions) - 3} more" if len(sessions) > 3 else "")


def _password(ground: Ground) -> Verdict:
    name, question = "password_changed", "Was root's password recovered or changed?"
    kinds = ("recovery_completed", "password_changed")
    found = [row for row in ground.sign_ins if row["signin_kind"] in kinds and row["outcome"] == "success"]
    asked = [
        row for row in ground.sign_ins if row["signin_kind"] == "recovery_requested" and row["outcome"] != "failure"
    ]
    if not found and (either := _either(ground)):
        return _said(name, question, "unknown", _EITHER, [*either, *asked], ("whether root's password still works",))
    if not found and asked:
        return _said(
            name,
            question,
            "unknown",
            f"recovery was asked for {_count(len(asked), 'time', 'times')}; no completion is in the logs",
            asked,
            ("what became of it: CloudTrail's documentation does not promise that completion is recorded",),
        )
    return _yes_or_absent(
        name,
        question,
        found,
        ", ".join(dict.fromkeys(row["eventName"] for row in found)),
        "no recovery or change is in the logs",
        ground.gaps(SIGN_IN_REGIONS, sign_ins=True),
    )


def _either(ground: Ground) -> list[Row]:
    """Changes of name, address or password; the record does not say of which."""
    return [
        row
        for row in ground.sign_ins
        if row["signin_kind"] == "name_email_or_password_changed" and row["outcome"] == "success"
    ]


def _keys(ground: Ground) -> Verdict:
    name, question = "access_keys", "Do access keys of root exist, or were they used?"
    used = [row for row in ground.activity if (row["accessKeyId"] or "").startswith("AKIA")]
    used_ids = {row["accessKeyId"] for row in used}
    there = ("active", "disabled")
    keys = {key: row for key, row in ground.own_keys.items() if key in used_ids or row["state"] in there}
    unnamed = _unnamed_keys(ground)
    if keys or unnamed:
        told = [f"{key} (deleted since)" if row["state"] == "removed" else key for key, row in keys.items()]
        told += [_UNNAMED] if unnamed else []
        because = f"made and not deleted, or used: {', '.join(told)}"
        return _said(name, question, "yes", because, [*keys.values(), *used, *unnamed])
    return _said(
        name,
        question,
        "unknown",
        "none was made or used in these logs; older ones may exist unused",
        (),
        (_KEY_SURVEY,),
    )


def _unnamed_keys(ground: Ground) -> list[Row]:
    """Keys that root made for itself, of which the record does not give the ID."""
    made = [row for row in ground.credentials if row["credential_kind"] == "access_key" and row["change"] == "added"]
    return [row for row in made if row["outcome"] == "success" and not row["credential"]]


def _mfa_removed(ground: Ground) -> Verdict:
    done = [row for row in ground.credentials if row["credential_kind"] == "mfa_device" and row["outcome"] == "success"]
    removed = [row for row in done if row["change"] == "removed"]
    bound = [row for row in done if removed and row["change"] == "added"]
    return _yes_or_absent(
        "mfa_removed",
        "Was MFA removed from root?",
        [*removed, *bound],
        "a device was taken away" + ("; another was bound, which may be the attacker's" if bound else ""),
        "no removal is in the logs",
        ground.gaps(IAM_REGIONS),
    )


def _way_in(ground: Ground) -> Verdict:
    name, question = "way_in", "Does whoever used root still have a way in?"
    found = [row for row in ground.still_open if row["thing_kind"] in WAYS_IN]
    ways = [row for row in found if row["state"] == "active"]
    ways += [row for row in ground.own_keys.values() if row["state"] == "active" and row not in ways]
    ways += [row for row in ground.things if was_opened(row)]
    unnamed = _unnamed_keys(ground)
    if ways or unnamed:
        listed = [*map(_called, ways)]
        listed += [f"access key: {_UNNAMED}"] if unnamed else []
        more = f" and {len(listed) - 5} more" if len(listed) > 5 else ""
        return _said(name, question, "yes", f"at the end of the logs: {', '.join(listed[:5])}{more}", [*ways, *unnamed])
    missing = (*ground.gaps(), "root's own password, e-mail address and MFA, which only their owner can check")
    changed = [row for row in ground.things if row["thing_kind"] in WAYS_IN and row["state"] == "changed"]
    doubts = (("made and removed in one order or the other", found), ("changed, which may have opened it", changed))
    told = [f"{how}: {', '.join(map(_called, rows))}" for how, rows in doubts if rows]
    shown = "; ".join(told) or "nothing that root made is open"
    return _said(name, question, "unknown", f"{shown} at the end of the logs", [*found, *changed], missing)


def _called(row: Row) -> str:
    return f"{row['thing_kind']} {row['thing_name']}"


def _tampered(ground: Ground) -> Verdict:
    name, question = "record_tampered", "Was the record tampered with, by root or what came from it?"
    changed = _identities(ground)
    done = [
        row
        for row in ground.tampering
        if row["deed"] == "done" and (row["by_root"] or row["by_descendant"] or _acting(row) in changed)
    ]
    surely_done = [row for row in done if row["by_root"] or row["by_descendant"] == "certain"]
    certain = [row for row in surely_done if row["certainty"] == "certain"]
    if done and not certain:
        perhaps = "of the record" if surely_done else "by what came from root"
        missing = ("what the alarms, rules, keys, buckets and topics touched were for", *ground.gaps())
        if not surely_done:
            missing = ("who acted under identities that root only opened or changed", *ground.gaps())
        return _said(name, question, "unknown", f"perhaps {perhaps}: {_touched(done)}", done, missing)
    absent = "no such call is in the logs; whether files were deleted or changed, only the digests tell"
    return _yes_or_absent(name, question, certain, _touched(certain), absent, ground.gaps(), ground.unproved())


def _touched(rows: list[Row]) -> str:
    return ", ".join(dict.fromkeys(f"{row['watcher']} {row['tampering']} ({row['eventName']})" for row in rows))


def _identities(ground: Ground) -> set[tuple[str, str, str]]:
    """Users and roles that root made, opened or changed, as account, kind and name."""
    return {
        (row["account_id"], row["thing_kind"], row["current_name"] or row["thing_name"])
        for row in ground.things
        if row["thing_kind"] in ("user", "role")
    }


def _acting(row: Row) -> tuple[str, str, str] | None:
    """The user or role that acted, as account, kind and name."""
    found = _ACTOR.fullmatch(row["actor"] or "")
    if not found:
        return None
    return found["account"], "user" if found["user"] else "role", found["user"] or found["role"]


def _exposed(ground: Ground) -> Verdict:
    name, question = "data_exposed", "Was data exposed?"
    done = [row for row in ground.followed if row["deed"] == "done"]
    if found := [row for row in done if row["exposes"] == "yes"]:
        return _said(name, question, "yes", _meant(found), found)
    missing = (
        *ground.gaps(),
        "data events: reads of objects, items and secrets' content are recorded only where they were switched on",
    )
    if perhaps := [row for row in done if row["exposes"] == "perhaps"]:
        hidden = "what their records do not show: what a policy or block had kept out, what a share or a parameter held"
        return _said(name, question, "unknown", f"perhaps: {_meant(perhaps)}", perhaps, (hidden, *missing))
    return _said(name, question, "unknown", "no call that gives data away is in the logs", (), missing)


def _meant(rows: list[Row]) -> str:
    """What the calls did, in the catalogue's words, each once."""
    return "; ".join(dict.fromkeys(row["means"].rstrip(".") for row in rows))


def _money(ground: Ground) -> Verdict:
    name, question = "money_spent", "Was money spent?"
    done = [row for row in ground.followed if row["deed"] == "done"]
    found = [row for row in done if row["costs"] == "yes"]
    own = [*(row for row in done if row["costs"] == "perhaps"), *ground.unlisted]
    if (own or ground.perhaps_costly) and not found:
        told = [f"it may have been by {_calls(own)}"] if own else []
        missing = ["what these calls cost: the bill and Cost Explorer tell"] if own else []
        if others := ground.perhaps_costly:
            told.append(f"{_calls(others)} under identities that root only opened, or by a service in the name of one")
            missing.append("who acted under identities that root only opened or changed")
        doubtful = [*own, *others]
        return _said(name, question, "unknown", "; ".join(told), doubtful, (*missing, *ground.gaps()))
    return _yes_or_absent(
        name,
        question,
        found,
        _meant(found),
        "no call that costs money is in the logs",
        ground.gaps(),
        ground.unproved(),
    )


def _calls(rows: list[Row]) -> str:
    """The calls, each by service and name, at most five."""
    names = list(dict.fromkeys(f"{(row['eventSource'] or '').split('.')[0]}:{row['eventName']}" for row in rows))
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _owner(ground: Ground) -> Verdict:
    name = "ownership_changed"
    question = "Was the account's ownership changed (e-mail address, contacts, organization)?"
    changed = [row for row in ground.sign_ins if row["signin_kind"] == "email_changed" and row["outcome"] == "success"]
    changed += [
        row for row in ground.actions if row["deed"] == "done" and row["action_id"].startswith(_OWNERSHIP_ACTIONS)
    ]
    changed += ground.from_above
    begun = [
        row for row in ground.sign_ins if row["signin_kind"] == "email_change_started" and row["outcome"] == "success"
    ]
    if not changed and (either := _either(ground)):
        return _said(
            name, question, "unknown", _EITHER, [*either, *begun], ("the account's name and e-mail address now",)
        )
    if begun and not changed:
        times = _count(len(begun), "time", "times")
        because = f"a change of the e-mail address was begun {times}; no completion is in the logs"
        return _said(
            name, question, "unknown", because, begun, ("what became of it: the account's e-mail address now",)
        )
    return _yes_or_absent(
        name,
        question,
        changed,
        ", ".join(dict.fromkeys(row["eventName"] for row in changed)),
        "no such change is in the logs",
        ground.gaps(SIGN_IN_REGIONS, sign_ins=True),
    )


_QUESTIONS: Final[tuple[Callable[[Ground], Verdict], ...]] = (
    _used,
    _with_mfa,
    _password,
    _keys,
    _mfa_removed,
    _way_in,
    _tampered,
    _exposed,
    _money,
    _owner,
)
_APPROVED: Final = ("approved", "Was the use of root approved?")
_NOT_RECONCILED: Final = Verdict(
    *_APPROVED,
    "unknown",
    "no approvals were given",
    missing=("a file of approvals (rootforensics approvals --template)",),
)


def approved_verdict(judged: dict[str, SessionJudgement]) -> Verdict:
    """The last question, from a reconciliation.

    Args:
        judged: what the approvals say of each session, by its ID: ``approved`` alone, or what is wrong.
    """
    name, question = _APPROVED
    if not judged:
        return _said(name, question, "unknown", "no session of root is in the case", (), ("a session to judge",))
    wrong = {session: one for session, one in sorted(judged.items()) if one.verdicts != ("approved",)}
    if not wrong:
        told = "the one session is" if len(judged) == 1 else f"each of {len(judged):,} sessions is"
        return _said(name, question, "yes", f"{told} as approved", [_opened(one.session) for one in judged.values()])
    named = [f"{session} ({', '.join(one.verdicts)})" for session, one in wrong.items()]
    more = f" and {len(named) - 3:,} more" if len(named) > 3 else ""
    because = f"{len(wrong):,} of {_count(len(judged), 'session', 'sessions')}: {', '.join(named[:3])}{more}"
    return _said(name, question, "no", because, [_opened(one.session) for one in wrong.values()])
