"""The answers of AWS that controls read: of each the fields that are read, as the AWS CLI writes them."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


class VirtualDevice(Struct, kw_only=True):
    """IAM: a virtual MFA device and the user who has it."""

    SerialNumber: str
    User: dict[str, Any] = field(default_factory=dict)
    EnableDate: str = ""


class Device(Struct, kw_only=True):
    """IAM: an MFA device of the caller."""

    SerialNumber: str
    EnableDate: str = ""


class AccessKey(Struct, kw_only=True):
    """IAM: an access key of the caller."""

    AccessKeyId: str
    Status: str


class Certificate(Struct, kw_only=True):
    """IAM: a signing certificate of the caller."""

    CertificateId: str
    Status: str


class LoginProfile(Struct, kw_only=True):
    """IAM: the password of the caller."""

    CreateDate: str


class Session(Struct, kw_only=True):
    """Sign-In: a session of a command line, its time in seconds since 1970."""

    principalArn: str
    issuedAt: int
    status: str = ""


class Organization(Struct, kw_only=True):
    """Organizations: the organization."""

    FeatureSet: str
    MasterAccountId: str
    Id: str = ""


class Member(Struct, kw_only=True):
    """Organizations: an account."""

    Id: str
    Name: str = ""
    Status: str = ""
    State: str = ""
    Email: str = ""
    Paths: list[str] = field(default_factory=list)


class EmailUpdate(Struct, kw_only=True):
    """Account Management: how far the latest change of the primary e-mail address is."""

    Status: str
    UpdatedAt: str = ""


class Contact(Struct, kw_only=True):
    """Account Management: the primary contact, and whether its phone number was verified."""

    ContactInformation: dict[str, Any]
    VerificationStatus: str = ""


class Policy(Struct, kw_only=True):
    """Organizations: a policy and its text."""

    PolicySummary: dict[str, str | bool]
    Content: str


class Trail(Struct, kw_only=True):
    """CloudTrail: a trail."""

    Name: str
    TrailARN: str
    S3BucketName: str = ""
    HomeRegion: str = ""
    IsMultiRegionTrail: bool = False
    IsOrganizationTrail: bool = False
    LogFileValidationEnabled: bool = False
    CloudWatchLogsLogGroupArn: str = ""
    KmsKeyId: str = ""


class TrailStatus(Struct, kw_only=True):
    """CloudTrail: whether a trail logs, its last deliveries and errors."""

    IsLogging: bool
    LatestDeliveryError: str = ""
    LatestDeliveryTime: str = ""
    LatestDigestDeliveryError: str = ""
    LatestDigestDeliveryTime: str = ""
    LatestCloudWatchLogsDeliveryError: str = ""
    LatestCloudWatchLogsDeliveryTime: str = ""


class Selector(Struct, kw_only=True):
    """CloudTrail: an event selector."""

    ReadWriteType: str = "All"
    IncludeManagementEvents: bool = True
    ExcludeManagementEventSources: list[str] = field(default_factory=list)


class FieldSelector(Struct, kw_only=True):
    """CloudTrail: what an advanced selector wants of one field."""

    Field: str
    Equals: list[str] = field(default_factory=list)
    NotEquals: list[str] = field(default_factory=list)


class AdvancedSelector(Struct, kw_only=True):
    """CloudTrail: an advanced event selector."""

    FieldSelectors: list[FieldSelector]


class Selectors(Struct, kw_only=True):
    """CloudTrail: which events a trail has."""

    TrailARN: str
    EventSelectors: list[Selector] | None = None
    AdvancedEventSelectors: list[AdvancedSelector] | None = None


class Grant(Struct, kw_only=True):
    """S3: a right of an access control list."""

    Grantee: dict[str, str]
    Permission: str


class Acl(Struct, kw_only=True):
    """S3: a bucket's access control list."""

    Grants: list[Grant]
    Owner: dict[str, str] = field(default_factory=dict)


class Transformation(Struct, kw_only=True):
    """CloudWatch Logs: the metric that a filter writes."""

    metricName: str
    metricNamespace: str
    metricValue: str = "1"
    defaultValue: float | None = None
    unit: str = ""
    dimensions: dict[str, str] | None = None


class MetricFilter(Struct, kw_only=True):
    """CloudWatch Logs: a metric filter."""

    filterName: str
    filterPattern: str = ""
    metricTransformations: list[Transformation]
    logGroupName: str
    applyOnTransformedLogs: bool = False
    fieldSelectionCriteria: str = ""
    emitSystemFieldDimensions: list[str] = field(default_factory=list)


class Alarm(Struct, kw_only=True):
    """CloudWatch: an alarm on one metric."""

    AlarmName: str
    AlarmArn: str = ""
    ActionsEnabled: bool = True
    AlarmActions: list[str] = field(default_factory=list)
    MetricName: str = ""
    Namespace: str = ""
    Statistic: str = ""
    Unit: str = ""
    Dimensions: list[dict[str, str]] = field(default_factory=list)
    Period: int = 60
    EvaluationPeriods: int = 1
    DatapointsToAlarm: int | None = None
    Threshold: float = 0
    ComparisonOperator: str = ""
    TreatMissingData: str = "missing"
    StateValue: str = ""


class MuteRule(Struct, kw_only=True):
    """CloudWatch: one mute rule."""

    AlarmMuteRuleArn: str
    Status: str
    MuteTargets: dict[str, list[str]] = field(default_factory=dict)
    Rule: dict[str, Any] = field(default_factory=dict)


class Subscription(Struct, kw_only=True):
    """SNS: a subscription; its ARN may be ``PendingConfirmation``."""

    SubscriptionArn: str
    Protocol: str = ""


class Rule(Struct, kw_only=True):
    """EventBridge: a rule."""

    Name: str
    State: str = ""
    EventPattern: str = ""
    EventBusName: str = "default"


class ConfigRule(Struct, kw_only=True):
    """Config: a rule."""

    ConfigRuleName: str
    Source: dict[str, Any] = field(default_factory=dict)


class Finding(Struct, kw_only=True):
    """GuardDuty: a finding."""

    Type: str
    Service: dict[str, Any] = field(default_factory=dict)


class HubFinding(Struct, kw_only=True):
    """Security Hub: a finding."""

    AwsAccountId: str
    UpdatedAt: str = ""
    RecordState: str = "ACTIVE"
    Compliance: dict[str, Any] = field(default_factory=dict)
    Workflow: dict[str, str] = field(default_factory=dict)
