"""The catalogue of actions: well-formed, and true to what AWS and ATT&CK document."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.model import ListShape

import rootforensics as rf
from rootforensics.errors import RuleError
from tests.builders import root_event, write_log
from tools.docs.aws_models import command_operation, has_path, operations, option_shape, options, spelled_option
from tools.docs.catalogue import actions, glossary, parse_actions

if TYPE_CHECKING:
    from collections.abc import Callable

ATTACK: Final = tomllib.loads((Path(__file__).parent / "attack.toml").read_text(encoding="utf-8"))
ROWS: Final = list(actions().values())
PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}(?!\])")

#: Events that are no operation of a public API. AWS documents those of the sign-in, billing, payments, tax and support
#: pages, of S3's public-access blocks, Object Lock and batch jobs and of shared snapshots; the others stand in the rule
#: sets that their rows cite.
NO_API: Final = {
    "signin": {
        "ConsoleLogin", "CheckMfa", "PasswordRecoveryRequested", "PasswordRecoveryCompleted", "PasswordUpdated",
        "EmailUpdated", "AccountNameUpdated", "AuthorizeOAuth2Access", "GetSigninToken", "SwitchRole",
    },
    "iam": {
        "UploadCloudFrontPublicKey", "UpdateCloudFrontPublicKey", "DeleteCloudFrontPublicKey",
        "UpdateAccountEmailAddress", "RequestSmsMfaRegistration", "FinalizeSmsMfaRegistration",
    },
    "s3": {
        "DeleteBucketPublicAccessBlock", "PutAccountPublicAccessBlock", "PutBucketPublicAccessBlock",
        "PutBucketObjectLockConfiguration", "JobCreated",
    },
    "ec2": {"SharedSnapshotCopyInitiated", "SharedSnapshotVolumeCreated"},
    "cloudshell": {"CreateSession"},
    "bedrock": {"PutFoundationModelEntitlement"},
    "account": {"CloseAccount"},
    "billingconsole": {
        "SetIAMAccessPreference", "SetAccountPreferences", "SetSecurityQuestions", "SetContactAddress",
        "RedeemPromoCode", "CloseAccount", "SetAdditionalContacts", "SetPayInformation", "SetFxPaymentCurrency",
        "SetCreditSharing", "SetRISharing", "DownloadCommercialInvoice", "DownloadECSVForBillingPeriod",
    },
    "payments": {
        "Instruments_Create", "Instruments_Update", "Instruments_Delete", "Preferences_CreatePaymentProfile",
        "Preferences_UpdatePaymentProfile",
    },
    "purchase-orders": {"AddPurchaseOrder", "UpdatePurchaseOrder", "DeletePurchaseOrder"},
    "tax": {"PutTaxRegistration", "DeleteTaxRegistration"},
    "taxconsole": {"DownloadTaxInvoice", "SetTaxInheritance"},
    "supportplans": {"StartSupportPlanUpdate", "CreateSupportPlanSchedule"},
    "support-subscription": {"UpdateSupportLevel"},
    # The console of IAM Identity Center: listed in its user guide and, what is younger, among the actions of its policies.
    "sso-directory": {
        "CreateUser", "AddMemberToGroup", "UpdatePassword", "EnableUser", "UpdateUser", "DeleteMfaDeviceForUser",
        "CompleteVirtualMfaDeviceRegistration", "CompleteWebAuthnDeviceRegistration", "PutMfaDeviceManagementForDirectory",
        "CreateProvisioningTenant", "CreateBearerToken", "CreateExternalIdPConfigurationForDirectory",
        "EnableExternalIdPConfigurationForDirectory", "UpdateExternalIdPConfigurationForDirectory",
        "ImportExternalIdPCertificate", "DisableExternalIdPConfigurationForDirectory", "CreateGroup", "DeleteUser",
        "DisableUser", "RemoveMemberFromGroup",
    },
    "sso": {
        "AssociateDirectory", "DisassociateDirectory", "AssociateProfile", "PutPermissionsPolicy", "UpdateSsoConfiguration",
        "UpdateSSOConfiguration",
    },
}  # fmt: skip
#: Paths that records have although the API's members are named otherwise.
OWN_PATHS: Final = {
    "requestParameters.bucketName", "requestParameters.key",  # Amazon S3
    "responseElements.instancesSet.items[*].instanceId", "requestParameters.instancesSet.items[*].instanceId",  # EC2
    "responseElements.spotInstanceRequestSet.items[*].spotInstanceRequestId",
    "responseElements.RequestSpotFleetResponse.spotFleetRequestId", "responseElements.CreateFleetResponse.fleetId",
    "responseElements.CreateCapacityReservationResponse.capacityReservation.capacityReservationId",
    "responseElements.reservedInstancesListingsSet.items[*].reservedInstancesListingId",
    "recipientAccountId", "awsRegion",  # of every record
}  # fmt: skip


def test_the_catalogue_is_large_and_its_ids_are_stable_words() -> None:
    assert len(ROWS) >= 350
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", row.id) for row in ROWS)
    assert len({(row.eventSource, row.eventName, row.condition) for row in ROWS}) == len(ROWS)


def test_a_row_says_what_it_must_in_sentences() -> None:
    for row in ROWS:
        assert re.fullmatch(r"[a-z0-9-]+\.amazonaws\.com", row.eventSource), row.id
        assert re.fullmatch(r"[A-Z][A-Za-z0-9_]+", row.eventName), row.id
        assert row.sentence.endswith("."), row.id
        assert row.matters.endswith("."), row.id
        assert not row.undo or row.undo.endswith("."), row.id
        assert row.sources, row.id


def test_techniques_exist_in_both_numberings() -> None:
    for row in ROWS:
        renamed = ATTACK["renamed"]
        for technique, former in zip(row.techniques, row.techniques_v18, strict=True):
            assert former in ATTACK["v18"], row.id
            assert technique == renamed.get(former, former), row.id
            name_and_tactics = ATTACK["new"].get(technique) or ATTACK["v18"][technique]
            moved = [tactic for tactic, held in ATTACK["moved"].items() if technique in held]
            assert row.tactic in [*name_and_tactics[1:], *moved], row.id
            assert row.tactic_v18 in ATTACK["v18"][former][1:], row.id


@pytest.mark.heavy
def test_the_event_is_one_that_aws_or_a_cited_rule_set_knows() -> None:
    for row in ROWS:
        listed = row.eventName in NO_API.get(row.eventSource.removesuffix(".amazonaws.com"), ())
        assert listed != bool(operations(row.eventSource, row.eventName)), row.id


def test_paths_are_those_of_the_documented_record() -> None:
    for row in ROWS:
        for path in _paths(row.undo_command):
            assert path in OWN_PATHS or any(
                has_path(operation, path) for operation in operations(row.eventSource, row.eventName)
            ), row.id


def _paths(command: str) -> list[str]:
    given = PLACEHOLDER.findall(re.sub(r"'\{.*\}'", "", command))
    return [path for one in given for path in one.removeprefix("each:").split("|")]


def test_an_option_takes_as_many_values_as_it_is_given() -> None:
    for row in ROWS:
        words = shlex.split(row.undo_command)
        for option, value in pairwise(words):
            if "[*]" not in value:
                continue
            operation = command_operation(*words[1:3])
            shape = None if operation is None else option_shape(operation, option)
            # A path that names the cluster of each task is the same for all of them.
            many = not value.startswith("{each:") and not value.endswith("clusterArn}")
            assert isinstance(shape, ListShape) == many, (row.id, option)


def test_the_command_is_one_of_the_command_line() -> None:
    for row in ROWS:
        if not row.undo_command:
            continue
        aws, service, command, *words = shlex.split(row.undo_command)
        operation = command_operation(service, command)
        assert aws == "aws", row.id
        assert operation is not None, row.id
        given = [word for word in words if word.startswith("--")]
        assert set(given) <= options(operation) | {"--enable"}, row.id
        required = {
            f"--{name}" for name in _spelled(operation.input_shape.required_members if operation.input_shape else [])
        }
        assert required <= set(given) | {one.replace("--no-", "--") for one in given}, row.id


def _spelled(names: list[str]) -> list[str]:
    from botocore import xform_name

    return [spelled_option(xform_name(name, "-")) for name in names]


def test_every_task_and_source_of_the_glossary_is_used() -> None:
    words = glossary()
    assert {row.root_task for row in ROWS} - {""} == words["root_tasks"].keys()
    assert {source for row in ROWS for source in row.sources} == set(words["sources"].values())


def test_something_is_said_of_an_event_whatever_its_parameters() -> None:
    plain = {(row.eventSource, row.eventName) for row in ROWS if not row.condition}
    assert {(row.eventSource, row.eventName) for row in ROWS} == plain


@pytest.mark.heavy
@pytest.mark.parametrize("filled", [True, False], ids=["sample", "empty"])
def test_every_condition_binds_and_runs(filled: bool, sample_case: rf.Case, empty_case: rf.Case) -> None:
    case = sample_case if filled else empty_case
    total = case.sql("SELECT count(*) AS n FROM events").rows[0]["n"]
    for row in ROWS:
        if row.condition:
            counted = case.sql(f"SELECT count(*) AS n FROM events WHERE {row.condition_sql}").rows[0]["n"]
            assert counted <= total, row.id


def test_the_table_holds_the_catalogue(sample_case: rf.Case) -> None:
    held = {row["action_id"]: row for row in sample_case.query("actions").rows}
    assert held.keys() == actions().keys()
    tried = held["cloudtrail-stop-logging"]
    assert (tried["severity"], tried["attempt_severity"]) == ("critical", "high")
    assert (tried["techniques"], tried["techniques_v18"]) == ("T1685.002", "T1562.008")
    failed = held["signin-console-login-failed"]
    assert failed["attempt_severity"] == failed["severity"]
    assert failed["attempt_means"] == failed["means"]
    assert Counter(row["category"] for row in held.values()).keys() == Counter(row.category for row in ROWS).keys()


GOOD: Final = """
[[action]]
id = "iam-x"
eventSource = "iam.amazonaws.com"
eventName = "X"
act = "m"
matters = "n."
severity = "low"
tactic = "Impact"
techniques = ["T1485"]
category = "impact"
sources = ["one"]
"""
WORDS: Final = {"sources": {"one": "https://example.com"}, "root_tasks": {}}


def test_a_good_row_is_read_with_its_defaults() -> None:
    (row,) = parse_actions(GOOD, "x.toml", WORDS)
    assert (row.sources, row.techniques_v18, row.attempt_severity) == (("https://example.com",), ("T1485",), "info")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("severity =", "severty ="), "unknown key 'severty'"),
        (('"low"', '"lowish"'), "lowish"),
        (('"low"', "3"), "severity"),
        (('"impact"', '"elsewhere"'), "elsewhere"),
        (('act = "m"', ""), "act"),
        (('["T1485"]', '"T1485"'), "techniques"),
        (('["one"]', '["two"]'), "'two' is not in the glossary"),
        (('sources = ["one"]', 'sources = ["one"]\nroot_task = "fly"'), "'fly' is not in the glossary"),
        (('sources = ["one"]', 'sources = ["one"]\ncontrol = "trail"'), "control, impairment and part go together"),
        (("[[action]]", "[[acton]]"), "tables named action"),
        (("[[action]]", "[[action"), "no TOML"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(change: tuple[str, str], message: str) -> None:
    with pytest.raises(RuleError, match=re.escape(message)) as error:
        parse_actions(GOOD.replace(*change), "x.toml", WORDS)
    assert str(error.value).startswith("x.toml")


def test_the_table_of_actions_is_no_evidence_when_a_case_is_loaded(tmp_path: Path, empty_path: Path) -> None:
    with rf.open_case(tmp_path / "second.duckdb") as case:
        case.load(empty_path)
        (row,) = case.query("evidence").rows
        assert (row["event_count"], row["rejected_count"]) == (0, 0)
        assert row["problem"].startswith("a DuckDB file, which is not opened")


@pytest.fixture(scope="module")
def small_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a case of one event of root's."""
    folder = tmp_path_factory.mktemp("small")
    write_log(folder, "logs/log.json", [root_event()])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
    return folder


