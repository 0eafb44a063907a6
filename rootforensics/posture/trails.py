"""Controls on trails and on their log buckets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.exposure.policies import policy_exposes
from rootforensics.phrases import plural
from rootforensics.posture.judged import Judged
from rootforensics.posture.saved import UnknownAnswerError, owner_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.posture import shapes as of
    from rootforensics.posture.saved import Reading

_GROUPS: Final = ("/AllUsers", "/AuthenticatedUsers")
_WRITES: Final = ("WRITE", "WRITE_ACP", "FULL_CONTROL")
#: CloudTrail's own event history goes back so far.
_HISTORY_DAYS: Final = 90
#: Digest files come each hour, logs more often.
_DELIVERED: Final = timedelta(days=1)
#: Services with so many calls that people leave them out of a trail.
_BULKY: Final = ("kms.amazonaws.com", "rdsdata.amazonaws.com")
#: Services whose events are needed to show root use.
_NEEDED: Final = ("iam.amazonaws.com", "signin.amazonaws.com")
_STATUS: Final = "cloudtrail:GetTrailStatus"
_USING_KEYS: Final = ("kms:decrypt", "kms:reencryptfrom", "kms:describekey", "kms:get*", "kms:list*")
_READING: Final = ("s3:get*", "s3:list*")
_NO_TRAIL: Final = Judged("not_applicable", "No trail is listed.")


@dataclass(frozen=True, slots=True)
class Recording:
    """What a trail records.

    Attributes:
        trail: the trail.
        faults: why it does not record management events, sentences without a full stop; None if that is unknown.
        undelivered: why logs do not reach its bucket though it records; empty if they do.
        left_out: further services whose management events it leaves out.
        delivered: when it last delivered to its bucket; empty if AWS does not say.
    """

    trail: of.Trail
    faults: list[str] | None
    undelivered: str
    left_out: list[str]
    delivered: str


def trails(reading: Reading, *, multi_region: bool = False) -> list[of.Trail]:
    """Each trail once. Any Region lists multi-Region trails."""
    answers = (reading.some if multi_region else reading.everywhere)("cloudtrail:DescribeTrails")
    by_arn = {one.TrailARN: one for _, listed in answers for one in listed or ()}
    return list(by_arn.values())


def recording(reading: Reading, trail: of.Trail) -> Recording:
    """Whether a trail logs, delivers and has all management events."""
    own = reading.at(owner_of(trail.TrailARN))
    status = own.maybe(_STATUS, trail.TrailARN)
    selectors = own.maybe("cloudtrail:GetEventSelectors", trail.TrailARN)
    delivered, left_out = status.LatestDeliveryTime if status else "", _left_out(selectors)
    faults = ["logging is stopped"] if status and not status.IsLogging else []
    faults += _selector_faults(selectors) + [f"it excludes events from {one}" for one in left_out if one in _NEEDED]
    error = status.LatestDeliveryError if status else ""
    undelivered = f"delivery to S3 fails ({error})" if error else ""
    if not error and reading.is_old(_STATUS, delivered, _DELIVERED):  # no error explains it, so it may not record
        faults.append(f"nothing has been delivered since {delivered}")
    known = faults if faults or (status and selectors) else None
    return Recording(trail, known, undelivered, [one for one in left_out if one not in _NEEDED], delivered)


def _left_out(selectors: of.Selectors | None) -> list[str]:
    basic = [] if selectors is None else selectors.EventSelectors or []
    advanced = [] if selectors is None else selectors.AdvancedEventSelectors or []
    named = [source for one in basic for source in one.ExcludeManagementEventSources]
    fields = [
        field_selector
        for selector in advanced
        for field_selector in selector.FieldSelectors
        if field_selector.Field == "eventSource"
    ]
    return sorted({*named, *(source for field in fields for source in field.NotEquals)})


def _selector_faults(selectors: of.Selectors | None) -> list[str]:
    """What of the management events a trail leaves out."""
    if selectors is None:
        return []
    if selectors.AdvancedEventSelectors:
        return _advanced_faults(selectors.AdvancedEventSelectors)
    management = [
        event_selector for event_selector in selectors.EventSelectors or () if event_selector.IncludeManagementEvents
    ]
    if not management:
        return ["no management events are selected"]
    kinds = {one.ReadWriteType for one in management}
    if "All" not in kinds and not {"ReadOnly", "WriteOnly"} <= kinds:
        return [f"only {kinds.pop()} management events are selected"]
    return []


def _advanced_faults(selectors: list[of.AdvancedSelector]) -> list[str]:
    reads: set[str] = set()
    narrowed: set[str] = set()
    for one in selectors:
        fields = {selector.Field: selector for selector in one.FieldSelectors}
        if "Management" not in (fields.pop("eventCategory").Equals if "eventCategory" in fields else []):
            continue
        read_only = fields.pop("readOnly", None)
        if "eventSource" in fields and fields["eventSource"].NotEquals and not fields["eventSource"].Equals:
            del fields["eventSource"]  # what it leaves out is told beside
        if fields:
            narrowed.update(fields)
        else:
            reads.update(read_only.Equals if read_only else ("true", "false"))
    if reads == {"true", "false"}:
        return []
    if reads:
        return [f"only management events with readOnly {reads.pop()} are selected"]
    return (
        [f"management events are filtered by {', '.join(sorted(narrowed))}"]
        if narrowed
        else ["no management events are selected"]
    )


def multi_region(reading: Reading) -> Judged:
    """A multi-Region trail records read and write management events."""
    listed = trails(reading, multi_region=True)
    multi = [recording(reading, one) for one in listed if one.IsMultiRegionTrail]
    recorded = [one for one in multi if one.faults == [] and not {*one.left_out} - {*_BULKY}]
    if delivering := [one for one in recorded if not one.undelivered]:
        good = [one for one in delivering if not one.left_out] or delivering
        named, last = ", ".join(one.trail.Name for one in good), max(one.delivered for one in good)
        delivered = f"Last delivery: {last}." if last else "AWS does not report the last delivery."
        if good[0].left_out:
            sources = ", ".join(sorted({source for one in good for source in one.left_out}))
            return Judged(
                "info", f"{named} records all Regions, but excludes management events from {sources}. {delivered}"
            )
        return Judged("pass", f"{named} records management events in all Regions. {delivered}")
    if [one for one in multi if one.faults is None]:
        raise UnknownAnswerError
    if recorded:
        return Judged("warn", _undelivered(recorded))
    if not multi:
        return Judged("fail", "No trail records all Regions.")
    lacks = {
        one.trail.Name: [*(one.faults or ()), *(f"it excludes events from {source}" for source in one.left_out)]
        for one in multi
    }
    return Judged("fail", "; ".join(f"{name}: {', '.join(faults)}" for name, faults in lacks.items()) + ".")


def _undelivered(recorded: list[Recording]) -> str:
    """That trails record, and why their logs do not reach the bucket."""
    reasons = "; ".join(f"{one.trail.Name}: {one.undelivered}" for one in recorded)
    return f"Events are recorded, but log files do not reach the bucket. {reasons}."


def sign_in_regions(reading: Reading) -> Judged:
    """The Regions in which the sign-in of root is recorded are in a trail."""
    recordings = [recording(reading, trail) for trail in trails(reading, multi_region=True)]
    recorded = [one for one in recordings if one.faults == []]
    for good in ([one for one in recorded if not one.undelivered], recorded):
        covered = {one.trail.HomeRegion for one in good}
        lacking = [sign_in_region for sign_in_region in reading.sign_in_regions if sign_in_region not in covered]
        if any(one.trail.IsMultiRegionTrail for one in good) or not lacking:
            if failing := [one for one in good if one.undelivered]:
                return Judged("warn", _undelivered(failing))
            return Judged("pass", "Trails cover the Regions that record root sign-ins.")
    asked = {region for region, _ in reading.some("cloudtrail:DescribeTrails")}
    if [one for one in recordings if one.faults is None] or not asked.issuperset(lacking):
        raise UnknownAnswerError(f"Whether a trail covers {', '.join(lacking)} is unknown.")
    return Judged("fail", f"No trail covers {', '.join(lacking)}, where root sign-ins are recorded.")


def validation(reading: Reading) -> Judged:
    """Each trail writes digest files."""
    listed = trails(reading)
    if lacking := [one.Name for one in listed if not one.LogFileValidationEnabled]:
        return Judged("fail", f"Log file validation is disabled: {', '.join(lacking)}.")
    if not listed:
        return _NO_TRAIL
    times = []
    for one in listed:
        status = reading.at(owner_of(one.TrailARN)).needed(_STATUS, one.TrailARN)
        times.append(status.LatestDigestDeliveryTime)
        if status.LatestDigestDeliveryError or not status.IsLogging or reading.is_old(_STATUS, times[-1], _DELIVERED):
            last = times[-1] or "none reported"
            return Judged("fail", f"{one.Name} does not deliver digest files (last delivery: {last}).")
    if "" in times:
        return Judged("pass", "Each trail has log file validation enabled. AWS does not report the last digest file.")
    return Judged("pass", f"Each trail delivers digest files. The last ones are from {min(times)} or later.")


def encryption(reading: Reading) -> Judged:
    """Each trail encrypts its logs with a KMS key."""
    listed = trails(reading)
    if lacking := [one.Name for one in listed if not one.KmsKeyId]:
        return Judged("fail", f"Logs are not encrypted with a KMS key: {', '.join(lacking)}.")
    judged = [_key(reading.at(owner_of(arn)), arn) for arn in sorted({one.KmsKeyId for one in listed})]
    for answer in ("fail", "warn"):
        if why := [one.why for one in judged if one.answer == answer]:
            return Judged("fail" if answer == "fail" else "warn", " ".join(why))
    return Judged("pass", "Each trail encrypts its logs with a KMS key.") if listed else _NO_TRAIL


def _key(reading: Reading, arn: str) -> Judged:
    """Whether a key works, and is no one else's to use."""
    state = (reading.one("kms:DescribeKey", arn) or {}).get("KeyState", "missing")
    if state != "Enabled":
        return Judged(
            "fail", f"The KMS key {arn} is {state}. No logs are delivered, and logs encrypted with it cannot be read."
        )
    policy = reading.needed("kms:GetKeyPolicy", arn)
    if policy_exposes(policy, reading.account_id, _USING_KEYS) == "yes":
        return Judged("fail", f"Another account can do more than use the KMS key {arn}, for example disable it.")
    if policy_exposes(policy, reading.account_id, ()):
        return Judged("warn", f"Other accounts can or may be able to use the KMS key {arn}. Check that each is yours.")
    return Judged("pass", "")


