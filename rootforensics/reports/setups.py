"""Write a metric filter, its alarm and an SNS topic for other tools to set up; nothing is run.

What is written models the alarm as ``rootforensics alarm`` replays it: a value of 0 for minutes without a match, and
missing data as no breach, so that the alarm returns to OK. All of it belongs in the Region and account of the trail's
log group. The topic is not encrypted with ``alias/aws/sns``: CloudWatch may not use that key.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import FilterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.rules.patterns.tree import Pattern

_ABOUT: Final = "Alarm on a CloudTrail metric filter, for the Region and account of the trail's log group."
#: What AWS takes as a name (botocore's models of CloudWatch Logs, CloudWatch and SNS).
_RULES: Final = {
    "log_group": (r"[.\-_/#A-Za-z0-9]{1,512}", "letters, digits and . - _ / #, 512 at most"),
    "name": (r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}", "letters, digits and _ . -, 255 at most"),
    "namespace": (r"(?!AWS/)[A-Za-z0-9_.#/-]{1,255}", "letters, digits and . - _ / #, 255 at most, not AWS/…"),
    "topic": (r"[A-Za-z0-9_-]{1,256}", "letters, digits, - and _, 256 at most"),
    "email": (r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+", "an address with one @ and no blanks"),
}


@dataclass(frozen=True, slots=True)
class Setup:
    """What to write.

    Attributes:
        pattern: of the metric filter.
        period_seconds: of the alarm, whole minutes up to a day.
        threshold: of the alarm.
        log_group: of the trail; None makes it a parameter of what is written.
        email: who is told; None makes it a parameter.
        name: of filter, metric and alarm.
        namespace: of the metric.
        topic: name of the SNS topic.

    Raises:
        FilterError: a name is none that AWS takes, or the period is no multiple of a minute.
    """

    pattern: Pattern
    period_seconds: int = 60
    threshold: int = 1
    log_group: str | None = None
    email: str | None = None
    name: str = "RootUsage"
    namespace: str = "CISBenchmark"
    topic: str = "root-usage-alarm"

    def __post_init__(self) -> None:
        for field, (rule, words) in _RULES.items():
            value = getattr(self, field)
            if value is not None and not re.fullmatch(rule, value, re.ASCII):
                raise FilterError(f"{value!r} is no name that AWS takes", where=field.replace("_", "-"), hint=words)
        if self.period_seconds % 60 or not 60 <= self.period_seconds <= 86_400:
            raise FilterError("a period is a multiple of 60 seconds, up to 86400", where="period")

    @property
    def description(self) -> str:
        """Of the alarm."""
        times = "" if self.threshold == 1 else f" at least {self.threshold} times"
        return f"The metric filter {self.name} matched{times} within {self.period_seconds} seconds"


def terraform(setup: Setup) -> str:
    """The set-up in Terraform's language (HCL), for the provider hashicorp/aws."""
    log_group = "Log group that the trail delivers to"
    email = "Address that the alarm is sent to; it must confirm the subscription"
    parts = [
        f"# {_ABOUT}",
        *([_variable("log_group_name", log_group)] if setup.log_group is None else []),
        *([_variable("email", email)] if setup.email is None else []),
        _hcl_filter(setup),
        f"""resource "aws_sns_topic" "root_usage" {{
  name = {_hcl(setup.topic)}
}}""",
        f"""resource "aws_sns_topic_subscription" "root_usage" {{
  topic_arn = aws_sns_topic.root_usage.arn
  protocol  = "email"
  endpoint  = {"var.email" if setup.email is None else _hcl(setup.email)}
}}""",
        _hcl_alarm(setup),
    ]
    return "\n\n".join(parts) + "\n"


def _hcl_filter(setup: Setup) -> str:
    return f"""resource "aws_cloudwatch_log_metric_filter" "root_usage" {{
  name           = {_hcl(setup.name)}
  log_group_name = {"var.log_group_name" if setup.log_group is None else _hcl(setup.log_group)}
  pattern        = {_hcl(setup.pattern.written)}

  metric_transformation {{
    name          = {_hcl(setup.name)}
    namespace     = {_hcl(setup.namespace)}
    value         = "1"
    default_value = "0"
  }}
}}"""


def _hcl_alarm(setup: Setup) -> str:
    return f"""resource "aws_cloudwatch_metric_alarm" "root_usage" {{
  alarm_name          = {_hcl(setup.name)}
  alarm_description   = {_hcl(setup.description)}
  namespace           = {_hcl(setup.namespace)}
  metric_name         = {_hcl(setup.name)}
  statistic           = "Sum"
  period              = {setup.period_seconds}
  evaluation_periods  = 1
  threshold           = {setup.threshold}
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.root_usage.arn]

  depends_on = [aws_cloudwatch_log_metric_filter.root_usage]
}}"""


