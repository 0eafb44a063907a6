"""What a text that is not decoded shows of root: every spelling, wherever in the text it stands."""

from __future__ import annotations

import pytest

from rootforensics.ingest.related import Related
from rootforensics.ingest.root_marks import may_name_root, naming_root, places_of_marks
from rootforensics.ingest.values import Values

_OTHER = b'{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","userName":"Sarah"},"eventName":"GetRole"}'
_NAMES_ROOT = {
    "type": b'{"eventVersion":"1.11","userIdentity":{"type":"Root"},"eventName":"GetRole"}',
    "lower type": b'{"eventVersion":"1.11","userIdentity":{"type":"root"},"eventName":"GetRole"}',
    "lower type behind an escaped blank": rb'{"eventVersion":"1.11","userIdentity":{"type":"\u0020root"},"eventName":"GetRole"}',
    "upper type": b'{"eventVersion":"1.11","userIdentity":{"type":"ROOT"},"eventName":"GetRole"}',
    "AssumeRoot": b'{"eventVersion":"1.11","userIdentity":{"type":"IAMUser"},"eventName":"AssumeRoot"}',
    "user name": b'{"eventVersion":"1.11","userIdentity":{"userName":"root"},"eventName":"GetRole"}',
    "newer user name": b'{"eventVersion":"1.11","userIdentity":{"userName":"AWS ROOT USER"},"eventName":"GetRole"}',
    "opener's ARN alone": b'{"eventVersion":"1.11","userIdentity":{"type":"FederatedUser","sessionContext":'
    b'{"sessionIssuer":{"arn":"arn:aws:iam::111122223333:root"}}},"eventName":"GetRole"}',
    "ARN without a type": b'{"eventVersion":"1.11","userIdentity":{"arn":"arn:aws:iam::111122223333:root"},"eventName":"GetRole"}',
    "ARN behind a record in the record": b'{"eventVersion":"1.11","requestParameters":{"events":[{"id":"1"},'
    b'{"eventVersion":"1.0","userIdentity":{"type":"IAMUser"}}]},'
    b'"userIdentity":{"arn":"arn:aws:iam::111122223333:root"},"eventName":"GetRole"}',
    "escaped letter": rb'{"eventVersion":"1.11","userIdentity":{"type":"R\u006fot"},"eventName":"GetRole"}',
    "text": b'{"eventVersion":"1.11","userIdentity":"{type=Root}","eventName":"GetRole"}',
}
_UNREAD = {
    "text": b'{"eventVersion":"1.11","userIdentity":"AIDAEXAMPLE","eventName":"GetRole"}',
    "text behind a blank": b'{"eventVersion":"1.11","userIdentity": "AIDAEXAMPLE","eventName":"GetRole"}',
}
_NOT_ROOT = {
    "another user": _OTHER,
    "boot": b'{"eventVersion":"1.11","userIdentity":{"type":"IAMUser"},"eventName":"GetRole","requestParameters":{"name":"boot","v":"oot"}}',
    "user of a longer name": b'{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","userName":"nonroot"},"eventName":"GetRole"}',
    "policy with root's ARN": b'{"eventVersion":"1.11","userIdentity":{"type":"IAMUser"},"eventName":"GetRole",'
    b'"requestParameters":{"principal":"arn:aws:iam::111122223333:root"}}',
    "escaped sign": rb'{"eventVersion":"1.11","userIdentity":{"type":"IAMUser"},"eventName":"GetRole","userAgent":"a\u003cb"}',
}


def concerning_root(values: Values) -> list[int]:
    """The places of the records that a load of what is related to root decodes."""
    return Related().of_values(values)


def _file(*records: bytes) -> Values:
    head = b'{"Records":['
    return Values(records, head + b",".join(records) + b"]}", len(head))


@pytest.mark.parametrize("record", _NAMES_ROOT.values(), ids=_NAMES_ROOT)
def test_every_spelling_of_root_is_found(record: bytes) -> None:
    values = _file(_OTHER, record, _OTHER)
    assert concerning_root(values) == naming_root(values) == [1]
    assert list(places_of_marks(values.joined or b""))
    assert may_name_root(values.joined or b"")


@pytest.mark.parametrize("record", _UNREAD.values(), ids=_UNREAD)
def test_an_identity_that_is_a_text_may_be_anybody(record: bytes) -> None:
    assert concerning_root(_file(_OTHER, record)) == [1]
    assert naming_root(_file(_OTHER, record)) == []


@pytest.mark.parametrize("record", _NOT_ROOT.values(), ids=_NOT_ROOT)
def test_what_only_looks_like_root_is_left_out(record: bytes) -> None:
    assert concerning_root(_file(_OTHER, record)) == []
    assert not list(places_of_marks(record))


@pytest.mark.parametrize("record", [*_NAMES_ROOT.values(), *_UNREAD.values()], ids=[*_NAMES_ROOT, *_UNREAD])
def test_root_is_found_wherever_it_stands_in_a_large_text(record: bytes) -> None:
    """A large text is searched part by part; a mark may lie across the border of two parts."""
    bare = len(b'{"eventVersion":"","eventName":"x"}')
    for border in (256 * 1024, 512 * 1024):
        for ahead in range(1, len(record) + 2):
            long = b'{"eventVersion":"' + b"1" * (border - len(b'{"Records":[') - bare - ahead) + b'","eventName":"x"}'
            assert concerning_root(_file(long, record, _OTHER)) == [1], (border, ahead)


def test_lists_that_do_not_lie_in_one_text_are_searched_too() -> None:
    values = Values([_OTHER, _NAMES_ROOT["type"], _NOT_ROOT["boot"], _UNREAD["text"]])
    assert concerning_root(values) == [1, 3]
