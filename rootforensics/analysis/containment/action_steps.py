"""What the catalogue of actions has to undo, of things that are in force at the end of the logs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.containment.detective_controls import ELSEWHERE
from rootforensics.analysis.containment.step import POSSIBLY, Step, filled
from rootforensics.analysis.phrases import some
from rootforensics.evidence.cite import place_text
from rootforensics.rules.actions import SEVERITIES
from rootforensics.rules.things import ENDINGS, shorten
from rootforensics.rules.undo import one_each, undo_of, usual_undo

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from rootforensics.analysis.lineage.entity import Deed, Thing
    from rootforensics.analysis.verdict.evidence import Ground
    from rootforensics.queries.result import Row

#: Lanes of the catalogue by what is to be done first: keep strangers out, give the account its guards back, close what
#: lies open, stop what costs.
_TURNS: Final = (
    ("sign-ins", "credentials", "privileges", "persistence"),
    ("defence-evasion", "recovery", "impact"),
    ("data",),
    ("resources", "billing", "discovery"),
)
#: Lanes of calls that a step answers although no thing is known that they made.
_WITHOUT_THING: Final = ("credentials", "privileges", "persistence", "resources", "billing")
#: Others open sessions as root by these; what root or its descendants open is known as a thing.
_OPENINGS: Final = ("AssumeRoot",)
_SHOWN: Final = 3
#: Writes whom a role trusts; of several such calls one is undone.
TRUST: Final = "UpdateAssumeRolePolicy"
#: Why a change of a policy is not undone at once, by its effect as ``policy_changes`` tells it, or by whom it lets in.
_ASK_FIRST: Final = {
    "takes": "it took rights away and gave none, so ask first; ",
    "limits": "all that it says is a denial, so ask first what it took the place of; ",
    "unknown": "what the policy says is not known here, so ask first; ",
    "services": "it lets in AWS services alone, or nobody, so ask first; ",
}
#: What is done about a policy that only denies: to take it away helps nobody but whom it denies something.
_OF_DENIALS: Final = {
    "undo": "Leave the policy, and put the former text back if that denied more",
    "undo_command": None,
    "matters": "Nobody gained rights by what it says",
}


@dataclass(slots=True)
class Due:
    """One call that is to be undone, and the things that are there by it.

    Attributes:
        action: the row of the catalogue that speaks of it.
        deed: what it did to the first of the things.
        things: those that are there.
        effect: of the change of a policy, as ``policy_changes`` tells it, or by whom it lets in.
    """

    action: Row
    deed: Deed
    effect: str = ""
    things: list[Thing] = field(default_factory=list)


def turn_of(action: Row) -> int:
    """When an action is to be undone: 0 for the first, 3 for the last."""
    return next((place for place, lanes in enumerate(_TURNS) if action["lane"] in lanes), len(_TURNS) - 1)


def catalogued_steps(
    ground: Ground,
    has_its_step: Callable[[Row, Thing], bool],
    unanswered: Collection[str],
    approved: Collection[str],
) -> list[tuple[int, Step]]:
    """Steps, each with its turn; in a turn the gravest come first.

    Args:
        ground: what the verdict stands on.
        has_its_step: whether a thing, by its row of the blast radius, has a step of its own.
        unanswered: events by which something ceased to watch, of which nothing but the catalogue has a command.
        approved: places of events that were done as approved.
    """
    actions = {
        place_text(row): undo_of(row["action_id"]) for row in (*ground.followed, *ground.perhaps) if "action_id" in row
    }
    found = [(one.action, _step(one)) for one in _due(ground, actions, has_its_step, unanswered, approved)]
    found += _without_things(ground, approved)
    ordered = sorted(found, key=lambda one: (turn_of(one[0]), -SEVERITIES.index(one[0]["severity"])))
    return [
        (turn_of(action), step.unless_approved(approved))
        for action, step in ordered
        if step.command or step.place not in unanswered
    ]


def is_grave(action: Row) -> bool:
    """Whether what a call did must not stay: it costs, it is dangerous, or it may let somebody in."""
    if not action["undo"] or action["severity"] in ("info", "low"):
        return False
    return bool(action["costs"]) or action["severity"] != "medium" or turn_of(action) == 0


def _due(
    ground: Ground,
    actions: Mapping[str, Row | None],
    has_its_step: Callable[[Row, Thing], bool],
    unanswered: Collection[str],
    approved: Collection[str],
) -> Iterable[Due]:
    found: dict[tuple[Any, ...], Due] = {}
    closing = ground.closing
    policies = {place_text(row): row.get("policy_effect") for row in (*ground.followed, *ground.perhaps)}
    for row, thing in ground.reached:
        if has_its_step(row, thing) or row["state"] in ("removed", "disabled", "expired"):
            continue
        for deed in thing.reached:
            event = place_text(deed.row)
            usual = usual_undo(deed.row["eventSource"], deed.row["eventName"])
            action = actions.get(event) or usual
            # What watches is judged by what the call asked for, and by what was mended since.
            if usual and usual["watcher"] not in (None, *ELSEWHERE) and event not in unanswered:
                continue
            if event in closing and policies.get(event) != "takes":
                continue
            if deed.row["eventName"] == TRUST and deed is not _trust_to_undo(row, thing, approved):
                continue
            # AWS's own allow-all: an account without it may do nothing.
            if deed.row["eventName"] == "AttachPolicy" and policies.get(event) == "gives":
                continue
            if action and deed.effect not in ENDINGS and is_grave(action):
                alone = deed.thing.name if one_each(action["undo_command"] or "") else ""
                place = *deed.place, deed.thing.kind, alone
                to_services = deed.row["eventName"] == TRUST and row["trusts"] == "services"
                effect = "services" if to_services else policies.get(event)
                found.setdefault(place, Due(action, deed, effect or "")).things.append(thing)
    return found.values()


def _trust_to_undo(row: Row, thing: Thing, approved: Collection[str]) -> Deed | None:
    """Root's first change of whom a role trusts that nobody approved; none if others shut strangers out since.

    The former policy is the one before it: before a later one it is root's own.
    """
    if row["trusts"] in ("services", "account") and not any(deed.actor for deed in thing.trusting):
        return None
    written = [deed for deed in thing.reached if deed.row["eventName"] == TRUST]
    return next((deed for deed in written if place_text(deed.row) not in approved), written[0])


def _bare(name: str) -> str:
    """A name without the Region before it."""
    return name.rpartition("/")[2]


def _step(due: Due) -> Step:
    names = [thing.new_name or thing.key.name for thing in due.things]
    action = due.action | (_OF_DENIALS if due.effect == "limits" else {})
    what = f"{action['undo'].rstrip('.')}: {due.deed.thing.kind} {some(names, _SHOWN)}"
    row = due.deed.row
    command = filled(action["undo_command"] or "", _values(due))
    possible = all(thing.certainty == "possible" for thing in due.things)
    why = f"{POSSIBLY if possible else _ASK_FIRST.get(due.effect, '')}{_why(action)}"
    return Step(what, why, command, due.deed.thing.account_id, row["eventID"], place_text(row))


def _why(action: Row) -> str:
    return str(action["matters"]).rstrip(".")


def _values(due: Due) -> dict[str, list[str]]:
    """What the command needs of the record: of things those that are there, under the names that they have now."""
    kind = due.deed.thing.kind
    now = {_bare(thing.key.name): thing.new_name and _bare(thing.new_name) for thing in due.things}
    found: dict[str, list[str]] = {}
    for path, values in due.deed.asked.items():
        there = [now[name] or one for one in values if (name := _bare(shorten(kind, one))) in now]
        found[path] = there or list(dict.fromkeys(values))
    return found | _everywhere(due.deed.row["awsRegion"], due.deed.thing.account_id)


def _everywhere(region: str | None, account_id: str) -> dict[str, list[str]]:
    """What every record has."""
    return {"awsRegion": [region] if region else [], "recipientAccountId": [account_id]}


def _without_things(ground: Ground, approved: Collection[str]) -> Iterable[tuple[Row, Step]]:
    """Steps for calls that reached no thing of which the blast radius knows, each kind of call once."""
    known = {place for row in ground.things for place in row["places"]}
    known |= {place_text(row) for rows in (ground.credentials, ground.sign_ins) for row in rows} | ground.closing
    found: dict[tuple[Any, ...], tuple[Row, Row, int]] = {}
    for row in ground.followed:
        action = undo_of(row["action_id"])
        if row["deed"] != "done" or place_text(row) in known or not action or row["eventName"] in _OPENINGS:
            continue
        if action["lane"] in _WITHOUT_THING and is_grave(action):
            place = row["account_id"], row["awsRegion"], action["action_id"], place_text(row) in approved
            first, _, count = found.get(place, (row, action, 0))
            found[place] = first, action, count + 1
    for row, action, count in found.values():
        times = f" ({count:,} calls)" if count > 1 else ""
        command = filled(action["undo_command"] or "", _everywhere(row["awsRegion"], row["account_id"] or ""))
        what = f"{action['undo'].rstrip('.')}: {row['eventName']}{times}"
        yield action, Step(what, _why(action), command, row["account_id"] or "", row["eventID"], place_text(row))
