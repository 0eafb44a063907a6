"""Other output of a run: findings for Security Hub, and the policy that a live run needs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.places import partition_of, sign_in_regions
from rootforensics.errors import SourceError
from rootforensics.posture.calls import ASSUME_ROOT, BESIDE, CALLS, MEMBERS, TASK_POLICY
from rootforensics.posture.posture import controls

if TYPE_CHECKING:
    from rootforensics.posture.posture import ControlAnswer, Posture

_STATUS: Final = {"pass": "PASSED", "fail": "FAILED", "warn": "WARNING"}


#: By the Sid of a statement, which identity needs it.
WHOSE: Final = {
    "RootPosture": "the identity that checks an account: yours, the role in --role-arn, and each --member-role",
    "Members": "the identity that lists the organization: yours, or the role in --role-arn",
    "MemberRole": "the identity that lists the organization. Each --member-role must trust it",
    "RootAudit": "the identity that lists the organization. It opens AssumeRoot sessions to read root's credentials",
    "TakeRole": "your own identity. With --role-arn it needs only this statement, and the role must trust it",
}


def least_policy(member_role: str = "", role_arn: str = "", *, assume_root_audit: bool = False) -> dict[str, Any]:
    """The least IAM policy for a live run; ``WHOSE`` states which identity needs each statement.

    Args:
        member_role: name of a role to assume in each account of the organization; empty for one account.
        role_arn: a role to assume first; empty for none.
        assume_root_audit: whether sessions of root are opened in the members.
    """
    read = (CALLS[call] for control in controls().values() for call in control.calls)
    named = {call.permission for call in read if call.is_asked}
    allowed = {"Sid": "RootPosture", "Effect": "Allow", "Action": sorted(named | set(BESIDE)), "Resource": "*"}
    listed = {"Sid": "Members", "Effect": "Allow", "Action": [MEMBERS], "Resource": "*"}
    entered = {"Sid": "MemberRole", "Effect": "Allow", "Action": ["sts:AssumeRole"]}
    walks = [listed, {**entered, "Resource": f"arn:*:iam::*:role/{member_role}"}] if member_role else []
    audit = {
        "Sid": "RootAudit",
        "Effect": "Allow",
        "Action": [ASSUME_ROOT],
        "Resource": "arn:*:iam::*:root",
        "Condition": {"StringLike": {"sts:TaskPolicyArn": f"arn:*{TASK_POLICY}"}},
    }
    audits = [audit] if assume_root_audit else []
    taken = [{**entered, "Sid": "TakeRole", "Resource": role_arn}] if role_arn else []
    return {"Version": "2012-10-17", "Statement": [allowed, *walks, *audits, *taken]}


def asff(posture: Posture) -> list[dict[str, Any]]:
    """Findings as ``BatchImportFindings`` of Security Hub takes them, 100 in a call.

    Args:
        posture: the answers; the findings of an account are for the Region in which its Security Hub answered, and
            for that of its partition's sign-in if none did.

    Raises:
        SourceError: the answers do not name their account.
    """
    if any(not answer.account_id for answer in posture.answers):
        raise SourceError("a finding needs an account ID, but no answer has one", hint="Name the folder with it")
    hubs = [one for one in posture.saved if one.call == "securityhub:DescribeHub" and one.region and not one.code]
    regions = {one.account_id: sign_in_regions(one.region)[0] for one in posture.saved if one.region}
    regions |= {hub.account_id: hub.region for hub in reversed(hubs)}
    return [_finding(one, regions.get(one.account_id, "us-east-1")) for one in posture.answers]


def _finding(one: ControlAnswer, region: str) -> dict[str, Any]:
    partition = partition_of(region)
    product = f"arn:{partition}:securityhub:{region}:{one.account_id}:product/{one.account_id}/default"
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}"
    label = one.control.severity.upper() if one.answer in ("fail", "warn") else "INFORMATIONAL"
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"rootforensics/{one.account_id}/{one.control.id}",
        "ProductArn": product,
        "ProductFields": {"rootforensics/Answer": one.answer},
        "GeneratorId": f"rootforensics/{one.control.id}",
        "AwsAccountId": one.account_id,
        "Types": ["Software and Configuration Checks/AWS Security Best Practices"],
        "CreatedAt": now,
        "UpdatedAt": now,
        "Severity": {"Label": label},
        "Title": one.control.title,
        "Description": " ".join((one.why, *(f"Missing: {what}." for what in one.missing)))[:1024],
        "Remediation": {"Recommendation": {"Text": one.control.remedy[:512], "Url": one.control.sources[0]}},
        "Resources": [{"Type": "AwsAccount", "Id": f"AWS::::Account:{one.account_id}", "Partition": partition}],
        "Compliance": {"Status": _STATUS.get(one.answer, "NOT_AVAILABLE")},
    }
