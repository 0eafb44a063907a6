"""Controls on the credentials of the root user."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from rootforensics.phrases import plural
from rootforensics.posture.calls import ASSUME_ROOT, CALLER, FRESH, ROOT
from rootforensics.posture.folder import root_row
from rootforensics.posture.judged import Judged
from rootforensics.posture.saved import UnknownAnswerError

if TYPE_CHECKING:
    from rootforensics.posture import shapes as of
    from rootforensics.posture.saved import Reading

_REPORT: Final = "iam:GetCredentialReport"
_DEVICES: Final = "iam:ListMFADevices"
_NONE: Final = ("", "N/A", "no_information", "not_supported")


def _count(reading: Reading, name: str) -> int | None:
    """A number of the account summary; None if it is missing, which is then noted."""
    summary = reading.maybe("iam:GetAccountSummary")
    if summary is None:
        return None
    count: int | None = summary.get(name)
    if count is None:
        reading.missing.append(f"{name} in the answer to iam:GetAccountSummary")
    return count


def _row(reading: Reading, *, any_age: bool = False) -> dict[str, str]:
    """Root's row of the credential report; empty if it is missing or too old, which is then noted."""
    report = reading.maybe(_REPORT)
    row = root_row(report) if report else {}
    if report and not row:
        reading.missing.append("a complete <root_account> row in the credential report")
    if row and not any_age and reading.is_old(_REPORT, _times(reading)[0], FRESH):
        reading.missing.append(
            f"a current credential report, which --save generates (the saved one is from {_times(reading)[0]})"
        )
        return {}
    return row


def _times(reading: Reading) -> tuple[str, str]:
    """When the credential report was made, and when AWS was asked for it; empty where that is not known."""
    reports = [one for one in reading.evidence if one.call == _REPORT and one.body]
    return (str(reports[0].body.get("GeneratedTime", "")), reports[0].time) if reports else ("", "")


def _as_of(reading: Reading) -> str:
    """How old the credential report is, as sentences."""
    made, asked = _times(reading)
    text = f" The credential report is from {made or 'an unknown time'}."
    return text if asked else f"{text} When it was downloaded is unknown."


def _flag(row: dict[str, str], name: str) -> bool | None:
    return {"true": True, "false": False}.get(row.get(name, "").lower())


def _as_root(reading: Reading, call: str) -> Any:  # noqa: ANN401 - the shape of the call
    """What a session of AssumeRoot saw of its own, empty for nothing; None if it is missing, which is then noted."""
    of_account = reading.held.of(reading.account_id, call)
    if not any(one.argument == ROOT for one in of_account):
        if reading.held.of(reading.account_id, ASSUME_ROOT):
            reading.maybe(ASSUME_ROOT)
        return None
    try:
        return reading.one(call, ROOT) or ()
    except UnknownAnswerError:
        return None


def _present(reading: Reading, what: str, name: str, columns: str, call: str) -> Judged:
    """Keys or certificates: active ones fail, deactivated ones are still there."""
    own = _as_root(reading, call)
    if listed := [one for one in own or () if one.Status != "Inactive"]:
        return Judged("fail", f"An AssumeRoot session lists {plural(len(listed), f'active {what}')} of the root user.")
    count, row = _count(reading, name), _row(reading)
    flags = [(_flag(row, f"{columns}_{n}_active"), row.get(f"{columns}_{n}_last_rotated", "")) for n in (1, 2)]
    active = sum(flag is True for flag, _ in flags)
    left = max(sum(flag is False and rotated not in _NONE for flag, rotated in flags), len(own or ()))
    if count:
        differs = " The credential report lists none, but it may be up to 4 hours old." if row and not active else ""
        return Judged("fail", f"The account summary reports {plural(count, what)} of the root user.{differs}")
    if active and count is None and own is None:
        return Judged("fail", f"The credential report lists {plural(active, f'active {what}')} of the root user.")
    if active:
        source = "the account summary" if own is None else "an AssumeRoot session"
        return Judged(
            "warn",
            f"The credential report lists an active {what}, but {source} reports none. "
            "The report may be up to 4 hours old.",
        )
    if left:
        return Judged("warn", f"{plural(left, f'deactivated {what}')} of the root user can be reactivated.")
    if own is None and (count is None or None in [flag for flag, _ in flags]):
        raise UnknownAnswerError(
            f"The account summary and the credential report are needed to check for active and deactivated {what}s."
        )
    source = _as_of(reading) if own is None else " An AssumeRoot session lists none."
    return Judged("pass", f"The root user has no {what}, active or deactivated.{source}")


def access_keys(reading: Reading) -> Judged:
    """Root has no access key."""
    judged = _present(reading, "access key", "AccountAccessKeysPresent", "access_key", "iam:ListAccessKeys")
    keys = _as_root(reading, "iam:ListAccessKeys") or ()
    uses = {one.AccessKeyId: reading.maybe("iam:GetAccessKeyLastUsed", one.AccessKeyId) for one in keys}
    times = [
        f"{key} {'unknown' if use is None else use.get('LastUsedDate', 'none recorded')}" for key, use in uses.items()
    ]
    return replace(judged, why=f"{judged.why} Last use: {'; '.join(times)}.") if times else judged


def certificates(reading: Reading) -> Judged:
    """Root has no signing certificate."""
    call = "iam:ListSigningCertificates"
    return _present(reading, "signing certificate", "AccountSigningCertificatesPresent", "cert", call)


