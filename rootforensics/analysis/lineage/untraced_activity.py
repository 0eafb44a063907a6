"""What root, or what descends from it, set going and nobody can follow: machines and sessions that no record ties.

A group starts instances, a command reaches those with a tag, a permission set gives rights to whom it was assigned.
Where the record does not tell which they are, what such machines and sessions did later may be root's doing. So may
be what a role wrote in the hands of a service that runs what it is told: no record ties its session to root's call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from rootforensics.analysis.places import call_of
from rootforensics.phrases import at, service_of, some, sortable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks


#: What acts later, by the call that set it going: instances that a service of AWS started, any instance, tasks of ECS,
#: sessions of IAM Identity Center without their user's ID, any session of it.
_GOING: Final[dict[str, str]] = {
    "autoscaling:CreateAutoScalingGroup": "started",
    "autoscaling:CreateLaunchConfiguration": "started",
    "autoscaling:SetDesiredCapacity": "started",
    "autoscaling:StartInstanceRefresh": "started",
    "autoscaling:UpdateAutoScalingGroup": "started",
    "ec2:CreateFleet": "started",
    "ec2:CreateLaunchTemplate": "started",
    "ec2:CreateLaunchTemplateVersion": "started",
    "ec2:ModifyFleet": "started",
    "ec2:ModifyLaunchTemplate": "started",
    "ec2:RequestSpotFleet": "started",
    "ec2:RequestSpotInstances": "started",
    "eks:CreateNodegroup": "started",
    "eks:UpdateNodegroupVersion": "started",
    "ssm:CreateAssociation": "instance",
    "ssm:SendCommand": "instance",
    "ssm:StartAutomationExecution": "instance",
    "ssm:UpdateAssociation": "instance",
    "batch:SubmitJob": "task",
    "ecs:CreateService": "task",
    "ecs:CreateTaskSet": "task",
    "ecs:UpdateService": "task",
    "identitystore:CreateUser": "nameless",
    "sso:CreateAccountAssignment": "nameless",
    "identitystore:CreateGroupMembership": "nameless",
    "sso:AttachCustomerManagedPolicyReferenceToPermissionSet": "center",
    "sso:AttachManagedPolicyToPermissionSet": "center",
    "sso:DeletePermissionsBoundaryFromPermissionSet": "center",
    "sso:PutInlinePolicyToPermissionSet": "center",
    "sso-directory:AddMemberToGroup": "nameless",
    "sso-directory:CompleteVirtualMfaDeviceRegistration": "nameless",
    "sso-directory:CompleteWebAuthnDeviceRegistration": "nameless",
    "sso-directory:CreateUser": "nameless",
    "sso-directory:DeleteMfaDeviceForUser": "nameless",
    "sso-directory:EnableUser": "nameless",
    "sso-directory:UpdatePassword": "nameless",
    "sso-directory:UpdateUser": "nameless",
    "identitystore:UpdateUser": "nameless",
    "sso-directory:CreateBearerToken": "center",
    "sso-directory:CreateExternalIdPConfigurationForDirectory": "center",
    "sso-directory:CreateProvisioningTenant": "center",
    "sso-directory:EnableExternalIdPConfigurationForDirectory": "center",
    "sso-directory:ImportExternalIdPCertificate": "center",
    "sso-directory:UpdateExternalIdPConfigurationForDirectory": "center",
    "sso:AssociateDirectory": "center",
    "sso:AssociateProfile": "center",
    "sso:PutPermissionsBoundaryToPermissionSet": "center",
    "sso:PutPermissionsPolicy": "center",
    "sso:UpdateDirectoryAssociation": "center",
}


class SetGoing:
    """What was set going in all accounts of a case, and what acted later that it may be.

    Attributes:
        calls: the calls that set something going, as events.

    Args:
        case: to ask; once only where nothing was set going.
    """

    def __init__(self, case: Asks) -> None:
        rows = case.query("untraced_calls", calls=tuple(_GOING)).rows
        # The instances that a command names are followed.
        calls = [row for row in rows if not (row["eventName"] == "SendCommand" and row["tells"])]
        #: What wrote, by its kind.
        self._wrote: dict[str, list[of.UntracedWriters]] = {}
        for one in case.query("untraced_writers").rows if calls else ():
            self._wrote.setdefault(one["kind"], []).append(one)
        self._roles = ServiceRoles(case)
        self.calls: list[of.UntracedCalls | of.ServiceRoleCalls] = [*calls, *self._roles.calls]
        by_service = any(_kind(row) == "started" for row in calls)
        #: By what they started: one has a start, seldom more.
        self._started: dict[str | None, list[of.ServiceStartedInstances]] = {}
        for start in case.query("service_started_instances").rows if by_service else ():
            self._started.setdefault(start["instance"], []).append(start)

    def unfollowed(self, calls: Iterable[of.UntracedCalls | of.ServiceRoleCalls]) -> Iterator[str]:
        """What may be missing of what some of the calls set going, in words; each kind of call once."""
        asked = list(calls)
        yield from self._machines(row for row in asked if "function" not in row)
        by_role = [row for row in asked if "function" in row]
        yield from self._roles.unfollowed(cast("list[of.ServiceRoleCalls]", by_role))

    def _machines(self, calls: Iterable[of.UntracedCalls]) -> Iterator[str]:
        told: set[str] = set()
        # What a call may have reached, the first of its kind in an account and Region may have, too.
        first = {
            (call_of(row), _kind(row), row["account_id"], row["awsRegion"]): row for row in reversed(_timed(calls))
        }
        for row in reversed(first.values()):
            call = call_of(row)
            if call in told:
                continue
            names = sorted(
                {
                    candidate["session"] or "unnamed"
                    for candidate in self._candidates(row)
                    if self._may_be(row, candidate)
                }
            )
            if not names:
                continue
            told.add(call)
            yield (
                f"whether {some(names)} acted for root: {call} at {at(row['eventTime'])} does not show what it reached"
            )

    def _candidates(self, call: of.UntracedCalls) -> list[of.UntracedWriters]:
        """Machines and sessions that wrote, of the kind and in the account that a call reaches."""
        kind = _kind(call)
        if kind in ("center", "nameless"):  # it reaches into all accounts of the organization
            return [row for one in sorted({"nameless", kind}) for row in self._wrote.get(one, ())]
        writers = self._wrote.get("instance" if kind == "started" else kind, [])
        return [writer for writer in writers if _may_be_of(writer, call["account_id"])]

    def _may_be(self, call: of.UntracedCalls, one: of.UntracedWriters) -> bool:
        """Whether one of the candidates may be what a call set going."""
        since, last = call["eventTime"], one["last_time"]
        if since is not None and last is not None and last < since:
            return False
        if _kind(call) == "started":
            return any(_may_start(call, row) for row in self._started.get(one["session"], ()))
        return True


def _may_be_of(row: of.OfAccount, account_id: str | None) -> bool:
    """Whether a row may be of an account: it is, or one of the two is not known."""
    return account_id is None or row["account_id"] in (None, account_id)


def _timed(calls: Iterable[of.UntracedCalls]) -> list[of.UntracedCalls]:
    """The calls in order of time; what has none may have been before all others."""
    return sorted(calls, key=lambda row: (row["eventTime"] is not None, sortable(row["eventTime"])))


def _may_start(call: of.UntracedCalls, start: of.ServiceStartedInstances) -> bool:
    """Whether an instance was started for what a call set going; another group's tag says that it was not."""
    since, moment = call["eventTime"], start["eventTime"]
    return (
        (start["account_id"], start["awsRegion"]) == (call["account_id"], call["awsRegion"])
        and (since is None or moment is None or moment >= since)
        and not (start["group_name"] and call["eventSource"] == "autoscaling.amazonaws.com")
    )


