"""Service and action as AWS spells them, whatever a record makes of them; the record's own spelling stays."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.ingest.counted import Counts
from rootforensics.ingest.filters import Filters
from rootforensics.ingest.related import calls_pattern
from rootforensics.ingest.spelling import bare_name, sources_by_name, spelled_action, spelled_service
from rootforensics.queries.catalogue import analysis_questions, questions
from tests.analysis.verdict.logs import EVERYWHERE
from tests.builders import ABSENT, ACCOUNT, event, root_event, write_log
from tools.docs.aws_models import sources

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = {
    "iam.amazonaws.com": "iam.amazonaws.com",
    "IAM.AMAZONAWS.COM": "iam.amazonaws.com",
    " iam.amazonaws.com\t": "iam.amazonaws.com",
    "iam.amazonaws.com\u00a0": "iam.amazonaws.com",
    "iam": "iam.amazonaws.com",
    "IAM ": "iam.amazonaws.com",
    "iam.amazonaws": "iam.amazonaws.com",
    "iam.amazonaws.com.": "iam.amazonaws.com",
    "iam.amazonaws.com.cn": "iam.amazonaws.com",
    "iam.amazonaws.eu": "iam.amazonaws.com",
    "runtime.lex.amazonaws.com": "runtime.lex.amazonaws.com",
    # What is no service of AWS stays what it is.
    "example.org": "example.org",
    "iam amazonaws com": "iam amazonaws com",
    " ": None,
    "": None,
}
NAMES = {
    "CreateUser": "CreateUser",
    "createuser": "CreateUser",
    "CREATEUSER": "CreateUser",
    "\tcreateUser \n": "CreateUser",
    # The version of an API at the end is none of the name.
    "deletefunction20150331": "DeleteFunction",
    "DeleteFunction20150331": "DeleteFunction",
    "UpdateFunctionCode20150331v2": "UpdateFunctionCode",
    "UPDATEFUNCTIONCODE20150331V2": "UpdateFunctionCode",
    "DeactivateMFADevice20200531 ": "DeactivateMFADevice",
    "CreateDistribution2020_05_31": "CreateDistribution",
    "CreateDistribution_2020_05_31": "CreateDistribution",
    # These are names of their own: no date, or nothing but a date.
    "ListObjectsV2": "ListObjectsV2",
    "CreateClusterV2": "CreateClusterV2",
    "GenerateAs2805KekValidation": "GenerateAs2805KekValidation",
    "RestoreSnapshot20999999": "RestoreSnapshot20999999",
    "20150331": "20150331",
    # No rule reads these.
    "Instruments_List": "Instruments_List",
    " fliptheswitch ": "fliptheswitch",
    "": None,
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    folder = tmp_path_factory.mktemp("spelling")
    pairs = [*((source, "CreateUser") for source in SOURCES), *(("iam.amazonaws.com", name) for name in NAMES)]
    write_log(folder, "log.json", [root_event(eventSource=source, eventName=name) for source, name in pairs])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "log.json")
        found: list[dict[str, object]] = case.sql(
            "SELECT e.eventSource, e.eventName, e.service, e.action, c.eventSource AS shown_source, c.eventName AS shown"
            " FROM events AS e JOIN api_calls AS c USING (evidence_id, record_index) ORDER BY record_index"
        ).rows
    return found


def test_the_record_keeps_its_spelling_and_the_rules_read_that_of_aws(rows: list[dict[str, object]]) -> None:
    recorded = [(row["eventSource"], row["eventName"]) for row in rows]
    assert recorded == [*((one, "CreateUser") for one in SOURCES), *(("iam.amazonaws.com", one) for one in NAMES)]
    spelled = [
        *((one, "CreateUser") for one in SOURCES.values()),
        *(("iam.amazonaws.com", one) for one in NAMES.values()),
    ]
    assert [(row["service"], row["action"]) for row in rows] == spelled
    assert [(row["shown_source"], row["shown"]) for row in rows] == spelled


def test_python_spells_as_the_engine_does() -> None:
    assert {source: spelled_service(source) for source in SOURCES} == SOURCES
    assert {name: spelled_action(name) for name in NAMES} == NAMES
    assert spelled_service(None) is spelled_action(None) is None


@pytest.mark.heavy
def test_no_operation_of_aws_ends_like_a_version() -> None:
    assert [name for name in sources() if bare_name(name) != name] == []


def test_of_two_names_that_differ_in_case_alone_the_service_tells_which_is_meant() -> None:
    for name, owners in sources_by_name().items():
        for source in owners:
            assert source in sources_by_name()[spelled_action(name.upper(), source) or ""], (name, source)


def test_the_account_is_the_one_that_recorded_the_event(tmp_path: Path) -> None:
    other = "444455556666"
    root = "arn:aws:iam::111122223333:root"
    records = [
        event(recipientAccountId=other),
        event(recipientAccountId=f" {other} "),
        event(recipientAccountId=""),
        event(recipientAccountId=ABSENT, identity={"accountId": ABSENT, "arn": root}),
    ]
    write_log(tmp_path, "log.json", records)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "log.json")
        found = [row["account_id"] for row in case.sql("SELECT account_id FROM events ORDER BY record_index").rows]
    assert found == [other, other, "111122223333", "111122223333"]


#: By somebody else than root; one of each is read whoever made it, the other is not.
_MANY = [
    (source, name)
    for source, name in itertools.product(
        ("cloudtrail.amazonaws.com", "CloudTrail", " cloudtrail.amazonaws.com.cn"),
        ("StopLogging", "stoplogging", "STOPLOGGING", " StopLogging", "StopLogging ", "\tstopLogging"),
    )
]


def test_a_load_of_what_is_related_to_root_finds_calls_in_any_spelling(tmp_path: Path) -> None:
    related = [event(eventSource=source, eventName=name) for source, name in _MANY]
    related += [event(eventSource="securityhub.amazonaws.com", eventName=name) for name in ("enable", "Enable ")]
    related += [
        event(eventSource="iam.amazonaws.com", eventName=name + version)
        for name in ("DeleteUser", "deactivatemfadevice")
        for version in ("20200531", "20200531v2", "2020_05_31", "_2020_05_31")
    ]
    other = [event(eventSource="ec2.amazonaws.com", eventName=name) for name in ("DescribeHosts", "describehosts")]
    write_log(tmp_path, "log.json", [*related, *other])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "log.json", filters=rf.Filters(root_related=True))
        found = case.sql("SELECT action, count(*) AS number FROM events GROUP BY ALL ORDER BY ALL").rows
    wanted = {"StopLogging": len(_MANY), "DeleteUser": 4, "DeactivateMFADevice": 4}
    told = {row["action"]: row["number"] for row in found}
    assert sum(told.values()) == len(related)
    assert told | wanted == told


def test_an_engine_finds_names_in_any_spelling() -> None:
    pattern = re.compile(calls_pattern())
    versions = ("StopLogging20131101", "StopLogging2013_11_01", "stoplogging20131101v2 ")
    for name in ("StopLogging", "stoplogging", " STOPLOGGING ", r"\tStopLogging\u00a0", *versions):
        assert pattern.search(f'{{"eventName":"{name}","a":1}}'), name
    assert not pattern.search('{"eventName":"DescribeHosts","requestParameters":{"a":"StopLogging"}}')


def test_what_is_left_out_is_counted_by_the_names_of_aws() -> None:
    counts = Counts((Filters(root_related=True),))
    texts = [
        b'{"eventTime":"2026-08-05T10:00:00Z","eventSource":"%b","eventName":"%b"}' % one
        for one in (
            (b"s3.amazonaws.com", b"GetObject"),
            (b"S3", b"getobject "),
            (b" s3.amazonaws.com.cn", b"GETOBJECT"),
        )
    ]
    counts.take(texts)
    assert {(row["event_source"], row["event_name"]) for row in counts.rows("counted_calls")} == {
        ("s3.amazonaws.com", "GetObject")
    }


def test_the_load_and_the_case_say_how_many_records_are_spelled_otherwise(tmp_path: Path) -> None:
    records = [root_event(eventSource="IAM"), root_event(eventName="createuser"), root_event(eventSource=ABSENT)]
    write_log(tmp_path, "log.json", [*records, root_event(), root_event(eventName="CreateUser20100508")])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        assert case.load(tmp_path / "log.json").respelled_count == 2
        (told,) = [row for row in case.query("evidence_problems").rows if row["kind"] == "other_spelling"]
    assert told["problem"].startswith("2 of its events spell service or name otherwise than AWS")


@pytest.mark.quick(1)
@pytest.mark.parametrize("account", ["012345678901", 12345678901, "12345678901", 12345678901.0, " 012345678901 "])
def test_zeros_that_an_account_begins_with_are_put_back(account: object, tmp_path: Path) -> None:
    write_log(tmp_path, "log.json", [root_event(recipientAccountId=account, identity={"accountId": account})])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "log.json")
        found = case.sql("SELECT e.account_id, r.account_id AS of_root FROM events AS e, root_events AS r").rows
    assert found == [{"account_id": "012345678901", "of_root": "012345678901"}]


@pytest.mark.quick(1)
@pytest.mark.parametrize("word", ["null", "-", "0123-4567-8901", "redacted", "YOUR_ACCOUNT_ID", "12948575929274", ""])
def test_a_word_in_the_place_of_an_account_is_no_account_and_the_event_may_be_of_any(word: str, tmp_path: Path) -> None:
    by_root = {"type": "Root", "accountId": word, "arn": f"arn:aws:iam::{word}:root"}
    odd = root_event(recipientAccountId=word) | {"userIdentity": by_root}
    write_log(tmp_path, "log.json", [*EVERYWHERE, odd])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "log.json")
        (row,) = case.sql(
            "SELECT e.account_id, r.account_id AS of_root, e.recipientAccountId AS kept"
            " FROM events AS e JOIN root_events AS r USING (evidence_id, record_index)"
        ).rows
        lacks = [(one["account_id"], one["lacks"]) for one in case.query("incomplete_events").rows]
        (told,) = [answer for answer in case.analysis().verdict_of(ACCOUNT).answers if answer.name == "used_by_person"]
    assert row == {"account_id": None, "of_root": None, "kept": word}
    assert lacks == [(None, "account")]
    assert told.answer == "unknown"
    assert any(one.startswith("in which account root acted") for one in told.missing)


def test_a_caller_of_another_account_without_its_id_is_not_of_the_account_that_recorded_the_call(
    tmp_path: Path,
) -> None:
    """A record of S3 has this word for callers without credentials."""
    anonymous = {"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL", "principalId": ""}
    write_log(tmp_path, "log.json", [event() | {"userIdentity": anonymous}])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "log.json")
        (row,) = case.sql("SELECT account_id, identity_account_id FROM api_calls").rows
    assert row == {"account_id": ACCOUNT, "identity_account_id": None}


def test_a_filter_by_account_knows_an_id_that_lost_its_zeros(tmp_path: Path) -> None:
    own, short = "012345678901", "12345678901"
    records = [event(recipientAccountId=one) for one in (own, short, "null", ACCOUNT)]
    records[2]["userIdentity"] = {"type": "AssumedRole"}
    write_log(tmp_path, "log.json", records)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "log.json", filters=rf.Filters(accounts=(own,)))
        kept = [row["recipientAccountId"] for row in case.sql("SELECT * FROM events ORDER BY record_index").rows]
    assert kept == [own, short, "null"]


@pytest.mark.heavy
def test_no_question_names_an_account_by_an_id_that_lost_its_zeros(tmp_path: Path) -> None:
    own, short = "012345678901", "12345678901"
    calls = [
        ("account", "EnableRegion", {"RegionName": "af-south-1"}, None),
        ("account", "PutAlternateContact", {"alternateContactType": "SECURITY"}, None),
        ("account", "AcceptPrimaryEmailUpdate", {"primaryEmail": "x@example.com"}, None),
        ("sts", "AssumeRoot", {"targetPrincipal": own}, {"credentials": {"accessKeyId": "ASIAROOT"}}),
        ("kms", "CreateAlias", {"aliasName": "alias/trail", "targetKeyId": "k"}, None),
        ("iam", "AddRoleToInstanceProfile", {"instanceProfileName": "p", "roleName": "r"}, None),
        ("iam", "CreateRole", {"roleName": "r"}, {"role": {"roleName": "r"}}),
        ("iam", "CreateAccessKey", {"userName": "u"}, {"accessKey": {"userName": "u", "accessKeyId": "AKIAU"}}),
        ("cloudtrail", "StopLogging", {"name": "main"}, None),
    ]
    records = [
        kind(
            eventSource=f"{source}.amazonaws.com",
            eventName=name,
            requestParameters=request,
            responseElements=answer,
            readOnly=False,
            recipientAccountId=recipient,
            identity={"accountId": identity, "arn": f"arn:aws:iam::{own}:{who}"},
        )
        for source, name, request, answer in calls
        for kind, who in ((root_event, "root"), (event, "user/u"))
        for recipient, identity in ((short, own), (own, short), (short, short))
    ]
    write_log(tmp_path, "log.json", records)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "log.json")
        case.note(records[0]["eventID"], "looked at")
        options = {
            "setting_calls": {"calls": [f"{source}:{name}" for source, name, *_ in calls]},
            "ownership_changes": {"calls": [name for _, name, *_ in calls]},
            "calls_from_accounts": {"callers": [own, short]},
            "later_writes": {"calls": ["iam.amazonaws.com:Role", "iam.amazonaws.com:AccessKey"]},
        }
        wrong = {
            (name, column)
            for name in (*questions(), *analysis_questions())
            for row in case.query(name, **options.get(name, {})).rows
            for column, value in row.items()
            if value == short and column != "recipientAccountId"
        }
        assert case.query("cross_account_root_events").rows == []
        assert {row["account_id"] for row in case.query("notes").rows} == {own}
    # These list what the records have, for the redaction and for people.
    assert {name for name, _ in wrong} <= {"account_ids", "named_accounts"}
