"""The procedure after a use of root, as far as logs show it: password, MFA, access keys, no other change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, cast

from rootforensics.analysis.coverage.gap import Span
from rootforensics.analysis.places import IAM_REGIONS, SIGN_IN_REGIONS
from rootforensics.evidence.cite import place_of
from rootforensics.phrases import addresses

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from rootforensics.analysis.approval import Approval
    from rootforensics.analysis.approvals.match_session import SessionJudgment
    from rootforensics.analysis.coverage.coverage import Covered
    from rootforensics.evidence.cite import Event
    from rootforensics.queries import rows as of

Answer = Literal["yes", "no", "inactive", "unknown", "not_needed"]
_UNNAMED: Final = "an unnamed device"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the procedure.

    Attributes:
        name: ``password_changed``, ``mfa_there``, ``no_access_key`` or ``no_other_change``.
        answer: ``yes``, ``no``, ``unknown``; ``inactive`` for a deactivated key; ``not_needed``.
        detail: why, in words.
        cited: the events that prove it.
        needed: what would answer it if it is unknown; else empty.
    """

    name: str
    answer: Answer
    detail: str
    cited: tuple[Event, ...] = ()
    needed: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """A use of root under one approval, and the account's logs.

    Attributes:
        approval: the approval.
        sessions: the sessions assigned to it, in order of time.
        events: events of these sessions, in order of time.
        changes: credential changes in the account that did not fail, in order of time.
        sign_ins: sign-ins of the account, in order of time.
        key_uses: events of the account made with a long-term key, in order of time.
        covered: what the logs of the account can show.
    """

    approval: Approval
    sessions: tuple[SessionJudgment, ...]
    events: Sequence[of.RootSessionEvents]
    changes: Sequence[of.RootCredentialChanges]
    sign_ins: Sequence[of.RootSignins]
    key_uses: Sequence[of.RootSessionEvents]
    covered: Covered

    @property
    def by_assume_root(self) -> bool:
        """Whether no session of it used root's own password."""
        return all(session.session["session_kind"] == "assume_root" for session in self.sessions)

    def lacks(self, since: datetime, until: datetime, regions: Iterable[str] = (), *, sign_ins: bool = False) -> str:
        """The coverage gaps in a time and in Regions, in words; empty if there are none."""
        gaps = self.covered.gaps(regions, span=Span(since, until), sign_ins=sign_ins)
        return f"missing: {'; '.join(gaps)}" if gaps else ""

    def of_kind(self, kind: str) -> list[of.TimedChange]:
        """Changes of one kind of credential that are known to have succeeded and when."""
        return [
            cast("of.TimedChange", row) for row in self.changes if row["credential_kind"] == kind and row["eventTime"]
        ]


def procedure(use: Use, within: timedelta) -> tuple[Step, ...]:
    """Answer each step.

    Args:
        use: the use.
        within: how long after its last event the password may be changed.
    """
    return _password(use, within), _mfa(use), _keys(use), _other(use)


def _password(use: Use, within: timedelta) -> Step:
    name = "password_changed"
    if use.by_assume_root:
        return Step(name, "not_needed", "AssumeRoot opened the session without root's password")
    changes = use.of_kind("password")
    own = {place_of(row) for row in changes}
    timed = [cast("of.TimedEvent", row) for row in use.events if row["eventTime"] and place_of(row) not in own]
    # What shows that a change is due is the end of the use.
    due = tuple(sorted(timed, key=_by_time)[-1:])
    last = due[0]["eventTime"] if due else use.sessions[-1].session["last_time"] or use.approval.until_time
    deadline = last + within
    later = [row for row in changes if row["eventTime"] >= last]
    sure = [row for row in later if row["outcome"] == "success" and not row["change"].startswith("perhaps_")]
    in_time = [row for row in sure if row["eventTime"] <= deadline]
    if in_time:
        return _changed(use, in_time, last)
    possible = [row for row in later if row not in sure and row["eventTime"] <= deadline]
    if possible:
        needed = "a statement from the person who did it, or a credential report (password_last_changed)"
        return Step(name, "unknown", f"{_did(possible[0])} may have changed it", (possible[0],), needed)
    if lacking := use.lacks(last, deadline, SIGN_IN_REGIONS, sign_ins=True):
        return Step(name, "unknown", f"the logs show no change; {lacking}", due, _logs(use, deadline, SIGN_IN_REGIONS))
    return _unchanged(use, within, last, due, sure)


