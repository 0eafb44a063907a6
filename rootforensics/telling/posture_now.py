"""Sentences on the risks that the last check of each account found, and on contradictions between AWS and the logs."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.verdict import questions
from rootforensics.phrases import at, between, plural, some, some_of
from rootforensics.telling.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: How many risks are named.
_NAMED: Final = 5


def open_now(case: Asks) -> dict[str, Statement]:
    """By account, a sentence on its open risks; none for accounts that were not checked."""
    statements = {}
    for account, group in groupby(case.query("posture").rows, lambda row: row["account_id"]):
        rows = list(group)
        exposures = [row["exposure"] for row in rows if row["exposure"]]
        unknown = sum(row["answer"] == "unknown" for row in rows)
        where = f"in account {account or 'unknown'} ({as_of(rows)})"
        text = f"Open risks {where}: {some(exposures, _NAMED, '; ')}." if exposures else f"No control failed {where}."
        if unknown:
            text += f" {plural(unknown, 'control')} could not be checked."
        statements[account] = Statement(text, "bad" if exposures else "note", stands_in="posture")
    return statements


def as_of(rows: Sequence[of.Posture]) -> str:
    """When AWS answered, and when the controls were last checked.

    An answer without a time does not take that of the check.
    """
    times = [row["answered_time"] for row in rows if row["answers"]]
    known = [time for time in times if time]
    when = between(min(known), max(known)) if known else "without a time"
    partial = ", some without a time" if known and len(known) < len(times) else ""
    return f"AWS answers {when}{partial}, checked {at(max(row['checked_time'] for row in rows))}"


def now_beside(case: Asks) -> dict[tuple[str, str], str]:
    """By account and verdict question, what the related controls found.

    The most severe comes first. Only reasons are stated, not that a control passed: the question may be broader.
    """
    reasons: dict[tuple[str, str], list[str]] = {}
    used: dict[tuple[str, str], list[of.Posture]] = {}
    unchecked: dict[tuple[str, str], list[str]] = {}
    for row in case.query("posture").rows:
        for question in (one for one in questions.QUESTIONS if row["control_id"] in one.controls):
            key = row["account_id"], question.name
            if row["answer"] == "unknown":
                unchecked.setdefault(key, []).append(row["control_id"])
            else:
                used.setdefault(key, []).append(row)
                reasons.setdefault(key, []).append(f"{row['control_id']}: {row['why'].rstrip('.')}")
    texts = {}
    for key in {**reasons, **unchecked}:
        missing = [f"not checked: {', '.join(unchecked[key])}"] if key in unchecked else []
        times = f" ({as_of(used[key])})" if key in used else ""
        texts[key] = f"{'; '.join([*reasons.get(key, []), *missing])}{times}"
    return texts


def tell_posture(case: Asks) -> Iterator[Statement]:
    """Open risks, what the logs lack although they cover it, and what they do not cover."""
    risks = open_now(case)
    yield from risks.values()
    rows = case.query("posture_findings").rows if risks else []
    for row in rows:
        if row["standing"] == "contradiction":
            text = f"AWS and the logs contradict each other in account {row['account_id']}: {row['why']}"
            yield Statement(text, "bad", stands_in="posture")
    if gaps := [row["title"] for row in rows if row["standing"] == "gap"]:
        yield Statement(f"AWS reports what the logs do not cover: {some_of(gaps)}.", "note", stands_in="posture")
