"""JSON that other tools respelled: root is found whatever they made of an identity, and what they wrapped it in.

Spellings of the names and of nested values as Athena, Trino, OpenSearch and pipelines write them; all of the
same event, and each in a file of lines, in archives and in envelopes.
"""

from __future__ import annotations

import json
import re
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import pytest

from rootforensics.ingest.filters import Filters
from tests.builders import ABSENT, ACCOUNT, event_id, gz, records_text, root_event
from tests.ingest.checks import Files, problems, rows
from tests.ingest.containers.wrappings import envelope, sns
from tests.ingest.packing import tar_of, zip_of
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ARN: Final = f"arn:aws:iam::{ACCOUNT}:root"
IDENTITY: Final = {
    "type": "Root",
    "principalId": ACCOUNT,
    "arn": ARN,
    "accountId": ACCOUNT,
    "sessionContext": {"attributes": {"creationDate": "2026-08-05T09:00:00Z", "mfaAuthenticated": "false"}},
}


def named(value: Any, name: Callable[[str], str]) -> Any:
    """A value with all names in it spelled otherwise."""
    return {name(key): named(part, name) for key, part in value.items()} if isinstance(value, dict) else value


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def printed(value: Any) -> str:
    """A struct as Athena prints it."""
    if not isinstance(value, dict):
        return str(value)
    return "{" + ", ".join(f"{name}={printed(part)}" for name, part in value.items()) + "}"


#: What becomes of the identity.
IDENTITIES: Final[dict[str, Any]] = {
    "nested": IDENTITY,
    "lower": named(IDENTITY, str.lower),
    "upper": named(IDENTITY, str.upper),
    "title": named(IDENTITY, str.title),
    "snake": named(IDENTITY, snake),
    "printed": printed(IDENTITY),
    "printed lower": printed(named(IDENTITY, str.lower)),
    "json": json.dumps(IDENTITY),
    "json lower": json.dumps(named(IDENTITY, str.lower)),
    "python": str(IDENTITY),
    "pairs": [{"key": name, "value": text} for name, text in IDENTITY.items() if isinstance(text, str)],
    "text in a text": json.dumps(json.dumps(IDENTITY)),
    "list of one": [IDENTITY],
    "lists of one": {name: [text] for name, text in IDENTITY.items() if isinstance(text, str)},
    "value in lower case": printed({**IDENTITY, "type": "root"}),
}
#: What becomes of the names of the other fields.
NAMES: Final[dict[str, Callable[[str], str]]] = {"as recorded": str, "lower": str.lower, "snake": snake}


def line(record: dict[str, Any]) -> bytes:
    return json.dumps(record).encode() + b"\n"


PACKINGS: Final[dict[str, Callable[[dict[str, Any]], bytes]]] = {
    "line": line,
    "compact": lambda record: json.dumps({"Records": [record]}, separators=(",", ":")).encode(),
    "gzip": lambda record: gz(line(record)),
    "zip": lambda record: zip_of({"a.json": line(record)}),
    "tar": lambda record: tar_of({"a.json.gz": gz(json.dumps([record]).encode())}),
    "envelope": lambda record: json.dumps(envelope(record)).encode(),
    "envelopes": lambda record: json.dumps(sns(envelope(record))).encode(),
    "search": lambda record: json.dumps({"hits": {"hits": [{"_index": "trail", "_source": record}]}}).encode(),
    "unknown": lambda record: json.dumps({"page": {"rows": [record]}}).encode(),
}


def respelled(identity: Any, name: Callable[[str], str], **fields: Any) -> dict[str, Any]:
    """Root's record, its names spelled otherwise and its identity replaced."""
    record = root_event(eventID=event_id(), **fields)
    return {name(key): identity if key == "userIdentity" else value for key, value in record.items()}


