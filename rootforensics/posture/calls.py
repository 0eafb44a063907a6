"""The calls that controls read: where each is made, and with which arguments.

All are read-only, except those that generate a credential report and open root sessions for an audit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from rootforensics.posture import shapes as of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    #: What is asked of one item: how it is named, the parameters, and the Region if that is another.
    Asked = tuple[str, dict[str, Any], str]

#: Findings of GuardDuty that say that root was used.
GUARDDUTY_TYPES: Final = ("Policy:IAMUser/RootCredentialUsage", "Policy:IAMUser/ShortTermRootCredentialUsage")
#: Security Hub's controls on root.
HUB_CONTROLS: Final = ("IAM.4", "IAM.6", "IAM.9", "CloudWatch.1")
#: Regions that do not offer Config's rules on root's MFA.
_WITHOUT_MFA_RULES: Final = frozenset(
    (
        *("cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1"),
        *("me-central-1", "il-central-1", "ca-west-1", "ap-southeast-5"),
    )
)
#: Config's rules on root, with the Regions that do not offer them. Source: the page of each rule in the AWS Config
#: Developer Guide, read in December 2026.
CONFIG_RULES: Final = {
    "IAM_ROOT_ACCESS_KEY_CHECK": frozenset(
        ("me-central-1", "il-central-1", "ca-west-1", "mx-central-1", "ap-southeast-5", "ap-southeast-7")
    ),
    "ROOT_ACCOUNT_MFA_ENABLED": _WITHOUT_MFA_RULES,
    "ROOT_ACCOUNT_HARDWARE_MFA_ENABLED": _WITHOUT_MFA_RULES,
}
#: Types of analyzers that find what is open to others.
EXTERNAL: Final = ("ACCOUNT", "ORGANIZATION")
#: The kind of policies that limit who may use what an account has, sign-in among it.
RESOURCE_POLICIES: Final = "RESOURCE_CONTROL_POLICY"
#: The credential report that was there before one was generated.
EARLIER: Final = "earlier"
#: The argument of calls that an AssumeRoot session makes about its own root user; from others they are not about root.
ROOT: Final = "root"
#: Whether a change of a member's primary e-mail address is under way; the management account is asked.
EMAIL_UPDATE: Final = "account:GetPrimaryEmailUpdateStatus"
#: A credential report is regenerated at most this often.
FRESH: Final = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an AWS API.

    Attributes:
        service: as boto3 names it.
        operation: as the API names it.
        key: key of the part of an answer that is read; empty for the whole answer.
        shape: the type of that.
        where: ``once``; in the home Regions of ``trails``; in ``every`` enabled Region; as ``root`` in a member that is
            audited, and else not at all.
        parent: the calls whose answers say what to ask; then ``where`` is theirs.
        items: what is asked, given an answer of a parent, or the account ID if there is no parent.
        passes: the parameter that takes what the parent was asked of, which is the argument then, too.
        action: of IAM, if it is not service and operation.
        absent: refusals that say that what was asked for is not there, which is an answer.
    """

    service: str
    operation: str
    key: str
    shape: Any
    where: Literal["once", "trails", "every", "root"] = "once"
    parent: tuple[str, ...] = ()
    items: Callable[[Any], Iterable[Asked]] = lambda _: (("", {}, ""),)
    action: str = ""
    passes: str = ""
    absent: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Service and operation."""
        return f"{self.service}:{self.operation}"

    @property
    def permission(self) -> str:
        """The action of IAM that allows it."""
        return self.action or self.name

    @property
    def is_above(self) -> bool:
        """Whether it is about the organization, so that the management account answers for all members."""
        return self.name in ("iam:ListOrganizationsFeatures", EMAIL_UPDATE) or (
            self.service == "organizations" and self.operation != "DescribeOrganization"
        )

    @property
    def is_asked(self) -> bool:
        """Whether a live run asks it in each account."""
        return self.items is not _none and self.where != "root"

    @property
    def method(self) -> str:
        """As boto3 names it."""
        from botocore import xform_name

        return xform_name(self.operation)

    @property
    def has_argument(self) -> bool:
        """Whether it has an argument, which a file must name."""
        return bool(self.parent) or self.items is _contacts

    @property
    def file_name(self) -> str:
        """How the name of a file with an answer begins."""
        from botocore import xform_name

        return xform_name(self.operation, "-")


def slug(argument: str) -> str:
    """An argument as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", argument)


