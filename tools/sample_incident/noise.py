"""service activity attributed to root: every kind that has been reported."""

from __future__ import annotations

from typing import Any

from tools.sample_incident import identities
from tools.sample_incident.ids import at
from tools.sample_incident.people import DATA, EAST1, EAST2, PROD, SANDBOX, WEST2
from tools.sample_incident.plan import Actor, Plan
from tools.sample_incident.templates import Place

_PLACES = ((PROD, EAST1), (PROD, EAST1), (DATA, EAST2), (SANDBOX, WEST2))
_PARAMETER = ("Client.InvalidParameterValue", "Network interface is currently in use and is not available.")

# Service, event, read only, request, error.
_SERVICE_CALLS: tuple[tuple[str, str, bool, Any, tuple[str, str] | None], ...] = (
    (
        "elasticloadbalancing",
        "ec2:DeleteNetworkInterface",
        False,
        {"networkInterfaceId": "{interface}"},
        _PARAMETER,
    ),
    (
        "elasticloadbalancing",
        "ec2:CreateNetworkInterface",
        False,
        {"subnetId": "{subnet}", "groupSet": {}},
        None,
    ),
    ("elasticloadbalancing", "ec2:DescribeAccountAttributes", True, {"accountAttributeNameSet": {}}, None),
    (
        "autoscaling",
        "ec2:TerminateInstances",
        False,
        {"instancesSet": {"items": [{"instanceId": "{instance}"}]}},
        None,
    ),
    ("autoscaling", "ec2:DescribeInstanceStatus", True, {"includeAllInstances": True}, None),
    ("autoscaling", "elasticloadbalancing:DescribeTargetHealth", True, {"targetGroupArn": "{hex16}"}, None),
    ("support", "ec2:DescribeVolumes", True, {"volumeSet": {}}, None),
    ("trustedadvisor", "s3:GetBucketAcl", True, {"bucketName": "{bucket}", "acl": ""}, None),
    ("trustedadvisor", "rds:DescribeDBInstances", True, {"maxRecords": 100}, None),
    ("trustedadvisor", "iam:GetAccountSummary", True, None, None),
    (
        "trustedadvisor",
        "cloudtrail:DescribeTrails",
        True,
        {"trailNameList": []},
        ("AccessDenied", "Access Denied"),
    ),
    ("health", "ec2:DescribeRegions", True, {"regionSet": {}}, None),
    ("backup", "ec2:CreateTags", False, {"resourcesSet": {"items": [{"resourceId": "{snapshot}"}]}}, None),
    ("config", "s3:GetBucketVersioning", True, {"bucketName": "{bucket}", "versioning": ""}, None),
    ("resource-explorer-2", "tagging:GetResources", True, {"resourcesPerPage": 100}, None),
)


def add_noise(plan: Plan) -> None:
    """Plan all root events in which no person acted."""
    _service_rounds(plan)
    _linked_roles(plan)
    _marked_internal(plan)
    _service_events(plan)
    _unmarked(plan)


def _for_service(account: str, principal: str) -> Actor:
    identity = identities.root_for_service(account, principal)
    return Actor(account, identity, principal, principal, origin="service")


def _service_rounds(plan: Plan) -> None:
    """Plan the rounds of services: invokedBy, source address and user agent are one name."""
    rng = plan.ids.random
    for day in range(3, 8):
        for _ in range(26):
            (account, region), call = rng.choice(_PLACES), rng.choice(_SERVICE_CALLS)
            service, name, read_only, request, error = call
            region = EAST1 if name.startswith("iam:") else region
            when = at(day, f"{rng.randrange(24):02}:{rng.choice((5, 12, 31))}:{rng.randrange(60):02}")
            plan.act(
                _for_service(account, f"{service}.amazonaws.com"),
                when,
                region,
                name,
                read_only=read_only,
                request=Place(plan.ids, account, region).fill(request),
                error=error,
                version="1.08",
            )


def _linked_roles(plan: Plan) -> None:
    for account, service, clock in (
        (PROD, "elasticloadbalancing", "11:20:30"),
        (DATA, "backup", "12:04:11"),
        (SANDBOX, "resource-explorer-2", "09:44:00"),
    ):
        principal = f"{service}.amazonaws.com"
        plan.act(
            _for_service(account, principal),
            at(4, clock),
            EAST1,
            "iam:CreateServiceLinkedRole",
            read_only=False,
            request={"aWSServiceName": principal},
            response={"role": {"roleName": "AWSServiceRoleForSample"}},
        )


def _marked_internal(plan: Plan) -> None:
    """Plan two calls whose invokedBy is no host name."""
    identity = identities.root_for_service(PROD, "AWS Internal", "2026-08-06T03:00:00Z")
    actor = Actor(PROD, identity, "AWS Internal", "AWS Internal", origin="service")
    for clock in ("03:00:41", "03:00:58"):
        plan.act(actor, at(6, clock), EAST1, "kms:CreateGrant", read_only=False)


def _service_events(plan: Plan) -> None:
    """Plan service events that carry the type Root, one of them with invokedBy too."""
    plain = identities.root(PROD, None)
    marked = identities.root_for_service(SANDBOX, "AWS Internal")
    for account, identity, day, name in (
        (PROD, plain, 3, "ec2:SharedSnapshotVolumeCreated"),
        (PROD, plain, 6, "ec2:SharedSnapshotVolumeCreated"),
        (SANDBOX, marked, 7, "autoscaling:InstanceRefreshCompleted"),
        (DATA, identities.root(DATA, None), 7, "kms:RotateKey"),
    ):
        actor = Actor(account, identity, "AWS Internal", "AWS Internal", origin="service_event")
        plan.act(
            actor,
            at(day, "16:20:09"),
            EAST1,
            name,
            read_only=False,
            event_type="AwsServiceEvent",
            more={"serviceEventDetails": {"state": "done"}},
        )


def _unmarked(plan: Plan) -> None:
    """Plan calls without invokedBy whose source is AWS: the CIS filter takes them for people."""
    for account, source, clock, call in (
        (PROD, "AWS Internal", "04:02:10", "ec2:DescribeInstances"),
        (PROD, "AWS Internal", "04:02:12", "ec2:DescribeVolumes"),
        (PROD, "support.amazonaws.com", "13:22:45", "ec2:DescribeInstances"),
        (PROD, "support.amazonaws.com", "13:22:51", "rds:DescribeDBInstances"),
        (DATA, "AWS Internal/7", "04:10:00", "s3:GetBucketVersioning"),
        (DATA, "cloudformation.amazonaws.com", "18:41:06", "s3:GetBucketAcl"),
        (SANDBOX, "autoscaling.amazonaws.com", "19:00:27", "ec2:TerminateInstances"),
    ):
        agent = "AWS Internal" if source.startswith("AWS") else source
        identity = identities.root(account, None)
        actor = Actor(account, identity, source, agent, origin="aws_internal", cis_match=True)
        region = EAST1 if account == PROD else EAST2 if account == DATA else WEST2
        plan.act(
            actor,
            at(6, clock),
            region,
            call,
            read_only=not call.endswith("TerminateInstances"),
            version="1.08",
        )
