"""Controls answered from folders of saved answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import rootforensics as rf
from rootforensics.reports.setups import FORMS, Setup
from rootforensics.rules.patterns.parse import CIS_ROOT, parse
from tests.builders import root_event, write_log
from tests.posture.answers import (
    ACCOUNT,
    DENIED,
    REGIONS,
    TOPIC,
    TRAIL,
    by_id,
    neglected,
    perfect,
    report,
    summary,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SUMMARY = "us-east-1/iam/get-account-summary"
_REPORT = "us-east-1/iam/get-credential-report"
_FILTERS = "us-east-1/logs/describe-metric-filters"
_ALARMS = "us-east-1/cloudwatch/describe-alarms"
_READERS = "us-east-1/sns/list-subscriptions-by-topic--root-usage-alarm"
_SELECTORS = "us-east-1/cloudtrail/get-event-selectors--management"


#: What is read only if another answer is not good.
_IF_OPEN = tuple(
    f"us-east-1/{one}"
    for one in (
        *(
            "ce/",
            "organizations/list-targets",
            "organizations/list-policies--RESOURCE",
            "signin/get-resource-policy",
            "route53/",
            "s3control/",
            "s3/get-bucket-lifecycle-configuration",
            "securityhub/describe-security-hub-v2",
        ),
    )
)


def test_a_perfect_account_passes_all(tmp_path: Path) -> None:
    told = rf.check_posture(from_folder=write(tmp_path, perfect()))
    assert {answer.control.id for answer in told.answers if answer.answer != "pass"} == {
        *(
            "root-password",
            "root-last-use",
            "root-denied",
            "sign-in-network",
            "root-sessions",
            "primary-email",
            "delegated-administrators",
            "trusted-access",
            "security-hub",  # the files do not say when AWS was asked, so its results are of unknown age
        ),
        "incident-response",
    }
    assert told.is_good
    assert told.exposures == []
    assert told.problems == ()
    assert {one.account_id for one in told.answers} == {ACCOUNT}


@pytest.mark.parametrize(
    ("contact", "answer"),
    [
        ({"ContactInformation": {"PhoneNumber": "+1"}, "VerificationStatus": "NOT_SUPPORTED"}, "pass"),
        ({"ContactInformation": {"PhoneNumber": "+1"}, "VerificationStatus": "UNVERIFIED"}, "warn"),
        ({"ContactInformation": {"FullName": "a"}}, "warn"),
        (DENIED, "unknown"),
    ],
)
def test_the_phone_by_which_mfa_is_recovered(contact: dict[str, Any], answer: str, tmp_path: Path) -> None:
    told = by_id(write(tmp_path, perfect() | {"us-east-1/account/get-contact-information": contact}))
    assert told["primary-phone"].answer == answer


def test_a_neglected_account_tells_each_exposure(tmp_path: Path) -> None:
    told = rf.check_posture(from_folder=write(tmp_path, neglected()))
    assert [exposure.control.id for exposure in told.exposures] == [
        *("root-access-key", "root-mfa", "root-mfa-device", "log-bucket-access", "multi-region-trail"),
        *("sign-in-regions", "root-alarm", "guardduty", "organization", "log-encryption", "log-bucket-retention"),
        *("security-hub", "security-contact", "log-validation"),
    ]
    answers = {one.control.id: one.answer for one in told.answers}
    assert {name for name, answer in answers.items() if answer in ("pass", "unknown")} == {"account-state"}
    assert answers["root-certificate"] == "warn"  # deactivated, and still there
    assert answers["central-root-access"] == "not_applicable"


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """The answers to the controls where one file of a perfect account is refused, and where it is missing."""
    folder = write(tmp_path_factory.mktemp("without"), perfect())

    def told(name: str) -> tuple[dict[str, rf.ControlAnswer], dict[str, rf.ControlAnswer]]:
        refused = by_id(write(folder, {name: DENIED}))
        (folder / ACCOUNT / f"{name}.json").unlink()
        missing = by_id(folder)
        write(folder, {name: perfect()[name]})
        return refused, missing

    return told


@pytest.mark.parametrize("name", sorted(perfect()))
def test_without_an_answer_a_control_does_not_pass(name: str, without: Callable[[str], Any]) -> None:
    """Each file in turn is refused, then missing: what reads it is unknown, or stands on others and says the same."""
    told, missing = without(name)
    lost = {control for control, one in told.items() if one.answer == "unknown"}
    if name != _REPORT and not name.startswith(_IF_OPEN) and "sesv2" not in name:
        assert lost
    assert all("permission " in told[control].missing[0] for control in lost)
    if "describe-trails" not in name:  # the other Regions list the trail, too
        assert {control for control, one in missing.items() if one.answer == "unknown"} >= lost - {"root-event-rule"}


@pytest.mark.parametrize(
    ("counts", "columns", "answer"),
    [
        ({"AccountAccessKeysPresent": 1}, {}, "fail"),
        ({}, {"access_key_1_active": "TRUE"}, "warn"),
        ({}, {"access_key_2_last_rotated": "2020-01-01T00:00:00+00:00"}, "warn"),
        ({}, {}, "pass"),
    ],
)
def test_a_deactivated_key_is_still_there(
    counts: dict[str, int], columns: dict[str, str], answer: str, tmp_path: Path
) -> None:
    changed = {_SUMMARY: summary(**counts), _REPORT: {"Content": report(**columns)}}
    assert by_id(write(tmp_path, {**perfect(), **changed}))["root-access-key"].answer == answer


def test_mfa_is_not_applicable_only_without_password_and_key(tmp_path: Path) -> None:
    none = by_id(write(tmp_path / "none", {**perfect(), _SUMMARY: summary()}))
    assert (none["root-mfa"].answer, none["root-mfa-device"].answer) == ("not_applicable", "not_applicable")
    key = by_id(write(tmp_path / "key", {**perfect(), _SUMMARY: summary(AccountAccessKeysPresent=1)}))
    assert key["root-mfa"].answer == "fail"
    assert "IAM.9" in key["root-mfa"].why
    old: dict[str, Any] = summary()
    del old["SummaryMap"]["AccountPasswordPresent"]
    unsaid = {**perfect(), _SUMMARY: old, _REPORT: {"Content": report(password_enabled="not_supported")}}
    assert by_id(write(tmp_path / "old", unsaid))["root-mfa"].answer == "unknown"


def test_a_report_that_ends_within_the_row_of_root_is_not_read(tmp_path: Path) -> None:
    """What is behind the cut would read as never used, and a time that was cut as another time."""
    whole = report(password_last_used="2026-10-01T00:00:00+00:00", cert_2_last_rotated="2026-10-01T00:00:00+00:00")
    content = whole.rstrip()
    for end in (len(content), len(content) - 3, content.index("2026-10-01") + 4, content.index(",N/A")):
        folder = write(tmp_path / str(end), perfect() | {_REPORT: {"Content": content[:end]}})
        answers = by_id(folder)
        expected = "info" if end == len(content) else "unknown"
        assert answers["root-last-use"].answer == expected, content[:end]


def test_root_is_told_by_its_exact_arn(tmp_path: Path) -> None:
    devices = "us-east-1/iam/list-virtual-mfa-devices"

    def of(user: str) -> dict[str, Any]:
        serial = f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"
        return {devices: {"VirtualMFADevices": [{"SerialNumber": serial, "User": {"Arn": user}}]}}

    user = write(tmp_path / "user", {**perfect(), **of(f"arn:aws:iam::{ACCOUNT}:user/root")})
    assert by_id(user)["root-mfa-device"].answer == "pass"
    root = write(tmp_path / "root", {**perfect(), **of(f"arn:aws:iam::{ACCOUNT}:root")})
    assert by_id(root)["root-mfa-device"].answer == "fail"


def _filter(answers: dict[str, Any], **fields: Any) -> None:
    answers[_FILTERS]["metricFilters"][0] |= fields


def _metric(answers: dict[str, Any], **fields: Any) -> None:
    answers[_FILTERS]["metricFilters"][0]["metricTransformations"][0] |= fields


def _alarm(answers: dict[str, Any], **fields: Any) -> None:
    answers[_ALARMS]["MetricAlarms"][0] |= fields


def _muted(answers: dict[str, Any]) -> None:
    arn = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm-mute-rule:night"
    rule = {"AlarmMuteRuleArn": arn, "Status": "ACTIVE"}
    answers["us-east-1/cloudwatch/list-alarm-mute-rules"] = {"AlarmMuteRuleSummaries": [rule]}
    answers["us-east-1/cloudwatch/get-alarm-mute-rule--night"] = {**rule, "MuteTargets": {"AlarmNames": ["RootUsage"]}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a: _filter(a, filterPattern=CIS_ROOT.replace(" }", ' && $.userIdentity.sessionContext.assumedRoot != "true" }')), "does not match"),
        (lambda a: _filter(a, filterPattern=CIS_ROOT.replace(" }", ' && $.awsRegion = "us-east-1" }')), "a call in the console"),
        (lambda a: _filter(a, filterPattern=CIS_ROOT.replace(" }", " && $.errorCode NOT EXISTS }")), "not match a denied call"),
        *(
            (lambda a, more=more: _filter(a, filterPattern=f'{{ ($.userIdentity.type = "Root") || ({more}) }}'), f"matches {what}")
            for more, what in (
                ("$.eventName = ConsoleLogin", "a sign-in by an IAM user,"),
                ('$.errorCode = "AccessDenied*"', "a denied call by a role,"),
                ("$.eventSource = iam.amazonaws.com", "an IAM call by a user,"),
                ("$.eventType = AwsServiceEvent", "an event from an AWS service,"),
            )
        ),
        (lambda a: _filter(a, filterPattern=CIS_ROOT.replace("&&", "||")), "also matches a call by an IAM user, a call by a role"),
        (lambda a: _filter(a, fieldSelectionCriteria='@aws.region = "us-east-1"'), "fieldSelectionCriteria"),
        (lambda a: _filter(a, emitSystemFieldDimensions=["@aws.account"]), "dimensions"),
        (lambda a: _filter(a, logGroupName="other"), "no metric filter|has a metric filter"),
        (lambda a: _metric(a, metricValue="0.0"), "one event"),
        (lambda a: _metric(a, metricValue="0.1"), "one event"),
        (lambda a: _metric(a, metricValue="-1"), "one event"),
        (lambda a: _metric(a, metricValue="$.size"), "$.size"),
        (lambda a: (_metric(a, defaultValue=0), _alarm(a, Threshold=0.0)), "without any event"),
        (lambda a: (_metric(a, defaultValue=0), _alarm(a, Statistic="SampleCount")), "without any event"),
        (lambda a: _alarm(a, TreatMissingData="breaching"), "missing data"),
        (lambda a: _alarm(a, TreatMissingData="ignore", StateValue="ALARM"), "missing data"),
        (lambda a: (_filter(a, emitSystemFieldDimensions=["@aws.account"]), _alarm(a, Dimensions=[{"Name": "@aws.account", "Value": "999988887777"}])), "dimensions"),
        (lambda a: _alarm(a, Namespace="Other"), "no alarm uses"),
        (lambda a: _alarm(a, Threshold=2.0), "one event"),
        (lambda a: _alarm(a, EvaluationPeriods=2), "one event"),
        (lambda a: _alarm(a, ActionsEnabled=False), "actions are disabled"),
        (lambda a: _alarm(a, AlarmActions=[]), "no action"),
        (lambda a: a[_READERS]["Subscriptions"][0].update(SubscriptionArn="PendingConfirmation"), "no confirmed subscription"),
        (_muted, "mute rule night"),
    ],
)  # fmt: skip
def test_an_alarm_that_tells_nobody_fails(
    change: Callable[[dict[str, Any]], object], words: str, tmp_path: Path
) -> None:
    answers = perfect()
    change(answers)
    told = by_id(write(tmp_path, answers))["root-alarm"]
    assert told.answer == "fail"
    assert any(word in told.why for word in words.split("|"))


def test_an_alarm_that_tells_once_warns(tmp_path: Path) -> None:
    answers = perfect()
    _alarm(answers, TreatMissingData="ignore", StateValue="OK")
    told = by_id(write(tmp_path, answers))["root-alarm"]
    assert (told.answer, "stays in ALARM state" in told.why) == ("warn", True)


def test_a_filter_whose_region_is_not_known_is_taken_with_a_word(tmp_path: Path) -> None:
    answers = perfect()
    body = answers.pop(_FILTERS)
    folder = write(tmp_path, answers)
    (folder / ACCOUNT / "describe-metric-filters.json").write_text(json.dumps(body))
    told = by_id(folder)["root-alarm"]
    assert told.answer == "pass"
    assert "do not show whether filter and alarm are in the Region" in told.why
    other = folder / ACCOUNT / "eu-west-1"
    other.mkdir()
    (folder / ACCOUNT / "describe-metric-filters.json").rename(other / "describe-metric-filters.json")
    assert by_id(folder)["root-alarm"].answer == "unknown"


def test_an_equal_pattern_in_another_order_is_good_though_security_hub_fails_it(tmp_path: Path) -> None:
    answers = perfect()
    _filter(
        answers,
        filterPattern='{($.eventType!="AwsServiceEvent") && $.userIdentity.invokedBy NOT EXISTS && $.userIdentity.type=Root}',
    )
    told = by_id(write(tmp_path, answers))["root-alarm"]
    assert told.answer == "pass"
    assert "CloudWatch.1 would report FAILED" in told.why


def test_a_filter_may_name_the_root_user_of_its_own_account(tmp_path: Path) -> None:
    other = "222233334444"
    for named, answer in ((other, "pass"), ("999988887777", "fail")):
        answers = json.loads(json.dumps(perfect()).replace(ACCOUNT, other))
        root = f'{{ $.userIdentity.arn = "arn:aws:iam::{named}:root" && $.userIdentity.invokedBy NOT EXISTS }}'
        _filter(answers, filterPattern=root)
        assert by_id(write(tmp_path / named, answers, other))["root-alarm"].answer == answer


@pytest.fixture
def case(tmp_path: Path) -> rf.Case:
    """Two acts of root's in one Region each."""
    write_log(
        tmp_path,
        "logs/a.json.gz",
        [
            root_event(eventTime="2026-08-05T01:00:00Z", eventID="first", eventName="CreateUser"),
            root_event(
                eventTime="2026-08-05T01:10:00Z", eventID="second", eventName="DeleteUser", awsRegion="eu-west-1"
            ),
        ],
    )
    opened = rf.open_case(tmp_path / "case.duckdb")
    opened.load(tmp_path / "logs")
    return opened


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("clause", "answer", "words"),
    [
        ("", "warn", "each of 2 events of root activity in the case to a confirmed subscriber"),
        (' && $.eventName != "DeleteUser"', "fail", "misses 1 of 2 events"),
        (' && $.eventName = "CreateUser"', "fail", "does not match a sign-in, a call in the console"),
        (' && $.eventName = "Other"', "fail", "does not match a sign-in, a call with an access key"),
    ],
)
def test_the_deployed_filter_is_replayed_on_the_case(
    clause: str, answer: str, words: str, case: rf.Case, tmp_path: Path
) -> None:
    answers = perfect()
    _filter(answers, filterPattern=CIS_ROOT.replace(" }", f"{clause} }}"))
    told = by_id(write(tmp_path / "answers", answers), case)["root-alarm"]
    assert (told.answer, words in told.why) == (answer, True), told.why