def _by_bucket(reading: Reading, judge: Callable[[Reading, str], Judged], good: str) -> Judged:
    """The most severe answer of all log buckets."""
    buckets = sorted({trail.S3BucketName for trail in trails(reading) if trail.S3BucketName})
    if not buckets:
        return _NO_TRAIL
    judged, unknown = [], []
    for name in buckets:
        try:
            judged.append(judge(reading.let("s3:GetBucketPolicy", name), name))
        except UnknownAnswerError:
            unknown.append(name)
    for answer in ("fail", "warn"):
        if matching := [one for one in judged if one.answer == answer]:
            return Judged(matching[0].answer, " ".join(one.why for one in matching))
        if unknown:
            raise UnknownAnswerError(f"Some settings of {', '.join(unknown)} could not be read.")
    return Judged("pass", good)


def bucket_access(reading: Reading) -> Judged:
    """No log bucket is public or shared."""
    return _by_bucket(reading, _access, "No log bucket is public or shared with other accounts.")


def _access(reading: Reading, bucket: str) -> Judged:
    acl, policy = reading.one("s3:GetBucketAcl", bucket), reading.one("s3:GetBucketPolicy", bucket)
    if acl is None:
        return Judged("fail", f"{bucket} does not exist. No logs are delivered, and anyone can create it.")
    blocked = reading.one("s3:GetPublicAccessBlock", bucket) or {}
    status = reading.one("s3:GetBucketPolicyStatus", bucket)
    if status and status.get("IsPublic", True) and not _blocks(reading, blocked, "RestrictPublicBuckets"):
        return Judged("fail", f"The bucket policy of {bucket} is public.")
    groups = [grant for grant in acl.Grants if grant.Grantee.get("URI", "").endswith(_GROUPS)]
    if groups and not _blocks(reading, blocked, "IgnorePublicAcls"):
        return Judged("fail", f"The access control list of {bucket} is public.")
    foreign = [one for one in acl.Grants if one.Grantee.get("ID", acl.Owner.get("ID")) != acl.Owner.get("ID")]
    means = ["access control list"] if any(one.Permission in _WRITES for one in foreign) else []
    means += ["bucket policy"] if policy and policy_exposes(policy, reading.account_id, _READING) == "yes" else []
    if means:
        return Judged("fail", f"Another account can do more than read in {bucket}, through its {' and '.join(means)}.")
    if foreign or (policy and policy_exposes(policy, reading.account_id, ())):
        return Judged("warn", f"Other accounts have or may have access to {bucket}. Check that each is yours.")
    return Judged("pass", "")


