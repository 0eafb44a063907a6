"""Whether the next use of root would be reported: the deployed alarm, replayed, and EventBridge rules."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.alarm.replay import SHOWN, replay
from rootforensics.analysis.alarm.settings import DAY, MINUTE, AlarmSettings
from rootforensics.errors import PatternError
from rootforensics.phrases import plural
from rootforensics.posture.judged import Judged
from rootforensics.posture.saved import UnknownAnswerError, owner_of
from rootforensics.posture.topics import CLOUDWATCH, EVENTBRIDGE, PEOPLE, READERS, protocols, refuses
from rootforensics.posture.trails import recording, trails
from rootforensics.rules.patterns.match import matches
from rootforensics.rules.patterns.parse import CIS_ROOT, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.posture import shapes as of
    from rootforensics.posture.saved import Reading

#: What any filter on root must match: a sign-in, a call by access key, a call in the console.
_ROOT: Final[dict[str, object]] = {"type": "Root"}
_SESSION: Final = {"sessionContext": {"attributes": {"mfaAuthenticated": "false"}}, "accessKeyId": "ASIAEXAMPLE"}
_SAMPLES: Final[tuple[tuple[str, dict[str, object], str, str, str, str], ...]] = (
    ("a sign-in", _ROOT, "AwsConsoleSignIn", "signin.amazonaws.com", "ConsoleLogin", "us-east-1"),
    (
        "a call with an access key",
        {**_ROOT, "accessKeyId": "AKIA"},
        "AwsApiCall",
        "iam.amazonaws.com",
        "CreateUser",
        "us-east-1",
    ),
    ("a call in the console", {**_ROOT, **_SESSION}, "AwsApiCall", "s3.amazonaws.com", "DeleteBucket", "eu-west-1"),
)
#: What no filter on root may match: an alarm that also fires for others is not specific to root.
_USER: Final = {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "accessKeyId": "AKIAEXAMPLE", "userName": "alice"}
_ROLE: Final = {"type": "AssumedRole", "principalId": "AROAEXAMPLE:s", "accessKeyId": "ASIAEXAMPLE"}
_OTHERS: Final[tuple[tuple[str, dict[str, str], str, str, dict[str, object]], ...]] = (
    ("a call by an IAM user", _USER, "ec2.amazonaws.com", "DescribeInstances", {"readOnly": True}),
    ("a call by a role", _ROLE, "s3.amazonaws.com", "GetBucketAcl", {"readOnly": True}),
    (
        "a sign-in by an IAM user",
        _USER,
        "signin.amazonaws.com",
        "ConsoleLogin",
        {"eventType": "AwsConsoleSignIn", "responseElements": {"ConsoleLogin": "Success"}},
    ),
    ("an IAM call by a user", _USER, "iam.amazonaws.com", "CreateAccessKey", {"readOnly": False}),
    ("a denied call by a role", _ROLE, "s3.amazonaws.com", "GetBucketAcl", {"errorCode": "AccessDenied"}),
    (
        "an event from an AWS service",
        {"type": "AWSService", "invokedBy": "kms.amazonaws.com"},
        "kms.amazonaws.com",
        "RotateKey",
        {"eventType": "AwsServiceEvent"},
    ),
)
_ARNS: Final = {"IAMUser": "arn:aws:iam::{}:user/alice", "AssumedRole": "arn:aws:sts::{}:assumed-role/admin/s"}
#: What CloudTrail gives to EventBridge of people: calls, and sign-ins.
_KINDS: Final = {"AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail"}
#: A trail of all Regions delivers each few minutes.
_DELIVERED: Final = timedelta(days=1)
_TARGETS: Final = "events:ListTargetsByRule"
_ALL_EVENTS: Final = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@dataclass(slots=True)
class Chain:
    """From a trail by a filter and an alarm to a person.

    Attributes:
        named: filter and alarm.
        faults: why it fails, as clauses.
        doubts: what could not be read.
        hub: what Security Hub's CloudWatch.1 would report.
        warning: what a working chain does not report; empty for nothing.
        act_count: events of root activity in the case on which it was replayed.
    """

    named: str
    faults: list[str]
    doubts: list[str]
    hub: str
    warning: str = ""
    act_count: int = 0


def root_alarm(reading: Reading) -> Judged:
    """The deployed filter and alarm would notify a person of root events."""
    found = trails(reading, multi_region=True)
    chains = [chain for trail in found for chain in _chains(reading, trail)]
    if not chains:
        if reading.missing:
            raise UnknownAnswerError
        return Judged(
            "fail", "No log group of a trail has a metric filter. Security Hub's CloudWatch.1 would report FAILED."
        )
    best = min(chains, key=lambda one: (len(one.faults), len(one.doubts), bool(one.warning), one.named))
    hub = f" Security Hub's CloudWatch.1 would report {best.hub}."
    if best.faults:
        return Judged("fail", f"{best.named}: {'; '.join(best.faults)}.{hub}")
    if best.doubts:
        raise UnknownAnswerError(f"{best.named}: {'; '.join(best.doubts)}.")
    if best.warning:
        return Judged("warn", f"{best.named}: {best.warning}.{hub}")
    samples = "a sign-in, a call with an access key and a call in the console"
    how = f"each of {plural(best.act_count, 'event')} of root activity in the case" if best.act_count else samples
    lost = any(not one.region for one in reading.evidence if one.call.startswith(("logs:", "cloudwatch:", "sns:")))
    place = " The files do not show whether filter and alarm are in the Region of the log group." if lost else ""
    return Judged("pass", f"{best.named} would report {how} to a confirmed subscriber.{place}{hub}")


def _chains(reading: Reading, trail: of.Trail) -> Iterator[Chain]:
    parts = trail.CloudWatchLogsLogGroupArn.split(":")
    if len(parts) < 7:
        return
    region, account, group = parts[3], parts[4], parts[6]
    there = reading.at(account)
    if account != there.account_id:
        yield Chain(f"Trail {trail.Name}", [], [f"its log group is in account {account or 'unknown'}"], "NO_DATA")
        return
    try:
        filters = there.each("logs:DescribeMetricFilters", region)
        alarms = [one for _, told in there.each("cloudwatch:DescribeAlarms", region) for one in told or ()]
    except UnknownAnswerError:
        yield Chain(f"Trail {trail.Name}", [], ["its filters and alarms could not be read"], "unknown")
        return
    for one in (one for _, told in filters for one in told or () if one.logGroupName == group):
        yield from _of_filter(reading, trail, one, alarms, there, region)


def _of_filter(
    reading: Reading, trail: of.Trail, one: of.MetricFilter, alarms: list[of.Alarm], there: Reading, region: str
) -> Iterator[Chain]:
    named = f"Filter {one.filterName}"
    metrics = {(made.metricNamespace, made.metricName): made for made in one.metricTransformations}
    fed = [(alarm, metrics[name]) for alarm in alarms if (name := (alarm.Namespace, alarm.MetricName)) in metrics]
    faults, doubts = _trail_faults(reading, trail)
    if one.fieldSelectionCriteria:
        faults.append("fieldSelectionCriteria passes only some events")
    if one.applyOnTransformedLogs:
        doubts.append("it reads transformed logs")
    if not fed:
        pattern_faults, _ = _pattern_faults(reading, trail, one.filterPattern, MINUTE)
        yield Chain(named, [*faults, *pattern_faults, "no alarm uses its metric"], doubts, "FAILED")
    for alarm, made in fed:
        missed, acts = _pattern_faults(reading, trail, one.filterPattern, alarm.Period)
        if _dimensions(reading, one, made) != [(told.get("Name"), told.get("Value")) for told in alarm.Dimensions]:
            missed.append("filter and alarm have different dimensions, or the alarm uses one of several values")
        broken, unread, warnings = _alarm_faults(there, made, alarm, region)
        is_seen = there.account_id == reading.account_id
        hub = _hub(there, trail, one, alarm, region) if is_seen else "NO_DATA"
        both = f"{named}, alarm {alarm.AlarmName}" + ("" if is_seen else f" in account {there.account_id}")
        left = [f"the trail excludes events from {source}" for source in recording(reading, trail).left_out]
        if alarm.TreatMissingData == "ignore" and made.defaultValue is None:
            left.append("after it fires, it stays in ALARM state because it ignores missing data")
        told = "; ".join((*left, *warnings))
        yield Chain(both, [*faults, *missed, *broken], [*doubts, *unread], hub, told, acts)


def _trail_faults(reading: Reading, trail: of.Trail) -> tuple[list[str], list[str]]:
    found = recording(reading, trail).faults
    faults, doubts = list(found or ()), ["the settings of the trail could not be read"] if found is None else []
    status = reading.at(owner_of(trail.TrailARN)).maybe("cloudtrail:GetTrailStatus", trail.TrailARN)
    if status and status.LatestCloudWatchLogsDeliveryError:
        faults.append("the trail cannot deliver to CloudWatch Logs")
    elif status and reading.is_old("cloudtrail:GetTrailStatus", status.LatestCloudWatchLogsDeliveryTime, _DELIVERED):
        faults.append(f"nothing has been delivered to CloudWatch Logs since {status.LatestCloudWatchLogsDeliveryTime}")
    return faults if trail.IsMultiRegionTrail else [*faults, "the trail records only one Region"], doubts


def _pattern_faults(reading: Reading, trail: of.Trail, written: str, period: int) -> tuple[list[str], int]:
    """Why the filter misses root events, and on how many events it was replayed."""
    try:
        pattern = parse(written)
    except PatternError as error:
        return [f"its pattern is not valid ({error.problem})"], 0
    records = {sample[0]: _record(reading.account_id, *sample[1:]) for sample in _SAMPLES}
    records["a denied call"] = {**_record(reading.account_id, *_SAMPLES[1][1:]), "errorCode": "AccessDenied"}
    lost = [name for name, record in records.items() if not matches(pattern, record)]
    faults = [f"its pattern does not match {', '.join(lost)}"] if lost else []
    others = {sample[0]: _record_of_another(reading.account_id, *sample[1:]) for sample in _OTHERS}
    if matched := [name for name, record in others.items() if matches(pattern, record)]:
        faults.append(f"its pattern also matches {', '.join(matched)}, so the alarm is not specific to root")
    if reading.case is not None and len(lost) < len(records):  # most filters of a log group are not about root
        regions = () if trail.IsMultiRegionTrail else (trail.HomeRegion,)
        minutes = min(max(period // MINUTE, 1), DAY // MINUTE)
        settings = AlarmSettings(pattern, minutes * MINUTE, regions=regions, accounts=(reading.account_id,))
        acts = [
            act
            for act in replay(reading.case, settings).acts
            if act.event.account_id == reading.account_id and act.event.origin != "privileged_session"
        ]
        missed = [act for act in acts if act.fate != SHOWN]
        if missed:
            faults.append(
                f"replayed on the case, it misses {len(missed):,} of {plural(len(acts), 'event')} of root activity"
            )
        return faults, len(acts)
    return faults, 0


def _record_of_another(
    account_id: str, identity: dict[str, str], source: str, name: str, fields: dict[str, object]
) -> dict[str, object]:
    """An event that is not root's."""
    arn = _ARNS.get(identity["type"])
    own = {"arn": arn.format(account_id), "accountId": account_id} if arn else {}
    record = _record(account_id, {}, "AwsApiCall", source, name, "us-east-1")
    return record | fields | {"userIdentity": identity | own}


