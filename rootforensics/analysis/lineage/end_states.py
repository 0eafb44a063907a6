"""What became of the things that root reached: still there at the end of the logs, or gone, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rootforensics.analysis.lineage.effects import descendant_key
from rootforensics.rules.things import ENDINGS

if TYPE_CHECKING:
    from datetime import datetime

    from rootforensics.analysis.lineage.entity import Deed, State, Thing
    from rootforensics.analysis.lineage.lifetimes import Lives
    from rootforensics.queries.result import Asks, Row


def judge_ends(case: Asks, lives: Lives) -> None:
    """Set ``state`` and ``ended`` of every thing that was reached."""
    end = max((row["last_time"] for row in case.query("coverage").rows if row["last_time"]), default=None)
    for thing in lives.all:
        _judge(thing, end)
    for thing in lives.all:
        gone = _removal(thing.parent)
        if thing.state in ("active", "changed") and gone is not None:
            thing.state, thing.ended = "removed", gone
        if thing.state == "active" and (denied := _denied(thing)):
            thing.state, thing.ended = "disabled", denied
        if thing.state == "active" and thing.first.effect in ENDINGS:  # as it was before: nothing that is left of it
            thing.state = "back on"


def _judge(thing: Thing, end: datetime | None) -> None:
    """The last word on a thing counts; a thing that was only changed is still there, as far as the logs tell."""
    state: State | None = None
    deeds = thing.deeds[next(place for place, deed in enumerate(thing.deeds) if deed.actor) :]
    for deed in deeds:
        if deed.effect in ENDINGS:
            state, thing.ended = "removed" if deed.effect == "removes" else "disabled", deed
        elif deed.effect == "changes":
            if state in (None, "removed") and (state is None or deed.actor):
                state, thing.ended = "changed", None
        else:
            state, thing.ended = "active", None
    expires = max((deed.expires_time for deed in deeds if deed.expires_time), default=None)
    if _order_is_unknown([deed for deed in thing.deeds if deed.moment >= thing.first.moment]):
        state = "unknown"
    elif state == "active" and expires is not None and end is not None and expires <= end:
        state = "expired"
    thing.state = state or "unknown"


def _order_is_unknown(deeds: list[Deed]) -> bool:
    """Whether a thing's last end and the last time that it was made or switched on may have come the other way round.

    Records have whole seconds. A thing whose name AWS chose is made before it is removed.
    """
    ended = next((deed for deed in reversed(deeds) if deed.effect in ENDINGS), None)
    if ended is None:
        return False
    against = ["creates"] if ended.effect == "removes" else ["enables"]
    if ended.row["eventName"] == "UpdateLoginProfile":  # by others: root's own was a change
        against.append("changes")
    begun = next((deed for deed in reversed(deeds) if deed.effect in against), None)
    if begun is None or begun.named_by_aws:
        return False
    return ended.time == begun.time or (ended.time is None) or (begun.time is None and begun.effect != "creates")


def _denied(thing: Thing) -> Deed | None:
    """The deed by which a user or role was denied everything, if nothing took that away in its second or later."""
    written = [deed for deed in thing.deeds if (deed.row["eventName"] or "").endswith(("UserPolicy", "RolePolicy"))]
    attached = [deed for deed in written if deed.row["eventName"].startswith("Attach")]
    denials = [deed for deed in attached if deed.detail.endswith(":aws:policy/AWSDenyAll")]
    denials += [deed for deed in written if deed.denies_all]
    lifts = [deed for deed in written if deed not in attached and not deed.denies_all]
    for one in denials:
        since = max((deed.moment for deed in lifts if deed.detail in ("", one.detail)), default=float("-inf"))
        if one.time and one.row["outcome"] == "success" and one.moment > since and one.moment >= thing.first.moment:
            return one
    return None


def _removal(parent: Thing | None) -> Deed | None:
    """The deed that removed what a thing belongs to, if that is gone."""
    if parent is None or parent.there:
        return None
    return next((deed for deed in reversed(parent.deeds) if deed.effect == "removes"), None)


def ask_use(case: Asks, lives: Lives, account_id: str) -> None:
    """Set ``use`` of every thing that can act and did."""
    for row in case.query("descendant_use", account_id=account_id).rows:
        thing = lives.at((row["made_evidence_id"], row["made_record_index"]), descendant_key(row))
        if thing is not None:
            thing.use = _together(thing.use, row) if thing.use else row


def _together(one: Row, other: Row) -> Row:
    """The use of one thing since several makings: each call is in one of them."""
    times = [row[name] for row in (one, other) for name in ("first_time", "last_time") if row[name]]
    return {
        **{name: min(one, other, key=_begun)[name] for name in ("first_eventID", "first_place")},
        **{name: one[name] + other[name] for name in ("event_count", "write_count", "write_untold_count")},
        "first_time": min(times, default=None),
        "last_time": max(times, default=None),
        "source_ips": sorted({*(one["source_ips"] or ()), *(other["source_ips"] or ())}),
    }


def _begun(use: Row) -> tuple[bool, float]:
    return use["first_time"] is None, use["first_time"].timestamp() if use["first_time"] else 0.0
