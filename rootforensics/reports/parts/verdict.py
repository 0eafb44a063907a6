"""The verdict: the questions of a root incident, answered for each account in which root was active."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.phrases import plural
from rootforensics.reports.parts import Part
from rootforensics.reports.parts.material import Made

if TYPE_CHECKING:
    from rootforensics.analysis.analysis import AccountVerdict
    from rootforensics.reports.parts.material import Material

#: So many tables are read; of more accounts the page shows a line each, which unfolds.
_IN_SIGHT: Final = 3


def build(material: Material) -> dict[str, Any]:
    """The answers, account by account, the one with the most to answer for first."""
    verdicts, uses = material.case.ran.noted(lambda: material.case.verdicts)
    material.made["verdict"] = Made(
        "The verdict",
        "Was root used, how, by what right, and what followed, for each account in which it was active?",
        "What the questions under it miss. No is said only where the logs of the account could have shown a yes; where "
        "they could not, the answer is unknown and names what is missing.",
        "verdict",
        uses,
        sum(len(one.answers) for one in verdicts),
    )
    in_sight = [one for one in material.verdicts if one.alarming_count][:_IN_SIGHT] or material.verdicts[:1]
    return {
        "open": in_sight,
        "folded": [_folded(one) for one in material.verdicts if one not in in_sight],
        "account_count": len(verdicts),
    }


def _folded(one: AccountVerdict) -> dict[str, Any]:
    """The answers on an account, and the one line that tells what they come to."""
    unknown_count = sum(answer.answer == "unknown" for answer in one.answers)
    severe = f"{plural(one.alarming_count, 'bad answer')}" if one.alarming_count else "no bad answer"
    used = next((answer.answer for answer in one.answers if answer.name == "used_by_person"), "unknown")
    person = {"yes": "root was used by a person", "no": "no person used root"}.get(used, "use by a person is unknown")
    return {
        "account_id": one.account_id,
        "answers": one.answers,
        "told": f"{person}; {severe}, {unknown_count} unknown, of {len(one.answers)}",
    }


PART = Part("verdict", "Verdict", 11, build)
