"""Many stories in one case: each in an account of its own, told by one load and one verdict."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import rootforensics as rf
from tests.analysis.verdict.logs import EVERYWHERE
from tests.builders import ACCOUNT, write_log

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rootforensics.analysis.analysis import AccountVerdict


def moved(record: dict[str, Any], account: str) -> dict[str, Any]:
    """A record as it is in another account, under an eventID of its own; root has a session's key."""
    text = json.dumps(record).replace("AKIAEXAMPLEROOTKEY00", "ASIASESSION").replace(ACCOUNT, account)
    return dict(json.loads(text)) | {"eventID": f"{record['eventID']}-{account}"}


def stories_in(folder: Path, stories: Sequence[Sequence[dict[str, Any]]]) -> tuple[rf.Case, list[str]]:
    """A case with all stories, and the account of each, in order."""
    accounts = [f"{200000000000 + number}" for number in range(len(stories))]
    records = [
        moved(record, account)
        for account, story in zip(accounts, stories, strict=True)
        for record in (*story, *EVERYWHERE)
    ]
    write_log(folder, "log.json", records)
    case = rf.open_case(folder / "case.duckdb")
    case.load(folder / "log.json")
    return case, accounts


def verdicts_by_account(case: rf.Case) -> dict[str, AccountVerdict]:
    """The verdict on each account."""
    return {told.account_id: told for told in case.verdict()}
