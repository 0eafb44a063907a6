"""What calls give away by what they ask for: the catalogue speaks of all calls of a name, a request of one.

Source: the API references of the services, for where a call carries a policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.exposure.grants import JUDGES
from rootforensics.analysis.exposure.policies import lowered, policy_exposes, statements_of, unpacked
from rootforensics.analysis.places import call_of
from rootforensics.analysis.remarks import Remarks, remarked, remarks_on
from rootforensics.evidence.cite import place_of, place_text

if TYPE_CHECKING:
    from collections.abc import Collection

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
#: Policies that whoever owns the thing needs as well: one that lets in few may shut its owner out.
_NEEDED_BY_OWNER: Final = ("elasticfilesystem:PutFileSystemPolicy", "kms:PutKeyPolicy")
#: Policies of resources without data of their own: access to them is one part of what reading takes.
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
    found = {place_of(row): _judged(call_of(row), requests[place_of(row)]) for row in judged}
    return [remarked(row, **found[place_of(row)]) if place_of(row) in found else row for row in rows]


def gives_nothing(row: of.ListedCalls | of.Call) -> bool:
    """Whether a call let nobody in from outside, or gave nobody rights: there is nothing to close.

    Args:
        row: as ``judged_by_content`` gives it, with ``policy_effect`` of the view ``policy_changes`` if it has any. A
            policy that denies somebody something, and a share that may be filled later, may be more.
    """
    if row.get("policy_effect") in GIVES_NO_RIGHTS:
        return True
    call = call_of(row)
    if row["category"] != "data" or row["exposes"] != "":
        return False
    return (call in JUDGES and not call.startswith("ram:")) or _only_allows(row)


def closes(row: of.ListedCalls | of.Call, impairing: Collection[str]) -> bool:
    """Whether a call of the catalogue closes access or gives nobody any, so that nothing of it is to be undone.

    Args:
        row: as ``judged_by_content`` gives it.
        impairing: places of calls that impaired the record: a policy that only allows may have taken the place of one
            that CloudTrail needs.
    """
    if _only_allows(row) and place_text(row) in impairing:
        return False
    return gives_nothing(row) or (row["category"], row["severity"]) == ("data", "info")


def _only_allows(row: of.ListedCalls | of.Call) -> bool:
    """Whether a call wrote a policy that denies nobody anything, and that the owner does not need for access."""
    return call_of(row) not in _NEEDED_BY_OWNER and bool(remarks_on(row).get("only_allows"))


def _judged(call: str, told: of.PolicyRequests) -> Remarks:
    """What a request gives away, perhaps something if it cannot be read; and whether its policy only allows."""
    request, own_account = unpacked(told["asked"]), told["own_account"] or None
    if not isinstance(request, dict):
        return {"exposes": "perhaps"}
    if call in JUDGES:
        return {"exposes": JUDGES[call](lowered(request), own_account)}
    if call == "sns:SetTopicAttributes" and request.get("attributeName") not in ("Policy", None):
        return {"exposes": ""}
    if call == "sqs:SetQueueAttributes" and "Policy" not in (request.get("attributes") or {"Policy"}):
        return {"exposes": ""}
    policy: Any = request
    for name in _POLICIES[call]:
        policy = unpacked(policy.get(name)) if isinstance(policy, dict) else None
    given = policy_exposes(policy, own_account)
    effects = {str(one.get("effect")).lower() for one in statements_of(policy)}
    return {"exposes": "perhaps" if given and call in _A_PART else given, "only_allows": effects == {"allow"}}
