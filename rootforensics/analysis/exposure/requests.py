"""What calls give away by what they ask for: the catalogue speaks of all calls of a name, a request of one.

Source: the API references of the services, for where a call carries a policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.exposure.grants import JUDGES
from rootforensics.analysis.exposure.policies import lowered, policy_exposes, unpacked
from rootforensics.analysis.places import call_of
from rootforensics.analysis.remarks import remarked
from rootforensics.evidence.cite import place_of, place_text

if TYPE_CHECKING:
    from rootforensics.analysis.exposure.policies import Exposes
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: Calls that write a policy, and where it stands in the request: an object, or a text of one.
_POLICIES: Final = {
    "backup:PutBackupVaultAccessPolicy": ("policy",),
    "dynamodb:PutResourcePolicy": ("policy",),
    "ecr:SetRepositoryPolicy": ("policyText",),
    "elasticfilesystem:PutFileSystemPolicy": ("policy",),
    "glacier:SetVaultAccessPolicy": ("policy", "policy"),
    "kms:PutKeyPolicy": ("policy",),
    "s3:PutBucketPolicy": ("bucketPolicy",),
    "secretsmanager:PutResourcePolicy": ("resourcePolicy",),
    "sns:SetTopicAttributes": ("attributeValue",),
    "sqs:SetQueueAttributes": ("attributes", "Policy"),
}
#: Policies of what holds no data itself: whom they let in has a part of what it takes to read.
_A_PART: Final = ("kms:PutKeyPolicy",)
#: Effects of a change of a policy, as the view ``policy_changes`` has them, by which nobody may do more than before.
GIVES_NO_RIGHTS: Final = ("denies", "takes")


def judged_by_content(case: Asks, rows: list[of.ExposingT]) -> list[of.ExposingT]:
    """The rows; of calls that give access, ``exposes`` is what the request gives away: empty if it is nothing.

    Args:
        case: to ask for the requests of these calls, if there are any.
        rows: of calls.
    """
    judged = [row for row in rows if row["exposes"] and (call_of(row) in _POLICIES or call_of(row) in JUDGES)]
    if not judged:
        return rows
    places = tuple(map(place_text, judged))
    requests = {place_of(row): row for row in case.query("policy_requests", citations=places).rows}
    found = {place_of(row): _exposes(call_of(row), requests[place_of(row)]) for row in judged}
    return [remarked(row, exposes=found[place_of(row)]) if place_of(row) in found else row for row in rows]


def gives_nothing(row: of.Call) -> bool:
    """Whether a call let nobody in from outside, or gave nobody rights: there is nothing to close.

    Args:
        row: as ``judged_by_content`` gives it, with ``policy_effect`` of the view ``policy_changes`` if it has any. The
            policy of a bucket may also deny, and a share be filled later: these may be more.
    """
    if row.get("policy_effect") in GIVES_NO_RIGHTS:
        return True
    call = call_of(row)
    return row["category"] == "data" and row["exposes"] == "" and call in JUDGES and not call.startswith("ram:")


def _exposes(call: str, told: of.PolicyRequests) -> Exposes:
    """What a request gives away; perhaps if it cannot be read."""
    request, own_account = unpacked(told["asked"]), told["own_account"] or None
    if not isinstance(request, dict):
        return "perhaps"
    if call in JUDGES:
        return JUDGES[call](lowered(request), own_account)
    if call == "sns:SetTopicAttributes" and request.get("attributeName") not in ("Policy", None):
        return ""
    if call == "sqs:SetQueueAttributes" and "Policy" not in (request.get("attributes") or {"Policy"}):
        return ""
    policy: Any = request
    for name in _POLICIES[call]:
        policy = unpacked(policy.get(name)) if isinstance(policy, dict) else None
    given = policy_exposes(policy, own_account)
    return "perhaps" if given and call in _A_PART else given
