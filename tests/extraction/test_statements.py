"""What an engine takes is all that a load with ``--root-related`` takes, and some more: its SQL runs on DuckDB here."""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pytest

from rootforensics.extraction.athena import MOST_STATEMENT_BYTES
from rootforensics.extraction.statements import Scan, first_condition, literal, second_conditions, within
from rootforensics.ingest.filters import Filters
from tests.builders import event, root_event, write_log
from tests.ingest.checks import load, rows
from tests.ingest.test_related import _LIKE, _OTHER, _POLICY, _STORY
from tests.ingest.test_root_marks import _NAMES_ROOT, _UNREAD
from tests.ingest.test_root_spellings import _spelled

if TYPE_CHECKING:
    from pathlib import Path

ROOT: Final = Filters(root_related=True)
_PLAIN: Final = {"type": "IAMUser", "userName": "Sarah", "arn": "arn:aws:iam::111122223333:user/Sarah"}

_INDEXES: Final = "SELECT record_index FROM events"
_HOLDING: Final = "SELECT uri FROM evidence SEMI JOIN events USING (evidence_id) ORDER BY uri"


def taken(records: list[str], condition: str) -> list[int]:
    """The places of the records that meet a condition."""
    with duckdb.connect() as engine:
        engine.execute("CREATE MACRO split(words, sign) AS string_split(words, sign)")
        engine.execute("CREATE MACRO arrays_overlap(one, other) AS list_has_any(one, other)")
        engine.execute("CREATE MACRO json_extract_scalar(text, path) AS text->>path")
        engine.execute("CREATE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern)")
        engine.execute("CREATE TABLE held AS SELECT unnest(?) AS r, unnest(range(?)) AS place", [records, len(records)])
        return [row[0] for row in engine.execute(f"SELECT place FROM held WHERE {condition} ORDER BY 1").fetchall()]


def _respelled(record: dict[str, Any], dice: random.Random) -> str:
    """A record with blanks, escapes and keys in another order, as tools write them."""
    names = list(record)
    dice.shuffle(names)
    text = json.dumps(
        {name: record[name] for name in names}, separators=dice.choice(((",", ":"), (", ", ": "), (" ,", " : ")))
    )

    def escaped(found: re.Match[str]) -> str:
        return "".join(rf"\u{ord(sign):04x}" if sign.isalpha() and dice.random() < 0.001 else sign for sign in found[0])

    return re.sub(r'"[^"\\]*"', escaped, text)


def _records() -> list[str]:
    dice = random.Random(20261129)
    fixed = [*_NAMES_ROOT.values(), *_UNREAD.values(), _OTHER, _POLICY, _LIKE, *_STORY]
    records = [one.decode() for one in fixed]
    records += [_spelled(dice)[0] for _ in range(80)]
    calls = ("DescribeVpcs", "StopLogging", "GetRole", "DeleteUser")
    for number in range(100):
        own = root_event() if number % 2 else event(eventName=dice.choice(calls), identity=_PLAIN)
        records.append(_respelled(own, dice))
    return records


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "odd",
    [
        *(
            {"eventTime": time}
            for time in ("2026-08-05T12:00:00+02:00", " 2026-08-05T10:00:00Z", "2026-08-05", 1785924000)
        ),
        *({"eventTime": None}, {"eventTime": "2026-08-05T10:00:00Z", "awsRegion": ""}, {"awsRegion": None}),
    ],
    ids=str,
)
def test_a_time_or_region_that_is_spelled_otherwise_is_left_to_the_load(tmp_path: Path, odd: dict[str, Any]) -> None:
    filters = Filters(
        since=datetime(2026, 8, 5, 9, tzinfo=UTC), until=datetime(2026, 8, 5, 11, tzinfo=UTC), regions=("us-east-1",)
    )
    times = ("2026-08-05T08:59:59Z", "2026-08-05T09:00:00Z", "2026-08-05T10:59:59Z", "2026-08-05T11:00:00Z")
    plain = [root_event(eventTime=time) for time in times] + [root_event(eventTime=times[1], awsRegion="us-east-2")]
    records = [*plain, root_event(eventTime=times[1]) | odd]
    assert taken([json.dumps(record) for record in records], within(filters)) == [1, 2, 5]
    write_log(tmp_path / "logs", "one.json", records)
    assert {1, 2} <= {row["record_index"] for row in rows(load(tmp_path, filters=filters), _INDEXES)} <= {1, 2, 5}


