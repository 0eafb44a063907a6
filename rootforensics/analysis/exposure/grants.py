"""Whom a call lets in that names accounts, groups or a canned list, and not a policy.

Source: the API references of the services; Amazon S3 User Guide, "Access control list (ACL) overview" and "Changing the
replica owner"; AWS RAM User Guide, "Creating a resource share".
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.exposure.conditions import listed
from rootforensics.analysis.exposure.policies import limited, lowered, most_severe, stranger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rootforensics.analysis.exposure.conditions import Object
    from rootforensics.analysis.exposure.policies import Exposes

    Judge = Callable[[Object, str | None], Exposes]

#: Calls that write an access list, and the keys of their requests that say of what.
ACCESS_LISTS: Final = ("PutBucketAcl", "PutObjectAcl")
LISTED: Final = ("bucketName", "key", "versionId")
#: What a canned list gives; those that it does not open stay with the owner and with AWS's services.
_CANNED: Final[dict[str, Exposes]] = {
    "authenticated-read": "yes",
    "aws-exec-read": "",
    "bucket-owner-full-control": "",
    "bucket-owner-read": "",
    "log-delivery-write": "",
    "private": "",
    "public-read": "yes",
    "public-read-write": "yes",
}
#: Groups of S3 by the end of their address.
_GROUPS: Final[dict[str, Exposes]] = {"allusers": "yes", "authenticatedusers": "yes", "logdelivery": ""}
#: The canonical user as which CloudFront writes its logs.
_AWS_WRITES_LOGS: Final = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"
#: Rights of a list by which its holder reads, or gives itself the right to.
_READS: Final = ("read", "full_control", "write_acp")
_FUNCTION_READ: Final = ("*", "lambda:*", "lambda:getfunction")


def _object(value: Any) -> Object:  # noqa: ANN401 - any JSON
    """An object with its names in small letters; an empty one for what is none."""
    return lowered(value) if isinstance(value, dict) else {}


def _objects(value: Any) -> list[Object]:  # noqa: ANN401 - any JSON
    """The objects of a list, or the one that stands for a list of it."""
    return [_object(one) for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _bucket_list(request: Object, own_account: str | None) -> Exposes:
    """An access list of a bucket, whose owner is whoever calls or gave the right to."""
    del own_account  # a list names nobody by the number of an account
    return most_severe(_list_given(request, _CANNED)) if _has_list(request) else "perhaps"


def _object_list(request: Object, own_account: str | None) -> Exposes:
    """An access list of an object; whose its bucket is, the request does not say."""
    del own_account
    canned: dict[str, Exposes] = _CANNED | dict.fromkeys(("bucket-owner-full-control", "bucket-owner-read"), "perhaps")
    return most_severe(_list_given(request, canned)) if _has_list(request) else "perhaps"


def _has_list(request: Object) -> bool:
    return bool(_canned_named(request) or [*_header_grants(request)] or _grants(request))


def _list_given(request: Object, canned: dict[str, Exposes]) -> Iterator[Exposes]:
    yield from (canned.get(one, "perhaps") for one in _canned_named(request))
    for right, grantee in _header_grants(request):
        kind, _, name = (part.strip(" \"'") for part in grantee.partition("="))
        yield _by_right(_group(name) if kind.lower() == "uri" else "perhaps", right)
    owner = _object(_object(request.get("accesscontrolpolicy")).get("owner")).get("id")
    for grant in _grants(request):
        yield _by_right(_grantee(_object(grant.get("grantee")), owner), str(grant.get("permission")))


def grantees(request: Object) -> set[str]:
    """To whom an access list gives something: canonical users and addresses, or ``*`` for anybody and who is unknown.

    Args:
        request: of a call in ``ACCESS_LISTS``.
    """
    asked = lowered(request)
    names = {"*"} if not _has_list(asked) or any(_CANNED.get(one, "*") for one in _canned_named(asked)) else set()
    for _, grantee in _header_grants(asked):
        kind, _, name = (part.strip(" \"'") for part in grantee.partition("="))
        if kind.lower() != "uri" or _group(name):
            names.add("*" if kind.lower() == "uri" else name)
    owner = _object(_object(asked.get("accesscontrolpolicy")).get("owner")).get("id")
    granted = [_object(grant.get("grantee")) for grant in _grants(asked)]
    return names | {str(one.get("id") or one.get("emailaddress") or "*") for one in granted if _grantee(one, owner)}


def _canned_named(request: Object) -> list[str]:
    # Beside it stands ``acl``, the name of the operation in the address, which is empty.
    named = [*listed(request.get("x-amz-acl")), *listed(request.get("acl")), *listed(request.get("cannedacl"))]
    return [one.lower() for one in named if one]


def _header_grants(request: Object) -> Iterator[tuple[str, str]]:
    """Rights and grantees of the headers ``x-amz-grant-…``, which stand alone or in an object of their own."""
    for held in (request, _object(request.get("accesscontrollist"))):
        for name, grantees in held.items():
            spelled = name.replace("_", "-")
            if spelled.startswith("x-amz-grant-"):
                right = spelled.removeprefix("x-amz-grant-").replace("-", "_")
                yield from ((right, part) for told in listed(grantees) for part in told.split(",") if part.strip())


def _grants(request: Object) -> list[Object]:
    policy = _object(request.get("accesscontrolpolicy"))
    return _objects(_object(policy.get("accesscontrollist")).get("grant"))


def _grantee(grantee: Object, owner: Any) -> Exposes:  # noqa: ANN401 - any JSON
    """Whether a grant is to others than the owner; a canonical user is an account, whose number nobody knows."""
    if isinstance(uri := grantee.get("uri"), str):
        return _group(uri)
    user = grantee.get("id")
    if not isinstance(user, str) or not isinstance(owner, str):
        return "perhaps"
    return "" if user in (owner, _AWS_WRITES_LOGS) else "yes"


def _group(uri: str) -> Exposes:
    return _GROUPS.get(uri.rpartition("/")[2].lower(), "perhaps")


def _by_right(given: Exposes, right: str) -> Exposes:
    return "perhaps" if given and right.lower() not in _READS else given


def _replication(request: Object, own_account: str | None) -> Exposes:
    """Replication to a bucket; whose it is, only a rule tells that names the account."""
    rules = _objects(_object(request.get("replicationconfiguration")).get("rule"))
    on = [rule for rule in rules if str(rule.get("status")).lower() != "disabled"]
    accounts = [str(_object(one.get("destination")).get("account") or "") for one in on]
    return most_severe(stranger(account, own_account) for account in accounts) if rules else "perhaps"


def _resource_share(request: Object, own_account: str | None) -> Exposes:
    """A new share, which gives nothing before it holds something and names somebody."""
    if not (named := listed(request.get("principals"))):
        return ""
    given = _principals(named, request, own_account)
    return "perhaps" if given and not listed(request.get("resourcearns")) else given


def _more_of_a_share(request: Object, own_account: str | None) -> Exposes:
    """What is added to a share, of which the rest is not known."""
    named = listed(request.get("principals"))
    return _principals(named, request, own_account) if named else "perhaps"


def _principals(named: list[str], request: Object, own_account: str | None) -> Exposes:
    """Whom a share names. AWS keeps one without external principals in the organization, whoever that is."""
    inside = str(request.get("allowexternalprincipals")).lower() == "false"
    told: list[Exposes] = []
    for one in named:
        organized = one.startswith("arn:") and ":organizations:" in one
        given: Exposes = "" if one.endswith(".amazonaws.com") else stranger("" if organized else one, own_account)
        told.append("perhaps" if given and inside else given)
    return most_severe(told)


def _ec2_permission(name: str, request: Object, own_account: str | None) -> Exposes:
    """Whom a snapshot or an image is shared with; organizations are somebody's of whom nobody knows."""
    if name not in request and ("description" in request or "imdssupport" in request):
        return ""
    permission = _object(request.get(name))
    added = _objects(_object(permission.get("add")).get("items"))
    if not added:
        return "" if "remove" in permission and "add" not in permission else "perhaps"
    return most_severe(
        "yes" if one.get("group") == "all" else stranger(str(one.get("userid") or ""), own_account) for one in added
    )


