"""What belongs to root's story is cut out of a plain file as it stands there; any other file is left to the slower way."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

import pytest

from rootforensics.ingest.filters import Filters
from rootforensics.ingest.related import Related, cut_related, related_calls
from rootforensics.ingest.values import Values
from tests.analysis.lineage.test_beyond import center
from tests.analysis.lineage.test_blast_radius import did
from tests.builders import ABSENT, ACCOUNT, event, gz, root_event, write_log
from tests.ingest.checks import event_ids, evidence, load
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

_OTHER = b'{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","userName":"Sarah"},"eventName":"GetRole","requestParameters":{"a":[{"b":1}]}}'
_POLICY = b'{"eventVersion":"1.11","userIdentity":{"type":"Role"},"eventName":"PutPolicy","requestParameters":{"p":"arn:aws:iam::111122223333:root"}}'
_ROOT = (
    b'{"eventVersion":"1.11","userIdentity":{"type":"Root"},"eventName":"GetRole","eventSource":"iam.amazonaws.com"}'
)
_TEXT = b'{"eventVersion":"1.11","userIdentity":"AIDAEXAMPLE","eventName":"GetRole","eventSource":"iam.amazonaws.com"}'
_CALL = b'{"eventVersion":"1.11","userIdentity":{"type":"IAMUser"},"eventName":"TerminateInstances","eventSource":"ec2.amazonaws.com"}'
_SPELLED = _CALL.replace(b"Terminate", b"\\u0054erminate")
_LIKE = _CALL.replace(b"Instances", b"InstancesOfMine")
_TWICE = b'{"eventVersion":"1.11","userIdentity":{"type":"Root","userName":"root"},"eventName":"GetRole","requestParameters":{"b":"\\u0041"}}'


#: Records that may belong to root's story.
_STORY = (_ROOT, _TEXT, _TWICE, _CALL, _SPELLED)


def _file(*records: bytes) -> bytes:
    return b'{"Records":[' + b",".join(records) + b"]}"


def test_each_related_record_is_cut_out_once_with_its_position() -> None:
    chance = random.Random(20260813)
    for _ in range(300):
        kinds = [_OTHER, _POLICY, _LIKE, *_STORY]
        records = chance.choices(kinds, [6, 2, 1, *[1] * len(_STORY)], k=chance.randint(1, 12))
        wanted = [place for place, record in enumerate(records) if record in _STORY]
        cut = cut_related(_file(*records), Related())
        assert cut is not None
        assert cut.indexes == wanted
        assert cut.texts == [records[place] for place in wanted]
        assert cut.record_count == len(records)
        assert Related().of_values(Values(records)) == wanted


@pytest.mark.parametrize("count", [1, 3000])
def test_names_are_found_as_a_whole(count: int) -> None:
    names = ["eve", "AKIAEVE", "i-0abc", *(f"name-{number}" for number in range(count))]
    users = [
        b"arn:aws:iam::111122223333:user/eve",
        b"arn:aws:iam::111122223333:user/path/eve",
        b"arn:aws:iam::111122223333:user/steve",
        b"arn:aws:sts::111122223333:assumed-role/Web/i-0abc",
        b"arn:aws:sts::111122223333:assumed-role/name-0/any",
        b"arn:aws:iam::111122223333:user/eve.old",
    ]
    made = [
        _OTHER.replace(b'"userName":"Sarah"', b'"principalId":"ID","arn":"%b","accountId":"1"' % user) for user in users
    ]
    cut = cut_related(_file(*made, _ROOT), Related(names))
    assert cut is not None
    assert cut.indexes == [0, 1, 3, 4]


def test_every_call_is_found_however_short_its_name_is() -> None:
    assert min(map(len, related_calls())) >= 6
    assert related_calls() >= {"TerminateInstances", "DeleteUser", "StopLogging", "Enable"}
    for end in (b"}", b',"awsRegion":"us-east-1"}'):
        start = (
            b'{"eventVersion":"1.11","userIdentity":{"type":"IAMUser"},"requestParameters":{"a":"so that it is long"},'
        )
        made = [start + b'"eventName":"%b"%b' % (name.encode(), end) for name in sorted(related_calls())]
        cut = cut_related(_file(*made), Related())
        assert cut is not None
        assert len(cut.indexes) == len(made)


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
    assert cut_related(data, Related()) is None


async def test_a_broken_file_that_holds_root_is_damaged_whatever_is_loaded_of_it(tmp_path: Path) -> None:
    broken = _file(*[_OTHER] * 3, _OTHER + _ROOT, _ROOT)
    (tmp_path / "a.json.gz").write_bytes(gz(broken))
    case = await load_beside(tmp_path, tmp_path / "a.json.gz", filters=Filters(root_related=True))
    assert evidence(case)["a.json.gz"]["status"] == "damaged"
    assert case.sql("SELECT count(*) AS n FROM events").rows == [{"n": 2}]


async def test_what_a_user_of_identity_center_did_is_found_by_the_id(tmp_path: Path) -> None:
    """The session is called by a role and a name that say nothing of it."""
    made = did("identitystore:CreateUser", 1, {}, {"userId": "90670e14-0001-4e53-8f2a-000000000001"})
    done = did("s3:PutObjectTagging", 2, {"bucketName": "b"}, who=center("90670e14-0001-4e53-8f2a-000000000001"))
    other = did("s3:PutObjectTagging", 3, {"bucketName": "b"}, who=center("90670e14-0001-4e53-8f2a-000000000002"))
    write_log(tmp_path / "logs", "a.json.gz", [made, done, other])
    case = await load_beside(tmp_path, filters=Filters(root_related=True))
    assert event_ids(case) == [made["eventID"], done["eventID"]]


EVE: Final = {"accessKeyId": "AKIAEVE", "userName": "eve", "arn": f"arn:aws:iam::{ACCOUNT}:user/eve"}
BOB: Final = {"arn": f"arn:aws:iam::{ACCOUNT}:user/bob", "accountId": ACCOUNT, "principalId": "AIDABOB"}


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "identity",
    [
        {**BOB, "accessKeyId": "AKIAEVE", "userName": "bob"},
        {"type": "IAMUser", "principalId": "AIDAEVE", "accountId": ACCOUNT, "accessKeyId": "", "userName": "eve"},
        {"type": "IAMUser", "accountId": ACCOUNT, **EVE},
        {"type": "IAMUser", **BOB, "arn": f"arn:aws:iam::{ACCOUNT}:user/{'long/' * 90}eve"},
    ],
)
def test_a_name_is_found_wherever_an_identity_has_it(tmp_path: Path, identity: dict[str, Any]) -> None:
    """Others act before in the same file and look alike at first."""
    key = {"accessKey": {"userName": "eve", "accessKeyId": "AKIAEVE", "status": "Active"}}
    made = root_event(eventSource="iam.amazonaws.com", eventName="CreateAccessKey", responseElements=key)
    other = event(identity={**BOB, "accessKeyId": "AKIABOB", "userName": "bob"})
    used = event(identity=dict.fromkeys(("sessionContext", "arn", "userName", "accessKeyId"), ABSENT) | identity)
    write_log(tmp_path / "logs", "a.json", [made, other, used])
    case = load(tmp_path, filters=Filters(root_related=True))
    assert event_ids(case) == [made["eventID"], used["eventID"]]