@pytest.mark.parametrize(("period", "threshold", "answer"), [(60, 1, "pass"), (300, 1, "pass"), (60, 3, "fail")])
def test_what_the_alarm_command_emits_is_recognized(period: int, threshold: int, answer: str, tmp_path: Path) -> None:
    """The CloudFormation template, as the services would list what it makes."""
    setup = Setup(parse(CIS_ROOT), period, threshold, log_group="trail", email="ir@example.com")
    made = {one["Type"]: one["Properties"] for one in _template(FORMS["cloudformation"](setup))["Resources"].values()}
    metric, alarm = made["AWS::Logs::MetricFilter"], made["AWS::CloudWatch::Alarm"]
    answers = perfect()
    lower = {f"{name[0].lower()}{name[1:]}": value for name, value in metric["MetricTransformations"][0].items()}
    _filter(
        answers,
        filterPattern=metric["FilterPattern"],
        metricTransformations=[{**lower, "metricValue": str(lower["metricValue"])}],
    )
    kept = {name: value for name, value in alarm.items() if name not in ("AlarmActions", "AlarmDescription")}
    answers[_ALARMS]["MetricAlarms"] = [{**kept, "AlarmName": "emitted", "AlarmActions": [TOPIC]}]
    told = by_id(write(tmp_path, answers))["root-alarm"]
    assert told.answer == answer, told.why
    assert ("alarm emitted would report" in told.why) == (answer == "pass")