async def test_root_is_found_in_every_spelling_and_packing(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    cases = [(kind, name, packing) for kind in IDENTITIES for name in NAMES for packing in PACKINGS]
    for place, (kind, name, packing) in enumerate(cases):
        (logs / f"{place:04d}").write_bytes(PACKINGS[packing](respelled(IDENTITIES[kind], NAMES[name])))
    for root_related in (False, True):
        case = await load_beside(tmp_path, logs, filters=Filters(root_related=root_related))
        found = rows(
            case,
            "SELECT uri, root_events.account_id AS account_id, origin FROM root_events JOIN evidence USING (evidence_id)",
        )
        places = {int(re.findall(r"logs/(\d{4})", row["uri"])[0]) for row in found}
        assert [cases[place] for place in range(len(cases)) if place not in places] == []
        assert {(row["account_id"], row["origin"]) for row in found} == {(ACCOUNT, "root_credentials")}
        assert len(found) == len(cases)


def test_parameters_that_were_printed_are_nested_again(tmp_path: Path) -> None:
    texts = ("{userName=bob}", '{"userName":"bob"}', "{'userName': 'bob'}")
    made = {}
    for packing, text in product(PACKINGS, texts):
        record = respelled(IDENTITY, str, requestParameters=text, responseElements='{"user":{"userName":"bob"}}')
        made[f"{packing}: {text}"] = PACKINGS[packing](record)
    files = Files(tmp_path, made)
    found = {
        key: [
            (json.loads(row["requestParameters"]), json.loads(row["responseElements"]))
            for row in files.root_events(key)
        ]
        for key in made
    }
    assert found == {key: [({"userName": "bob"}, {"user": {"userName": "bob"}})] for key in made}


async def test_a_text_that_is_no_object_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(line(respelled(IDENTITY, str, requestParameters="{or so", responseElements="x")))
    case = await load_beside(tmp_path, tmp_path / "a.json")
    (row,) = rows(case, "SELECT requestParameters->>'$' AS a, responseElements->>'$' AS b FROM root_events")
    assert row == {"a": "{or so", "b": "x"}


@pytest.mark.parametrize("name", NAMES)
async def test_of_two_spellings_of_a_name_cloudtrail_s_counts_and_the_other_is_kept(name: str, tmp_path: Path) -> None:
    records = [
        respelled({"TYPE": "Root", "type": "IAMUser", "arn": "a"}, NAMES[name]),
        respelled({"Type": "IAMUser", "arn": ARN, "type": "Root"}, NAMES[name]),
    ]
    (tmp_path / "a.json").write_bytes(b"".join(map(line, records)))
    sql = "SELECT userIdentity.type AS type, otherFields->'$.userIdentity' AS other FROM events ORDER BY record_index"
    found = rows(await load_beside(tmp_path, tmp_path / "a.json"), sql)
    assert [(row["type"], json.loads(row["other"])) for row in found] == [
        ("IAMUser", {"TYPE": "Root"}),
        ("Root", {"Type": "IAMUser"}),
    ]


#: Nobody can tell from these who acted.
UNKNOWN: Final[dict[str, Any]] = {
    "type": {"type": "of Root", "accountId": ACCOUNT},
    "struct": {"type": {"S": "Root"}, "accountId": ACCOUNT},
    "prose": "somebody",
    "cut": "{principalId=1111, a",
    "number": 5,
    "list": [1, 2],
    "account": {"accountId": ACCOUNT, "principalId": ACCOUNT},
    "empty": {},
    "null": None,
}


@pytest.mark.parametrize("name", NAMES)
async def test_an_identity_that_cannot_be_known_is_told(name: str, tmp_path: Path) -> None:
    for kind, identity in UNKNOWN.items():
        (tmp_path / f"{kind}.json").write_bytes(line(respelled(identity, NAMES[name])))
    (tmp_path / "absent.json").write_bytes(
        line({NAMES[name](key): value for key, value in root_event(userIdentity=ABSENT).items()})
    )
    case = await load_beside(tmp_path, *tmp_path.glob("*.json"))
    assert rows(case, "SELECT eventID FROM root_events") == []
    kinds = ("record_problem", "unknown_identity", "object_loaded")  # the last for a row without such a column
    told = [
        row["uri"].rpartition("/")[2] for kind in kinds for row in problems(case, kind) if "dentity" in row["problem"]
    ]
    assert {*told} == {*(f"{kind}.json" for kind in UNKNOWN), "absent.json"}


async def test_what_says_who_acted_without_a_type_is_not_unknown(tmp_path: Path) -> None:
    service = {"accountId": ACCOUNT, "invokedBy": "AWS Internal"}
    records = [
        respelled(service, str, eventType="AwsServiceEvent"),
        respelled({"accountId": ACCOUNT}, str, eventType="AwsServiceEvent"),
        respelled({"arn": "arn:aws:sts::111122223333:assumed-role/a/b"}, str),
    ]
    (tmp_path / "a.json").write_bytes(b"".join(map(line, records)))
    assert problems(await load_beside(tmp_path, tmp_path / "a.json"), "unknown_identity") == []


async def test_a_root_related_load_keeps_an_event_whose_identity_nobody_can_read(tmp_path: Path) -> None:
    identities = ["somebody", {"type": {"S": "Root"}}, {"type": "of Root"}]
    cases = [(identity, packing) for identity in identities for packing in PACKINGS.values()]
    for place, (identity, packing) in enumerate(cases):
        (tmp_path / f"{place}").write_bytes(packing(respelled(identity, str)))
    case = await load_beside(
        tmp_path, *(tmp_path / f"{place}" for place in range(len(cases))), filters=Filters(root_related=True)
    )
    told = problems(case, "record_problem"), problems(case, "unknown_identity")
    assert [len(found) for found in told] == [2 * len(PACKINGS), len(PACKINGS)]


async def test_an_identity_under_another_name_is_root_s(tmp_path: Path) -> None:
    records = [root_event(eventID=event_id()) for _ in range(3)]
    for record, name in zip(records, ("useridentity", "user_identity", "UserIdentity"), strict=True):
        record[name] = record.pop("userIdentity")
    (tmp_path / "a.json").write_bytes(b"".join(map(line, records)))
    for root_related in (False, True):
        case = await load_beside(tmp_path, tmp_path / "a.json", filters=Filters(root_related=root_related))
        assert rows(case, "SELECT count(*) AS n FROM root_events") == [{"n": len(records)}]


FREE_FIELDS: Final = (
    "requestParameters", "responseElements", "additionalEventData", "serviceEventDetails", "edgeDeviceDetails",
    "insightDetails", "eventContext", "insightContext", "summary",
)  # fmt: skip


def test_an_object_in_a_text_is_opened_in_any_free_form_field(tmp_path: Path, subtests: pytest.Subtests) -> None:
    held = {"MFAUsed": "Yes", "more": {"a": [1, "x"]}}
    asked = {f"{name}, {form}": (name, form) for name in FREE_FIELDS for form in ("records", "line")}
    made = {}
    for key, (name, form) in asked.items():
        events = [root_event(**{name: json.dumps(held)}), root_event()]
        compact = [json.dumps(event, separators=(",", ":")).encode() for event in events]
        made[key] = records_text(compact) if form == "records" else line(events[0])
    files = Files(tmp_path, made)
    for key, (name, _) in asked.items():
        with subtests.test(key):
            row = files.events(key)[0]
            assert json.loads(row[name]) == held
            assert row["record_problem"] == f"as another tool spelled it, and read: {name}"


def test_a_text_without_an_object_stays_a_text(tmp_path: Path, subtests: pytest.Subtests) -> None:
    names = [*FREE_FIELDS, "annotation"]
    files = Files(tmp_path, {name: line(root_event(**{name: "MFAUsed, yes"})) for name in names})
    for name in names:
        with subtests.test(name):
            (row,) = files.events(name)
            assert (json.loads(row[name]), row["record_problem"]) == ("MFAUsed, yes", None)


@pytest.mark.parametrize("spell", [json.dumps, printed], ids=["json", "printed"])
async def test_a_session_in_a_text_is_opened(spell: Callable[[Any], str], tmp_path: Path) -> None:
    identity = IDENTITY | {"sessionContext": spell(IDENTITY["sessionContext"])}
    (tmp_path / "a.json").write_bytes(line(root_event(userIdentity=identity)))
    text = "SELECT userIdentity.sessionContext.attributes AS told, record_problem FROM root_events"
    (row,) = rows(await load_beside(tmp_path, tmp_path / "a.json"), text)
    assert row["told"] == {"creationDate": "2026-08-05T09:00:00Z", "mfaAuthenticated": "false"}
    assert row["record_problem"] == "as another tool spelled it, and read: userIdentity"
