"""What became of the entities that root reached: still there at the end of the logs, or gone, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rootforensics.analysis.lineage.effects import descendant_key
from rootforensics.rules.entities import ENDINGS

if TYPE_CHECKING:
    from datetime import datetime

    from rootforensics.analysis.lineage.entity import Action, Entity, State
    from rootforensics.analysis.lineage.lifetimes import Lives
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks


def judge_ends(case: Asks, lives: Lives) -> None:
    """Set ``state`` and ``ended`` of every entity that was reached."""
    end = max((row["last_time"] for row in case.query("coverage").rows if row["last_time"]), default=None)
    for entity in lives.all:
        _judge(entity, end)
    for entity in lives.all:
        gone = _removal(entity.parent)
        if entity.state in ("active", "changed") and gone is not None:
            entity.state, entity.ended = "removed", gone
        if entity.state == "active" and (denied := _denied(entity)):
            entity.state, entity.ended = "disabled", denied
        if entity.state == "active" and entity.first.effect in ENDINGS:  # as it was before: nothing that is left of it
            entity.state = "back on"


def _judge(entity: Entity, end: datetime | None) -> None:
    """The last word on an entity counts; an entity that was only changed is still there, as far as the logs tell."""
    state: State | None = None
    actions = entity.actions[next(place for place, action in enumerate(entity.actions) if action.actor) :]
    for action in actions:
        if action.effect in ENDINGS:
            state, entity.ended = "removed" if action.effect == "removes" else "disabled", action
        elif action.effect == "changes":
            if state in (None, "removed") and (state is None or action.actor):
                state, entity.ended = "changed", None
        else:
            state, entity.ended = "active", None
    expires = max((action.expires_time for action in actions if action.expires_time), default=None)
    if _order_is_unknown([action for action in entity.actions if action.moment >= entity.first.moment]):
        state = "unknown"
    elif state == "active" and expires is not None and end is not None and expires <= end:
        state = "expired"
    entity.state = state or "unknown"


def _order_is_unknown(actions: list[Action]) -> bool:
    """Whether an entity's last end and the last time that it was made or switched on may have come the other way round.

    Records have whole seconds. An entity whose name AWS chose is made before it is removed.
    """
    ended = next((action for action in reversed(actions) if action.effect in ENDINGS), None)
    if ended is None:
        return False
    against = ["creates"] if ended.effect == "removes" else ["enables"]
    if ended.row["eventName"] == "UpdateLoginProfile":  # by others: root's own was a change
        against.append("changes")
    begun = next((action for action in reversed(actions) if action.effect in against), None)
    if begun is None or begun.named_by_aws:
        return False
    return ended.time == begun.time or (ended.time is None) or (begun.time is None and begun.effect != "creates")


def _denied(entity: Entity) -> Action | None:
    """The action by which a user or role was denied everything, if nothing took that away in its second or later."""
    written = [
        action for action in entity.actions if (action.row["eventName"] or "").endswith(("UserPolicy", "RolePolicy"))
    ]
    attached = [action for action in written if action.row["eventName"].startswith("Attach")]
    denials = [action for action in attached if action.detail.endswith(":aws:policy/AWSDenyAll")]
    denials += [action for action in written if action.denies_all]
    lifts = [action for action in written if action not in attached and not action.denies_all]
    for one in denials:
        since = max((action.moment for action in lifts if action.detail in ("", one.detail)), default=float("-inf"))
        if one.time and one.row["outcome"] == "success" and one.moment > since and one.moment >= entity.first.moment:
            return one
    return None


def _removal(parent: Entity | None) -> Action | None:
    """The action that removed what an entity belongs to, if that is gone."""
    if parent is None or parent.there:
        return None
    return next((action for action in reversed(parent.actions) if action.effect == "removes"), None)


def ask_use(case: Asks, lives: Lives, account_id: str) -> None:
    """Set ``use`` of every entity that can act and did."""
    for row in case.query("descendant_use", account_id=account_id).rows:
        entity = lives.at((row["made_evidence_id"], row["made_record_index"]), descendant_key(row))
        if entity is not None:
            entity.use = _together(entity.use, row) if entity.use else row


def _together(one: of.Used, other: of.Used) -> of.Used:
    """The use of one entity since several makings: each call is in one of them."""
    first = min(one, other, key=_begun)
    times = [time for use in (one, other) for time in (use["first_time"], use["last_time"]) if time]
    return {
        "first_eventID": first["first_eventID"],
        "first_citation": first["first_citation"],
        "event_count": one["event_count"] + other["event_count"],
        "write_count": one["write_count"] + other["write_count"],
        "write_unknown_count": one["write_unknown_count"] + other["write_unknown_count"],
        "first_time": min(times, default=None),
        "last_time": max(times, default=None),
        "source_ips": sorted({*(one["source_ips"] or ()), *(other["source_ips"] or ())}),
    }


def _begun(use: of.Used) -> tuple[bool, float]:
    return use["first_time"] is None, use["first_time"].timestamp() if use["first_time"] else 0.0
