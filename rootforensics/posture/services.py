"""Controls on the services of AWS that watch root: Config, Security Hub, GuardDuty, Access Analyzer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from rootforensics.phrases import plural, some
from rootforensics.posture.calls import CONFIG_RULES, EXTERNAL, HUB_CONTROLS
from rootforensics.posture.credentials import access_keys
from rootforensics.posture.judged import Judged
from rootforensics.posture.saved import UnknownAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.posture.saved import Reading

_FINDINGS: Final = "securityhub:GetFindings"
_RECORDERS: Final = "config:DescribeConfigurationRecorderStatus"
_KEY_RULE: Final = "IAM_ROOT_ACCESS_KEY_CHECK"
_RESULTS: Final = "config:GetComplianceDetailsByConfigRule"
#: Config keeps the result of a rule that ran and found nothing new.
_STALE: Final = timedelta(days=5)
#: Security Hub renews the results of these controls each day.
_RENEWED: Final = timedelta(days=1)


def config_rules(reading: Reading) -> Judged:
    """Config records, and its rules on root are there and compliant."""
    by_rule: dict[str, set[str]] = {}
    times: list[str] = []
    answers = reading.each("config:DescribeConfigRules")
    offered = [name for name, absent in CONFIG_RULES.items() if any(region not in absent for region, _ in answers)]
    if not offered:
        return Judged("not_applicable", f"AWS Config offers no rules for root in {_names(answers)}.")
    for region, rules in answers:
        for rule in rules or ():
            if (name := rule.Source.get("SourceIdentifier")) in CONFIG_RULES:
                answer = reading.maybe(_RESULTS, rule.ConfigRuleName, region)
                results = {str(one.get("ComplianceType")) for one in answer or () if _counts(reading, one)}
                by_rule.setdefault(name, set()).update(results)
                times += [str(one.get("ResultRecordedTime", "")) for one in answer or ()]
    failing = sorted(name for name, results in by_rule.items() if "NON_COMPLIANT" in results)
    if failing:
        return Judged("fail", f"Not compliant: {', '.join(failing)}.")
    recorders = [(region, status) for region, statuses in reading.each(_RECORDERS) for status in statuses or ()]
    if stopped := sorted({region for region, one in recorders if not one.get("recording")}):
        return Judged("fail", f"The AWS Config recorder is stopped in {_names((one, ()) for one in stopped)}.")
    if by_rule and not recorders:
        return Judged("fail", f"AWS Config has no recorder in {_names(answers)}.")
    if "COMPLIANT" in by_rule.get(_KEY_RULE, ()) and (contradiction := _contradiction(reading, _KEY_RULE, "Config")):
        return contradiction
    if unread := sorted(name for name, results in by_rule.items() if not results - {"INSUFFICIENT_DATA"}):
        raise UnknownAnswerError(f"No recent result for {', '.join(unread)}.")
    if reading.missing:
        raise UnknownAnswerError
    # It is on, and what it recorded last did not arrive, as without its role or bucket.
    if broken := sorted({region for region, one in recorders if str(one.get("lastStatus", "")).upper() == "FAILURE"}):
        return Judged(
            "warn",
            f"The last AWS Config recording failed in {_names((one, ()) for one in broken)}. Results may be old.",
        )
    if lacking := [name for name in offered if name not in by_rule]:
        return Judged("warn", f"These AWS Config rules are missing: {', '.join(lacking)}.")
    if "NOT_APPLICABLE" in set().union(*by_rule.values()):
        return Judged(
            "info",
            "An AWS Config rule for root's MFA reports NOT_APPLICABLE because root has no password. "
            "This does not count as a pass.",
        )
    return Judged("pass", f"The AWS Config rules for root are compliant ({', '.join(offered)}){_since(times)}.")


def _names(asked: Iterable[tuple[str, object]]) -> str:
    """The Regions that were asked, in words."""
    return ", ".join(sorted({region for region, _ in asked if region})) or "the Region read"


def _contradiction(reading: Reading, control: str, service: str) -> Judged | None:
    """A failure, if a service says that root has no access key and IAM lists one; cites both answers."""
    try:
        own = access_keys(replace(reading, missing=[]))  # what IAM did not answer leaves the service's word alone
    except UnknownAnswerError:
        return None
    if own.answer != "fail":
        return None
    return Judged("fail", f"{service} reports that {control} passed, but a key exists: {own.why}")


def _counts(reading: Reading, result: dict[str, Any]) -> bool:
    """Whether a result of Config is of these days; what fails counts whenever it failed."""
    made = str(result.get("ResultRecordedTime", ""))
    return result.get("ComplianceType") == "NON_COMPLIANT" or not reading.is_old(_RESULTS, made, _STALE)


def _since(times: Iterable[str]) -> str:
    """Of when the oldest of some results is."""
    oldest = min(times, default="")
    return f", with results from {oldest} or later" if oldest else ", with results without a time"


def security_hub(reading: Reading) -> Judged:
    """Security Hub is on and its controls on root have not failed."""
    hubs = [hub for _, hub in reading.each("securityhub:DescribeHub") if hub]
    if not hubs:
        if any(hub for _, hub in reading.each("securityhub:DescribeSecurityHubV2")):
            return Judged(
                "warn",
                "The unified Security Hub is enabled, but Security Hub CSPM, which has the root controls, is disabled.",
            )
        return Judged("fail", "Security Hub CSPM and the unified Security Hub are disabled in the Regions read.")
    findings = [one for _, told in reading.each(_FINDINGS) for one in told or ()]
    own = [
        finding
        for finding in findings
        if finding.AwsAccountId == reading.account_id
        and finding.RecordState == "ACTIVE"
        and finding.Compliance.get("SecurityControlId") in HUB_CONTROLS
    ]
    by_status = {
        status: sorted(
            {one.Compliance.get("SecurityControlId") for one in own if one.Compliance.get("Status") == status}
        )
        for status in ("FAILED", "PASSED")
    }
    suppressed = {one.Compliance.get("SecurityControlId") for one in own if one.Workflow.get("Status") == "SUPPRESSED"}
    if by_status["FAILED"]:
        quiet = f" Suppressed: {', '.join(sorted(suppressed))}." if suppressed else ""
        return Judged("fail", f"Security Hub reports FAILED: {', '.join(by_status['FAILED'])}.{quiet}")
    if not by_status["PASSED"]:
        raise UnknownAnswerError("Security Hub is enabled, but reports no result for its root controls.")
    if "IAM.4" in by_status["PASSED"] and (contradiction := _contradiction(reading, "IAM.4", "Security Hub")):
        return contradiction
    if lacking := [hub_control for hub_control in HUB_CONTROLS if hub_control not in by_status["PASSED"]]:
        return Judged(
            "warn", f"Security Hub has no result for {', '.join(lacking)}. They are disabled or have no data."
        )
    passed = f"Security Hub reports PASSED: {', '.join(by_status['PASSED'])}{_since(one.UpdatedAt for one in own)}."
    ages = [reading.age(_FINDINGS, one.UpdatedAt) for one in own]
    if None in ages:
        return Judged("warn", f"{passed} The age of these results is unknown.")
    if max(age for age in ages if age is not None) > _RENEWED:
        return Judged("warn", f"{passed} Some are older than a day, so Security Hub may have stopped checking.")
    return Judged("pass", f"{passed} For IAM.6 and IAM.9, this may only mean that root has no password.")


def guardduty(reading: Reading) -> Judged:
    """GuardDuty is on in all Regions and has no finding on root."""
    disabled, read, summary = [], set(), ""
    findings: list[str] = []
    last_seen: list[tuple[str, str]] = []
    for region, detector_ids in reading.everywhere("guardduty:ListDetectors"):
        read.add(region)
        detectors = detector_ids or []
        states = [reading.one("guardduty:GetDetector", detector, region) for detector in detectors]
        if not any(state == "ENABLED" for state in states):
            disabled.append(region or "the Region read")
        for one in detectors:
            ids = reading.one("guardduty:ListFindings", one, region)
            findings += ids or ()
            content = reading.maybe("guardduty:GetFindings", one, region) if ids else ()
            last_seen += [(str(row.Service.get("EventLastSeen")), row.Type) for row in content or ()]
    if findings:
        latest = f": {max(last_seen)[1]}, last seen {max(last_seen)[0]}" if last_seen else ""
        summary = f"GuardDuty has {plural(len(findings), 'finding')} about root use{latest}."
    if disabled:
        return Judged("fail", f"GuardDuty is disabled in {', '.join(disabled)}. {summary}".strip())
    if summary:
        return Judged("warn", summary)
    return Judged("pass", f"GuardDuty is enabled in {plural(len(read), 'Region')} and has no finding about root.")


def access_analyzer(reading: Reading) -> Judged:
    """Access Analyzer watches external access."""
    analyzers = [
        (region, one) for region, answer in reading.each("accessanalyzer:ListAnalyzers") for one in answer or ()
    ]
    active = [
        (region, one) for region, one in analyzers if one.get("status") == "ACTIVE" and one.get("type") in EXTERNAL
    ]
    if not active:
        return Judged("warn", "No external access analyzer is active in the Regions read.")
    where = sorted({region or "the Region read" for region, _ in active})
    listed = [reading.one("accessanalyzer:ListFindings", str(one.get("arn")), region) for region, one in active]
    exposed = sorted(
        {str(row.get("resource")) for rows in listed for row in rows or () if row.get("status") == "ACTIVE"}
    )
    if exposed:
        return Judged(
            "warn", f"Access Analyzer reports external access to {some(exposed, 3)}. Check that each is intended."
        )
    return Judged("pass", f"An external access analyzer is active in {some(where, 3)} and reports no external access.")
