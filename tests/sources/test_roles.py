"""Taking on a role, with an external ID and with the code of an MFA device, through real boto3."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from rootforensics.errors import SourceError
from rootforensics.sources.history_aws import HistoryError
from rootforensics.sources.roles import Role, open_session
from rootforensics.sources.s3.connection import Connection, S3Options
from tests.builders import event
from tests.stand_ins.cloudtrail_api import CloudTrailApi
from tests.stand_ins.sts import TokenService, Trust

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sources.conftest import Fetch

ROLE = "arn:aws:iam::111122223333:role/audit"
DEVICE = "arn:aws:iam::444455556666:mfa/responder"


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Iterator[TokenService]:
    """STS with a role that wants an external ID and a code."""
    with TokenService({ROLE: Trust("case-7", DEVICE, ["123456", "234567"])}) as service:
        for name, value in service.environment().items():
            monkeypatch.setenv(name, value)
        yield service


def key_of(session: object) -> str:
    return str(session.get_credentials().get_frozen_credentials().access_key)  # type: ignore[attr-defined]


def with_profile(monkeypatch: pytest.MonkeyPatch, folder: Path, *lines: str) -> None:
    """A configuration with a profile ``audit`` whose role is taken on with the keys of ``own``."""
    path = folder / "config"
    own = "[profile own]\naws_access_key_id = AKIAEXAMPLEOWNKEY000\naws_secret_access_key = s\n"
    path.write_text(f"{own}[profile audit]\nrole_arn = {ROLE}\nsource_profile = own\n" + "\n".join(lines))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")


def test_a_role_is_taken_on_with_its_external_id(sts: TokenService) -> None:
    sts.roles[ROLE] = Trust("case-7")
    with Connection(S3Options(role_arn=ROLE, external_id="case-7")) as connection:
        assert key_of(connection.session).startswith("ASIA")
    (asked,) = sts.asked
    assert (asked["RoleArn"], asked["ExternalId"], asked["RoleSessionName"]) == (ROLE, "case-7", "rootforensics")
    assert "SerialNumber" not in asked


def test_the_code_of_the_device_is_asked_for_once(sts: TokenService) -> None:
    wanted: list[str] = []

    def ask(serial: str) -> str:
        wanted.append(serial)
        return "123456"

    options = S3Options(role_arn=ROLE, external_id="case-7", mfa_serial=DEVICE, ask_code=ask)
    with Connection(options) as connection:
        assert {key_of(connection.session) for _ in range(3)} == {"ASIAEXAMPLETAKENON01"}
        connection.client("us-east-1")
        connection.client("eu-west-1")
    assert wanted == [DEVICE]
    (asked,) = sts.asked
    assert (asked["SerialNumber"], asked["TokenCode"]) == (DEVICE, "123456")


def test_credentials_that_run_out_are_renewed_with_another_code(sts: TokenService) -> None:
    sts.seconds = 60  # less than botocore keeps credentials for
    codes = ["123456", "234567"]
    session = open_session(role=Role(ROLE, "case-7", DEVICE), ask_code=lambda _: codes.pop(0))
    assert key_of(session) == "ASIAEXAMPLETAKENON02"
    assert [asked["TokenCode"] for asked in sts.asked] == ["123456", "234567"]


def test_a_role_and_a_device_of_the_profile_are_asked_for_in_the_same_way(
    sts: TokenService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_profile(monkeypatch, tmp_path, "external_id = case-7", f"mfa_serial = {DEVICE}")
    wanted: list[str] = []

    def ask(serial: str) -> str:
        wanted.append(serial)
        return "123456"

    with Connection(S3Options(profile="audit", ask_code=ask)) as connection:
        assert key_of(connection.session) == "ASIAEXAMPLETAKENON01"
    assert wanted == [DEVICE]
    assert sts.asked[0]["TokenCode"] == "123456"
    with pytest.raises(SourceError, match=f"a code of the MFA device {DEVICE} is needed"):
        open_session("audit")


def test_the_role_of_a_profile_can_take_on_a_further_one(
    sts: TokenService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    further = "arn:aws:iam::777788889999:role/reader"
    sts.roles[further] = Trust()
    with_profile(monkeypatch, tmp_path, "external_id = case-7", f"mfa_serial = {DEVICE}")
    session = open_session("audit", Role(further), lambda _: "123456")
    assert key_of(session) == "ASIAEXAMPLETAKENON02"
    assert [asked["RoleArn"] for asked in sts.asked] == [ROLE, further]


@pytest.mark.parametrize(
    ("external_id", "serial", "code", "words"),
    [
        ("case-8", DEVICE, "123456", "does it want an external ID or an MFA device?"),
        ("case-7", "", "", "AssumeRole answers AccessDenied"),
        ("case-7", DEVICE, "999999", "wait for the next one of the device"),
    ],
)
def test_a_refusal_is_told_for_what_it_is(
    sts: TokenService, external_id: str, serial: str, code: str, words: str
) -> None:
    assert sts.roles
    options = S3Options(role_arn=ROLE, external_id=external_id, mfa_serial=serial, ask_code=lambda _: code)
    with Connection(options) as connection, pytest.raises(SourceError) as caught:
        connection.bucket("any")
    assert str(caught.value).startswith(f"{ROLE}: the role cannot be taken on (")
    assert words in str(caught.value)
    assert not code or code not in str(caught.value)


def test_the_history_is_asked_in_the_role(fetch: Fetch, sts: TokenService, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC) - timedelta(days=1)
    with CloudTrailApi({"us-east-1": [event(eventTime=f"{now:%Y-%m-%dT%H:%M:%SZ}")]}) as api:
        environment = api.environment() | {"AWS_ENDPOINT_URL_STS": sts.environment()["AWS_ENDPOINT_URL_STS"]}
        monkeypatch.setattr(api, "environment", lambda: environment)
        result = fetch(api, role=Role(ROLE, "case-7", DEVICE), ask_code=lambda _: "123456")
        assert (result.slice_count, len(sts.asked)) == (2, 1)
        with pytest.raises(SourceError, match="the role cannot be taken on"):
            fetch(api, role=Role(ROLE, "case-7", DEVICE), ask_code=lambda _: "123456")  # a code is taken once
        with pytest.raises(HistoryError, match="could not be found"):
            fetch(api, profile="nobody")
