"""The takeover, last part: the account taken over, the trail stopped, the owners' answer."""

from __future__ import annotations

from typing import Any

from tools.sample_incident import identities, people, rooted
from tools.sample_incident.ids import at
from tools.sample_incident.people import EAST1, FRANKFURT, LOG_BUCKET, PROD, WEST2
from tools.sample_incident.plan import Actor, Plan, Planned
from tools.sample_incident.story import MFA_DEVICE, NIGHT, SCP, Takeover, begin, login
from tools.sample_incident.story_harm import harm
from tools.sample_incident.story_spread import USER, spread

STOPPED = at(NIGHT, "04:58:30")
RESTARTED = at(NIGHT, "08:05:12")
_STATE = "hashArgsFromTB_us-west-2_0c9be1777a61d5e4"
_CONTACT = {"alternateContactType": "SECURITY", "emailAddress": "HIDDEN_DUE_TO_SECURITY_REASONS"}
_TRAIL = {"name": f"arn:aws:cloudtrail:{EAST1}:{PROD}:trail/{people.MAIN_TRAIL}"}
# Time, call, request (None: refused), note.
_LASTING: tuple[tuple[str, str, Any, str], ...] = (
    ("04:44:12", "account:PutAlternateContact", _CONTACT, "Security contact replaced"),
    ("04:51:02", "guardduty:DeleteDetector", None, ""),
    ("04:52:16", "organizations:LeaveOrganization", None, "Refused by service control policy"),
    ("04:53:01", "config:StopConfigurationRecorder", None, ""),
    ("04:58:30", "cloudtrail:StopLogging", _TRAIL, "Main trail stopped; only the second trail goes on"),
)


def add_story(plan: Plan) -> dict[str, Planned]:
    """Plan the whole takeover; return the events that the damage to the evidence is about."""
    story = begin(plan)
    spread(story)
    harm(story)
    _take_account(story)
    _after_silence(story)
    _respond(story)
    _refuse(story)
    return story.marks


def _take_account(story: Takeover) -> None:
    """Plan the second sign-in, with the unauthorized MFA device, and the lasting changes."""
    plan, started = story.plan, at(NIGHT, "04:40:26")
    who = (people.INTRUDER_BROWSER_LATE, people.FIREFOX)
    fields = {"result": "Success", "mfa": MFA_DEVICE}
    note = "Second root sign-in, with the unauthorized MFA device"
    login(plan, rooted.visitor(PROD, *who), started, WEST2, _STATE, **fields, note=note)
    session = rooted.ConsoleSession.open(plan.ids, PROD, started, who, mfa=True, key_count=2)
    done = at(NIGHT, "04:47:33")
    response, note = {"EmailUpdated": "Success"}, "Root e-mail address changed"
    plan.sign_in(session.at(done), done, EAST1, "EmailUpdated", response=response, note=note)
    for clock, call, request, note in _LASTING:
        when = at(NIGHT, clock)
        error = None if request else _refused(call)
        plan.act(session.at(when), when, EAST1, call, read_only=False, request=request, error=error, note=note)


def _refused(call: str) -> tuple[str, str]:
    code = "AccessDeniedException" if call.startswith("guardduty") else "AccessDenied"
    return code, f"User: arn:aws:iam::{PROD}:root is not authorized to perform: {call} {SCP}"


def _after_silence(story: Takeover) -> None:
    """Plan root's work that only the second trail saw."""
    story.key("05:03:20", EAST1, "cloudtrail:GetTrailStatus", request={"name": people.MAIN_TRAIL})
    story.key(
        "05:06:48",
        EAST1,
        "s3:PutBucketLifecycle",
        read_only=False,
        request={
            "bucketName": LOG_BUCKET,
            "lifecycle": "",
            "LifecycleConfiguration": {
                "Rule": {"ID": "tidy", "Status": "Enabled", "Prefix": "", "Expiration": {"Days": 1}}
            },
        },
        note="Lifecycle rule that would empty the log bucket (second trail only)",
    )
    story.key(
        "05:09:15",
        EAST1,
        "ec2:DeleteFlowLogs",
        read_only=False,
        request={"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": "fl-0a1b2c3d4e5f67890"}}},
    )
    for number in range(4):
        story.key(f"05:1{number}:40", EAST1, "s3:ListBuckets")


def _respond(story: Takeover) -> None:
    """Plan the answer: logging on again, keys off, instances ended, root fenced in by a policy."""
    plan, (name, role, _) = story.plan, people.SECURITY_ENGINEER
    identity = identities.assumed_role(PROD, role, name, plan.ids.access_key(), "2026-08-05T07:41:00Z", True)
    engineer = Actor(PROD, identity, people.OFFICE, people.CLI)
    for number in range(6):
        when = at(NIGHT, f"07:4{number + 3}:10")
        plan.act(engineer, when, EAST1, "cloudtrail:LookupEvents", request={"maxResults": 50})
    started = story.marks["miners"].record["responseElements"]["instancesSet"]["items"]
    miners = {"instancesSet": {"items": [{"instanceId": item["instanceId"]} for item in started]}}
    user = {"userName": USER}
    key = user | {"accessKeyId": story.user_key, "status": "Inactive"}
    steps: tuple[tuple[str, str, str, Any, str], ...] = (
        (
            "08:05:12",
            EAST1,
            "cloudtrail:StartLogging",
            _TRAIL,
            "Owners start the main trail again (no root event)",
        ),
        ("08:07:40", EAST1, "iam:UpdateAccessKey", key, ""),
        ("08:08:12", EAST1, "iam:DeleteLoginProfile", user, ""),
        (
            "08:14:55",
            FRANKFURT,
            "ec2:TerminateInstances",
            miners,
            "Owners end the mining instances (no root event)",
        ),
    )
    for clock, region, call, request, note in steps:
        plan.act(engineer, at(NIGHT, clock), region, call, read_only=False, request=request, note=note)


def _refuse(story: Takeover) -> None:
    """Plan the last tries with root's key, after the owners' policy."""
    when, call, note = "09:12:44", "sts:GetSessionToken", "Root's key refused after the owners' policy"
    story.key(when, EAST1, call, read_only=False, error=_refused(call), note=note)
    for clock, call in (("09:14:02", "s3:ListBuckets"), ("09:14:20", "iam:ListUsers")):
        story.key(clock, EAST1, call, error=_refused(call))