def _record(
    account_id: str, identity: dict[str, object], kind: str, source: str, name: str, region: str
) -> dict[str, object]:
    own = {"principalId": account_id, "arn": f"arn:aws:iam::{account_id}:root", "accountId": account_id}
    return {
        "eventVersion": "1.11",
        "userIdentity": {**identity, **own},
        "recipientAccountId": account_id,
        "eventType": kind,
        "eventSource": source,
        "eventName": name,
        "awsRegion": region,
    }


def _alarm_faults(
    reading: Reading, made: of.Transformation, alarm: of.Alarm, region: str
) -> tuple[list[str], list[str], list[str]]:
    """What is wrong with an alarm, what could not be read, and what it does not report."""
    faults = _firing_faults(made, alarm)
    if alarm.Unit not in ("", made.unit or "None"):
        faults.append(f"the alarm has the unit {alarm.Unit}, but its metric has the unit {made.unit or 'None'}")
    if not alarm.ActionsEnabled:
        faults.append("the alarm's actions are disabled")
    muted, doubts, at_times = _muting(reading, alarm, region)
    told, unread, others = _readers(reading, alarm)
    return [*faults, *muted, *told], [*doubts, *unread], [*at_times, *others]


def _firing_faults(made: of.Transformation, alarm: of.Alarm) -> list[str]:
    """Why a single event does not trigger the alarm, or why the alarm also fires without one.

    Without a default value, only events write metric values, so the average and minimum are those of an event.
    """
    try:
        value = float(made.metricValue)
    except ValueError:
        return [f"its metric value {made.metricValue} differs from event to event"]
    default, is_count = made.defaultValue, alarm.Statistic == "SampleCount"
    means = ("Average", "Minimum") if default is None else ()
    points = alarm.DatapointsToAlarm or alarm.EvaluationPeriods
    is_told = points == 1 and alarm.Statistic in ("Sum", "Maximum", "SampleCount", *means)
    if not is_told or not _reaches(alarm, 1 if is_count else value):
        return ["one event does not trigger the alarm"]
    if default is not None and _reaches(alarm, 1 if is_count else default):
        return ["the alarm fires without any event, so it does not report one"]
    if alarm.TreatMissingData == "breaching":
        return ["the alarm treats missing data as breaching, so it does not report an event"]
    if alarm.TreatMissingData == "ignore" and default is None and alarm.StateValue == "ALARM":
        return ["the alarm is in ALARM state and stays there because it ignores missing data"]
    return []


