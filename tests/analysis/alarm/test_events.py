"""Deciding events of a case: the same answers as on the original records, by whatever way they are found."""

from __future__ import annotations

import gzip
import json
import random
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

import rootforensics as rf
from rootforensics.analysis.alarm import events as alarm_events
from rootforensics.analysis.alarm.events import MAX_EVENT_BYTES, Deciding
from rootforensics.analysis.alarm.settings import AlarmSettings
from rootforensics.ingest.original import may_be_null
from rootforensics.rules.patterns.match import matches
from rootforensics.rules.patterns.parse import CIS_ROOT, parse
from tests.builders import ABSENT, ACCOUNT, event, records_file, root_event, write_log
from tests.conftest import CORPUS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    CaseOf = Callable[..., rf.Case]

DEEP = {"a": [{"b": 1}, {"b": None}], "flag": True, "n": None, "x.y": "dot", "number": 12.50}
ODD = [
    root_event(),
    root_event(identity={"invokedBy": None}),
    root_event(identity={"invokedBy": ""}),
    root_event(identity={"invokedBy": {"name": "x"}}),
    root_event(identity={"type": None}),
    root_event(identity={"sessionContext": {}}),
    root_event(identity={"sessionContext": None}),
    root_event(identity={"sessionContext": {"assumedRoot": "true", "attributes": {"mfaAuthenticated": "false"}}}),
    root_event(eventType=ABSENT),
    root_event(eventType=None),
    root_event(eventType="AwsServiceEvent", errorCode="AccessDenied"),
    root_event(requestParameters=DEEP, responseElements={"x": "a"}),
    root_event(requestParameters="text", readOnly=ABSENT),
    root_event(requestParameters=ABSENT, readOnly=False),
    root_event(brandNew={"field": "v", "nothing": None}),
    root_event(brandNew=None),
    root_event(eventTime="2026-08-05T10:00:00.120Z"),
    root_event(userIdentity="Root"),
    root_event(resources=[{"ARN": "arn:aws:s3:::b", "extra": 1}]),
    root_event(resources="none"),
    event(),
    event(resources=[]),
    event(errorCode="Client.UnauthorizedOperation", errorMessage="größer"),
    event(eventTime=ABSENT),
]
CONDITIONS = [
    '$.userIdentity.type = "Root"',
    '$.userIdentity.type != "Root"',
    "$.userIdentity.invokedBy NOT EXISTS",
    "$.userIdentity.invokedBy IS NULL",
    "$.userIdentity.invokedBy.name = x",
    "$.userIdentity.sessionContext NOT EXISTS",
    "$.userIdentity.sessionContext IS NULL",
    "$.userIdentity.sessionContext.assumedRoot NOT EXISTS",
    '$.userIdentity.sessionContext.attributes.mfaAuthenticated != "true"',
    "$.userIdentity = Root",
    "$.userIdentity.* = Root",
    '$.eventType != "AwsServiceEvent"',
    "$.eventType NOT EXISTS",
    "$.eventType IS NULL",
    '$.errorCode = "*Unauthorized*"',
    '$.errorCode = "Access*"',
    '$.errorCode = "*Denied"',
    '$.errorMessage = "gr*"',
    "$.requestParameters NOT EXISTS",
    "$.requestParameters IS NULL",
    "$.requestParameters = text",
    "$.requestParameters.a[0].b = 1",
    "$.requestParameters.a[*].b IS NULL",
    "$.requestParameters.a NOT EXISTS",
    "$.requestParameters.flag IS TRUE",
    "$.requestParameters.n NOT EXISTS",
    "$.requestParameters['x.y'] = dot",
    "$.requestParameters.number >= 12.5",
    "$.responseElements IS NULL",
    "$.readOnly IS TRUE",
    "$.readOnly IS FALSE",
    "$.readOnly NOT EXISTS",
    "$.brandNew.field = v",
    "$.brandNew IS NULL",
    "$.brandNew.nothing IS NULL",
    "$.brandNew NOT EXISTS",
    '$.eventTime = "2026-08-05T10:00:00Z"',
    "$.eventTime NOT EXISTS",
    '$.resources[0].ARN = "arn:*"',
    "$.resources[*].extra = 1",
    "$.resources = none",
    "$.resources[0] NOT EXISTS",
    "$.* = Root",
    "$.eventName = %^List%",
]


