"""What the catalogue of actions has to undo, of entities that are in force at the end of the logs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.containment.detective_controls import has_step_of_entity
from rootforensics.analysis.containment.entity_steps import has_its_step, is_closed
from rootforensics.analysis.containment.step import POSSIBLY, Step, dated, filled, region_last, worded
from rootforensics.analysis.exposure.lifecycles import lifecycle_effects
from rootforensics.analysis.exposure.policies import denies_something
from rootforensics.analysis.lineage.effects import moment_of
from rootforensics.analysis.lineage.entity import TRUST
from rootforensics.analysis.remarks import remarks_on
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import some
from rootforensics.rules.actions import SEVERITIES
from rootforensics.rules.entities import ENDINGS, shorten
from rootforensics.rules.undo import deadline_of, deletion_of, measures, one_each, undo_in_words, undo_of, usual_undo

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from rootforensics.analysis.lineage.entity import Action, Entity
    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.queries import rows as of

#: Others open sessions as root by these; what root or its descendants open is known as an entity.
_OPENINGS: Final = ("AssumeRoot",)
#: Entities whose calls are undone in one step: whoever deactivates a device also deletes it.
_IN_ONE_STEP: Final = ("MFA device",)
_SHOWN: Final = 3
_SOON: Final = timedelta(days=2)
#: How the catalogue names the moment at which S3 applies lifecycle rules.
_MIDNIGHT: Final = " S3 applies them from the next midnight UTC"
#: Where one of two policies has a Deny.
_REVIEW: Final = (
    "Before you restore the previous policy, review it. One of the recorded policies has a Deny, which may lock you "
    "out."
)
#: Why a change of a policy is not undone at once, by its effect as ``policy_changes`` tells it, or by whom it lets in.
_ASK_FIRST: Final = {
    "takes": "the change only removed permissions",
    "limits": "the policy contains only deny statements",
    "unknown": "the content of the policy is not known",
    "services": "it trusts only AWS services, or nobody",
}


@dataclass(slots=True)
class Due:
    """One call that is to be undone, and the entities that are there by it.

    Attributes:
        entry: the row of the catalogue that speaks of it.
        action: what it did to the first of the entities.
        entities: those that are there.
        effect: of the change of a policy, as ``policy_changes`` tells it, or by whom it lets in.
        former: the call that last wrote the same before, in words; empty where the logs have none.
        former_denies: whether the policy that it wrote has a Deny statement.
        before: an earlier call about the same entity that this step undoes as well.
        request: ``requestParameters`` of the call, as JSON; None where it is not known.
    """

    entry: of.ActionsTable
    action: Action
    effect: str = ""
    former: str = ""
    entities: list[Entity] = field(default_factory=list)
    before: Due | None = None
    request: str | None = None
    former_denies: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        """What is undone at one go: a call, or what it did to one entity if the command takes one."""
        alone = self.action.entity.name if one_each(self.entry["undo_command"] or "") else ""
        return *self.action.place, self.action.entity.kind, alone


def catalogued_steps(
    evidence: Evidence, unanswered: Collection[str], approved: Collection[str], noted: Collection[str]
) -> list[tuple[str, Step]]:
    """Steps, each with the category of its call; the most severe come first.

    Args:
        evidence: what the verdict stands on.
        unanswered: events by which something ceased to watch, of which nothing but the catalogue has a command.
        approved: places of events that were done as approved.
        noted: events whose effect a note says was dealt with, by place or eventID.
    """
    actions = {
        place_text(row): undo_of(row["action_id"] or "")
        for row in (*evidence.followed, *evidence.perhaps)
        if "action_id" in row
    }
    undoing = [
        (due.entry, _step(due, evidence.covered.end)) for due in _due(evidence, actions, unanswered, approved, noted)
    ]
    undoing += _without_entities(evidence, approved)
    undoing.sort(key=lambda pair: -SEVERITIES.index(pair[0]["severity"]))
    return [
        (
            entry["category"],
            replace(step, deadline=step.deadline or deadline_of(entry["action_id"])).unless_approved(approved),
        )
        for entry, step in undoing
        if step.command or step.citation not in unanswered
    ]


def is_severe(entry: of.ActionsTable) -> bool:
    """Whether what a call did must not stay: it costs, is dangerous, may let somebody in, or is soon past recovery."""
    measure = _measure_of(entry)
    is_always = deadline_of(entry["action_id"]) or entry["action_id"] in measure.get("also", ())
    least = "info" if is_always else "medium" if entry["costs"] else measure.get("severity", "high")
    return bool(entry["undo"]) and SEVERITIES.index(entry["severity"]) >= SEVERITIES.index(least)


def _measure_of(entry: of.ActionsTable) -> of.Measure:
    return next(row for row in measures("step") if entry["category"] in row.get("categories", ()))


def _due(
    evidence: Evidence,
    actions: Mapping[str, of.ActionsTable | None],
    unanswered: Collection[str],
    approved: Collection[str],
    noted: Collection[str],
) -> Iterable[Due]:
    dues: dict[tuple[object, ...], Due] = {}
    closing = evidence.closing
    policies = {place_text(row): row.get("policy_effect") for row in (*evidence.followed, *evidence.perhaps)}
    remarks = {place_text(row): remarks_on(row) for row in (*evidence.followed, *evidence.perhaps)}
    requests = {place_text(row): row.get("requestParameters") for row in (*evidence.followed, *evidence.perhaps)}
    for row, entity in evidence.reached:
        if has_its_step(row, entity) or is_closed(row, noted):
            continue
        is_over = row["state"] in ("removed", "disabled", "expired", "undone")
        for action in entity.reached:
            event, call = place_text(action.row), action.row["eventName"]
            usual = usual_undo(action.row["eventSource"] or "", call or "")
            entry = actions.get(event) or usual
            # What is deleted after a waiting time can be restored until then.
            is_recoverable = bool(entry and deadline_of(entry["action_id"]))
            can_be_restored = is_recoverable and event == row["ended_citation"] and row["state"] == "removed"
            if (is_over or action.effect in ENDINGS) and not can_be_restored:
                continue
            # A detective control is judged by what the call asked for, and by what was mended since.
            if _is_of_a_control(usual) and event not in unanswered and not is_recoverable:
                continue
            if event in closing and policies.get(event) != "takes":
                continue
            if call == TRUST and action is not _trust_to_undo(row, entity, approved):
                continue
            # AWS's own allow-all: an account without it may do nothing.
            is_allow_all = call == "AttachPolicy" and policies.get(event) == "gives"
            if entry and is_severe(entry) and not is_allow_all:
                to_services = call == TRUST and row["trusts"] == "services"
                effect = ("services" if to_services else policies.get(event)) or ""
                remark = remarks.get(event, {})
                due = Due(entry, action, effect, remark.get("former", ""), request=requests.get(event))
                due.former_denies = remark.get("former_denies", False)
                key: tuple[object, ...] = due.key
                if action.entity.kind in _IN_ONE_STEP:
                    key = (id(entity),)
                    due.before = dues.pop(key, None)
                dues.setdefault(key, due).entities.append(entity)
    return dues.values()


def _is_of_a_control(entry: of.ActionsTable | None) -> bool:
    """Whether a call is about a detective control whose steps are not those of an entity."""
    return bool(entry and entry["control"] and not has_step_of_entity(entry))


def _trust_to_undo(row: of.BlastRadius, entity: Entity, approved: Collection[str]) -> Action | None:
    """Root's first change of whom a role trusts that nobody approved; none if others shut strangers out since.

    The former policy is the one before it: before a later one it is root's own.
    """
    if row["trusts"] in ("services", "account") and not any(action.actor for action in entity.trusting):
        return None
    written = [action for action in entity.reached if action.row["eventName"] == TRUST]
    return next((action for action in written if place_text(action.row) not in approved), written[0])


def _bare(name: str) -> str:
    """A name without the Region before it."""
    return name.rpartition("/")[2]


def _of_denials(entry: of.ActionsTable) -> of.ActionsTable:
    """What is done about a policy that only denies: to take it away helps nobody but whom it denies something."""
    return {
        **entry,
        "undo": "Keep the policy, but restore the former text if that denied more",
        "undo_command": None,
        "matters": "Nobody gained permissions through it.",
    }


def _step(due: Due, end: datetime | None) -> Step:
    names = [region_last(entity.new_name or entity.key.name) for entity in due.entities]
    entry = _of_denials(due.entry) if due.effect == "limits" else due.entry
    undo, template = undo_in_words(entry, due.former)
    row = due.action.row
    deletion = _deletion(due)
    undo = dated(_dated(undo, row["eventTime"], end), deletion, end)
    commands = [filled(template, _values(due)), _step(due.before, end).command if due.before else ""]
    possible = all(entity.certainty == "possible" for entity in due.entities)
    kind, account_id = due.action.entity.kind, due.action.entity.account_id
    about = (kind, names[0]) if len(names) == 1 else ("", f"{kind} {some(names, _SHOWN)}")
    return Step(
        **worded(undo, account_id, *about),
        why=_reason(entry, due),
        command="\n".join(filter(None, commands)),
        event_id=row["eventID"],
        citation=place_text(row),
        ask=POSSIBLY if possible else _ASK_FIRST.get(due.effect, ""),
        # What is deleted soon after the end of the logs is lost within hours.
        deadline=("hours" if end and deletion - end <= _SOON else "days") if deletion else "",
        due=deletion,
    )


def _reason(entry: of.ActionsTable, due: Due) -> str:
    """What follows from a call, by its request where that shows more than the catalogue knows."""
    effects = lifecycle_effects(due.request) if entry["action_id"] == "s3-put-bucket-lifecycle" else []
    if due.former and (due.former_denies or denies_something(due.request)):
        return f"{_REVIEW} {entry['matters']}"
    if not effects:
        return entry["matters"]
    rules = f"The rule {effects[0]}." if len(effects) == 1 else f"One rule {some(effects, by=', one ')}."
    return f"{rules} CloudTrail does not log these deletions." if "deletes " in rules else rules


def _deletion(due: Due) -> datetime | None:
    """When what a call deletes is gone, as its answer or its request tells; None if it is gone at once or never."""
    rule, time = deletion_of(due.entry["action_id"]), due.action.row["eventTime"]
    if rule is None:
        return None
    named = next((moment for text in due.action.asked.get(rule["at"], ()) if (moment := moment_of(text))), None)
    days = next((int(text) for text in due.action.asked.get(rule["days_at"], ()) if text.isdecimal()), rule["days"])
    return named or (time + timedelta(days=days) if time else None)


def _dated(undo: str, time: datetime | None, end: datetime | None) -> str:
    """What to do, with the date of the first midnight after the call; at once if the logs go beyond it."""
    if time is None or end is None or _MIDNIGHT not in undo:
        return undo
    first = datetime.combine(time.date() + timedelta(days=1), datetime.min.time())
    date = f"{first:%Y-%m-%d %H:%M} UTC"
    is_past = end.replace(tzinfo=None) > first
    if not is_past:
        return undo.replace(f".{_MIDNIGHT}", "").replace("At once", f"Before {date}")
    return undo.replace(_MIDNIGHT, f" S3 may have applied them since {date}")


def _values(due: Due) -> dict[str, list[str]]:
    """What the command needs of the record: of entities those that are there, under the names that they have now."""
    kind = due.action.entity.kind
    now = {_bare(entity.key.name): entity.new_name and _bare(entity.new_name) for entity in due.entities}
    by_path: dict[str, list[str]] = {}
    for path, values in due.action.asked.items():
        current = [now[name] or value for value in values if (name := _bare(shorten(kind, value))) in now]
        by_path[path] = current or list(dict.fromkeys(values))
    return by_path | _everywhere(due.action.row["awsRegion"], due.action.entity.account_id)


def _everywhere(region: str | None, account_id: str) -> dict[str, list[str]]:
    """What every record has."""
    return {"awsRegion": [region] if region else [], "recipientAccountId": [account_id]}


def _without_entities(evidence: Evidence, approved: Collection[str]) -> Iterable[tuple[of.ActionsTable, Step]]:
    """Steps for calls that reached no entity of which the blast radius knows, each kind of call once."""
    known = {place for row in evidence.entities for place in row["citations"]}
    known |= {place_text(row) for rows in (evidence.credentials, evidence.sign_ins) for row in rows} | evidence.closing
    calls: dict[tuple[Any, ...], tuple[of.Call, of.ActionsTable, int]] = {}
    for row in evidence.followed:
        entry = undo_of(row["action_id"] or "")
        if row["result"] != "succeeded" or place_text(row) in known or not entry or row["eventName"] in _OPENINGS:
            continue
        has_step = deadline_of(entry["action_id"]) or entry["category"] in _measure_of(entry).get("without_entity", ())
        if has_step and is_severe(entry):
            key = row["account_id"], row["awsRegion"], entry["action_id"], place_text(row) in approved
            first, _, count = calls.get(key, (row, entry, 0))
            calls[key] = first, entry, count + 1
    for row, entry, count in calls.values():
        times = f" ({count:,} calls)" if count > 1 else ""
        undo, template = undo_in_words(entry, remarks_on(row).get("former", ""))
        command = filled(template, _everywhere(row["awsRegion"], row["account_id"] or ""))
        undo = _dated(undo, row["eventTime"], evidence.covered.end)
        yield (
            entry,
            Step(
                **worded(undo, row["account_id"] or "", name=f"{row['eventName']}{times}"),
                why=entry["matters"],
                command=command,
                event_id=row["eventID"],
                citation=place_text(row),
            ),
        )
