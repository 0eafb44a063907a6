"""Containment and recovery, in order, each step with the AWS CLI command filled in from the evidence.

The commands are printed and never run. What comes first keeps whoever used root out; what comes last stops the bill.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from rootforensics.analysis.containment.action_steps import TRUST, catalogued_steps
from rootforensics.analysis.containment.answer_steps import answer_steps
from rootforensics.analysis.containment.detective_controls import watching_again
from rootforensics.analysis.containment.entity_steps import ENDED_IF_MADE, LOOKED_AT, command_of, is_told
from rootforensics.analysis.containment.step import APPROVED, POSSIBLY, Step
from rootforensics.analysis.lineage.effects import ROOT_NAME
from rootforensics.analysis.lineage.persistence import lets_in
from rootforensics.evidence.cite import place_text
from rootforensics.rules.undo import measures

if TYPE_CHECKING:
    from rootforensics.analysis.lineage.entity import Entity
    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.analysis.verdict.question import Answer
    from rootforensics.queries import rows as of

#: Where the steps of the catalogue stand, by their turn, before those of a kind.
_TURNS: Final = {"snapshot": 1, "bucket": 2, "Lambda function": 3}


def containment(answers: list[Answer], evidence: Evidence, approved: frozenset[str]) -> list[Step]:
    """What to do, in order.

    Args:
        answers: the verdict.
        evidence: what it stands on.
        approved: the places of events that were done as approved: what they did is asked for first.
    """
    steps = [*answer_steps(answers, evidence)]
    closing = evidence.closing
    exposing = {place_text(row) for row in (*evidence.followed, *evidence.perhaps) if row["exposes"]} - closing
    entities, watching = _entities(evidence), [step.unless_approved(approved) for step in watching_again(evidence)]
    unanswered = {step.citation for step in watching if not step.command}
    catalogued = catalogued_steps(evidence, _has_its_step, unanswered, approved)
    better = {step.citation for _, step in catalogued}
    trusts = {
        place_text(one.row) for _, entity in evidence.reached for one in entity.reached if one.row["eventName"] == TRUST
    }
    undone = {step.citation for _, step in catalogued if step.command}
    for one in measures("kind"):
        turn = _TURNS.get(one["kind"])
        if turn == 1:  # what keeps strangers out comes before the record, what lies open after it
            steps += [step for place, step in catalogued if place == 0]
            steps += [step for step in watching if step.command or step.citation not in better]
        if turn:
            steps += [step for place, step in catalogued if place == turn]
        kind, _, states = one["kind"].partition("/")
        steps += [
            Step(
                f"{_told(one['what'], row)}: {kind} {row['entity_name']}{_now(row)}",
                _why(one["why"], row, approved),
                command_of(one, row),
                row["account_id"],
                row["eventID"],
                row["citation"],
            )
            for row in entities
            if row["entity_kind"] == kind
            and (row["state"] in states.split(",") if states else _is_due(row))
            and not (states and _is_due(row))
            and not ("if_exposed" in one and exposing.isdisjoint(row["citations"]))
            and not _only(row, closing)
            and not (
                states == "changed"
                and kind in ENDED_IF_MADE
                and (better | closing | trusts).issuperset(row["citations"])
            )
            and not (kind in LOOKED_AT and undone.intersection(row["citations"]))
        ]
    return [step.with_reason() for step in steps]


def was_made(entity: Entity) -> bool:
    """Whether root made an entity, or what descends from it."""
    return any(action.effect == "creates" for action in entity.reached)


def _has_its_step(row: of.BlastRadius, entity: Entity) -> bool:
    """Whether what is done about an entity, its kind tells."""
    return is_told(row["entity_kind"]) and (row["entity_kind"] not in ENDED_IF_MADE or was_made(entity))


def _entities(evidence: Evidence) -> list[of.Owned]:
    """Entities with whom they belong to, and keys of root's own that were there before and that it used."""
    reached: list[of.Owned] = [
        {
            **row,
            "owner": (entity.parent.new_name if entity.parent else "") or entity.first.owner,
            "was_made": was_made(entity),
            "actor_arn": entity.first.row["actor"],
        }
        for row, entity in evidence.reached
    ]
    used = [row for row in evidence.own_keys.values() if row["effect"] == "uses"]
    return [*reached, *cast("list[of.Owned]", used)]


def _told(what: str, row: of.Owned) -> str:
    """What to do; the policy by which AssumeRoot works on root's own credentials lets it delete them alone."""
    if row["entity_kind"] == "console password" and row["entity_name"] == ROOT_NAME:
        return f"{what}: open a session by AssumeRoot, and in it: aws iam delete-login-profile"
    if row["entity_kind"] in ("access key", "signing certificate") and row["depth"] == 1 and not row["detail"]:
        return f"{what} as root; by AssumeRoot (IAMDeleteRootUserCredentials) it can only be deleted"
    return what


def _why(why: str, row: of.Owned, approved: frozenset[str]) -> str:
    if _only(row, approved):
        return APPROVED
    return f"{POSSIBLY}{why}" if row["certainty"] == "possible" else why


def _now(row: of.Owned) -> str:
    """The name that an entity has at the end of the logs, if that is another."""
    return f" (now {row['current_name']})" if row["current_name"] else ""


def _only(row: of.Owned, places: frozenset[str]) -> bool:
    """True if nothing but these events reached an entity."""
    own = row["citations"] or ()  # keys that were there before have none
    return bool(own) and places.issuperset(own)


def _is_due(row: of.Owned) -> bool:
    """True for an entity that is there and on; of what root did not make the change is undone."""
    if row["entity_kind"] in ENDED_IF_MADE and not row["was_made"]:
        return False
    if row["entity_kind"] == "role" and lets_in(row) != "yes":
        return False
    return row["state"] not in ("disabled", "removed", "expired")
