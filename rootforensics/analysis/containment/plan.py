"""Containment and recovery, in order, each step with the AWS CLI command filled in from the evidence.

The commands are printed and never run. What comes first keeps whoever used root out; what comes last stops the bill.
Which steps there are, and their order, ``rules/containment.toml`` says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rootforensics.analysis.containment.action_steps import catalogued_steps
from rootforensics.analysis.containment.answer_steps import answer_steps
from rootforensics.analysis.containment.detective_controls import watching_again
from rootforensics.analysis.containment.entity_steps import EntitySteps
from rootforensics.rules.undo import measures

if TYPE_CHECKING:
    from rootforensics.analysis.containment.step import Step
    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.analysis.verdict.question import Answer


def containment(answers: list[Answer], evidence: Evidence, approved: frozenset[str]) -> list[Step]:
    """What to do, in order.

    Args:
        answers: the verdict.
        evidence: what it stands on.
        approved: the places of events that were done as approved: what they did is asked for first.
    """
    watching = [step.unless_approved(approved) for step in watching_again(evidence)]
    unanswered = {step.citation for step in watching if not step.command}
    undoing = catalogued_steps(evidence, unanswered, approved)
    undone = {step.citation for _, step in undoing}
    entities = EntitySteps(evidence, approved, undone, {step.citation for _, step in undoing if step.command})
    steps: list[Step] = []
    for one in measures("step"):
        if "question" in one:
            steps += answer_steps(one, answers, evidence)
        elif "categories" in one:
            steps += [step for category, step in undoing if category in one["categories"]]
        elif "kind" in one:
            steps += entities.steps(one)
        else:
            steps += [step for step in watching if step.command or step.citation not in undone]
    return [step.with_reason() for step in steps]
