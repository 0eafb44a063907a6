"""The takeover, first part: recovery of the password, sign-in, look round, own keys, swapped MFA."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tools.sample_incident import people, rooted
from tools.sample_incident.ids import at, later, stamp
from tools.sample_incident.people import EAST1, EAST2, PROD

if TYPE_CHECKING:
    from datetime import datetime

    from tools.sample_incident.plan import Actor, Plan, Planned

NIGHT = 5
SIGN_IN = at(NIGHT, "01:21:53")
SCP = "with an explicit deny in a service control policy"
HOSTILE_AGENT = "<script>alert(1)</script>"
MFA_DEVICE = f"arn:aws:iam::{PROD}:mfa/root-account-mfa-device"
_STATE = "hashArgsFromTB_us-east-1_5d0c1f0e9a7b3c42"
_GUESS_STATE = "hashArgsFromTB_us-east-1_77aa04c1be21f9d0"


@dataclass
class Takeover:
    """What the intruder holds, for the parts of the story that follow."""

    plan: Plan
    session: rooted.ConsoleSession
    root_key: str
    user_key: str
    marks: dict[str, Planned] = field(default_factory=dict)

    def console(self, clock: str, region: str, call: str, **fields: Any) -> Planned:
        """Plan one console call of the first session."""
        when = at(NIGHT, clock)
        return self.plan.act(self.session.at(when), when, region, call, **fields)

    def key(self, clock: str, region: str, call: str, agent: str = people.INTRUDER_CLI, **fields: Any) -> Planned:
        """Plan one call with root's long-term key from the intruder's server."""
        actor = rooted.key_holder(PROD, self.root_key, people.INTRUDER_SERVER, agent)
        return self.plan.act(actor, at(NIGHT, clock), region, call, **fields)


def begin(plan: Plan) -> Takeover:
    """Plan the part up to the swapped MFA device and return what later parts need."""
    who = (people.INTRUDER_BROWSER, people.CHROME)
    session = rooted.ConsoleSession.open(plan.ids, PROD, SIGN_IN, who, mfa=False, key_count=5)
    story = Takeover(plan, session, plan.ids.access_key("AKIA"), plan.ids.access_key("AKIA"))
    _recover_password(plan)
    _look_round(story)
    _open_billing(story)
    _make_root_key(story)
    _try_root_key(story)
    _swap_mfa(story)
    return story


def login(plan: Plan, actor: Actor, when: datetime, region: str, state: str, **fields: Any) -> Planned:
    """Plan a root ConsoleLogin; `result` is Success or Failure, `mfa` an ARN or None."""
    result, mfa = fields.pop("result"), fields.pop("mfa", None)
    extra = {
        "LoginTo": f"https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&state={state}",
        "MobileVersion": "No",
    }
    extra |= {"MFAIdentifier": mfa, "MFAUsed": "Yes"} if mfa else {"MFAUsed": "No"}
    error = (None, "Failed authentication") if result == "Failure" else None
    if result == "Success":
        actor = replace(actor, session=f"console_sign_in/{stamp(when)}")
    return plan.sign_in(
        actor,
        when,
        region,
        "ConsoleLogin",
        response={"ConsoleLogin": result},
        error=error,
        extra=extra,
        **fields,
    )


def _recover_password(plan: Plan) -> None:
    intruder = rooted.visitor(PROD, people.INTRUDER_BROWSER, people.CHROME)
    scanner = rooted.visitor(PROD, "203.0.113.91", "@SUM(1+1)*cmd|' /C calc'!A0")
    login(
        plan,
        scanner,
        at(3, "22:41:09"),
        EAST1,
        _GUESS_STATE,
        result="Failure",
        note="Failed root sign-in the evening of 3 August, from another address",
    )
    failed = {"result": "Failure", "note": "Failed root sign-in: guessed password"}
    for clock, region in (("01:03:41", EAST1), ("01:04:20", EAST2), ("01:05:02", EAST2)):
        login(plan, intruder, at(NIGHT, clock), region, _GUESS_STATE, **failed)
    for clock, name, note in (
        ("01:12:08", "PasswordRecoveryRequested", "Password recovery started"),
        ("01:19:47", "PasswordRecoveryCompleted", "New root password set"),
    ):
        plan.sign_in(intruder, at(NIGHT, clock), EAST1, name, response={name: "Success"}, note=note)
    mistyped = failed | {"note": "Failed root sign-in: new password mistyped"}
    login(plan, intruder, at(NIGHT, "01:21:10"), EAST2, _STATE, **mistyped)
    done = {"result": "Success", "note": "Root sign-in without MFA from a new network"}
    login(plan, intruder, SIGN_IN, EAST2, _STATE, **done)


_PAGES: tuple[tuple[str, Any], ...] = (
    ("iam:GetAccountSummary", None),
    ("iam:ListAccountAliases", None),
    ("health:DescribeEventAggregates", {"aggregateField": "eventTypeCategory"}),
    ("ec2:DescribeRegions", {"regionSet": {}}),
    ("ce:GetCostAndUsage", {"Granularity": "DAILY", "Metrics": ["UnblendedCost"]}),
    ("iam:ListUsers", {"maxItems": 1000}),
    ("iam:ListRoles", {"maxItems": 1000}),
    ("iam:ListMFADevices", None),
    ("iam:ListAccessKeys", None),
    ("iam:GetAccessKeyLastUsed", {"accessKeyId": "AKIAQ3EXAMPLEEXAMPLE"}),
    ("organizations:DescribeOrganization", None),
    ("ec2:DescribeInstances", {"instancesSet": {}, "filterSet": {}}),
    ("ec2:DescribeVolumes", {"volumeSet": {}, "filterSet": {}}),
    ("ec2:DescribeSnapshots", {"ownersSet": {"items": [{"owner": "self"}]}, "filterSet": {}}),
    ("ec2:DescribeAccountAttributes", {"accountAttributeNameSet": {}, "filterSet": {}}),
    ("s3:ListBuckets", {"Host": "s3.amazonaws.com"}),
    ("s3:GetBucketPolicyStatus", {"bucketName": "acme-invoices-prod", "policyStatus": ""}),
    ("s3:GetBucketVersioning", {"bucketName": people.LOG_BUCKET, "versioning": ""}),
    ("cloudtrail:DescribeTrails", {"trailNameList": [], "includeShadowTrails": True}),
    ("cloudtrail:GetTrailStatus", {"name": people.MAIN_TRAIL}),
    ("cloudtrail:LookupEvents", {"maxResults": 50}),
    ("guardduty:ListDetectors", {"maxResults": "50"}),
    ("config:DescribeConfigurationRecorders", None),
    ("secretsmanager:ListSecrets", {"maxResults": 100}),
    ("ssm:DescribeParameters", {"maxResults": 50}),
    ("kms:ListKeys", {"limit": 1000}),
    ("rds:DescribeDBInstances", {"maxRecords": 100}),
    ("lambda:ListFunctions20150331", {"maxItems": 50}),
    ("account:GetContactInformation", None),
    ("account:GetAlternateContact", {"alternateContactType": "SECURITY"}),
    ("budgets:DescribeBudgets", {"accountId": PROD}),
    ("support:DescribeSeverityLevels", {"language": "en"}),
)
_CONSOLE_AGENTS = (
    None,
    "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.750 Linux/5.10.223 OpenJDK_64-Bit_Server_VM]",
    "AWS CloudWatch Console",
    "[AWSCloudTrail, aws-internal/3]",
)


def _look_round(story: Takeover) -> None:
    """Plan the burst of reads behind the first console pages; some are forbidden by the organization."""
    plan, when = story.plan, later(SIGN_IN, 6)
    for number in range(64):
        when = later(when, plan.ids.random.choice((0, 1, 2, 4, 9, 21)))
        call, request = _PAGES[number % len(_PAGES)]
        service = call.split(":")[0]
        denied = (service in ("guardduty", "budgets")) and number > 30
        agent = _CONSOLE_AGENTS[plan.ids.random.choice((0, 0, 0, 0, 1, 2, 3))]
        if number == 40:
            agent = HOSTILE_AGENT
        plan.act(
            story.session.at(when, agent),
            when,
            EAST1,
            call,
            request=request,
            error=_denied(call) if denied else None,
            note="Hostile user agent in a root call" if number == 40 else "",
        )


def _denied(call: str) -> tuple[str, str]:
    """Return how a service control policy refuses root of a member account."""
    return (
        "AccessDenied",
        f"User: arn:aws:iam::{PROD}:root is not authorized to perform: {call} {SCP}",
    )


def _open_billing(story: Takeover) -> None:
    """Plan billing pages: AwsConsoleAction with the session's key but without its context."""
    names = (
        "GetTotalAmountForForecast",
        "GetBillsForBillingPeriod",
        "GetPaymentInstruments",
        "GetCommercialInvoice",
    )
    for number, name in enumerate(names):
        address = "100.127.8.67" if number == 3 else None
        story.plan.act(
            story.session.billing(address),
            at(NIGHT, f"01:29:{10 + 7 * number}"),
            EAST1,
            f"billingconsole:{name}",
            event_type="AwsConsoleAction",
            version="1.08",
            read_only=None if number == 1 else True,
        )