def decided(case: rf.Case, text: str, **settings: Any) -> tuple[set[int], Deciding]:
    """The record indexes that a pattern matches."""
    deciding = Deciding(case, AlarmSettings(parse(text), **settings))
    return {one.record_index for one in deciding.events() if one.matched}, deciding


@pytest.fixture(scope="module")
def odd_case(tmp_path_factory: pytest.TempPathFactory) -> rf.Case:
    """A case of odd records, all in one file."""
    folder = tmp_path_factory.mktemp("odd")
    write_log(folder / "logs", "log.json", ODD)
    case = rf.open_case(folder / "case.duckdb")
    case.load(folder / "logs")
    assert case.sql("SELECT count(*) AS n FROM events").rows[0]["n"] == len(ODD)
    case.analysis()  # keeps the views on root's events, which each question would work out anew
    return case


@pytest.fixture(scope="module")
def scattered_case(tmp_path_factory: pytest.TempPathFactory) -> rf.Case:
    """The same odd records, each in a file of its own, whose name gives its place among them."""
    folder = tmp_path_factory.mktemp("scattered")
    for index, one in enumerate(ODD):
        write_log(folder / "logs", f"{index}.json.gz", [one])
    case = rf.open_case(folder / "case.duckdb")
    case.load(folder / "logs")
    assert case.sql("SELECT count(*) AS n FROM events").rows[0]["n"] == len(ODD)
    case.analysis()  # keeps the views on root's events, which each question would work out anew
    return case


def decided_by_file(case: rf.Case, text: str) -> set[int]:
    """The places of the records that a pattern matches, by the names of their files."""
    uris = {row["evidence_id"]: row["uri"] for row in case.sql("SELECT evidence_id, uri FROM evidence").rows}
    deciding = Deciding(case, AlarmSettings(parse(text)))
    matched = [one.evidence_id for one in deciding.events() if one.matched]
    assert deciding.doubts.unread_count == 0
    return {int(uris[one].rsplit("/", 1)[1].removesuffix(".json.gz")) for one in matched}


def spelled(records: list[dict[str, Any]]) -> list[Any]:
    return [json.loads(json.dumps(record)) for record in records]


@pytest.mark.quick(24)
@pytest.mark.parametrize("condition", CONDITIONS)
def test_each_condition_is_answered_as_on_the_records_themselves(
    condition: str, odd_case: rf.Case, scattered_case: rf.Case
) -> None:
    text = f"{{ {condition} }}"
    wanted = {index for index, one in enumerate(spelled(ODD)) if matches(parse(text), one)}
    assert wanted, "a condition that no record meets tests little"
    assert wanted != set(range(len(ODD)))
    found, deciding = decided(odd_case, text)
    assert found == wanted
    assert deciding.doubts.unread_count == 0
    assert decided_by_file(scattered_case, text) == wanted


@pytest.mark.quick(4)
@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(seed, marks=pytest.mark.heavy) for seed in range(12, 60))])
def test_compound_patterns_are_answered_as_on_the_records_themselves(
    seed: int, odd_case: rf.Case, scattered_case: rf.Case
) -> None:
    chance = random.Random(seed)
    first, second, third = chance.sample(
        [condition for condition in CONDITIONS if "*" not in condition and "%" not in condition], 3
    )
    either, both = chance.choice([("||", "&&"), ("&&", "||")])
    text = f"{{ ({first} {either} {second}) {both} {third} }}"
    wanted = {index for index, one in enumerate(spelled(ODD)) if matches(parse(text), one)}
    assert decided(odd_case, text)[0] == wanted
    assert decided_by_file(scattered_case, text) == wanted