def _blocks(reading: Reading, own: dict[str, bool], name: str) -> bool:
    """Whether a bucket's own block of public access, or that of its account, is on."""
    return bool(own.get(name) or (reading.one("s3control:GetPublicAccessBlock") or {}).get(name))


def bucket_retention(reading: Reading) -> Judged:
    """Logs cannot be deleted from their buckets before their time."""
    return _by_bucket(reading, _retention, "Object Lock protects the logs of each trail.")


def _retention(reading: Reading, bucket: str) -> Judged:
    versioning = reading.one("s3:GetBucketVersioning", bucket)
    if versioning is None:
        return Judged("fail", f"{bucket} does not exist, so no logs are delivered.")
    if versioning.get("Status") != "Enabled":
        return Judged("fail", f"{bucket} has no versioning, so deleted logs cannot be restored.")
    lock = reading.one("s3:GetObjectLockConfiguration", bucket)
    if lock is None or not lock.get("Rule"):
        days = _expiring(reading.one("s3:GetBucketLifecycleConfiguration", bucket))
        expiry = f" Its lifecycle rules delete objects after {plural(days, 'day')}." if days else ""
        return Judged(
            "warn",
            f"{bucket} has versioning but no Object Lock. Anyone who may delete versions can delete logs.{expiry}",
        )
    return _locked(bucket, lock["Rule"].get("DefaultRetention", {}))


def _locked(bucket: str, kept: dict[str, Any]) -> Judged:
    """Whether a lock applies to everyone including root, and for at least as long as CloudTrail's event history."""
    days = int(kept.get("Days") or 0) + 365 * int(kept.get("Years") or 0)
    if kept.get("Mode") != "COMPLIANCE":
        return Judged(
            "warn", f"{bucket} uses Object Lock in {kept.get('Mode')} mode, which root and others can bypass."
        )
    if days < _HISTORY_DAYS:
        return Judged("warn", f"{bucket} locks logs for {plural(days, 'day')}. Afterward, they can be deleted.")
    return Judged("pass", "")


def _expiring(rules: list[dict[str, Any]] | None) -> int:
    """After how many days a lifecycle first deletes; 0 if it does not."""
    enabled = [rule for rule in rules or () if rule.get("Status") == "Enabled"]
    days = [one.get("Expiration", {}).get("Days") for one in enabled]
    return min((int(day) for day in days if day), default=0)