def _kind(call: of.UntracedCalls) -> str:
    """What acts later; a call that names a user reaches that one, whom its ID tells where the record has it."""
    kind = _GOING[call_of(call)]
    return "center" if kind == "nameless" and not call["tells"] else kind


class ServiceRoles:
    """What root told such services in all accounts of a case, and the roles that may have done it.

    Attributes:
        calls: what was told to them, as events with ``function``, the function that the call invoked.

    Args:
        case: to ask; once only where they were told nothing.
    """

    def __init__(self, case: Asks) -> None:
        self.calls = case.query("service_role_calls").rows
        functions = tuple(sorted({row["function"] for row in self.calls if row["function"]}))
        self._wrote = case.query("service_role_writers", functions=functions).rows if self.calls else []

    def unfollowed(self, calls: Iterable[of.ServiceRoleCalls]) -> Iterator[str]:
        """What may be missing of what some of the calls told a service to do, in words; each service once."""
        told: set[str] = set()
        for row in sorted(calls, key=lambda row: (row["eventTime"] is not None, sortable(row["eventTime"]))):
            service = service_of(row["eventSource"])
            if service in told:
                continue
            near = [one for one in self._wrote if one["of_stack_sets"] or _may_be_of(one, row["account_id"])]
            names = sorted({one["role"].partition(":")[2] for one in near if _may_be(row, one)})
            if not names:
                continue
            told.add(service)
            yield (
                f"whether role {some(names)} acted for root:"
                f" {service}:{row['eventName']} at {at(row['eventTime'])} does not show what followed"
            )


def _may_be(call: of.ServiceRoleCalls, one: of.ServiceRoleWriters) -> bool:
    """Whether sessions of a role that wrote may have done what a service was told."""
    if _before(one["wrote_time"], call):
        return False
    if call["roles"] and one["role"].partition(":")[2] not in call["roles"]:
        return False
    if one["of_stack_sets"]:  # it reaches into all accounts of the organization
        return "Stack" in (call["eventName"] or "")
    if call["function"]:  # a function's session serves many calls
        return one["function"] == call["function"]
    if not one["told"] and one["of_stacks"] != (call["eventSource"] == "cloudformation.amazonaws.com"):
        return False
    known = one["service"] in (call["eventSource"], None) if one["told"] else True
    return known and not _before(one["begun_time"], call)


def _before(moment: datetime | None, call: of.ServiceRoleCalls) -> bool:
    return moment is not None and call["eventTime"] is not None and moment < call["eventTime"]
