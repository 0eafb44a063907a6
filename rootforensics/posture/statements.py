"""Statements of an organization's policies, and whether they apply to root or to an AssumeRoot session."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.exposure.conditions import all_of, any_of, comparisons, holds, is_met, listed, names
from rootforensics.analysis.exposure.policies import lowered, unpacked
from rootforensics.posture.saved import UnknownAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.analysis.exposure.conditions import Known, Request

#: What the task policies of AssumeRoot allow, except reads.
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
    """A statement of a policy of an organization, or of sign-in.

    Attributes:
        policy: the name of the policy.
        binds: whether the policy applies to the account; None if that is unknown.
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
        return bool(names(self.statement, "action", action))

    @property
    def tasks(self) -> list[str]:
        """What it names of that for which AssumeRoot is."""
        return [task for task in TASKS if self.names(task)]

    @property
    def spares(self) -> list[str]:
        """What it leaves out, if it is about all actions but some."""
        return listed(self.statement.get("notaction")) if self._is_everywhere else []

    @property
    def _is_everywhere(self) -> bool:
        return "*" in listed(self.statement.get("resource"))

    @property
    def limits(self) -> list[str]:
        """The keys and fields that decide whether it applies."""
        told = [one for assumed in (False, True) for one in self._requests("", of_any=True, assumed=assumed)]
        keys = {
            comparison.key
            for comparison in comparisons(self.statement)
            if None in [holds(comparison, request) for request in told]
        }
        return sorted(keys | ({"Resource"} if not self._is_everywhere else set()))

    def applies(self, account_id: str, *, of_any: bool, assumed: bool) -> Known:
        """Whether it applies to a root user for every request; None if that depends on unknown values.

        Args:
            account_id: of the root user.
            of_any: for any that it may name, too; that of the account stands for those that it does not name.
            assumed: in a session of AssumeRoot.
        """
        told = self._requests(account_id, of_any=of_any, assumed=assumed)
        return any_of(all_of((is_met(self.statement, one), self._is_everywhere or None)) for one in told)

    def _requests(self, account_id: str, *, of_any: bool, assumed: bool) -> Iterator[Request]:
        named = re.findall(r"(?<![0-9])[0-9]{12}(?![0-9])", json.dumps(self.statement)) if of_any else []
        for one in (account_id, *named):
            own = {"aws:principalarn": (f"arn:aws:iam::{one}:root",), "aws:principalaccount": (one,)}
            yield {**own, "aws:assumedroot": ("true" if assumed else None,)}


def statements_with(effect: str, policy: str, content: Any, *, binds: bool | None) -> Iterator[PolicyStatement]:  # noqa: ANN401 - any JSON
    """The statements of a policy, or of the text of it, with an effect, ``Deny`` or ``Allow``.

    Raises:
        UnknownAnswerError: it cannot be understood.
    """
    told = unpacked(content)
    statements = lowered(told).get("statement") if isinstance(told, dict) else None
    for one in statements if isinstance(statements, list) else [statements]:
        if not isinstance(one, dict) or lowered(one).get("effect") not in ("Allow", "Deny"):
            raise UnknownAnswerError("A policy document cannot be parsed.")
        if lowered(one)["effect"] == effect:
            yield PolicyStatement(policy, binds, lowered(one))
