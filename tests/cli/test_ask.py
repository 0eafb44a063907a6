"""Asking for the code of an MFA device: on a terminal, unseen, and never without one."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from rootforensics.cli import cli
from tests.builders import event
from tests.stand_ins.cloudtrail_api import CloudTrailApi
from tests.stand_ins.sts import TokenService, Trust

if TYPE_CHECKING:
    from pathlib import Path

ROLE = "arn:aws:iam::111122223333:role/audit"
DEVICE = "arn:aws:iam::444455556666:mfa/responder"
YESTERDAY = datetime.now(UTC) - timedelta(days=1)
EVENTS = {"us-east-1": [event(eventTime=f"{YESTERDAY:%Y-%m-%dT%H:%M:%SZ}")]}
#: Each day of a history is asked for in a call of its own, two a second.
SINCE = f"{YESTERDAY - timedelta(days=1):%Y-%m-%d}"
MAIN = "from rootforensics.cli import main; main()"


def command(case: Path) -> list[str]:
    asked = ["--region", "us-east-1", "--since", SINCE, "--role-arn", ROLE, "--mfa-serial", DEVICE]
    return [sys.executable, "-W", "error", "-c", MAIN, "history", str(case), *asked]


def environment(api: CloudTrailApi, sts: TokenService) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | api.environment() | sts.environment() | {"TERM": "xterm", "COLUMNS": "80"}


def on_a_terminal(case: Path, variables: dict[str, str], typed: list[str]) -> tuple[int, str]:
    """Run the command on a terminal and type a line for each prompt; the exit status and what the terminal showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(case), env=variables, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            came = os.read(ours, 4096)
        except OSError:  # so a terminal ends
            break
        if not came:
            break
        shown += came
        if typed and shown.rstrip().endswith(f"{DEVICE}:".encode()):
            os.write(ours, typed.pop(0).encode() + b"\n")
            shown += b"|"
    os.close(ours)
    return process.wait(), shown.decode()


@pytest.mark.heavy
def test_a_code_typed_on_the_terminal_is_used_and_not_shown(tmp_path: Path) -> None:
    with TokenService({ROLE: Trust("", DEVICE, ["918273"])}) as sts, CloudTrailApi(EVENTS) as api:
        status, shown = on_a_terminal(tmp_path / "case.duckdb", environment(api, sts), ["no code", " 918 273"])
        assert [asked["TokenCode"] for asked in sts.asked] == ["918273"]
    assert status == 0, shown
    assert shown.count(f"Code of the MFA device {DEVICE}: ") == 2
    assert "a code has six digits" in shown
    assert "918" not in shown
    assert "no code" not in shown
    assert "complete: 1 Region" in shown


@pytest.mark.heavy
def test_a_wrong_code_ends_with_a_word_and_no_traceback(tmp_path: Path) -> None:
    with TokenService({ROLE: Trust("", DEVICE, ["918273"])}) as sts, CloudTrailApi(EVENTS) as api:
        status, shown = on_a_terminal(tmp_path / "case.duckdb", environment(api, sts), ["112233"])
    assert status == 1
    assert "AWS takes a code once: wait for the next one of the device" in shown.replace("\r\n", " ")
    assert "Traceback" not in shown


@pytest.mark.heavy
def test_without_a_terminal_nobody_is_asked(tmp_path: Path) -> None:
    with TokenService({ROLE: Trust("", DEVICE, ["918273"])}) as sts, CloudTrailApi(EVENTS) as api:
        done = subprocess.run(
            command(tmp_path / "case.duckdb"),
            env=environment(api, sts),
            input="918273\n",
            capture_output=True,
            check=False,
            text=True,
        )
        assert sts.asked == []
    assert done.returncode == 1
    assert done.stderr == (
        f"rootforensics: a code of the MFA device {DEVICE} is needed, and there is no terminal to ask for it. Run the "
        "command in a terminal, or sign in first and give it the AWS_ variables of the session\n"
    )


def test_what_belongs_to_a_role_needs_one(tmp_path: Path) -> None:
    for name in ("load", "history"):
        arguments = [name, str(tmp_path / "case.duckdb"), *(["s3://bucket/"] if name == "load" else [])]
        for option in ("--mfa-serial", "--external-id"):
            result = CliRunner().invoke(cli, [*arguments, option, "x"])
            assert result.exit_code == 2
            assert f"{option} belongs to a role; name it with --role-arn." in result.output
