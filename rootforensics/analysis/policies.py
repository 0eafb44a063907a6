"""Whom the policies of buckets, secrets, queues and the like let in: only a statement that allows gives data away.

Source: AWS IAM User Guide, "AWS JSON policy elements: Principal" and "AWS global condition context keys"; the API
references of the services, for where a call carries the policy.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, Literal

from rootforensics.analysis.across import place_of
from rootforensics.analysis.opened import lowered, statements_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.queries.result import Asks

    Row = dict[str, Any]

Exposes = Literal["", "perhaps", "yes"]

#: Calls that write a policy, and where it stands in the request: an object, or a text of one.
_WHERE: Final = {
    "backup:PutBackupVaultAccessPolicy": ("policy",),
    "dynamodb:PutResourcePolicy": ("policy",),
    "ecr:SetRepositoryPolicy": ("policyText",),
    "elasticfilesystem:PutFileSystemPolicy": ("policy",),
    "glacier:SetVaultAccessPolicy": ("policy", "policy"),
    "s3:PutBucketPolicy": ("bucketPolicy",),
    "secretsmanager:PutResourcePolicy": ("resourcePolicy",),
    "sqs:SetQueueAttributes": ("attributes", "Policy"),
}
_REQUESTS: Final = """
    SELECT e.evidence_id, e.record_index, e.requestParameters AS asked, e.recipientAccountId AS own_account
    FROM events AS e INNER JOIN (
        SELECT
            CAST(split_part(place, ':', 1) AS INTEGER) AS evidence_id,
            CAST(split_part(place, ':', 2) AS INTEGER) AS record_index
        FROM (SELECT DISTINCT unnest(string_split($places, ' ')) AS place)
    ) AS p ON e.evidence_id = p.evidence_id AND e.record_index = p.record_index
"""
#: The account of a principal or of a value of a condition: the whole of it, or the fifth part of an ARN.
_OWNER: Final = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(\d{12}):.*|(\d{12})", re.DOTALL)
#: Operators that hold only for the values they name; a key that is absent does not meet them, but for IfExists.
_NAMING: Final = re.compile(r"(?:for(?:any|all)values?:)?(?:string|arn)(?:equals|like)(?:ignorecase)?", re.IGNORECASE)
#: What a request says of the account it comes from, and what it says of an organization, of which nobody knows whose.
_OF_ACCOUNTS: Final = (
    "aws:principalaccount",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:principalarn",
    "aws:sourcearn",
    "kms:calleraccount",
)
_OF_ORGANIZATIONS: Final = ("aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths")


def judged_by_policy(case: Asks, rows: list[Row]) -> list[Row]:
    """The rows, those of calls that write a policy with what that policy says in ``exposes``.

    Args:
        case: to ask for the requests of these calls, if there are any.
        rows: of events, with ``exposes`` as the catalogue has it.
    """
    written = [row for row in rows if row["exposes"] and _call(row) in _WHERE]
    if not written:
        return rows
    places = " ".join(f"{row['evidence_id']}:{row['record_index']}" for row in written)
    requests = {place_of(row): row for row in case.statement(_REQUESTS, places=places).rows}
    found = {place_of(row): _exposes(requests[place_of(row)], _WHERE[_call(row)]) for row in written}
    return [row | {"exposes": found[place_of(row)]} if place_of(row) in found else row for row in rows]


def _call(row: Row) -> str:
    return f"{(row['eventSource'] or '').removesuffix('.amazonaws.com')}:{row['eventName']}"


def _exposes(request: Row, path: tuple[str, ...]) -> Exposes:
    """What the policy of a request gives away; perhaps if it cannot be read."""
    policy = _opened(request["asked"])
    for name in path:
        policy = _opened(policy.get(name)) if isinstance(policy, dict) else None
    statements = statements_of(policy) if isinstance(policy, dict) else []
    if not statements:
        return "perhaps"
    told = {_given(one, request["own_account"]) for one in statements}
    return "yes" if "yes" in told else "perhaps" if "perhaps" in told else ""


def _opened(value: Any) -> Any:  # noqa: ANN401 - what a text of JSON may hold
    """A value, or what the text holds that it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):  # no policy that can be read
        return None


def _given(statement: Row, own_account: str | None) -> Exposes:
    """Whether a statement gives somebody outside of the account something."""
    effect = str(statement.get("effect")).lower()
    if effect == "deny":
        return ""
    let_in = "yes" if "notprincipal" in statement else _strangers(statement.get("principal"), own_account)
    if effect != "allow":
        return "perhaps" if let_in else ""
    return _limited(statement.get("condition"), own_account) if let_in == "yes" else let_in


def _strangers(principal: Any, own_account: str | None) -> Exposes:  # noqa: ANN401 - any JSON
    """Whether principals are of other accounts; AWS's services are none, of an ID alone the owner is not known."""
    if not isinstance(principal, dict):
        return "yes" if principal == "*" else "perhaps"
    told: set[Exposes] = set()
    for kind, named in lowered(principal).items():
        for one in _listed(named):
            owner = _OWNER.fullmatch(one) if kind == "aws" else None
            if kind == "service":
                told.add("")
            elif one == "*" or kind == "federated" or (owner and (owner[1] or owner[2]) != own_account):
                told.add("yes")
            else:
                told.add("" if owner else "perhaps")
    return "yes" if "yes" in told else "perhaps" if "perhaps" in told or not told else ""


def _limited(condition: Any, own_account: str | None) -> Exposes:  # noqa: ANN401 - any JSON
    """What is left of what is given to strangers: nothing if a condition keeps it in the account."""
    left: Exposes = "yes"
    for key, values in _named_only(condition):
        accounts = {(owner[1] or owner[2]) if (owner := _OWNER.fullmatch(one)) else None for one in values}
        if key in _OF_ACCOUNTS and accounts == {own_account}:
            return ""
        if key in _OF_ORGANIZATIONS and not any(set(one) <= {"*", "o", "-"} for one in values):
            left = "perhaps"
    return left


def _named_only(condition: Any) -> Iterator[tuple[str, list[str]]]:  # noqa: ANN401 - any JSON
    """The keys of a condition that must have one of some values, and these."""
    for operator, keys in condition.items() if isinstance(condition, dict) else ():
        # All of no values meet it, too.
        if not _NAMING.fullmatch(operator) or operator.lower().startswith("forall") or not isinstance(keys, dict):
            continue
        yield from ((key.lower(), values) for key, named in keys.items() if (values := _listed(named)))


def _listed(named: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """One text or a list of them."""
    return [one for one in (named if isinstance(named, list) else [named]) if isinstance(one, str)]