def _reaches(alarm: of.Alarm, value: float) -> bool:
    """Whether a value makes the alarm fire."""
    if alarm.ComparisonOperator == "GreaterThanOrEqualToThreshold":
        return value >= alarm.Threshold
    return alarm.ComparisonOperator == "GreaterThanThreshold" and value > alarm.Threshold


def _dimensions(reading: Reading, one: of.MetricFilter, made: of.Transformation) -> list[tuple[str, str]]:
    """The dimensions that an alarm needs to see all events of the account; other fields have no such value."""
    fields = [*one.emitSystemFieldDimensions, *(made.dimensions or ())]
    return [(name, reading.account_id if name == "@aws.account" else "") for name in fields]


def _muting(reading: Reading, alarm: of.Alarm, region: str) -> tuple[list[str], list[str], list[str]]:
    faults, warnings = [], []
    try:
        for _, told in reading.each("cloudwatch:ListAlarmMuteRules", region):
            for summary in told or ():
                name = str(summary.get("AlarmMuteRuleArn")).rpartition(":")[2]
                rule = reading.one("cloudwatch:GetAlarmMuteRule", name, region)
                if rule is None or alarm.AlarmName not in rule.MuteTargets.get("AlarmNames", ()):
                    continue
                if rule.Status == "ACTIVE":
                    faults.append(f"the mute rule {name} mutes the alarm now")
                elif rule.Status != "EXPIRED":
                    when = rule.Rule.get("Schedule", {})
                    told_times = f"{when.get('Expression', 'unknown')}, for {when.get('Duration', 'unknown')}"
                    warnings.append(f"the mute rule {name} mutes the alarm at times ({told_times})")
    except UnknownAnswerError:
        return faults, ["the mute rules of the alarm could not be read"], warnings
    return faults, [], warnings


