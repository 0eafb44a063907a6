"""A case of a few records, and the verdict on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from tests.analysis.verdict.logs import EVERYWHERE
from tests.builders import root_event, write_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.analysis.verdict.logs import Tell, Told


def _in_session(record: dict[str, Any]) -> dict[str, Any]:
    """A record as it is; where root would use the usual key, it has a session's: a long-term key is a way in."""
    usual = root_event()["userIdentity"]["accessKeyId"]
    identity = record["userIdentity"]
    if not isinstance(identity, dict):
        return record
    return (
        record | {"userIdentity": identity | {"accessKeyId": "ASIASESSION"}}
        if identity.get("accessKeyId") == usual
        else record
    )


@pytest.fixture
def tell(tmp_path: Path) -> Iterator[Tell]:
    made: list[rf.Case] = []

    def make(
        *records: dict[str, Any], whole: bool = True, load: dict[str, Any] | None = None, account_id: str = ""
    ) -> Told:
        folder = tmp_path / f"logs{len(made)}"
        write_log(folder, "log.json", [*map(_in_session, records), *(EVERYWHERE if whole else [])])
        case = rf.open_case(tmp_path / f"case{len(made)}.duckdb")
        case.load(folder, **load or {})
        made.append(case)
        (told,) = case.verdict(account_id=account_id)
        return {one.name: one for one in told.answers}, list(told.steps)

    yield make
    for case in made:
        case.close()