def test_pages_of_any_size_give_the_same(odd_case: rf.Case, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = decided(odd_case, CIS_ROOT)[0]
    for name, value in (("_PAGE_ROWS", 3), ("_CHUNK", 2)):
        monkeypatch.setattr(alarm_events, name, value)
    assert decided(odd_case, CIS_ROOT)[0] == whole
    monkeypatch.setattr(alarm_events, "_PAGE_BYTES", 1)
    assert decided(odd_case, CIS_ROOT)[0] == whole


def test_without_originals_a_field_without_a_value_counts_as_absent_and_that_is_counted(case_of: CaseOf) -> None:
    case = case_of(root_event(), root_event(identity={"invokedBy": None}))
    assert decided(case, CIS_ROOT)[0] == {0}
    found, deciding = decided(case, CIS_ROOT, originals="none")
    assert found == {0, 1}
    assert (deciding.doubts.read_count, deciding.doubts.unread_count, deciding.doubts.unread_match_count) == (0, 2, 2)


@pytest.mark.parametrize("null", ['"invokedBy":null', '"invokedBy" : null', '"invoked\\u0042y":null'])
def test_a_null_counts_however_it_is_spelled_and_only_where_it_is(null: str, tmp_path: Path) -> None:
    text = records_file([root_event(), root_event(identity={"invokedBy": "MARK"}), root_event()])
    (tmp_path / "log.json").write_bytes(text.replace(b'"invokedBy":"MARK"', null.encode()))
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "log.json")
        found, deciding = decided(case, CIS_ROOT)
        assert found == {0, 2}
        assert deciding.doubts.read_count == 3


@pytest.mark.parametrize(
    ("text", "may_be"),
    [
        (b'{"a":"x","b":null}', False),
        (b'{"a":{},"c":[{"a":[]},{"a":true},{"a":false}]}', False),
        (b'{"b":null,"aa":null,"ba":null}', False),
        (b'{"a":null}', True),
        (b'{"a":"x","c":{"a":null}}', True),
        (b'{"a" :"x"}', True),
        (b'{"a": "x"}', True),
        (b'{"a":1}', True),
        (b'{"\\u0061":null}', True),
        (b'{"b":"a \\u003c b"}', False),
    ],
)
def test_a_null_is_ruled_out_only_where_every_value_is_seen(text: bytes, may_be: bool) -> None:
    assert may_be_null(text, ["a"]) is may_be


def test_evidence_that_changed_or_is_gone_is_not_read(case_of: CaseOf, tmp_path: Path) -> None:
    case = case_of(root_event(identity={"invokedBy": None}))
    path = tmp_path / "logs0" / "log.json.gz"
    path.write_bytes(gzip.compress(b'{"Records":[]}'))
    assert decided(case, CIS_ROOT)[1].doubts.unread_match_count == 1
    path.unlink()
    assert decided(case, CIS_ROOT)[1].doubts.unread_match_count == 1


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("odd", "field"),
    [
        pytest.param(b"\\ud800", "requestParameters", id="half a surrogate pair"),
        pytest.param(b"\xff", "userAgent", id="no UTF-8"),
        pytest.param(b"\\ud800", "userAgent", id="half a pair in a column", marks=pytest.mark.heavy),
        pytest.param(b"\xff", "requestParameters", id="no UTF-8 in JSON", marks=pytest.mark.heavy),
    ],
)
def test_text_that_is_no_unicode_hides_no_act_of_root(odd: bytes, field: str, tmp_path: Path) -> None:
    value = "MARK" if field == "userAgent" else {"userName": "MARK"}
    text = records_file([root_event(**{field: value}), root_event()]).replace(b"MARK", b"x" + odd)
    (tmp_path / "log.json").write_bytes(text)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "log.json")
        name = "$.userAgent" if field == "userAgent" else "$.requestParameters.userName"
        both = f'{{ ({name} = %^x%) && $.userIdentity.type = "Root" }}'
        for originals in ("all", "none"):
            assert decided(case, CIS_ROOT, originals=originals)[0] == {0, 1}, originals
            assert decided(case, f'{{ {name} = "x*" }}', originals=originals)[0] == {0}, originals
            assert decided(case, both, originals=originals)[0] == {0}, originals


