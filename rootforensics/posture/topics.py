"""Whether messages to an SNS topic reach a reader: the service can publish, can use the key, and someone subscribed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.exposure.conditions import all_of, any_of, is_met, listed, names, none_of
from rootforensics.analysis.exposure.policies import lowered, statements_of, unpacked
from rootforensics.posture.saved import UnknownAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.exposure.conditions import Known, Object, Request
    from rootforensics.posture.saved import Reading

READERS: Final = "sns:ListSubscriptionsByTopic"
#: Protocols of subscriptions that bring a message to a person, or to what pages one; an absent one is not known.
PEOPLE: Final = {"", "email", "email-json", "sms", "http", "https", "application"}
#: Services that publish, as policies name them.
CLOUDWATCH: Final = "cloudwatch.amazonaws.com"
EVENTBRIDGE: Final = "events.amazonaws.com"
_NAMES: Final = {CLOUDWATCH: "CloudWatch", EVENTBRIDGE: "EventBridge"}
_SUBSCRIPTION: Final = "sns:GetSubscriptionAttributes"
_OF_TOPICS: Final = ("sns:GetTopicAttributes", "sns:GetDataProtectionPolicy")
#: The AWS managed key of SNS. Its policy, which cannot be changed, allows no other service to use it.
_MANAGED: Final = "alias/aws/sns"


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
        raise UnknownAnswerError("the filter policy of its subscription may withhold messages from the subscriber")
    return told is not None


def refuses(reading: Reading, topic: str, service: str, source_arn: str = "") -> str:
    """Why a topic rejects messages from a service, as a clause; empty if it accepts them, or does not exist.

    Args:
        reading: of the account whose alarm or rule publishes.
        topic: its ARN.
        service: ``CLOUDWATCH`` or ``EVENTBRIDGE``.
        source_arn: of the alarm; empty if it is not known.

    Raises:
        UnknownAnswerError: it could not be read, or depends on unknown values; ``why`` is a clause.
    """
    name = _NAMES[service]
    unread = UnknownAnswerError(f"whether its topic allows {name} to publish could not be read")
    try:
        told, protects = (
            reading.let(of_topic, topic).one(of_topic, topic, topic.split(":")[3]) for of_topic in _OF_TOPICS
        )
    except UnknownAnswerError:
        raise unread from None
    if told is None:
        return ""
    request = _request(service, reading.account_id, source_arn)
    lets = _allows(told.get("Policy"), topic, service, ("sns:Publish",), request)
    if lets is False:
        return f"its topic policy does not allow {name} to publish"
    if told.get("KmsMasterKeyId") and (why := _key_refuses(reading, topic, told["KmsMasterKeyId"], service, request)):
        return why
    if "deny" in str(protects).lower():
        raise UnknownAnswerError("the data protection policy of its topic may withhold messages")
    if lets is None:
        raise UnknownAnswerError(f"whether its topic allows {name} to publish depends on conditions")
    return ""


def _key_refuses(reading: Reading, topic: str, key: str, service: str, request: Request) -> str:
    """The same of the key that encrypts a topic."""
    name = _NAMES[service]
    managed = f"its topic is encrypted with the AWS managed key {_MANAGED}, which {name} cannot use"
    if key.endswith(_MANAGED):
        return managed
    region, owner = topic.split(":")[3:5]
    try:
        there = reading.at(owner)
        told = there.one("kms:DescribeKey", key, "" if key.startswith("arn:") else region)
        if told is None or told.get("KeyState", "Enabled") != "Enabled":
            return f"the key {key} of its topic is {'missing' if told is None else told['KeyState']}"
        if told.get("KeyManager") == "AWS":
            return managed
        arn = str(told.get("Arn") or key)
        policy = there.needed("kms:GetKeyPolicy", arn)
    except UnknownAnswerError:
        raise UnknownAnswerError(f"whether {name} can use the key of its topic could not be read") from None
    lets = _allows(policy, arn, service, ("kms:GenerateDataKey", "kms:Decrypt"), request)
    if lets is None:
        raise UnknownAnswerError(f"whether {name} can use the key of its topic depends on conditions")
    return "" if lets else f"the key policy of its topic does not allow {name} to use the key"


def _request(service: str, account_id: str, source_arn: str) -> Request:
    """What is known of what a service publishes; what of it is empty is not."""
    if service == EVENTBRIDGE:  # what it sends along is not documented; no owner, for whom SNS's first policy asks
        return {"aws:securetransport": ("true",), "aws:sourceowner": (None, "")}
    told = {"aws:sourceaccount": account_id, "aws:sourceowner": account_id, "aws:sourcearn": source_arn}
    return {"aws:securetransport": ("true",), **{key: (value,) for key, value in told.items() if value}}


def _allows(policy: str | None, resource: str, service: str, actions: Iterable[str], request: Request) -> Known:
    """Whether the policy of a topic or key allows a service all of some actions; None if that is unknown."""
    statements = statements_of(policy)

    def told(effect: str, action: str) -> Iterator[Known]:
        for one in (statement for statement in statements if str(statement.get("effect")).lower() == effect):
            about = names(one, "action", action), names(one, "resource", resource)
            yield all_of((_is_of(one, service), *about, is_met(one, request)))

    found = [all_of((any_of(told("allow", one)), none_of(told("deny", one)))) for one in actions]
    return all_of(found) if statements else None


def _is_of(statement: Object, service: str) -> Known:
    """Whether a statement speaks of a service; one that leaves others out hardly ever leaves out services."""
    if "notprincipal" in statement:
        return None
    principal = statement.get("principal")
    named = lowered(principal) if isinstance(principal, dict) else {"aws": principal}
    return "*" in listed(named.get("aws")) or bool({service, "*"} & set(listed(named.get("service"))))
