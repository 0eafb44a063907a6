"""Questions of a root incident on what was done: to the record, to data, with money, to who owns the account."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.answer import counted, said, yes_or_absent
from rootforensics.analysis.entered import EITHER, either_changed
from rootforensics.analysis.limits import SIGN_IN_REGIONS

if TYPE_CHECKING:
    from rootforensics.analysis.answer import Verdict
    from rootforensics.analysis.ground import Ground

    Row = dict[str, Any]

_ACTOR: Final = re.compile(
    r"arn:[^:]*:(?:iam|sts)::(?P<account>\d*):(?:user/(?:.*/)?(?P<user>[^/]+)|assumed-role/(?P<role>[^/]+)/.*)"
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


def record_tampered(ground: Ground) -> Verdict:
    """Was what watches the account stopped, removed, narrowed or changed by root or what came from it."""
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
        return said(name, question, "unknown", f"perhaps {perhaps}: {_touched(done)}", done, missing)
    absent = "no such call is in the logs; whether files were deleted or changed, only the digests tell"
    return yes_or_absent(name, question, certain, _touched(certain), absent, ground.gaps(), ground.unproved())


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


def data_exposed(ground: Ground) -> Verdict:
    """Was data given away or read; never denied, as reads are recorded only where data events are on."""
    name, question = "data_exposed", "Was data exposed?"
    done = [row for row in ground.followed if row["deed"] == "done"]
    if found := [row for row in done if row["exposes"] == "yes"]:
        return said(name, question, "yes", _meant(found), found)
    missing = (
        *ground.gaps(),
        "data events: reads of objects, items and secrets' content are recorded only where they were switched on",
    )
    if perhaps := [row for row in done if row["exposes"] == "perhaps"]:
        hidden = "what their records do not show: what a policy or block had kept out, what a share or a parameter held"
        return said(name, question, "unknown", f"perhaps: {_meant(perhaps)}", perhaps, (hidden, *missing))
    return said(name, question, "unknown", "no call that gives data away is in the logs", (), missing)


def _meant(rows: list[Row]) -> str:
    """What the calls did, in the catalogue's words, each once."""
    return "; ".join(dict.fromkeys(row["means"].rstrip(".") for row in rows))


def money_spent(ground: Ground) -> Verdict:
    """Was something started or bought that is paid for, by root or what came from it."""
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
        return said(name, question, "unknown", "; ".join(told), doubtful, (*missing, *ground.gaps()))
    return yes_or_absent(
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
    return ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")


def ownership_changed(ground: Ground) -> Verdict:
    """Was the account's address, contact or organization changed, by root or by another account."""
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
    if not changed and (either := either_changed(ground)):
        return said(
            name, question, "unknown", EITHER, [*either, *begun], ("the account's name and e-mail address now",)
        )
    if begun and not changed:
        times = counted(len(begun), "time", "times")
        because = f"a change of the e-mail address was begun {times}; no completion is in the logs"
        return said(name, question, "unknown", because, begun, ("what became of it: the account's e-mail address now",))
    return yes_or_absent(
        name,
        question,
        changed,
        ", ".join(dict.fromkeys(row["eventName"] for row in changed)),
        "no such change is in the logs",
        ground.gaps(SIGN_IN_REGIONS, sign_ins=True),
    )