@pytest.mark.heavy
def test_all_that_a_load_takes_meets_the_first_condition(tmp_path: Path) -> None:
    records = _records()
    (tmp_path / "logs").mkdir()
    for place, text in enumerate(records):  # a record may hold another one, so that places in one file would shift
        # Spelled otherwise than CloudTrail does, a file is decoded as a whole, and nothing but the filter decides.
        (tmp_path / "logs" / f"{place:04}.json").write_text(f'{{"Records": [{text}]}}')
    kept = [int(row["uri"][-9:-5]) for row in rows(load(tmp_path, filters=ROOT), _HOLDING)]
    found = taken(records, first_condition())
    assert len(kept) > 80
    assert set(kept) <= set(found), [records[place] for place in sorted(set(kept) - set(found))[:3]]
    assert len(found) < len(records) - 20


@pytest.mark.parametrize("name", ["eve", "o'neil", "a.b", "x+y=z,@-", "café", "AKIAEXAMPLE000000001", "ro(le"])
def test_a_name_is_found_as_a_whole_whatever_signs_it_has(name: str) -> None:
    def of(user: str) -> str:
        return json.dumps(
            event(identity={"userName": user, "arn": f"arn:x/{user}"}), separators=(",", ":"), ensure_ascii=False
        )

    records = [of(name), of(f"{name}x"), of("other")]
    (condition,) = second_conditions([name])
    assert taken(records, condition) == [0]


def test_the_second_condition_takes_nothing_that_the_first_took() -> None:
    records = [json.dumps(one, separators=(",", ":")) for one in (root_event(), event())]
    (condition,) = second_conditions(["Deploy", "111122223333"])
    assert taken(records, first_condition()) == [0]
    assert taken(records, condition) == [1]


def test_a_hundred_thousand_names_are_cut_into_statements_that_athena_takes() -> None:
    names = [f"session-{number}-{'ü' * 20}" for number in range(100_000)]
    conditions = list(second_conditions(names))
    sizes = [
        len(
            Scan("t", condition, "2026/08/01", "2026/08/31")
            .sql([f"s3://b/{'k' * 900}{number}" for number in range(50)])
            .encode()
        )
        for condition in conditions
    ]
    assert max(sizes) < MOST_STATEMENT_BYTES
    assert len(conditions) < 45
    assert sum(one.count(r"session\-") for one in conditions) == len(names)


def test_text_in_sql_is_one_literal_whatever_it_holds() -> None:
    for text in ("it's", "'); DROP TABLE x; --", "\\'", "a''b"):
        assert duckdb.sql(f"SELECT {literal(text)}").fetchall() == [(text,)]


def test_an_object_of_an_engine_stays_with_its_event_and_copies_stay_copies(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    same, other = event(), root_event()
    places = ["s3://b/one.json.gz", "s3://b/two.json.gz", "s3://b/two.json.gz"]
    texts = [json.dumps(one, separators=(",", ":")) for one in (same, same, other)]
    (tmp_path / "logs").mkdir()
    pq.write_table(pa.table({"object": places, "eventjson": texts}), tmp_path / "logs" / "a.parquet")
    write_log(tmp_path / "logs", "b.json.gz", [other])
    case = load(tmp_path)
    found = rows(case, "SELECT eventID, otherFields->>'$.object' AS place FROM events ORDER BY place")
    assert found == [
        {"eventID": same["eventID"], "place": places[0]},
        {"eventID": other["eventID"], "place": places[1]},
    ]
    assert len(rows(case, "FROM duplicates")) == 2
    assert case.query("evidence_problems").rows == []
    assert case.raw(same["eventID"]).decode() == texts[0]