def _template(text: str) -> dict[str, Any]:
    class Loader(yaml.SafeLoader):
        """YAML of CloudFormation, whose tags are of no interest."""

    Loader.add_multi_constructor("!", lambda _loader, _tag, node: str(node.value))
    loaded: dict[str, Any] = yaml.load(text, Loader)
    return loaded


@pytest.mark.parametrize(
    ("selectors", "answer"),
    [
        ({"EventSelectors": [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]}, "fail"),
        ({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": False}]}, "fail"),
        ({"EventSelectors": []}, "fail"),
        ({"EventSelectors": [{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}]}, "info"),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}]}]}, "info"),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com", "ec2.amazonaws.com"]}]}]}, "fail"),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventSource", "Equals": ["kms.amazonaws.com"]}]}]}, "fail"),
        ({"AdvancedEventSelectors": [{"Name": "Management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]}, "fail"),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]}, "pass"),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "readOnly", "Equals": ["false"]}]}]}, "fail"),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "userIdentity.arn", "NotEquals": ["x"]}]}]}, "fail"),
    ],
)  # fmt: skip
def test_a_trail_is_good_if_it_has_all_management_events(
    selectors: dict[str, Any], answer: str, tmp_path: Path
) -> None:
    answers = perfect()
    answers[_SELECTORS] = {"TrailARN": answers[_SELECTORS]["TrailARN"], **selectors}
    assert by_id(write(tmp_path, answers))["multi-region-trail"].answer == answer


@pytest.mark.parametrize("source", ["signin.amazonaws.com", "iam.amazonaws.com"])
def test_a_trail_without_sign_ins_or_iam_tells_nobody_of_root(source: str, tmp_path: Path) -> None:
    answers = perfect()
    fields = [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventSource", "NotEquals": [source]}]
    answers[_SELECTORS] = {"TrailARN": TRAIL, "AdvancedEventSelectors": [{"FieldSelectors": fields}]}
    told = by_id(write(tmp_path, answers))
    assert {told[one].answer for one in ("multi-region-trail", "sign-in-regions", "root-alarm")} == {"fail"}
    assert told["multi-region-trail"].why == f"management: it excludes events from {source}."


def test_an_answer_of_another_trail_or_topic_of_the_same_name_is_not_taken(tmp_path: Path) -> None:
    answers = perfect()
    for name in ("cloudtrail/get-trail-status--management", "cloudtrail/get-event-selectors--management"):
        answers[f"eu-west-1/{name}"] = answers.pop(f"us-east-1/{name}")
    trail = by_id(write(tmp_path / "trail", answers))["multi-region-trail"]
    assert (trail.answer, f"cloudtrail:GetTrailStatus for {TRAIL} (not saved)" in trail.missing) == ("unknown", True)
    answers = perfect()
    answers[_ALARMS]["MetricAlarms"][0]["AlarmActions"] = [TOPIC.replace(ACCOUNT, "999988887777")]
    assert by_id(write(tmp_path / "topic", answers))["root-alarm"].answer == "unknown"


_MUTE = "arn:aws:cloudwatch:us-east-1:111122223333:alarm-mute-rule:night"


@pytest.mark.parametrize(
    ("alarm", "protocol", "mute", "answer", "why"),
    [
        ({"Unit": "Seconds"}, "email", "", "fail", "has the unit Seconds"),
        ({"Unit": "None"}, "email", "", "pass", "confirmed subscriber"),
        ({}, "sqs", "", "warn", "only subscribers of type sqs"),
        ({}, "email", "SCHEDULED", "warn", "night mutes the alarm at times (cron(0 18 * * *), for PT14H)"),
        ({}, "email", "ACTIVE", "fail", "night mutes the alarm now"),
        ({}, "email", "EXPIRED", "pass", "confirmed subscriber"),
    ],
)
def test_an_alarm_that_is_silent_or_read_by_nobody_known_does_not_pass(
    alarm: dict[str, Any], protocol: str, mute: str, answer: str, why: str, tmp_path: Path
) -> None:
    answers = perfect()
    answers[_ALARMS]["MetricAlarms"][0].update(alarm)
    answers[_READERS]["Subscriptions"][0]["Protocol"] = protocol
    rule = {"AlarmMuteRuleArn": _MUTE, "Status": mute, "MuteTargets": {"AlarmNames": ["RootUsage"]}}
    schedule = {"Schedule": {"Expression": "cron(0 18 * * *)", "Duration": "PT14H"}}
    if mute:
        answers["us-east-1/cloudwatch/list-alarm-mute-rules"] = {"AlarmMuteRuleSummaries": [rule]}
        answers["us-east-1/cloudwatch/get-alarm-mute-rule--night"] = {**rule, "Rule": schedule}
    told = by_id(write(tmp_path, answers))["root-alarm"]
    assert (told.answer, why in told.why) == (answer, True)


def test_a_rule_of_another_bus_gets_no_events_of_root(tmp_path: Path) -> None:
    answers = perfect()
    for region in REGIONS:
        answers[f"{region}/events/list-rules"]["Rules"][0]["EventBusName"] = "custom"
    assert by_id(write(tmp_path, answers))["root-event-rule"].answer == "info"


def test_a_policy_that_denies_root_must_spare_assume_root(tmp_path: Path) -> None:
    answers = perfect()
    policy = answers["us-east-1/organizations/describe-policy--p-root"]["Policy"]
    told = json.loads(policy["Content"])
    del told["Statement"]["Condition"]["Null"]
    policy["Content"] = json.dumps(told)
    found = by_id(write(tmp_path, answers))["recovery-from-above"]
    assert found.answer == "fail"
    assert "deny-root" in found.why


def test_an_answer_that_goes_on_is_unknown(tmp_path: Path) -> None:
    answers = perfect()
    answers["us-east-1/guardduty/list-detectors"]["NextToken"] = "more"
    found = by_id(write(tmp_path, answers))["guardduty"]
    assert found.answer == "unknown"
    assert "incomplete (NextToken)" in found.missing[0]


@pytest.mark.parametrize(("status", "answer"), [("FAILED", "fail"), ("NOT_AVAILABLE", "warn"), ("WARNING", "warn")])
def test_security_hub_passes_only_if_each_control_on_root_has(status: str, answer: str, tmp_path: Path) -> None:
    answers = perfect()
    answers["us-east-1/securityhub/get-findings"]["Findings"][1]["Compliance"]["Status"] = status
    told = by_id(write(tmp_path, answers))["security-hub"]
    assert told.answer == answer
    assert "IAM.6" in told.why


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ({}, "pass"),
        ({"detail-type": ["AWS Console Sign In via CloudTrail", "AWS API Call via CloudTrail"]}, "pass"),
        ({"detail-type": ["AWS API Call via CloudTrail"]}, "warn"),
        ({"account": ["111122223333"]}, "warn"),
        ({"source": ["aws.signin"]}, "warn"),
        ({"detail": {"userIdentity": {"type": ["Root"]}, "eventName": ["ConsoleLogin"]}}, "warn"),
    ],
)
def test_a_rule_tells_of_all_events_only_if_nothing_narrows_it(
    more: dict[str, Any], answer: str, tmp_path: Path
) -> None:
    answers = perfect()
    pattern = json.dumps({"detail": {"userIdentity": {"type": ["Root"]}}, **more})
    for name in answers:
        if name.endswith("events/list-rules"):
            state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
            answers[name] = {"Rules": [{"Name": "root", "State": state, "EventPattern": pattern}]}
    assert by_id(write(tmp_path, answers))["root-event-rule"].answer == answer


def test_each_region_counts(tmp_path: Path) -> None:
    answers = perfect()
    for name in [name for name in answers if name.startswith(REGIONS[1]) and "guardduty" in name]:
        del answers[name]
    found = by_id(write(tmp_path, answers))["guardduty"]
    assert (found.answer, "us-east-2" in found.missing[0]) == ("unknown", True)


_POLICY = "us-east-1/s3/get-bucket-policy--trail-logs"
_LOCK = "us-east-1/s3/get-object-lock-configuration--trail-logs"


@pytest.mark.parametrize(
    ("action", "answer"), [("s3:PutObject", "fail"), ("s3:*", "fail"), (["s3:GetObject", "s3:ListBucket"], "warn")]
)
def test_another_account_that_writes_into_the_bucket_of_logs_fails(
    action: str | list[str], answer: str, tmp_path: Path
) -> None:
    given = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:root"}, "Action": action}
    answers = perfect()
    answers[_POLICY] = {"Policy": json.dumps({"Statement": [{**given, "Resource": "*"}]})}
    assert by_id(write(tmp_path, answers))["log-bucket-access"].answer == answer


@pytest.mark.parametrize(
    ("kept", "answer"),
    [
        ({"Mode": "COMPLIANCE", "Years": 1}, "pass"),
        ({"Mode": "COMPLIANCE", "Days": 1}, "warn"),
        ({"Mode": "GOVERNANCE", "Days": 400}, "warn"),
    ],
)
def test_a_lock_keeps_logs_only_if_root_cannot_get_around_it(kept: dict[str, Any], answer: str, tmp_path: Path) -> None:
    answers = perfect()
    answers[_LOCK]["ObjectLockConfiguration"]["Rule"] = {"DefaultRetention": kept}
    assert by_id(write(tmp_path, answers))["log-bucket-retention"].answer == answer


def test_a_bucket_that_was_asked_from_two_regions_has_one_answer(tmp_path: Path) -> None:
    answers = perfect()
    for name in [name for name in answers if name.startswith("us-east-1/s3/")]:
        answers[name.replace("us-east-1", "eu-west-1")] = answers[name]
    told = by_id(write(tmp_path, answers))
    assert [told[f"log-bucket-{one}"].answer for one in ("access", "retention")] == ["pass", "pass"]
    answers["eu-west-1/s3/get-bucket-acl--trail-logs"] = {"Owner": {"ID": "other"}, "Grants": []}
    assert by_id(write(tmp_path, answers))["log-bucket-access"].answer == "unknown"


def test_a_failure_that_security_hub_reports_is_open(tmp_path: Path) -> None:
    """Whatever fails is told first, if only another service of AWS tells of it."""
    answers = {**perfect(), _SUMMARY: DENIED, _REPORT: DENIED}
    answers["us-east-1/securityhub/get-findings"]["Findings"][0]["Compliance"]["Status"] = "FAILED"
    told = rf.check_posture(from_folder=write(tmp_path, answers))
    assert [exposure.exposure for exposure in told.exposures] == ["Security Hub reports FAILED: IAM.4"]


@pytest.mark.parametrize(
    ("denial", "answer"),
    [
        ({"Action": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}, "not_applicable"),
        (
            {"Action": "ec2:*", "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}},
            "not_applicable",
        ),
        ({"Action": "iam:*", "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:ro*"}}}, "fail"),
        (
            {"NotAction": "ec2:*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:root"}}},
            "fail",
        ),
    ],
)
def test_a_policy_denies_root_by_operator_wildcard_and_action(
    denial: dict[str, Any], answer: str, tmp_path: Path
) -> None:
    answers = perfect()
    content = json.dumps({"Statement": [{"Effect": "Deny", "Resource": "*", **denial}]})
    answers["us-east-1/organizations/describe-policy--p-root"]["Policy"]["Content"] = content
    assert by_id(write(tmp_path, answers))["recovery-from-above"].answer == answer