def _readers(reading: Reading, alarm: of.Alarm) -> tuple[list[str], list[str], list[str]]:
    """Why no one receives the alarm's messages, what could not be read, and warnings about the subscribers."""
    topics = [arn for arn in alarm.AlarmActions if ":sns:" in arn]
    if not topics:
        others = len(alarm.AlarmActions)
        return ([], ["its actions are not SNS topics"], []) if others else (["the alarm has no action"], [], [])
    faults: list[str] = []
    doubts: list[str] = []
    read_by: set[str] = set()
    for arn in topics:
        try:
            told = protocols(reading, arn)
            if why := refuses(reading, arn, CLOUDWATCH, alarm.AlarmArn) if told else "":
                faults.append(why)
            else:
                read_by |= told
        except UnknownAnswerError as error:
            doubts.append(error.why or "the subscribers of its topic could not be read")
    if read_by & PEOPLE:
        return [], [], []
    if doubts:
        return [], doubts, []
    if read_by:
        return (
            [],
            [],
            [f"its topic has only subscribers of type {', '.join(sorted(read_by))}, and who reads those is unknown"],
        )
    return faults or ["its topic has no confirmed subscription"], [], []


def _hub(reading: Reading, trail: of.Trail, one: of.MetricFilter, alarm: of.Alarm, region: str) -> str:
    """What Security Hub's CloudWatch.1 would report: it wants the exact pattern, an alarm and any subscription."""
    if trail.HomeRegion != region or (trail.IsOrganizationTrail and owner_of(trail.TrailARN) != reading.account_id):
        return "NO_DATA"
    if one.filterPattern.strip() != CIS_ROOT or not trail.IsMultiRegionTrail or not alarm.AlarmActions:
        return "FAILED"
    told = [reading.maybe(READERS, arn, region) for arn in alarm.AlarmActions if ":sns:" in arn]
    if None in told:
        return "WARNING"
    return "PASSED" if any(told) else "FAILED"


