"""What statements of policies of an organization say of the root user of an account, and of sessions of AssumeRoot."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.exposure.policies import listed, lowered, most_severe, unpacked
from rootforensics.posture.saved import UnknownAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.analysis.exposure.policies import Exposes

#: Operators on names: of any letters but for ``StringEquals`` and its kin, which take an asterisk as it stands.
_NAMING: Final = re.compile(
    r"(?:foranyvalue:)?(?:string|arn)(?P<other>not)?(?:equals|like)(?:ignorecase)?(?:ifexists)?"
)
_ARN: Final = "aws:principalarn"
_ASSUMED: Final = "aws:assumedroot"
#: What the task policies of AssumeRoot let a session do beside reading.
TASKS: Final = (
    "iam:CreateLoginProfile",
    "iam:DeleteLoginProfile",
    "iam:DeleteAccessKey",
    "iam:DeleteSigningCertificate",
    "iam:DeactivateMFADevice",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "sqs:SetQueueAttributes",
    "sts:AssumeRoot",
)


@dataclass(frozen=True, slots=True)
class PolicyStatement:
    """A statement of a service control policy.

    Attributes:
        policy: the name of the policy.
        binds: whether the policy binds the account; None if nobody knows.
        statement: its fields, with names in small letters.
    """

    policy: str
    binds: bool | None
    statement: dict[str, Any]

    @property
    def is_of_all(self) -> bool:
        """Whether it is about all actions on all resources."""
        return bool({"*", "*:*"} & set(listed(self.statement.get("action")))) and self._is_everywhere

    def names(self, action: str) -> bool:
        """Whether it is about an action."""
        return names_action(self.statement, action)

    @property
    def tasks(self) -> list[str]:
        """What it names of that for which AssumeRoot is."""
        return [one for one in TASKS if self.names(one)]

    @property
    def spares(self) -> list[str]:
        """What it leaves out, if it is about all actions but some."""
        return listed(self.statement.get("notaction")) if self._is_everywhere else []

    @property
    def _is_everywhere(self) -> bool:
        return "*" in listed(self.statement.get("resource"))

    @property
    def limits(self) -> list[str]:
        """The keys and fields of which it depends on the request whether it applies."""
        keys = {key for _, key, _ in conditions(self.statement) if key not in (_ARN, _ASSUMED)}
        return sorted(keys | ({"Resource"} if not self._is_everywhere else set()))

    def applies(self, account_id: str, *, assumed: bool = False) -> Exposes:
        """Whether it holds for a root user whatever is asked; perhaps if it depends on the request.

        Args:
            account_id: of the root user.
            assumed: in a session of AssumeRoot.
        """
        arn = f"arn:aws:iam::{account_id}:root"
        met = {_is_met(operator, key, values, arn, assumed) for operator, key, values in conditions(self.statement)}
        if False in met:
            return ""
        return "perhaps" if None in met or not self._is_everywhere else "yes"

    def applies_to_any(self, account_id: str, *, assumed: bool = False) -> Exposes:
        """The same of any root user that it may name, if that of the account stands for those that it does not name."""
        named = re.findall(r"(?<=::)[0-9]{12}(?=:)", json.dumps(self.statement))
        return most_severe(self.applies(one, assumed=assumed) for one in (account_id, *named))


def statements_with(effect: str, policy: str, content: str, *, binds: bool | None) -> Iterator[PolicyStatement]:
    """The statements of a service control policy with an effect, ``Deny`` or ``Allow``.

    Raises:
        UnknownAnswerError: the text cannot be understood.
    """
    told = unpacked(content)
    statements = lowered(told).get("statement") if isinstance(told, dict) else None
    for one in statements if isinstance(statements, list) else [statements]:
        if not isinstance(one, dict) or not _is_understood(lowered(one)):
            raise UnknownAnswerError("The text of a service control policy cannot be understood.")
        if lowered(one)["effect"] == effect:
            yield PolicyStatement(policy, binds, lowered(one))


def names_action(statement: dict[str, Any], action: str) -> bool:
    """Whether a statement, with names in small letters, is about an action."""
    if "notaction" in statement:
        return not _is_among(action, statement["notaction"])
    return _is_among(action, statement.get("action"))


def _is_understood(statement: dict[str, Any]) -> bool:
    condition = statement.get("condition", {})
    is_whole = isinstance(condition, dict) and all(isinstance(tests, dict) for tests in condition.values())
    return is_whole and statement.get("effect") in ("Allow", "Deny")


def _is_among(action: str, named: object) -> bool:
    return any(fnmatchcase(action.lower(), one.lower()) for one in listed(named))


def conditions(statement: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Operator and key in small letters, and values, of each test of a statement."""
    for operator, tests in (statement.get("condition") or {}).items():
        for key, value in tests.items():
            yield operator.lower(), key.lower(), [str(one) for one in (value if isinstance(value, list) else [value])]


def _is_met(operator: str, key: str, values: list[str], arn: str, assumed: bool) -> bool | None:
    """Whether a condition holds for a root user; None if it depends on the request."""
    if key not in (_ARN, _ASSUMED):
        return None
    is_there = key == _ARN or assumed
    if operator == "null":
        return (not is_there) in [one.lower() == "true" for one in values]
    if key == _ASSUMED and operator.startswith("bool"):
        return "true" in map(str.lower, values) if assumed else operator == "boolifexists"
    naming = _NAMING.fullmatch(operator)
    if not naming or key == _ASSUMED:
        return None
    told = [re.sub(r"^arn:aws[a-z-]*:", "arn:aws:", one.lower()) for one in values]
    is_named = (
        arn in told
        if "stringequals" in operator or "stringnotequals" in operator
        else any(fnmatchcase(arn, one) for one in told)
    )
    return is_named != bool(naming["other"])
