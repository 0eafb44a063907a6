"""Background work of programs and AWS services: around the clock, on the hour and half hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.sample_incident import catalogue as reads
from tools.sample_incident import identities, people
from tools.sample_incident.catalogue_data import DATA_CALLS
from tools.sample_incident.ids import at, later, stamp
from tools.sample_incident.ordinary import DAYS, burst, perform
from tools.sample_incident.people import DATA, EAST1, EAST2, PROD, SANDBOX, WEST2
from tools.sample_incident.plan import Actor, Plan
from tools.sample_incident.templates import Call, Place

if TYPE_CHECKING:
    from datetime import datetime

_HEARTBEAT = Call(
    "ssm:UpdateInstanceInformation",
    False,
    {
        "instanceId": "{instance4}",
        "agentVersion": "3.3.2656.0",
        "agentStatus": "Active",
        "platformType": "Linux",
        "platformName": "Amazon Linux",
        "iPAddress": "10.0.1.{octet}",
        "computerName": "ip-10-0-1-{octet}.ec2.internal",
        "availabilityZone": "{region}a",
        "ssmConnectionChannel": "ssmmessages",
    },
)
_DATA_KEY = Call(
    "kms:GenerateDataKey",
    True,
    {
        "keyId": "{key}",
        "keySpec": "AES_256",
        "encryptionContext": {"aws:s3:arn": "arn:aws:s3:::{bucket}"},
    },
    None,
    [{"accountId": "{account}", "type": "AWS::KMS::Key", "ARN": "{key}"}],
)
_LOG_STREAM = Call(
    "logs:CreateLogStream",
    False,
    {
        "logGroupName": "/aws/lambda/{function}",
        "logStreamName": "2026/08/05/[$LATEST]{hex32}",
    },
)


def add_heartbeats(plan: Plan) -> None:
    """Plan what instances, Lambda functions and encryption leave behind in production each half hour."""
    rng, ids = plan.ids.random, plan.ids
    for day in DAYS:
        for half_hour in range(48):
            start = at(day, f"{half_hour // 2:02}:{half_hour % 2 * 30:02}:04")
            created = stamp(at(day, f"{half_hour // 12 * 6:02}:02:11"))
            instance = f"i-0{'5e4d' * 4}"
            role = identities.instance_role(PROD, "ssm-managed", instance, ids.access_key(), created)
            agent = Actor(PROD, role, rng.choice(people.NAT_GATEWAYS), people.SSM_AGENT)
            burst(plan, agent, start, EAST1, [_HEARTBEAT] * rng.randint(1, 3), 12)
            function = rng.choice(people.FUNCTIONS[PROD])
            session = identities.assumed_role(PROD, "lambda-basic", function, ids.access_key(), created)
            _take_role(plan, later(start, 15), PROD, EAST1, "lambda.amazonaws.com", "lambda-basic")
            code = Actor(PROD, session, rng.choice(people.NAT_GATEWAYS), people.BOTO)
            burst(plan, code, later(start, 20), EAST1, [_LOG_STREAM] * rng.randint(0, 2), 6)
            if half_hour % 4 == 0:
                _through_service(plan, later(start, 40), PROD, EAST1, "s3.amazonaws.com")


def add_jobs(plan: Plan) -> None:
    """Plan the data account's hourly jobs and the monitoring vendor's rounds."""
    rng, ids = plan.ids.random, plan.ids
    vendor = identities.iam_user(PROD, "metrics-exporter", ids.access_key("AKIA"))
    for day in DAYS:
        for hour in range(24):
            start = at(day, f"{hour:02}:10:0{rng.randrange(9)}")
            _take_role(plan, start, DATA, EAST2, "glue.amazonaws.com", "glue-etl")
            created, name = stamp(start), f"jr_{ids.hexes(12)}"
            job = identities.assumed_role(DATA, "glue-etl", name, ids.access_key(), created)
            calls = [rng.choice(DATA_CALLS) for _ in range(rng.randint(3, 7))]
            burst(plan, Actor(DATA, job, "203.0.113.31", people.BOTO), later(start, 5), EAST2, calls, 5)
            region = EAST2 if hour % 3 == 0 else EAST1
            calls = [rng.choice(reads.OPERATIONS_READS[:18]) for _ in range(rng.randint(3, 8))]
            calls += [Call("monitoring:GetMetricData", True, {"metricDataQueries": "HIDDEN"})] * 2
            burst(plan, Actor(PROD, vendor, people.MONITORING, people.SDK_GO), start, region, calls, 3)


def add_recorders(plan: Plan) -> None:
    """Plan the rounds of AWS Config and GuardDuty: large reads through service-linked roles."""
    rng, ids = plan.ids.random, plan.ids
    places = ((PROD, EAST1), (DATA, EAST2), (SANDBOX, WEST2))
    for day in DAYS:
        for hour in (2, 8, 14, 20):
            for account, region in places:
                start = at(day, f"{hour:02}:3{rng.randrange(9)}:17")
                role = "AWSServiceRoleForConfig"
                name = "configLambdaExecution" if rng.random() < 0.3 else "AWSConfig-Describe"
                identity = identities.assumed_role(account, role, name, ids.access_key(), stamp(start))
                identity["invokedBy"] = "config.amazonaws.com"
                actor = Actor(account, identity, "config.amazonaws.com", "config.amazonaws.com")
                calls = [rng.choice(reads.CONFIG_READS) for _ in range(rng.randint(8, 18))]
                burst(plan, actor, start, region, calls, 2)


def add_service_events(plan: Plan) -> None:
    """Plan events that services write themselves, without an identity type."""
    for day in DAYS:
        for account, region in ((PROD, EAST1), (DATA, EAST2), (SANDBOX, EAST1)):
            actor = Actor(account, identities.internal(account), "AWS Internal", "AWS Internal")
            key = Place(plan.ids, account, region).fill("{key}")
            plan.act(
                actor,
                at(day, "03:12:44"),
                region,
                "kms:RotateKey",
                read_only=False,
                event_type="AwsServiceEvent",
                resources=[{"accountId": account, "type": "AWS::KMS::Key", "ARN": key}],
                more={"serviceEventDetails": {"keyId": key.split("/")[-1], "rotationType": "AUTOMATIC"}},
            )
    billing = {"accountId": DATA, "invokedBy": "organizations.amazonaws.com"}
    plan.act(
        Actor(DATA, billing, "organizations.amazonaws.com", "organizations.amazonaws.com"),
        at(3, "10:15:02"),
        EAST1,
        "organizations:CreateAccountResult",
        read_only=False,
        event_type="AwsServiceEvent",
        more={"serviceEventDetails": {"createAccountStatus": {"state": "SUCCEEDED", "accountName": "****"}}},
    )


def add_strangers(plan: Plan) -> None:
    """Plan calls from an account outside, SAML users and a role session that is merely called root."""
    ids = plan.ids
    for day in DAYS:
        partner = Actor(DATA, identities.other_account(people.PARTNER, "exchange-pull"), "198.51.100.77", people.SDK_GO)
        _assume(plan, partner, at(day, "05:20:31"), "sts:AssumeRole", "partner-exchange")
        saml = Actor(DATA, identities.saml_user(DATA, "h.møller"), people.OFFICE, people.SAFARI)
        _assume(plan, saml, at(day, "09:02:48"), "sts:AssumeRoleWithSAML", "legacy-analyst")
    session = identities.assumed_role(SANDBOX, "build-agent", "root", ids.access_key(), stamp(at(4, "11:00:00")))
    container = Actor(SANDBOX, session, people.BUILD_HOSTS[0], people.BOTO)
    calls = [ids.random.choice(reads.S3_READS + reads.EC2_READS) for _ in range(9)]
    burst(plan, container, at(4, "11:01:00"), WEST2, calls, 8)


def _assume(plan: Plan, actor: Actor, when: datetime, call: str, role: str) -> None:
    arn = f"arn:aws:iam::{actor.account}:role/{role}"
    plan.act(
        actor,
        when,
        EAST2,
        call,
        request={"roleArn": arn, "roleSessionName": "session", "durationSeconds": 3600},
        response={"credentials": {"accessKeyId": plan.ids.access_key(), "sessionToken": plan.ids.hexes(120)}},
        resources=[{"accountId": actor.account, "type": "AWS::IAM::Role", "ARN": arn}],
        more={"sharedEventID": plan.ids.uuid()},
    )


def _take_role(plan: Plan, when: datetime, account: str, region: str, principal: str, role: str) -> None:
    """Plan the AssumeRole of a service that runs customer code."""
    arn = f"arn:aws:iam::{account}:role/{role}"
    credentials: dict[str, Any] = {
        "accessKeyId": plan.ids.access_key(),
        "sessionToken": plan.ids.hexes(60),
        "expiration": stamp(later(when, 3600)),
    }
    plan.act(
        Actor(account, identities.service(principal), principal, principal),
        when,
        region,
        "sts:AssumeRole",
        request={"roleArn": arn, "roleSessionName": "task"},
        response={"credentials": credentials},
        resources=[{"accountId": account, "type": "AWS::IAM::Role", "ARN": arn}],
        more={"sharedEventID": plan.ids.uuid()},
        version="1.08",
    )


def _through_service(plan: Plan, when: datetime, account: str, region: str, principal: str) -> None:
    """Plan a KMS call that S3 makes with the rights of a role."""
    identity = identities.assumed_role(account, "backup-operator", "nightly", plan.ids.access_key(), stamp(when))
    identity["invokedBy"] = principal
    actor = Actor(account, identity, principal, principal)
    for offset in (0, 3):
        perform(plan, actor, later(when, offset), region, _DATA_KEY)


def add_machines(plan: Plan) -> None:
    """Plan everything that programs and services do."""
    add_heartbeats(plan)
    add_jobs(plan)
    add_recorders(plan)
    add_service_events(plan)
    add_strangers(plan)
