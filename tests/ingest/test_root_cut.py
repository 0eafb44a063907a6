"""The records of root are cut out of a plain file as they stand there, and any other file is left to the slower way."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from rootforensics.ingest.filters import Filters
from rootforensics.ingest.root_cut import cut_root
from tests.builders import gz
from tests.ingest.checks import evidence, load

if TYPE_CHECKING:
    from pathlib import Path

_OTHER = b'{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","userName":"Sarah"},"eventName":"GetRole","requestParameters":{"a":[{"b":1}]}}'
_POLICY = b'{"eventVersion":"1.11","userIdentity":{"type":"Role"},"eventName":"PutPolicy","requestParameters":{"p":"arn:aws:iam::111122223333:root"}}'
_ROOT = (
    b'{"eventVersion":"1.11","userIdentity":{"type":"Root"},"eventName":"GetRole","eventSource":"iam.amazonaws.com"}'
)
_TEXT = b'{"eventVersion":"1.11","userIdentity":"AIDAEXAMPLE","eventName":"GetRole","eventSource":"iam.amazonaws.com"}'
_TWICE = b'{"eventVersion":"1.11","userIdentity":{"type":"Root","userName":"root"},"eventName":"GetRole","requestParameters":{"b":"\\u0041"}}'


def _file(*records: bytes) -> bytes:
    return b'{"Records":[' + b",".join(records) + b"]}"


def test_each_record_of_root_is_cut_out_once_with_its_position() -> None:
    chance = random.Random(20260813)
    for _ in range(300):
        records = chance.choices([_OTHER, _POLICY, _ROOT, _TEXT, _TWICE], [6, 2, 1, 1, 1], k=chance.randint(1, 12))
        wanted = [place for place, record in enumerate(records) if record in (_ROOT, _TEXT, _TWICE)]
        cut = cut_root(_file(*records))
        assert cut is not None
        assert cut.indexes == wanted
        assert cut.texts == [records[place] for place in wanted]
        assert cut.record_count == len(records)


_NESTED = _OTHER.replace(b'[{"b":1}]', b'[{"b":1},{"eventVersion":"1.0"}]')
_LATE = (
    b'{"userIdentity":{"type":"IAMUser"},"eventVersion":"1.11","eventName":"GetRole","a":"long enough to be a record"}'
)
_LEFT_ALONE = {
    "an event in a record": _file(_OTHER, _NESTED, _ROOT),
    "a record that begins otherwise": _file(_OTHER, _LATE, _ROOT),
    "both at once": _file(_OTHER, _LATE, _ROOT, _NESTED),
    "a blank between records": _file(_OTHER, b" " + _ROOT),
    "no version in a record": _file(_ROOT, _OTHER.replace(b"eventVersion", b"version")),
    "no name in a record": _file(_ROOT, _OTHER.replace(b"eventName", b"name")),
    "a record of another kind": _file(_ROOT, b"1"),
    "an item of a database": _file(_ROOT, _OTHER.replace(b'"1.11"', b'{"S":"1.11"}')),
    "two lists of records": _file(_ROOT)[:-1] + b',"Records":[' + _OTHER + b"," + _ROOT + b"]}",
    "a list beside the records": _file(_OTHER, _ROOT)[:-1] + b',"more":[' + _ROOT + b"]}",
    "a comma missing": _file(_OTHER + _ROOT),
    "cut off": _file(_OTHER, _ROOT)[:-3],
    "more behind the end": _file(_OTHER, _ROOT) + _file(_OTHER),
    "dense": _file(_ROOT, *[b'{"eventVersion":1}'] * 100),
}


@pytest.mark.parametrize("data", _LEFT_ALONE.values(), ids=_LEFT_ALONE)
def test_a_file_that_is_spelled_in_any_other_way_is_not_cut(data: bytes) -> None:
    assert cut_root(data) is None


def test_a_broken_file_that_holds_root_is_damaged_whatever_is_loaded_of_it(tmp_path: Path) -> None:
    broken = _file(*[_OTHER] * 3, _OTHER + _ROOT, _ROOT)
    (tmp_path / "a.json.gz").write_bytes(gz(broken))
    case = load(tmp_path, tmp_path / "a.json.gz", filters=Filters(root_only=True))
    assert evidence(case)["a.json.gz"]["status"] == "damaged"
    assert case.sql("SELECT count(*) AS n FROM events").rows == [{"n": 2}]