@pytest.mark.parametrize(
    ("names", "code", "controls"),
    [
        ("us-east-1/sns/", "NotFound", ("root-alarm",)),
        ("us-east-1/s3/", "NoSuchBucket", ("log-bucket-access", "log-bucket-retention")),
        ("us-east-1/iam/list-org", "ServiceAccessNotEnabledException", ("central-root-access",)),
    ],
)
def test_what_is_not_there_fails(names: str, code: str, controls: tuple[str, ...], tmp_path: Path) -> None:
    answers = perfect()
    gone = {"Error": {"Code": code, "Message": ""}}
    told = by_id(write(tmp_path, {name: gone if name.startswith(names) else body for name, body in answers.items()}))
    assert [told[control].answer for control in controls] == ["fail"] * len(controls)


def test_an_index_or_a_report_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path / "report", perfect())
    long = f"user,arn\n{'x' * 200_000},a\n<root_account>,arn:aws:iam::{ACCOUNT}:root\n"
    (folder / ACCOUNT / "us-east-1/iam/get-credential-report.json").write_text(json.dumps({"Content": long}))
    assert by_id(folder)["root-certificate"].answer == "unknown"
    (folder / "saved.jsonl").write_bytes(b'{"file": "\xff"}\n')
    with pytest.raises(rf.SourceError, match="line 1 is not a row of saved answers"):
        rf.check_posture(from_folder=folder)


