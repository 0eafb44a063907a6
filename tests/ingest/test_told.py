"""What is wrong inside a record is told with its object too: in the ledger, while loading, and to ``--strict``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from rootforensics.cli import cli
from rootforensics.ingest.filters import Filters
from tests.builders import event, record, records_text, root_event
from tests.ingest.checks import check_counts, event_ids, evidence, rows
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

#: A record of an IAM user in whose identity a second type is root's; and the same the other way round.
USER, ROOT = b'"type":"IAMUser"', b'"type":"Root"'


def two_types(first: bytes, second: bytes) -> bytes:
    """A record as CloudTrail spells it, but with two types."""
    return record(root_event()).replace(ROOT, first + b"," + second, 1)


@pytest.mark.parametrize("root_related", [False, True])
@pytest.mark.parametrize("first", [USER, ROOT])
async def test_a_type_that_stands_twice_never_hides_root_in_silence(
    first: bytes, root_related: bool, tmp_path: Path
) -> None:
    other = ROOT if first == USER else USER
    neighbour = root_event()
    (tmp_path / "a.json").write_bytes(records_text([two_types(first, other), record(neighbour), record(event())]))
    case = await load_beside(tmp_path, tmp_path / "a.json", filters=Filters(root_related=root_related))
    row = evidence(case)["a.json"]
    assert row["problem"] == (
        "1 record in a non-standard format was converted: a key stands twice: type; the first value is taken (value 0)"
    )
    assert neighbour["eventID"] in event_ids(case)
    kept = rows(case, "SELECT userIdentity.type AS type FROM events WHERE record_problem IS NOT NULL")
    wanted = [] if root_related and first == USER else [{"type": json.loads(b"{%b}" % first)["type"]}]
    assert kept == wanted


@pytest.mark.parametrize("wrapped", [b"%b", b'{"a":[%b]}'])
async def test_a_key_that_stands_twice_deep_in_a_record_of_root_is_said(wrapped: bytes, tmp_path: Path) -> None:
    repeated = wrapped % b'{"userName":"alice","userName":"root"}'
    text = record(root_event(requestParameters={})).replace(
        b'"requestParameters":{}', b'"requestParameters":' + repeated
    )
    assert repeated in text
    (tmp_path / "a.json").write_bytes(records_text([text, record(event())]))
    case = await load_beside(tmp_path, tmp_path / "a.json")
    assert evidence(case)["a.json"]["problem"] == (
        "1 record in a non-standard format was converted: a key stands twice: userName; the first value is taken (value 0)"
    )


async def test_the_same_key_in_what_is_no_key_is_no_repeat(tmp_path: Path) -> None:
    one = root_event(requestParameters={"type": "Root", "note": '"type":"Root","type":"x"'})
    (tmp_path / "a.json").write_bytes(records_text([record(one)]))
    assert evidence(await load_beside(tmp_path, tmp_path / "a.json"))["a.json"]["problem"] is None


@pytest.mark.parametrize(
    "spelled",
    [b'"type":"R\\u006fot"', b'"type":"\\u0052oot"', b'"type":"\\u0052\\u006F\\u006f\\u0074"', b'"t\\u0079pe":"Root"'],
)
async def test_a_root_related_load_takes_root_however_its_letters_are_spelled(spelled: bytes, tmp_path: Path) -> None:
    events = [root_event(), root_event()]
    texts = [record(events[0]).replace(ROOT, spelled, 1), record(event()), record(events[1])]
    (tmp_path / "a.json").write_bytes(records_text(texts))
    (tmp_path / "b.json").write_bytes(records_text([texts[0].replace(events[0]["eventID"].encode(), b"other-id")]))
    case = await load_beside(tmp_path, tmp_path / "a.json", tmp_path / "b.json", filters=Filters(root_related=True))
    assert event_ids(case) == [events[0]["eventID"], events[1]["eventID"], "other-id"]
    check_counts(case, filtered=True)


@pytest.mark.parametrize("arn", ["arn:aws:iam::111122223333:root", "arn:aws-cn:iam::111122223333:root"])
async def test_a_root_related_load_finds_root_by_its_arn_where_no_type_is_given(arn: str, tmp_path: Path) -> None:
    untyped = root_event(userIdentity={"arn": arn, "accountId": "111122223333"})
    empty = root_event(userIdentity={"type": "", "arn": arn, "accountId": "111122223333"})
    resource = event(resources=[{"ARN": arn, "accountId": "111122223333"}])
    (tmp_path / "a.json").write_bytes(records_text([record(one) for one in (resource, untyped, resource, empty)]))
    (tmp_path / "b.json").write_bytes(records_text([record(resource | {"eventID": "b"})]))
    case = await load_beside(tmp_path, tmp_path / "a.json", tmp_path / "b.json", filters=Filters(root_related=True))
    assert event_ids(case) == [untyped["eventID"], empty["eventID"]]
    assert (evidence(case)["b.json"]["record_count"], evidence(case)["b.json"]["filtered_count"]) == (1, 1)


async def test_an_event_inside_an_event_hides_no_root_from_a_root_related_load(tmp_path: Path) -> None:
    identity = {"arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333"}
    inner = [{"x": 1}, {"eventVersion": "1.0", "userIdentity": {"type": "IAMUser"}}]
    spelled = {"eventVersion": "1.11", "requestParameters": {"entries": inner}, "userIdentity": identity}
    odd = {**spelled, **{key: value for key, value in root_event().items() if key not in spelled}, "eventID": "odd"}
    colon = record(root_event(userIdentity=identity, eventID="colon")).replace(b":root", b"\\u003aroot")
    (tmp_path / "a.json").write_bytes(records_text([record(event()), record(odd), record(event()), colon]))
    case = await load_beside(tmp_path, tmp_path / "a.json", filters=Filters(root_related=True))
    assert event_ids(case) == ["odd", "colon"]


CASES = {
    "no UTF-8": (record(event(userAgent="agent")).replace(b"agent", b"ag\xffnt"), "damaged", "not UTF-8"),
    "half a character": (record(event(userAgent="agent")).replace(b"agent", b"ag\\ud800"), "loaded", "lone surrogates"),
    "text for an object": (record(event(tlsDetails="TLSv1.3")), "loaded", "tlsDetails"),
    "no time": (record(event(eventTime="yesterday")), "loaded", "eventTime"),
}


@pytest.mark.parametrize("kind", CASES)
async def test_a_record_with_a_problem_is_told_with_its_object(kind: str, tmp_path: Path) -> None:
    spelled, status, words = CASES[kind]
    sound = event()
    (tmp_path / "a.json").write_bytes(records_text([record(sound), spelled, record(event())]))
    case = await load_beside(tmp_path, tmp_path / "a.json")
    row = evidence(case)["a.json"]
    assert (row["status"], row["event_count"]) == (status, 3)
    assert row["problem"].startswith("1 record in a non-standard format was converted: ")
    assert words in row["problem"]
    assert row["problem"].endswith("(value 1)")
    arguments = ["load", str(tmp_path / "again.duckdb"), str(tmp_path / "a.json"), "--strict"]
    told = CliRunner().invoke(cli, arguments, standalone_mode=False)
    assert told.return_value == (3 if status == "damaged" else 0)
    assert [line for line in told.stderr.splitlines() if words in line and "a.json" in line]


async def test_many_records_with_one_problem_are_one_line(tmp_path: Path) -> None:
    texts = [record(event(tlsDetails="TLSv1.3")) for _ in range(40)]
    odd = [record(event(**{name: [1]})) for name in ("eventName", "awsRegion", "userAgent", "errorCode")]
    (tmp_path / "a.json").write_bytes(records_text([record(event()), *texts, *odd]))
    problem = evidence(await load_beside(tmp_path, tmp_path / "a.json"))["a.json"]["problem"]
    assert problem.count("non-standard format") == 4
    assert problem.startswith("40 records in a non-standard format were converted: tlsDetails ")
    assert (
        "2 records in a non-standard format were converted: for other reasons, see record_problem (first: value 43)"
        in problem
    )


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"])
async def test_wide_text_is_read_and_told(encoding: str, tmp_path: Path) -> None:
    one = event()
    (tmp_path / "a.json").write_bytes(records_text([record(one)]).decode().encode(encoding))
    case = await load_beside(tmp_path, tmp_path / "a.json")
    assert event_ids(case) == [one["eventID"]]
    row = evidence(case)["a.json"]
    assert (row["status"], row["problem"]) == ("loaded", f"written in {encoding[:6].upper()}; read as such")
