"""Background work of people and build jobs: five working days, with nights and lunch breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.sample_incident import catalogue as reads
from tools.sample_incident import catalogue_writes as writes
from tools.sample_incident import identities, people
from tools.sample_incident.catalogue_data import DATA_CALLS
from tools.sample_incident.ids import Ids, at, later, stamp
from tools.sample_incident.people import DATA, EAST1, EAST2, PROD, SANDBOX, WEST2
from tools.sample_incident.plan import Actor, Plan
from tools.sample_incident.templates import Call, Place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

DAYS = range(3, 8)
HOME_REGIONS = {PROD: EAST1, DATA: EAST2, SANDBOX: WEST2}
_GLOBAL = {"iam", "organizations", "support", "health", "ce", "sts"}
_OLDER = {"ec2": "1.10", "logs": "1.09", "ssm": "1.08", "rds": "1.08", "iam": "1.10", "config": "1.09"}
_THROTTLED = ("ThrottlingException", "Rate exceeded")


def perform(plan: Plan, actor: Actor, when: datetime, region: str, call: Call) -> None:
    """Plan one ordinary call: global services record in us-east-1, one in 150 calls is throttled."""
    source = call.name.split(":")[0]
    region = EAST1 if source in _GLOBAL else region
    place = Place(plan.ids, actor.account, region)
    error = call.error
    if error is None and plan.ids.random.random() < 1 / 150:
        error = _THROTTLED
    plan.act(
        actor,
        when,
        region,
        call.name,
        read_only=call.read_only,
        request=place.fill(call.request),
        response=None if error else place.fill(call.response),
        error=None if error is None else (error[0], place.fill(error[1])),
        resources=place.fill(call.resources),
        extra=place.fill(call.extra),
        version=_OLDER.get(source, "1.11"),
    )


def burst(plan: Plan, actor: Actor, start: datetime, region: str, calls: Sequence[Call], pace: float) -> datetime:
    """Plan the calls one after another, about `pace` seconds apart; return the time of the last."""
    when = start
    for call in calls:
        when = later(when, plan.ids.random.expovariate(1 / pace))
        perform(plan, actor, when, region, call)
    return when


def add_people(plan: Plan) -> None:
    """Plan the console work of the staff in office hours."""
    rng = plan.ids.random
    for day in DAYS:
        for name, role, accounts in people.STAFF:
            for hour in (7, 9, 12, 14):
                if rng.random() < 0.52:
                    start = at(day, f"{hour:02}:{rng.randrange(60):02}:{rng.randrange(60):02}")
                    _console_session(plan, start, rng.choice(accounts), role, name)


def _console_session(plan: Plan, start: datetime, account: str, role: str, name: str) -> None:
    rng, ids = plan.ids.random, plan.ids
    address = people.OFFICE if rng.random() < 0.7 else rng.choice(people.HOMES)
    agent = people.BROWSERS[len(name) % 3]
    _portal_sign_in(plan, start, account, role, (name, address, agent))
    identity = identities.assumed_role(account, role, name, ids.access_key(), stamp(start))
    console = rng.random() < 0.75
    actor = Actor(account, identity, address, agent if console else people.CLI, console=console)
    menus: list[tuple[Call, ...]] = [reads.EC2_READS, reads.S3_READS, reads.OPERATIONS_READS]
    menus.append(reads.SECURITY_READS if "Security" in role else reads.IAM_READS)
    menus.append(DATA_CALLS if account == DATA else writes.HUMAN_WRITES)
    calls = [rng.choice(rng.choice(menus)) for _ in range(rng.randint(14, 36))]
    burst(plan, actor, later(start, 20), HOME_REGIONS[account], calls, 11)


def _portal_sign_in(plan: Plan, start: datetime, account: str, role: str, person: tuple[str, str, str]) -> None:
    """Plan what a sign-in through IAM Identity Center leaves: the portal, STS, the console."""
    (name, address, agent), ids = person, plan.ids
    portal = Actor(DATA, identities.identity_center(DATA, ids.uuid(), ids.uuid()), address, agent)
    details = {"serviceEventDetails": {"role_name": role, "account_id": account}}
    plan.act(portal, later(start, -4), EAST1, "sso:GetRoleCredentials", event_type="AwsServiceEvent", more=details)
    login = Actor(account, identities.assumed_role(account, role, name, "", stamp(start)), address, agent)
    plan.sign_in(
        login,
        start,
        EAST1,
        "ConsoleLogin",
        response={"ConsoleLogin": "Success"},
        extra={"MobileVersion": "No", "MFAUsed": "No"},
    )


def add_builds(plan: Plan) -> None:
    """Plan deployments: a web identity takes a role, then pushes images and updates services."""
    rng, ids = plan.ids.random, plan.ids
    for day in DAYS:
        for _ in range(9):
            start = at(day, f"{rng.randint(6, 18):02}:{rng.randrange(60):02}:{rng.randrange(60):02}")
            repository, address = rng.choice(people.REPOSITORIES), rng.choice(people.BUILD_HOSTS)
            key = ids.access_key()
            before = Actor(PROD, identities.web_identity(PROD, repository), address, people.ACTIONS)
            role_arn = f"arn:aws:iam::{PROD}:role/deploy"
            plan.act(
                before,
                start,
                EAST1,
                "sts:AssumeRoleWithWebIdentity",
                request={"roleArn": role_arn, "roleSessionName": "ci", "durationSeconds": 3600},
                response={"credentials": {"accessKeyId": key, "sessionToken": ids.hexes(120)}},
                resources=[{"accountId": PROD, "type": "AWS::IAM::Role", "ARN": role_arn}],
            )
            identity = identities.assumed_role(PROD, "deploy", "ci", key, stamp(start))
            tool = people.TERRAFORM if repository == "infra-live" else people.ACTIONS
            calls = [rng.choice(writes.DEPLOY) for _ in range(rng.randint(14, 34))]
            region = EAST2 if rng.random() < 0.3 else EAST1
            burst(plan, Actor(PROD, identity, address, tool), later(start, 2), region, calls, 4)


def add_sandbox(plan: Plan) -> None:
    """Plan the trials of developers with IAM users and long-term keys, many of them failing."""
    rng = plan.ids.random
    for user in ("dev-kim", "dev-okan"):
        key = plan.ids.access_key("AKIA")
        actor = Actor(SANDBOX, identities.iam_user(SANDBOX, user, key), rng.choice(people.HOMES), people.CLI)
        for day in DAYS:
            start = at(day, f"{rng.randint(8, 15):02}:{rng.randrange(60):02}:11")
            menu = writes.SANDBOX_CALLS + reads.EC2_READS + reads.S3_READS
            burst(plan, actor, start, WEST2, [rng.choice(menu) for _ in range(rng.randint(18, 40))], 9)


def add_user_sign_ins(plan: Plan) -> None:
    """Plan console sign-ins of IAM users: near misses for every question about root's sign-ins."""
    ids = plan.ids
    for day, user, result in ((3, "legacy-ftp-sync", "Failure"), (4, "FinanceRoot", "Success")):
        identity = identities.iam_user(PROD, user, "")
        _iam_login(plan, at(day, "08:31:07"), identity, result, "Failed authentication")
    hidden = {
        "type": "IAMUser",
        "accountId": PROD,
        "accessKeyId": "",
        "userName": "HIDDEN_DUE_TO_SECURITY_REASONS",
    }
    _iam_login(plan, at(5, "00:58:12"), hidden, "Failure", "No username found in supplied account")
    for day in (4, 6):
        session = identities.iam_user(PROD, "FinanceRoot", ids.access_key(), stamp(at(day, "08:31:07")))
        actor = Actor(PROD, session, people.OFFICE, people.CHROME, console=True)
        calls = [ids.random.choice(reads.IAM_READS + reads.OPERATIONS_READS) for _ in range(12)]
        burst(plan, actor, at(day, "08:32:00"), EAST1, calls, 15)


def _iam_login(plan: Plan, when: datetime, identity: identities.Record, result: str, message: str) -> None:
    plan.sign_in(
        Actor(PROD, identity, people.OFFICE, people.CHROME),
        when,
        EAST1,
        "ConsoleLogin",
        response={"ConsoleLogin": result},
        error=(None, message) if result == "Failure" else None,
        extra={
            "LoginTo": "https://console.aws.amazon.com/console/home?nc2=h_ct",
            "MobileVersion": "No",
            "MFAUsed": "No",
        },
    )


def add_ordinary(plan: Plan) -> None:
    """Plan everything that people and build jobs do."""
    add_people(plan)
    add_builds(plan)
    add_sandbox(plan)
    add_user_sign_ins(plan)


def new_plan(part: str) -> Plan:
    """Return an empty plan with its own stream of random values."""
    return Plan(Ids(part))