def _unchanged(
    use: Use,
    within: timedelta,
    last: datetime,
    due: tuple[of.TimedEvent, ...],
    late: list[of.TimedChange],
) -> Step:
    """The step of a password that was not changed in time."""
    name, hours = "password_changed", f"{within.total_seconds() / 3600:g} hours"
    hours = hours.removesuffix("s" if within == timedelta(hours=1) else "")
    if late:
        return Step(name, "no", f"not within {hours}: {_did(late[0])}, {_after(late[0], last)}", (*due, late[0]))
    changes = use.of_kind("password")
    early = [row for row in changes if row["eventTime"] < last and row["eventTime"] >= _began(use)]
    before = f"; {_did(early[-1])}, but root was used until {_at(last)}" if early else ""
    return Step(name, "no", f"not within {hours} after the last event ({_at(last)}){before}", (*early[-1:], *due))


def _changed(use: Use, changes: list[of.TimedChange], last: datetime) -> Step:
    """The step of a password that was changed in time; unknown if the change came from another network."""
    elsewhere = [row for row in changes if use.approval.has_source(row["sourceIPAddress"] or "") is False]
    if not elsewhere:
        return Step("password_changed", "yes", f"{_did(changes[0])}, {_after(changes[0], last)}", (changes[0],))
    detail = f"{_did(elsewhere[0])}, outside the approved networks: another party may control root now"
    return Step(
        "password_changed", "unknown", detail, tuple(elsewhere), "confirmation from the person who was approved"
    )


def _mfa(use: Use) -> Step:
    name = "mfa_there"
    if use.by_assume_root:
        return Step(name, "not_needed", "AssumeRoot opened the session without root's MFA")
    devices, last_gone = _devices(use)
    if not devices and last_gone is not None:
        if last_gone.get("change") == "removed":
            return Step(name, "no", f"{_did(last_gone)}, and no device was registered afterward", (last_gone,))
        return Step(name, "no", f"root signed in without MFA at {_at(last_gone['eventTime'])}", (last_gone,))
    needed = "a current account summary (AccountMFAEnabled) or credential report (mfa_active)"
    possible = [row for row in _sure(use, "mfa_device") if row["change"] == "perhaps_removed"]
    if not devices or possible:
        why = (
            f"{_did(possible[-1])} may have removed root's device or a user's"
            if possible
            else "the logs show no MFA device of root"
        )
        return Step(name, "unknown", why, tuple(possible[-1:]), needed)
    if lacking := use.lacks(_began(use), _end(use), IAM_REGIONS):
        return Step(name, "unknown", f"the logs show no removal; {lacking}", tuple(devices.values()), needed)
    swapped = last_gone is not None and last_gone["eventTime"] >= _began(use)
    swap = f"; {_did(last_gone)}, so check that the remaining device is yours" if swapped and last_gone else ""
    cited = (*devices.values(), last_gone) if swapped and last_gone else tuple(devices.values())
    return Step(name, "yes", f"registered: {', '.join(devices)}{swap}", cited)


def _devices(use: Use) -> tuple[dict[str, of.Shown], of.Shown | None]:
    """Devices that are registered at the end, each with the last event that shows it, and the last removal.

    A sign-in without MFA shows that there was none, whatever came before.
    """
    sign_ins = [cast("of.TimedSignin", row) for row in use.sign_ins if _is_sign_in(row) and row["mfa_used"] is not None]
    devices: dict[str, of.Shown] = {}
    removal = None
    changes = [row for row in _sure(use, "mfa_device") if not row["change"].startswith("perhaps_")]
    for row in cast("list[of.Shown]", sorted([*changes, *sign_ins], key=_by_time)):
        device = row.get("credential") or row.get("mfa_identifier") or _UNNAMED
        if row.get("change") == "removed":
            removal = row
            devices.pop(device, None)
            devices.pop(_UNNAMED, None)
        elif row.get("mfa_used") is False:
            removal = row
            devices.clear()
        else:
            devices[device] = row
    return devices, removal


