"""The owners' work on their trails: validation switched on, a second trail for a while."""

from __future__ import annotations

from typing import Any

from tools.sample_incident import identities, people
from tools.sample_incident.delivery import SECOND_BEGINS, SECOND_ENDS
from tools.sample_incident.ids import at, later, stamp
from tools.sample_incident.people import EAST1, LOG_BUCKET, MAIN_TRAIL, PROD, SECOND_TRAIL
from tools.sample_incident.plan import Actor, Plan


def add_trails(plan: Plan) -> None:
    """Plan the calls that explain where digest chains and the second trail begin and end."""
    name, role, _ = people.SECURITY_ENGINEER
    created = at(4, "08:30:00")
    identity = identities.assumed_role(PROD, role, name, plan.ids.access_key(), stamp(created), True)
    actor = Actor(PROD, identity, people.OFFICE, people.TERRAFORM)
    steps: tuple[tuple[Any, str, dict[str, Any]], ...] = (
        (at(4, "08:44:10"), "UpdateTrail", {"name": MAIN_TRAIL, "enableLogFileValidation": True}),
        (
            later(SECOND_BEGINS, -20),
            "CreateTrail",
            {
                "name": SECOND_TRAIL,
                "s3BucketName": LOG_BUCKET,
                "isMultiRegionTrail": False,
                "includeGlobalServiceEvents": True,
                "enableLogFileValidation": True,
            },
        ),
        (SECOND_BEGINS, "StartLogging", {"name": SECOND_TRAIL}),
        (later(SECOND_ENDS, -1), "StopLogging", {"name": SECOND_TRAIL}),
    )
    for when, call, request in steps:
        plan.act(actor, when, EAST1, f"cloudtrail:{call}", read_only=False, request=request)
