"""Single deeds of root, each in a quiet account of its own, in many spellings and shapes: no answer turns into a no.

The deeds are the calls of the catalogue, with the names that ``entities.toml`` reads. The catalogue says what a deed is
about; what the verdict says of it in a log file of CloudTrail is what it may say in any other spelling.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from rootforensics.rules.entities import entity_rules
from tests.analysis.verdict.logs import EVERYWHERE, in_session
from tests.builders import ACCOUNT, event_id, root_event, write_log
from tests.ingest.containers.wrappings import WRAPPINGS
from tools.docs.catalogue import actions

if TYPE_CHECKING:
    from pathlib import Path

    from tools.docs.catalogue import Action

Record = dict[str, Any]
#: What the verdict says, by deed and question.
Answers = dict[tuple[str, str], str]

DEEDS: Final = 200


def _with(name: str, spell: Callable[[str], str]) -> Callable[[Record], Record]:
    return lambda record: record | {name: spell(record[name])}


def _without(*path: str) -> Callable[[Record], Record]:
    def strip(record: Record) -> Record:
        found = json.loads(json.dumps(record))
        place = found
        for part in path[:-1]:
            place = place[part]
        place.pop(path[-1], None)
        return dict(found)

    return strip


def _with_identity(**fields: Any) -> Callable[[Record], Record]:
    return lambda record: record | {"userIdentity": record["userIdentity"] | fields}


def _short(source: str) -> str:
    return source.partition(".")[0]


#: Other spellings of the source and the name.
SPELLINGS: Final[dict[str, Callable[[Record], Record]]] = {
    "source in capitals": _with("eventSource", str.upper),
    "source in mixed case": _with("eventSource", str.title),
    "source with a blank behind it": _with("eventSource", lambda source: f"{source} "),
    "source with blanks around it": _with("eventSource", lambda source: f"\t {source}\u00a0\n"),
    "source without its domain": _with("eventSource", _short),
    "source without its domain, in capitals": _with("eventSource", lambda source: _short(source).upper()),
    "source with half a domain": _with("eventSource", lambda source: f"{_short(source)}.amazonaws"),
    "source with the domain of China": _with("eventSource", lambda source: f"{source}.cn"),
    "source with a dot behind it": _with("eventSource", lambda source: f"{source}."),
    "name in small letters": _with("eventName", str.lower),
    "name in capitals": _with("eventName", str.upper),
    "name with a small first letter": _with("eventName", lambda name: name[0].lower() + name[1:]),
    "name with blanks around it": _with("eventName", lambda name: f" {name}\t"),
    "source and name": lambda record: (
        record | {"eventSource": _short(record["eventSource"]).upper(), "eventName": f"{record['eventName'].lower()} "}
    ),
}
#: Records that lack a field.
THIN: Final[dict[str, Callable[[Record], Record]]] = {
    "without the ARN": _without("userIdentity", "arn"),
    "without the type": _without("userIdentity", "type"),
    "without the account of the identity": _without("userIdentity", "accountId"),
    "without the account of the log": _without("recipientAccountId"),
    "without readOnly": _without("readOnly"),
    "without readOnly, the name in small letters": lambda record: _without("readOnly")(
        SPELLINGS["name in small letters"](record)
    ),
    "without eventType": _without("eventType"),
    "without the source": _without("eventSource"),
    "without any account but that of the ARN": lambda record: _without("userIdentity", "accountId")(
        _without("recipientAccountId")(record)
    ),
    "without the type, the ARN in capitals": _with_identity(type="", arn=f"ARN:AWS:IAM::{ACCOUNT}:ROOT"),
    "without the type, a blank behind the ARN": _with_identity(type=None, arn=f"arn:aws:iam::{ACCOUNT}:root "),
    "with a type that says nothing": _with_identity(type="Unknown"),
    "with a blank for an error": lambda record: record | {"errorCode": " "},
    "with 0 for an error": lambda record: record | {"errorCode": 0},
    "with a dash for a message": lambda record: record | {"errorMessage": "-"},
    "with the service before the name": lambda record: (
        record | {"eventName": f"{_short(record['eventSource'])}:{record['eventName']}"}
    ),
    "with a number for a name": lambda record: record | {"eventName": 1},
    "with a sign that nobody sees in the name": _with("eventName", lambda name: f"{name}\u200b"),
    "with a source that is of no service": _with("eventSource", lambda source: f"https://{source}/"),
}
_ATHENA: Final = (
    "eventversion useridentity eventtime eventsource eventname awsregion sourceipaddress useragent errorcode errormessage"
    " requestparameters responseelements additionaleventdata requestid eventid readonly eventtype recipientaccountid"
).split()


def _athena(records: list[Record]) -> bytes:
    """Rows of Athena's table of CloudTrail, with objects as JSON."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_ATHENA)
    for record in records:
        values = {name.lower(): value for name, value in record.items()}
        cells = (values.get(name) for name in _ATHENA)
        writer.writerow(json.dumps(cell) if isinstance(cell, (dict, list, bool)) else cell or "" for cell in cells)
    return text.getvalue().encode()