def _keys(use: Use) -> Step:
    name = "no_access_key"
    states: dict[str, tuple[str, of.Shown]] = {}
    deleted: set[str] = set()
    uses = [cast("of.TimedEvent", row) for row in use.key_uses if row["eventTime"]]
    for row in cast("list[of.Shown]", sorted([*_sure(use, "access_key"), *uses], key=_by_time)):
        key = row.get("credential") or row.get("accessKeyId") or "an unnamed key"
        if row.get("change") == "removed":
            states.pop(key, None)
            deleted.add(key)
        elif row.get("change") == "deactivated":
            states[key] = ("inactive", row)
        elif row.get("change") or key not in {*states, *deleted}:  # a use shows a key that was made before the logs
            states[key] = ("active", row)
    for state, answer in (("active", "no"), ("inactive", "inactive")):
        left = {key: row for key, (found, row) in states.items() if found == state}
        if left:
            detail = f"{'inactive' if answer == 'inactive' else 'not deleted'}: {', '.join(left)}"
            return Step(name, "no" if answer == "no" else "inactive", detail, tuple(left.values()))
    lacking = use.lacks(_began(use), _end(use), IAM_REGIONS)
    if lacking:
        needed = "a current account summary (AccountAccessKeysPresent) or credential report"
        return Step(name, "unknown", f"the logs show no key; {lacking}", (), needed)
    begin = _at(use.covered.first_time) if use.covered.first_time else "the first log"
    return Step(name, "yes", f"the logs show no remaining root key; an unused key from before {begin} would not appear")


def _other(use: Use) -> Step:
    name = "no_other_change"
    surprises = tuple(row for session in use.sessions for row in session.surprises)
    if surprises:
        calls = ", ".join(dict.fromkeys(row["eventName"] or "unknown" for row in surprises))
        return Step(name, "no", f"changes that no task covers: {calls}", surprises)
    end = use.approval.until_time
    lacking = use.lacks(_began(use), end)
    if lacking:
        return Step(name, "unknown", f"the logs show no other change; {lacking}", (), _logs(use, end))
    return Step(name, "yes", "the approval covers every change in its sessions, including failed attempts")


def _sure(use: Use, kind: str) -> list[of.TimedChange]:
    return [row for row in use.of_kind(kind) if row["outcome"] == "success"]


def _is_sign_in(row: of.RootSignins) -> bool:
    return row["signin_kind"] == "sign_in" and row["outcome"] == "success" and row["eventTime"] is not None


def _began(use: Use) -> datetime:
    """The start of the use, or of the window if no session has a time."""
    times = [moment for session in use.sessions if (moment := session.session["first_time"])]
    return min(times, default=use.approval.from_time)


def _end(use: Use) -> datetime:
    """The end of the use, or of the window if that is later."""
    times = [moment for session in use.sessions if (moment := session.session["last_time"])]
    return max(*times, use.approval.until_time)


def _logs(use: Use, until: datetime, regions: Iterable[str] = ()) -> str:
    where = f" in {', '.join(regions)}" if regions else ""
    return f"all logs from account {use.approval.account}{where} until {_at(until)}, complete and without filters"


def _by_time(row: of.Seen) -> tuple[datetime, str, int, int]:
    return row["eventTime"], row["eventID"] or "", row["evidence_id"], row["record_index"]


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _did(row: of.Seen) -> str:
    what = f" ({credential})" if (credential := row.get("credential")) else ""
    return f"{row['eventName']}{what} at {_at(row['eventTime'])} from {addresses([row['sourceIPAddress']])}"


def _after(row: of.Seen, last: datetime) -> str:
    hours = (row["eventTime"] - last).total_seconds() / 3600
    return f"{hours * 60:.0f} minutes after the last event" if hours < 2 else f"{hours:.1f} hours after the last event"