def _db_snapshot(request: Object, own_account: str | None) -> Exposes:
    if str(request.get("attributename", "restore")).lower() != "restore":
        return "perhaps"
    return _accounts(request, "valuestoadd", "valuestoremove", own_account)


def _document(request: Object, own_account: str | None) -> Exposes:
    return _accounts(request, "accountidstoadd", "accountidstoremove", own_account)


def _accounts(request: Object, added: str, removed: str, own_account: str | None) -> Exposes:
    """Accounts, or all, that are added to those which may have something."""
    named = listed(request.get(added))
    if not named:
        return "" if listed(request.get(removed)) else "perhaps"
    return most_severe("yes" if one.lower() == "all" else stranger(one, own_account) for one in named)


def _labelled(request: Object, own_account: str | None) -> Exposes:
    """Accounts that get a statement of their own in the policy of a queue or a topic."""
    named = [*listed(request.get("awsaccountids")), *listed(request.get("awsaccountid"))]
    actions = [*listed(request.get("actions")), *listed(request.get("actionname"))]
    if actions and all(action.lower() in ("sendmessage", "publish") for action in actions):
        return ""
    return most_severe(stranger(one, own_account) for one in named) if named else "perhaps"


def _function(request: Object, own_account: str | None) -> Exposes:
    """Who may call a function, of which nobody knows what it answers; its code is data."""
    named = request.get("principal")
    if not isinstance(named, str):
        return "perhaps"
    if named.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return ""
    conditions = {
        "aws:SourceAccount": request.get("sourceaccount"),
        "aws:SourceArn": request.get("sourcearn"),
        "aws:PrincipalOrgID": request.get("principalorgid"),
    }
    given = stranger(named, own_account)
    if given == "yes":
        given = limited({"StringLike": {key: value for key, value in conditions.items() if value}}, own_account)
    reads = str(request.get("action")).lower().startswith(_FUNCTION_READ)
    return given if reads or not given else "perhaps"