def _variable(name: str, what: str) -> str:
    return f"""variable "{name}" {{
  type        = string
  description = {_hcl(what)}
}}"""


def _hcl(text: str) -> str:
    """Text as a quoted template of HCL without anything that the template would fill in."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    escaped = escaped.replace("\t", "\\t").replace("${", "$${").replace("%{", "%%{")
    return f'"{escaped}"'


def cloudformation(setup: Setup) -> str:
    """The set-up as a CloudFormation template in JSON."""
    parameters: dict[str, Any] = {}
    if setup.log_group is None:
        what = "Log group that the trail delivers to"
        parameters["LogGroupName"] = {"Type": "String", "MinLength": 1, "Description": what}
    if setup.email is None:
        what = "Address that the alarm is sent to; it must confirm the subscription"
        parameters["Email"] = {"Type": "String", "MinLength": 3, "Description": what}
    template: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09", "Description": _ABOUT}
    if parameters:
        template["Parameters"] = parameters
    template["Resources"] = {
        "RootUsageFilter": {"Type": "AWS::Logs::MetricFilter", "Properties": _cfn_filter(setup)},
        "RootUsageTopic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": setup.topic}},
        "RootUsageSubscription": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "RootUsageTopic"},
                "Protocol": "email",
                "Endpoint": {"Ref": "Email"} if setup.email is None else setup.email,
            },
        },
        "RootUsageAlarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "DependsOn": "RootUsageFilter",
            "Properties": _alarm(setup) | {"AlarmActions": [{"Ref": "RootUsageTopic"}]},
        },
    }
    return json.dumps(template, indent=2, ensure_ascii=True) + "\n"


def _cfn_filter(setup: Setup) -> dict[str, Any]:
    return {
        "FilterName": setup.name,
        "LogGroupName": {"Ref": "LogGroupName"} if setup.log_group is None else setup.log_group,
        "FilterPattern": setup.pattern.written,
        "MetricTransformations": [
            {
                "MetricName": setup.name,
                "MetricNamespace": setup.namespace,
                "MetricValue": "1",
                "DefaultValue": 0,
            }
        ],
    }


def _alarm(setup: Setup) -> dict[str, Any]:
    """The alarm as CloudFormation and the API name its parts, without its actions."""
    return {
        "AlarmName": setup.name,
        "AlarmDescription": setup.description,
        "Namespace": setup.namespace,
        "MetricName": setup.name,
        "Statistic": "Sum",
        "Period": setup.period_seconds,
        "EvaluationPeriods": 1,
        "Threshold": setup.threshold,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }


def aws_cli(setup: Setup) -> str:
    """The set-up as a bash script that calls AWS's command line; somebody else has to run it."""
    transformation = {
        "metricName": setup.name,
        "metricNamespace": setup.namespace,
        "metricValue": "1",
        "defaultValue": 0,
    }
    log_group = '"$log_group"' if setup.log_group is None else shlex.quote(setup.log_group)
    email = '"$email"' if setup.email is None else shlex.quote(setup.email)
    missing = [("log_group", "name the log group of the trail")] if setup.log_group is None else []
    missing += [("email", "name the address that the alarm is sent to")] if setup.email is None else []
    wanted = [f"{name}=${{{place}:?{what}}}" for place, (name, what) in enumerate(missing, start=1)]
    alarm = [(f"--{_kebab(name)}", str(value)) for name, value in _alarm(setup).items()]
    lines = [
        "#!/usr/bin/env bash",
        f"# {_ABOUT}",
        "set -eu",
        *wanted,
        # With = no value passes for an option, whatever it begins with.
        f"topic_arn=$(aws sns create-topic --name={shlex.quote(setup.topic)} --query=TopicArn --output=text)",
        f'aws sns subscribe --topic-arn="$topic_arn" --protocol=email --notification-endpoint={email}',
        _call(
            "aws logs put-metric-filter",
            [
                f"--log-group-name={log_group}",
                f"--filter-name={shlex.quote(setup.name)}",
                f"--filter-pattern={shlex.quote(setup.pattern.written)}",
                f"--metric-transformations={shlex.quote(json.dumps([transformation]))}",
            ],
        ),
        _call(
            "aws cloudwatch put-metric-alarm",
            [*(f"{option}={shlex.quote(value)}" for option, value in alarm), '--alarm-actions="$topic_arn"'],
        ),
    ]
    return "\n".join(lines) + "\n"


def _call(command: str, options: list[str]) -> str:
    return " \\\n  ".join([command, *options])


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


#: How to write each form.
FORMS: Final[dict[str, Callable[[Setup], str]]] = {
    "terraform": terraform,
    "cloudformation": cloudformation,
    "aws-cli": aws_cli,
}