def event_rule(reading: Reading) -> Judged:
    """EventBridge rules report root use in the Regions that record root sign-ins."""
    found = {region: _rules(reading, region) for region, _ in reading.each("events:ListRules")}
    kinds = {kind for told in found.values() for kind in told}
    if not kinds:
        return Judged(
            "info", f"No EventBridge rule reports root use in {', '.join(filter(None, found)) or 'the Region read'}."
        )
    lacking = [region for region in reading.sign_in_regions if "whole" not in found.get(region, ())]
    if not lacking:
        return Judged("pass", "EventBridge rules report root use in each Region that records root sign-ins.")
    return Judged(
        "warn",
        "An EventBridge rule reports root use, but no rule is known to send all root events to a confirmed subscriber "
        f"in {', '.join(lacking)}. "
        "A rule in the state ENABLED receives no read-only events, and its topic must allow EventBridge to publish.",
    )


def _rules(reading: Reading, region: str) -> set[str]:
    """For a Region, ``whole`` for a rule that reports all root events, ``part`` for one that reports some."""
    kinds = set()
    for _, told in reading.each("events:ListRules", region):
        for one in told or ():
            is_on = one.State.startswith("ENABLED") and one.EventBusName.rpartition("/")[2] == "default"
            if is_on and (how := _tells_of_root(one.EventPattern)):
                targets = [str(told.get("Arn")) for told in reading.one(_TARGETS, one.Name, region) or ()]
                topics = [arn for arn in targets if ":sns:" in arn]
                told_by = {arn: _read_by(reading, one.Name, arn) for arn in topics}
                takes = [arn for arn, read_by in told_by.items() if read_by and _takes(reading, one.Name, arn)]
                is_read = any(told_by[arn] & PEOPLE for arn in takes)
                if any(told_by.values()) or len(topics) < len(targets):  # the readers of other targets are unknown
                    kinds.add("whole" if is_read and how == "all" and one.State == _ALL_EVENTS else "part")
    return kinds


def _read_by(reading: Reading, rule: str, topic: str) -> set[str]:
    """The protocols of the subscribers to a rule's topic."""
    try:
        return protocols(reading, topic)
    except UnknownAnswerError as error:
        raise UnknownAnswerError(f"Rule {rule}: {error.why}." if error.why else "") from None


def _takes(reading: Reading, rule: str, topic: str) -> bool:
    """Whether a topic accepts the messages of a rule."""
    try:
        return not refuses(reading, topic, EVENTBRIDGE)
    except UnknownAnswerError as error:
        raise UnknownAnswerError(f"Rule {rule}: {error.why}.") from None


def _tells_of_root(pattern: str) -> str:
    """``all`` if a pattern matches all events of root, ``some`` if it narrows them; empty if it does not name root."""
    try:
        told = json.loads(pattern or "{}")
        detail = told.get("detail", {})
        identity = detail.get("userIdentity", {})
        if "Root" not in identity.get("type", []):
            return ""
    except (ValueError, AttributeError, TypeError):
        return ""
    # Other conditions of a pattern, such as an account or only API calls, narrow it.
    kinds = set(told.get("detail-type", _KINDS))
    is_whole = (set(detail), set(identity)) == ({"userIdentity"}, {"type"}) and set(told) <= {"detail", "detail-type"}
    return "all" if is_whole and kinds >= _KINDS else "some"