def _has_password(reading: Reading) -> bool | None:
    summary, own = reading.maybe("iam:GetAccountSummary"), _as_root(reading, "iam:GetLoginProfile")
    flags = [bool(own)] if own is not None else []
    if summary and "AccountPasswordPresent" in summary:
        flags.append(bool(summary["AccountPasswordPresent"]))
    if flags:
        return any(flags)
    flag = _flag(_row(reading), "password_enabled")
    if flag is None:
        reading.missing.append(
            "AccountPasswordPresent in the account summary, or password_enabled in the credential report"
        )
    return flag


def password(reading: Reading) -> Judged:
    """Root has no password."""
    has = _has_password(reading)
    if has is None:
        raise UnknownAnswerError
    if not has:
        return Judged(
            "pass", "The root user has no password. Root can still be recovered through the primary e-mail address."
        )
    return Judged("info", "The root user has a password. With central root access, a member account needs none.")


def mfa(reading: Reading) -> Judged:
    """Root has MFA."""
    own = _own_devices(reading)
    dated = {one.SerialNumber: one.EnableDate for one in (*(own or ()), *_virtual(reading))}
    reading.dates += [(f"MFA device {one} at {time or 'an unknown time'}", time) for one, time in dated.items()]
    enabled = _count(reading, "AccountMFAEnabled")
    if enabled is None and (flag := _flag(_row(reading), "mfa_active")) is not None:
        enabled = int(flag)
    if own is not None:
        enabled = len(own) if enabled is None else min(enabled, len(own))
    if enabled:
        return Judged("pass", "The root user has MFA.")
    has_password, listed = _has_password(reading), _as_root(reading, "iam:ListAccessKeys")
    counts = (_count(reading, "AccountAccessKeysPresent"), None if listed is None else len(listed))
    keys = max((count for count in counts if count is not None), default=None)
    if enabled is None:
        raise UnknownAnswerError
    if has_password or keys:
        hub = " Security Hub IAM.9 checks only the password, so it may report PASSED." if not has_password else ""
        return Judged("fail", f"The root user has {'a password' if has_password else 'an access key'} and no MFA.{hub}")
    if has_password is None or keys is None:
        raise UnknownAnswerError("The root user has no MFA. Whether it has credentials is unknown.")
    return Judged(
        "not_applicable",
        "The root user has no password, no access key and no MFA. Security Hub reports PASSED in this case.",
    )


def mfa_device(reading: Reading) -> Judged:
    """Root has no virtual MFA device."""
    own = [own_device.SerialNumber for own_device in _own_devices(reading) or ()]
    virtual = {one.SerialNumber for one in _virtual(reading)}
    virtual |= {one for one in own if one.startswith("arn:") and ":u2f/" not in one}
    if own:
        fido = [one for one in own if ":u2f/root/" in one]
        if virtual and fido:
            return Judged("warn", f"The root user has {plural(len(own), 'MFA device')}, including a virtual one.")
        if len(own) == 1 and not virtual:
            return Judged(
                "warn", "The root user has one MFA device, which is not virtual. If it is lost, no one can sign in."
            )
    if virtual and reading.account_id:
        return Judged(
            "fail",
            f"The root user has {plural(len(virtual), 'virtual MFA device')}."
            + ("" if own else " The API does not show devices of other kinds."),
        )
    judged = mfa(reading)
    if judged.answer != "pass":
        return judged
    if own:
        return Judged("pass", f"The root user has {plural(len(own), 'MFA device')} and no virtual one.")
    if reading.maybe("iam:ListVirtualMFADevices") is None or not reading.account_id:
        raise UnknownAnswerError("The root user has MFA. The kind of device is unknown.")
    return Judged(
        "pass",
        "The root user has MFA and no virtual device: it uses a passkey, security key or hardware token. "
        "The API does not show which.",
    )


def _virtual(reading: Reading) -> list[of.VirtualDevice]:
    """The virtual devices of root."""
    devices = reading.maybe("iam:ListVirtualMFADevices") or ()
    return [device for device in devices if str(device.User.get("Arn")).endswith(f":iam::{reading.account_id}:root")]


def _own_devices(reading: Reading) -> list[of.Device] | None:
    """All devices of root, if root, or a session of AssumeRoot, listed its own; None if that is not known."""
    if (own := _as_root(reading, _DEVICES)) is not None:
        return list(own)
    if not any(one.argument != ROOT for one in reading.held.of(reading.account_id, _DEVICES)):
        return None
    devices: list[of.Device] = list(reading.maybe(_DEVICES) or ())
    names = (f"::{reading.account_id}:mfa/root-account-mfa-device", f"::{reading.account_id}:u2f/root/")
    asked_by = [str(one.told()) for one in reading.held.of(reading.account_id, CALLER)]
    is_root = any(one.endswith(":root") for one in asked_by) or any(
        name in device.SerialNumber for name in names for device in devices
    )
    return devices if is_root and devices else None


def last_use(reading: Reading) -> Judged:
    """When root's credentials were last used."""
    row = _row(reading, any_age=True)
    if not row:
        raise UnknownAnswerError
    uses = {"password": row.get("password_last_used", "")}
    uses |= {f"access key {n}": row.get(f"access_key_{n}_last_used_date", "") for n in (1, 2)}
    times = [f"{name} {time}" for name, time in uses.items() if time not in _NONE]
    listed = "; ".join(times) if times else "no use recorded"
    return Judged("info", f"Last use: {listed}.{_as_of(reading)} Compare it with the events in the case.")
