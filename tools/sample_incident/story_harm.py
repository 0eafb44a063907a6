"""The takeover, third part: data given away and a Region filled with miners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.sample_incident.people import EAST1, FRANKFURT, PROD, STRANGER
from tools.sample_incident.story import SCP, Takeover

if TYPE_CHECKING:
    from tools.sample_incident.identities import Record
    from tools.sample_incident.plan import Planned

_FORBIDDEN = (
    "Client.UnauthorizedOperation",
    (
        f"You are not authorized to perform this operation. User: arn:aws:iam::{PROD}:root is not authorized "
        f"to perform: ec2:RunInstances {SCP}"
    ),
)
_LIMITED = (
    "Client.InstanceLimitExceeded",
    "You have requested more instances (64) than your current instance limit of 20 allows.",
)


def harm(story: Takeover) -> None:
    """Plan the theft of a snapshot and the mining."""
    _share_snapshot(story)
    _mine(story)


def _share_snapshot(story: Takeover) -> None:
    share = {
        "attributeType": "CREATE_VOLUME_PERMISSION",
        "createVolumePermission": {"add": {"items": [{"userId": STRANGER}]}},
    }
    story.key(
        "02:46:12",
        EAST1,
        "ec2:CreateSnapshot",
        read_only=False,
        request={"volumeId": "vol-0123abcd4567ef890", "description": "nightly"},
        response={"snapshotId": "snap-0fedcba9876543210", "status": "pending"},
    )
    story.key(
        "02:47:30",
        EAST1,
        "ec2:ModifySnapshotAttribute",
        read_only=False,
        request={"snapshotId": "snap-0aaaabbbbccccdddd"} | share,
        error=("Client.InvalidParameter", "Snapshot is encrypted with the default key and cannot be shared"),
    )
    story.marks["snapshot"] = story.key(
        "02:48:51",
        EAST1,
        "ec2:ModifySnapshotAttribute",
        read_only=False,
        request={"snapshotId": "snap-0fedcba9876543210"} | share,
        response={"requestId": story.plan.ids.uuid(), "_return": True},
        note=f"Snapshot of the order database shared with {STRANGER}",
    )


def _mine(story: Takeover) -> None:
    """Plan the use of a Region in which the company runs nothing."""
    for number, name in enumerate(("Vpcs", "Subnets", "Images", "InstanceTypes", "AvailabilityZones")):
        note = "First root call in eu-central-1, a Region not in use" if number == 0 else ""
        story.key(f"03:05:{10 + 6 * number}", FRANKFURT, f"ec2:Describe{name}", note=note)
    group = {"groupId": "sg-0a1b2c3d4e5f60718"}
    opened = {"items": [{"ipProtocol": "-1", "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}
    quota = {"serviceCode": "ec2", "quotaCode": "L-1216C47A", "desiredValue": 512}
    steps: tuple[tuple[str, str, Record, Record | None], ...] = (
        ("03:06:02", "ec2:CreateKeyPair", {"keyName": "x"}, None),
        ("03:06:20", "ec2:CreateSecurityGroup", {"groupName": "x", "groupDescription": "x"}, group),
        ("03:06:31", "ec2:AuthorizeSecurityGroupIngress", group | {"ipPermissions": opened}, None),
        ("03:12:18", "servicequotas:RequestServiceQuotaIncrease", quota, None),
    )
    for clock, call, request, response in steps:
        story.key(clock, FRANKFURT, call, read_only=False, request=request, response=response)
    _run(story, "03:07:15", "p4d.24xlarge", 8, _FORBIDDEN, "Denied try to start GPU instances")
    _run(story, "03:08:02", "c5.4xlarge", 64, _LIMITED, "")
    note = "Twenty instances started for mining"
    story.marks["miners"] = _run(story, "03:08:40", "c5.4xlarge", 20, None, note)
    for minute in (20, 35, 50):
        story.key(f"03:{minute}:04", FRANKFURT, "ec2:DescribeInstances")


def _run(story: Takeover, clock: str, kind: str, count: int, error: tuple[str, str] | None, note: str) -> Planned:
    instances = [
        {
            "instanceId": f"i-0{story.plan.ids.hexes(16)}",
            "instanceType": kind,
            "instanceState": {"code": 0, "name": "pending"},
        }
        for _ in range(count)
    ]
    return story.key(
        clock,
        FRANKFURT,
        "ec2:RunInstances",
        read_only=False,
        error=error,
        note=note,
        request={
            "instancesSet": {
                "items": [{"imageId": "ami-0deadbeef0deadbee", "minCount": count, "maxCount": count, "keyName": "x"}]
            },
            "instanceType": kind,
            "userData": "<sensitiveDataRemoved>",
        },
        response=None if error else {"reservationId": "r-0a0a0a0a0a0a0a0a0", "instancesSet": {"items": instances}},
    )