def _make_root_key(story: Takeover) -> None:
    key = {"accessKeyId": story.root_key, "status": "Active", "createDate": "Aug 5, 2026, 1:34:26 AM"}
    story.marks["root_key"] = story.console(
        "01:34:26",
        EAST1,
        "iam:CreateAccessKey",
        read_only=False,
        response={"accessKey": key},
        note="Root made a long-term access key for itself",
    )


def _try_root_key(story: Takeover) -> None:
    story.key("01:36:02", EAST1, "sts:GetCallerIdentity", note="Root's new key used from another address")
    calls = (
        "s3:ListBuckets",
        "iam:GetAccountAuthorizationDetails",
        "ec2:DescribeInstances",
        "ec2:DescribeSnapshots",
        "iam:ListUsers",
        "secretsmanager:ListSecrets",
        "lambda:ListFunctions20150331",
        "rds:DescribeDBSnapshots",
        "dynamodb:ListTables",
    )
    for number, call in enumerate(calls):
        story.key(f"01:36:{20 + 4 * number}", EAST1, call)
    story.key(
        "01:38:10",
        EAST1,
        "secretsmanager:GetSecretValue",
        request={"secretId": "prod/checkout/db"},
        note="Root's key read a secret",
    )
    story.key(
        "01:38:31",
        EAST1,
        "ssm:GetParameter",
        request={"name": "=HYPERLINK", "withDecryption": True},
        error=(
            "ValidationException",
            '=HYPERLINK("http://198.51.100.23/p","open") is not a valid parameter name',
        ),
        note="Error message shaped as a spreadsheet formula",
    )
    story.key("01:39:02", EAST1, "ses:GetSendQuota", agent="+cmd|' /C calc'!A0")


def _swap_mfa(story: Takeover) -> None:
    name, serial = {"userName": "AWS ROOT USER"}, {"serialNumber": MFA_DEVICE}
    who = story.session.at(at(NIGHT, "01:41:15"), user_name="AWS ROOT USER")
    steps: tuple[tuple[str, str, Any, Any, str], ...] = (
        ("01:41:15", "DeactivateMFADevice", name | serial, None, "Owner's MFA device removed from root"),
        ("01:42:03", "DeleteVirtualMFADevice", serial, None, ""),
        (
            "01:42:40",
            "CreateVirtualMFADevice",
            {"path": "/", "virtualMFADeviceName": "root-account-mfa-device"},
            {"virtualMFADevice": serial},
            "",
        ),
        ("01:43:31", "EnableMFADevice", name | serial, None, "Unauthorized MFA device bound to root"),
    )
    for clock, call, request, response, note in steps:
        story.plan.act(
            who,
            at(NIGHT, clock),
            EAST1,
            f"iam:{call}",
            read_only=False,
            request=request,
            response=response,
            note=note,
        )