def test_a_copy_of_the_evidence_serves_as_well(case_of: CaseOf, tmp_path: Path) -> None:
    case = case_of(root_event(identity={"invokedBy": None}))
    path = tmp_path / "logs0" / "log.json.gz"
    path.rename(tmp_path / "logs0" / "moved.json.gz")
    case.load(tmp_path / "logs0")
    assert decided(case, CIS_ROOT)[0] == set()


def test_an_event_too_large_for_cloudwatch_logs_is_told_by_its_record(case_of: CaseOf) -> None:
    def sized(size: int) -> dict[str, Any]:
        record = root_event(requestParameters={"x": ""})
        short = size - len(json.dumps(record, separators=(",", ":")))
        return record | {"requestParameters": {"x": "a" * short}}

    case = case_of(sized(MAX_EVENT_BYTES), sized(MAX_EVENT_BYTES + 1), root_event())
    found = {one.record_index: one.too_large for one in Deciding(case, AlarmSettings()).events()}
    assert found == {0: False, 1: True, 2: False}


def test_an_athena_table_without_event_type_is_no_proof_that_there_was_none(tmp_path: Path) -> None:
    identity = "{type=Root, principalid=1, arn=a, accountid=111122223333, invokedby=null, accesskeyid=A, username=null}"
    text = (
        f'eventversion,useridentity,eventtime,eventname,eventid\n1.08,"{identity}",2026-08-05T10:00:00Z,ListUsers,x-1\n'
    )
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "a.csv")
        assert [row["cis_match"] for row in case.query("root_events").rows] == [True]
        found, deciding = decided(case, CIS_ROOT)
    assert found == {0}
    assert deciding.doubts.unread_count == 1


def test_so_is_no_other_table_without_it(tmp_path: Path) -> None:
    identity = (
        "{'type': 'Root', 'arn': 'arn:aws:iam::111122223333:root', 'accountid': '111122223333', 'invokedby': NULL}"
    )
    duckdb.sql(
        f"COPY (SELECT '1.08' AS eventversion, {identity} AS useridentity, '2026-08-05T10:00:00Z' AS eventtime,"
        " 'iam.amazonaws.com' AS eventsource, 'ListUsers' AS eventname, 'us-east-1' AS awsregion,"
        f" '198.51.100.7' AS sourceipaddress, 'x-1' AS eventid) TO '{tmp_path}/a.parquet'"
    )
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "a.parquet")
        found, deciding = decided(case, CIS_ROOT)
    assert found == {0}
    assert (deciding.doubts.read_count, deciding.doubts.unread_count) == (0, 1)  # whether invokedBy was null or absent


def _agrees(case: rf.Case) -> int:
    told = {(row["evidence_id"], row["record_index"]) for row in case.query("root_events").rows if row["cis_match"]}
    found = {(one.evidence_id, one.record_index) for one in Deciding(case, AlarmSettings()).events() if one.matched}
    assert found == told
    return len(found)


@pytest.mark.heavy
def test_the_cis_filter_agrees_with_cis_match_on_the_sample(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    assert _agrees(sample_case) == expected["root"]["cis_match"]


@pytest.mark.heavy
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside this checkout")
def test_the_cis_filter_agrees_with_cis_match_on_the_corpus(tmp_path: Path) -> None:
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(CORPUS)
        assert _agrees(case) > 0


def test_an_empty_case_holds_no_events(empty_case: rf.Case) -> None:
    assert decided(empty_case, f'{{ $.recipientAccountId = "{ACCOUNT}" }}')[0] == set()
