"""What is open now by the last check of each account, and where AWS and the logs contradict each other: sentences."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.verdict import questions
from rootforensics.phrases import and_more, at, between, plural, some_of
from rootforensics.telling.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: Of what is open, so much is named.
_NAMED: Final = 5


def open_now(case: Asks) -> dict[str, Statement]:
    """By account a sentence on what is open; none of accounts that were not checked."""
    found = {}
    for account, of_it in groupby(case.query("posture").rows, lambda row: row["account_id"]):
        rows = list(of_it)
        exposures = [row["exposure"] for row in rows if row["exposure"]]
        unknown = sum(row["answer"] == "unknown" for row in rows)
        beside = f"; {plural(unknown, 'control')} could not be answered" if unknown else ""
        more = and_more(len(exposures) - _NAMED)
        told = "; ".join([*exposures[:_NAMED], *([more] if more else [])]) or "nothing in what was read"
        text = f"Open in account {account or 'unknown'}, {as_of(rows)}: {told}{beside}."
        found[account] = Statement(text, "bad" if exposures else "note", stands_in="posture")
    return found


def as_of(rows: Sequence[of.Posture]) -> str:
    """When AWS gave the answers on which some controls stand, and when these were last judged.

    Answers without a time are of whatever time, and not of that of the check.
    """
    asked = [row["answered_time"] for row in rows if row["answers"]]
    known = [one for one in asked if one]
    when = between(min(known), max(known)) if known else "at a time that they do not tell"
    beside = ", some at a time that they do not tell" if known and len(known) < len(asked) else ""
    return f"by answers that AWS gave {when}{beside} (checked {at(max(row['checked_time'] for row in rows))})"


def now_beside(case: Asks) -> dict[tuple[str, str], str]:
    """By account and name of a question of the verdict, why the controls on the same matter stand now as they do.

    The most severe first; no word says that a control is as it should be, for the question may be about another matter.
    """
    told: dict[tuple[str, str], list[str]] = {}
    used: dict[tuple[str, str], list[of.Posture]] = {}
    lacking: dict[tuple[str, str], list[str]] = {}
    for row in case.query("posture").rows:
        for question in (one for one in questions.QUESTIONS if row["control_id"] in one.controls):
            key = row["account_id"], question.name
            if row["answer"] == "unknown":
                lacking.setdefault(key, []).append(row["control_id"])
            else:
                used.setdefault(key, []).append(row)
                told.setdefault(key, []).append(f"{row['control_id']}: {row['why'].rstrip('.')}")
    beside = {key: f"not checked: {', '.join(names)}" for key, names in lacking.items()}
    when = {key: as_of(rows) for key, rows in used.items()}
    parts = {key: filter(None, [*told.get(key, []), beside.get(key), when.get(key)]) for key in {**told, **beside}}
    return {key: "; ".join(told_of_it) for key, told_of_it in parts.items()}


def tell_posture(case: Asks) -> Iterator[Statement]:
    """What is open, what covered logs lack, and what they do not cover."""
    told = open_now(case)
    yield from told.values()
    rows = case.query("posture_findings").rows if told else []
    for row in rows:
        if row["standing"] == "contradiction":
            text = f"AWS and the logs contradict each other in account {row['account_id']}: {row['why']}"
            yield Statement(text, "bad", stands_in="posture")
    if gaps := [row["title"] for row in rows if row["standing"] == "gap"]:
        yield Statement(f"What AWS tells and the logs do not cover: {some_of(gaps)}.", "note", stands_in="posture")
