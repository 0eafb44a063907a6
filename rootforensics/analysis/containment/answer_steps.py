"""Steps that give an account back to its owner: what is done where a question of the verdict has its bad answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rootforensics.analysis.containment.step import Step
from rootforensics.analysis.places import account_of
from rootforensics.evidence.cite import place_text
from rootforensics.rules.undo import measures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.analysis.verdict.question import Answer
    from rootforensics.queries import rows as of


def answer_steps(one: of.Measure, answers: list[Answer], evidence: Evidence) -> Iterator[Step]:
    """The steps of a row ``question`` of ``containment.toml``; none for a use that is as approved."""
    by_name = {answer.name: answer for answer in answers}
    asked = by_name[one["question"]]
    if not asked.alarming or any(answer.asked.by_approvals and answer.answer == "yes" for answer in answers):
        return
    if "calls" in one:
        yield from _for_each_account(one, asked, evidence)
        return
    own = {place_text(row) for rows in (evidence.timeline, evidence.credentials) for row in rows}
    cited = by_name[one.get("cites", one["question"])]
    pairs = zip(cited.event_ids, cited.citations, strict=True)
    yield Step(
        one["what"], one["why"], "", evidence.account_id, *next((pair for pair in pairs if pair[1] in own), (None, ""))
    )


def _for_each_account(one: of.Measure, answer: Answer, evidence: Evidence) -> Iterator[Step]:
    """A step for each account in which one of the calls was made."""
    rows = (row for row in measures("step") if row.get("question") == one["question"])
    named = {call for row in rows for call in row.get("calls", ())}
    first: dict[str, of.Named] = {}
    for row in answer.asked.calls(evidence):
        if row["eventName"] in one["calls"] or (not one["calls"] and row["eventName"] not in named):
            first.setdefault(account_of(row), row)
    for account, row in sorted(first.items(), key=lambda pair: (pair[0] != evidence.account_id, pair[0])):
        where = f" (account {account})" if account != evidence.account_id else ""
        yield Step(f"{one['what']}{where}", one["why"], "", account, row["eventID"], place_text(row))
