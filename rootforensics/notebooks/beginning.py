"""What notebooks need beside the library: a case to begin with, and parameters."""

from __future__ import annotations

from rootforensics.queries.result import result_of

import os
import re
import sys
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any, Final

from rootforensics.analysis.approval import Approvals
from rootforensics.analysis.approvals.read import read_approvals
from rootforensics.telling.counts import absent_events
from rootforensics.case import Case, open_case
from rootforensics.errors import CaseError, FilterError, NotebookError
from rootforensics.notebooks.tables import send_library
from rootforensics.queries.result import Result, table_of
from rootforensics.sources.local import path_of_uri
from rootforensics.sources.sample import sample_file, sample_logs

#: Beside the folder of the notebooks in a checkout.
_EXAMPLE: Final = Path("../docs/examples/approvals.yaml")
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_MOST_HOURS: Final = 87_600


def start(case: str | os.PathLike[str] = "", account_id: str | int = "") -> Case:
    """Open the case of a notebook.

    Args:
        case: its path; if empty, what the environment's ``RF_CASE`` names; without that the sample incident, loaded
            into a temporary folder.
        account_id: the account that is looked at, as ``as_account`` takes it; empty for all. If the case has no events of
            it, that is printed.

    Raises:
        CaseError: there is no such case.
        StorageError: no case is named, and the sample did not come with this installation.
        FilterError: this is not an account ID.
    """
    account = as_account(account_id)
    _renew_tables()
    opened = _opened(as_path(case) or os.environ.get("RF_CASE", ""))
    if said := absent_events(opened, account):
        sys.stdout.write(f"Careful: {said}.\n")
    return opened


def _renew_tables() -> None:
    """Where tables sort, have them sort when this cell is run again: ``%load_ext`` does nothing a second time."""
    if "IPython" not in sys.modules:
        return
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    if shell is not None and "rootforensics" in shell.extension_manager.loaded:
        send_library(shell)


def as_account(given: str | int | None) -> str:
    """An account ID as text; papermill takes digits for a number, which has no noughts in front.

    Args:
        given: 12 digits, or the number that they are; empty for all accounts.

    Raises:
        FilterError: this is not an account ID.
    """
    account = f"{given:012d}" if isinstance(given, int) and not isinstance(given, bool) else given or ""
    if account and not (isinstance(account, str) and _ACCOUNT.fullmatch(account)):
        raise FilterError("this is not an account ID", where=str(given), hint="An account ID has 12 digits")
    return account


def as_path(given: str | os.PathLike[str] | float | None) -> str:
    """The name of a file as text; one of digits alone papermill takes for a number.

    Args:
        given: the name; empty for none.
    """
    if given is None:
        return ""
    return os.fspath(given) if isinstance(given, str | os.PathLike) else str(given)


def as_count(name: str, given: str | int) -> int:
    """A count of what is looked at, 0 or more.

    Args:
        name: of the parameter.
        given: its value.

    Raises:
        NotebookError: it is no whole number, or less than 0.
    """
    number = _number(given)
    if number is None or not number.is_integer() or number < 0:
        raise NotebookError(f"{given!r} is not a count", where=name, hint="Give a whole number, 0 or more")
    return int(number)


def as_hours(name: str, given: str | float) -> float:
    """A number of hours, from 0 to 87,600 (ten years).

    Args:
        name: of the parameter.
        given: its value.

    Raises:
        NotebookError: it is none.
    """
    number = _number(given)
    if number is None or not 0 <= number <= _MOST_HOURS:
        hint = f"Give one from 0 to {_MOST_HOURS:,}"
        raise NotebookError(f"{given!r} is not a number of hours", where=name, hint=hint)
    return number


def _number(given: object) -> float | None:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    try:
        return float(given)
    except (ValueError, OverflowError):
        return None


def _opened(path: str) -> Case:
    if path:
        if not Path(path).exists():
            hint = "Set CASE to a case file; rootforensics triage LOGS --out FOLDER makes one"
            raise CaseError("the case file does not exist", where=path, hint=hint)
        return open_case(path)
    folder = Path(tempfile.mkdtemp())
    sample = open_case(folder / "case.duckdb")
    sample.load(sample_logs(folder))
    return sample


def files_of(case: Case, most: int) -> list[Path]:
    """Files of a case that are on this machine, in the order in which they were loaded, logs first.

    Digest files, and what is no log, stand behind them.
    """
    listed = """
        SELECT uri FROM evidence WHERE archive_id IS NULL AND uri LIKE 'file://%'
        ORDER BY status IN ('digest', 'unsupported'), evidence_id
    """
    paths = (Path(path_of_uri(row["uri"])) for row in case.sql(listed).rows)
    return list(islice((path for path in paths if path.is_file()), most))


def compare_evidence(case: Case, other: Case) -> Result:
    """Files of another case, found in a case by their hash: how many there are, and how many hold other records."""
    counts = "SELECT DISTINCT sha256, record_count FROM evidence WHERE sha256 IS NOT NULL AND archive_id IS NULL"
    held = {(row["sha256"], row["record_count"]) for row in case.sql(counts).rows}
    rows = other.sql(counts).rows
    hashes = {sha256 for sha256, _ in held}
    same = [row for row in rows if (row["sha256"], row["record_count"]) in held]
    absent = [row for row in rows if row["sha256"] not in hashes]
    told = {"files": len(rows), "same": len(same), "differs": len(rows) - len(same), "not_in_case": len(absent)}
    return result_of("comparison", [told], dict.fromkeys(told, "BIGINT"))


def approvals_for(path: str | os.PathLike[str], case: str | os.PathLike[str]) -> Approvals:
    """The approvals that a file holds; without one, those of the example if the case is the sample, else none.

    Raises:
        ApprovalsError: the file cannot be read or has errors.
    """
    if not path and not case and not os.environ.get("RF_CASE") and _EXAMPLE.is_file():
        path = _EXAMPLE
    return read_approvals(path) if path else Approvals("", "", ())


def answers_for(path: str | os.PathLike[str], case: str | os.PathLike[str]) -> str:
    """The folder of answers of AWS: the one that is named; else those of the example if the case is the sample, or empty.

    Raises:
        StorageError: the sample did not come with this installation.
    """
    if not path and not case and not os.environ.get("RF_CASE"):
        return str(sample_file("posture", Path(tempfile.mkdtemp())))
    return as_path(path)
