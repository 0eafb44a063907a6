"""Whether what is sent to a topic of SNS is read: the service may publish, the key lets it, and somebody subscribed."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.exposure.policies import listed, lowered, statements_of, unpacked
from rootforensics.posture.saved import UnknownAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.posture.saved import Reading

READERS: Final = "sns:ListSubscriptionsByTopic"
#: Protocols of subscriptions that bring a message to a person, or to what pages one; an absent one is not known.
PEOPLE: Final = {"", "email", "email-json", "sms", "http", "https", "application"}
#: Services that publish, as policies name them.
CLOUDWATCH: Final = "cloudwatch.amazonaws.com"
EVENTBRIDGE: Final = "events.amazonaws.com"
_NAMES: Final = {CLOUDWATCH: "CloudWatch", EVENTBRIDGE: "EventBridge"}
_SUBSCRIPTION: Final = "sns:GetSubscriptionAttributes"
_ATTRIBUTES: Final = "sns:GetTopicAttributes"
#: The key of SNS that AWS manages: its policy lets no other service use it, and nobody can change that.
_MANAGED: Final = "alias/aws/sns"
#: Operators that hold for the values that they name.
_NAMING: Final = ("stringequals", "stringlike", "arnequals", "arnlike", "stringequalsignorecase")


def protocols(reading: Reading, topic: str) -> set[str]:
    """The protocols of a topic's confirmed subscriptions; one that is not there has none.

    Raises:
        UnknownAnswerError: they could not be read, or filter policies may keep messages from the people among them.
    """
    told = reading.let(READERS, topic).one(READERS, topic, topic.split(":")[3]) or ()
    found, doubts = set(), []
    for one in (one for one in told if one.SubscriptionArn.startswith("arn:")):
        try:
            if one.Protocol not in PEOPLE or _takes_all(reading, one.SubscriptionArn):
                found.add(one.Protocol)
        except UnknownAnswerError as error:
            doubts.append(error)
    if doubts and not found & PEOPLE:
        raise doubts[0]
    return found


def _takes_all(reading: Reading, subscription: str) -> bool:
    """Whether a subscription is there and takes all messages."""
    own = reading.let(_SUBSCRIPTION, subscription)
    told = own.one(_SUBSCRIPTION, subscription, subscription.split(":")[3])
    if told and unpacked(told.get("FilterPolicy") or "{}") != {}:
        raise UnknownAnswerError("the filter policy of its subscription may keep messages from the subscriber")
    return told is not None


@dataclass(frozen=True, slots=True)
class Source:
    """For whom a service acts: the account, and the ARN of the alarm; empty if that is not known."""

    account_id: str
    arn: str = ""


def refuses(reading: Reading, topic: str, service: str, source_arn: str = "") -> str:
    """Why a topic takes no message of a service, a clause; empty if it takes it, or is not there.

    Args:
        reading: of the account whose alarm or rule publishes.
        topic: its ARN.
        service: ``CLOUDWATCH`` or ``EVENTBRIDGE``.
        source_arn: of the alarm; empty if it is not known.

    Raises:
        UnknownAnswerError: it could not be read, or depends on what no answer tells; ``why`` is a clause.
    """
    name = _NAMES[service]
    unread = UnknownAnswerError(f"whether its topic lets {name} publish could not be read")
    try:
        told = reading.let(_ATTRIBUTES, topic).one(_ATTRIBUTES, topic, topic.split(":")[3])
    except UnknownAnswerError:
        raise unread from None
    if told is None:
        return ""
    source = Source(reading.account_id, source_arn)
    lets = allows(told.get("Policy"), topic, service, ("sns:publish",), source)
    if lets is False:
        return f"the policy of its topic does not let {name} publish"
    if told.get("KmsMasterKeyId") and (why := _key_refuses(reading, topic, told["KmsMasterKeyId"], service, source)):
        return why
    if lets is None:
        raise UnknownAnswerError(f"its topic lets {name} publish under conditions only, or not at all")
    return ""


def _key_refuses(reading: Reading, topic: str, key: str, service: str, source: Source) -> str:
    """The same of the key that encrypts a topic."""
    name = _NAMES[service]
    managed = f"its topic is encrypted with the key {_MANAGED} of AWS, which does not let {name} publish"
    if key.endswith(_MANAGED):
        return managed
    region, owner = topic.split(":")[3:5]
    try:
        there = reading.at(owner)
        told = there.one("kms:DescribeKey", key, "" if key.startswith("arn:") else region)
        if told is None or told.get("KeyState", "Enabled") != "Enabled":
            return f"the key {key} of its topic is {'gone' if told is None else told['KeyState']}"
        if told.get("KeyManager") == "AWS":
            return managed
        arn = str(told.get("Arn") or key)
        policy = there.needed("kms:GetKeyPolicy", arn)
    except UnknownAnswerError:
        raise UnknownAnswerError(f"whether the key of its topic lets {name} use it could not be read") from None
    lets = allows(policy, arn, service, ("kms:generatedatakey", "kms:decrypt"), source)
    if lets is None:
        raise UnknownAnswerError(f"the key of its topic lets {name} use it under conditions only, or not at all")
    return "" if lets else f"the policy of the key of its topic does not let {name} use it"


def allows(policy: str | None, resource: str, service: str, actions: Iterable[str], source: Source) -> bool | None:
    """Whether the policy of a topic or key lets a service do something; None if nobody can tell.

    Args:
        policy: its text.
        resource: the ARN of what it is the policy of.
        service: as policies name it.
        actions: in small letters; all are needed.
        source: for whom the service acts.
    """
    statements = statements_of(policy)
    found = {_allows(statements, resource, service, action, source) for action in actions} if statements else {None}
    return False if False in found else None if None in found else True


def _allows(statements: list[dict[str, Any]], resource: str, service: str, action: str, source: Source) -> bool | None:
    met: dict[str, set[bool | None]] = {"allow": set(), "deny": set()}
    for one in statements:
        if _is_of(one, service) and _names(one, "action", action) and _names(one, "resource", resource.lower()):
            # Whom a statement with NotPrincipal leaves out, services hardly ever are.
            told = None if "notprincipal" in one else _is_met(one.get("condition"), service, source)
            met.setdefault(str(one.get("effect")).lower(), set()).add(told)
    if True in met["deny"] or not met["allow"] - {False}:
        return False
    return True if True in met["allow"] and None not in met["deny"] else None


def _is_of(statement: dict[str, Any], service: str) -> bool:
    """Whether a statement may speak of a service."""
    principal = statement.get("principal", "*" if "notprincipal" in statement else "")
    named = lowered(principal) if isinstance(principal, dict) else {"aws": principal}
    return "*" in listed(named.get("aws")) or bool({service, "*"} & set(listed(named.get("service"))))


def _names(statement: dict[str, Any], field: str, wanted: str) -> bool:
    """Whether a statement speaks of an action or a resource."""
    if f"not{field}" in statement:
        return not any(fnmatchcase(wanted, one.lower()) for one in listed(statement[f"not{field}"]))
    return any(fnmatchcase(wanted, one.lower()) for one in listed(statement.get(field)))


def _is_met(condition: Any, service: str, source: Source) -> bool | None:  # noqa: ANN401 - any JSON
    """Whether a condition holds for what a service publishes; None if nobody can tell."""
    if not condition:
        return True
    found = {
        _holds(operator.lower().removesuffix("ifexists"), key.lower(), _texts(values), service, source)
        for operator, tests in (condition.items() if isinstance(condition, dict) else [("", {"": ""})])
        for key, values in (tests.items() if isinstance(tests, dict) else [("", "")])
    }
    return False if False in found else None if None in found else True


def _texts(values: Any) -> list[str]:  # noqa: ANN401 - any JSON
    return [str(one) for one in (values if isinstance(values, list) else [values])]


def _holds(operator: str, key: str, values: list[str], service: str, source: Source) -> bool | None:
    if key == "aws:securetransport" and operator == "bool":
        return [one.lower() for one in values] == ["true"]
    # What EventBridge sends along is not documented; it is not the owner, for which SNS's first policy asks.
    if operator not in _NAMING or service != CLOUDWATCH:
        return False if service == EVENTBRIDGE and key == "aws:sourceowner" else None
    told = {"aws:sourceaccount": source.account_id, "aws:sourceowner": source.account_id, "aws:sourcearn": source.arn}
    return any(fnmatchcase(told[key], one) for one in values) if told.get(key) else None