@pytest.mark.parametrize(
    ("name", "code", "control"),
    [
        ("guardduty/list-findings", "ResourceNotFoundException", "guardduty"),
        ("accessanalyzer/list-findings", "ResourceNotFoundException", "access-analyzer"),
        ("cloudwatch/list-alarm-mute-rules", "NoSuchEntity", "root-alarm"),
    ],
)
def test_a_code_says_that_nothing_is_there_only_of_calls_of_which_it_does(
    name: str, code: str, control: str, tmp_path: Path
) -> None:
    gone = {"Error": {"Code": code, "Message": ""}}
    answers = {key: gone if name in key else body for key, body in perfect().items()}
    assert by_id(write(tmp_path, answers))[control].answer == "unknown"


@pytest.mark.parametrize(
    ("state", "principal", "action", "answer"),
    [
        ("Enabled", f"arn:aws:iam::{ACCOUNT}:root", "kms:*", "pass"),
        ("PendingDeletion", f"arn:aws:iam::{ACCOUNT}:root", "kms:*", "fail"),
        ("Enabled", "arn:aws:iam::999988887777:root", "kms:*", "fail"),
        ("Enabled", "arn:aws:iam::999988887777:root", "kms:Decrypt", "warn"),
    ],
)
def test_the_key_of_a_trail_works_and_is_nobody_elses(
    state: str, principal: str, action: str, answer: str, tmp_path: Path
) -> None:
    answers = perfect()
    answers["us-east-1/kms/describe-key--1"]["KeyMetadata"]["KeyState"] = state
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"}
    answers["us-east-1/kms/get-key-policy--1"] = {"Policy": json.dumps({"Statement": [statement]})}
    assert by_id(write(tmp_path, answers))["log-encryption"].answer == answer


def test_a_bucket_that_was_not_read_is_not_hidden_by_one_that_warns(tmp_path: Path) -> None:
    answers = perfect()
    answers[_LOCK]["ObjectLockConfiguration"] = {"ObjectLockEnabled": "Enabled"}
    trails = answers["us-east-1/cloudtrail/describe-trails"]["trailList"]
    trails.append({**trails[0], "Name": "b", "TrailARN": f"{trails[0]['TrailARN']}-b", "S3BucketName": "other-logs"})
    told = by_id(write(tmp_path, answers))["log-bucket-retention"]
    assert (told.answer, "for other-logs" in told.missing[0]) == ("unknown", True)


def test_small_letters_and_no_account_are_no_guess(tmp_path: Path) -> None:
    answers = perfect()
    answers["us-east-1/account/get-alternate-contact--security"] = answers.pop(
        "us-east-1/account/get-alternate-contact--SECURITY"
    )
    assert by_id(write(tmp_path, answers))["security-contact"].answer == "pass"
    (tmp_path / "alone").mkdir()
    body = answers["us-east-1/organizations/describe-organization"]
    (tmp_path / "alone" / "describe-organization.json").write_text(json.dumps(body))
    assert by_id(tmp_path / "alone")["organization"].answer == "unknown"