def _of_trails(parameter: str) -> Callable[[list[of.Trail]], Iterable[Asked]]:
    return lambda told: [(one.TrailARN, {parameter: one.TrailARN}, one.HomeRegion) for one in told]


def _buckets(told: list[of.Trail]) -> Iterable[Asked]:
    trails = [one for one in told if one.S3BucketName]
    return [(trail.S3BucketName, {"Bucket": trail.S3BucketName}, trail.HomeRegion) for trail in trails]


def _keys(told: list[of.Trail] | dict[str, str]) -> Iterable[Asked]:
    """Of trails, of the attributes of a topic, and of a key that was named by an alias."""
    named = (
        [told.get("Arn") or told.get("KmsMasterKeyId")] if isinstance(told, dict) else [one.KmsKeyId for one in told]
    )
    return [(key, {"KeyId": key}, (key.split(":") + [""] * 4)[3]) for key in sorted({one for one in named if one})]


def _topics(told: list[of.Alarm | dict[str, Any]], name: str = "TopicArn") -> Iterable[Asked]:
    """Of alarms, and of targets of a rule."""
    named = [[str(one.get("Arn"))] if isinstance(one, dict) else one.AlarmActions for one in told]
    arns = {arn for those in named for arn in those if ":sns:" in arn}
    return [(arn, {name: arn}, arn.split(":")[3]) for arn in sorted(arns)]


def _subscriptions(told: list[of.Subscription]) -> Iterable[Asked]:
    """The confirmed ones; only these have an ARN."""
    arns = [one.SubscriptionArn for one in told if one.SubscriptionArn.startswith("arn:")]
    return [(arn, {"SubscriptionArn": arn}, arn.split(":")[3]) for arn in arns]


def _mute_rules(told: list[dict[str, Any]]) -> Iterable[Asked]:
    names = [str(one.get("AlarmMuteRuleArn")).rpartition(":")[2] for one in told]
    return [(name, {"AlarmMuteRuleName": name}, "") for name in names]


def _config_rules(told: list[of.ConfigRule]) -> Iterable[Asked]:
    names = [one.ConfigRuleName for one in told if one.Source.get("SourceIdentifier") in CONFIG_RULES]
    return [(name, {"ConfigRuleName": name}, "") for name in names]


def _contacts(_: str) -> Iterable[Asked]:
    return [(one, {"AlternateContactType": one}, "") for one in ("SECURITY", "BILLING", "OPERATIONS")]


def _hub_filters(account_id: str) -> Iterable[Asked]:
    def named(values: Iterable[str]) -> list[dict[str, str]]:
        return [{"Value": value, "Comparison": "EQUALS"} for value in values]

    filters = {"ComplianceSecurityControlId": named(HUB_CONTROLS), "AwsAccountId": named([account_id])}
    return [("", {"Filters": {**filters, "RecordState": named(["ACTIVE"])}}, "")]


def _root_findings(told: list[str]) -> Iterable[Asked]:
    criteria = {"Criterion": {"type": {"Equals": list(GUARDDUTY_TYPES)}}}
    return [(one, {"DetectorId": one, "FindingCriteria": criteria}, "") for one in told]


def _detectors(told: list[str]) -> Iterable[Asked]:
    return [(one, {"DetectorId": one}, "") for one in told]


def _root_rules(told: list[of.Rule]) -> Iterable[Asked]:
    return [(one.Name, {"Rule": one.Name}, "") for one in told if "Root" in one.EventPattern]


def _policies(told: list[dict[str, Any]]) -> Iterable[Asked]:
    return [(str(one.get("Id")), {"PolicyId": str(one.get("Id"))}, "") for one in told]


def _with(**parameters: Any) -> Callable[[str], Iterable[Asked]]:  # noqa: ANN401 - as boto3 takes them
    return lambda _: [("", parameters, "")]


def _analyzers(told: list[dict[str, Any]]) -> Iterable[Asked]:
    arns = [str(one.get("arn")) for one in told if one.get("type") in EXTERNAL and one.get("status") == "ACTIVE"]
    active = {"status": {"eq": ["ACTIVE"]}}
    return [(arn, {"analyzerArn": arn, "filter": active}, "") for arn in arns]


def _kinds_of_policies(_: str) -> Iterable[Asked]:
    kinds = (("", "SERVICE_CONTROL_POLICY"), (RESOURCE_POLICIES, RESOURCE_POLICIES))
    return [(argument, {"Filter": kind}, "") for argument, kind in kinds]


