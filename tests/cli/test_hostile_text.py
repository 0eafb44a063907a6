"""What somebody wrote into a log steers no terminal, no reader of JSON and no page; secrets in requests stay unseen."""

from __future__ import annotations

import ast
import json
import re
import sys
import unicodedata
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.cli import cli
from rootforensics.cli.talk import shown
from rootforensics.queries.formats import visible
from rootforensics.queries.secrets import without_secrets
from tests.builders import root_event, write_log

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Clears a screen, is a control sequence of one byte, turns the direction of text, rings.
STEERING = "\x1b[2J\x9b31m\u202e\x07"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
ACCOUNT = f"1111{STEERING}22223333"
CALLS = ("ConsoleLogin", "CreateUser", "StopLogging", "RunInstances", "UpdateLoginProfile")
USER_DATA, PASSWORD = "IyEvYmluL3NoIGV2aWw=", f"hunter2{STEERING}"
#: The ways on which lines for people may leave a command.
WRITERS = {"talk.py", "output.py"}


def _recorded(number: int, name: str) -> dict[str, Any]:
    made = root_event(
        eventName=f"{name}{STEERING}" if name == "CreateUser" else name,
        eventTime=f"2026-08-05T10:0{number}:00Z",
        awsRegion=f"us-{STEERING}-1",
        requestParameters={"userName": f"x{STEERING}", "userData": USER_DATA, "password": PASSWORD},
        recipientAccountId=ACCOUNT,
        sourceIPAddress=f"192.0.2.1{STEERING}",
        userAgent=f"agent{STEERING}",
    )
    arn = f"arn:aws:iam::{ACCOUNT}:root"
    return made | {"userIdentity": made["userIdentity"] | {"accountId": ACCOUNT, "arn": arn, "principalId": ACCOUNT}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a triage."""
    here = tmp_path_factory.mktemp("hostile")
    write_log(here / "logs", f"a{STEERING}.json.gz", [_recorded(*one) for one in enumerate(CALLS)])
    result = CliRunner().invoke(cli, ["triage", str(here / "logs"), "--out", str(here / "out")])
    assert not OBEYED.search(result.output)
    return here / "out"


def test_text_for_people_and_programs_has_no_sign_that_is_not_shown() -> None:
    hidden = [
        chr(code) for code in range(sys.maxunicode) if unicodedata.category(chr(code)) in ("Cc", "Cf", "Zl", "Zp")
    ]
    shown_as = {sign: visible(sign) for sign in hidden}
    assert {sign for sign, text in shown_as.items() if text == sign} == {"\t", "\n"}
    assert all(json.loads(f'"{text}"') == sign for sign, text in shown_as.items() if sign not in "\t\n")
    assert visible("é ß 字 \U0001f600") == "é ß 字 \U0001f600"


COMMANDS = """coverage | verdict | verdict --format json | brief | brief --format md | findings | timeline | incident
timeline --format csv | timeline --format json | coverage --format jsonl | blast-radius | query root-events | hypotheses
contained --contained-at 2026-08-05 | custody --verify | verify | evidence | indicators | alarm"""
QUICK = ("coverage", "timeline")


@pytest.mark.parametrize(
    "arguments",
    [part if part in QUICK else pytest.param(part, marks=pytest.mark.heavy) for part in re.split(r" \| |\n", COMMANDS)],
)
@pytest.mark.quick(2)
def test_no_command_prints_what_a_terminal_obeys(folder: Path, arguments: str) -> None:
    name, *options = arguments.split()
    result = CliRunner().invoke(cli, [name, str(folder / "case.duckdb"), *options])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert OBEYED.findall(result.output.replace("\r\n", "\n")) == []


def test_files_for_people_hold_nothing_that_is_obeyed(folder: Path) -> None:
    for name in ("report.html", "summary.json", "timeline.csv"):
        text = (folder / name).read_text(encoding="utf-8")
        assert OBEYED.findall(text.replace("\r\n", "\n")) == [], name
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert any(ACCOUNT in text for text in _texts(summary))  # as JSON spells it, it says the same


@pytest.mark.heavy
def test_charts_are_xml_whatever_the_logs_hold(folder: Path, tmp_path: Path) -> None:
    CliRunner().invoke(
        cli, ["chart", str(folder / "case.duckdb"), "all", "--out", str(tmp_path)], catch_exceptions=False
    )
    drawn = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.svg")}
    assert len(drawn) > 5
    for name, text in drawn.items():
        assert OBEYED.findall(text) == [], name
        assert ElementTree.fromstring(text).tag.endswith("svg")
    assert any("[U+001B]" in text for text in drawn.values())  # a word in place of an account ID names no account


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
    else:
        yield str(value)


def test_only_own_colors_reach_a_terminal() -> None:
    assert shown("\x1b[1m\x1b[31mred\x1b[0m\nplain") == "\x1b[1m\x1b[31mred\x1b[0m\nplain"
    for sign in ("\x1b[2J", "\x1b[8m", "\x1b[31;1m", "\x1b]0;title\x07", "\r", "\x9b0m", "\u202e"):
        assert not OBEYED.search(shown(f"a{sign}b\n"))


def _writes(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls that write to stdout."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            to_stderr = any(keyword.arg == "err" for keyword in node.keywords)
            if name in ("click.echo", "click.secho", "sys.stdout.write") and not to_stderr:
                yield node


def test_lines_for_people_leave_a_command_through_one_function() -> None:
    """What is written otherwise is a text of this package: a template, a script for the shell, an alarm's set-up."""
    own = {"approvals.py": 1, "completion.py": 1, "alarm.py": 1, "help.py": 1}
    found = {path.name: len(list(_writes(ast.parse(path.read_text())))) for path in Path(cli_folder()).glob("*.py")}
    assert {name: count for name, count in found.items() if count and name not in WRITERS} == own


def cli_folder() -> Path:
    """Where the commands are."""
    from rootforensics import cli as package

    return Path(package.__file__).parent


HIDDEN = "not shown: {size:,} bytes, SHA-256 {digest}; rootforensics raw prints it"


def _hidden(text: str) -> str:
    return HIDDEN.format(size=len(text.encode()), digest=sha256(text.encode()).hexdigest())


@pytest.mark.heavy
def test_people_see_length_and_hash_of_secrets_and_sql_and_raw_have_them(folder: Path, tmp_path: Path) -> None:
    case = str(folder / "case.duckdb")
    for name in ("report.html", "timeline.csv"):
        text = re.sub("<[^>]*>", "", (folder / name).read_text(encoding="utf-8"))  # a long request is folded
        assert "hunter2" not in text
        assert USER_DATA not in text
        assert _hidden(USER_DATA) in text
        assert _hidden(PASSWORD) in text
    plain = CliRunner().invoke(cli, ["timeline", case, "--format", "csv"]).output
    assert plain.count(_hidden(USER_DATA)) == len(CALLS)
    assert "hunter2" not in plain
    for options in (["--show-secrets", "--format", "csv"], ["--format", "timesketch"]):
        assert CliRunner().invoke(cli, ["timeline", case, *options]).output.count(USER_DATA) == len(CALLS)
    with rf.open_case(case) as opened:
        row = opened.sql("SELECT eventID, requestParameters->>'$.userData' AS kept FROM events LIMIT 1").rows[0]
        assert row["kept"] == USER_DATA
        assert json.loads(opened.raw(row["eventID"]))["requestParameters"]["password"] == PASSWORD
        opened.export(tmp_path / "tables")
        assert "hunter2" in str(opened.timeline(show_secrets=True).rows)
        assert "hunter2" not in str(opened.timeline().rows)
    assert any(USER_DATA.encode() in path.read_bytes() for path in (tmp_path / "tables").rglob("*") if path.is_file())


SECRETS: dict[str, tuple[Any, list[str]]] = {
    "user data in a template": ({"LaunchTemplateData": {"UserData": "a"}}, ["a"]),
    "user data as an attribute": ({"userData": {"value": "a"}, "instanceId": "i-1"}, ["a"]),
    "a master password": ({"masterUserPassword": "a", "dBInstanceIdentifier": "d"}, ["a"]),
    "variables of a function": ({"environment": {"variables": {"DB_PASSWORD": "a", "NAME": "n"}}}, ["a"]),
    "a pair": (
        {"parameters": [{"parameterKey": "DbPassword", "parameterValue": "a"}, {"name": "x", "value": "y"}]},
        ["a"],
    ),
    "a number": ({"password": 1234}, ["1234"]),
    "a number out of range": ({"password": "a", "limit": 1e400}, ["a"]),
    "a secret": ({"secretString": '{"a": "b"}', "name": "n"}, ['{"a": "b"}']),
    "tokens": (
        {"apiToken": "a", "authToken": "b", "accessToken": "c", "SLACK_TOKEN": "d", "x-api-key": "e"},
        [*"abcde"],
    ),
    "an address with a password": ({"connectionString": "a", "variables": {"DB_CONNECTION_STRING": "b"}}, ["a", "b"]),
    "a key that two share": ({"options": {"preSharedKey": "a"}, "trustPassword": "b"}, ["a", "b"]),
    "tokens of paging": (
        {"nextToken": "a", "clientToken": "b", "clientRequestToken": "c", "idempotencyToken": "d"},
        [],
    ),
    "tokens of any name": ({"webhookToken": "a", "API_TOKEN": "b", "TOKEN": "c", "CLIENT_TOKEN": "d"}, [*"abcd"]),
    "a variable": ({"environmentVariables": [{"name": "TOKEN", "value": "a"}, {"name": "STAGE", "value": "b"}]}, ["a"]),
    "key material": ({"keyMaterial": "a", "publicKeyMaterial": "b"}, ["a"]),
    "a private key by its content": (
        {"certificateBody": "-----BEGIN RSA PRIVATE KEY-----\nx", "publicKey": "-----BEGIN PUBLIC KEY-----\nx"},
        ["-----BEGIN RSA PRIVATE KEY-----\nx"],
    ),
    "arguments of commands": (
        {
            "args": ["--password", "a", "--verbose", "b"],
            "text": "mysql -u root -phunter2 db",
            "more": "run --api-token x",
        },
        ["a", "mysql -u root -phunter2 db", "run --api-token x"],
    ),
    "arguments that are no secrets": ({"args": ["--name", "a"], "text": "mkdir -p /x; mysql --port 3306"}, []),
    "names of secrets": (
        {"secretId": "s", "secretArn": "s", "kmsKeyId": "k", "keyName": "n", "accessKeyId": "AKIA"},
        [],
    ),
    "nothing secret": ({"passwordResetRequired": True, "passwordLastUsed": "x", "userName": "password"}, []),
    "what AWS removed": ({"userData": "<sensitiveDataRemoved>", "password": "****", "secretString": ""}, []),
}


def test_secrets_are_hidden_wherever_they_stand_and_nothing_else() -> None:
    for name, (request, hidden) in SECRETS.items():
        spelled = json.dumps(request).replace("Infinity", "1e400")
        told = without_secrets(spelled) or ""
        if not hidden:
            assert told == spelled, name
            continue
        expected = spelled
        for one in hidden:
            expected = re.sub(
                rf"(?<=[:,] ){re.escape(json.dumps(one))}|(?<=: ){one}(?=\b)", f'"[{_hidden(one)}]"', expected
            )
        assert json.loads(told, parse_float=str) == json.loads(expected, parse_float=str), name


#: A call, its request, and what of it is hidden; the same names are shown in other calls.
OF_CALLS: list[tuple[str, Any, list[str]]] = [
    ("ssm:PutParameter", {"name": "/db", "value": "a", "type": "String"}, ["a"]),
    ("ssm:SendCommand", {"documentName": "d", "parameters": {"commands": ["a", "b"]}}, ["a", "b"]),
    ("codebuild:ImportSourceCredentials", {"token": "a", "serverType": "GITHUB"}, ["a"]),
    ("ecs:RegisterTaskDefinition",
     {"containerDefinitions": [{"name": "c", "environment": [{"name": "KEY_OF_LIFE", "value": "a"}]}]}, ["a"]),
    ("ec2:CreateTags", {"tagSet": {"items": [{"key": "Name", "value": "a"}]}}, []),
    ("account:PutContactInformation", {"contactInformation": {"phoneNumber": "a", "fullName": "b"}}, []),
    ("organizations:InviteAccountToOrganization", {"target": {"id": "a", "type": "EMAIL"}, "notes": "b"}, []),
]  # fmt: skip


def test_what_the_models_of_aws_mark_as_sensitive_is_hidden_in_that_call() -> None:
    for call, request, hidden in OF_CALLS:
        service, _, name = call.partition(":")
        spelled = json.dumps(request)
        told = json.loads(without_secrets(spelled, f"{service}.amazonaws.com", name) or "")
        expected = spelled
        for one in hidden:
            expected = expected.replace(json.dumps(one), f'"[{_hidden(one)}]"')
        assert told == json.loads(expected), call
        assert without_secrets(spelled) == without_secrets(spelled, "ec2.amazonaws.com", "CreateTags") == spelled, call


def test_a_request_that_cannot_be_taken_apart_is_hidden_whole() -> None:
    for depth in (450, 900, 5000):
        deep = '{"password": ' + "[" * depth + '"hunter2"' + "]" * depth + "}"
        told = without_secrets(deep) or ""
        assert "hunter2" not in told
        assert "not shown: " in told
        plain = deep.replace("password", "userName")
        assert without_secrets(plain) == plain
    assert told == f"[{_hidden(deep)}]"