def _grant(request: Object, own_account: str | None) -> Exposes:
    """Who may use a key; what it encrypts lies elsewhere."""
    if request.get("granteeserviceprincipal"):
        return ""
    named = request.get("granteeprincipal")
    if isinstance(named, str) and named.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return ""
    return "perhaps" if not isinstance(named, str) or stranger(named, own_account) else ""


def _database(request: Object, own_account: str | None) -> Exposes:
    """A database that the internet may reach, or one with another password, of which nobody knows who has it."""
    del own_account
    return "yes" if str(request.get("publiclyaccessible")).lower() == "true" else "perhaps"


#: Calls by service and name, with what judges the request, its names in small letters.
JUDGES: Final[dict[str, Judge]] = {
    "ec2:ModifyImageAttribute": partial(_ec2_permission, "launchpermission"),
    "ec2:ModifySnapshotAttribute": partial(_ec2_permission, "createvolumepermission"),
    "kms:CreateGrant": _grant,
    "lambda:AddPermission": _function,
    "ram:AssociateResourceShare": _more_of_a_share,
    "ram:CreateResourceShare": _resource_share,
    "rds:ModifyDBClusterSnapshotAttribute": _db_snapshot,
    "rds:ModifyDBInstance": _database,
    "rds:ModifyDBSnapshotAttribute": _db_snapshot,
    "s3:PutBucketAcl": _bucket_list,
    "s3:PutBucketReplication": _replication,
    "s3:PutObjectAcl": _object_list,
    "sns:AddPermission": _labelled,
    "sqs:AddPermission": _labelled,
    "ssm:ModifyDocumentPermission": _document,
}