#: Files in which records lie in another shape.
SHAPES: Final[dict[str, Callable[[list[Record]], bytes]]] = {
    "lines": lambda records: b"".join(json.dumps(record).encode() + b"\n" for record in records),
    **{name: WRAPPINGS[name][1] for name in ("lookup", "eventbridge", "subscription", "sqs", "opensearch")},
    "athena": _athena,
}
#: As CloudTrail writes them.
PLAIN: Final = "a log file"


def _rows() -> list[Action]:
    """The rows of the catalogue that say what a call does whatever was asked."""
    return [
        action
        for action in actions().values()
        if not action.condition_sql and action.severity in ("critical", "high", "medium")
    ]


def _deeds() -> dict[str, Record]:
    """A record of each deed, by the call: the request and the answer have the names that the rules on entities read."""
    calls = sorted({(row.eventSource, row.eventName) for row in _rows()})
    chosen = calls[:: len(calls) // DEEDS][:DEEDS]
    found: dict[str, Record] = {}
    for source, name in chosen:
        told: Record = {"requestParameters": {}, "responseElements": {}, "serviceEventDetails": {}}
        paths = (path for rule in entity_rules() if rule.event == (source, name) for path in rule.name)
        for path in (path for path in paths if path != "recipientAccountId"):  # every record has it
            first, *objects, last = path.replace("[*]", "").split(".")
            place = told.get(first, {})
            for part in objects:
                place = place.setdefault(part, {})
            place[last] = "config.amazonaws.com" if last == "servicePrincipal" else f"deed-{len(found)}"
        asked = {part: told[part] or None for part in ("requestParameters", "responseElements")}
        found[f"{source}:{name}"] = in_session(root_event(eventSource=source, eventName=name, readOnly=False, **asked))
    return found


DID: Final = _deeds()
#: How to write each deed, by the shape.
WRITTEN: Final[dict[str, Callable[[Record], Record]]] = {
    PLAIN: dict,
    **SPELLINGS,
    **THIN,
    **dict.fromkeys(SHAPES, dict),
}
#: What lies in one case.
GROUPS: Final = {"spellings": [PLAIN, *SPELLINGS], "shapes": [PLAIN, *THIN, *SHAPES]}


def _told(folder: Path, deeds: list[str], shapes: list[str]) -> dict[str, Answers]:
    """What the verdict says of some deeds in some shapes: each lies in an account of its own, all of them in one case."""
    accounts: dict[str, tuple[str, str]] = {}
    for number, shape in enumerate(shapes):
        records = []
        for place, deed in enumerate(deeds):
            account = f"7{number:03}{place:08}"
            accounts[account] = shape, deed
            for record in (WRITTEN[shape](DID[deed]), *EVERYWHERE):
                own = json.loads(json.dumps(record).replace(ACCOUNT, account))
                records.append(own | {"eventID": event_id()})
        path = folder / f"{number}.{'csv' if shape == 'athena' else 'json'}"
        if shape in SHAPES:
            path.write_bytes(SHAPES[shape](records))
        else:
            write_log(folder, path.name, records)
    found: dict[str, Answers] = {shape: {} for shape in shapes}
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(*sorted(folder.glob("*.json")), *folder.glob("*.csv"))
        analysis = case.analysis()
        for account, (shape, deed) in accounts.items():
            for one in analysis.verdict_of(account).answers:
                found[shape][deed, one.name] = one.answer
    return found


def _check(told: dict[str, Answers], deeds: list[str]) -> None:
    plain = told[PLAIN]
    # What the catalogue says of a call by itself: an answer that is no answer of the product's own.
    for row in _rows():
        deed = f"{row.eventSource}:{row.eventName}"
        if deed in deeds:
            assert row.costs != "yes" or plain[deed, "money_spent"] == "yes", deed
            assert row.exposes != "yes" or plain[deed, "data_exposed"] != "no", deed
            is_impairment = row.impairment in ("stopped", "removed")
            assert not (row.control and is_impairment) or plain[deed, "logging_impaired"] != "no", deed
    assert {answer for (_, name), answer in plain.items() if name == "logging_impaired"} == {"yes", "no", "unknown"}
    for shape, answers in told.items():
        assert answers.keys() == plain.keys(), shape
        wrong = {
            (deed, name): (plain[deed, name], answer)
            for (deed, name), answer in answers.items()
            # The event history goes on where a trail ends.
            if answer == "no" != plain[deed, name]
            if shape != "lookup" or plain[deed, name] == "yes" or plain[deed, "logging_impaired"] == "no"
        }
        assert not wrong, shape
        if shape in SPELLINGS:
            changed = {key: (plain[key], answer) for key, answer in answers.items() if answer != plain[key]}
            assert not changed, shape


@pytest.mark.parametrize("group", GROUPS)
def test_no_spelling_or_shape_makes_a_deed_undone(group: str, tmp_path: Path) -> None:
    deeds = [*DID][:: DEEDS // 20]
    _check(_told(tmp_path, deeds, GROUPS[group]), deeds)


@pytest.mark.deep
@pytest.mark.parametrize("group", GROUPS)
def test_no_spelling_or_shape_makes_any_of_two_hundred_deeds_undone(group: str, tmp_path: Path) -> None:
    assert len(DID) == DEEDS
    _check(_told(tmp_path, [*DID], GROUPS[group]), [*DID])