def _targets_of_sign_in(told: str | of.Organization) -> Iterable[Asked]:
    """The account of who asks, and its organization."""
    target = told.split(":")[4] if isinstance(told, str) else told.Id
    return [(target, {"targetId": target}, "")] if target else ()


def _of_root(account_id: str) -> Iterable[Asked]:
    """The root user; Sign-In is asked only in the commercial partition."""
    return [("", {"principalArn": f"arn:aws:iam::{account_id}:root"}, "")]


def _own(_: str) -> Iterable[Asked]:
    return [(ROOT, {}, "")]


def _own_keys(told: list[of.AccessKey]) -> Iterable[Asked]:
    return [(one.AccessKeyId, {"AccessKeyId": one.AccessKeyId}, "") for one in told]


def _members(told: list[of.Member]) -> Iterable[Asked]:
    return [(one.Id, {"AccountId": one.Id}, "") for one in told]


def _none(_: str) -> Iterable[Asked]:
    """For calls that are made separately, not in each account."""
    return ()


def _account(account_id: str) -> Iterable[Asked]:
    return [("", {"AccountId": account_id}, "")]


def _bucket_call(operation: str, key: str, shape: object, absent: str, action: str = "") -> Call:
    return Call(
        "s3", operation, key, shape, "every", _TRAILS, _buckets, action, absent=(*absent.split(), "NoSuchBucket")
    )


