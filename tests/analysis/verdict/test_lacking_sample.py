"""The same of the sample incident: no answer becomes a no without a field of all its records, or of one of root's."""

from __future__ import annotations

import gzip
import json
import random
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from tests.analysis.verdict.test_lacking import paths, without, worse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.analysis.verdict.test_lacking import Answers, Record


def sample_records(case: rf.Case) -> list[Record]:
    """The records of the sample incident, each once; what is damaged is left out."""
    found: dict[str, Record] = {}
    for row in case.sql("SELECT uri FROM evidence WHERE status = 'loaded' AND uri LIKE '%.json.gz' ORDER BY uri").rows:
        for one in json.loads(gzip.decompress(Path(row["uri"].removeprefix("file:")).read_bytes()))["Records"]:
            found.setdefault(one.get("eventID") or json.dumps(one), one)
    return list(found.values())


def _names(records: list[Record]) -> set[tuple[str, ...]]:
    """Where fields of the records are, whatever their places in lists."""
    return {tuple(str(key) for key in path if key != 0) for record in records for path in paths(record)}


def each_kind(records: list[Record]) -> list[Record]:
    """All records of root, and of others each call of an account and Region once, by its error and who made it."""
    kinds: dict[object, Record] = {}
    for place, one in enumerate(records):
        call = [one.get(name) for name in ("recipientAccountId", "awsRegion", "eventSource", "eventName", "errorCode")]
        kinds.setdefault(place if _is_root(one) else (*call, one["userIdentity"].get("type")), one)
    return [*kinds.values()]


def _is_root(record: Record) -> bool:
    return bool(record["userIdentity"].get("type") == "Root")


def _cut(value: Any, path: Sequence[str]) -> Any:
    """A value without a field, wherever lists hold it."""
    if isinstance(value, list):
        return [_cut(one, path) for one in value]
    if not isinstance(value, dict) or path[0] not in value:
        return value
    if len(path) == 1:
        return {name: one for name, one in value.items() if name != path[0]}
    return value | {path[0]: _cut(value[path[0]], path[1:])}


#: Fields without which nobody may know which call it was, or whether it succeeded.
OPEN_ENDED: Final = ("eventSource", "responseElements", "('eventSource'", "('responseElements'")
SAMPLE_ACCOUNTS: Final = ("111122223333", "444455556666", "777788889999")


def _apart(text: str, number: int) -> tuple[str, list[str]]:
    """The sample under accounts, keys, instances, users and eventIDs of its own, and the accounts."""
    accounts = [f"{100 + number}{account[3:]}" for account in SAMPLE_ACCOUNTS]
    for account, own in zip(SAMPLE_ACCOUNTS, accounts, strict=True):
        text = text.replace(account, own)
    for kind in ("AKIA", "ASIA", "AROA", "AIDA", "AGPA", "i-0"):
        text = text.replace(kind, f"{kind}{number:04}")
    for name in ("eventID", "sharedEventID", "userId"):
        text = re.sub(f'"{name}": "[0-9a-f]{{6}}', f'"{name}": "{number:06x}', text)
    return text, accounts


def _told(folder: Path, samples: dict[str, list[Record]]) -> dict[str, dict[str, Answers]]:
    """The answers on the accounts of many samples, which lie in one case."""
    (folder / "logs").mkdir(parents=True)
    accounts: dict[str, list[str]] = {}
    for number, (name, records) in enumerate(samples.items()):
        text, accounts[name] = _apart(json.dumps(records), number)
        (folder / "logs" / f"{number}.json").write_text(f'{{"Records":{text}}}', encoding="utf-8")
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
        told = case.analysis().verdict_of
        return {
            name: {
                account: {answer.name: answer.answer for answer in told(as_told).answers}
                for account, as_told in zip(SAMPLE_ACCOUNTS, own, strict=True)
            }
            for name, own in accounts.items()
        }


def sample_cases(records: list[Record]) -> Iterator[tuple[str, Callable[[], list[Record]]]]:
    """The sample without a field in all records, then without a field in one record of root's, some by chance."""
    dice = random.Random(16)
    named = _names(records)
    broad = sorted(path for path in named if len(path) == 1 or path[0] == "userIdentity")
    deep = sorted(named - set(broad))
    for path in (*broad, *dice.sample(deep, 12)):
        yield ".".join(path), lambda path=path: _cut(records, path)  # type: ignore[misc]
    roots = [place for place, one in enumerate(records) if _is_root(one)]
    for place in dice.sample(roots, 12):
        path = dice.choice([*paths(records[place])])
        one = without(records[place], path)
        yield f"{path} of {place}", lambda place=place, one=one: [*records[:place], one, *records[place + 1 :]]  # type: ignore[misc]


@pytest.mark.deep
def test_no_answer_on_the_sample_becomes_no_without_a_field(tmp_path: Path, sample_case: rf.Case) -> None:
    """Fields are taken from a tenth of the records, which have all fields of the sample and give its answers.

    Most samples lie side by side: that the whole one is answered there as in a case of its own, shows that they may.
    Apart are those that may leave open how a call went: in a case with such events each answer is looked at for them.
    """
    whole = sample_records(sample_case)
    records = each_kind(whole)
    assert _names(records) == _names(whole)
    before = _told(tmp_path / "whole", {"whole": whole})["whole"]
    after: dict[str, dict[str, Answers]] = {}
    beside: dict[bool, dict[str, list[Record]]] = {True: {"whole": records}, False: {"whole": records}}
    for number, (name, changed) in enumerate(sample_cases(records)):
        sample = changed()
        if all(isinstance(one.get("recipientAccountId"), str) for one in sample):
            beside[name.startswith(OPEN_ENDED)][name] = sample
        else:  # what is of no account may be of any
            after |= _told(tmp_path / str(number), {name: sample})
    for is_open, samples in beside.items():
        together = _told(tmp_path / f"beside-{is_open}", samples)
        assert together.pop("whole") == before
        after |= together
    wrong = {}
    for name, told in after.items():
        found = {account: names for account, own in before.items() if (names := worse(own, told[account]))}
        wrong |= {name: found} if found else {}
    assert wrong == {}
