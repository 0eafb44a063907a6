"""The failed checks of a verdict as statements: what was done, by the acts that the answer cites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.phrases import short, sortable
from rootforensics.rules.actions import SEVERITIES
from rootforensics.telling.acts import acts_of, clauses_of
from rootforensics.telling.answers import because_of, proof_of
from rootforensics.telling.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.analysis.verdict.question import Answer

#: Clauses of a check that are shown, and letters of what it stands on.
_CLAUSES: Final = 4
_WIDTH: Final = 260


def failed_checks(analysis: Analysis, failed: Iterable[Answer]) -> list[Statement]:
    """The failed checks of an account, in order of time, each with what it is about before a colon.

    Args:
        analysis: of the case.
        failed: answers of the verdict on the account.
    """
    return [
        Statement(
            f"{answer.asked.short[:1].upper()}{answer.asked.short[1:]}: {_shown(analysis, answer)}",
            "bad",
            **proof_of(analysis, answer),
            from_time=answer.first_time,
            kind=answer.name,
        )
        for answer in sorted(failed, key=lambda answer: sortable(answer.first_time))
    ]


def _shown(analysis: Analysis, answer: Answer) -> str:
    """What was done, the most severe first, if each cited event is an act that succeeded; else what the answer says."""
    acts = [acts_of(analysis).get(place) for place in answer.citations]
    known = [act for act in acts if act and act.outcome == "succeeded"]
    if answer.asked.is_broad or answer.asked.entry or answer.asked.left or not known or len(known) < len(acts):
        text = because_of(analysis, answer)
    else:
        severe = sorted(known, key=lambda act: -SEVERITIES.index(act.severity))
        clauses = [clause.did for clause in clauses_of(severe)]
        more = f"; and {len(clauses) - _CLAUSES} more" if len(clauses) > _CLAUSES else ""
        text = f"{'; '.join(clauses[:_CLAUSES])}{more}"
    doubt = f"; {answer.doubt}" if answer.doubt else ""
    return short(text, _WIDTH) + doubt
