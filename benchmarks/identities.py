"""Who calls: identities with the address and user agent that belong to them, as ready JSON text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from world import World

_AGENTS = tuple(Path(__file__).with_name("user_agents.txt").read_text(encoding="utf-8").splitlines())
_CONSOLE_AGENTS = ("Mozilla", "[S3Console")
_SERVICES = (
    "lambda",
    "ec2",
    "config",
    "cloudtrail",
    "ecs-tasks",
    "autoscaling",
    "delivery.logs",
    "ssm",
    "backup",
    "resource-explorer-2",
    "access-analyzer",
    "elasticloadbalancing",
    "cloudformation",
    "athena",
)


class Caller(NamedTuple):
    """One caller: `userIdentity` as JSON, `sourceIPAddress`, `userAgent`, and if it works in the console."""

    identity: str
    address: str
    agent: str
    console: bool = False


def _role(world: World, invoked_by: str = "") -> Caller:
    role, key, unique = world.pick(world.roles), world.key_id("ASIA"), world.key_id("AROA")
    session = world.pick(
        (
            world.pick(world.users) + "@example.com",
            world.pick(world.hosts["i-"]),
            "botocore-session-17" + world.number(99_999_999),
            world.pick(world.words),
        )
    )
    arn = f"arn:aws:sts::{world.account}:assumed-role/{role}/{session}"
    delivery = ',"ec2RoleDelivery":"2.0"' if session.startswith("i-") else ""
    invoked = f',"invokedBy":"{invoked_by}"' if invoked_by else ""
    identity = (
        f'{{"type":"AssumedRole","principalId":"{unique}:{session}","arn":"{arn}","accountId":"{world.account}",'
        f'"accessKeyId":"{key}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{unique}","arn":'
        f'"arn:aws:iam::{world.account}:role/{role}","accountId":"{world.account}","userName":"{role}"}},'
        f'"webIdFederationData":{{}},"attributes":{{"creationDate":"{world.time}","mfaAuthenticated":"false"}}{delivery}'
        f"}}{invoked}}}"
    )
    if invoked_by:
        return Caller(identity, invoked_by, invoked_by)
    agent = world.pick(_AGENTS)
    return Caller(identity, world.pick(world.addresses), agent, agent.startswith(_CONSOLE_AGENTS))


def make_user(world: World, user: str, unique: str, key: str) -> Caller:
    """Returns the IAM user of that name, unique ID and access key."""
    identity = (
        f'{{"type":"IAMUser","principalId":"{unique}","arn":"arn:aws:iam::{world.account}:user/{user}",'
        f'"accountId":"{world.account}","accessKeyId":"{key}","userName":"{user}"}}'
    )
    return Caller(identity, world.pick(world.addresses), world.pick(_AGENTS))


def _user(world: World) -> Caller:
    return make_user(world, world.pick(world.users), world.key_id("AIDA"), world.key_id("AKIA"))


def _service(world: World) -> Caller:
    name = world.pick(_SERVICES) + ".amazonaws.com"
    return Caller(f'{{"type":"AWSService","invokedBy":"{name}"}}', name, name)


def _foreign(world: World) -> Caller:
    identity = (
        f'{{"type":"AWSAccount","principalId":"{world.key_id("AROA")}:{world.pick(world.words)}","accountId":'
        f'"{world.rng.randint(100_000_000_000, 999_999_999_999)}"}}'
    )
    return Caller(identity, world.pick(world.addresses), world.pick(_AGENTS))


def _web(world: World) -> Caller:
    issuer = f"oidc.eks.{world.region}.amazonaws.com/id/{world.hexes(32).upper()}"
    provider = f"arn:aws:iam::{world.account}:oidc-provider/{issuer}"
    subject = f"system:serviceaccount:{world.pick(world.words)}:{world.pick(world.words)}"
    identity = (
        f'{{"type":"WebIdentityUser","principalId":"{provider}:sts.amazonaws.com:{subject}","userName":"{subject}",'
        f'"identityProvider":"{provider}"}}'
    )
    return Caller(identity, world.pick(world.addresses), world.pick(_AGENTS))


def _center(world: World) -> Caller:
    identity = (
        f'{{"type":"IdentityCenterUser","accountId":"{world.account}","onBehalfOf":{{"userId":"{world.uuid()}",'
        f'"identityStoreArn":"arn:aws:identitystore::{world.account}:identitystore/d-{world.hexes(10)}"}},'
        f'"credentialId":"{world.hexes(64)}"}}'
    )
    return Caller(identity, world.pick(world.addresses), world.pick(_AGENTS))


def make_callers(world: World, count: int) -> list[Caller]:
    """Returns `count` callers mixed as in a real trail: mostly role sessions, then services and users."""
    callers = []
    for _ in range(count):
        draw = world.rng.random()
        if draw < 0.58:
            callers.append(_role(world))
        elif draw < 0.68:
            callers.append(_role(world, world.pick(_SERVICES) + ".amazonaws.com"))
        elif draw < 0.80:
            callers.append(_service(world))
        elif draw < 0.93:
            callers.append(_user(world))
        elif draw < 0.96:
            callers.append(_foreign(world))
        else:
            callers.append(_web(world) if draw < 0.985 else _center(world))
    return callers


def make_root_callers(world: World) -> list[Caller]:
    """Returns the root user: with a key, in the console (new and old form), services acting in its name."""
    base = (
        f'{{"type":"Root","principalId":"{world.account}","arn":"arn:aws:iam::{world.account}:root","accountId":'
        f'"{world.account}","accessKeyId":"%s"'
    )
    context = f',"sessionContext":{{"attributes":{{"creationDate":"{world.time}","mfaAuthenticated":"%s"}}}}'
    person, browser = world.pick(world.addresses), _AGENTS[6]
    console = base % world.key_id("ASIA") + context % "true"
    callers = [
        Caller(base % world.key_id("AKIA") + "}", person, _AGENTS[2]),
        Caller(console + "}", person, browser, True),
        Caller(console + ',"invokedBy":"signin.amazonaws.com"}', person, "signin.amazonaws.com"),
    ]
    for name in ("support.amazonaws.com", "autoscaling.amazonaws.com", "resource-explorer-2.amazonaws.com"):
        identity = base % world.key_id("ASIA") + context % "false" + f',"invokedBy":"{name}"}}'
        callers += [Caller(identity, name, name)]
    return callers