@pytest.fixture
def lacking_case(small_case: Path, tmp_path: Path) -> Path:
    """That case without a column of its events."""
    import duckdb

    shutil.copytree(small_case, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "case.duckdb"
    with duckdb.connect(str(path)) as writer:
        writer.execute("ALTER TABLE events DROP COLUMN root_basis")
    return path


LACKS: Final = "the case lacks a table or column that this query reads"


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "ask",
    [
        lambda case: case.verdict(),
        lambda case: case.query("root_events"),
        lambda case: case.report("report.html"),
    ],
    ids=["verdict", "question", "report"],
)
def test_a_case_that_lacks_a_column_says_so(
    ask: Callable[[rf.Case], Any], lacking_case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(lacking_case.parent)
    with rf.open_case(lacking_case) as case, pytest.raises(rf.QueryError, match=LACKS) as error:
        ask(case)
    assert "Load the evidence into a new case" in str(error.value)
    assert "Binder" not in str(error.value)


@pytest.mark.heavy
def test_the_command_says_it_in_one_line(lacking_case: Path) -> None:
    command = [sys.executable, "-m", "rootforensics", "verdict", str(lacking_case)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (1, "")
    assert LACKS in told.stderr
    assert "Traceback" not in told.stderr


def test_a_mistake_in_ones_own_statement_is_told_as_one(lacking_case: Path) -> None:
    with rf.open_case(lacking_case) as case, pytest.raises(rf.QueryError, match="no_such_column"):
        case.sql("SELECT no_such_column FROM actions")