_TRAILS: Final = ("cloudtrail:DescribeTrails",)
_TOPICS: Final = ("cloudwatch:DescribeAlarms", "events:ListTargetsByRule")
_NO_TOPIC: Final = ("NotFound", "NotFoundException")
_KEYS: Final = (*_TRAILS, "sns:GetTopicAttributes")
_WHO: Final = ("sts:GetCallerIdentity", "organizations:DescribeOrganization")
_POLICIES: Final = ("organizations:ListPolicies",)
_MUTES: Final = ("cloudwatch:ListAlarmMuteRules",)
_RULES: Final = ("config:DescribeConfigRules",)
_DETECTORS: Final = ("guardduty:ListDetectors",)
_FINDINGS_AT_ONCE: Final = 50
_ENABLED: Final = _with(RegionOptStatusContains=["ENABLED", "ENABLED_BY_DEFAULT"])
_BILLING: Final = _with(Type="BILLING")
_BLOCK: Final = "PublicAccessBlockConfiguration"
_ACCOUNT_BLOCK: Final = "s3:GetAccountPublicAccessBlock"
_NOTIFYING: Final = "BudgetNotificationsForAccount"
_NO_BLOCK: Final = "NoSuchPublicAccessBlockConfiguration"
_NOT_FOUND: Final = ("ResourceNotFoundException",)
_ALONE: Final = ("AWSOrganizationsNotInUseException",)
#: Central root access cannot be on.
_NO_FEATURES: Final = ("ServiceAccessNotEnabledException", "OrganizationNotInAllFeaturesModeException")
_Rows: TypeAlias = list[dict[str, Any]]
_CALLS: Final = (
    Call("sts", "GetCallerIdentity", "Arn", str),
    Call("iam", "GetAccountSummary", "SummaryMap", dict[str, int]),
    Call("iam", "GetCredentialReport", "Content", str),
    Call("iam", "ListVirtualMFADevices", "VirtualMFADevices", list[of.VirtualDevice]),
    Call("sts", "AssumeRoot", "Credentials", dict[str, str], "root", items=_none),
    # Without a user these are of the caller: of root only if root asked, or a session of AssumeRoot.
    Call("iam", "ListMFADevices", "MFADevices", list[of.Device], "root", items=_own),
    Call("iam", "GetLoginProfile", "LoginProfile", of.LoginProfile, "root", items=_own, absent=("NoSuchEntity",)),
    Call("iam", "ListSigningCertificates", "Certificates", list[of.Certificate], "root", items=_own),
    Call("iam", "ListAccessKeys", "AccessKeyMetadata", list[of.AccessKey], "root", items=_own),
    Call(
        *("iam", "GetAccessKeyLastUsed", "AccessKeyLastUsed", dict[str, str], "root"),
        *(("iam:ListAccessKeys",), _own_keys),
    ),
    Call("iam", "ListOrganizationsFeatures", "EnabledFeatures", list[str], absent=_NO_FEATURES),
    Call("account", "GetAlternateContact", "AlternateContact", dict[str, Any], items=_contacts, absent=_NOT_FOUND),
    Call("account", "GetAccountInformation", "AccountState", str),
    Call("account", "GetContactInformation", "", of.Contact, absent=_NOT_FOUND),
    # Only the management account may ask it, of a member that it names; it lists the address of each anyway.
    Call("account", "GetPrimaryEmail", "PrimaryEmail", str, items=_none),
    Call("account", "ListRegions", "Regions", _Rows, items=_ENABLED),
    Call("organizations", "DescribeOrganization", "Organization", of.Organization, absent=_ALONE),
    Call("organizations", "ListAccounts", "Accounts", list[of.Member], items=_none),
    Call(
        *("account", "GetPrimaryEmailUpdateStatus", "", of.EmailUpdate, "once"),
        *(("organizations:ListAccounts",), _members),
        absent=_NOT_FOUND,
    ),
    Call("organizations", "ListPolicies", "Policies", _Rows, items=_kinds_of_policies),
    Call("organizations", "DescribePolicy", "Policy", of.Policy, "once", _POLICIES, _policies),
    Call("organizations", "ListTargetsForPolicy", "Targets", _Rows, "once", _POLICIES, _policies),
    Call(
        *("signin", "GetConsoleAuthorizationConfiguration", "consoleAuthorizationEnabled", bool, "once"),
        *(_WHO, _targets_of_sign_in),
        absent=_NOT_FOUND,
    ),
    Call("signin", "GetResourcePolicy", "signinResourceBasedPolicy", dict[str, Any], absent=_NOT_FOUND),
    Call("signin", "ListSessions", "items", list[of.Session], items=_of_root),
    Call("organizations", "ListDelegatedAdministrators", "DelegatedAdministrators", _Rows),
    Call("organizations", "ListAWSServiceAccessForOrganization", "EnabledServicePrincipals", _Rows),
    Call("organizations", "ListInboundResponsibilityTransfers", "ResponsibilityTransfers", _Rows, items=_BILLING),
    Call("organizations", "ListOutboundResponsibilityTransfers", "ResponsibilityTransfers", _Rows, items=_BILLING),
    Call(
        *("budgets", f"Describe{_NOTIFYING}", _NOTIFYING, _Rows),
        items=_account,
        action="budgets:ViewBudget",
        absent=("NotFoundException",),
    ),
    Call("ce", "GetAnomalySubscriptions", "AnomalySubscriptions", _Rows),
    Call("security-ir", "ListMemberships", "items", _Rows),
    Call("cloudtrail", "DescribeTrails", "trailList", list[of.Trail], "every"),
    Call("cloudtrail", "GetTrailStatus", "", of.TrailStatus, "every", _TRAILS, _of_trails("Name")),
    Call("cloudtrail", "GetEventSelectors", "", of.Selectors, "every", _TRAILS, _of_trails("TrailName")),
    _bucket_call("GetBucketPolicyStatus", "PolicyStatus", dict[str, bool], "NoSuchBucketPolicy"),
    _bucket_call("GetBucketPolicy", "Policy", str, "NoSuchBucketPolicy"),
    _bucket_call("GetBucketAcl", "", of.Acl, ""),
    _bucket_call("GetPublicAccessBlock", _BLOCK, dict[str, bool], _NO_BLOCK, "s3:GetBucketPublicAccessBlock"),
    Call(
        *("s3control", "GetPublicAccessBlock", _BLOCK, dict[str, bool]),
        items=_account,
        action=_ACCOUNT_BLOCK,
        absent=(_NO_BLOCK,),
    ),
    _bucket_call(
        *("GetBucketLifecycleConfiguration", "Rules", _Rows, "NoSuchLifecycleConfiguration"),
        "s3:GetLifecycleConfiguration",
    ),
    _bucket_call("GetBucketVersioning", "", dict[str, Any], ""),
    _bucket_call(
        *("GetObjectLockConfiguration", "ObjectLockConfiguration", dict[str, Any]),
        *("ObjectLockConfigurationNotFoundError", "s3:GetBucketObjectLockConfiguration"),
    ),
    Call("route53", "ListHostedZones", "HostedZones", _Rows),
    Call("sesv2", "ListEmailIdentities", "EmailIdentities", _Rows, "every", action="ses:ListEmailIdentities"),
    Call("logs", "DescribeMetricFilters", "metricFilters", list[of.MetricFilter], "trails"),
    Call("cloudwatch", "DescribeAlarms", "MetricAlarms", list[of.Alarm], "trails"),
    Call("cloudwatch", "ListAlarmMuteRules", "AlarmMuteRuleSummaries", _Rows, "trails"),
    Call("cloudwatch", "GetAlarmMuteRule", "", of.MuteRule, "trails", _MUTES, _mute_rules, absent=_NOT_FOUND),
    Call("events", "ListRules", "Rules", list[of.Rule], "every"),
    Call(
        "events", "ListTargetsByRule", "Targets", _Rows, "every", ("events:ListRules",), _root_rules, absent=_NOT_FOUND
    ),
    Call(
        *("sns", "ListSubscriptionsByTopic", "Subscriptions", list[of.Subscription], "every", _TOPICS, _topics),
        absent=_NO_TOPIC,
    ),
    Call(
        *("sns", "GetSubscriptionAttributes", "Attributes", dict[str, str], "every"),
        *(("sns:ListSubscriptionsByTopic",), _subscriptions),
        absent=_NO_TOPIC,
    ),
    Call("sns", "GetTopicAttributes", "Attributes", dict[str, str], "every", _TOPICS, _topics, absent=_NO_TOPIC),
    Call(
        *("sns", "GetDataProtectionPolicy", "", dict, "every"),
        *(_TOPICS, partial(_topics, name="ResourceArn")),
        absent=_NO_TOPIC,
    ),
    Call("kms", "DescribeKey", "KeyMetadata", dict[str, Any], "every", _KEYS, _keys, absent=("NotFoundException",)),
    # It takes no alias, so that a key of a topic is asked as it was described.
    Call(
        *("kms", "GetKeyPolicy", "Policy", str, "every", (*_TRAILS, "kms:DescribeKey"), _keys),
        absent=("NotFoundException",),
    ),
    Call("config", "DescribeConfigRules", "ConfigRules", list[of.ConfigRule], "trails"),
    Call("config", "DescribeConfigurationRecorderStatus", "ConfigurationRecordersStatus", _Rows, "trails"),
    Call("config", "GetComplianceDetailsByConfigRule", "EvaluationResults", _Rows, "trails", _RULES, _config_rules),
    Call("securityhub", "DescribeHub", "HubArn", str, "trails", absent=("InvalidAccessException", *_NOT_FOUND)),
    Call("securityhub", "DescribeSecurityHubV2", "HubV2Arn", str, "trails", absent=_NOT_FOUND),
    Call("securityhub", "GetFindings", "Findings", list[of.HubFinding], "trails", items=_hub_filters),
    Call("guardduty", "ListDetectors", "DetectorIds", list[str], "every"),
    Call("guardduty", "GetDetector", "Status", str, "every", _DETECTORS, _detectors),
    Call("guardduty", "ListFindings", "FindingIds", list[str], "every", _DETECTORS, _root_findings),
    Call(
        *("guardduty", "GetFindings", "Findings", list[of.Finding], "every", ("guardduty:ListFindings",)),
        lambda ids: [("", {"FindingIds": ids[:_FINDINGS_AT_ONCE]}, "")] if ids else (),
        passes="DetectorId",
    ),
    Call("accessanalyzer", "ListAnalyzers", "analyzers", _Rows, "trails", action="access-analyzer:ListAnalyzers"),
    Call(
        *("accessanalyzer", "ListFindings", "findings", _Rows, "trails", ("accessanalyzer:ListAnalyzers",), _analyzers),
        action="access-analyzer:ListFindings",
    ),
)
#: By service and operation; a call comes after its parent.
CALLS: Final = {call.name: call for call in _CALLS}
#: What a session of root in a member asks, and what opens it, which is a write.
AUDIT: Final = tuple(call.name for call in _CALLS if call.where == "root")
ASSUME_ROOT: Final = "sts:AssumeRoot"
#: What such a session may do: nothing but read what root has; behind the partition.
TASK_POLICY: Final = ":iam::aws:policy/root-task/IAMAuditRootUserCredentials"
#: Who asks.
CALLER: Final = "sts:GetCallerIdentity"
#: In which organization an account is.
ORGANIZATION: Final = "organizations:DescribeOrganization"
#: The accounts of the organization; asked once, from above.
MEMBERS: Final = "organizations:ListAccounts"
#: Beside what controls read, what a live run makes: who asks, and a credential report.
BESIDE: Final = (CALLER, "iam:GenerateCredentialReport")
