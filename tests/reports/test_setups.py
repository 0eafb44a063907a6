"""What is emitted, read back by parsers of each form; nothing reaches AWS."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore.session
import hcl2
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator

from rootforensics.errors import FilterError
from rootforensics.reports.setups import FORMS, Setup, aws_cli, cloudformation, terraform
from rootforensics.rules.patterns.parse import CIS_ROOT, CIS_ROOT_WITHOUT_SESSIONS, parse

GIVEN = {"log_group": "CloudTrail/DefaultLogGroup", "email": "o'hara+root@example.com"}
# Each holds what one of the forms would take for something else.
PATTERNS = [
    CIS_ROOT,
    CIS_ROOT_WITHOUT_SESSIONS,
    r'{ $.a = "it\'s \"quoted\" \\ back" }',
    '{ $.a = "${var.x} %{if true} $(id) `id` $HOME" }',
    r"{ $.a = %\d{2}% || $.['x.y'] != 1e-3 }",
    '{ $.a = "größer\n\ttab" }',
]


@pytest.mark.parametrize("text", PATTERNS)
@pytest.mark.parametrize("given", [GIVEN, {}], ids=["named", "parameters"])
def test_terraform_reads_the_pattern_back(text: str, given: dict[str, str]) -> None:
    setup = Setup(parse(text), period_seconds=300, threshold=2, **given)
    kinds: dict[str, Any] = {}
    read = hcl2.loads(terraform(setup))
    for block in read["resource"]:
        for kind, named in block.items():
            (kinds[_plain(kind)],) = [body for name, body in named.items() if _plain(name) == "root_usage"]
    assert set(kinds) == {
        "aws_cloudwatch_log_metric_filter",
        "aws_cloudwatch_metric_alarm",
        "aws_sns_topic",
        "aws_sns_topic_subscription",
    }
    held = kinds["aws_cloudwatch_log_metric_filter"]
    assert _plain(held["pattern"]) == str(setup.pattern)
    (transformation,) = held["metric_transformation"]
    alarm = kinds["aws_cloudwatch_metric_alarm"]
    assert alarm["metric_name"] == transformation["name"] == '"RootUsage"'
    assert alarm["namespace"] == transformation["namespace"]
    assert (int(alarm["period"]), int(alarm["threshold"]), _plain(alarm["statistic"])) == (300, 2, "Sum")
    assert alarm["alarm_actions"] == ["${aws_sns_topic.root_usage.arn}"]
    variables = {_plain(name) for block in read.get("variable", []) for name in block}
    assert variables == (set() if given else {"log_group_name", "email"})
    wanted = (GIVEN["log_group"], GIVEN["email"]) if given else ("${var.log_group_name}", "${var.email}")
    assert (_plain(held["log_group_name"]), _plain(kinds["aws_sns_topic_subscription"]["endpoint"])) == wanted


def _plain(token: str) -> str:
    """What a quoted template of HCL without anything to fill in stands for; any other text as it is."""
    if not token.startswith('"'):
        return token
    filled = token.replace("$${", "").replace("%%{", "")
    assert "${" not in filled, "Terraform would fill something in"
    assert "%{" not in filled, "Terraform would fill something in"
    # HCL's escapes of these are JSON's.
    return str(json.loads(token)).replace("$${", "${").replace("%%{", "%{")


@pytest.mark.parametrize("text", PATTERNS)
@pytest.mark.parametrize("given", [GIVEN, {}], ids=["named", "parameters"])
def test_cloudformation_reads_the_pattern_back(text: str, given: dict[str, str]) -> None:
    setup = Setup(parse(text), period_seconds=300, threshold=2, **given)
    template = json.loads(cloudformation(setup))
    held = template["Resources"]["RootUsageFilter"]["Properties"]
    alarm = template["Resources"]["RootUsageAlarm"]["Properties"]
    assert held["FilterPattern"] == str(setup.pattern)
    assert held["MetricTransformations"][0]["MetricName"] == alarm["MetricName"]
    assert (alarm["Period"], alarm["Threshold"], alarm["Statistic"]) == (300, 2, "Sum")
    assert set(template.get("Parameters", {})) == (set() if given else {"LogGroupName", "Email"})


@pytest.mark.heavy  # cfn-lint takes seconds to start
@pytest.mark.parametrize("given", [GIVEN, {}], ids=["named", "parameters"])
@pytest.mark.deep
def test_cfn_lint_has_nothing_against_the_template(given: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text(cloudformation(Setup(parse(CIS_ROOT), **given)), encoding="utf-8")
    lint = [Path(sys.executable).with_name("cfn-lint"), "--regions", "us-east-1", "--", path]
    done = subprocess.run(lint, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    path.write_text(path.read_text(encoding="utf-8").replace('"Sum"', '"Summe"'), encoding="utf-8")
    assert "Summe" in subprocess.run(lint, capture_output=True, text=True, check=False).stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize("text", PATTERNS)
@pytest.mark.parametrize("given", [GIVEN, {}], ids=["named", "parameters"])
def test_bash_hands_aws_what_its_models_take(text: str, given: dict[str, str], tmp_path: Path) -> None:
    setup = Setup(parse(text), period_seconds=300, threshold=2, **given)
    words = [] if given else list(GIVEN.values())
    done, calls = _run(aws_cli(setup), words, tmp_path)
    assert done.returncode == 0, done.stderr
    assert [call[:2] for call in calls] == [
        ["sns", "create-topic"],
        ["sns", "subscribe"],
        ["logs", "put-metric-filter"],
        ["cloudwatch", "put-metric-alarm"],
    ]
    topic, subscription, held, alarm = (_validated(call) for call in calls)
    assert topic["Name"] == "root-usage-alarm"
    assert subscription["TopicArn"] == "arn:aws:sns:stub"
    assert alarm["AlarmActions"] == ["arn:aws:sns:stub"]
    assert subscription["Endpoint"] == GIVEN["email"]
    assert held["logGroupName"] == GIVEN["log_group"]
    assert held["filterPattern"] == str(setup.pattern)
    assert held["metricTransformations"][0]["metricName"] == alarm["MetricName"]
    assert (alarm["Period"], alarm["Threshold"], alarm["Statistic"]) == (300, 2.0, "Sum")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_a_name_that_begins_with_a_hyphen_is_no_option(tmp_path: Path) -> None:
    setup = Setup(parse(CIS_ROOT), topic="-x", log_group="--debug", namespace="-n", email="-a@example.com")
    done, calls = _run(aws_cli(setup), [], tmp_path)
    assert done.returncode == 0, done.stderr
    topic, subscription, held, alarm = (_validated(call) for call in calls)
    assert (topic["Name"], subscription["Endpoint"]) == ("-x", "-a@example.com")
    assert (held["logGroupName"], alarm["Namespace"]) == ("--debug", "-n")


@pytest.mark.parametrize("form", FORMS)
def test_a_pattern_near_the_quota_is_written_as_it_was_given(form: str) -> None:
    text = "{" + "||".join(f"$.a={number:03}" for number in range(110)) + "}"
    assert len(text) <= 1024 < len(str(parse(text)))
    assert text in FORMS[form](Setup(parse(text)))
    assert "{ $.a = 1 }" in FORMS[form](Setup(parse("{$.a=1}")))


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_script_asks_for_what_it_was_not_given_before_it_calls_anything(tmp_path: Path) -> None:
    done, calls = _run(aws_cli(Setup(parse(CIS_ROOT))), [], tmp_path)
    assert done.returncode != 0
    assert "name the log group" in done.stderr
    assert calls == []


def _run(script: str, words: list[str], folder: Path) -> tuple[subprocess.CompletedProcess[str], list[list[str]]]:
    """Run a script in a bash that finds a stand-in for ``aws`` only, which writes down what it is given."""
    tool = folder / "bin" / "aws"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\nprintf "%s\\0" "$@" "" >> "$CALLS"\necho arn:aws:sns:stub\n', encoding="utf-8")
    tool.chmod(0o755)
    log = folder / "calls"
    path = folder / "setup.sh"
    path.write_text(script, encoding="utf-8")
    environment = {"PATH": str(tool.parent), "CALLS": str(log), "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    bash = shutil.which("bash") or "bash"
    done = subprocess.run([bash, path, *words], capture_output=True, text=True, env=environment, check=False)
    told = log.read_bytes().decode() if log.exists() else ""
    return done, [call.split("\0") for call in told.split("\0\0")[:-1]]


def _validated(call: list[str]) -> dict[str, Any]:
    """The parameters of a call, as AWS's own model of the operation takes them."""
    session = botocore.session.get_session()
    session.set_config_variable("config_file", os.devnull)
    service = session.get_service_model({"logs": "logs", "sns": "sns", "cloudwatch": "cloudwatch"}[call[0]])
    (operation,) = [name for name in service.operation_names if xform_name(name, "-") == call[1]]
    shape = service.operation_model(operation).input_shape
    members = {f"--{xform_name(name, '-')}": (name, member) for name, member in shape.members.items()}
    if "--endpoint" in members:  # the command line keeps --endpoint-url apart from it by another name
        members["--notification-endpoint"] = members.pop("--endpoint")
    values: dict[str, Any] = {}
    for option, text in (word.split("=", 1) for word in call[2:]):
        if option in ("--query", "--output"):
            continue
        name, member = members[option]
        values[name] = _typed(member.type_name, text)
    report = ParamValidator().validate(values, shape)
    assert not report.has_errors(), report.generate_report()
    return values


def _typed(kind: str, text: str) -> Any:
    if kind == "list":
        return json.loads(text) if text.startswith("[") else [text]
    return {"integer": int, "double": float}.get(kind, str)(text)


@pytest.mark.parametrize(
    "wrong",
    [
        {"log_group": ""},
        {"log_group": "a b"},
        {"log_group": "x" * 513},
        {"log_group": "a\n"},
        {"email": "nobody"},
        {"email": "a b@example.com"},
        {"email": "a@example.com\n"},
        {"name": "-x"},
        {"name": 'a"b'},
        {"namespace": "AWS/Logs"},
        {"namespace": "a:b"},
        {"topic": "a.b"},
        {"period_seconds": 90},
    ],
)
def test_names_that_aws_does_not_take_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(FilterError):
        Setup(parse(CIS_ROOT), **wrong)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_ends_with_a_line_break_and_holds_the_description(form: str) -> None:
    text = FORMS[form](Setup(parse(CIS_ROOT), threshold=3))
    assert text.endswith("\n")
    assert "matched at least 3 times within 60 seconds" in text
